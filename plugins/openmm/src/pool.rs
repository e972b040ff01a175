//! Contexts that threads borrow: OpenMM evaluates one configuration at a time in each.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use epp::sdk::{Sample, SampleStatus, Stop};
use openmm::{Context, Error, System};

/// How long a call waits for a Context before it looks again whether it should stop.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A Context, what it was last set to, and room for one configuration.
pub(crate) struct Worker {
    pub(crate) context: Context,
    pub(crate) positions: Vec<f64>,
    pub(crate) forces: Vec<f64>,
    parameters: Vec<f64>,
    box_rows: Option<[[f64; 3]; 3]>,
    /// nm, 0 for none.
    cutoff: f64,
}

impl Worker {
    /// Sets parameters, box and positions as the sample has them.
    ///
    /// # Errors
    /// The status that the sample gets: non-finite input, a box or parameter that OpenMM refuses.
    pub(crate) fn set(
        &mut self,
        sample: &Sample<'_>,
        parameters: &[(String, f64)],
    ) -> Result<(), SampleStatus> {
        if !sample.positions_are_finite() {
            return Err(SampleStatus::NonFiniteInput);
        }
        for (place, (name, default)) in parameters.iter().enumerate() {
            let value = sample.parameters().map_or(*default, |values| values[place]);
            if value.to_bits() != self.parameters[place].to_bits() {
                if !value.is_finite() {
                    return Err(SampleStatus::NonFiniteInput);
                }
                self.context.set_parameter(name, value).map_err(|_| SampleStatus::OutsideDomain)?;
                self.parameters[place] = value;
            }
        }
        let rows = sample.box_rows();
        if let Some(rows) = rows
            && self.box_rows != Some(rows)
        {
            if !rows.as_flattened().iter().all(|value| value.is_finite()) {
                return Err(SampleStatus::NonFiniteInput);
            }
            // OpenMM throws, at the evaluation, where a sphere of the cutoff meets its own image.
            if (0..3).any(|k| rows[k][k] < 2.0 * self.cutoff) {
                return Err(SampleStatus::OutsideDomain);
            }
            // Unknown while it changes: a box that is refused half-way is set again by the next sample.
            self.box_rows = None;
            self.context.set_box(rows).map_err(|_| SampleStatus::OutsideDomain)?;
            self.box_rows = Some(rows);
        }
        sample.read(&mut self.positions);
        self.context.set_positions(&self.positions).map_err(|_| SampleStatus::Internal)
    }
}

/// A fixed number of Contexts of one System.
pub(crate) struct Pool {
    idle: Mutex<Vec<Worker>>,
    returned: Condvar,
}

/// Contexts on loan; they go back when it is dropped.
struct Lease<'a> {
    pool: &'a Pool,
    workers: Vec<Worker>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.idle().append(&mut self.workers);
        self.pool.returned.notify_all();
    }
}

impl Pool {
    /// Makes `size` Contexts, at least 1.
    ///
    /// # Errors
    /// What OpenMM says of the platform, its properties or the System.
    pub(crate) fn new(
        system: &Arc<System>,
        platform: &str,
        properties: &[(String, String)],
        size: usize,
    ) -> Result<Pool, Error> {
        let coordinates = 3 * system.particles();
        let cutoff = system.cutoff().unwrap_or(0.0);
        let worker = || {
            let context = Context::new(Arc::clone(system), platform, properties)?;
            let parameters = context.parameters()?.into_values().collect();
            let room = vec![0.0; coordinates];
            Ok(Worker { context, positions: room.clone(), forces: room, parameters, box_rows: None, cutoff })
        };
        let workers = (0..size.max(1)).map(|_| worker()).collect::<Result<Vec<_>, Error>>()?;
        Ok(Pool { idle: Mutex::new(workers), returned: Condvar::new() })
    }

    /// Global parameters of the System's forces and their present, that is default, values; ask before anything is run.
    pub(crate) fn parameters(&self) -> Vec<(String, f64)> {
        let idle = self.idle();
        idle.first()
            .and_then(|worker| worker.context.parameters().ok())
            .unwrap_or_default()
            .into_iter()
            .collect()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        // A list of Contexts is whole at every moment, so that a panic elsewhere cannot have broken it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to `wanted` Contexts, at least one; None if the host asks to stop before one is free.
    fn lease(&self, wanted: usize, stop: Stop<'_>) -> Option<Lease<'_>> {
        let mut idle = self.idle();
        while idle.is_empty() {
            if stop.requested() {
                return None;
            }
            idle = self.returned.wait_timeout(idle, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
        }
        let rest = idle.len().saturating_sub(wanted.max(1));
        let workers = idle.split_off(rest);
        Some(Lease { pool: self, workers })
    }

    /// Evaluates the samples, each with its `T`, on as many threads as there are Contexts to be had. Whoever is done takes
    /// the next sample; once the host asks to stop, the rest is cancelled.
    pub(crate) fn run<'s, T: Send>(
        &self,
        samples: Vec<(Sample<'s>, T)>,
        stop: Stop<'_>,
        evaluate: impl Fn(&mut Worker, Sample<'s>, T) + Sync,
    ) {
        if samples.is_empty() {
            return;
        }
        let Some(mut lease) = self.lease(samples.len(), stop) else {
            samples.into_iter().for_each(|(sample, _)| sample.fail(SampleStatus::Cancelled));
            return;
        };
        let queue = Mutex::new(samples.into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = |worker: &mut Worker| {
            while let Some((sample, rest)) = next() {
                if stop.requested() {
                    sample.fail(SampleStatus::Cancelled);
                } else {
                    evaluate(worker, sample, rest);
                }
            }
        };
        let Some((own, others)) = lease.workers.split_first_mut() else { return };
        std::thread::scope(|scope| {
            for worker in others {
                // A thread that the system refuses is one thread less; this one does the work.
                if std::thread::Builder::new().spawn_scoped(scope, || work(worker)).is_err() {
                    break;
                }
            }
            work(own);
        });
    }
}
