//! The functions of `epp_entry`.
use std::ffi::c_char;
use std::mem::size_of;

use super::failure::{Failure, guard, guard_value};
use super::{Library, calls, creation};
use crate::sdk::Potential;
use crate::sys;

/// A library, as a type: its entry's functions have no argument that could tell which one is meant.
pub trait Plugin: 'static {
    /// What the library offers.
    fn library() -> &'static Library;
}

/// The entry of a library.
pub const fn entry<T: Plugin>() -> sys::Entry {
    sys::Entry {
        struct_size: size_of::<sys::Entry>() as u64,
        magic: sys::MAGIC,
        abi_major: sys::ABI_MAJOR,
        abi_minor: sys::ABI_MINOR,
        required: 0,
        count: Some(count::<T>),
        descriptor: Some(descriptor::<T>),
        create: Some(create::<T>),
        extension: Some(extension),
    }
}

unsafe extern "C" fn count<T: Plugin>() -> u32 {
    guard_value(0, || u32::try_from(T::library().count()).unwrap_or(u32::MAX))
}

unsafe extern "C" fn descriptor<T: Plugin>(index: u32) -> *const sys::Descriptor {
    guard_value(std::ptr::null(), || {
        T::library().descriptor(index as usize).map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

unsafe extern "C" fn create<T: Plugin>(
    request: *const sys::Create,
    out: *mut *mut sys::Potential,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes pointers that are null or as `epp.h` says.
    unsafe { create_into(request, out, error, |raw| T::library().create(raw)) }
}

/// As the entry's `create`, for one type and whatever the id.
///
/// # Safety
/// As for the entry's `create`: pointers are null or as `epp.h` says.
pub(in crate::sdk) unsafe fn create_one<P: Potential>(
    request: *const sys::Create,
    out: *mut *mut sys::Potential,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: by the caller's promise.
    unsafe { create_into(request, out, error, |raw| calls::create::<P>(raw)) }
}

/// # Safety
/// As for the entry's `create`.
unsafe fn create_into(
    request: *const sys::Create,
    out: *mut *mut sys::Potential,
    error: *mut sys::Error,
    create: impl FnOnce(&sys::Create) -> Result<*mut sys::Potential, Failure>,
) -> i32 {
    // SAFETY: by the caller's promise.
    unsafe {
        guard(error, || {
            if out.is_null() || !out.is_aligned() {
                return Err(Failure::invalid("create: out is null or misaligned"));
            }
            out.write(create(&creation::read(request)?)?);
            Ok(())
        })
    }
}

unsafe extern "C" fn extension(_id: *const c_char) -> *const std::ffi::c_void {
    std::ptr::null()
}
