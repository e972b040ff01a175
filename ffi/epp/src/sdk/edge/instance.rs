//! One instance behind an `epp_potential`.
use std::ffi::{CString, c_char, c_void};
use std::mem::size_of;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::failure::{Failure, guard, guard_value};
use super::request::{self, Results};
use super::{config, extensions};
use crate::sdk::{Batch, EvaluateError, Info, Parameter, Potential, RawTopology, Topology};
use crate::{sys, versioned};

/// The author's object, with what the host may ask of it again and again.
pub(super) struct Instance<P> {
    /// What the host holds a pointer to; its `self_` is the pointer to this instance.
    table: sys::Potential,
    pub(super) potential: P,
    info: Info,
    pub(super) topology: Option<RawTopology>,
    pub(super) component_names: Option<Vec<CString>>,
    pub(super) parameters: Vec<(CString, Parameter)>,
}

/// Makes an instance of `P`.
///
/// # Safety
/// `config_json` is null or NUL-terminated; `topology` is null or as `epp.h` says.
pub(super) unsafe fn create<P: Potential>(
    config_json: *const c_char,
    topology: *const sys::Topology,
) -> Result<*mut sys::Potential, Failure> {
    // SAFETY: by the caller's promise.
    let config = unsafe { config::parse::<P::Config>(config_json) }?;
    let host_topology = if topology.is_null() {
        None
    } else {
        // SAFETY: by the caller's promise.
        Some(unsafe { Topology::from_raw(topology) }.map_err(|error| Failure::invalid(error.to_string()))?)
    };
    let potential = P::create(config, host_topology.as_ref())?;
    let internal = |text: String| Failure::new(sys::E_INTERNAL, text);
    let info = potential.info();
    let width = info.atoms.checked_mul(info.dimensions).filter(|&width| width <= isize::MAX as usize / 64);
    if info.atoms == 0 || info.dimensions == 0 || u32::try_from(info.dimensions).is_err() || width.is_none() {
        let text = format!("a bug in the plugin: {} atoms of {} dimensions", info.atoms, info.dimensions);
        return Err(internal(text));
    }
    let topology = match potential.topology() {
        Some(topology) => Some(
            RawTopology::new(topology.clone(), info.atoms)
                .map_err(|error| internal(format!("a bug in the plugin: {error}")))?,
        ),
        None => None,
    };
    let text =
        |name: String| CString::new(name).map_err(|_| internal("a bug in the plugin: NUL in a name".into()));
    let component_names = match potential.components() {
        Some(components) => Some(components.names().into_iter().map(text).collect::<Result<Vec<_>, _>>()?),
        None => None,
    };
    let parameters = potential
        .parameters()
        .into_iter()
        .map(|parameter| Ok((text(parameter.name.clone())?, parameter)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let table = sys::Potential {
        struct_size: size_of::<sys::Potential>() as u64,
        self_: std::ptr::null_mut(),
        info: Some(self::info::<P>),
        evaluate: Some(evaluate::<P>),
        extension: Some(extension::<P>),
        destroy: Some(destroy::<P>),
    };
    let instance =
        Box::into_raw(Box::new(Instance { table, potential, info, topology, component_names, parameters }));
    // SAFETY: just made, and not yet shared; `destroy` frees it.
    unsafe {
        (*instance).table.self_ = instance.cast();
        Ok(&raw mut (*instance).table)
    }
}

impl<P: Potential> Instance<P> {
    /// The instance behind the host's `self`.
    ///
    /// # Safety
    /// `self_` is null, or what [`create`] put into the table of an instance of `P` that is not destroyed.
    pub(super) unsafe fn get<'a>(self_: *mut c_void) -> Result<&'a Self, Failure> {
        // SAFETY: by the caller's promise.
        unsafe { self_.cast::<Self>().as_ref() }.ok_or_else(|| Failure::invalid("self is null"))
    }

    /// Coordinates of one configuration.
    pub(super) fn width(&self) -> usize {
        self.info.atoms * self.info.dimensions
    }

    /// Checks a request and lets `work` do it. Whatever happens in there, statuses are settled and failures blanked.
    ///
    /// # Safety
    /// `batch` is null or as `epp.h` says.
    pub(super) unsafe fn serve(
        &self,
        batch: *const sys::Batch,
        results: Results,
        work: impl FnOnce(&mut Batch<'_>) -> Result<(), EvaluateError>,
    ) -> Result<(), Failure> {
        let dtypes = const { P::DESCRIPTION.dtype_bits() };
        let serve = |mut batch: Batch<'_>| {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut batch)));
            batch.blank_failures();
            Ok(outcome.map_err(Failure::panic)??)
        };
        // SAFETY: by the caller's promise; the buffers outlive this call.
        unsafe { request::check(batch, results, dtypes, &self.info, self.parameters.len(), serve) }
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
            let info = Instance::<P>::get(self_)?.info;
            let raw = sys::Info {
                struct_size: size_of::<sys::Info>() as u64,
                atoms: info.atoms as u64,
                max_batch: info.max_batch as u64,
                preferred_batch: info.preferred_batch as u64,
                dimensions: info.dimensions as u32,
                periodic: info.periodic,
                cutoff_nm: info.cutoff_nm,
                withdrawn: info.withdrawn(),
                reserved: 0,
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
            instance.serve(batch, Results::AsWanted, |batch| instance.potential.evaluate(batch))
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
        // SAFETY: made by Box::into_raw in `create`; the host uses `self` no more.
        drop(unsafe { Box::from_raw(self_.cast::<Instance<P>>()) });
    });
}
