//! What a potential says of itself before anybody creates it.
use crate::sys;

/// From which threads an instance may be used. The SDK requires `Send + Sync` of every [`Potential`](super::Potential),
/// so that this is a statement to the host, not a matter of memory safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadModel {
    /// Created, used and destroyed on one thread.
    Affine = sys::THREADS_AFFINE,
    /// Used from any thread, one call at a time; other instances may be used meanwhile.
    Serial = sys::THREADS_SERIAL,
    /// Used from many threads at once.
    Concurrent = sys::THREADS_CONCURRENT,
    /// Used from any thread, one call at a time over all instances of the library that say so, making and destroying
    /// them included: for state that is the process's.
    Process = sys::THREADS_PROCESS,
}

/// Which calls give the same bits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Determinism {
    /// No promise.
    None = sys::DETERMINISM_NONE,
    /// The same batch gives the same bits again.
    RunToRun = sys::DETERMINISM_RUN_TO_RUN,
    /// And a configuration's bits do not depend on its batch, its outputs or the thread.
    Bitwise = sys::DETERMINISM_BITWISE,
}

/// Number type of positions and gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Dtype {
    /// `double`.
    F64 = sys::DTYPE_F64,
    /// `float`.
    F32 = sys::DTYPE_F32,
}

/// An operation that leaves the energy unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Symmetry {
    /// A shift of all atoms.
    Translation = sys::SYMMETRY_TRANSLATION,
    /// A proper rotation of all atoms, and of the box along with them.
    Rotation = sys::SYMMETRY_ROTATION,
    /// A point reflection.
    Inversion = sys::SYMMETRY_INVERSION,
    /// An exchange of atoms that the topology does not tell apart.
    Permutation = sys::SYMMETRY_PERMUTATION,
}

/// Units of positions and energies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Units {
    /// nm and kJ/mol.
    Md = sys::UNITS_MD,
    /// The potential's own: a host divides the energy by the temperature it is given as a plain number.
    Reduced = sys::UNITS_REDUCED,
}

/// What [`Potential::create`](super::Potential::create) does with the molecule that a host knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TopologyUse {
    /// Nothing: it is not even read.
    Ignored = sys::TOPOLOGY_IGNORED,
    /// Taken where it is given.
    Used = sys::TOPOLOGY_USED,
    /// The edge refuses to create without one.
    Needed = sys::TOPOLOGY_NEEDED,
}

/// The static facts of a potential. An empty text means "not said".
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Kebab-case, stable across versions: `"mueller-brown"`.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// Semantic version of this potential: usually `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// SPDX expression.
    pub license: &'static str,
    /// Home page.
    pub url: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// From which threads an instance may be used.
    pub thread_model: ThreadModel,
    /// Which calls give the same bits again.
    pub determinism: Determinism,
    /// Number types that `evaluate` takes; the SDK refuses others. [`Batch::for_each`](super::Batch::for_each) takes both.
    pub dtypes: &'static [Dtype],
    /// Operations that leave the energy unchanged.
    pub symmetries: &'static [Symmetry],
    /// Units of positions and energies.
    pub units: Units,
    /// What `create` does with the molecule that a host knows.
    pub topology: TopologyUse,
    /// Ids of host extensions without which the library does not work.
    pub required_extensions: &'static [&'static str],
}

impl Description {
    /// No id, concurrent, no promise of determinism, double precision, no symmetries, nm and kJ/mol, no use for a
    /// topology.
    pub const DEFAULT: Self = Self {
        id: "",
        name: "",
        version: "0.1.0",
        vendor: "",
        license: "",
        url: "",
        citation: "",
        thread_model: ThreadModel::Concurrent,
        determinism: Determinism::None,
        dtypes: &[Dtype::F64],
        symmetries: &[],
        units: Units::Md,
        topology: TopologyUse::Ignored,
        required_extensions: &[],
    };
}

/// The set as the bits of `epp_descriptor.dtypes`.
pub(crate) fn dtype_bits(dtypes: &[Dtype]) -> u32 {
    dtypes.iter().fold(0, |bits, &dtype| bits | dtype as u32)
}

/// The set as the bits of `epp_descriptor.symmetries`.
pub(crate) fn symmetry_bits(symmetries: &[Symmetry]) -> u32 {
    symmetries.iter().fold(0, |bits, &symmetry| bits | symmetry as u32)
}
