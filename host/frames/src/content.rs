//! What a reader of one format hands over, and its units.

/// nm in an ångström.
pub const ANGSTROM: f64 = 0.1;

/// The rows of a box, nm.
pub type BoxRows = [[f64; 3]; 3];

/// What a reader of one format hands over.
#[derive(Debug, Default)]
pub struct Content {
    /// Whole configurations, one behind the other.
    pub positions: Vec<f64>,
    pub boxes: Option<Vec<BoxRows>>,
    pub warnings: Vec<String>,
}
