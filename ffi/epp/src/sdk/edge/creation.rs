//! An `epp_create` checked, and turned into a [`CreateRequest`].
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::failure::Failure;
use crate::sdk::{CreateRequest, Description, Host, Topology, TopologyError, TopologyUse};
use crate::{sys, versioned};

/// Bits of `epp_create.required` and `epp_batch.required` that the SDK understands.
pub(super) const REQUIRED: u32 = 0;

/// The host's request; `required` and its struct are looked at before anything else.
///
/// # Safety
/// `request` is null, or an `epp_create` as `epp.h` says.
pub(super) unsafe fn read(request: *const sys::Create) -> Result<sys::Create, Failure> {
    // SAFETY: by the caller's promise.
    let raw = unsafe { versioned::read(request) }.ok_or_else(|| {
        Failure::invalid("create: the request is null, misaligned or its struct_size is below 8")
    })?;
    refuse_required("create", raw.required)?;
    Ok(raw)
}

/// Refuses what is not understood.
#[inline]
pub(super) fn refuse_required(function: &str, required: u32) -> Result<(), Failure> {
    let unknown = required & !REQUIRED;
    if unknown == 0 { Ok(()) } else { Err(not_understood(function, unknown)) }
}

#[cold]
fn not_understood(function: &str, unknown: u32) -> Failure {
    let text = format!("{function}: `required` has bits that this plugin does not know: {unknown:#x}");
    Failure::new(sys::E_UNSUPPORTED, text)
}

/// The request in safe Rust, without a configuration.
///
/// # Safety
/// `raw` is as `epp.h` says, its host until [`Host::close`].
pub(super) unsafe fn translate(
    raw: &sys::Create,
    description: &Description,
) -> Result<CreateRequest<()>, Failure> {
    let folder = if raw.folder.is_null() {
        None
    } else {
        // SAFETY: not null, and NUL-terminated by the contract.
        let bytes = unsafe { CStr::from_ptr(raw.folder) }.to_bytes();
        Some(PathBuf::from(OsStr::from_bytes(bytes)))
    };
    let topology = if raw.topology.is_null() || description.topology == TopologyUse::Ignored {
        None
    } else {
        // SAFETY: by the caller's promise.
        Some(unsafe { Topology::from_raw(raw.topology) }.map_err(|error| {
            let code = match error {
                TopologyError::NotAStruct | TopologyError::Misaligned { .. } => sys::E_INVALID_ARGUMENT,
                _ => sys::E_BAD_TOPOLOGY,
            };
            Failure::new(code, error.to_string())
        })?)
    };
    if topology.is_none() && description.topology == TopologyUse::Needed {
        let text = format!("`{}` needs a molecule; the host gave none", description.id);
        return Err(Failure::new(sys::E_BAD_TOPOLOGY, text));
    }
    // SAFETY: by the caller's promise.
    let host = unsafe { Host::open(raw.host) }
        .ok_or_else(|| Failure::invalid("create: host is null or not an epp_host"))?;
    Ok(CreateRequest { config: (), topology, folder, threads: raw.threads as usize, host })
}
