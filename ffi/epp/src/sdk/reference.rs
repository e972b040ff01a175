//! Configurations with known energies: the extension `epp.reference/1`.

/// One configuration with its energy, as computed by something that can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenSample {
    /// `[atoms][dimensions]`, nm.
    pub positions: Vec<f64>,
    /// kJ/mol.
    pub energy: f64,
    /// Relative deviation that is still right.
    pub tolerance: f64,
}

/// Known energies, with which a tester compares what `evaluate` says.
pub trait Reference {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them; `index < count`.
    fn sample(&self, index: usize) -> GoldenSample;
}

impl Reference for [GoldenSample] {
    fn count(&self) -> usize {
        self.len()
    }

    fn sample(&self, index: usize) -> GoldenSample {
        self[index].clone()
    }
}

impl Reference for Vec<GoldenSample> {
    fn count(&self) -> usize {
        self.len()
    }

    fn sample(&self, index: usize) -> GoldenSample {
        self[index].clone()
    }
}
