//! What of the process a plugin must leave alone.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsString};
use std::path::PathBuf;

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::strays;
use crate::check::verdict::{Finding, Outcome};

/// Compares something of the process before and after each use of the plugin.
fn untouched<S: PartialEq>(
    bench: &Bench<'_>,
    look: impl Fn() -> S,
    differ: impl Fn(&S, &S) -> String,
) -> Outcome {
    let survey = bench.survey()?;
    let before = look();
    let compare = |when: &str| {
        let after = look();
        demand!(before == after, "after {when}, {}", differ(&before, &after));
        Ok(())
    };
    let library = bench.library()?;
    compare("loading")?;
    let instance = bench.instance(&library)?;
    compare("create")?;
    let mut call = Call::new(survey, &survey.batch(0, survey.at_most(5)))?;
    call.run(&instance)?;
    compare("evaluate")?;
    call.set_positions(&vec![f64::NAN; survey.row() * survey.at_most(5)]);
    call.run_anyhow(&instance);
    compare("evaluate with NaN")?;
    drop(instance);
    compare("destroy")?;
    Ok(String::new())
}

/// What a signal does, as bits: handler, flags and mask.
type Action = (i32, usize, i32, Vec<u8>);

fn actions() -> (Vec<Action>, Vec<i32>) {
    let ours = 1..libc::SIGRTMIN();
    let action = |signal: i32| {
        // SAFETY: all bits zero are a value of this struct, and sigaction only fills it.
        let action = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            (libc::sigaction(signal, std::ptr::null(), &mut action) == 0).then_some(action)
        }?;
        // SAFETY: sa_mask is plain old data.
        let blocks = |other: i32| unsafe { libc::sigismember(&action.sa_mask, other) } == 1;
        Some((
            signal,
            action.sa_sigaction,
            action.sa_flags,
            (1..libc::SIGRTMIN()).map(|it| u8::from(blocks(it))).collect(),
        ))
    };
    // SAFETY: as above; the mask of this thread is only read.
    let blocked = unsafe {
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
        ours.clone().filter(|&signal| libc::sigismember(&mask, signal) == 1).collect()
    };
    (ours.filter_map(action).collect(), blocked)
}

pub(super) fn signals(bench: &Bench<'_>) -> Outcome {
    untouched(bench, actions, |before, after| {
        if before.1 != after.1 {
            return format!("the signals {:?} are blocked instead of {:?}", after.1, before.1);
        }
        let changed = before.0.iter().zip(&after.0).find(|(a, b)| a != b);
        let signal = changed.map_or(0, |(action, _)| action.0);
        format!("signal {signal} is handled differently; a host's own handlers must stay")
    })
}

pub(super) fn locale(bench: &Bench<'_>) -> Outcome {
    let look = || {
        // SAFETY: only asked; the text is copied before anybody may change it.
        unsafe {
            let name = libc::setlocale(libc::LC_ALL, std::ptr::null());
            (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
        }
    };
    // In the locale "C" most calls that would change it change nothing: a name that is always there.
    untouched(bench, look, |before, after| {
        format!(
            "the locale is {after:?} instead of {before:?}; numbers may be read and written with commas now"
        )
    })
}

/// The control words of floating-point arithmetic, without the flags of what has happened.
fn control() -> [u32; 2] {
    #[cfg(target_arch = "x86_64")]
    {
        let (mut mxcsr, mut x87) = (0_u32, 0_u16);
        // SAFETY: both instructions only store a control register to the address that they are given.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &mut mxcsr, options(nostack));
            std::arch::asm!("fnstcw [{}]", in(reg) &mut x87, options(nostack));
        }
        [mxcsr & !0x3f, u32::from(x87)]
    }
    #[cfg(target_arch = "aarch64")]
    {
        let control: u64;
        // SAFETY: only reads the control register.
        unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) control, options(nostack, nomem)) };
        [control as u32, 0]
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    [0, 0]
}

pub(super) fn floating_point(bench: &Bench<'_>) -> Outcome {
    if control() == [0, 0] && !cfg!(target_arch = "aarch64") {
        return Err(Finding::Skipped(
            "the control registers of this processor are not known here".to_owned(),
        ));
    }
    untouched(bench, control, |before, after| {
        format!(
            "the floating-point control is {after:08x?} instead of {before:08x?}: other rounding, flushing of small numbers or \
             traps, for all that the host computes"
        )
    })
}

pub(super) fn folder(bench: &Bench<'_>) -> Outcome {
    // SAFETY: sets the mask and sets it back; this process has no other thread that makes files meanwhile.
    let mask = || unsafe {
        let mask = libc::umask(0o022);
        libc::umask(mask);
        mask
    };
    let look = || (std::env::current_dir().unwrap_or_else(|_| PathBuf::from("?")), mask());
    untouched(bench, look, |before, after| {
        if before.0 != after.0 {
            return format!(
                "the working directory is '{}' instead of '{}'",
                after.0.display(),
                before.0.display()
            );
        }
        format!("the file mode mask is {:03o} instead of {:03o}", after.1, before.1)
    })
}

pub(super) fn environment(bench: &Bench<'_>) -> Outcome {
    let look = || std::env::vars_os().collect::<BTreeMap<OsString, OsString>>();
    untouched(bench, look, |before, after| {
        let changed = after.iter().find(|(name, value)| before.get(*name) != Some(value));
        let gone = before.keys().find(|name| !after.contains_key(*name));
        let name = changed.map(|(name, _)| name).or(gone).map(|name| name.to_string_lossy().into_owned());
        format!("the environment variable {} has changed", name.unwrap_or_default())
    })
}

pub(super) fn output(bench: &Bench<'_>) -> Outcome {
    if bench.plan.in_process {
        return Err(Finding::Skipped(
            "the standard output is caught in a process of its own only".to_owned(),
        ));
    }
    let written = || {
        // SAFETY: NULL means all streams.
        unsafe { libc::fflush(std::ptr::null_mut()) };
        rustix::fs::fstat(std::io::stdout()).map_or(0, |status| status.st_size)
    };
    untouched(bench, written, |before, after| {
        format!("{} bytes are in the standard output; use the host's log", after - before)
    })
}

pub(super) fn children(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let before = strays::children().len();
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    Call::new(survey, survey.base(0))?.run(&instance)?;
    drop(instance);
    let left = strays::children().len().saturating_sub(before);
    demand!(
        left == 0,
        "{left} processes that it has started are still there after destroy; end them and wait for them"
    );
    Ok(String::new())
}

pub(super) fn exit(bench: &Bench<'_>) -> Outcome {
    if bench.plan.in_process {
        return Err(Finding::Skipped("it is this process's own end".to_owned()));
    }
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    Call::new(survey, survey.base(0))?.run(&instance)?;
    drop(instance);
    Ok(String::new())
}
