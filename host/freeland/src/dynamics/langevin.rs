//! Langevin dynamics of many walkers at once.
use rand::Rng;
use rand_distr::StandardNormal;

use super::bias::Bias;
use crate::system::{Phase, System, SystemError};

/// Positions and velocities of independent walkers, and all memory that a step needs.
#[derive(Debug, Clone)]
pub struct Walkers {
    /// Numbers of one walker: atoms * dimensions.
    size: usize,
    /// `[walkers][atoms * dimensions]`, nm.
    positions: Vec<f64>,
    /// `[walkers][atoms * dimensions]`, nm/ps.
    velocities: Vec<f64>,
    /// d(u + bias)/dr, kT/nm, `[walkers][atoms * dimensions]`.
    gradient: Vec<f64>,
    /// Where each walker was last seen with a finite energy.
    safe: Vec<f64>,
    u_kt: Vec<f64>,
    status: Vec<i32>,
    /// `[walkers][S]`, where there is a bias.
    sites: Vec<f64>,
    bias_kt: Vec<f64>,
    /// How often a walker was put back to where it was safe because its energy failed.
    pub restarts: u64,
    /// Status of the last energy that failed; 0 if none did.
    pub last_status: i32,
    /// One row each: normal numbers, bias slopes, ds/dr.
    normals: Vec<f64>,
    slopes: Vec<f64>,
    jacobian: Vec<f64>,
}

/// What a walker is: enough to go on with it, bit by bit.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkersState {
    /// `[walkers][atoms * dimensions]`, nm.
    pub positions: Vec<f64>,
    /// `[walkers][atoms * dimensions]`, nm/ps.
    pub velocities: Vec<f64>,
    /// Of energy and bias at the positions, kT/nm, `[walkers][atoms * dimensions]`.
    pub gradient: Vec<f64>,
}

/// The BAOAB splitting of Langevin dynamics: one energy call per walker and step.
///
/// Source: Leimkuhler and Matthews, Applied Mathematics Research eXpress 2013, 34-56.
#[derive(Debug, Clone)]
pub struct Langevin {
    half_step_ps: f64,
    /// `exp(-friction dt)`
    damping: f64,
    /// Of each coordinate: `dt/2 kT/m`, nm²/ps.
    kick: Vec<f64>,
    /// Of each coordinate: standard deviation of the noise of a step, nm/ps.
    noise: Vec<f64>,
    /// Of each coordinate: thermal velocity `sqrt(kT/m)`, nm/ps.
    thermal: Vec<f64>,
}

impl Langevin {
    /// `masses_da`: `[atoms]`; masses change how fast walkers move, not the distribution they sample.
    pub fn new(system: &System, masses_da: &[f64], time_step_ps: f64, friction_per_ps: f64) -> Self {
        let half_step_ps = 0.5 * time_step_ps;
        let damping = (-friction_per_ps * time_step_ps).exp();
        let fresh = (1.0 - damping * damping).sqrt();
        let dimensions = system.potential().info().dimensions;
        let over_mass = masses_da.iter().flat_map(|m| std::iter::repeat_n(system.kt() / m, dimensions));
        let thermal: Vec<f64> = over_mass.clone().map(f64::sqrt).collect();
        Self {
            half_step_ps,
            damping,
            kick: over_mass.map(|thermal| half_step_ps * thermal).collect(),
            noise: thermal.iter().map(|thermal| fresh * thermal).collect(),
            thermal,
        }
    }

    /// Walkers at `positions`, `[walkers][atoms * dimensions]`, with Maxwell-Boltzmann velocities.
    pub fn start(
        &self,
        system: &System,
        positions: Vec<f64>,
        bias: Option<&dyn Bias>,
        phase: Phase,
        rng: &mut impl Rng,
    ) -> Result<Walkers, SystemError> {
        let zeros = vec![0.0; positions.len()];
        let state = WalkersState { positions, velocities: zeros.clone(), gradient: zeros };
        let mut walkers = Walkers::from_state(system, state);
        for walker in 0..walkers.count() {
            self.thermalise(&mut walkers, walker, rng);
        }
        self.evaluate(system, &mut walkers, bias, phase, rng)?;
        Ok(walkers)
    }

    /// One step of every walker.
    pub fn step(
        &self,
        system: &System,
        walkers: &mut Walkers,
        bias: Option<&dyn Bias>,
        phase: Phase,
        rng: &mut impl Rng,
    ) -> Result<(), SystemError> {
        let (half, damping, size) = (self.half_step_ps, self.damping, walkers.size);
        let rows = (walkers.positions.chunks_exact_mut(size))
            .zip(walkers.velocities.chunks_exact_mut(size))
            .zip(walkers.gradient.chunks_exact(size));
        for ((r, v), g) in rows {
            walkers.normals.iter_mut().for_each(|normal| *normal = rng.sample(StandardNormal));
            for k in 0..size {
                let before = v[k] - self.kick[k] * g[k];
                let middle = r[k] + half * before;
                let after = damping * before + self.noise[k] * walkers.normals[k];
                v[k] = after;
                r[k] = middle + half * after;
            }
        }
        self.evaluate(system, walkers, bias, phase, rng)?;
        for (v, g) in walkers.velocities.chunks_exact_mut(size).zip(walkers.gradient.chunks_exact(size)) {
            for k in 0..size {
                v[k] -= self.kick[k] * g[k];
            }
        }
        Ok(())
    }

