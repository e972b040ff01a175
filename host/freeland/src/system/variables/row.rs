//! A linear function of all positions: a row of a linear map.

use super::{CollectiveVariable, Unit};

/// `sum_k m_k r_k`, in the potential's own unit; for models with a few numbers. `m`: `[atoms * dimensions]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<f64>);

impl CollectiveVariable for Row {
    fn value(&self, r: &[f64]) -> f64 {
        self.0.iter().zip(r).map(|(m, r)| m * r).sum()
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        gradient.iter_mut().zip(&self.0).for_each(|(g, m)| *g += factor * m);
        self.value(r)
    }

    fn unit(&self) -> Unit {
        Unit::Reduced
    }
}
