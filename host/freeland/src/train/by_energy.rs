//! Training by energy: the reverse Kullback-Leibler divergence, with energies and gradients from the plugin.
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::adam::Adam;
use crate::config::training::{ByEnergyConfig, Estimator};
use crate::device::Backend;
use crate::flow::{ConditionalFlow, ConditionedFlow, Draw};
use crate::system::{Phase, ReducedEnergies, System, SystemError};

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
pub fn by_energy(
    flow: &ConditionalFlow,
    system: &System,
    s: ArrayView2<f64>,
    config: &ByEnergyConfig,
    adam: &mut Adam,
    learning_rate: f64,
    rng: &mut ChaCha8Rng,
) -> Result<EnergyStep, SystemError> {
    let sites = flow.backend().tensor(s);
    let conditioned = flow.at(&sites);
    let draw = conditioned.propose(config.defensive_share, rng);
    let energies = system.reduced_energy(s, draw.x.view(), Phase::ByEnergy)?;
    let (objective, step) = objective(&conditioned, draw, energies, config);
    adam.descend(&objective, learning_rate, config.clip_norm);
    Ok(step)
}

/// A scalar whose gradient in the parameters estimates that of the reverse divergence, and what is known of the step.
///
/// The mean is over the draws of q that have an energy, without those with the largest losses. With path gradients,
/// x = f(z; s) is drawn without a graph, `G = d/dx [ln q(x|s) - ln p(x|s)]` is taken through the inverse with the
/// parameters fixed, and `f(z; s) . G` is propagated back: the estimator has no noise where q = p.
/// Source: Roeder, Wu and Duvenaud, arXiv:1703.09194; Vaitl et al., arXiv:2207.08219.
pub(super) fn objective(
    conditioned: &ConditionedFlow<'_>,
    draw: Draw,
    energies: ReducedEnergies,
    config: &ByEnergyConfig,
) -> (Tensor, EnergyStep) {
    // v + ln q: what q alone is trained on. The weights are of the mixture that draws come from.
    let losses = energies.v + &draw.log_q;
    let usable: Vec<bool> =
        energies.status.iter().zip(&draw.log_q).map(|(status, q)| *status == 0 && q.is_finite()).collect();
    let log_w = (usable.iter().zip(&losses).zip(&draw.log_ratio))
        .map(|((usable, loss), ratio)| if *usable { -loss - ratio } else { f64::NEG_INFINITY })
        .collect();
    // A widened draw is no draw of q: it has a weight, but no part in the divergence of q.
    let mut part: Vec<bool> = usable.iter().zip(&draw.in_q).map(|(usable, in_q)| *usable && *in_q).collect();
    let loss_kt = mean_of(&losses, &part);

    let backend = conditioned.backend();
    let mut slope = energies.gradient_x;
    if config.estimator == Estimator::Path {
        slope += &Backend::array(&conditioned.log_prob_gradient(&backend.tensor(draw.x.view())));
    }
    let mut clipped = 0;
    for (mut row, part) in slope.rows_mut().into_iter().zip(&mut part) {
        let norm = row.dot(&row).sqrt();
        *part &= norm.is_finite();
        if *part && norm > config.clip_sample {
            row *= config.clip_sample / norm;
            clipped += 1;
        }
    }
    let filtered = drop_largest(&losses, config.drop_largest, &mut part);

    // Rows that have no part are not in the sum at all: what is no number would be none times zero as well.
    let rows: Vec<usize> = (0..part.len()).filter(|i| part[*i]).collect();
    let indices = backend.indices(&rows.iter().map(|i| *i as i64).collect::<Vec<i64>>());
    let (x, ladj) = conditioned.transform(&draw.z);
    let slope = backend.tensor(slope.select(Axis(0), &rows).view());
    let mut sum = (x.index_select(0, &indices) * slope).sum(Kind::Double);
    if config.estimator == Estimator::Reparametrised {
        sum -= ladj.index_select(0, &indices).sum(Kind::Double);
    }
    let step = EnergyStep {
        failed: usable.iter().filter(|usable| !**usable).count(),
        last_status: energies.status.iter().rev().copied().find(|status| *status != 0).unwrap_or(0),
        loss_kt,
        log_w,
        x: draw.x,
        clipped,
        filtered,
    };
    (sum / rows.len().max(1) as f64, step)
}

/// Takes the `count` draws with the largest losses out of those that have `part`: they say more about the tails of q than
/// about its bulk. Returns how many were taken out.
fn drop_largest(losses: &Array1<f64>, count: usize, part: &mut [bool]) -> usize {
    let mut draws: Vec<usize> = (0..losses.len()).filter(|i| part[*i]).collect();
    draws.sort_by(|a, b| losses[*b].total_cmp(&losses[*a]));
    draws.truncate(count);
    draws.iter().for_each(|i| part[*i] = false);
    draws.len()
}

/// Mean of the values that have `part`; not a number if none has.
fn mean_of(values: &Array1<f64>, part: &[bool]) -> f64 {
    let (sum, n) = (values.iter().zip(part))
        .filter(|(_, part)| **part)
        .fold((0.0, 0.0), |(sum, n), (value, _)| (sum + value, n + 1.0));
    sum / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws of the defensive share, and failed ones, have no gradient that could be dropped: the losses of the others are
    /// what is sorted.
    #[test]
    fn the_largest_losses_of_q_are_dropped() {
        let losses = Array1::from_vec(vec![1.0, 90.0, 3.0, f64::NAN, 2.0, 80.0]);
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
