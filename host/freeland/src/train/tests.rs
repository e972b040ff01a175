//! Training against what is known in closed form: a flow that is a normal distribution learns a normal distribution.

use ndarray::{Array1, Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::nn::{self, OptimizerConfig};
use tch::{Device, Kind, Tensor};

use super::adam::Adam;
use super::by_energy::{EnergyStep, objective};
use crate::config::flow::FlowConfig;
use crate::config::training::{ByEnergyConfig, Estimator};
use crate::flow::{ConditionalFlow, Draw, FlowShape};
use crate::space::Domain;
use crate::system::ReducedEnergies;

/// Means and standard deviations, in two dimensions.
type Normal = [(f64, f64); 2];

const P: Normal = [(0.4, 0.7), (-1.0, 1.5)];
const Q: Normal = [(0.1, 0.5), (-0.5, 1.2)];
/// `v` is `-ln p` and this, without the constants of the normal distribution.
const OFFSET_KT: f64 = 7.0;

/// A flow without coarse variables that is a normal distribution.
fn normal(q: Normal) -> ConditionalFlow {
    let shape = FlowShape { coarse: vec![], coarse_ranges: vec![], fine: vec![Domain::Line; 2] };
    let config: FlowConfig = toml::from_str("kind = \"affine\"\nhidden = [4]\nprecision = \"f64\"").unwrap();
    let flow = ConditionalFlow::new(&shape, &config, 1).unwrap();
    let [mut shift, mut log_scale] = biases(&flow);
    tch::no_grad(|| {
        shift.copy_(&Tensor::from_slice(&q.map(|(mean, _)| mean)));
        log_scale.copy_(&Tensor::from_slice(&q.map(|(_, sd)| sd.ln())));
    });
    flow
}

/// Biases of the last layers: where those have no weights yet, the means and the logarithms of standard deviations.
fn biases(flow: &ConditionalFlow) -> [Tensor; 2] {
    let mut parameters = flow.parameters();
    assert_eq!(parameters.len(), 8, "weights and biases of two layers of two networks");
    [parameters.remove(3), parameters.remove(6)]
}

fn propose(flow: &ConditionalFlow, n: usize, share: f64, seed: u64) -> Draw {
    let s = flow.backend().tensor(Array2::<f64>::zeros((n, 0)).view());
    flow.at(&s).propose(share, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn energies(x: &Array2<f64>) -> ReducedEnergies {
    let v = (x.rows().into_iter())
        .map(|x| OFFSET_KT + (0..2).map(|k| 0.5 * ((x[k] - P[k].0) / P[k].1).powi(2)).sum::<f64>())
        .collect();
    let gradient_x = Array2::from_shape_fn(x.raw_dim(), |(i, k)| (x[[i, k]] - P[k].0) / P[k].1.powi(2));
    let u_kt = Array1::from_elem(x.nrows(), f64::NAN);
    ReducedEnergies { v, u_kt, gradient_x, status: Array1::zeros(x.nrows()) }
}

/// What is left of draws and their energies.
fn chosen(draw: &Draw, energies: &ReducedEnergies, rows: &[usize]) -> (Draw, ReducedEnergies) {
    let indices: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
    let draw = Draw {
        z: draw.z.index_select(0, &Tensor::from_slice(&indices)),
        x: draw.x.select(Axis(0), rows),
        log_q: draw.log_q.select(Axis(0), rows),
        log_ratio: draw.log_ratio.select(Axis(0), rows),
        in_q: rows.iter().map(|row| draw.in_q[*row]).collect(),
    };
    let energies = ReducedEnergies {
        v: energies.v.select(Axis(0), rows),
        u_kt: energies.u_kt.select(Axis(0), rows),
        gradient_x: energies.gradient_x.select(Axis(0), rows),
        status: energies.status.select(Axis(0), rows),
    };
    (draw, energies)
}

/// The gradient of the objective in the two means and in the two logarithms of standard deviations.
fn gradient(
    flow: &ConditionalFlow,
    draw: Draw,
    energies: ReducedEnergies,
    config: &ByEnergyConfig,
) -> ([f64; 4], EnergyStep) {
    let s = flow.backend().tensor(Array2::<f64>::zeros((draw.x.nrows(), 0)).view());
    let (objective, step) = objective(&flow.at(&s), draw, energies, config);
    let gradients = Tensor::run_backward(&[objective], &biases(flow), false, false);
    let value = |k: usize| gradients[k / 2].double_value(&[k as i64 % 2]);
    (std::array::from_fn(value), step)
}

fn config(estimator: Estimator) -> ByEnergyConfig {
    ByEnergyConfig {
        estimator,
        clip_sample: f64::INFINITY,
        defensive_share: 0.0,
        ..ByEnergyConfig::default()
    }
}

#[test]
fn path_gradients_have_no_noise_where_q_is_p() {
    let flow = normal(P);
    let largest = |estimator| {
        let draw = propose(&flow, 64, 0.0, 1);
        let energies = energies(&draw.x);
        let (gradient, step) = gradient(&flow, draw, energies, &config(estimator));
        // What is left of the loss is -ln of the normalisation of p, the same for every draw.
        let expected = OFFSET_KT - std::f64::consts::TAU.ln() - (P[0].1 * P[1].1).ln();
        assert!((step.loss_kt - expected).abs() < 1e-12, "{} against {expected}", step.loss_kt);
        gradient.iter().fold(0.0, |largest, g| f64::max(largest, g.abs()))
    };
    let path = largest(Estimator::Path);
    assert!(path < 1e-12, "{path:e}");
    assert!(largest(Estimator::Reparametrised) > 0.01, "64 draws have noise");
}

/// Of normal distributions: `d KL / d mean = (mean_q - mean_p) / var_p`, `d KL / d ln sd = var_q / var_p - 1`.
#[test]
fn both_estimators_are_right_on_average() {
    let flow = normal(Q);
    let mean = |k: usize| (Q[k].0 - P[k].0) / P[k].1.powi(2);
    let sd = |k: usize| (Q[k].1 / P[k].1).powi(2) - 1.0;
    let expected = [mean(0), mean(1), sd(0), sd(1)];
    let batches = 200;
    for estimator in [Estimator::Path, Estimator::Reparametrised] {
        let (mut sum, mut squares) = ([0.0; 4], [0.0; 4]);
        for batch in 0..batches {
            let draw = propose(&flow, 256, 0.0, batch);
            let energies = energies(&draw.x);
            let (gradient, _) = gradient(&flow, draw, energies, &config(estimator));
            for (k, g) in gradient.into_iter().enumerate() {
                sum[k] += g;
                squares[k] += g * g;
            }
        }
        let n = batches as f64;
        for k in 0..4 {
            let found = sum[k] / n;
            let error = ((squares[k] / n - found * found) / (n - 1.0)).sqrt();
            // Eight numbers: one in 30,000 test suites sees 4.5 standard errors by chance.
            assert!(
                (found - expected[k]).abs() < 4.5 * error,
                "{estimator:?} {k}: {found} against {}",
                expected[k]
            );
            assert!(error < 0.01, "{estimator:?} {k}: {error}");
        }
    }
}

/// A draw that has no part is as if it had not been made, whatever numbers it has; its weight says why it has none.
#[test]
fn draws_are_taken_out_whole() {
    let flow = normal(Q);
    for estimator in [Estimator::Path, Estimator::Reparametrised] {
        let draw = propose(&flow, 60, 0.3, 5);
        let mut energies = energies(&draw.x);
        for failed in [0, 17, 59] {
            energies.status[failed] = 4;
            energies.v[failed] = f64::INFINITY;
            energies.gradient_x.row_mut(failed).fill(f64::NAN);
        }
        // A gradient that is no number is clipped to none.
        energies.gradient_x[[30, 1]] = f64::NAN;
        let mut good: Vec<usize> =
            (0..60).filter(|i| ![0, 17, 30, 59].contains(i) && draw.in_q[*i]).collect();
        let loss = |i: &usize| energies.v[*i] + draw.log_q[*i];
        good.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
        good.truncate(good.len() - 3);
        good.sort();
        let (rest, rest_energies) = chosen(&draw, &energies, &good);
        let in_q = draw.in_q.clone();
        let (expected, _) = gradient(&flow, rest, rest_energies, &config(estimator));
        let dropping = ByEnergyConfig { drop_largest: 3, ..config(estimator) };
        let (found, step) = gradient(&flow, draw, energies, &dropping);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{estimator:?}: {found} against {expected}");
        }
        assert_eq!((step.failed, step.last_status, step.filtered), (3, 4, 3));
        for (i, log_w) in step.log_w.iter().enumerate() {
            assert_eq!(log_w.is_finite(), ![0, 17, 59].contains(&i), "{i}: {log_w}");
        }
        assert!(in_q.iter().filter(|in_q| !**in_q).count() > 5, "some draws are wider");
    }
}

#[test]
fn a_step_without_a_draw_of_q_moves_nothing() {
    let flow = normal(Q);
    let draw = propose(&flow, 8, 0.0, 6);
    let mut energies = energies(&draw.x);
    energies.status.fill(2);
    energies.v.fill(f64::INFINITY);
    let (gradient, step) = gradient(&flow, draw, energies, &config(Estimator::Path));
    assert_eq!(gradient, [0.0; 4]);
    assert!(step.failed == 8 && step.loss_kt.is_nan());
}

/// The mean weight is the normalisation of p for every share, and the defensive share bounds what a narrow q cannot.
#[test]
fn weights_are_those_of_the_mixture() {
    let narrow = P.map(|(mean, sd)| (mean, 0.5 * sd));
    let flow = normal(narrow);
    let normalisation = std::f64::consts::TAU * P[0].1 * P[1].1;
    let largest = |share: f64| {
        let draw = propose(&flow, 100_000, share, 7);
        let energies = energies(&draw.x);
        let (_, step) = gradient(&flow, draw, energies, &config(Estimator::Path));
        let weights: Vec<f64> = step.log_w.iter().map(|l| (l + OFFSET_KT).exp() / normalisation).collect();
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        if share > 0.0 {
            assert!((mean - 1.0).abs() < 0.03, "{share}: {mean}");
        }
        weights.into_iter().fold(0.0, f64::max)
    };
    assert!(largest(0.3) < 0.5 * largest(0.0), "{} {}", largest(0.3), largest(0.0));
}

/// Fifty steps of both on the same function, which has a flat and a steep direction.
#[test]
fn adam_is_that_of_libtorch() {
    let store = nn::VarStore::new(Device::Cpu);
    let start = Tensor::from_slice(&[3.0, -2.0, 0.5]);
    let theirs = store.root().add("theirs", start.copy(), true);
    let ours = start.copy().set_requires_grad(true);
    let loss = |x: &Tensor| {
        ((x * Tensor::from_slice(&[1.0, 30.0, 0.01])).square() + (x * 3.0).sin()).sum(Kind::Double)
    };
    let mut their_adam = nn::Adam::default().build(&store, 0.05).unwrap();
    let mut our_adam = Adam::new(vec![ours.shallow_clone()]);
    for step in 0..50 {
        let rate = 0.05 / (1.0 + step as f64);
        their_adam.set_lr(rate);
        their_adam.backward_step(&loss(&theirs));
        our_adam.descend(&loss(&ours), rate, f64::INFINITY);
        let difference = (&theirs - &ours).abs().max().double_value(&[]);
        assert!(difference < 1e-12, "step {step}: {difference:e}");
    }
    assert!((&ours - start).abs().min().double_value(&[]) > 0.05, "all of them moved");
}

#[test]
fn adam_clips_the_norm_and_makes_no_step_of_what_is_no_number() {
    let x = Tensor::from_slice(&[1.0, 1.0]).set_requires_grad(true);
    let mut adam = Adam::new(vec![x.shallow_clone()]);
    adam.descend(&(&x * f64::NAN).sum(Kind::Double), 0.1, 1.0);
    assert_eq!((adam.state().steps, x.double_value(&[0])), (0, 1.0));
    adam.descend(&(&x * Tensor::from_slice(&[30.0, 40.0])).sum(Kind::Double), 0.1, 1.0);
    let first = &adam.state().first[0];
    assert!(
        (first.double_value(&[0]) - 0.06).abs() < 1e-12 && (first.double_value(&[1]) - 0.08).abs() < 1e-12
    );
    assert_eq!(x.grad().abs().max().double_value(&[]), 0.0, "gradients are cleared");
}
