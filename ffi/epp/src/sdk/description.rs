//! What a potential says of itself before anybody creates it.
use crate::sys;

/// From which threads an instance may be used. The SDK requires `Send + Sync` of every [`Potential`](super::Potential),
/// so that this is a statement to the host, not a matter of memory safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadModel {
    /// Created, used and destroyed on one thread.
    Affine = sys::THREADS_AFFINE,
    /// Used from any thread, one call at a time.
    Serial = sys::THREADS_SERIAL,
    /// `evaluate` may run on one instance from many threads at once.
    Concurrent = sys::THREADS_CONCURRENT,
}

/// Which calls give the same bits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Determinism {
    /// No promise.
    None = sys::DETERMINISM_NONE,
    /// The same batch gives the same bits again.
    RunToRun = sys::DETERMINISM_RUN_TO_RUN,
    /// And a configuration's bits do not depend on its batch or thread.
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
    /// A proper rotation of all atoms.
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
    /// Ids of host extensions without which the library does not work.
    pub required_extensions: &'static [&'static str],
}

impl Description {
    /// No id, concurrent, no promise of determinism, double precision, no symmetries, nm and kJ/mol.
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
        required_extensions: &[],
    };

    /// The set of number types as the bits of `epp_descriptor.dtypes`.
    pub(crate) const fn dtype_bits(&self) -> u32 {
        let (mut bits, mut i) = (0, 0);
        while i < self.dtypes.len() {
            bits |= self.dtypes[i] as u32;
            i += 1;
        }
        bits
    }

    /// The set of symmetries as the bits of `epp_descriptor.symmetries`.
    pub(crate) fn symmetry_bits(&self) -> u32 {
        self.symmetries.iter().fold(0, |bits, &symmetry| bits | symmetry as u32)
    }
}
