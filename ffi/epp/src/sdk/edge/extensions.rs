//! The extension tables of an instance.
use std::ffi::{CStr, c_char, c_void};
use std::mem::size_of;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::failure::{Failure, guard, guard_value};
use super::instance::Instance;
use super::request::Results;
use crate::sdk::{Components, Potential, Reference, Virial};
use crate::{sys, versioned};

/// The tables for instances of `P`.
struct Tables<P>(P);

impl<P: Potential> Tables<P> {
    const TOPOLOGY: &'static sys::TopologyExtension = &sys::TopologyExtension {
        struct_size: size_of::<sys::TopologyExtension>() as u64,
        topology: Some(topology::<P>),
    };
    const COMPONENTS: &'static sys::ComponentsExtension = &sys::ComponentsExtension {
        struct_size: size_of::<sys::ComponentsExtension>() as u64,
        count: Some(component_count::<P>),
        name: Some(component_name::<P>),
        evaluate: Some(evaluate_components::<P>),
    };
    const PARAMETERS: &'static sys::ParametersExtension = &sys::ParametersExtension {
        struct_size: size_of::<sys::ParametersExtension>() as u64,
        count: Some(parameter_count::<P>),
        name: Some(parameter_name::<P>),
        default_value: Some(parameter_default::<P>),
    };
    const VIRIAL: &'static sys::VirialExtension = &sys::VirialExtension {
        struct_size: size_of::<sys::VirialExtension>() as u64,
        evaluate: Some(evaluate_virials::<P>),
    };
    const REFERENCE: &'static sys::ReferenceExtension = &sys::ReferenceExtension {
        struct_size: size_of::<sys::ReferenceExtension>() as u64,
        count: Some(reference_count::<P>),
        sample: Some(reference_sample::<P>),
    };
}

/// The table with this id, or null where this instance does not offer it.
///
/// # Safety
/// `self_` is null or the `self` of an instance of `P`; `id` is null or NUL-terminated.
pub(super) unsafe fn find<P: Potential>(self_: *mut c_void, id: *const c_char) -> *const c_void {
    // SAFETY: by the caller's promise.
    let Ok(instance) = (unsafe { Instance::<P>::get(self_) }) else { return std::ptr::null() };
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: not null, and by the caller's promise NUL-terminated.
    match unsafe { CStr::from_ptr(id) }.to_str() {
        Ok(sys::EXT_TOPOLOGY) if instance.topology.is_some() => {
            std::ptr::from_ref(Tables::<P>::TOPOLOGY).cast()
        }
        Ok(sys::EXT_COMPONENTS) if instance.component_names.is_some() => {
            std::ptr::from_ref(Tables::<P>::COMPONENTS).cast()
        }
        Ok(sys::EXT_PARAMETERS) if !instance.parameters.is_empty() => {
            std::ptr::from_ref(Tables::<P>::PARAMETERS).cast()
        }
        Ok(sys::EXT_VIRIAL) if instance.potential.virial().is_some() => {
            std::ptr::from_ref(Tables::<P>::VIRIAL).cast()
        }
        Ok(sys::EXT_REFERENCE) if instance.potential.reference().is_some() => {
            std::ptr::from_ref(Tables::<P>::REFERENCE).cast()
        }
        _ => std::ptr::null(),
    }
}

unsafe extern "C" fn topology<P: Potential>(
    self_: *mut c_void,
    out: *mut sys::Topology,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let topology = Instance::<P>::get(self_)?.topology.as_ref();
            let topology = topology.ok_or_else(|| Failure::new(sys::E_UNSUPPORTED, "topology: not known"))?;
            if versioned::write(out, topology.as_raw()) {
                Ok(())
            } else {
                Err(Failure::invalid("topology: out is null, misaligned or its struct_size is below 8"))
            }
        })
    }
}

unsafe extern "C" fn component_count<P: Potential>(self_: *mut c_void) -> u64 {
    guard_value(0, || {
        // SAFETY: the host passes its `self`.
        let instance = unsafe { Instance::<P>::get(self_) };
        instance
            .ok()
            .and_then(|instance| instance.component_names.as_ref())
            .map_or(0, |names| names.len() as u64)
    })
}

unsafe extern "C" fn component_name<P: Potential>(self_: *mut c_void, index: u64) -> *const c_char {
    guard_value(std::ptr::null(), || {
        // SAFETY: the host passes its `self`.
        let names =
            unsafe { Instance::<P>::get(self_) }.ok().and_then(|instance| instance.component_names.as_ref());
        names
            .and_then(|names| names.get(usize::try_from(index).ok()?))
            .map_or(std::ptr::null(), |name| name.as_ptr())
    })
}

unsafe extern "C" fn evaluate_components<P: Potential>(
    self_: *mut c_void,
    batch: *const sys::Batch,
    terms: *mut f64,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            let width = instance.component_names.as_ref().map_or(0, Vec::len);
            let components: Option<&dyn Components> = instance.potential.components();
            let components =
                components.ok_or_else(|| Failure::new(sys::E_UNSUPPORTED, "components: not offered"))?;
            let mut missing = false;
            let outcome = instance.serve(batch, Results::StatusesOnly, |batch| {
                let length = batch.count() * width;
                if length != 0 && (terms.is_null() || !terms.is_aligned()) {
                    missing = true;
                    return Ok(());
                }
                // SAFETY: not null, and by the contract [count][names] long and overlapping nothing.
                let terms = if length == 0 { &mut [] } else { std::slice::from_raw_parts_mut(terms, length) };
                terms.fill(f64::NAN);
                let outcome = catch_unwind(AssertUnwindSafe(|| components.evaluate(batch, terms)));
                for (row, &status) in terms.chunks_mut(width.max(1)).zip(&*batch.statuses) {
                    if status != sys::SAMPLE_OK {
                        row.fill(f64::NAN);
                    }
                }
                outcome.unwrap_or_else(|payload| resume_unwind(payload))
            });
            if missing { Err(Failure::invalid("components: terms is null or misaligned")) } else { outcome }
        })
    }
}

