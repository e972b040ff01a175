//! The potentials of one library, and what is said of them.
use std::ffi::{CStr, CString, c_char};
use std::mem::size_of;
use std::sync::OnceLock;

use super::calls::create;
use super::config;
use super::failure::Failure;
use crate::sdk::description::{dtype_bits, symmetry_bits};
use crate::sdk::{Description, Potential};
use crate::sys;

/// Makes instances of one type.
pub struct Factory {
    description: Description,
    schema: fn() -> String,
    create: unsafe fn(&sys::Create) -> Result<*mut sys::Potential, Failure>,
}

impl Factory {
    /// The factory of `P`.
    pub const fn of<P: Potential>() -> Self {
        Self { description: P::DESCRIPTION, schema: config::schema::<P::Config>, create: create::<P> }
    }
}

/// All that a library offers.
pub struct Library {
    factories: &'static [Factory],
    descriptors: OnceLock<Vec<Descriptor>>,
}

impl Library {
    /// Refuses, while compiling, ids that are empty, not kebab-case or given twice.
    pub const fn new(factories: &'static [Factory]) -> Self {
        let mut i = 0;
        while i < factories.len() {
            let id = factories[i].description.id.as_bytes();
            assert!(
                is_kebab_case(id),
                "the id of a potential must be kebab-case: a-z, 0-9 and single hyphens"
            );
            let mut j = 0;
            while j < i {
                assert!(
                    !equal(id, factories[j].description.id.as_bytes()),
                    "two potentials have the same id"
                );
                j += 1;
            }
            i += 1;
        }
        Self { factories, descriptors: OnceLock::new() }
    }

    /// How many potentials there are.
    pub(super) fn count(&self) -> usize {
        self.factories.len()
    }

    /// The description of one; `None` beyond count.
    pub(super) fn descriptor(&'static self, index: usize) -> Option<&'static sys::Descriptor> {
        let descriptors =
            self.descriptors.get_or_init(|| self.factories.iter().map(Descriptor::new).collect());
        descriptors.get(index).map(|descriptor| &descriptor.raw)
    }

    /// Makes an instance.
    ///
    /// # Safety
    /// `request` is as `epp.h` says, its host until the instance is destroyed.
    pub(super) unsafe fn create(&self, request: &sys::Create) -> Result<*mut sys::Potential, Failure> {
        let id = request.id;
        if id.is_null() {
            return Err(Failure::invalid("create: id is null"));
        }
        // SAFETY: not null, and by the caller's promise NUL-terminated.
        let id = unsafe { CStr::from_ptr(id) };
        let factory =
            self.factories.iter().find(|factory| factory.description.id.as_bytes() == id.to_bytes());
        let Some(factory) = factory else {
            let known: Vec<_> = self.factories.iter().map(|factory| factory.description.id).collect();
            let text = format!(
                "no potential `{}` here; this library has: {}",
                id.to_string_lossy(),
                known.join(", ")
            );
            return Err(Failure::new(sys::E_UNKNOWN_ID, text));
        };
        // SAFETY: by the caller's promise.
        unsafe { (factory.create)(request) }
    }
}

/// An `epp_descriptor`. Its texts are given away for good: they live as long as the process, as the header says.
struct Descriptor {
    raw: sys::Descriptor,
    _required_extensions: Vec<*const c_char>,
}

// SAFETY: the pointers lead to buffers that nobody changes or frees.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    fn new(factory: &Factory) -> Self {
        let description = &factory.description;
        let required =
            |text: &str| CString::new(text.replace('\0', " ")).unwrap_or_default().into_raw().cast_const();
        let mut extensions: Vec<_> = description.required_extensions.iter().map(|id| required(id)).collect();
        extensions.push(std::ptr::null());
        let id = required(description.id);
        let name = required(if description.name.is_empty() { description.id } else { description.name });
        let version = required(description.version);
        let schema = required(&(factory.schema)());
        let optional = |text: &str| if text.is_empty() { std::ptr::null() } else { required(text) };
        let raw = sys::Descriptor {
            struct_size: size_of::<sys::Descriptor>() as u64,
            id,
            name,
            version,
            vendor: optional(description.vendor),
            license: optional(description.license),
            url: optional(description.url),
            citation: optional(description.citation),
            config_schema_json: schema,
            thread_model: description.thread_model as u32,
            determinism: description.determinism as u32,
            dtypes: dtype_bits(description.dtypes),
            symmetries: symmetry_bits(description.symmetries),
            units: description.units as u32,
            topology: description.topology as u32,
            flags: 0,
            required: 0,
            required_extensions: if extensions.len() == 1 { std::ptr::null() } else { extensions.as_ptr() },
        };
        Self { raw, _required_extensions: extensions }
    }
}

const fn is_kebab_case(id: &[u8]) -> bool {
    let mut i = 0;
    let mut after_hyphen = true;
    while i < id.len() {
        match id[i] {
            b'a'..=b'z' | b'0'..=b'9' => after_hyphen = false,
            b'-' if !after_hyphen => after_hyphen = true,
            _ => return false,
        }
        i += 1;
    }
    !after_hyphen
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
