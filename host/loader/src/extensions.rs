//! What an instance may tell beyond the energy: its molecule, its energy terms, its virial, its parameters.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;

use epp::sdk::Topology;
use epp::sys;

use crate::problem::{InstanceProblem, TableProblem};
use crate::status::Code;
use crate::table::{self, Message, Table};
use crate::topology;

/// More names than this is garbage.
const ABSURD_NAMES: u64 = 100_000;

/// `epp_components_extension.evaluate`
pub(crate) type Components =
    unsafe extern "C" fn(*mut c_void, *const sys::Batch, *mut f64, *mut sys::Error) -> i32;

/// `epp_virial_extension.evaluate`
pub(crate) type Virials =
    unsafe extern "C" fn(*mut c_void, *const sys::Batch, *mut f64, *mut sys::Error) -> i32;

/// Asks one instance for its extensions.
pub(crate) struct Finder {
    pub(crate) self_: *mut c_void,
    pub(crate) extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
}

impl Finder {
    /// # Safety
    /// The instance may be used by this thread now; `T` is the table that the header names for `id`.
    unsafe fn find<T: Table>(&self, id: &CStr) -> Result<Option<T>, InstanceProblem> {
        let Some(extension) = self.extension else { return Ok(None) };
        // SAFETY: the caller's promise.
        let table = unsafe { extension(self.self_, id.as_ptr()) };
        if table.is_null() {
            return Ok(None);
        }
        // SAFETY: the table of this id, as the header has it.
        Ok(Some(unsafe { table::read(table.cast::<T>()) }?))
    }

    /// The molecule, checked against the number of atoms.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn topology(&self, atoms: usize) -> Result<Option<Topology>, InstanceProblem> {
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::TopologyExtension>(c"epp.topology/1") })? else {
            return Ok(None);
        };
        let function = table.topology.ok_or(null_function("epp_topology_extension", "topology"))?;
        let mut raw = sys::Topology {
            struct_size: size_of::<sys::Topology>() as u64,
            atoms: 0,
            bonds: 0,
            atomic_numbers: null(),
            masses: null(),
            charges: null(),
            atom_names: null(),
            residues: null(),
            residue_names: null(),
            bond_atoms: null(),
            periodic: 0,
            reserved: 0,
            positions: null(),
            box_: null(),
        };
        let mut message = Message::<1024>::new();
        // SAFETY: the caller's promise; both structs live through the call.
        let code = unsafe { function(self.self_, &mut raw, &mut message.raw()) };
        if code != sys::OK {
            let (code, reason) = (Code(code), message.text());
            return Err(InstanceProblem::Failed { function: "topology", code, reason });
        }
        // SAFETY: the arrays live as long as the instance and have the lengths the header says.
        unsafe { topology::owned(&raw, atoms) }.map(Some)
    }

    /// The function that evaluates energy terms, and their names.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn components(&self) -> Result<(Option<Components>, Vec<String>), InstanceProblem> {
        const NAME: &str = "epp_components_extension";
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::ComponentsExtension>(c"epp.components/1") })? else {
            return Ok((None, Vec::new()));
        };
        let count = table.count.ok_or(null_function(NAME, "count"))?;
        let name = table.name.ok_or(null_function(NAME, "name"))?;
        let evaluate = table.evaluate.ok_or(null_function(NAME, "evaluate"))?;
        // SAFETY: functions of this instance.
        let names = unsafe { self.names("components", count, name) }?;
        Ok((Some(evaluate), names))
    }

    /// The function that evaluates virials.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn virials(&self) -> Result<Option<Virials>, InstanceProblem> {
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::VirialExtension>(c"epp.virial/1") })? else {
            return Ok(None);
        };
        Ok(Some(table.evaluate.ok_or(null_function("epp_virial_extension", "evaluate"))?))
    }

    /// The names and default values of global parameters.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn parameters(&self) -> Result<Vec<(String, f64)>, InstanceProblem> {
        const NAME: &str = "epp_parameters_extension";
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::ParametersExtension>(c"epp.parameters/1") })? else {
            return Ok(Vec::new());
        };
        let count = table.count.ok_or(null_function(NAME, "count"))?;
        let name = table.name.ok_or(null_function(NAME, "name"))?;
        let default_value = table.default_value.ok_or(null_function(NAME, "default_value"))?;
        // SAFETY: functions of this instance.
        let names = unsafe { self.names("parameters", count, name) }?;
        // SAFETY: as above; the index is below the count.
        let default = |index| unsafe { default_value(self.self_, index as u64) };
        Ok(names.into_iter().enumerate().map(|(index, name)| (name, default(index))).collect())
    }

    /// # Safety
    /// Both functions are of this instance, which this thread may use now.
    unsafe fn names(
        &self,
        field: &'static str,
        count: unsafe extern "C" fn(*mut c_void) -> u64,
        name: unsafe extern "C" fn(*mut c_void, u64) -> *const c_char,
    ) -> Result<Vec<String>, InstanceProblem> {
        // SAFETY: the caller's promise.
        let count = unsafe { count(self.self_) };
        if count > ABSURD_NAMES {
            let (found, expected) = (format!("{count} names"), format!("at most {ABSURD_NAMES}"));
            return Err(InstanceProblem::Value { field, found, expected });
        }
        (0..count)
            .map(|index| {
                // SAFETY: the index is below the count; a name lives as long as the instance.
                unsafe { table::required_text(name(self.self_, index)) }
                    .map_err(|problem| InstanceProblem::Text { field, problem })
            })
            .collect()
    }
}

fn null_function(name: &'static str, function: &'static str) -> InstanceProblem {
    TableProblem::NullFunction { name, function }.into()
}
