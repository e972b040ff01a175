//! Configurations with known results: the extension `epp.reference/1`.

/// One configuration with its results, as computed by something that can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenSample {
    /// `[atoms][dimensions]`, nm.
    pub positions: Vec<f64>,
    /// Box vectors as rows, nm; `None` where the instance is not periodic.
    pub unit_cell: Option<[[f64; 3]; 3]>,
    /// One for each of [`Potential::parameters`](super::Potential::parameters); `None`: the default values.
    pub parameters: Option<Vec<f64>>,
    /// `[atoms][dimensions]`, kJ/mol/nm; `None` where it is not known.
    pub gradient: Option<Vec<f64>>,
    /// kJ/mol.
    pub energy: f64,
    /// Deviation of the energy that is still right, relative to the energy or 1, whichever is larger.
    pub tolerance: f64,
    /// The same of each component of the gradient, relative to the largest component or 1.
    pub gradient_tolerance: f64,
}

impl GoldenSample {
    /// An energy without a gradient, at positions without a box.
    pub fn new(positions: impl Into<Vec<f64>>, energy: f64, tolerance: f64) -> Self {
        Self {
            positions: positions.into(),
            unit_cell: None,
            parameters: None,
            gradient: None,
            energy,
            tolerance,
            gradient_tolerance: tolerance,
        }
    }

    /// With a gradient, to the same tolerance.
    pub fn gradient(self, gradient: impl Into<Vec<f64>>) -> Self {
        Self { gradient: Some(gradient.into()), ..self }
    }

    /// In a box.
    pub fn unit_cell(self, rows: [[f64; 3]; 3]) -> Self {
        Self { unit_cell: Some(rows), ..self }
    }

    /// With these parameters.
    pub fn parameters(self, parameters: impl Into<Vec<f64>>) -> Self {
        Self { parameters: Some(parameters.into()), ..self }
    }
}
