//! The process above a worker: it ends the worker with all that the plugin has started, however the host ends.
//!
//! `freeland-worker` is two processes. The first, the guard, runs no code of a plugin: it starts the second, the worker, as
//! a session of its own, and waits. A signal that a process gets when its parent dies reaches the worker only, not its
//! children; the guard gets it when the host dies, or from the host, and kills the worker's group, which none of its
//! members can leave. What the plugin has left without a parent becomes the guard's, who waits for it. The guard then
//! ends as the worker has ended.

use std::time::Duration;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getpid, getppid, kill_process_group,
    set_child_subreaper, set_parent_process_death_signal, setrlimit, setsid, waitpid,
};

/// The exit status of a worker that could not begin.
pub(super) const COULD_NOT_RUN: u8 = 2;
/// How often, and how many times, it looks whether what was killed is gone.
const PAUSE: Duration = Duration::from_millis(1);
const LOOKS: usize = 200;

/// Splits this process, which has one thread yet, and returns in the worker. The guard never returns.
pub(super) fn split(host: u32) -> std::io::Result<()> {
    let signals = signals();
    let mut before = signals;
    // SAFETY: both sets are of this frame.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signals, &mut before) };
    set_parent_process_death_signal(Some(Signal::TERM))?;
    leave_without(host);
    set_child_subreaper(Some(getpid()))?;
    let guard = getpid();
    // SAFETY: this process has one thread, so that its copy may do whatever it could.
    match unsafe { libc::fork() } {
        -1 => Err(std::io::Error::last_os_error()),
        0 => {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            leave_without(guard.as_raw_nonzero().get() as u32);
            // Its own group, and no terminal, so that nothing can be typed into one.
            setsid()?;
            // SAFETY: as above.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
            Ok(())
        }
        worker => {
            let worker = Pid::from_raw(worker).expect("fork gives a process");
            watch(worker, &signals)
        }
    }
}

/// Ends this process where its parent is not the one with this number: it was gone before its end could be noticed.
fn leave_without(parent: u32) {
    if getppid().is_none_or(|found| found.as_raw_nonzero().get() as u32 != parent) {
        leave(COULD_NOT_RUN.into());
    }
}

/// What the guard waits for: the end of the host, or its word; the end of a child.
fn signals() -> libc::sigset_t {
    // SAFETY: all zeros is a set, which the calls fill.
    unsafe {
        let mut signals: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut signals);
        libc::sigaddset(&mut signals, libc::SIGTERM);
        libc::sigaddset(&mut signals, libc::SIGCHLD);
        signals
    }
}

fn watch(worker: Pid, signals: &libc::sigset_t) -> ! {
    // The streams are the worker's: where it closes them, the host shall see it.
    // SAFETY: nothing in this process uses any of its descriptors from here on.
    unsafe { libc::syscall(libc::SYS_close_range, 0_u32, u32::MAX, 0_u32) };
    loop {
        match ended() {
            // Not reaped yet, so that the number of its group is its own.
            Some(process) if process == worker => break,
            // An orphan.
            Some(process) => drop(waitpid(Some(process), WaitOptions::NOHANG)),
            None => {
                let mut signal = 0;
                // SAFETY: the set is initialised; the number is of this frame.
                unsafe { libc::sigwait(signals, &mut signal) };
                if signal == libc::SIGTERM {
                    let _ = kill_process_group(worker, Signal::KILL);
                }
            }
        }
    }
    let _ = kill_process_group(worker, Signal::KILL);
    let status = waitpid(Some(worker), WaitOptions::empty());
    for _ in 0..LOOKS {
        match waitpid(None, WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(PAUSE),
            Err(_) => break,
        }
    }
    match status {
        Ok(Some((_, status))) => end_as(status),
        _ => leave(COULD_NOT_RUN.into()),
    }
}

/// A child that has ended, if there is one. It stays to be waited for. The oldest one, which is the worker, comes first.
fn ended() -> Option<Pid> {
    // SAFETY: all zeros is a value of this struct, which the call fills.
    let told = unsafe {
        let mut told: libc::siginfo_t = std::mem::zeroed();
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        (libc::waitid(libc::P_ALL, 0, &mut told, flags) == 0).then(|| told.si_pid())
    };
    Pid::from_raw(told?)
}

/// Ends this process as another has ended.
fn end_as(status: WaitStatus) -> ! {
    if let Some(signal) = status.terminating_signal() {
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // SAFETY: this process has one thread, which has nothing else to do.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            let mut all = signals();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &all, std::ptr::null_mut());
            libc::raise(signal);
        }
    }
    leave(status.exit_status().unwrap_or(COULD_NOT_RUN.into()))
}

/// Ends this process at once.
fn leave(status: i32) -> ! {
    // SAFETY: there is nothing to put in order.
    unsafe { libc::_exit(status) }
}
