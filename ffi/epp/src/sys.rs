//! The `repr(C)` mirror of `include/epp.h`, field by field. The header is the contract and documents each field; the
//! test `layout` compares size, alignment and offset of every field with what a C compiler says of the header.
#![allow(missing_docs, reason = "documented in include/epp.h, and kept in step with it by the test `layout`")]

use std::ffi::{c_char, c_void};

pub const MAGIC: u32 = 0x4170_7065;

pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 0;

pub const OK: i32 = 0;

pub const E_INVALID_ARGUMENT: i32 = 1;
pub const E_UNKNOWN_ID: i32 = 2;
pub const E_BAD_CONFIG: i32 = 3;
pub const E_UNSUPPORTED: i32 = 4;
pub const E_OUT_OF_MEMORY: i32 = 5;
pub const E_INTERNAL: i32 = 6;
pub const E_BAD_TOPOLOGY: i32 = 7;
pub const E_LOST: i32 = 100;

pub const SAMPLE_OK: i32 = 0;
pub const SAMPLE_NON_FINITE_INPUT: i32 = 1;
pub const SAMPLE_OUTSIDE_DOMAIN: i32 = 2;
pub const SAMPLE_ENERGY_NOT_FINITE: i32 = 3;
pub const SAMPLE_GRADIENT_NOT_FINITE: i32 = 4;
pub const SAMPLE_NOT_CONVERGED: i32 = 5;
pub const SAMPLE_OUT_OF_MEMORY: i32 = 6;
pub const SAMPLE_CANCELLED: i32 = 7;
pub const SAMPLE_INTERNAL: i32 = 8;

pub const THREADS_AFFINE: u32 = 1;
pub const THREADS_SERIAL: u32 = 2;
pub const THREADS_CONCURRENT: u32 = 3;
pub const THREADS_PROCESS: u32 = 4;

pub const DETERMINISM_NONE: u32 = 1;
pub const DETERMINISM_RUN_TO_RUN: u32 = 2;
pub const DETERMINISM_BITWISE: u32 = 3;

pub const DTYPE_F64: u32 = 1;
pub const DTYPE_F32: u32 = 2;

pub const SYMMETRY_NONE: u32 = 1;
pub const SYMMETRY_TRANSLATION: u32 = 2;
pub const SYMMETRY_ROTATION: u32 = 4;
pub const SYMMETRY_INVERSION: u32 = 8;
pub const SYMMETRY_PERMUTATION: u32 = 16;

pub const UNITS_MD: u32 = 1;
pub const UNITS_REDUCED: u32 = 2;

pub const TOPOLOGY_IGNORED: u32 = 0;
pub const TOPOLOGY_USED: u32 = 1;
pub const TOPOLOGY_NEEDED: u32 = 2;

pub const INFO_NO_GRADIENT: u32 = 1;
pub const INFO_DISCRETE: u32 = 2;
pub const FLAG_USES_SEED: u32 = 1;

pub const WANT_ENERGY: u32 = 1;
pub const WANT_GRADIENT: u32 = 2;

pub const REQUIRED_RAGGED: u32 = 1;
pub const REQUIRED_DEVICE: u32 = 2;
pub const REQUIRED_ASYNC: u32 = 4;

pub const LOG_ERROR: u32 = 1;
pub const LOG_WARNING: u32 = 2;
pub const LOG_INFO: u32 = 3;
pub const LOG_DEBUG: u32 = 4;

pub const EXT_TOPOLOGY: &str = "epp.topology/1";
pub const EXT_OUTPUTS: &str = "epp.outputs/1";

pub const SHAPE_SCALAR: u32 = 1;
pub const SHAPE_ATOMS: u32 = 2;
pub const SHAPE_ATOMS_DIMENSIONS: u32 = 3;
pub const SHAPE_MATRIX: u32 = 4;
pub const SHAPE_VECTOR: u32 = 5;

