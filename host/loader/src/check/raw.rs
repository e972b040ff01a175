//! A plugin as C sees it: every function is called as it is, and nothing it says is made better.

use std::ffi::{CStr, CString, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::{Arc, LazyLock};

use epp::sys;

use super::verdict::{Finding, failed};
use crate::descriptor::Descriptor;
use crate::entry::{Functions, Head, MOST_POTENTIALS, Unfit, map};
use crate::host::Host;
use crate::info::Info;
use crate::log::Log;
use crate::status::Code;
pub(crate) use crate::table::NO_REASON;
use crate::table::{self, Message};

/// Room for one sentence of a plugin.
const SENTENCE: usize = 4096;

/// A library that is mapped; nothing of it was called.
pub(crate) struct Mapped {
    entry: *const sys::Entry,
}

/// A library whose entry is in order.
pub(crate) struct Library {
    pub(crate) entry: Functions,
}

/// How `create` refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Refusal {
    /// `bad configuration: there is no key "x"`
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {}", Code(self.code), self.text)
    }
}

impl Mapped {
    /// `dlopen`, all symbols at once, as hosts do.
    pub(crate) fn open(path: &Path) -> Result<Self, Finding> {
        // SAFETY: this process was made for that.
        let entry = unsafe { map(path) };
        let entry = entry.map_err(|reason| failed(format!("the system's loader refuses it: {reason}")))?;
        Ok(Self { entry })
    }

    /// Magic and version, which may be read whatever the rest is.
    pub(crate) fn head(&self) -> Result<Head, Finding> {
        if self.entry.is_null() {
            return Err(failed(format!("it does not export {}", sys::ENTRY_SYMBOL)));
        }
        // SAFETY: a symbol of a library that is mapped for good.
        Ok(unsafe { Head::read(self.entry) })
    }

    /// The functions of the entry.
    pub(crate) fn functions(&self) -> Result<Functions, Finding> {
        // SAFETY: magic and major were compared by the checks that come first.
        unsafe { Functions::read(self.entry) }.map_err(|unfit| match unfit {
            Unfit::Table(problem) => failed(problem.to_string()),
            Unfit::Required(bits) => {
                failed(format!("it needs of its host what version 1.0 does not define (bits {bits:#x})"))
            }
        })
    }
}

impl Library {
    /// Opens a library.
    pub(crate) fn open(path: &Path) -> Result<Self, Finding> {
        Ok(Self { entry: Mapped::open(path)?.functions()? })
    }

    /// What the library says it offers, checked as the loader does.
    pub(crate) fn descriptors(&self) -> Result<Vec<Descriptor>, Finding> {
        // SAFETY: any thread.
        let count = unsafe { (self.entry.count)() };
        if count == 0 || count > MOST_POTENTIALS {
            return Err(failed(format!(
                "it says it offers {count} potentials, expected 1 to {MOST_POTENTIALS}"
            )));
        }
        let mut descriptors: Vec<Descriptor> = Vec::new();
        for index in 0..count {
            // SAFETY: the index is below the count; what comes back is static, or refused.
            let found = unsafe { Descriptor::read((self.entry.descriptor)(index)) };
            let found = found.map_err(|problem| failed(format!("potential {index}: {problem}")))?;
            if descriptors.iter().any(|earlier| earlier.id == found.id) {
                let id = &found.id;
                return Err(failed(format!("potential {index}: its id '{id}' was given to an earlier one")));
            }
            descriptors.push(found);
        }
        Ok(descriptors)
    }

    /// Calls `create`; the outer error is a broken contract.
    pub(crate) fn try_create(
        &self,
        id: &CStr,
        config: Option<&CStr>,
        topology: Option<&sys::Topology>,
    ) -> Result<Result<Instance, Refusal>, Finding> {
        self.try_request(&request(id, config, topology))
    }

    /// As [`Library::try_create`], by a request of the caller's own.
    pub(crate) fn try_request(&self, request: &sys::Create) -> Result<Result<Instance, Refusal>, Finding> {
        // SAFETY: every text and struct lives through the call.
        made(|out, error| unsafe { (self.entry.create)(request, out, error) })
    }

    /// An instance, where the configuration is one that was found good before.
    pub(crate) fn create(&self, id: &str, config: &str) -> Result<Instance, Finding> {
        let (id, config) = (c_text(id)?, c_text(config)?);
        self.try_create(&id, Some(&config), None)?
            .map_err(|refusal| failed(format!("create fails ({})", refusal.sentence())))
    }
}

