//! Contexts that threads borrow: OpenMM evaluates one configuration at a time in each.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use epp::sdk::{Host, Level, Sample, SampleStatus, Stop};
use openmm::{Context, Error, System};

use crate::orientation::Oriented;

/// How long a call waits for a Context before it looks again whether it should stop.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A Context, what it was last set to, and room for one configuration.
pub(crate) struct Worker {
    pub(crate) context: Context,
    pub(crate) positions: Vec<f64>,
    pub(crate) forces: Vec<f64>,
    parameters: Vec<f64>,
    /// What was set, of a System that is periodic; another has no use for a box.
    given_box: Option<[[f64; 3]; 3]>,
    oriented: Option<Oriented>,
    /// Whether a box may be turned, with all that is in it.
    isotropic: bool,
    /// nm, 0 for none.
    cutoff: f64,
}

impl Worker {
    /// Sets parameters, box and positions as the sample has them.
    ///
    /// # Errors
    /// The status that the sample gets: a box or parameter that OpenMM refuses, or a box that lies otherwise than OpenMM takes
    /// it, of a System whose energy may depend on that.
    pub(crate) fn set(
        &mut self,
        sample: &Sample<'_>,
        parameters: &[(String, f64)],
    ) -> Result<(), SampleStatus> {
        for ((name, _), (value, present)) in
            parameters.iter().zip(sample.parameters().iter().zip(&mut self.parameters))
        {
            if value.to_bits() != present.to_bits() {
                self.context.set_parameter(name, *value).map_err(|_| SampleStatus::OutsideDomain)?;
                *present = *value;
            }
        }
        if let Some(rows) = sample.box_rows()
            && self.given_box != Some(rows)
        {
            // Unknown while it changes: a box that is refused half-way is set again by the next sample.
            self.given_box = None;
            let oriented = Oriented::new(rows);
            // OpenMM throws, at the evaluation, where a sphere of the cutoff meets its own image.
            let too_small = (0..3).any(|k| oriented.rows[k][k] < 2.0 * self.cutoff);
            if too_small || (oriented.is_turned() && !self.isotropic) {
                return Err(SampleStatus::OutsideDomain);
            }
            self.context.set_box(oriented.rows).map_err(|_| SampleStatus::OutsideDomain)?;
            (self.given_box, self.oriented) = (Some(rows), Some(oriented));
        }
        sample.read(&mut self.positions);
        if let Some(oriented) = &self.oriented {
            oriented.turn(&mut self.positions);
        }
        self.context.set_positions(&self.positions).map_err(|_| SampleStatus::Internal)
    }

    /// Turns the forces to where the sample has its box.
    pub(crate) fn turn_back_forces(&mut self) {
        if let Some(oriented) = &self.oriented {
            oriented.turn_back(&mut self.forces);
        }
    }
}

/// Contexts of one System, made when there is work for one more, up to a number.
pub(crate) struct Pool {
    maker: Maker,
    host: Host,
    /// Context by Context: OpenMM does not promise that two may be made at once.
    making: Mutex<()>,
    contexts: Mutex<Contexts>,
    returned: Condvar,
}

struct Contexts {
    idle: Vec<Worker>,
    /// How many may still be made.
    left: usize,
}

/// What a Context is made of.
struct Maker {
    system: Arc<System>,
    platform: String,
    properties: Vec<(String, String)>,
    isotropic: bool,
    cutoff: f64,
}

impl Maker {
    fn make(&self) -> Result<Worker, Error> {
        let context = Context::new(Arc::clone(&self.system), &self.platform, &self.properties)?;
        let parameters = context.parameters()?.into_values().collect();
        let room = vec![0.0; 3 * self.system.particles()];
        Ok(Worker {
            context,
            positions: room.clone(),
            forces: room,
            parameters,
            given_box: None,
            oriented: None,
            isotropic: self.isotropic,
            cutoff: self.cutoff,
        })
    }
}

/// Contexts on loan, which go back when it is dropped, and leave to make some more.
struct Lease<'a> {
    pool: &'a Pool,
    workers: Vec<Worker>,
    new: usize,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.contexts().idle.append(&mut self.workers);
        self.pool.returned.notify_all();
    }
}

impl Pool {
    /// A pool of at most `size` Contexts, at least 1. The first is made now.
    ///
    /// # Errors
    /// What OpenMM says of the platform, its properties or the System.
    pub(crate) fn new(
        system: &Arc<System>,
        platform: &str,
        properties: &[(String, String)],
        size: usize,
        host: Host,
    ) -> Result<Pool, Error> {
        let maker = Maker {
            system: Arc::clone(system),
            platform: platform.to_owned(),
            properties: properties.to_vec(),
            isotropic: system.is_isotropic(),
            cutoff: system.direct_cutoff().unwrap_or(0.0),
        };
        let contexts = Contexts { idle: vec![maker.make()?], left: size.saturating_sub(1) };
        Ok(Pool {
            maker,
            host,
            making: Mutex::new(()),
            contexts: Mutex::new(contexts),
            returned: Condvar::new(),
        })
    }

