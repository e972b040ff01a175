//! Training by example: the forward Kullback-Leibler divergence on given frames.
use ndarray::{ArrayView2, Axis};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::adam::Adam;
use super::schedule::Schedule;
use crate::config::training::ByExampleConfig;
use crate::flow::ConditionalFlow;

/// One epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExampleRecord {
    /// Counted from 0.
    pub epoch: usize,
    /// Mean of `-ln q(x|s)` over the frames trained on.
    pub loss: f64,
    /// The same over the frames held out.
    pub held_out: f64,
}

/// Minimises the mean of `-ln q(x|s)` over frames `(s, x)`; part of them is held out, and the flow of the epoch that was
/// best on those is kept. Costs no energy calls.
pub fn by_example(
    flow: &ConditionalFlow,
    s: ArrayView2<f64>,
    x: ArrayView2<f64>,
    config: &ByExampleConfig,
    rng: &mut ChaCha8Rng,
    observe: &mut dyn FnMut(&ExampleRecord),
) -> Vec<ExampleRecord> {
    let mut order: Vec<usize> = (0..s.nrows()).collect();
    order.shuffle(rng);
    let held_out = ((s.nrows() as f64 * config.held_out).round() as usize).clamp(1, s.nrows() - 1);
    let (test, train) = order.split_at_mut(held_out);
    let rows = |rows: &[usize]| [s, x].map(|all| flow.backend().tensor(all.select(Axis(0), rows).view()));
    let loss = |[s, x]: &[Tensor; 2]| -flow.at(s).log_prob(x).mean(tch::Kind::Double);
    let test = rows(test);

    let batches = train.len().div_ceil(config.batch);
    let schedule = Schedule {
        peak: config.learning_rate,
        last: 0.0,
        warm_up: config.warm_up_steps.min(batches),
        steps: config.epochs * batches,
    };
    let mut adam = Adam::new(flow.parameters());
    let mut records = Vec::new();
    let mut best: Option<(f64, Vec<Tensor>)> = None;
    for epoch in 0..config.epochs {
        train.shuffle(rng);
        let mut sum = 0.0;
        for (index, batch) in train.chunks(config.batch).enumerate() {
            let value = loss(&rows(batch));
            adam.descend(&value, schedule.at(epoch * batches + index), config.clip_norm);
            sum += value.double_value(&[]) * batch.len() as f64;
        }
        let record = ExampleRecord {
            epoch,
            loss: sum / train.len() as f64,
            held_out: tch::no_grad(|| loss(&test)).double_value(&[]),
        };
        observe(&record);
        records.push(record);
        // A first epoch without a number is not the best of all.
        if !record.held_out.is_nan() && best.as_ref().is_none_or(|(value, _)| record.held_out < *value) {
            best = Some((record.held_out, flow.parameters().iter().map(|p| p.detach().copy()).collect()));
        }
    }
    if let Some((_, values)) = best {
        tch::no_grad(|| flow.parameters().iter_mut().zip(&values).for_each(|(p, value)| p.copy_(value)));
    }
    records
}
