//! An instance in this process: how it is made, asked, called and destroyed.

use std::ffi::{CString, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::{Arc, OnceLock};

use epp::sdk::{RawTopology, Topology};
use epp::sys;

use crate::access::Access;
use crate::batch::Buffers;
use crate::creation::Creation;
use crate::descriptor::{Descriptor, Threads, TopologyUse};
use crate::error::{CreateError, EvaluateError, OpenError};
use crate::evaluator::Evaluator;
use crate::extensions::Finder;
use crate::facts::Facts;
use crate::host::{self, Host};
use crate::info::Info;
use crate::isolation::Faults;
use crate::library::Library;
use crate::problem::{InstanceProblem, TableProblem};
use crate::request::Request;
use crate::spread::Spread;
use crate::status::{Code, NO_STATUS};
use crate::table::{self, Message};

/// `epp_potential.evaluate`
type Evaluate = unsafe extern "C" fn(*mut c_void, *const sys::Batch, *mut sys::Error) -> i32;

/// `epp_potential.derive`
type Derive =
    unsafe extern "C" fn(*mut c_void, *const sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32;

/// The plugin's side: what is called, and how.
pub(crate) struct Instance {
    evaluate: Evaluate,
    derive: Option<Derive>,
    spread: Spread,
    /// Why it can do nothing any more.
    lost: OnceLock<String>,
    /// What it was made with, for what is derived from it.
    creation: Arc<Made>,
    created: Created,
}

/// What an instance was made with.
struct Made {
    id: String,
    folder: Option<CString>,
    threads: Option<u32>,
    host: Arc<Host>,
}

/// What `create` made and `destroy` takes back.
struct Created {
    self_: *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void),
    access: Access,
    /// It outlives the instance.
    _host: Arc<Host>,
}

// SAFETY: `self_` is only handed to functions of the plugin through `access`, which keeps the thread model that the
// plugin declares; with `serial` and `concurrent` the plugin declares that any thread may use the instance.
unsafe impl Send for Created {}
// SAFETY: as above.
unsafe impl Sync for Created {}

impl Drop for Created {
    fn drop(&mut self) {
        let (destroy, self_) = (self.destroy, self.self_);
        // SAFETY: the instance is destroyed once, here, on the thread it belongs to; nobody else can be using it.
        unsafe { self.access.run(|| destroy(self_)) }
    }
}

/// From which thread an instance is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    /// From any, at any time: its thread model is kept for it.
    Any,
    /// From the one that makes it, which any thread model allows.
    #[cfg(target_os = "linux")]
    One,
}

impl Instance {
    #[inline]
    fn self_(&self) -> *mut c_void {
        self.created.self_
    }

    /// Makes an instance and asks it for all it tells.
    pub(crate) fn create(
        library: &Library,
        id: &str,
        config: &serde_json::Value,
        creation: &Creation,
        callers: Callers,
    ) -> Result<(Self, Facts), CreateError> {
        let unknown = || CreateError::UnknownId {
            library: library.name().to_owned(),
            id: id.to_owned(),
            known: library.ids(),
        };
        let descriptor = library.descriptor(id).ok_or_else(unknown)?;
        let missing = |name: &&String| !host::EXTENSIONS.contains(&name.as_str());
        if let Some(extension) = descriptor.required_extensions.iter().find(missing) {
            return Err(CreateError::MissingExtension { id: id.to_owned(), extension: extension.clone() });
        }
        if descriptor.topology == TopologyUse::Needed && creation.topology.is_none() {
            return Err(CreateError::NeedsTopology { id: id.to_owned() });
        }
        let config = config_text(id, config)?;
        let c_id = table::c_text(id).ok_or_else(unknown)?;
        let made = Arc::new(Made {
            id: id.to_owned(),
            folder: folder_text(id, creation.folder.as_deref())?,
            threads: creation.threads,
            host: Host::new(library.name(), creation.log.clone()),
        });
        let topology = lent(id, creation.topology.as_ref())?;
        let request = made.request(&c_id, &config, topology.as_ref());
        let access = |threads| match callers {
            Callers::Any => Access::new(threads, id, library.lock()).map_err(|error| CreateError::Instance {
                id: id.to_owned(),
                problem: InstanceProblem::Thread(error),
            }),
            #[cfg(target_os = "linux")]
            Callers::One => Ok(Access::Concurrent),
        };
        let make = |threads| {
            Self::finish(descriptor, &made, access(threads)?, library.ids(), |access, out, error| {
                // SAFETY: all texts and structs live through the call; an affine instance is created on its own thread.
                unsafe { access.run(|| (library.create)(&request, out, error)) }
            })
        };
        let (mut instance, facts) = make(descriptor.threads)?;
        let threads = facts.info.threads;
        if callers == Callers::Any && threads != descriptor.threads {
            if matches!(threads, Threads::Affine | Threads::Process) {
                // It was made where, or when, it must not have been: on a thread of ours, or beside others.
                drop(instance);
                return make(threads);
            }
            instance.created.access = access(threads)?;
        }
        Ok((instance, facts))
    }

