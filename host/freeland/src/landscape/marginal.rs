//! F of some of the variables, the others integrated out.

use super::Landscape;

impl Landscape {
    /// F of the axes in `kept`, in that order: `-ln sum exp(-F)` over the bins of all others.
    ///
    /// The error of `ln p` of a bin is at most the mean of those of the bins that were added, weighted by their p; that is
    /// what it is taken to be, as if they all erred to the same side. What nobody saw adds nothing.
    ///
    /// # Panics
    /// An axis is kept twice, or there is none of that number.
    pub fn marginal(&self, kept: &[usize]) -> Self {
        let repeated = kept.iter().enumerate().any(|(k, axis)| kept[..k].contains(axis));
        assert!(
            !repeated && kept.iter().all(|axis| *axis < self.axes.len()),
            "axes of the landscape, each once"
        );
        let axes: Vec<Vec<f64>> = kept.iter().map(|axis| self.axes[*axis].clone()).collect();
        let bins = axes.iter().map(Vec::len).product();
        let (mut weight, mut error) = (vec![0.0; bins], vec![0.0; bins]);
        for ((index, p), std) in self.weights().indexed_iter().zip(&self.f_std_kt) {
            let bin = kept.iter().fold(0, |bin, axis| bin * self.axes[*axis].len() + index[*axis]);
            weight[bin] += p;
            if *p > 0.0 {
                error[bin] += p * std;
            }
        }
        let std = error
            .iter()
            .zip(&weight)
            .map(|(error, weight)| if *weight > 0.0 { error / weight } else { f64::INFINITY });
        let std = std.collect();
        Self::new(axes, weight.into_iter().map(|weight: f64| -weight.ln()).collect(), std)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// p(a, b) by hand, `[2][3]`.
    #[test]
    fn the_rest_is_integrated_out() {
        let p = [0.1, 0.2, 0.0, 0.3, 0.0, 0.4_f64];
        let std = [0.1, 0.4, f64::INFINITY, 0.2, f64::INFINITY, 0.1];
        let axes = vec![vec![0.0, 1.0], vec![0.0, 1.0, 2.0]];
        let whole = Landscape::new(axes, p.iter().map(|p| -p.ln()).collect(), std.to_vec());
        let first = whole.marginal(&[0]);
        assert!((first.f_kt[[0]] - (0.7_f64 / 0.3).ln()).abs() < 1e-12 && first.f_kt[[1]] == 0.0);
        assert!((first.f_std_kt[[0]] - (0.1 * 0.1 + 0.2 * 0.4) / 0.3).abs() < 1e-12);
        let second = whole.marginal(&[1]);
        assert!((second.f_kt[[1]] - 2.0_f64.ln()).abs() < 1e-12);
        let turned = whole.marginal(&[1, 0]);
        assert_eq!((turned.f_kt.shape(), turned.f_kt[[2, 1]]), (&[3, 2][..], 0.0));
        assert!((turned.f_kt[[0, 1]] - whole.f_kt[[1, 0]]).abs() < 1e-12);
        assert_eq!(turned.f_kt[[2, 0]], f64::INFINITY);
    }
}
