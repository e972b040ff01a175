//! From configurations to ones of lower energy, many at once.
use std::collections::VecDeque;

use freeland_loader::status_name;

use super::error::DynamicsError;
use super::hold::Hold;
use crate::config::starting_data::MINIMISATION_CALLS;
use crate::system::{Phase, System, SystemError};

/// Steps whose changes of gradient are remembered.
const MEMORY: usize = 12;
/// A configuration is left when its last [`MEMORY`] steps together gained less, kT. What the next step promises is no guide: it
/// knows little of soft coordinates before it has gone along them.
const ENOUGH_KT: f64 = 5e-3;
/// Its first step moves no coordinate farther, nm; later ones learn how far they may go.
const FIRST_STEP: f64 = 1e-3;
const FIRST_CAP: f64 = 0.01;
/// A step that was shortened below this begins anew, downhill.
const SHORTEST: f64 = 1e-4;

/// The error of a start whose energy failed.
pub(super) fn bad_start(status: i32) -> DynamicsError {
    DynamicsError::BadStart { status, meaning: status_name(status) }
}

/// A configuration to start from, `[atoms * dimensions]`, after at most 300 energy calls.
///
/// # Errors
/// The start has no energy, or the plugin fails as a whole.
pub(super) fn minimise(system: &System, start: &[f64]) -> Result<Vec<f64>, DynamicsError> {
    let minimised = minimise_all(system, start, None, MINIMISATION_CALLS, Phase::Minimisation)?;
    match minimised.status[0] {
        0 => Ok(minimised.positions),
        status => Err(bad_start(status)),
    }
}

/// What [`minimise_all`] made.
#[derive(Debug)]
pub(super) struct Minimised {
    /// `[n][atoms * dimensions]`, nm.
    pub positions: Vec<f64>,
    /// `U / kT` where s is held, to first order in how far it gave way; `+inf` where `status` is not 0. `[n]`.
    pub u_kt: Vec<f64>,
    /// Of the first energy of each: 0, or the plugin's status. `[n]`.
    pub status: Vec<i32>,
}

/// L-BFGS of all `positions`, `[n][atoms * dimensions]`, side by side: one call of the plugin for one trial step of each, and
/// at most `calls` energy calls for each. With `hold`, s of each stays where it is held.
///
/// Source: Nocedal, Mathematics of Computation 1980, 35, 773-782.
///
/// # Errors
/// The plugin fails as a whole.
pub(super) fn minimise_all(
    system: &System,
    positions: &[f64],
    hold: Option<&Hold>,
    calls: usize,
    phase: Phase,
) -> Result<Minimised, SystemError> {
    let size = system.size();
    let mut all: Vec<Descent> = positions.chunks_exact(size).map(Descent::new).collect();
    for _ in 0..calls {
        let active: Vec<usize> = (0..all.len()).filter(|index| !all[*index].done).collect();
        if active.is_empty() {
            break;
        }
        let trials: Vec<f64> = active.iter().flat_map(|index| all[*index].trial()).collect();
        let (mut u, mut gradient) = (vec![0.0; active.len()], vec![0.0; trials.len()]);
        let mut status = vec![0; active.len()];
        system.cartesian_energy_into(&trials, &mut u, &mut gradient, &mut status, phase)?;
        let rows = trials.chunks_exact(size).zip(gradient.chunks_exact_mut(size));
        for (k, (trial, gradient)) in rows.enumerate() {
            let held = hold.map_or(0.0, |hold| hold.add(system, active[k], trial, gradient));
            all[active[k]].take(trial, (u[k], held), gradient, status[k]);
        }
    }
    Ok(Minimised {
        u_kt: all.iter().map(|one| one.u_kt + 2.0 * one.held_kt).collect(),
        status: all.iter().map(|one| one.first_status).collect(),
        positions: all.into_iter().flat_map(|one| one.r).collect(),
    })
}

/// One configuration on its way down.
#[derive(Debug)]
struct Descent {
    /// Best so far, with its energy, that of what holds s, and the gradient of both.
    r: Vec<f64>,
    u_kt: f64,
    held_kt: f64,
    gradient: Vec<f64>,
    direction: Vec<f64>,
    /// Gradient along the direction, and the fraction of it that is tried next.
    slope: f64,
    fraction: f64,
    cap: f64,
    /// Steps, changes of gradient, and one over their product.
    pairs: VecDeque<(Vec<f64>, Vec<f64>, f64)>,
    /// Energies before the last steps, kT.
    energies: VecDeque<f64>,
    first_status: i32,
    begun: bool,
    done: bool,
}

