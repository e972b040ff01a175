//! The density a flow starts from.

use std::f64::consts::{PI, TAU};

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tch::{Device, Kind, Tensor};

use crate::space::Domain;

/// Independent coordinates: standard normal on lines, uniform on circles.
pub struct Base {
    domains: Vec<Domain>,
    /// 1 on lines, 0 on circles, `[D]`.
    is_line: Tensor,
    /// The part of the log-density that does not depend on `z`.
    constant: f64,
    options: (Kind, Device),
}

impl Base {
    /// The base over the given dimensions.
    pub fn new(domains: &[Domain], options: (Kind, Device)) -> Base {
        let is_line: Vec<f64> =
            domains.iter().map(|domain| f64::from(u8::from(*domain == Domain::Line))).collect();
        let lines = is_line.iter().sum::<f64>();
        Base {
            domains: domains.to_vec(),
            is_line: Tensor::from_slice(&is_line).to_device(options.1).to_kind(options.0),
            constant: -0.5 * lines * TAU.ln() - (domains.len() as f64 - lines) * TAU.ln(),
            options,
        }
    }

    /// `n` draws, `[n, D]`.
    pub fn draw(&self, n: usize, rng: &mut ChaCha8Rng) -> Tensor {
        let mut values = Vec::with_capacity(n * self.domains.len());
        for _ in 0..n {
            values.extend(self.domains.iter().map(|domain| match domain {
                Domain::Line => rng.sample::<f64, _>(StandardNormal),
                Domain::Circle => rng.random_range(-PI..PI),
            }));
        }
        let shape = [n as i64, self.domains.len() as i64];
        Tensor::from_slice(&values).view(shape).to_device(self.options.1).to_kind(self.options.0)
    }

    /// Log-density of `z [n, D]`, `[n]`.
    pub fn log_prob(&self, z: &Tensor) -> Tensor {
        z.square().matmul(&self.is_line) * -0.5 + self.constant
    }
}
