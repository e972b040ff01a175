//! Which thread may call an instance when: the thread model of a potential, kept by construction.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::descriptor::Threads;
use crate::floating_point::kept;

/// Runs calls to an instance as its thread model demands.
pub(crate) enum Access {
    /// At once, on the caller's thread.
    Concurrent,
    /// On the caller's thread, one after the other.
    Serial(Mutex<()>),
    /// On a thread of its own, which it shares with what is derived from it.
    Affine(Arc<OwnThread>),
    /// On the caller's thread, one after the other over all instances that have this lock.
    Process(Arc<Mutex<()>>),
}

impl Access {
    /// `library`: the lock of the library, for those of its instances that exclude each other.
    pub(crate) fn new(threads: Threads, name: &str, library: &Arc<Mutex<()>>) -> std::io::Result<Self> {
        Ok(match threads {
            Threads::Concurrent => Self::Concurrent,
            Threads::Serial => Self::Serial(Mutex::new(())),
            Threads::Affine => Self::Affine(Arc::new(OwnThread::start(name)?)),
            Threads::Process => Self::Process(Arc::clone(library)),
        })
    }

    /// For an instance that is derived from one with this access, and has the same thread model.
    pub(crate) fn derived(&self) -> Self {
        match self {
            Self::Concurrent => Self::Concurrent,
            Self::Serial(_) => Self::Serial(Mutex::new(())),
            Self::Affine(thread) => Self::Affine(Arc::clone(thread)),
            Self::Process(lock) => Self::Process(Arc::clone(lock)),
        }
    }

    /// Runs `call` where and when it may run, and returns what it returns.
    ///
    /// # Safety
    /// With the thread model `affine`, `call` runs on another thread while the caller waits: what it captures and
    /// returns must bear that, although it need not be [`Send`] (raw pointers are not).
    #[inline]
    pub(crate) unsafe fn run<R>(&self, call: impl FnOnce() -> R) -> R {
        // Here, or on the thread that it belongs to.
        let call = || kept(call);
        match self {
            Self::Concurrent => call(),
            Self::Serial(lock) => {
                let _one_at_a_time = lock.lock().unwrap_or_else(PoisonError::into_inner);
                call()
            }
            Self::Process(lock) => {
                let _one_at_a_time = lock.lock().unwrap_or_else(PoisonError::into_inner);
                call()
            }
            // SAFETY: the caller's promise.
            Self::Affine(thread) => unsafe { thread.run(call) },
        }
    }
}

type Task = Box<dyn FnOnce() + Send>;

/// A thread that runs what it is given, in order, until it is dropped.
pub(crate) struct OwnThread {
    tasks: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnThread {
    fn start(name: &str) -> std::io::Result<Self> {
        let (tasks, inbox) = sync_channel::<Task>(1);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || inbox.into_iter().for_each(|task| task()))?;
        Ok(Self { tasks: Some(tasks), thread: Some(thread) })
    }

    /// # Safety
    /// As [`Access::run`].
    unsafe fn run<R>(&self, call: impl FnOnce() -> R) -> R {
        struct Carried<T>(T);
        // SAFETY: the caller promises that another thread may have it.
        unsafe impl<T> Send for Carried<T> {}
        impl<T> Carried<T> {
            fn take(self) -> T {
                self.0
            }
        }

        let (answer, answered) = sync_channel(1);
        let call = Carried((call, answer));
        let task: Box<dyn FnOnce() + Send + '_> = Box::new(move || {
            let (call, answer) = call.take();
            let result = catch_unwind(AssertUnwindSafe(call));
            // The receiver waits below, so this cannot fail.
            let _ = answer.send(Carried(result));
        });
        // SAFETY: only the lifetime changes. The task has run to its end, and dropped all it borrows, before `recv`
        // below returns, so nothing outlives what it borrows: the answer is the last thing it sends.
        let task: Task = unsafe { std::mem::transmute(task) };
        let tasks = self.tasks.as_ref().expect("the channel is closed only by drop");
        tasks.send(task).expect("the thread ends only when the channel closes");
        match answered.recv().expect("the task always answers: it catches panics").take() {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl Drop for OwnThread {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // A panic was handed to the caller already.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::current;

    #[test]
    fn affine_runs_everything_on_one_other_thread() {
        let access = Access::new(Threads::Affine, "own", &Arc::default()).unwrap();
        // SAFETY: only Send data is captured.
        let ids = [(); 3].map(|()| unsafe { access.run(|| current().id()) });
        assert!(ids.iter().all(|&id| id == ids[0] && id != current().id()));
    }

    #[test]
    fn a_panic_on_the_own_thread_reaches_the_caller_and_the_thread_goes_on() {
        let access = Access::new(Threads::Affine, "own", &Arc::default()).unwrap();
        // SAFETY: only Send data is captured.
        let caught = catch_unwind(AssertUnwindSafe(|| unsafe { access.run(|| panic!("on purpose")) }));
        assert!(caught.is_err());
        // SAFETY: as above.
        assert_eq!(unsafe { access.run(|| 7) }, 7);
    }
}