    /// Makes another one for another molecule.
    pub(crate) fn derived(&self, facts: &Facts, topology: &Topology) -> Result<(Self, Facts), CreateError> {
        let id = &self.creation.id;
        let Some(derive) = self.derive else { return Err(CreateError::CannotDerive { id: id.clone() }) };
        let topology = lent(id, Some(topology))?;
        let request = self.creation.request(c"", c"{}", topology.as_ref());
        let access = self.created.access.derived();
        let made = |access: &Access, out: *mut *mut sys::Potential, error: *mut sys::Error| {
            // SAFETY: all structs live through the call, which is one of this instance, on the thread that it may be
            // called on.
            unsafe { access.run(|| derive(self.self_(), &request, out, error)) }
        };
        // Calls to a serial instance wait for each other: the derived one's own lock does not help there.
        let own = &self.created.access;
        Self::finish(&facts.descriptor, &self.creation, access, Vec::new(), |_, out, error| {
            made(own, out, error)
        })
    }

    /// Asks what `make` makes for all it tells.
    fn finish(
        descriptor: &Descriptor,
        creation: &Arc<Made>,
        access: Access,
        known: Vec<String>,
        make: impl FnOnce(&Access, *mut *mut sys::Potential, *mut sys::Error) -> i32,
    ) -> Result<(Self, Facts), CreateError> {
        let id = &descriptor.id;
        let bad = |problem: InstanceProblem| CreateError::Instance { id: id.clone(), problem };
        let mut message = Message::<8192>::new();
        let mut created = null_mut();
        let code = make(&access, &mut created, &mut message.raw());
        if code != sys::OK {
            return Err(refused(id, code, message.text(), creation, known));
        }
        // SAFETY: `create` succeeded, so this is an epp_potential, or is refused.
        let table = unsafe { table::read(created.cast_const()) }.map_err(|problem| bad(problem.into()))?;
        let null = |function| bad(TableProblem::NullFunction { name: "epp_potential", function }.into());
        let destroy = table.destroy.ok_or_else(|| null("destroy"))?;
        let _host = Arc::clone(&creation.host);
        let created = Created { self_: table.self_, destroy, access, _host };
        // From here on, what was created is destroyed where something is refused.
        let evaluate = table.evaluate.ok_or_else(|| null("evaluate"))?;
        let info_function = table.info.ok_or_else(|| null("info"))?;
        // SAFETY: the functions are those of this instance, and it is used as its thread model says.
        let facts = unsafe {
            created.access.run(|| -> Result<_, InstanceProblem> {
                let info = Info::read(info_function, created.self_, descriptor)?;
                let find = Finder { self_: created.self_, extension: table.extension };
                let topology = find.topology(info.atoms)?;
                let outputs = find.outputs(&info)?;
                let parameters = find.parameters()?;
                Ok(Facts { descriptor: descriptor.clone(), info, topology, outputs, parameters })
            })
        };
        let facts = facts.map_err(bad)?;
        let spread = Spread::new(&facts.info, creation.threads);
        let creation = Arc::clone(creation);
        let instance =
            Self { evaluate, derive: table.derive, spread, lost: OnceLock::new(), creation, created };
        Ok((instance, facts))
    }

    /// Configurations `from .. from + count`, in as many calls as `max_batch` demands.
    ///
    /// # Safety
    /// As [`Buffers::call`].
    #[inline]
    unsafe fn stretch(
        &self,
        facts: &Facts,
        buffers: &Buffers<'_>,
        mut from: usize,
        count: usize,
    ) -> Result<(), EvaluateError> {
        let (most, end) = (facts.info.max_batch.unwrap_or(usize::MAX), from + count);
        while from < end {
            let here = most.min(end - from);
            // SAFETY: the caller's promise; the buffers were checked and live through the call.
            let told = table::told(|error| unsafe {
                buffers.call(from, here, |batch| {
                    self.created.access.run(|| (self.evaluate)(self.self_(), batch, error))
                })
            });
            told.map_err(|(code, sentence)| self.failed(code, sentence))?;
            from += here;
        }
        Ok(())
    }

    /// The error that a code of `evaluate` is; after a fatal one, the instance is lost.
    #[cold]
    fn failed(&self, code: Code, reason: String) -> EvaluateError {
        if code.is_fatal() {
            let _ = self.lost.set(reason.clone());
        }
        EvaluateError::Failed { id: self.creation.id.clone(), code, reason }
    }

    /// All `count` configurations.
    ///
    /// # Safety
    /// There are so many, and nobody else uses them meanwhile.
    #[inline]
    pub(crate) unsafe fn run(
        &self,
        facts: &Facts,
        buffers: &Buffers<'_>,
        count: usize,
    ) -> Result<(), EvaluateError> {
        let share = self.spread.share(count, facts.info.preferred_batch);
        if share < count {
            return self.spread_out(facts, buffers, count, share);
        }
        // SAFETY: the caller's promise.
        self.spread.timed(count, || unsafe { self.stretch(facts, buffers, 0, count) })
    }

