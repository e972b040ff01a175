//! Langevin dynamics of many walkers at once.
use ndarray::{Array1, Array2, ArrayView2};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::bias::GridBias;
use crate::system::{Phase, System, SystemError};

/// Positions and velocities of independent walkers.
#[derive(Debug, Clone)]
pub struct Walkers {
    /// `[walkers, atoms * dimensions]`, nm.
    pub positions: Array2<f64>,
    /// `[walkers, atoms * dimensions]`, nm/ps.
    pub velocities: Array2<f64>,
    /// Reduced energy, kT, without any bias.
    pub u_kt: Array1<f64>,
    /// d(u + bias)/dr, kT/nm, `[walkers, atoms * dimensions]`.
    gradient: Array2<f64>,
    /// Where each walker was last seen with a finite energy.
    safe: Array2<f64>,
    /// How often a walker was put back there because its energy failed.
    pub restarts: u64,
    /// Status of the last energy that failed; 0 if none did.
    pub last_status: i32,
}

/// The BAOAB splitting of Langevin dynamics: one energy call per walker and step.
///
/// Source: Leimkuhler and Matthews, Applied Mathematics Research eXpress 2013, 34-56.
#[derive(Debug, Clone)]
pub struct Langevin {
    time_step_ps: f64,
    /// `exp(-friction dt)`
    damping: f64,
    /// `kT / m` of each coordinate, nm²/ps².
    thermal: Vec<f64>,
    phase: Phase,
}

impl Langevin {
    /// `masses_da`: `[atoms]`; masses change how fast walkers move, not the distribution they sample.
    pub fn new(
        system: &System,
        masses_da: &[f64],
        time_step_ps: f64,
        friction_per_ps: f64,
        phase: Phase,
    ) -> Self {
        let thermal = (masses_da.iter())
            .flat_map(|m| std::iter::repeat_n(system.kt() / m, system.potential().info().dimensions))
            .collect();
        Self { time_step_ps, damping: (-friction_per_ps * time_step_ps).exp(), thermal, phase }
    }

    /// Walkers at the given positions with Maxwell-Boltzmann velocities.
    pub fn start(
        &self,
        system: &System,
        positions: Array2<f64>,
        bias: Option<&GridBias>,
        rng: &mut ChaCha8Rng,
    ) -> Result<Walkers, SystemError> {
        let (n, d) = positions.dim();
        let mut walkers = Walkers {
            velocities: Array2::zeros((n, d)),
            u_kt: Array1::zeros(n),
            gradient: Array2::zeros((n, d)),
            safe: positions.clone(),
            restarts: 0,
            last_status: 0,
            positions,
        };
        for walker in 0..n {
            self.thermalise(&mut walkers, walker, rng);
        }
        self.evaluate(system, &mut walkers, bias, rng)?;
        Ok(walkers)
    }

    /// One step of every walker.
    pub fn step(
        &self,
        system: &System,
        walkers: &mut Walkers,
        bias: Option<&GridBias>,
        rng: &mut ChaCha8Rng,
    ) -> Result<(), SystemError> {
        let half = 0.5 * self.time_step_ps;
        let noise = (1.0 - self.damping * self.damping).sqrt();
        let (n, d) = walkers.positions.dim();
        for walker in 0..n {
            for k in 0..d {
                let at = [walker, k];
                let thermal = self.thermal[k];
                let mut v = walkers.velocities[at] - half * thermal * walkers.gradient[at];
                let mut r = walkers.positions[at] + half * v;
                v = self.damping * v + noise * thermal.sqrt() * rng.sample::<f64, _>(StandardNormal);
                r += half * v;
                walkers.positions[at] = r;
                walkers.velocities[at] = v;
            }
        }
        self.evaluate(system, walkers, bias, rng)?;
        for walker in 0..n {
            for k in 0..d {
                let at = [walker, k];
                walkers.velocities[at] -= half * self.thermal[k] * walkers.gradient[at];
            }
        }
        Ok(())
    }

    fn thermalise(&self, walkers: &mut Walkers, walker: usize, rng: &mut ChaCha8Rng) {
        for (v, thermal) in walkers.velocities.row_mut(walker).iter_mut().zip(&self.thermal) {
            *v = thermal.sqrt() * rng.sample::<f64, _>(StandardNormal);
        }
    }

    /// Energies and gradients at the current positions; a walker that failed goes back to where it was safe.
    fn evaluate(
        &self,
        system: &System,
        walkers: &mut Walkers,
        bias: Option<&GridBias>,
        rng: &mut ChaCha8Rng,
    ) -> Result<(), SystemError> {
        let energies = system.cartesian_energy(walkers.positions.view(), self.phase)?;
        walkers.u_kt = energies.u_kt;
        walkers.gradient = energies.gradient;
        for walker in 0..walkers.positions.nrows() {
            if energies.status[walker] == 0 {
                let position = walkers.positions.row(walker);
                walkers.safe.row_mut(walker).assign(&position);
            } else {
                let position = walkers.safe.row(walker).to_owned();
                walkers.positions.row_mut(walker).assign(&position);
                walkers.gradient.row_mut(walker).fill(0.0);
                walkers.restarts += 1;
                walkers.last_status = energies.status[walker];
                self.thermalise(walkers, walker, rng);
            }
        }
        if let Some(bias) = bias {
            add_bias(system, walkers.positions.view(), bias, &mut walkers.gradient);
        }
        Ok(())
    }
}

/// Adds d(bias)/dr, kT/nm, to the gradient.
fn add_bias(system: &System, positions: ArrayView2<f64>, bias: &GridBias, gradient: &mut Array2<f64>) {
    let coarse = system.coarse().len();
    let (mut s, mut ds) = (vec![0.0; coarse], vec![0.0; coarse]);
    let mut jacobian = vec![0.0; coarse * positions.ncols()];
    for (position, mut gradient) in positions.rows().into_iter().zip(gradient.rows_mut()) {
        let position = position.to_slice().expect("walkers' positions are in standard layout");
        system.coarse_with_gradient(position, &mut s, &mut jacobian);
        bias.value(&s, Some(&mut ds));
        for (slope, row) in ds.iter().zip(jacobian.chunks_exact(positions.ncols())) {
            gradient.iter_mut().zip(row).for_each(|(g, j)| *g += slope * j);
        }
    }
}
