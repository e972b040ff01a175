//! An instance called through the boundary, in the author's own tests.
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_void};
use std::marker::PhantomData;
use std::mem::{MaybeUninit, size_of};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::edge::create;
use super::{Output, Potential, RawTopology, Shape, Topology};
use crate::sys;

/// An instance of `P` as a host sees it: made from JSON, evaluated through the C functions, panics caught.
///
/// ```
/// # use epp::sdk::{Batch, CreateError, CreateRequest, Description, EvaluateError, Info, NoConfig, Potential, Trial};
/// # struct Line;
/// # impl Potential for Line {
/// #     type Config = NoConfig;
/// #     const DESCRIPTION: Description = Description { id: "line", ..Description::DEFAULT };
/// #     fn create(_: CreateRequest<NoConfig>) -> Result<Self, CreateError> { Ok(Self) }
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
    info: sys::Info,
    outputs: Vec<Output>,
    // The instance keeps its address.
    _host: Box<sys::Host>,
    marker: PhantomData<P>,
}

// SAFETY: the instance behind the pointer is Send and Sync (a supertrait of Potential), and only read; what the facts
// point to is the instance's.
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

/// What a trial is made from, beside its configuration.
#[derive(Debug, Clone, Default)]
pub struct TrialRequest {
    /// What the host knows of the molecule.
    pub topology: Option<Topology>,
    /// Where relative paths start.
    pub folder: Option<PathBuf>,
    /// How many threads one call may keep at work; 0: as many as it likes.
    pub threads: u32,
}

/// What one call is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrialBatch<'a> {
    /// `[count][atoms][dimensions]`
    pub positions: &'a [f64],
    /// The box of all configurations.
    pub unit_cell: Option<[[f64; 3]; 3]>,
    /// The parameters of all configurations; empty: the default values.
    pub parameters: &'a [f64],
    /// Names of outputs.
    pub outputs: &'a [&'a str],
    /// Of the random numbers.
    pub seed: u64,
    /// Index of the first configuration's stream.
    pub first: u64,
}

