//! What the checks of one potential must know of it: its facts, configurations to evaluate it at, and what a call costs.

mod atoms;
mod placement;
mod references;

use epp::sys;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use atoms::{kinds, molecules};
use placement::{box_of, lattice};
use references::references;

use super::call::{Call, Reply, Shape};
use super::raw::Instance;
use super::verdict::{Finding, failed, failed_at};
use super::waiting::Waiting;
use crate::descriptor::{Descriptor, Determinism, Symmetry, Units};
use crate::extensions::Finder;
use crate::info::Info;
use crate::output::Output;
use crate::parameter::Parameter;

/// Configurations that checks evaluate at, where a call is cheap.
const MANY: usize = 12;
/// And where it is not.
const FEW: usize = 6;
/// Seconds for one configuration above which it is not cheap.
const EXPENSIVE: f64 = 0.02;
/// Times that a call is made to see what it costs, of which the best counts.
const TRIALS: usize = 3;
/// Outputs that are tried; a model of a thousand terms has the same code for all.
const OUTPUTS: usize = 24;
/// How far, relative to its scale, two ways to the same number may be apart: far more than double precision, and less than
/// anybody would call a bug.
const ROUNDING: f64 = 1e-6;

/// What the checks of one potential must know of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Survey {
    pub(crate) descriptor: Descriptor,
    pub(crate) info: Info,
    /// Three rows in nm where it is periodic, else empty.
    pub(crate) box_rows: Vec<f64>,
    /// Configurations whose status is 0, `[n][atoms][dimensions]`.
    pub(crate) base: Vec<f64>,
    /// Of those, the energies.
    pub(crate) energies: Vec<f64>,
    /// The size of a usual one of them: the median, which a wall with huge ones does not change.
    pub(crate) energy_scale: f64,
    /// The root mean square of the components of a usual gradient, likewise.
    pub(crate) gradient_scale: f64,
    /// Where they come from.
    pub(crate) source: String,
    /// By how much their coordinates may be changed without leaving the neighbourhood.
    pub(crate) step: f64,
    /// For one configuration, in a batch of a few.
    pub(crate) seconds: f64,
    /// Golden samples: energy and relative tolerance, in the order of `reference_positions`.
    pub(crate) references: Vec<(f64, f64)>,
    /// `[references][atoms][dimensions]`
    pub(crate) reference_positions: Vec<f64>,
    /// What it tells beside energy and gradient.
    pub(crate) outputs: Vec<Output>,
    /// Its global parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// Atoms with the same number are not told apart by the topology.
    pub(crate) kinds: Vec<usize>,
    /// Atoms with the same number are bonded, over others perhaps.
    pub(crate) molecules: Vec<usize>,
    /// In Da; 1 where nothing is known.
    pub(crate) masses: Vec<f64>,
    /// A configuration whose status is 0 although its energy or gradient is not finite, if one was met.
    pub(crate) not_finite: Vec<f64>,
}

impl<'a> From<&'a Survey> for Shape<'a> {
    fn from(survey: &'a Survey) -> Self {
        Self { row: survey.row(), box_rows: &survey.box_rows, gradient: survey.info.has_gradient }
    }
}

impl Survey {
    /// What is promised to give the same bits again.
    pub(crate) fn determinism(&self) -> Determinism {
        self.info.determinism
    }

    /// Numbers in one configuration.
    pub(crate) fn row(&self) -> usize {
        self.info.atoms * self.info.dimensions
    }

    /// How many base configurations there are.
    pub(crate) fn count(&self) -> usize {
        self.base.len() / self.row()
    }

    /// One base configuration, counted round and round.
    pub(crate) fn base(&self, index: usize) -> &[f64] {
        let (row, index) = (self.row(), index % self.count());
        &self.base[index * row..(index + 1) * row]
    }

    /// Base configurations `from`, `from + 1`, ..., counted round and round.
    pub(crate) fn batch(&self, from: usize, count: usize) -> Vec<f64> {
        (from..from + count).flat_map(|index| self.base(index)).copied().collect()
    }

    /// The outputs that are tried.
    pub(crate) fn tried_outputs(&self) -> &[Output] {
        &self.outputs[..self.outputs.len().min(OUTPUTS)]
    }

    /// Numbers of an output in one configuration.
    pub(crate) fn width(&self, output: &Output) -> usize {
        output.shape.width(self.info.atoms, self.info.dimensions)
    }

    /// A call that wants all tried outputs too.
    pub(crate) fn call_with_outputs(&self, positions: &[f64]) -> Result<Call, Finding> {
        let mut call = Call::new(self, positions)?;
        for output in self.tried_outputs() {
            call.want_output(output, self.width(output))?;
        }
        Ok(call)
    }

    /// Whether it declares a symmetry.
    pub(crate) fn has(&self, symmetry: Symmetry) -> bool {
        self.info.has(symmetry)
    }

    /// As many configurations as are evaluated in so many seconds, between `least` and `most`.
    pub(crate) fn affordable(&self, seconds: f64, least: usize, most: usize) -> usize {
        ((seconds / self.seconds.max(1e-9)) as usize).clamp(least, most)
    }

