//! What leaves the library. The linker exports Rust's own symbols only, so each passes on to its C++ half.

use std::ffi::{c_char, c_void};

unsafe extern "C" {
    fn freeland_shim_register();
    fn freeland_shim_create(options: *const c_void, error: *mut c_char, capacity: u64) -> *mut c_void;
    fn freeland_shim_check(options: *const c_void, error: *mut c_char, capacity: u64) -> i32;
    fn freeland_shim_xml(
        options: *const c_void,
        xml: *mut c_char,
        capacity: u64,
        error: *mut c_char,
        error_capacity: u64,
    ) -> u64;
    fn freeland_shim_layout() -> u32;
    fn freeland_shim_impl(force: *const c_void, error: *mut c_char, capacity: u64) -> *mut c_void;
    fn freeland_shim_is_periodic(force: *const c_void, error: *mut c_char, capacity: u64) -> i32;
}

/// Called by `Platform::loadPluginLibrary` of OpenMM.
#[unsafe(no_mangle)]
pub extern "C" fn registerKernelFactories() {
    // SAFETY: takes nothing, catches everything, and may be called again.
    unsafe { freeland_shim_register() }
}

/// As `epp_openmm.h` says. Every plugin of OpenMM's has a `registerKernelFactories`, so that a call by that name may reach
/// another library.
#[unsafe(no_mangle)]
pub extern "C" fn epp_force_register() {
    // SAFETY: as above.
    unsafe { freeland_shim_register() }
}

/// As `epp_openmm.h` says.
///
/// # Safety
/// As `epp_openmm.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_create(
    options: *const c_void,
    error: *mut c_char,
    capacity: u64,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { freeland_shim_create(options, error, capacity) }
}

/// As `epp_openmm.h` says.
///
/// # Safety
/// As `epp_openmm.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_check(options: *const c_void, error: *mut c_char, capacity: u64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { freeland_shim_check(options, error, capacity) }
}

/// As `epp_openmm.h` says.
///
/// # Safety
/// As `epp_openmm.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_xml(
    options: *const c_void,
    xml: *mut c_char,
    capacity: u64,
    error: *mut c_char,
    error_capacity: u64,
) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { freeland_shim_xml(options, xml, capacity, error, error_capacity) }
}

/// As `epp_openmm.h` says.
#[unsafe(no_mangle)]
pub extern "C" fn epp_force_layout() -> u32 {
    // SAFETY: returns a constant.
    unsafe { freeland_shim_layout() }
}

/// As `epp_openmm.h` says.
///
/// # Safety
/// `force` is an `OpenMM::Force*`; `error` is null or has room for `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_impl(
    force: *const c_void,
    error: *mut c_char,
    capacity: u64,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { freeland_shim_impl(force, error, capacity) }
}

/// As `epp_openmm.h` says.
///
/// # Safety
/// `force` is an `OpenMM::Force*`; `error` is null or has room for `capacity` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_is_periodic(
    force: *const c_void,
    error: *mut c_char,
    capacity: u64,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { freeland_shim_is_periodic(force, error, capacity) }
}