/// What `make` makes; the outer error is a broken contract.
fn made(
    make: impl FnOnce(*mut *mut sys::Potential, *mut sys::Error) -> i32,
) -> Result<Result<Instance, Refusal>, Finding> {
    let mut message = Message::<SENTENCE>::new();
    let mut out = null_mut();
    let code = make(&mut out, &mut message.raw());
    if code != sys::OK {
        return Ok(Err(Refusal { code, text: message.text() }));
    }
    Instance::of(out).map(Ok)
}

/// What `create` is asked for by this host, which lives as long as the process.
pub(crate) fn request(id: &CStr, config: Option<&CStr>, topology: Option<&sys::Topology>) -> sys::Create {
    static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| Host::new("checked", Log::default()));
    sys::Create {
        struct_size: size_of::<sys::Create>() as u64,
        id: id.as_ptr(),
        config_json: config.map_or(null(), CStr::as_ptr),
        folder: null(),
        topology: topology.map_or(null(), std::ptr::from_ref),
        host: HOST.as_raw(),
        threads: 0,
        required: 0,
    }
}

/// Text for a plugin.
pub(crate) fn c_text(text: &str) -> Result<CString, Finding> {
    table::c_text(text).ok_or_else(|| Finding::Skipped(format!("'{}' holds a NUL", text.escape_debug())))
}

/// A created instance; destroyed when it is dropped, by the thread that drops it.
pub(crate) struct Instance {
    pub(crate) self_: *mut c_void,
    pub(crate) info: unsafe extern "C" fn(*mut c_void, *mut sys::Info, *mut sys::Error) -> i32,
    pub(crate) evaluate: unsafe extern "C" fn(*mut c_void, *const sys::Batch, *mut sys::Error) -> i32,
    pub(crate) extension: Option<unsafe extern "C" fn(*mut c_void, *const std::ffi::c_char) -> *const c_void>,
    pub(crate) derive: Option<Derive>,
    destroy: unsafe extern "C" fn(*mut c_void),
}

/// `epp_potential.derive`
pub(crate) type Derive =
    unsafe extern "C" fn(*mut c_void, *const sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32;

// SAFETY: checks hand instances to other threads only where the plugin declares that this is allowed.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Instance {
    fn of(out: *mut sys::Potential) -> Result<Self, Finding> {
        // SAFETY: `create` succeeded, so this is an epp_potential, or is refused.
        let potential = unsafe { table::read(out.cast_const()) }
            .map_err(|problem| failed(format!("create returned 0, but {problem}")))?;
        let missing = |name: &str| {
            failed(format!(
                "the function `{name}` of its epp_potential is NULL; only `extension` and `derive` may be"
            ))
        };
        Ok(Self {
            self_: potential.self_,
            info: potential.info.ok_or_else(|| missing("info"))?,
            evaluate: potential.evaluate.ok_or_else(|| missing("evaluate"))?,
            extension: potential.extension,
            derive: potential.derive,
            destroy: potential.destroy.ok_or_else(|| missing("destroy"))?,
        })
    }

    /// Its facts, checked as the loader does.
    pub(crate) fn info(&self, descriptor: &Descriptor) -> Result<Info, Finding> {
        // SAFETY: functions of this instance.
        unsafe { Info::read(self.info, self.self_, descriptor) }
            .map_err(|problem| failed(problem.to_string()))
    }

    /// What it says to an extension's id.
    pub(crate) fn extension(&self, id: &CStr) -> *const c_void {
        // SAFETY: the text lives through the call.
        self.extension.map_or(null(), |extension| unsafe { extension(self.self_, id.as_ptr()) })
    }

    /// Another instance for another molecule; `None` where it offers none.
    pub(crate) fn derive(&self, request: &sys::Create) -> Result<Option<Result<Instance, Refusal>>, Finding> {
        let Some(derive) = self.derive else { return Ok(None) };
        // SAFETY: every text and struct of the request lives through the call.
        made(|out, error| unsafe { derive(self.self_, request, out, error) }).map(Some)
    }

    /// Calls `evaluate`, and gives its code and its sentence.
    ///
    /// # Safety
    /// Every pointer of the batch is null or good for what the header says.
    pub(crate) unsafe fn evaluate(&self, batch: &sys::Batch) -> (i32, String) {
        let mut message = Message::<SENTENCE>::new();
        // SAFETY: the caller's promise; the message lives through the call.
        let code = unsafe { (self.evaluate)(self.self_, batch, &mut message.raw()) };
        (code, if code == sys::OK { String::new() } else { message.text() })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: destroyed once, here.
        unsafe { (self.destroy)(self.self_) }
    }
}