unsafe extern "C" fn evaluate_virials<P: Potential>(
    self_: *mut c_void,
    batch: *const sys::Batch,
    virials: *mut f64,
    error: *mut sys::Error,
) -> i32 {
    const UNKNOWN: [[f64; 3]; 3] = [[f64::NAN; 3]; 3];
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            let virial: Option<&dyn Virial> = instance.potential.virial();
            let virial = virial.ok_or_else(|| Failure::new(sys::E_UNSUPPORTED, "virial: not offered"))?;
            let mut missing = false;
            let outcome = instance.serve(batch, Results::AsWanted, |batch| {
                let count = batch.count();
                if count != 0 && (virials.is_null() || !virials.is_aligned()) {
                    missing = true;
                    return Ok(());
                }
                let virials = if count == 0 {
                    &mut []
                } else {
                    // SAFETY: not null, and by the contract [count][3][3] long and overlapping nothing.
                    std::slice::from_raw_parts_mut(virials.cast::<[[f64; 3]; 3]>(), count)
                };
                virials.fill(UNKNOWN);
                let outcome = catch_unwind(AssertUnwindSafe(|| virial.evaluate(batch, virials)));
                for (matrix, &status) in virials.iter_mut().zip(&*batch.statuses) {
                    if status != sys::SAMPLE_OK {
                        *matrix = UNKNOWN;
                    }
                }
                outcome.unwrap_or_else(|payload| resume_unwind(payload))
            });
            if missing { Err(Failure::invalid("virial: virials is null or misaligned")) } else { outcome }
        })
    }
}

unsafe extern "C" fn parameter_count<P: Potential>(self_: *mut c_void) -> u64 {
    guard_value(0, || {
        // SAFETY: the host passes its `self`.
        unsafe { Instance::<P>::get(self_) }.map_or(0, |instance| instance.parameters.len() as u64)
    })
}

unsafe extern "C" fn parameter_name<P: Potential>(self_: *mut c_void, index: u64) -> *const c_char {
    guard_value(std::ptr::null(), || {
        // SAFETY: the host passes its `self`.
        let Ok(instance) = (unsafe { Instance::<P>::get(self_) }) else { return std::ptr::null() };
        let parameter = usize::try_from(index).ok().and_then(|index| instance.parameters.get(index));
        parameter.map_or(std::ptr::null(), |(name, _)| name.as_ptr())
    })
}

unsafe extern "C" fn parameter_default<P: Potential>(self_: *mut c_void, index: u64) -> f64 {
    guard_value(f64::NAN, || {
        // SAFETY: the host passes its `self`.
        let Ok(instance) = (unsafe { Instance::<P>::get(self_) }) else { return f64::NAN };
        let parameter = usize::try_from(index).ok().and_then(|index| instance.parameters.get(index));
        parameter.map_or(f64::NAN, |(_, parameter)| parameter.default_value)
    })
}

unsafe extern "C" fn reference_count<P: Potential>(self_: *mut c_void) -> u64 {
    guard_value(0, || {
        // SAFETY: the host passes its `self`.
        let instance = unsafe { Instance::<P>::get(self_) };
        instance
            .ok()
            .and_then(|instance| instance.potential.reference())
            .map_or(0, |known| known.count() as u64)
    })
}

unsafe extern "C" fn reference_sample<P: Potential>(
    self_: *mut c_void,
    index: u64,
    positions: *mut f64,
    energy: *mut f64,
    tolerance: *mut f64,
    error: *mut sys::Error,
) -> i32 {
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe {
        guard(error, || {
            let instance = Instance::<P>::get(self_)?;
            let known: Option<&dyn Reference> = instance.potential.reference();
            let known = known.ok_or_else(|| Failure::new(sys::E_UNSUPPORTED, "reference: not offered"))?;
            let count = known.count();
            let index = usize::try_from(index).ok().filter(|&index| index < count).ok_or_else(|| {
                Failure::invalid(format!(
                    "reference: sample {index} asked for, but there are {count} (from 0)"
                ))
            })?;
            for pointer in [positions, energy, tolerance] {
                if pointer.is_null() || !pointer.is_aligned() {
                    return Err(Failure::invalid(
                        "reference: positions, energy or tolerance is null or misaligned",
                    ));
                }
            }
            let sample = known.sample(index);
            let width = instance.width();
            if sample.positions.len() != width {
                let text = format!(
                    "a bug in the plugin: reference sample {index} has {} coordinates; expected {width}",
                    sample.positions.len()
                );
                return Err(Failure::new(sys::E_INTERNAL, text));
            }
            // SAFETY: not null, and by the contract long enough.
            std::ptr::copy_nonoverlapping(sample.positions.as_ptr(), positions, width);
            energy.write(sample.energy);
            tolerance.write(sample.tolerance);
            Ok(())
        })
    }
}