/// Results of one batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrialResults {
    /// `[count]`, kJ/mol
    pub energies: Vec<f64>,
    /// `[count][atoms][dimensions]`, kJ/mol/nm; empty where the potential has no gradient.
    pub gradients: Vec<f64>,
    /// `[count]`, 0 is good; see [`SampleStatus::from_code`](super::SampleStatus::from_code).
    pub statuses: Vec<i32>,
    /// By name, those that were asked for: `[count]` times the shape.
    pub outputs: BTreeMap<String, Vec<f64>>,
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
    /// Makes an instance from JSON, and a molecule if there is one.
    pub fn create(config_json: &str, topology: Option<&Topology>) -> Result<Self, TrialError> {
        Self::create_with(
            config_json,
            &TrialRequest { topology: topology.cloned(), ..TrialRequest::default() },
        )
    }

    /// Makes an instance from JSON and everything else that a host can say.
    pub fn create_with(config_json: &str, request: &TrialRequest) -> Result<Self, TrialError> {
        let config = CString::new(config_json).map_err(invalid)?;
        Self::make(request, |raw, out, error| {
            let raw = sys::Create { config_json: config.as_ptr(), ..*raw };
            // SAFETY: texts are NUL-terminated, other pointers null or valid, `out` and `error` are ours.
            unsafe { create::<P>(&raw const raw, out, error) }
        })
    }

    /// Makes another instance from this one. Fails where the potential derives none.
    pub fn derive(&self, request: &TrialRequest) -> Result<Self, TrialError> {
        let table = self.table();
        let unsupported = || TrialError { code: sys::E_UNSUPPORTED, text: "derive is null".into() };
        let derive = table.derive.ok_or_else(unsupported)?;
        Self::make(request, |raw, out, error| {
            // SAFETY: `self_` belongs to this table; the rest as in `create_with`.
            unsafe { derive(table.self_, raw, out, error) }
        })
    }

    fn make(
        request: &TrialRequest,
        make: impl FnOnce(&sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32,
    ) -> Result<Self, TrialError> {
        let topology = request.topology.as_ref();
        let topology = topology
            .map(|topology| RawTopology::new(topology.clone(), topology.atoms()))
            .transpose()
            .map_err(invalid)?;
        let folder = request.folder.as_ref().map(|folder| CString::new(folder.as_os_str().as_bytes()));
        let folder = folder.transpose().map_err(invalid)?;
        let host = Box::new(sys::Host {
            struct_size: size_of::<sys::Host>() as u64,
            abi_major: sys::ABI_MAJOR,
            abi_minor: sys::ABI_MINOR,
            name: c"trial".as_ptr(),
            version: c"1.0.0".as_ptr(),
            context: std::ptr::null_mut(),
            log: None,
            extension: None,
        });
        let raw = sys::Create {
            struct_size: size_of::<sys::Create>() as u64,
            id: std::ptr::null(),
            config_json: std::ptr::null(),
            folder: folder.as_ref().map_or(std::ptr::null(), |folder| folder.as_ptr()),
            topology: topology.as_ref().map_or(std::ptr::null(), |raw| std::ptr::from_ref(raw.as_raw())),
            host: &raw const *host,
            threads: request.threads,
            required: 0,
        };
        let mut table = std::ptr::null_mut();
        call(|error| make(&raw, &raw mut table, error))?;
        // From here on, dropping it destroys the instance.
        let mut trial = Self { table, info: zero(), outputs: Vec::new(), _host: host, marker: PhantomData };
        trial.ask_info()?;
        trial.ask_outputs()?;
        Ok(trial)
    }

    /// Facts of the instance, as they cross the boundary.
    pub fn info(&self) -> &sys::Info {
        &self.info
    }

    /// The fingerprint, if one is told.
    pub fn fingerprint(&self) -> Option<&str> {
        // SAFETY: null, or NUL-terminated text that lives as long as the instance.
        (!self.info.fingerprint.is_null())
            .then(|| unsafe { CStr::from_ptr(self.info.fingerprint) }.to_str().unwrap_or_default())
    }

    /// The outputs, as they are described across the boundary.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    fn ask_info(&mut self) -> Result<(), TrialError> {
        self.info.struct_size = size_of::<sys::Info>() as u64;
        let table = *self.table();
        let Some(info) = table.info else { return Ok(()) };
        // SAFETY: `self_` belongs to this table; the struct and `error` are ours.
        call(|error| unsafe { info(table.self_, &raw mut self.info, error) })
    }

    fn ask_outputs(&mut self) -> Result<(), TrialError> {
        let table = *self.table();
        let id = CString::new(sys::EXT_OUTPUTS).map_err(invalid)?;
        // SAFETY: `self_` belongs to this table, and the text is NUL-terminated.
        let extension = table.extension.map(|extension| unsafe { extension(table.self_, id.as_ptr()) });
        // SAFETY: null, or the table with this id, which lives as long as the instance.
        let extension =
            extension.and_then(|extension| unsafe { extension.cast::<sys::OutputsExtension>().as_ref() });
        let Some(sys::OutputsExtension { count: Some(count), describe: Some(describe), .. }) = extension
        else {
            return Ok(());
        };
        // SAFETY: `self_` belongs to this table.
        for index in 0..unsafe { count(table.self_) } {
            let mut raw: sys::OutputDescription = zero();
            raw.struct_size = size_of::<sys::OutputDescription>() as u64;
            // SAFETY: as above; the struct and `error` are ours.
            call(|error| unsafe { describe(table.self_, index, &raw mut raw, error) })?;
            let text = |text: *const std::ffi::c_char| {
                // SAFETY: null, or NUL-terminated text that lives as long as the instance.
                let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) });
                text.unwrap_or_default().to_string_lossy().into_owned()
            };
            let shape = match raw.shape {
                sys::SHAPE_SCALAR => Shape::Scalar,
                sys::SHAPE_ATOMS => Shape::Atoms,
                sys::SHAPE_ATOMS_DIMENSIONS => Shape::AtomsDimensions,
                sys::SHAPE_MATRIX => Shape::Matrix,
                _ => Shape::Vector(raw.length as usize),
            };
            let output = Output {
                name: text(raw.name),
                unit: text(raw.unit),
                shape,
                description: text(raw.description),
            };
            self.outputs.push(output);
        }
        Ok(())
    }

    /// Energies and gradients of `positions`, `[count][atoms][dimensions]`. Panics if they are not whole
    /// configurations.
    pub fn evaluate(&self, positions: &[f64]) -> Result<TrialResults, TrialError> {
        self.evaluate_batch(&TrialBatch { positions, ..TrialBatch::default() })
    }

    /// Energies, gradients and the outputs that are named. Panics where the potential has no such output, and if positions
    /// are not whole configurations.
    pub fn evaluate_batch(&self, batch: &TrialBatch<'_>) -> Result<TrialResults, TrialError> {
        let mut results = TrialResults::default();
        let (atoms, dimensions) = (self.info.atoms as usize, self.info.dimensions as usize);
        let count = batch.positions.len() / self.width();
        let mut outputs = Vec::new();
        for &name in batch.outputs {
            let index = self.outputs.iter().position(|output| output.name == name);
            let index = index.unwrap_or_else(|| panic!("no output `{name}` in {:?}", self.outputs));
            let data = vec![0.0; count * self.outputs[index].width(atoms, dimensions)];
            let data = results.outputs.entry(name.to_owned()).or_insert(data);
            outputs.push(sys::Output {
                struct_size: size_of::<sys::Output>() as u64,
                index: index as u64,
                data: data.as_mut_ptr().cast(),
                stride: 0,
                dtype: sys::DTYPE_F64,
                reserved: 0,
            });
        }
        let pointers: Vec<*const sys::Output> = outputs.iter().map(std::ptr::from_ref).collect();
        let rows = batch.unit_cell.as_ref();
        let raw = sys::Batch {
            box_: rows.map_or(std::ptr::null(), |rows| rows.as_flattened().as_ptr()),
            parameters: if batch.parameters.is_empty() {
                std::ptr::null()
            } else {
                batch.parameters.as_ptr()
            },
            seed: batch.seed,
            first: batch.first,
            output_count: outputs.len() as u64,
            outputs: pointers.as_ptr(),
            ..zero()
        };
        let TrialResults { energies, gradients, statuses, .. } = &mut results;
        if self.info.required & sys::INFO_NO_GRADIENT != 0 {
            self.run(&raw, batch.positions, None, energies, statuses)?;
        } else {
            gradients.resize(batch.positions.len(), f64::NAN);
            self.run(&raw, batch.positions, Some(gradients), energies, statuses)?;
        }
        Ok(results)
    }

    /// As [`evaluate`](Self::evaluate), into buffers that are there already: for timings.
    pub fn evaluate_into(&self, positions: &[f64], results: &mut TrialResults) -> Result<(), TrialError> {
        let TrialResults { energies, gradients, statuses, .. } = results;
        gradients.resize(positions.len(), f64::NAN);
        self.run(&zero(), positions, Some(gradients), energies, statuses)
    }

    /// As [`evaluate`](Self::evaluate), in single precision.
    pub fn evaluate_f32(&self, positions: &[f32]) -> Result<TrialResults, TrialError> {
        let mut results = TrialResults::default();
        let mut gradients = vec![f32::NAN; positions.len()];
        let TrialResults { energies, statuses, .. } = &mut results;
        self.run(&zero(), positions, Some(&mut gradients), energies, statuses)?;
        results.gradients = gradients.into_iter().map(f64::from).collect();
        Ok(results)
    }

    /// The table that a host would hold, for tests that call it as C does.
    pub fn table(&self) -> &sys::Potential {
        // SAFETY: made by `create`, and destroyed only when this object is dropped.
        unsafe { &*self.table }
    }

    /// Coordinates of one configuration.
    fn width(&self) -> usize {
        self.info.atoms as usize * self.info.dimensions as usize
    }

    /// Evaluates what `raw` says, at `positions`; `T` is f64 or f32.
    fn run<T>(
        &self,
        raw: &sys::Batch,
        positions: &[T],
        gradients: Option<&mut [T]>,
        energies: &mut Vec<f64>,
        statuses: &mut Vec<i32>,
    ) -> Result<(), TrialError> {
        let (length, width) = (positions.len(), self.width());
        assert!(length.is_multiple_of(width), "{length} coordinates are not whole configurations of {width}");
        let count = length / width;
        energies.resize(count, f64::NAN);
        statuses.resize(count, i32::MIN);
        let batch = sys::Batch {
            struct_size: size_of::<sys::Batch>() as u64,
            count: count as u64,
            dtype: if size_of::<T>() == size_of::<f32>() { sys::DTYPE_F32 } else { sys::DTYPE_F64 },
            want: sys::WANT_ENERGY | if gradients.is_some() { sys::WANT_GRADIENT } else { 0 },
            positions: positions.as_ptr().cast(),
            energies: energies.as_mut_ptr(),
            gradients: gradients
                .map_or(std::ptr::null_mut(), |gradients| gradients.as_mut_ptr().cast::<c_void>()),
            statuses: statuses.as_mut_ptr(),
            ..*raw
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
            // SAFETY: the instance is used no more; its host is still here.
            unsafe { destroy(table.self_) }
        }
    }
}

fn invalid(error: impl std::fmt::Display) -> TrialError {
    TrialError { code: sys::E_INVALID_ARGUMENT, text: error.to_string() }
}

/// A struct of the ABI, all zero.
fn zero<T: crate::versioned::Versioned>() -> T {
    // SAFETY: zero is a value of every such struct.
    unsafe { std::mem::zeroed() }
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