impl Descent {
    fn new(start: &[f64]) -> Self {
        Self {
            r: start.to_vec(),
            u_kt: f64::INFINITY,
            held_kt: 0.0,
            gradient: vec![0.0; start.len()],
            direction: vec![0.0; start.len()],
            slope: 0.0,
            fraction: 1.0,
            cap: FIRST_CAP,
            pairs: VecDeque::new(),
            energies: VecDeque::new(),
            first_status: 0,
            begun: false,
            done: false,
        }
    }

    fn trial(&self) -> Vec<f64> {
        self.r.iter().zip(&self.direction).map(|(r, d)| r + self.fraction * d).collect()
    }

    /// Takes the trial or shortens the step.
    fn take(&mut self, trial: &[f64], (u_kt, held_kt): (f64, f64), gradient: &[f64], status: i32) {
        let finite = status == 0
            && (u_kt + held_kt).is_finite()
            && gradient.iter().all(|component| component.is_finite());
        if !self.begun {
            self.begun = true;
            if !finite {
                // A number that is not finite counts as the plugin would count it.
                self.first_status = if status == 0 { crate::system::STATUS_NOT_FINITE } else { status };
                self.done = true;
                return;
            }
            (self.u_kt, self.held_kt) = (u_kt, held_kt);
            self.gradient.copy_from_slice(gradient);
            self.turn();
            return;
        }
        let change = (u_kt + held_kt) - (self.u_kt + self.held_kt);
        if finite && change <= 1e-4 * self.fraction * self.slope {
            self.remember(gradient);
            self.energies.push_back(self.u_kt + self.held_kt);
            let before = if self.energies.len() > MEMORY { self.energies.pop_front() } else { None };
            self.r.copy_from_slice(trial);
            (self.u_kt, self.held_kt) = (u_kt, held_kt);
            self.gradient.copy_from_slice(gradient);
            if self.fraction == 1.0 {
                self.cap *= 1.5;
            }
            self.done = before.is_some_and(|before| before - (u_kt + held_kt) < ENOUGH_KT);
            self.turn();
            return;
        }
        let fitted = -self.slope * self.fraction / (2.0 * (change - self.slope * self.fraction));
        let shorter = if finite { fitted.clamp(0.1, 0.5) } else { 0.2 };
        self.fraction *= shorter;
        self.cap *= 0.7;
        if self.fraction < SHORTEST {
            self.done = self.pairs.is_empty();
            self.pairs.clear();
            self.cap = self.cap.max(10.0 * FIRST_STEP);
            if !self.done {
                self.turn();
            }
        }
    }

    /// Keeps what the step says of the curvature.
    fn remember(&mut self, gradient: &[f64]) {
        let step: Vec<f64> = self.direction.iter().map(|d| self.fraction * d).collect();
        let change: Vec<f64> = gradient.iter().zip(&self.gradient).map(|(new, old)| new - old).collect();
        let product = dot(&step, &change);
        if product > 1e-10 * (dot(&step, &step) * dot(&change, &change)).sqrt() {
            if self.pairs.len() == MEMORY {
                self.pairs.pop_front();
            }
            self.pairs.push_back((step, change, 1.0 / product));
        }
    }

    /// The next direction; there is none where the gradient is zero.
    fn turn(&mut self) {
        let mut d: Vec<f64> = self.gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for (step, change, inverse) in self.pairs.iter().rev() {
            let share = inverse * dot(step, &d);
            add(&mut d, -share, change);
            shares.push(share);
        }
        match self.pairs.back() {
            Some((_, change, inverse)) => {
                let scale = 1.0 / (inverse * dot(change, change));
                d.iter_mut().for_each(|d| *d *= scale);
            }
            None => {
                let largest = largest(&d);
                if largest == 0.0 {
                    self.done = true;
                    return;
                }
                d.iter_mut().for_each(|d| *d *= FIRST_STEP / largest);
            }
        }
        for ((step, change, inverse), share) in self.pairs.iter().zip(shares.iter().rev()) {
            let other = inverse * dot(change, &d);
            add(&mut d, share - other, step);
        }
        let slope = dot(&self.gradient, &d);
        let shorten = (self.cap / largest(&d)).min(1.0);
        d.iter_mut().for_each(|d| *d *= shorten);
        (self.direction, self.slope, self.fraction) = (d, slope * shorten, 1.0);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += factor * what);
}

fn largest(of: &[f64]) -> f64 {
    of.iter().fold(0.0, |most, value| most.max(value.abs()))
}
