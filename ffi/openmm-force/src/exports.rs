//! What leaves the library. The linker exports Rust's own symbols only, so each passes on to its C++ half.

use std::ffi::{c_char, c_void};

use crate::log::{self, Callback};

/// As `epp_openmm.h` says.
///
/// # Safety
/// As `epp_openmm.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epp_force_set_log(callback: Option<Callback>, context: *mut c_void) {
    log::set(callback, context);
}

/// Functions of `epp_openmm.h`, each of which is one of the C++ half.
macro_rules! passed_on {
    ($($name:ident => $shim:ident ( $($argument:ident: $type:ty),* $(,)? ) $(-> $result:ty)?;)*) => {$(
        /// As `epp_openmm.h` says.
        ///
        /// # Safety
        /// As `epp_openmm.h` says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            unsafe extern "C" {
                fn $shim($($argument: $type),*) $(-> $result)?;
            }
            // SAFETY: the caller's promise. It catches whatever C++ throws.
            unsafe { $shim($($argument),*) }
        }
    )*};
}

passed_on! {
    // Every plugin of OpenMM's has a `registerKernelFactories`, which `Platform::loadPluginLibrary` calls. A call by that name
    // may reach another library, and so there is a second name.
    registerKernelFactories => freeland_shim_register();
    epp_force_register => freeland_shim_register();
    epp_force_create => freeland_shim_create(options: *const c_void, error: *mut c_char, capacity: u64) -> *mut c_void;
    epp_force_check => freeland_shim_check(options: *const c_void, error: *mut c_char, capacity: u64) -> i32;
    epp_force_xml => freeland_shim_xml(options: *const c_void, xml: *mut c_char, capacity: u64, error: *mut c_char, error_capacity: u64) -> u64;
    epp_force_data_of => freeland_shim_data_of(force: *mut c_void) -> *mut c_void;
    epp_force_data_text => freeland_shim_data_text(data: *const c_void, name: *const c_char) -> *const c_char;
    epp_force_data_set_text => freeland_shim_data_set_text(data: *mut c_void, name: *const c_char, value: *const c_char, error: *mut c_char, capacity: u64) -> i32;
    epp_force_data_integer => freeland_shim_data_integer(data: *const c_void, name: *const c_char) -> i64;
    epp_force_data_set_integer => freeland_shim_data_set_integer(data: *mut c_void, name: *const c_char, value: i64, error: *mut c_char, capacity: u64) -> i32;
    epp_force_data_particles => freeland_shim_data_particles(data: *const c_void, indices: *mut *const i32) -> u64;
    epp_force_data_set_particles => freeland_shim_data_set_particles(data: *mut c_void, indices: *const i32, count: u64, error: *mut c_char, capacity: u64) -> i32;
    epp_force_data_parameter => freeland_shim_data_parameter(data: *const c_void, index: u64, value: *mut f64) -> *const c_char;
    epp_force_data_set_parameter => freeland_shim_data_set_parameter(data: *mut c_void, name: *const c_char, value: f64, error: *mut c_char, capacity: u64) -> i32;
    epp_force_data_new => freeland_shim_data_new() -> *mut c_void;
    epp_force_data_copy => freeland_shim_data_copy(data: *const c_void) -> *mut c_void;
    epp_force_data_delete => freeland_shim_data_delete(data: *mut c_void);
    epp_force_data_is_periodic => freeland_shim_data_is_periodic(data: *const c_void, error: *mut c_char, capacity: u64) -> i32;
    epp_force_data_impl => freeland_shim_data_impl(data: *const c_void, force: *const c_void, error: *mut c_char, capacity: u64) -> *mut c_void;
}