pub const EXT_PARAMETERS: &str = "epp.parameters/1";
pub const EXT_REFERENCE: &str = "epp.reference/1";
/// The exported data symbol of every plugin.
pub const ENTRY_SYMBOL: &str = "epp_plugin_entry";

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Error {
    pub struct_size: u64,
    pub text: *mut c_char,
    pub capacity: u64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Host {
    pub struct_size: u64,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub context: *mut c_void,
    pub log: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_char)>,
    pub extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Topology {
    pub struct_size: u64,
    pub atoms: u64,
    pub bonds: u64,
    pub atomic_numbers: *const u32,
    pub masses: *const f64,
    pub charges: *const f64,
    pub atom_names: *const *const c_char,
    pub residues: *const u32,
    pub residue_names: *const *const c_char,
    pub residue_numbers: *const *const c_char,
    pub chain_names: *const *const c_char,
    pub bond_atoms: *const u32,
    pub bond_orders: *const f64,
    pub positions: *const f64,
    pub box_: *const f64,
    pub periodic: u32,
    pub total_charge: i32,
    pub multiplicity: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    pub struct_size: u64,
    pub id: *const c_char,
    pub name: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub url: *const c_char,
    pub citation: *const c_char,
    pub config_schema_json: *const c_char,
    pub thread_model: u32,
    pub determinism: u32,
    pub dtypes: u32,
    pub symmetries: u32,
    pub units: u32,
    pub topology: u32,
    pub flags: u32,
    pub required: u32,
    pub required_extensions: *const *const c_char,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Info {
    pub struct_size: u64,
    pub atoms: u64,
    pub max_batch: u64,
    pub preferred_batch: u64,
    pub dimensions: u32,
    pub periodic: u32,
    pub cutoff_nm: f64,
    pub required: u32,
    pub flags: u32,
    pub thread_model: u32,
    pub determinism: u32,
    pub dtypes: u32,
    pub symmetries: u32,
    pub units: u32,
    pub threads_inside: u32,
    pub fingerprint: *const c_char,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Create {
    pub struct_size: u64,
    pub id: *const c_char,
    pub config_json: *const c_char,
    pub folder: *const c_char,
    pub topology: *const Topology,
    pub host: *const Host,
    pub threads: u32,
    pub required: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub struct_size: u64,
    pub index: u64,
    pub data: *mut c_void,
    pub stride: u64,
    pub dtype: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    pub struct_size: u64,
    pub count: u64,
    pub dtype: u32,
    pub want: u32,
    pub required: u32,
    pub reserved: u32,
    pub positions: *const c_void,
    pub position_stride: u64,
    pub box_: *const f64,
    pub box_stride: u64,
    pub parameters: *const f64,
    pub parameter_stride: u64,
    pub energies: *mut f64,
    pub gradients: *mut c_void,
    pub gradient_stride: u64,
    pub statuses: *mut i32,
    pub cancel: *const u32,
    pub deadline_ns: u64,
    pub seed: u64,
    pub first: u64,
    pub output_count: u64,
    pub outputs: *const *const Output,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Potential {
    pub struct_size: u64,
    pub self_: *mut c_void,
    pub info: Option<unsafe extern "C" fn(*mut c_void, *mut Info, *mut Error) -> i32>,
    pub evaluate: Option<unsafe extern "C" fn(*mut c_void, *const Batch, *mut Error) -> i32>,
    pub extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub derive:
        Option<unsafe extern "C" fn(*mut c_void, *const Create, *mut *mut Potential, *mut Error) -> i32>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub struct_size: u64,
    pub magic: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub required: u32,
    pub count: Option<unsafe extern "C" fn() -> u32>,
    pub descriptor: Option<unsafe extern "C" fn(u32) -> *const Descriptor>,
    pub create: Option<unsafe extern "C" fn(*const Create, *mut *mut Potential, *mut Error) -> i32>,
    pub extension: Option<unsafe extern "C" fn(*const c_char) -> *const c_void>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TopologyExtension {
    pub struct_size: u64,
    pub topology: Option<unsafe extern "C" fn(*mut c_void, *mut Topology, *mut Error) -> i32>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OutputDescription {
    pub struct_size: u64,
    pub name: *const c_char,
    pub unit: *const c_char,
    pub description: *const c_char,
    pub shape: u32,
    pub flags: u32,
    pub length: u64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OutputsExtension {
    pub struct_size: u64,
    pub count: Option<unsafe extern "C" fn(*mut c_void) -> u64>,
    pub describe: Option<unsafe extern "C" fn(*mut c_void, u64, *mut OutputDescription, *mut Error) -> i32>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub struct_size: u64,
    pub name: *const c_char,
    pub unit: *const c_char,
    pub default_value: f64,
    pub minimum: f64,
    pub maximum: f64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ParametersExtension {
    pub struct_size: u64,
    pub count: Option<unsafe extern "C" fn(*mut c_void) -> u64>,
    pub describe: Option<unsafe extern "C" fn(*mut c_void, u64, *mut Parameter, *mut Error) -> i32>,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub struct_size: u64,
    pub positions: *const f64,
    pub box_: *const f64,
    pub parameters: *const f64,
    pub gradient: *const f64,
    pub energy: f64,
    pub tolerance: f64,
    pub gradient_tolerance: f64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ReferenceExtension {
    pub struct_size: u64,
    pub count: Option<unsafe extern "C" fn(*mut c_void) -> u64>,
    pub sample: Option<unsafe extern "C" fn(*mut c_void, u64, *mut Sample, *mut Error) -> i32>,
}
