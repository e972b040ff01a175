//! Stiff springs that hold s while everything else relaxes.
use crate::system::System;

/// Standard deviation that a spring alone would leave, as a fraction of the variable's range: about as stiff as a bond.
const RELATIVE_WIDTH: f64 = 0.005;

/// Where s of each of several configurations is held.
#[derive(Debug)]
pub(super) struct Hold {
    /// `[n][S]`
    sites: Vec<f64>,
}

impl Hold {
    /// At `sites`, `[n][S]`.
    pub fn at(sites: Vec<f64>) -> Self {
        Self { sites }
    }

    /// Energy of the springs of configuration `index` at `r`, kT; its gradient is added to `gradient`, kT/nm. Not finite
    /// where s is not.
    pub fn add(&self, system: &System, index: usize, r: &[f64], gradient: &mut [f64]) -> f64 {
        let coarse = system.coarse();
        let mut s = vec![0.0; coarse.len()];
        let mut jacobian = vec![0.0; coarse.len() * r.len()];
        system.coarse_with_gradient(r, &mut s, &mut jacobian);
        let centres = &self.sites[index * coarse.len()..(index + 1) * coarse.len()];
        let mut energy = 0.0;
        for (k, variable) in coarse.iter().enumerate() {
            let away = variable.difference(centres[k], s[k]);
            let stiffness = (RELATIVE_WIDTH * (variable.range.1 - variable.range.0)).powi(-2);
            energy += 0.5 * stiffness * away * away;
            let row = &jacobian[k * r.len()..(k + 1) * r.len()];
            gradient.iter_mut().zip(row).for_each(|(g, slope)| *g += stiffness * away * slope);
        }
        energy
    }
}
