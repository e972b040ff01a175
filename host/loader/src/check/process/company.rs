//! Instances beside others: called at once, with other configurations, for other hosts.

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::Instant;

use epp::sys;

use super::threads::{collect, compare};
use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::memory::{Memory, Placement};
use crate::check::raw::{Instance, c_text, request};
use crate::check::survey::Survey;
use crate::check::variation::other_config;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::descriptor::Threads;

/// Threads that call, each an instance of its own.
const THREADS: usize = 4;
/// Configurations of a call.
const BATCH: usize = 4;
/// Seconds that they go on.
const SECONDS: f64 = 0.3;

/// What every thread is to find: its own batch, with its own configuration.
fn alone(survey: &Survey, instance: &Instance, thread: usize) -> Result<Reply, Finding> {
    Call::new(survey, &survey.batch(thread * BATCH, survey.at_most(BATCH)))?.run(instance)
}

pub(super) fn at_once(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let (id, given) = (bench.id, bench.plan.config.clone());
    let other = other_config(bench, &library, survey)?;
    let note = match &other {
        Some(other) => format!("with {given} and {other}"),
        None => "all with the same configuration, since no other was found".to_owned(),
    };
    let configs: Vec<String> = (0..THREADS)
        .map(|thread| other.clone().filter(|_| thread % 2 == 1).unwrap_or(given.clone()))
        .collect();
    let expected: Vec<Reply> = configs
        .iter()
        .enumerate()
        .map(|(thread, config)| alone(survey, &library.create(id, config)?, thread))
        .collect::<Result<_, Finding>>()?;
    // One call at a time over all instances, create and destroy included, where that is what it asks for.
    let in_turn = survey.info.threads == Threads::Process;
    let turn = Mutex::new(());
    let wait = || in_turn.then(|| turn.lock().unwrap_or_else(PoisonError::into_inner));
    let barrier = &Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let work = |thread: usize| {
            let (config, expected, library, wait) = (&configs[thread], &expected[thread], &library, &wait);
            move || {
                let instance = {
                    let _one_at_a_time = wait();
                    library.create(id, config)
                };
                let call = Call::new(survey, &survey.batch(thread * BATCH, survey.at_most(BATCH)));
                barrier.wait();
                let (instance, mut call, start) = (instance?, call?, Instant::now());
                let mut result = Ok(());
                while result.is_ok() && start.elapsed().as_secs_f64() < SECONDS {
                    for _ in 0..survey.affordable(0.01, 1, 2000) {
                        let reply = {
                            let _one_at_a_time = wait();
                            call.run(&instance)
                        };
                        let what = "one of four instances that are called from four threads at once";
                        result =
                            reply.and_then(|reply| compare(survey, thread * BATCH, &reply, expected, what));
                        if result.is_err() {
                            break;
                        }
                    }
                }
                let _one_at_a_time = wait();
                drop(instance);
                result
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
        collect(threads)
    })?;
    Ok(note)
}

/// Where the log of one host goes.
#[derive(Default)]
struct Logged {
    lines: AtomicU64,
}

/// # Safety
/// `context` is that of a [`Logged`] that lives.
unsafe extern "C" fn log(context: *mut c_void, _level: u32, _text: *const c_char) {
    // SAFETY: the contract of the callback.
    let logged = unsafe { &*context.cast::<Logged>() };
    logged.lines.fetch_add(1, Ordering::SeqCst);
}

unsafe extern "C" fn extension(_context: *mut c_void, _id: *const c_char) -> *const c_void {
    std::ptr::null()
}

/// A host, in memory that can be taken away.
struct Company {
    memory: Memory,
    logged: &'static Logged,
}

impl Company {
    fn new(name: &'static CStr, callbacks: bool) -> Result<Self, Finding> {
        let logged: &'static Logged = Box::leak(Box::default());
        let host = sys::Host {
            struct_size: size_of::<sys::Host>() as u64,
            abi_major: sys::ABI_MAJOR,
            abi_minor: sys::ABI_MINOR,
            name: name.as_ptr(),
            version: c"1.0".as_ptr(),
            context: std::ptr::from_ref(logged).cast_mut().cast(),
            log: callbacks.then_some(log as unsafe extern "C" fn(*mut c_void, u32, *const c_char)),
            extension: callbacks
                .then_some(extension as unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void),
        };
        let memory = Memory::new(size_of::<sys::Host>(), Placement::BeforeGuard)
            .map_err(|error| Finding::Skipped(format!("no memory: {error}")))?;
        // SAFETY: as long as an epp_host, aligned, and nobody else's.
        unsafe { memory.pointer().cast::<sys::Host>().write(host) };
        Ok(Self { memory, logged })
    }

    fn instance(&self, bench: &Bench<'_>, library: &crate::check::raw::Library) -> Result<Instance, Finding> {
        let (id, config) = (c_text(bench.id)?, c_text(&bench.plan.config)?);
        let host = self.memory.pointer().cast_const().cast();
        let request = sys::Create { host, ..request(&id, Some(&config), None) };
        library
            .try_request(&request)?
            .map_err(|refusal| failed(format!("create for another host fails ({})", refusal.sentence())))
    }

    fn lines(&self) -> u64 {
        self.logged.lines.load(Ordering::SeqCst)
    }
}

pub(super) fn hosts(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let expected = alone(survey, &bench.instance(&library)?, 0)?;
    let evaluate =
        |instance: &Instance, what: &str| compare(survey, 0, &alone(survey, instance, 0)?, &expected, what);
    // Neither callback need be there.
    let silent = Company::new(c"silent", false)?;
    let instance = silent.instance(bench, &library)?;
    evaluate(&instance, "for a host without callbacks")?;
    drop(instance);

    let (first, second) = (Company::new(c"first", true)?, Company::new(c"second", true)?);
    let one = first.instance(bench, &library)?;
    let lines = first.lines();
    let two = second.instance(bench, &library)?;
    evaluate(&two, "the second of two hosts")?;
    demand!(
        first.lines() == lines,
        "what the instance of the second host has to say goes to the log of the first; keep the host that create was given"
    );
    let lines = second.lines();
    evaluate(&one, "the first of two hosts")?;
    demand!(
        second.lines() == lines,
        "what the instance of the first host has to say goes to the log of the second; keep the host that create was given"
    );
    drop(two);
    // The memory of a host that has no instances any more is its own affair.
    drop(second);
    evaluate(&one, "after the other host is gone")?;
    let said = first.lines() > 0;
    drop(one);
    Ok(if said { "each to its own log" } else { "it logs nothing" }.to_owned())
}
