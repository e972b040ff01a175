//! The extension tables of an instance.
use std::ffi::{CStr, c_char, c_void};
use std::mem::size_of;

use super::failure::{Failure, guard, guard_value};
use super::instance::{Instance, pointer};
use crate::sdk::{Potential, Shape};
use crate::versioned::Versioned;
use crate::{sys, versioned};

/// The tables for instances of `P`.
struct Tables<P>(P);

impl<P: Potential> Tables<P> {
    const TOPOLOGY: &'static sys::TopologyExtension = &sys::TopologyExtension {
        struct_size: size_of::<sys::TopologyExtension>() as u64,
        topology: Some(topology::<P>),
    };
    const OUTPUTS: &'static sys::OutputsExtension = &sys::OutputsExtension {
        struct_size: size_of::<sys::OutputsExtension>() as u64,
        count: Some(output_count::<P>),
        describe: Some(describe_output::<P>),
    };
    const PARAMETERS: &'static sys::ParametersExtension = &sys::ParametersExtension {
        struct_size: size_of::<sys::ParametersExtension>() as u64,
        count: Some(parameter_count::<P>),
        describe: Some(describe_parameter::<P>),
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
        Ok(sys::EXT_OUTPUTS) if !instance.outputs.is_empty() => {
            std::ptr::from_ref(Tables::<P>::OUTPUTS).cast()
        }
        Ok(sys::EXT_PARAMETERS) if !instance.parameters.is_empty() => {
            std::ptr::from_ref(Tables::<P>::PARAMETERS).cast()
        }
        Ok(sys::EXT_REFERENCE) if !instance.reference.is_empty() => {
            std::ptr::from_ref(Tables::<P>::REFERENCE).cast()
        }
        _ => std::ptr::null(),
    }
}

/// Fills the caller's struct with what `say` makes of the instance.
///
/// # Safety
/// `self_` is the host's `self` or null; the other pointers are null or as `epp.h` says.
unsafe fn fill<P: Potential, T: Versioned>(
    self_: *mut c_void,
    out: *mut T,
    error: *mut sys::Error,
    what: &str,
    say: impl FnOnce(&Instance<P>) -> Result<T, Failure>,
) -> i32 {
    // SAFETY: by the caller's promise.
    unsafe {
        guard(error, || {
            let value = say(Instance::<P>::get(self_)?)?;
            if versioned::write(out, &value) {
                Ok(())
            } else {
                let text = format!("{what}: out is null, misaligned or its struct_size is below 8");
                Err(Failure::invalid(text))
            }
        })
    }
}

/// The entry with this index.
fn at<'a, T>(what: &str, list: &'a [T], index: u64) -> Result<&'a T, Failure> {
    usize::try_from(index).ok().and_then(|index| list.get(index)).ok_or_else(|| {
        Failure::invalid(format!("{what} {index} asked for, but there are {} (from 0)", list.len()))
    })
}

/// Asks an instance for a number; 0 where that fails.
///
/// # Safety
/// `self_` is the host's `self` or null.
unsafe fn number<P: Potential>(self_: *mut c_void, ask: impl FnOnce(&Instance<P>) -> usize) -> u64 {
    // SAFETY: by the caller's promise.
    guard_value(0, || unsafe { Instance::<P>::get(self_) }.map_or(0, ask) as u64)
}

unsafe extern "C" fn topology<P: Potential>(
    self_: *mut c_void,
    out: *mut sys::Topology,
    error: *mut sys::Error,
) -> i32 {
    let say = |instance: &Instance<P>| {
        let topology = instance.topology.as_ref().map(|topology| *topology.as_raw());
        topology.ok_or_else(|| Failure::new(sys::E_UNSUPPORTED, "topology: not known"))
    };
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe { fill(self_, out, error, "topology", say) }
}

unsafe extern "C" fn output_count<P: Potential>(self_: *mut c_void) -> u64 {
    // SAFETY: the host passes its `self`.
    unsafe { number::<P>(self_, |instance| instance.outputs.len()) }
}

unsafe extern "C" fn describe_output<P: Potential>(
    self_: *mut c_void,
    index: u64,
    out: *mut sys::OutputDescription,
    error: *mut sys::Error,
) -> i32 {
    let say = |instance: &Instance<P>| {
        let described = at("output", &instance.outputs, index)?;
        let shape = described.output.shape;
        Ok(sys::OutputDescription {
            struct_size: size_of::<sys::OutputDescription>() as u64,
            name: described.name.as_ptr(),
            unit: pointer(described.unit.as_ref()),
            description: pointer(described.description.as_ref()),
            shape: shape.code(),
            flags: 0,
            length: if let Shape::Vector(length) = shape { length as u64 } else { 0 },
        })
    };
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe { fill(self_, out, error, "outputs", say) }
}

unsafe extern "C" fn parameter_count<P: Potential>(self_: *mut c_void) -> u64 {
    // SAFETY: the host passes its `self`.
    unsafe { number::<P>(self_, |instance| instance.parameters.len()) }
}

unsafe extern "C" fn describe_parameter<P: Potential>(
    self_: *mut c_void,
    index: u64,
    out: *mut sys::Parameter,
    error: *mut sys::Error,
) -> i32 {
    let say = |instance: &Instance<P>| {
        let described = at("parameter", &instance.parameters, index)?;
        let [minimum, maximum] = described.parameter.range.unwrap_or_default();
        Ok(sys::Parameter {
            struct_size: size_of::<sys::Parameter>() as u64,
            name: described.name.as_ptr(),
            unit: pointer(described.unit.as_ref()),
            default_value: described.parameter.default_value,
            minimum,
            maximum,
        })
    };
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe { fill(self_, out, error, "parameters", say) }
}

unsafe extern "C" fn reference_count<P: Potential>(self_: *mut c_void) -> u64 {
    // SAFETY: the host passes its `self`.
    unsafe { number::<P>(self_, |instance| instance.reference.len()) }
}

unsafe extern "C" fn reference_sample<P: Potential>(
    self_: *mut c_void,
    index: u64,
    out: *mut sys::Sample,
    error: *mut sys::Error,
) -> i32 {
    let say = |instance: &Instance<P>| {
        let sample = at("reference sample", &instance.reference, index)?;
        let optional = |values: Option<&[f64]>| values.map_or(std::ptr::null(), <[f64]>::as_ptr);
        let rows = sample.unit_cell.as_ref().filter(|_| instance.info.periodic != 0);
        Ok(sys::Sample {
            struct_size: size_of::<sys::Sample>() as u64,
            positions: sample.positions.as_ptr(),
            box_: optional(rows.map(|rows| rows.as_flattened())),
            parameters: optional(sample.parameters.as_deref()),
            gradient: optional(sample.gradient.as_deref()),
            energy: sample.energy,
            tolerance: sample.tolerance,
            gradient_tolerance: sample.gradient_tolerance,
        })
    };
    // SAFETY: the host passes its `self` and pointers that are null or as `epp.h` says.
    unsafe { fill(self_, out, error, "reference", say) }
}
