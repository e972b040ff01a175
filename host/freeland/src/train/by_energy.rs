//! Training by energy: the reverse Kullback-Leibler divergence, with energies and gradients from the plugin.
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::adam::Adam;
use super::defensive::Defensive;
use super::exchange::{to_array, to_tensor, to_tensor_like};
use crate::config::training::{ByEnergyConfig, Estimator};
use crate::flow::{ConditionalFlow, ConditionedFlow};
use crate::system::{Phase, System, SystemError};

/// What one step by energy bought: draws with their weights, and how training went.
#[derive(Debug, Clone)]
pub struct EnergyStep {
    /// `log_w = -(u - ladj_coordinates) - ln q(x|s)` of each draw, q with its defensive mixture; `NEG_INFINITY` where the energy failed.
    pub log_w: Vec<f64>,
    /// The fine coordinates drawn, `[sites, fine]`.
    pub x: Array2<f64>,
    /// Draws without a finite energy.
    pub failed: usize,
    /// Status of the last draw that failed; 0 if none did.
    pub last_status: i32,
    /// Draws whose gradient was cut to the largest norm allowed.
    pub clipped: usize,
    /// Draws of q with an energy that were left out of the gradient: those with the largest losses.
    pub filtered: usize,
    /// Mean of `u - ladj_coordinates + ln q(x|s)` over the draws of q with an energy, kT: the loss up to F. Draws of the
    /// defensive share are none of q. Not a number if there is no draw of q.
    pub loss_kt: f64,
}

/// One step on the sites `s` (`[sites, coarse]`), one draw for each: `sites` energy calls with gradients.
///
/// With path gradients, x = f(z; s) is drawn without a graph, `G = d/dx [ln q(x|s) - ln p(x|s)]` is taken through the
/// inverse with the parameters fixed, and `f(z; s) . G` is propagated back: the estimator has no noise where q = p.
/// Source: Roeder, Wu and Duvenaud, arXiv:1703.09194; Vaitl et al., arXiv:2207.08219.
pub fn by_energy(
    flow: &ConditionalFlow,
    system: &System,
    s: ArrayView2<f64>,
    config: &ByEnergyConfig,
    adam: &mut Adam,
    learning_rate: f64,
    rng: &mut ChaCha8Rng,
) -> Result<EnergyStep, SystemError> {
    let sites = to_tensor(s, flow.backend());
    let conditioned = flow.at(&sites);
    let mut latent = to_array(&conditioned.latent(rng));
    let defensive = Defensive::new(config.defensive_share, &flow.shape().fine);
    let widened = defensive.widen(&mut latent, rng);
    let z = to_tensor(latent.view(), flow.backend());
    let (x, log_q, slope_q) = draw_with_slope(&conditioned, &z, config.estimator);
    let log_ratio = defensive.log_ratio(latent.view());
    let energies = system.reduced_energy(s, x.view(), Phase::ByEnergy)?;

    let usable: Vec<bool> =
        energies.status.iter().zip(&log_q).map(|(status, q)| *status == 0 && q.is_finite()).collect();
    // v + ln q: what q alone is trained on. The weights are of the mixture that draws come from.
    let losses: Vec<f64> = (0..s.nrows()).map(|i| energies.v[i] + log_q[i]).collect();
    let log_w: Vec<f64> = (0..s.nrows())
        .map(|i| if usable[i] { -losses[i] - log_ratio[i] } else { f64::NEG_INFINITY })
        .collect();
    // A widened draw is no draw of q: it has a weight, but no part in the divergence of q.
    let mut part: Vec<bool> = (0..s.nrows()).map(|i| usable[i] && !widened[i]).collect();
    let loss_kt = mean_of(&losses, &part);
    let mut slope = energies.gradient_x + slope_q;
    let mut clipped = 0;
    for (mut row, part) in slope.axis_iter_mut(Axis(0)).zip(&mut part) {
        let norm = row.dot(&row).sqrt();
        *part &= norm.is_finite();
        if *part && norm > config.clip_sample {
            row *= config.clip_sample / norm;
            clipped += 1;
        }
    }
    let filtered = drop_largest(&losses, config.drop_largest, &mut part);
    let n = part.iter().filter(|part| **part).count().max(1) as f64;
    let objective = objective(&conditioned, &z, &losses, &slope, &part, config.estimator);
    (objective / n).backward();
    adam.step(learning_rate, config.clip_norm);
    Ok(EnergyStep {
        failed: usable.iter().filter(|usable| !**usable).count(),
        last_status: energies.status.iter().rev().copied().find(|status| *status != 0).unwrap_or(0),
        loss_kt,
        log_w,
        x,
        clipped,
        filtered,
    })
}