    /// The largest batch it takes, up to `count`.
    pub(crate) fn at_most(&self, count: usize) -> usize {
        self.info.max_batch.map_or(count, |most| most.min(count))
    }

    /// The largest batch, up to `count`, in which the place of a configuration does not matter: random numbers are drawn by
    /// place, so that all configurations draw the same ones only where each is alone.
    pub(crate) fn alike(&self, count: usize) -> usize {
        if self.info.uses_seed { 1 } else { self.at_most(count).max(1) }
    }

    /// By how much two energies may differ that are the same but for rounding.
    pub(crate) fn energy_tolerance(&self, energy: f64, relative: f64) -> f64 {
        // An energy is a sum of terms that may cancel: what rounding does to it shows in the gradient's scale.
        relative
            * (energy.abs().max(self.energy_scale)
                + self.gradient_scale * self.step * (self.row() as f64).sqrt())
    }

    /// How far, relative to its scale, two ways to the same number may be apart.
    pub(crate) fn rounding(&self) -> f64 {
        ROUNDING
    }

    /// The norm of a gradient; at least that of a usual one.
    pub(crate) fn gradient_norm(&self, gradient: &[f64]) -> f64 {
        let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        norm.max(self.gradient_scale * (self.row() as f64).sqrt()).max(f64::MIN_POSITIVE)
    }

    /// Values of the parameters for one of several configurations: other ones for each, inside of their ranges.
    pub(crate) fn varied_parameters(&self, index: usize) -> Vec<f64> {
        let share = 0.04 * (index + 1) as f64;
        let one = |(place, parameter): (usize, &Parameter)| {
            let default = parameter.default;
            match parameter.range {
                // Towards one end, or where the default is there, towards the other; an open end is as far as none.
                Some([minimum, maximum]) => {
                    let step = default.abs().max(0.1);
                    let (below, above) = (default - minimum, maximum - default);
                    let up = above >= below;
                    let room = if up { above } else { below };
                    let room = if room.is_finite() { room } else { step };
                    default + share * if up { room } else { -room }
                }
                None => default + share * default.abs().max(0.1) * if place % 2 == 0 { 1.0 } else { -1.0 },
            }
        };
        self.parameters.iter().enumerate().map(one).collect()
    }

    /// Configurations around the base ones, `count` of them, `widening` steps away.
    pub(crate) fn neighbours(&self, count: usize, widening: f64, random: &mut ChaCha8Rng) -> Vec<f64> {
        let step = widening * self.step;
        let moved = self.batch(0, count).into_iter();
        let step = if self.info.discrete { 0.0 } else { step };
        moved.map(|x| x + step * random.sample::<f64, _>(StandardNormal)).collect()
    }

    /// Without configurations: what is known before anything was evaluated.
    pub(crate) fn unsettled(descriptor: &Descriptor, info: Info) -> Self {
        let molecular = info.units == Units::Md;
        Self {
            box_rows: box_of(&info, &[]),
            masses: vec![1.0; info.atoms],
            molecules: (0..info.atoms).collect(),
            descriptor: descriptor.clone(),
            info,
            base: Vec::new(),
            energies: Vec::new(),
            energy_scale: 0.0,
            gradient_scale: 0.0,
            source: String::new(),
            step: if molecular { 0.003 } else { 0.05 },
            seconds: 0.0,
            references: Vec::new(),
            reference_positions: Vec::new(),
            outputs: Vec::new(),
            parameters: Vec::new(),
            kinds: Vec::new(),
            not_finite: Vec::new(),
        }
    }

    /// Evaluates base-like configurations, cut up into batches it takes.
    pub(crate) fn evaluate(&self, instance: &Instance, positions: &[f64]) -> Result<Reply, Finding> {
        let row = self.row();
        let most = self.alike(4096);
        let mut all =
            Reply { energies: Vec::new(), gradients: Vec::new(), statuses: Vec::new(), outputs: Vec::new() };
        for chunk in positions.chunks(most * row) {
            let mut reply = Call::new(self, chunk)?.run(instance)?;
            all.energies.append(&mut reply.energies);
            all.gradients.append(&mut reply.gradients);
            all.statuses.append(&mut reply.statuses);
        }
        Ok(all)
    }

