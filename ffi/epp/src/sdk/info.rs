//! Facts of one created instance.
use super::description::{dtype_bits, symmetry_bits};
use super::{Determinism, Dtype, Symmetry, ThreadModel, Units};
use crate::sys;

/// Facts of one created instance. They may depend on its configuration and molecule, and do not change.
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    /// Number of atoms, at least 1.
    pub atoms: usize,
    /// Coordinates per atom: 3; 1 or 2 for toys.
    pub dimensions: usize,
    /// The largest batch, 0 for no limit.
    pub max_batch: usize,
    /// Batches that are a multiple of it are fastest, 0 for no preference.
    pub preferred_batch: usize,
    /// Bit k set: needs a box, and is periodic along its row k.
    pub periodic: u32,
    /// Interactions end here, 0 for no cutoff.
    pub cutoff_nm: f64,
    /// There is no gradient; the edge refuses to be asked for one.
    pub no_gradient: bool,
    /// Only certain positions have an energy; others get [`SampleStatus::OutsideDomain`](super::SampleStatus::OutsideDomain).
    pub discrete: bool,
    /// Results are draws from a distribution, by [`Sample::stream`](super::Sample::stream).
    pub uses_seed: bool,
    /// `None` here and in the next four: as the [`Description`](super::Description) says.
    pub thread_model: Option<ThreadModel>,
    /// Which calls give the same bits again.
    pub determinism: Option<Determinism>,
    /// Number types that `evaluate` takes.
    pub dtypes: Option<&'static [Dtype]>,
    /// What leaves the energy unchanged.
    pub symmetries: Option<&'static [Symmetry]>,
    /// Units of positions and energies.
    pub units: Option<Units>,
    /// The most threads that one `evaluate` keeps at work at the same time; 0: not told. The caller's counts where it works;
    /// one that waits for others does not.
    pub threads_inside: usize,
    /// Of everything that decides the numbers: see [`Fingerprint`](super::Fingerprint).
    pub fingerprint: Option<String>,
}

impl Info {
    /// `epp_info.required`
    pub(crate) fn required_bits(&self) -> u32 {
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        bit(self.no_gradient, sys::INFO_NO_GRADIENT) | bit(self.discrete, sys::INFO_DISCRETE)
    }

    /// `epp_info.flags`
    pub(crate) fn flag_bits(&self) -> u32 {
        if self.uses_seed { sys::FLAG_USES_SEED } else { 0 }
    }

    /// `epp_info.dtypes`
    pub(crate) fn dtype_bits(&self) -> u32 {
        self.dtypes.map_or(0, dtype_bits)
    }

    /// `epp_info.symmetries`
    pub(crate) fn symmetry_bits(&self) -> u32 {
        match self.symmetries {
            None => 0,
            Some([]) => sys::SYMMETRY_NONE,
            Some(symmetries) => symmetry_bits(symmetries),
        }
    }
}

impl Default for Info {
    /// Three dimensions, no limits, not periodic, with a gradient, and otherwise as described. The number of atoms is 0:
    /// set it.
    fn default() -> Self {
        Self {
            atoms: 0,
            dimensions: 3,
            max_batch: 0,
            preferred_batch: 0,
            periodic: 0,
            cutoff_nm: 0.0,
            no_gradient: false,
            discrete: false,
            uses_seed: false,
            thread_model: None,
            determinism: None,
            dtypes: None,
            symmetries: None,
            units: None,
            threads_inside: 0,
            fingerprint: None,
        }
    }
}