/// The sum over the draws that have `part` of a scalar whose gradient in the parameters is that of the reverse divergence:
/// the plugin's energy as a node of the graph. `slope`: dv/dx of each draw, with `d ln q / dx` in it for path gradients.
/// `losses`: `v + ln q`, for the value of the scalar.
fn objective(
    conditioned: &ConditionedFlow<'_>,
    z: &Tensor,
    losses: &[f64],
    slope: &Array2<f64>,
    part: &[bool],
    estimator: Estimator,
) -> Tensor {
    let (x, ladj) = conditioned.transform(z);
    // What has no part may be no number, which times zero is none either.
    let values = Array2::from_shape_fn((part.len(), 1), |(i, _)| if part[i] { losses[i] } else { 0.0 });
    let slope = Array2::from_shape_fn(slope.raw_dim(), |(i, k)| if part[i] { slope[[i, k]] } else { 0.0 });
    let (values, slope) = (to_tensor_like(values.view(), &x), to_tensor_like(slope.view(), &x));
    let energy = torch_ops::foreign_energy(&x, &values.squeeze_dim(-1), &slope).sum(Kind::Double);
    match estimator {
        Estimator::Path => energy,
        Estimator::Reparametrised => {
            // The value has ladj in it already; only its gradient is wanted.
            let ladj = &ladj - ladj.detach();
            energy
                - ladj
                    .where_self(&Tensor::from_slice(part).to_device(ladj.device()), &ladj.zeros_like())
                    .sum(Kind::Double)
        }
    }
}

/// `(x, ln q(x|s), d ln q / dx)`; the slope is zero for the reparametrised estimator, whose graph has it.
fn draw_with_slope(
    conditioned: &ConditionedFlow<'_>,
    z: &Tensor,
    estimator: Estimator,
) -> (Array2<f64>, Array1<f64>, Array2<f64>) {
    let x = tch::no_grad(|| conditioned.transform(z).0);
    match estimator {
        Estimator::Path => {
            let (log_q, slope) = conditioned.log_prob_and_gradient(&x);
            (to_array(&x), to_column(&log_q), to_array(&slope))
        }
        Estimator::Reparametrised => {
            let log_q = tch::no_grad(|| conditioned.log_prob(&x));
            let x = to_array(&x);
            let slope = Array2::zeros(x.raw_dim());
            (x, to_column(&log_q), slope)
        }
    }
}

/// Takes the `count` draws with the largest losses out of those that have `part`: they say more about the tails of q than
/// about its bulk. Returns how many were taken out.
fn drop_largest(losses: &[f64], count: usize, part: &mut [bool]) -> usize {
    let mut draws: Vec<usize> = (0..losses.len()).filter(|i| part[*i]).collect();
    draws.sort_by(|a, b| losses[*b].total_cmp(&losses[*a]));
    draws.truncate(count);
    draws.iter().for_each(|i| part[*i] = false);
    draws.len()
}

/// Mean of the values that have `part`; not a number if none has.
fn mean_of(values: &[f64], part: &[bool]) -> f64 {
    let (sum, n) = (values.iter().zip(part))
        .filter(|(_, part)| **part)
        .fold((0.0, 0.0), |(sum, n), (value, _)| (sum + value, n + 1.0));
    sum / n
}

fn to_column(tensor: &Tensor) -> Array1<f64> {
    to_array(&tensor.unsqueeze(-1)).column(0).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws of the defensive share, and failed ones, have no gradient that could be dropped: the losses of the others are
    /// what is sorted.
    #[test]
    fn the_largest_losses_of_q_are_dropped() {
        let losses = [1.0, 90.0, 3.0, f64::NAN, 2.0, 80.0];
        let of_q = [true, false, true, false, true, false];
        let mut part = of_q;
        assert_eq!(drop_largest(&losses, 2, &mut part), 2);
        assert_eq!(part, [true, false, false, false, false, false]);
        let mut part = of_q;
        assert_eq!(drop_largest(&losses, 9, &mut part), 3);
        assert_eq!(part, [false; 6]);
        assert_eq!(mean_of(&losses, &of_q), 2.0);
        assert!(mean_of(&losses, &part).is_nan());
    }
}
