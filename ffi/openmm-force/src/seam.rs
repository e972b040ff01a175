//! The Rust side of `cpp/seam.h`.

use std::ffi::{CStr, c_char};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::slice::from_raw_parts;

use freeland_loader::Level;

use crate::instance::{Instance, Settings, StepError};
use crate::log;

/// `freeland_text`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    bytes: *const c_char,
    length: u64,
}

impl Text {
    /// # Safety
    /// `bytes` has `length` bytes, which live while the result does.
    unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { from_raw_parts(self.bytes.cast(), self.length as usize) }
    }
}

/// `freeland_settings`
#[repr(C)]
pub struct RawSettings {
    plugin: Text,
    config: Text,
    search_path: Text,
    sha256: Text,
    folder: Text,
    own_folder: Text,
    writable: Text,
    time_limit_ms: u64,
    memory: u64,
    threads: u32,
    in_worker: i32,
    trust_writable: i32,
    confinement_required: i32,
}

/// `freeland_facts`
#[repr(C)]
pub struct Facts {
    atoms: u64,
    parameters: u64,
    bonds: u64,
    dimensions: u32,
    periodic: u32,
    bond_atoms: *const u32,
}

/// `freeland_message`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    text: *mut c_char,
    capacity: u64,
}

impl Message {
    /// Writes as much of `text` as fits, cut between characters.
    ///
    /// # Safety
    /// The buffer has `capacity` bytes.
    unsafe fn write(self, text: impl Display) {
        let text = text.to_string();
        if self.text.is_null() || self.capacity == 0 {
            return;
        }
        let most = text.len().min(self.capacity as usize - 1);
        let length = (0..=most).rfind(|&end| text.is_char_boundary(end)).unwrap_or(0);
        // SAFETY: `length` bytes and the NUL fit the buffer by the caller's promise.
        unsafe {
            self.text.copy_from_nonoverlapping(text.as_ptr().cast(), length);
            self.text.add(length).write(0);
        }
    }
}

/// The words of a panic.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words");
    format!("panic in the Force: {words}")
}

/// Opens a plugin; null and a sentence where that fails.
///
/// # Safety
/// As `cpp/seam.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_openmm_open(
    settings: *const RawSettings,
    facts: *mut Facts,
    message: Message,
) -> *mut Instance {
    let opened = catch_unwind(|| {
        // SAFETY: the caller's promise: all texts live through the call.
        let settings = unsafe {
            let raw = &*settings;
            Settings {
                plugin: raw.plugin.bytes(),
                config: raw.config.bytes(),
                search_path: raw.search_path.bytes(),
                sha256: raw.sha256.bytes(),
                folder: raw.folder.bytes(),
                own_folder: raw.own_folder.bytes(),
                writable: raw.writable.bytes(),
                time_limit_ms: raw.time_limit_ms,
                memory: raw.memory,
                in_worker: raw.in_worker != 0,
                trust_writable: raw.trust_writable != 0,
                confinement_required: raw.confinement_required != 0,
                threads: raw.threads,
            }
        };
        Instance::open(&settings)
    });
    match opened {
        Ok(Ok(instance)) => {
            let instance = Box::new(instance);
            let info = instance.info();
            let bonds = instance.bonds();
            let told = Facts {
                atoms: info.atoms as u64,
                parameters: instance.parameters().len() as u64,
                bonds: bonds.len() as u64,
                dimensions: info.dimensions as u32,
                periodic: info.is_periodic().into(),
                bond_atoms: bonds.as_ptr().cast(),
            };
            // SAFETY: the caller's promise.
            unsafe { facts.write(told) };
            return Box::into_raw(instance);
        }
        // SAFETY: the caller's promise.
        Ok(Err(error)) => unsafe { message.write(error) },
        // SAFETY: as above.
        Err(panic) => unsafe { message.write(panic_text(&*panic)) },
    }
    null_mut()
}

/// Closes a plugin.
///
/// # Safety
/// `instance` is of [`freeland_openmm_open`], and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_openmm_close(instance: *mut Instance) {
    // SAFETY: the caller's promise. A panic on the way out has nobody to hear of it.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(instance) })));
}

/// The name of a parameter, null beyond the last.
///
/// # Safety
/// `instance` is open; `value` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_openmm_parameter(
    instance: *const Instance,
    index: u64,
    value: *mut f64,
) -> *const c_char {
    // SAFETY: the caller's promise.
    let parameters = unsafe { &*instance }.parameters();
    let Some((name, default)) = parameters.get(index as usize) else { return null() };
    // SAFETY: the caller's promise.
    unsafe { value.write(*default) };
    CStr::as_ptr(name)
}

/// `FREELAND_DONE`, `FREELAND_CALL_FAILED`, `FREELAND_CONFIGURATION_FAILED`
const DONE: i32 = 0;
const CALL_FAILED: i32 = 1;
const CONFIGURATION_FAILED: i32 = 2;

/// Energy and gradient of one configuration; or a code and a sentence.
///
/// # Safety
/// As `cpp/seam.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_openmm_evaluate(
    instance: *const Instance,
    positions: *const f64,
    box_rows: *const f64,
    parameters: *const f64,
    energy: *mut f64,
    gradient: *mut f64,
    message: Message,
) -> i32 {
    let evaluated = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller's promise: every buffer has its length, and none overlaps another.
        unsafe {
            let instance = &*instance;
            let (row, names) = (instance.coordinates(), instance.parameters().len());
            instance.evaluate(
                from_raw_parts(positions, row),
                (!box_rows.is_null()).then(|| from_raw_parts(box_rows, 9)),
                (!parameters.is_null()).then(|| from_raw_parts(parameters, names)),
                &mut *energy,
                std::slice::from_raw_parts_mut(gradient, row),
            )
        }
    }));
    let (code, text) = match evaluated {
        Ok(Ok(())) => return DONE,
        Ok(Err(error @ StepError::Sample { .. })) => (CONFIGURATION_FAILED, error.to_string()),
        Ok(Err(error)) => (CALL_FAILED, error.to_string()),
        Err(panic) => (CALL_FAILED, panic_text(&*panic)),
    };
    // SAFETY: the caller's promise.
    unsafe { message.write(text) };
    code
}

/// Logs a warning.
///
/// # Safety
/// `text` is NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_openmm_warn(text: *const c_char) {
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    log::say(Level::Warning, log::OWN, &text);
}
