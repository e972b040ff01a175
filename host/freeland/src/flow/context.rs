//! What a flow sees of the coarse variables.

use tch::Tensor;

use crate::device::Backend;
use crate::space::Domain;

use super::FlowShape;

/// Turns coarse variables into network inputs: a circle into `cos(k s), sin(k s)`, a line into its range scaled to `[-1, 1]`.
pub struct Context {
    /// Columns of the lines, and the two numbers of `s * factor + offset`.
    lines: Option<(Tensor, Tensor, Tensor)>,
    /// Columns of the circles.
    circles: Option<Tensor>,
    harmonics: i64,
    width: i64,
}

impl Context {
    /// The context of a shape; expects the shape to be valid.
    pub fn new(shape: &FlowShape, harmonics: usize, backend: &Backend) -> Context {
        let columns = |domain: Domain| -> Vec<i64> {
            let all = shape.coarse.iter().enumerate();
            all.filter(|(_, found)| **found == domain).map(|(index, _)| index as i64).collect()
        };
        let (lines, circles) = (columns(Domain::Line), columns(Domain::Circle));
        let width = lines.len() as i64 + circles.len() as i64 * 2 * harmonics as i64;
        let ranges = lines.iter().map(|index| shape.coarse_ranges[*index as usize]);
        let (factor, offset): (Vec<f64>, Vec<f64>) =
            ranges.map(|(low, high)| (2.0 / (high - low), -(high + low) / (high - low))).unzip();
        Context {
            lines: (!lines.is_empty())
                .then(|| (backend.indices(&lines), backend.vector(&factor), backend.vector(&offset))),
            circles: (!circles.is_empty()).then(|| backend.indices(&circles)),
            harmonics: harmonics as i64,
            width,
        }
    }

    /// Number of features.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// `s [n, S]` to features `[n, width]`.
    pub fn features(&self, s: &Tensor) -> Tensor {
        let mut parts = Vec::new();
        if let Some((columns, factor, offset)) = &self.lines {
            parts.push(s.index_select(1, columns) * factor + offset);
        }
        if let Some(columns) = &self.circles {
            let angles = s.index_select(1, columns);
            for harmonic in 1..=self.harmonics {
                let angles = &angles * harmonic as f64;
                parts.extend([angles.cos(), angles.sin()]);
            }
        }
        if parts.is_empty() { s.narrow(1, 0, 0) } else { Tensor::cat(&parts, 1) }
    }
}
