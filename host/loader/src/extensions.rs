//! What an instance may tell beyond its facts: its molecule, its outputs, its parameters.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;

use epp::sdk::Topology;
use epp::sys;

use crate::info::Info;
use crate::output::{MOST_OUTPUTS, Output, Shape, is_name};
use crate::parameter::Parameter;
use crate::problem::{InstanceProblem, TableProblem};
use crate::status::Code;
use crate::table::{self, Message, Table};
use crate::topology;

/// More parameters than this is garbage.
const MOST_PARAMETERS: usize = 100_000;
/// More numbers than this in an output of one configuration is garbage.
const MOST_NUMBERS: u64 = 1 << 40;

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
            residue_numbers: null(),
            chain_names: null(),
            bond_atoms: null(),
            bond_orders: null(),
            positions: null(),
            box_: null(),
            periodic: 0,
            total_charge: 0,
            multiplicity: 0,
            reserved: 0,
        };
        let mut message = Message::<1024>::new();
        // SAFETY: the caller's promise; both structs live through the call.
        let code = unsafe { function(self.self_, &mut raw, &mut message.raw()) };
        succeeded("topology", code, &message)?;
        // SAFETY: the arrays live as long as the instance and have the lengths the header says.
        unsafe { topology::owned(&raw, atoms) }.map(Some)
    }

    /// What evaluate writes beside energy and gradient. An output whose shape this host does not know is left out.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn outputs(&self, info: &Info) -> Result<Vec<Output>, InstanceProblem> {
        const NAME: &str = "epp_outputs_extension";
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::OutputsExtension>(c"epp.outputs/1") })? else {
            return Ok(Vec::new());
        };
        let count = table.count.ok_or(null_function(NAME, "count"))?;
        let describe = table.describe.ok_or(null_function(NAME, "describe"))?;
        // SAFETY: a function of this instance.
        let count = at_most("outputs", unsafe { count(self.self_) }, MOST_OUTPUTS)?;
        let mut outputs: Vec<Output> = Vec::new();
        for index in 0..count {
            let mut raw = sys::OutputDescription {
                struct_size: size_of::<sys::OutputDescription>() as u64,
                name: null(),
                unit: null(),
                description: null(),
                shape: 0,
                flags: 0,
                length: 0,
            };
            let mut message = Message::<1024>::new();
            // SAFETY: as above; the index is below the count, both structs live through the call.
            let code = unsafe { describe(self.self_, index, &mut raw, &mut message.raw()) };
            succeeded("outputs.describe", code, &message)?;
            let shape = match raw.shape {
                sys::SHAPE_SCALAR => Shape::Scalar,
                sys::SHAPE_ATOMS => Shape::Atoms,
                sys::SHAPE_ATOMS_DIMENSIONS => Shape::AtomsDimensions,
                sys::SHAPE_MATRIX => Shape::Matrix,
                sys::SHAPE_VECTOR => Shape::Vector(usize::try_from(raw.length).unwrap_or(usize::MAX)),
                _ => continue,
            };
            // SAFETY: texts of the instance, which lives.
            let (name, unit, description) = unsafe {
                (
                    required("outputs.name", raw.name)?,
                    optional("outputs.unit", raw.unit)?,
                    optional("outputs.description", raw.description)?,
                )
            };
            outputs.push(Output { name, unit, description, shape, index });
        }
        checked(outputs, info)
    }

    /// Its global parameters.
    ///
    /// # Safety
    /// The instance may be used by this thread now.
    pub(crate) unsafe fn parameters(&self) -> Result<Vec<Parameter>, InstanceProblem> {
        const NAME: &str = "epp_parameters_extension";
        // SAFETY: the table of this id.
        let Some(table) = (unsafe { self.find::<sys::ParametersExtension>(c"epp.parameters/1") })? else {
            return Ok(Vec::new());
        };
        let count = table.count.ok_or(null_function(NAME, "count"))?;
        let describe = table.describe.ok_or(null_function(NAME, "describe"))?;
        // SAFETY: a function of this instance.
        let count = at_most("parameters", unsafe { count(self.self_) }, MOST_PARAMETERS)?;
        (0..count)
            .map(|index| {
                let mut raw = sys::Parameter {
                    struct_size: size_of::<sys::Parameter>() as u64,
                    name: null(),
                    unit: null(),
                    default_value: 0.0,
                    minimum: 0.0,
                    maximum: 0.0,
                };
                let mut message = Message::<1024>::new();
                // SAFETY: as above; the index is below the count, both structs live through the call.
                let code = unsafe { describe(self.self_, index, &mut raw, &mut message.raw()) };
                succeeded("parameters.describe", code, &message)?;
                // SAFETY: texts of the instance, which lives.
                let (name, unit) = unsafe {
                    (required("parameters.name", raw.name)?, optional("parameters.unit", raw.unit)?)
                };
                let range = Some([raw.minimum, raw.maximum]).filter(|range| *range != [0.0; 2]);
                Ok(Parameter { name, unit, default: raw.default_value, range })
            })
            .collect()
    }
}

/// Outputs as a plugin tells them, or a worker process on its behalf, where they make sense.
pub(crate) fn checked(outputs: Vec<Output>, info: &Info) -> Result<Vec<Output>, InstanceProblem> {
    // First: each name is compared with all others.
    at_most("outputs", outputs.len() as u64, MOST_OUTPUTS)?;
    for (place, output) in outputs.iter().enumerate() {
        let wrong = |field, found: String, expected: &str| {
            Err(InstanceProblem::Value { field, found, expected: expected.to_owned() })
        };
        let name = format!("'{}'", output.name);
        if !is_name(&output.name) {
            return wrong("outputs.name", name, "lower-case letters, digits, hyphens and colons");
        }
        if outputs[..place].iter().any(|earlier| earlier.name == output.name) {
            return wrong("outputs.name", name, "another one for each output");
        }
        let length = match output.shape {
            Shape::Vector(length) => length,
            shape => shape.width(info.atoms, info.dimensions),
        };
        if length == 0 || length as u64 > MOST_NUMBERS || output.index >= MOST_OUTPUTS as u64 {
            return wrong("outputs.length", length.to_string(), "at least 1, and no absurd number");
        }
    }
    Ok(outputs)
}

fn at_most(field: &'static str, count: u64, most: usize) -> Result<u64, InstanceProblem> {
    if count <= most as u64 {
        return Ok(count);
    }
    Err(InstanceProblem::Value { field, found: count.to_string(), expected: format!("at most {most}") })
}

fn succeeded<const N: usize>(
    function: &'static str,
    code: i32,
    message: &Message<N>,
) -> Result<(), InstanceProblem> {
    match code {
        sys::OK => Ok(()),
        code => Err(InstanceProblem::Failed { function, code: Code(code), reason: message.text() }),
    }
}

/// # Safety
/// As [`table::required_text`].
unsafe fn required(field: &'static str, text: *const c_char) -> Result<String, InstanceProblem> {
    // SAFETY: the caller's promise.
    unsafe { table::required_text(text) }.map_err(|problem| InstanceProblem::Text { field, problem })
}

/// # Safety
/// As [`table::text`].
unsafe fn optional(field: &'static str, text: *const c_char) -> Result<Option<String>, InstanceProblem> {
    // SAFETY: the caller's promise.
    unsafe { table::text(text) }.map_err(|problem| InstanceProblem::Text { field, problem })
}

fn null_function(name: &'static str, function: &'static str) -> InstanceProblem {
    TableProblem::NullFunction { name, function }.into()
}
