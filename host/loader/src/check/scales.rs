//! How large outputs are: what two ways to the same number may be apart is relative to that.

use epp::sys;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::call::Reply;
use super::raw::Instance;
use super::survey::Survey;
use super::verdict::{Finding, apart, failed_at};

/// Of the survey's step, by how much configurations are moved.
const MOVE: f64 = 1e-3;
/// Scale of what is zero and stays so: sums that cancel.
const LEAST: f64 = 1e-3;

/// What outputs are at some configurations, and their scales there.
pub(crate) struct Scales {
    pub(crate) reply: Reply,
    /// `[outputs][count]`
    scales: Vec<Vec<f64>>,
}

impl Scales {
    /// Of the tried outputs at the base configurations `from`, ..., `from + count - 1`: the largest number, and by how much
    /// numbers change within a step. The latter counts where large terms cancel, in a dipole for example, whatever their
    /// unit is; an energy, which may be huge, says nothing of a charge.
    pub(crate) fn new(
        survey: &Survey,
        instance: &Instance,
        (from, count): (usize, usize),
        random: &mut ChaCha8Rng,
    ) -> Result<Self, Finding> {
        let positions = survey.batch(from, count);
        let reply = survey.call_with_outputs(&positions)?.run(instance)?;
        let step = if survey.info.discrete { 0.0 } else { MOVE * survey.step };
        let moved = positions.iter().map(|x| x + step * random.sample::<f64, _>(StandardNormal));
        let moved = survey.call_with_outputs(&moved.collect::<Vec<_>>())?.run(instance)?;
        let largest = |numbers: &[f64], scale: f64| {
            numbers.iter().filter(|x| x.is_finite()).fold(0.0_f64, |most, x| most.max(x.abs())) * scale
        };
        let scale = |which: usize, index: usize| {
            let (here, there) = (reply.output(which, index), moved.output(which, index));
            let change: Vec<f64> = here.iter().zip(there).map(|(a, b)| a - b).collect();
            LEAST + largest(here, 1.0) + largest(&change, 1.0 / MOVE)
        };
        let of_output = |which: usize| (0..count).map(|index| scale(which, index)).collect();
        let scales = (0..reply.outputs.len()).map(of_output).collect();
        Ok(Self { reply, scales })
    }

    /// Demands that output `which` of a reply is, but for what is `relative` to its scale, the tried output `other`, in each
    /// configuration that has it.
    pub(crate) fn demand_output(
        &self,
        survey: &Survey,
        from: usize,
        (reply, which): (&Reply, usize),
        other: usize,
        (relative, what): (f64, &str),
    ) -> Result<(), Finding> {
        let is_there =
            |&index: &usize| [reply, &self.reply].iter().all(|reply| reply.statuses[index] == sys::SAMPLE_OK);
        for index in (0..self.reply.statuses.len()).filter(is_there) {
            let most = relative * self.scales[other][index];
            let pairs = reply.output(which, index).iter().zip(self.reply.output(other, index));
            for (place, (found, wanted)) in pairs.enumerate() {
                if apart((found - wanted).abs(), most) {
                    let text = format!(
                        "{what}: number {place} of the output '{}' of configuration {index} is {found} instead of {wanted}",
                        survey.tried_outputs()[other].name
                    );
                    return Err(failed_at(survey.base(from + index), text));
                }
            }
        }
        Ok(())
    }

    /// The same of all tried outputs, in their order.
    pub(crate) fn demand_outputs(
        &self,
        survey: &Survey,
        from: usize,
        reply: &Reply,
        (relative, what): (f64, &str),
    ) -> Result<(), Finding> {
        (0..self.scales.len())
            .try_for_each(|which| self.demand_output(survey, from, (reply, which), which, (relative, what)))
    }
}
