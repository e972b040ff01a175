//! An instance called through the boundary, in the author's own tests.
use std::ffi::{CString, c_void};
use std::marker::PhantomData;
use std::mem::size_of;

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
#[derive(Debug)]
pub struct Trial<P: Potential> {
    table: *mut sys::Potential,
    marker: PhantomData<P>,
}

// SAFETY: the instance behind the pointer is Send and Sync (a supertrait of Potential), and only read.
unsafe impl<P: Potential> Send for Trial<P> {}
// SAFETY: as above.
unsafe impl<P: Potential> Sync for Trial<P> {}

/// Results of one batch.
#[derive(Debug, Clone, PartialEq)]
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
        Ok(Self { table, marker: PhantomData })
    }

    /// Facts of the instance.
    pub fn info(&self) -> Result<Info, TrialError> {
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
        })
    }

    /// Energies and gradients of `positions`, `[count][atoms][dimensions]`. Panics if they are not whole
    /// configurations.
    pub fn evaluate(&self, positions: &[f64]) -> Result<TrialResults, TrialError> {
        let mut gradients = vec![f64::NAN; positions.len()];
        let (energies, statuses) = self.run(
            positions.len(),
            sys::DTYPE_F64,
            positions.as_ptr().cast(),
            gradients.as_mut_ptr().cast(),
        )?;
        Ok(TrialResults { energies, gradients, statuses })
    }

    /// As [`evaluate`](Self::evaluate), in single precision.
    pub fn evaluate_f32(&self, positions: &[f32]) -> Result<TrialResults, TrialError> {
        let mut gradients = vec![f32::NAN; positions.len()];
        let (energies, statuses) = self.run(
            positions.len(),
            sys::DTYPE_F32,
            positions.as_ptr().cast(),
            gradients.as_mut_ptr().cast(),
        )?;
        let gradients = gradients.into_iter().map(f64::from).collect();
        Ok(TrialResults { energies, gradients, statuses })
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
    ) -> Result<(Vec<f64>, Vec<i32>), TrialError> {
        let info = self.info()?;
        let width = info.atoms * info.dimensions;
        assert!(length.is_multiple_of(width), "{length} coordinates are not whole configurations of {width}");
        let count = length / width;
        let (mut energies, mut statuses) = (vec![f64::NAN; count], vec![i32::MIN; count]);
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
        Ok((energies, statuses))
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
    let mut text = vec![0_u8; 4096];
    let mut error = sys::Error {
        struct_size: size_of::<sys::Error>() as u64,
        text: text.as_mut_ptr().cast(),
        capacity: text.len() as u64,
    };
    match f(&raw mut error) {
        sys::OK => Ok(()),
        code => {
            text.truncate(text.iter().position(|&byte| byte == 0).unwrap_or(0));
            Err(TrialError { code, text: String::from_utf8_lossy(&text).into_owned() })
        }
    }
}
