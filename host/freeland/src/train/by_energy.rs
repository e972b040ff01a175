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
    /// Draws with an energy that were left out of the gradient: those with the largest losses.
    pub filtered: usize,
    /// Mean of `-log_w` over the finite draws, kT: the loss up to F.
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
    let log_q = log_q + defensive.log_ratio(latent.view());
    let energies = system.reduced_energy(s, x.view(), Phase::ByEnergy)?;

    let usable: Vec<bool> =
        energies.status.iter().zip(&log_q).map(|(status, q)| *status == 0 && q.is_finite()).collect();
    let log_w: Vec<f64> = (0..s.nrows())
        .map(|i| if usable[i] { -energies.v[i] - log_q[i] } else { f64::NEG_INFINITY })
        .collect();
    let mut slope = energies.gradient_x + slope_q;
    let mut clipped = 0;
    for (i, mut row) in slope.axis_iter_mut(Axis(0)).enumerate() {
        let norm = row.dot(&row).sqrt();
        // A widened draw is no draw of q: it has a weight, but no part in the divergence of q.
        if !usable[i] || widened[i] || !norm.is_finite() {
            row.fill(0.0);
        } else if norm > config.clip_sample {
            row *= config.clip_sample / norm;
            clipped += 1;
        }
    }
    let sampled: Vec<f64> = log_w.iter().copied().filter(|l| l.is_finite()).collect();
    let n = sampled.len().max(1) as f64;
    let filtered = drop_largest(&log_w, config.drop_largest, &mut slope);
    let values = Array1::from_iter(log_w.iter().map(|l| if l.is_finite() { -l } else { 0.0 }));
    let objective = objective(&conditioned, &z, &values, &slope, config.estimator);
    (objective / n).backward();
    adam.step(learning_rate, config.clip_norm);
    Ok(EnergyStep {
        failed: s.nrows() - sampled.len(),
        last_status: energies.status.iter().rev().copied().find(|status| *status != 0).unwrap_or(0),
        loss_kt: -sampled.iter().sum::<f64>() / n,
        log_w,
        x,
        clipped,
        filtered,
    })
}

/// The sum over draws of a scalar whose gradient in the parameters is that of the reverse divergence: the plugin's energy
/// as a node of the graph. `slope`: dv/dx of each draw, with `d ln q / dx` in it for path gradients; a row of zeros takes a
/// draw out. `values`: `-log_w`, for the value of the scalar.
fn objective(
    conditioned: &ConditionedFlow<'_>,
    z: &Tensor,
    values: &Array1<f64>,
    slope: &Array2<f64>,
    estimator: Estimator,
) -> Tensor {
    let (x, ladj) = conditioned.transform(z);
    let slope = to_tensor_like(slope.view(), &x);
    let values = to_tensor_like(values.view().insert_axis(Axis(1)), &x).squeeze_dim(-1);
    let energy = torch_ops::foreign_energy(&x, &values, &slope).sum(Kind::Double);
    match estimator {
        Estimator::Path => energy,
        Estimator::Reparametrised => {
            let kept = slope.abs().sum_dim_intlist(-1, false, ladj.kind()).gt(0.0);
            // The value has ladj in it already; only its gradient is wanted.
            let ladj = &ladj - ladj.detach();
            energy - (ladj * kept).sum(Kind::Double)
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

/// Clears the gradients of the `count` draws with the largest losses `-log_w`: they say more about the tails of q than
/// about its bulk. Failed draws do not count. Returns how many were cleared.
fn drop_largest(log_w: &[f64], count: usize, slope: &mut Array2<f64>) -> usize {
    let mut finite: Vec<usize> = (0..log_w.len()).filter(|i| log_w[*i].is_finite()).collect();
    finite.sort_by(|a, b| log_w[*a].total_cmp(&log_w[*b]));
    finite.truncate(count);
    finite.iter().for_each(|i| slope.row_mut(*i).fill(0.0));
    finite.len()
}

fn to_column(tensor: &Tensor) -> Array1<f64> {
    to_array(&tensor.unsqueeze(-1)).column(0).to_owned()
}