    /// Asks a new instance for everything.
    pub(crate) fn make(
        descriptor: &Descriptor,
        instance: &Instance,
        mut random: ChaCha8Rng,
    ) -> Result<Self, Finding> {
        let info = instance.info(descriptor)?;
        let find = Finder { self_: instance.self_, extension: instance.extension };
        let problem = |problem: crate::problem::InstanceProblem| failed(problem.to_string());
        // SAFETY: the instance is used by this thread, which created it.
        let (topology, outputs, parameters) = unsafe {
            (
                find.topology(info.atoms).map_err(problem)?,
                find.outputs(&info).map_err(problem)?,
                find.parameters().map_err(problem)?,
            )
        };
        let (references, reference_positions) = references(instance, &info)?;
        let row = info.atoms * info.dimensions;
        let mut seeds: Vec<Vec<f64>> = reference_positions.chunks(row).map(<[f64]>::to_vec).collect();
        let told =
            topology.as_ref().filter(|it| it.positions.len() == 3 * info.atoms && info.dimensions == 3);
        seeds.extend(told.map(|topology| topology.positions.clone()));
        let molecular = info.units == Units::Md;
        let mut source = match (references.is_empty(), told) {
            (false, _) => format!("{} of epp.reference/1", references.len()),
            (true, Some(_)) => "the positions of epp.topology/1".to_owned(),
            (true, None) => String::new(),
        };
        if seeds.is_empty() {
            source =
                "random numbers, since the plugin offers neither epp.reference/1 nor positions".to_owned();
            let (spacing, cells) =
                (if molecular { 0.3 } else { 1.0 }, (info.atoms as f64).cbrt().ceil() as usize);
            seeds = (0..8).map(|_| lattice(&info, spacing, cells, &mut random)).collect();
            if info.discrete {
                seeds.iter_mut().flatten().for_each(|x| *x = 1.0_f64.copysign(*x));
            }
        }
        let mut survey = Self {
            box_rows: box_of(&info, &seeds),
            base: seeds.concat(),
            source,
            references,
            reference_positions,
            outputs,
            parameters,
            ..Self::unsettled(descriptor, info)
        };
        if let Some(topology) = &topology {
            survey.kinds = kinds(topology);
            survey.molecules = molecules(topology, survey.info.atoms);
            if topology.masses.len() == survey.info.atoms {
                survey.masses.clone_from(&topology.masses);
            }
        }
        survey.settle(instance, &seeds, &mut random)?;
        Ok(survey)
    }

    /// Keeps the seeds, and neighbours of theirs, whose status is 0.
    fn settle(
        &mut self,
        instance: &Instance,
        seeds: &[Vec<f64>],
        random: &mut ChaCha8Rng,
    ) -> Result<(), Finding> {
        let row = self.row();
        self.seconds = self.cost(instance, 1)?;
        let wanted = if self.seconds > EXPENSIVE { FEW } else { MANY };
        let (mut base, mut energies, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = (seeds[0].clone(), sys::SAMPLE_OK);
        for widening in [0.0, 1.0, 1.0, 0.1, 5.0, 20.0] {
            if energies.len() >= wanted {
                break;
            }
            // A third are the seeds themselves, so that symmetric ones do not hide a mistake.
            let missing = if widening == 0.0 { seeds.len().min(wanted / 3) } else { wanted - energies.len() };
            let discrete = self.info.discrete;
            let moved: Vec<f64> = (0..missing)
                .flat_map(|index| seeds[index % seeds.len()].clone())
                .map(|x| match discrete {
                    // Spins, most likely: other ones are the only neighbours there are.
                    true if widening > 0.0 && random.random_bool(0.5) => -x,
                    true => x,
                    false => x + widening * self.step * random.sample::<f64, _>(StandardNormal),
                })
                .collect();
            let reply = self.evaluate(instance, &moved)?;
            for (index, positions) in moved.chunks(row).enumerate() {
                let (energy, gradient) = (reply.energies[index], reply.gradient(index));
                if reply.statuses[index] != sys::SAMPLE_OK {
                    last = (positions.to_vec(), reply.statuses[index]);
                } else if energy.is_finite() && gradient.iter().all(|g| g.is_finite()) {
                    base.extend_from_slice(positions);
                    energies.push(energy);
                    gradients.extend_from_slice(gradient);
                } else {
                    self.not_finite = positions.to_vec();
                }
            }
        }
        if energies.is_empty() && !self.not_finite.is_empty() {
            let reason = "every energy or gradient that has status 0 is NaN or infinite";
            return Err(failed_at(&self.not_finite, reason));
        }
        if energies.is_empty() {
            let reason = format!(
                "no configuration that was tried gives an energy (the last one has status {}: {}); they come from {}. Let the \
                 plugin offer epp.reference/1, or positions in epp.topology/1",
                last.1,
                crate::status::status_name(last.1),
                self.source
            );
            return Err(failed_at(&last.0, reason));
        }
        let mean_square = |row: &[f64]| row.iter().map(|g| g * g).sum::<f64>() / row.len() as f64;
        self.energy_scale = median(energies.iter().map(|energy| energy.abs()));
        self.gradient_scale = median(gradients.chunks(row).map(|gradient| mean_square(gradient).sqrt()));
        (self.base, self.energies) = (base, energies);
        self.seconds = self.cost(instance, self.count())?;
        Ok(())
    }

    /// Seconds for a configuration in a batch of `count`.
    fn cost(&self, instance: &Instance, count: usize) -> Result<f64, Finding> {
        let positions = self.batch(0, self.at_most(count));
        let mut call = Call::new(self, &positions)?;
        let mut best = f64::INFINITY;
        for _ in 0..TRIALS {
            let waiting = Waiting::of("self");
            call.run(instance)?;
            // Waits that belong to something else than the call may make it seem shorter, but not nothing.
            best = best.min((call.seconds - waiting.since()).max(0.1 * call.seconds));
        }
        Ok(best / self.at_most(count) as f64)
    }
}

/// The middle one; of an even number the larger of both, 0 of none.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
