//! The functions of `epp_potential`, and how an instance is made.
use std::ffi::{c_char, c_void};
use std::mem::size_of;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::failure::{Failure, guard, guard_value};
use super::instance::{Instance, pointer};
use super::{batch, config, creation, extensions};
use crate::sdk::{Batch, CreateError, CreateRequest, Host, Potential};
use crate::{sys, versioned};

/// Makes an instance of `P`.
///
/// # Safety
/// `raw` is as `epp.h` says, its host until the instance is destroyed.
pub(super) unsafe fn create<P: Potential>(raw: &sys::Create) -> Result<*mut sys::Potential, Failure> {
    // SAFETY: by the caller's promise.
    let config = unsafe { config::parse::<P::Config>(raw.config_json) }?;
    // SAFETY: by the caller's promise.
    unsafe { build::<P>(raw, |request| P::create(request.with(config))) }
}

/// Makes an instance with the author's `make`; closes the host again where that fails.
///
/// # Safety
/// As for [`create`].
unsafe fn build<P: Potential>(
    raw: &sys::Create,
    make: impl FnOnce(CreateRequest<()>) -> Result<P, CreateError>,
) -> Result<*mut sys::Potential, Failure> {
    struct CloseOnFailure(Option<Host>);
    impl Drop for CloseOnFailure {
        fn drop(&mut self) {
            if let Some(host) = &self.0 {
                host.close();
            }
        }
    }

    // SAFETY: by the caller's promise.
    let request = unsafe { creation::translate(raw, &P::DESCRIPTION) }?;
    let host = request.host.clone();
    let mut guard = CloseOnFailure(Some(host.clone()));
    let instance = Box::into_raw(Box::new(Instance::new(make(request)?, host, table::<P>())?));
    guard.0 = None;
    // SAFETY: just made, and not yet shared; `destroy` frees it.
    unsafe {
        (*instance).table.self_ = instance.cast();
        Ok(&raw mut (*instance).table)
    }
}

/// The functions for instances of `P`.
fn table<P: Potential>() -> sys::Potential {
    sys::Potential {
        struct_size: size_of::<sys::Potential>() as u64,
        self_: std::ptr::null_mut(),
        info: Some(info::<P>),
        evaluate: Some(evaluate::<P>),
        extension: Some(extension::<P>),
        destroy: Some(destroy::<P>),
        derive: if P::DERIVES { Some(derive::<P>) } else { None },
    }
}

unsafe extern "C" fn info<P: Potential>(
    self_: *mut c_void,
    out: *mut sys::Info,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            let info = &instance.info;
            let raw = sys::Info {
                struct_size: size_of::<sys::Info>() as u64,
                atoms: info.atoms as u64,
                max_batch: info.max_batch as u64,
                preferred_batch: info.preferred_batch as u64,
                dimensions: info.dimensions as u32,
                periodic: info.periodic,
                cutoff_nm: info.cutoff_nm,
                required: info.required_bits(),
                flags: info.flag_bits(),
                thread_model: info.thread_model.map_or(0, |model| model as u32),
                determinism: info.determinism.map_or(0, |determinism| determinism as u32),
                dtypes: info.dtype_bits(),
                symmetries: info.symmetry_bits(),
                units: info.units.map_or(0, |units| units as u32),
                threads_inside: u32::try_from(info.threads_inside).unwrap_or(u32::MAX),
                fingerprint: pointer(instance.fingerprint.as_ref()),
            };
            if versioned::write(out, &raw) {
                Ok(())
            } else {
                Err(Failure::invalid("info: out is null, misaligned or its struct_size is below 8"))
            }
        })
    }
}

unsafe extern "C" fn evaluate<P: Potential>(
    self_: *mut c_void,
    batch: *const sys::Batch,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            // Whatever happens in there, statuses are settled and failures blanked.
            let serve = |batch: &mut Batch<'_>| {
                let outcome = catch_unwind(AssertUnwindSafe(|| instance.potential().evaluate(batch)));
                batch.blank_failures();
                Ok(outcome.map_err(Failure::panic)??)
            };
            batch::check(batch, instance, serve)
        })
    }
}

unsafe extern "C" fn extension<P: Potential>(self_: *mut c_void, id: *const c_char) -> *const c_void {
    guard_value(std::ptr::null(), || {
        // SAFETY: the host passes its `self` and a text, or null.
        unsafe { extensions::find::<P>(self_, id) }
    })
}

unsafe extern "C" fn destroy<P: Potential>(self_: *mut c_void) {
    if self_.is_null() {
        return;
    }
    guard_value((), || {
        // SAFETY: made by Box::into_raw in `build`; the host uses `self` no more.
        drop(unsafe { Box::from_raw(self_.cast::<Instance<P>>()) });
    });
}

unsafe extern "C" fn derive<P: Potential>(
    self_: *mut c_void,
    request: *const sys::Create,
    out: *mut *mut sys::Potential,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            if out.is_null() || !out.is_aligned() {
                return Err(Failure::invalid("derive: out is null or misaligned"));
            }
            let raw = creation::read(request)?;
            out.write(build::<P>(&raw, |request| instance.potential().derive(request))?);
            Ok(())
        })
    }
}
