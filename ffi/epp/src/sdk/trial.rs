//! An instance called through the boundary, in the author's own tests.
use std::ffi::{CStr, CString, c_void};
use std::marker::PhantomData;
use std::mem::{MaybeUninit, size_of};

use super::edge::create;
use super::{Info, Potential, RawTopology, Topology};
use crate::sys;

/// An instance of `P` as a host sees it: made from JSON, evaluated through the C functions, panics caught.
///
/// ```
/// # use epp::sdk::{Batch, CreateError, Description, EvaluateError, Info, NoConfig, Potential, Topology, Trial};
/// # struct Line;
/// # impl Potential for Line {
/// #     type Config = NoConfig;
/// #     const DESCRIPTION: Description = Description { id: "line", ..Description::DEFAULT };
/// #     fn create(_: NoConfig, _: Option<&Topology>) -> Result<Self, CreateError> { Ok(Self) }
/// #     fn info(&self) -> Info { Info { atoms: 1, dimensions: 1, ..Info::default() } }
/// #     fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
/// #         batch.for_each(|r, g| { g[0] = 3.0; Ok(3.0 * r[0]) });
/// #         Ok(())
/// #     }
/// # }
/// let line = Trial::<Line>::create("{}", None)?;
/// let results = line.evaluate(&[1.0, 2.0])?;
/// assert_eq!((results.energies, results.gradients), (vec![3.0, 6.0], vec![3.0, 3.0]));
/// # Ok::<(), epp::sdk::TrialError>(())
/// ```
pub struct Trial<P: Potential> {
    table: *mut sys::Potential,
    info: Info,
    marker: PhantomData<P>,
}

// SAFETY: the instance behind the pointer is Send and Sync (a supertrait of Potential), and only read.
unsafe impl<P: Potential> Send for Trial<P> {}
// SAFETY: as above.
unsafe impl<P: Potential> Sync for Trial<P> {}

impl<P: Potential> std::fmt::Debug for Trial<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial")
            .field("id", &P::DESCRIPTION.id)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// Results of one batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrialResults {
    /// `[count]`, kJ/mol
    pub energies: Vec<f64>,
    /// `[count][atoms][dimensions]`, kJ/mol/nm
    pub gradients: Vec<f64>,
    /// `[count]`, 0 is good; see [`SampleStatus::from_code`](super::SampleStatus::from_code).
    pub statuses: Vec<i32>,
}

/// What a call answered in place of results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} (code {code})")]
pub struct TrialError {
    /// `EPP_E_*`
    pub code: i32,
    /// The sentence in the error buffer.
    pub text: String,
}

impl<P: Potential> Trial<P> {
    /// Makes an instance from JSON.
    pub fn create(config_json: &str, topology: Option<&Topology>) -> Result<Self, TrialError> {
        let invalid = |text: String| TrialError { code: sys::E_INVALID_ARGUMENT, text };
        let config = CString::new(config_json).map_err(|error| invalid(error.to_string()))?;
        let raw = topology
            .map(|topology| RawTopology::new(topology.clone(), topology.atoms()))
            .transpose()
            .map_err(|error| invalid(error.to_string()))?;
        let pointer = raw.as_ref().map_or(std::ptr::null(), |raw| std::ptr::from_ref(raw.as_raw()));
        let mut table = std::ptr::null_mut();
        call(|error| {
            // SAFETY: the text is NUL-terminated, the topology null or valid, `table` and `error` are ours.
            unsafe { create::<P>(config.as_ptr(), pointer, &raw mut table, error) }
        })?;
        // From here on, dropping it destroys the instance.
        let mut trial = Self { table, info: Info::default(), marker: PhantomData };
        trial.info = trial.ask_info()?;
        Ok(trial)
    }

    /// Facts of the instance.
    pub fn info(&self) -> &Info {
        &self.info
    }

    fn ask_info(&self) -> Result<Info, TrialError> {
        // SAFETY: zero is a value of every struct of the ABI.
        let mut raw: sys::Info = unsafe { std::mem::zeroed() };
        raw.struct_size = size_of::<sys::Info>() as u64;
        let table = self.table();
        if let Some(info) = table.info {
            // SAFETY: `self_` belongs to this table; `raw` and `error` are ours.
            call(|error| unsafe { info(table.self_, &raw mut raw, error) })?;
        }
        Ok(Info {
            atoms: raw.atoms as usize,
            dimensions: raw.dimensions as usize,
            max_batch: raw.max_batch as usize,
            preferred_batch: raw.preferred_batch as usize,
            periodic: raw.periodic,
            cutoff_nm: raw.cutoff_nm,
            withdraws_determinism: raw.withdrawn & sys::WITHDRAWN_DETERMINISM != 0,
            withdraws_symmetries: raw.withdrawn & sys::WITHDRAWN_SYMMETRIES != 0,
        })
    }