    /// Global parameters of the System's forces and their present, that is default, values; ask before anything is run.
    pub(crate) fn parameters(&self) -> Vec<(String, f64)> {
        let contexts = self.contexts();
        let first = contexts.idle.first().and_then(|worker| worker.context.parameters().ok());
        first.unwrap_or_default().into_iter().collect()
    }

    fn contexts(&self) -> MutexGuard<'_, Contexts> {
        // A list of Contexts is whole at every moment, so that a panic elsewhere cannot have broken it.
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to `wanted` Contexts that are there or may be made, at least one; None if the host asks to stop before one is free.
    fn lease(&self, wanted: usize, stop: Stop<'_>) -> Option<Lease<'_>> {
        let mut contexts = self.contexts();
        while contexts.idle.is_empty() && contexts.left == 0 {
            if stop.requested() {
                return None;
            }
            contexts =
                self.returned.wait_timeout(contexts, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
        }
        let rest = contexts.idle.len().saturating_sub(wanted.max(1));
        let workers = contexts.idle.split_off(rest);
        let new = wanted.max(1).saturating_sub(workers.len()).min(contexts.left);
        contexts.left -= new;
        Some(Lease { pool: self, workers, new })
    }

    /// One more Context, if it is still wanted when its turn comes. What OpenMM refuses after the first went well, want of memory
    /// for example, is told; there is one fewer from then on.
    fn make(&self, wanted: impl Fn() -> bool) -> Option<Worker> {
        let _one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if !wanted() {
            self.contexts().left += 1;
            return None;
        }
        let made = self.maker.make();
        let tell = |error: &Error| {
            self.host.log(Level::Warning, &format!("openmm: one Context fewer: {error}"));
        };
        made.inspect_err(tell).ok()
    }

    /// Evaluates the samples on as many threads as there are Contexts to be had. Whoever is done takes the next sample; once
    /// the host asks to stop, the rest is cancelled.
    pub(crate) fn run<'s>(
        &self,
        mut samples: Vec<Sample<'s>>,
        stop: Stop<'_>,
        evaluate: impl Fn(&mut Worker, Sample<'s>) + Sync,
    ) {
        while !samples.is_empty() {
            let Some(lease) = self.lease(samples.len(), stop) else {
                samples.into_iter().for_each(|sample| sample.fail(SampleStatus::Cancelled));
                return;
            };
            // Some are left only where no Context could be made; then there are fewer to wait for.
            samples = lease.run(samples, stop, &evaluate);
        }
    }
}

impl Lease<'_> {
    /// Evaluates samples, and gives back those that nobody took.
    fn run<'s>(
        mut self,
        samples: Vec<Sample<'s>>,
        stop: Stop<'_>,
        evaluate: &(impl Fn(&mut Worker, Sample<'s>) + Sync),
    ) -> Vec<Sample<'s>> {
        let pool = self.pool;
        let queue = Mutex::new(samples.into_iter());
        let queued = || queue.lock().unwrap_or_else(PoisonError::into_inner);
        let next = || queued().next();
        let work = |worker: &mut Worker| {
            while let Some(sample) = next() {
                if stop.requested() {
                    sample.fail(SampleStatus::Cancelled);
                } else {
                    evaluate(worker, sample);
                }
            }
        };
        let made = Mutex::new(Vec::new());
        let make_and_work = || {
            if let Some(mut worker) = pool.make(|| queued().len() > 0) {
                work(&mut worker);
                made.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
            }
        };
        let (own, others) = match self.workers.split_first_mut() {
            Some((own, others)) => (Some(own), others),
            None => (None, &mut [][..]),
        };
        let new = self.new - usize::from(own.is_none());
        let mut unused = 0;
        std::thread::scope(|scope| {
            for worker in others {
                // A thread that the system refuses is one thread less; this one does the work.
                if std::thread::Builder::new().spawn_scoped(scope, || work(worker)).is_err() {
                    break;
                }
            }
            for _ in 0..new {
                if std::thread::Builder::new().spawn_scoped(scope, make_and_work).is_err() {
                    unused += 1;
                }
            }
            match own {
                Some(own) => work(own),
                None => make_and_work(),
            }
        });
        pool.contexts().left += unused;
        self.workers.append(&mut made.into_inner().unwrap_or_else(PoisonError::into_inner));
        queue.into_inner().unwrap_or_else(PoisonError::into_inner).collect()
    }
}