    fn thermalise(&self, walkers: &mut Walkers, walker: usize, rng: &mut impl Rng) {
        let row = walker * walkers.size..(walker + 1) * walkers.size;
        for (v, thermal) in walkers.velocities[row].iter_mut().zip(&self.thermal) {
            *v = thermal * rng.sample::<f64, _>(StandardNormal);
        }
    }

    /// Energies and gradients at the current positions; a walker that failed goes back to where it was safe.
    fn evaluate(
        &self,
        system: &System,
        walkers: &mut Walkers,
        bias: Option<&dyn Bias>,
        phase: Phase,
        rng: &mut impl Rng,
    ) -> Result<(), SystemError> {
        let size = walkers.size;
        system.cartesian_energy_into(
            &walkers.positions,
            &mut walkers.u_kt,
            &mut walkers.gradient,
            &mut walkers.status,
            phase,
        )?;
        for walker in 0..walkers.count() {
            let row = walker * size..(walker + 1) * size;
            if walkers.status[walker] == 0 {
                walkers.safe[row.clone()].copy_from_slice(&walkers.positions[row]);
            } else {
                walkers.positions[row.clone()].copy_from_slice(&walkers.safe[row.clone()]);
                walkers.gradient[row].fill(0.0);
                walkers.restarts += 1;
                walkers.last_status = walkers.status[walker];
                self.thermalise(walkers, walker, rng);
            }
        }
        if let Some(bias) = bias {
            walkers.add_bias(system, bias);
        }
        Ok(())
    }
}

impl Walkers {
    /// Walkers as they were.
    pub fn from_state(system: &System, state: WalkersState) -> Self {
        let (size, coarse) = (system.size(), system.coarse().len());
        let WalkersState { positions, velocities, gradient } = state;
        let count = positions.len() / size;
        Self {
            size,
            safe: positions.clone(),
            u_kt: vec![0.0; count],
            status: vec![0; count],
            sites: vec![0.0; count * coarse],
            bias_kt: vec![0.0; count],
            restarts: 0,
            last_status: 0,
            normals: vec![0.0; size],
            slopes: vec![0.0; coarse],
            jacobian: vec![0.0; coarse * size],
            positions,
            velocities,
            gradient,
        }
    }

    /// What has to be kept to go on, between two steps.
    pub fn state(&self) -> WalkersState {
        WalkersState {
            positions: self.positions.clone(),
            velocities: self.velocities.clone(),
            gradient: self.gradient.clone(),
        }
    }

    /// Number of walkers.
    pub fn count(&self) -> usize {
        self.status.len()
    }

    /// `[walkers][atoms * dimensions]`, nm.
    pub fn positions(&self) -> &[f64] {
        &self.positions
    }

    /// Coarse coordinates of every walker after the last step with a bias, `[walkers][S]`.
    pub fn sites(&self) -> &[f64] {
        &self.sites
    }

    /// Bias of every walker after the last step with a bias, kT.
    pub fn bias_kt(&self) -> &[f64] {
        &self.bias_kt
    }

    /// Gives a walker another bias between two steps: `slopes` adds the difference of both gradients, kT per unit of s.
    pub fn change_bias(&mut self, system: &System, walker: usize, slopes: impl FnOnce(&[f64], &mut [f64])) {
        let coarse = self.slopes.len();
        let row = walker * self.size..(walker + 1) * self.size;
        let s = &mut self.sites[walker * coarse..(walker + 1) * coarse];
        system.coarse_with_gradient(&self.positions[row.clone()], s, &mut self.jacobian);
        self.slopes.fill(0.0);
        slopes(s, &mut self.slopes);
        let gradient = &mut self.gradient[row];
        for (slope, jacobian) in self.slopes.iter().zip(self.jacobian.chunks_exact(self.size)) {
            gradient.iter_mut().zip(jacobian).for_each(|(g, j)| *g += slope * j);
        }
    }

    /// Adds d(bias)/dr to the gradient.
    fn add_bias(&mut self, system: &System, bias: &dyn Bias) {
        let coarse = self.slopes.len();
        for walker in 0..self.count() {
            let row = walker * self.size..(walker + 1) * self.size;
            let s = &mut self.sites[walker * coarse..(walker + 1) * coarse];
            system.coarse_with_gradient(&self.positions[row.clone()], s, &mut self.jacobian);
            self.bias_kt[walker] = bias.value(walker, s, &mut self.slopes);
            let gradient = &mut self.gradient[row];
            for (slope, jacobian) in self.slopes.iter().zip(self.jacobian.chunks_exact(self.size)) {
                gradient.iter_mut().zip(jacobian).for_each(|(g, j)| *g += slope * j);
            }
        }
    }
}