    /// Energies and gradients of `positions`, `[count][atoms][dimensions]`. Panics if they are not whole
    /// configurations.
    pub fn evaluate(&self, positions: &[f64]) -> Result<TrialResults, TrialError> {
        let mut results = TrialResults::default();
        self.evaluate_into(positions, &mut results)?;
        Ok(results)
    }

    /// As [`evaluate`](Self::evaluate), into buffers that are there already: for timings.
    pub fn evaluate_into(&self, positions: &[f64], results: &mut TrialResults) -> Result<(), TrialError> {
        let TrialResults { energies, gradients, statuses } = results;
        gradients.resize(positions.len(), f64::NAN);
        let (inputs, outputs) = (positions.as_ptr().cast(), gradients.as_mut_ptr().cast());
        self.run(positions.len(), sys::DTYPE_F64, inputs, outputs, energies, statuses)
    }

    /// As [`evaluate`](Self::evaluate), in single precision.
    pub fn evaluate_f32(&self, positions: &[f32]) -> Result<TrialResults, TrialError> {
        let mut results = TrialResults::default();
        let mut gradients = vec![f32::NAN; positions.len()];
        let (inputs, outputs) = (positions.as_ptr().cast(), gradients.as_mut_ptr().cast());
        let TrialResults { energies, statuses, .. } = &mut results;
        self.run(positions.len(), sys::DTYPE_F32, inputs, outputs, energies, statuses)?;
        results.gradients = gradients.into_iter().map(f64::from).collect();
        Ok(results)
    }

    /// The table that a host would hold, for tests that call it as C does.
    pub fn table(&self) -> &sys::Potential {
        // SAFETY: made by `create`, and destroyed only when this object is dropped.
        unsafe { &*self.table }
    }

    /// Evaluates buffers of `length` elements in all.
    fn run(
        &self,
        length: usize,
        dtype: u32,
        positions: *const c_void,
        gradients: *mut c_void,
        energies: &mut Vec<f64>,
        statuses: &mut Vec<i32>,
    ) -> Result<(), TrialError> {
        let width = self.info.atoms * self.info.dimensions;
        assert!(length.is_multiple_of(width), "{length} coordinates are not whole configurations of {width}");
        let count = length / width;
        energies.resize(count, f64::NAN);
        statuses.resize(count, i32::MIN);
        // SAFETY: zero is a value of every struct of the ABI.
        let zero: sys::Batch = unsafe { std::mem::zeroed() };
        let batch = sys::Batch {
            struct_size: size_of::<sys::Batch>() as u64,
            count: count as u64,
            dtype,
            want: sys::WANT_ENERGY | sys::WANT_GRADIENT,
            positions,
            energies: energies.as_mut_ptr(),
            gradients,
            statuses: statuses.as_mut_ptr(),
            ..zero
        };
        let table = self.table();
        if let Some(evaluate) = table.evaluate {
            // SAFETY: the buffers are ours and hold `count` packed configurations of the type that `dtype` says.
            call(|error| unsafe { evaluate(table.self_, &raw const batch, error) })?;
        }
        Ok(())
    }
}

impl<P: Potential> Drop for Trial<P> {
    fn drop(&mut self) {
        let table = *self.table();
        if let Some(destroy) = table.destroy {
            // SAFETY: the instance is used no more.
            unsafe { destroy(table.self_) }
        }
    }
}

/// Runs `f` with an error buffer.
fn call(f: impl FnOnce(*mut sys::Error) -> i32) -> Result<(), TrialError> {
    // Not cleared as a whole: that would take longer than a small potential does.
    let mut text = [const { MaybeUninit::<u8>::uninit() }; 1024];
    text[0].write(0);
    let mut error = sys::Error {
        struct_size: size_of::<sys::Error>() as u64,
        text: text.as_mut_ptr().cast(),
        capacity: text.len() as u64,
    };
    match f(&raw mut error) {
        sys::OK => Ok(()),
        code => {
            // SAFETY: NUL-terminated from the start; the SDK writes only NUL-terminated text that fits.
            let text = unsafe { CStr::from_ptr(text.as_ptr().cast()) };
            Err(TrialError { code, text: text.to_string_lossy().into_owned() })
        }
    }
}