    /// As [`Instance::stretch`], a share for each of several threads.
    #[cold]
    fn spread_out(
        &self,
        facts: &Facts,
        buffers: &Buffers<'_>,
        count: usize,
        share: usize,
    ) -> Result<(), EvaluateError> {
        let shares = count.div_ceil(share);
        let mut results: Vec<Result<(), EvaluateError>> = (0..shares).map(|_| Ok(())).collect();
        let run = |index: usize, result: &mut Result<(), EvaluateError>| {
            let from = index * share;
            let count = share.min(count - from);
            // SAFETY: the shares do not overlap.
            *result = self.spread.timed(count, || unsafe { self.stretch(facts, buffers, from, count) });
        };
        rayon::in_place_scope(|scope| {
            let (first, others) = results.split_first_mut().expect("a batch that is spread has shares");
            for (index, result) in others.iter_mut().enumerate() {
                let run = &run;
                scope.spawn(move |_| run(index + 1, result));
            }
            run(0, first);
        });
        results.into_iter().collect()
    }
}

impl Evaluator for Instance {
    #[inline]
    fn evaluate(&self, facts: &Facts, request: &mut Request<'_>) -> Result<(), EvaluateError> {
        if let Some(reason) = self.lost.get() {
            return Err(EvaluateError::Lost { id: self.creation.id.clone(), reason: reason.clone() });
        }
        let count = request.statuses.len();
        request.statuses.fill(NO_STATUS);
        // SAFETY: the request is this call's, and has so many configurations.
        let result = unsafe { self.run(facts, &Buffers::of(request, facts), count) };
        if result.is_err() {
            request.statuses.fill(sys::SAMPLE_INTERNAL);
        }
        result
    }

    fn derive(&self, facts: &Facts, topology: &Topology) -> Result<(Box<dyn Evaluator>, Facts), OpenError> {
        let (instance, facts) = self.derived(facts, topology)?;
        Ok((Box::new(instance), facts))
    }

    fn faults(&self) -> Option<Faults> {
        None
    }

    fn unconfined(&self) -> Vec<String> {
        vec!["the plugin runs in the process of the host, which keeps it from nothing".to_owned()]
    }
}

impl Made {
    /// The struct to hand over; it points into what it is given.
    fn request(
        &self,
        id: &std::ffi::CStr,
        config: &std::ffi::CStr,
        topology: Option<&RawTopology>,
    ) -> sys::Create {
        sys::Create {
            struct_size: size_of::<sys::Create>() as u64,
            id: id.as_ptr(),
            config_json: config.as_ptr(),
            folder: self.folder.as_ref().map_or(null::<c_char>(), |folder| folder.as_ptr()),
            topology: topology.map_or(null(), |topology| std::ptr::from_ref(topology.as_raw())),
            host: self.host.as_raw(),
            threads: self.threads.unwrap_or(0),
            required: 0,
        }
    }
}

/// The error that a code of `create` or `derive` is.
fn refused(id: &str, code: i32, reason: String, made: &Made, known: Vec<String>) -> CreateError {
    let id = id.to_owned();
    match code {
        sys::E_UNKNOWN_ID => CreateError::UnknownId { library: made.host.library().to_owned(), id, known },
        sys::E_BAD_CONFIG => CreateError::BadConfig { id, reason },
        sys::E_BAD_TOPOLOGY => CreateError::BadTopology { id, reason },
        code => CreateError::Failed { id, code: Code(code), reason },
    }
}

/// A molecule as it crosses the boundary.
fn lent(id: &str, topology: Option<&Topology>) -> Result<Option<RawTopology>, CreateError> {
    let raw = topology.map(|topology| RawTopology::new(topology.clone(), topology.atoms())).transpose();
    raw.map_err(|problem| CreateError::HostTopology { id: id.to_owned(), problem })
}

/// The folder that paths start from, absolute.
fn folder_text(id: &str, folder: Option<&Path>) -> Result<Option<CString>, CreateError> {
    let Some(folder) = folder else { return Ok(None) };
    let bad = || CreateError::Folder { id: id.to_owned(), folder: folder.to_owned() };
    let absolute = std::path::absolute(folder).map_err(|_| bad())?;
    let text: &OsStr = absolute.as_os_str();
    CString::new(text.as_bytes()).map(Some).map_err(|_| bad())
}

fn config_text(id: &str, config: &serde_json::Value) -> Result<CString, CreateError> {
    use serde_json::Value;
    let found = match config {
        Value::Null => return Ok(c"{}".to_owned()),
        Value::Object(_) => {
            // JSON text escapes control characters, NUL among them.
            return Ok(CString::new(config.to_string()).expect("JSON text holds no NUL"));
        }
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
    };
    Err(CreateError::NotAnObject { id: id.to_owned(), found })
}
