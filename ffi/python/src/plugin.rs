//! An open plugin.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freeland_loader::{
    Dtype, Gradients, Isolation, LoadError, OpenError, Options, Potential, ProcessOptions, Request,
    SearchPath, open_with,
};
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;

use crate::array::{Input, doubles};
use crate::description::Info;
use crate::error::PluginError;
use crate::evaluation::Evaluation;
use crate::topology::Topology;
use crate::{config, error, fork, listing, shape};

/// An energy plugin with a configuration, ready to be evaluated from any thread.
///
/// It can be pickled (as what it was opened by) and used after a fork (it is opened again there).
///
/// Args:
///     spec: an id such as "molecular-mechanics"; the path of a library; or "path.so#id".
///     config: a mapping, or JSON text; {} if None. Its paths start from the current folder.
///     sha256: hexadecimal digits; a library with another hash is refused before any of its code runs.
///     plugin_path: a folder, or several, to look in first.
///     isolation: "none"; or "process" to run it in worker processes, so that a crash or a hang of the plugin is the
///         status of one configuration.
///     trust_writable: whether to load a library that other users of this machine may write to.
///
/// Raises:
///     PluginNotFoundError: there is no such plugin.
///     ConfigError: the plugin refuses its configuration.
///     PluginError: it does not load, or cannot be isolated.
#[pyclass(module = "freeland", frozen)]
pub struct Plugin {
    recipe: Recipe,
    opened: Mutex<Opened>,
}

/// All that is needed to open it again, in another process for example.
struct Recipe {
    spec: String,
    config: Value,
    options: Options,
    plugin_path: Vec<PathBuf>,
    /// Where is looked: `plugin_path`, and more.
    path: SearchPath,
}

/// An instance and the process it was made in.
struct Opened {
    generation: u64,
    potential: Arc<Potential>,
}

impl Recipe {
    fn open(&self, py: Python<'_>) -> PyResult<Opened> {
        let mut result = self.open_beside_openmm(py)?;
        if let Err(OpenError::Load(LoadError::NotALibrary { reason, .. })) = &result
            && reason.contains("libOpenMM")
        {
            // OpenMM is not where the plugin looks for it. Where Python has one, the plugin takes that, once it is loaded.
            let found = py.import("openmm");
            found.map_err(|_| {
                PluginError::new_err(format!(
                    "plugin '{}' needs OpenMM, which this Python does not have; pip install openmm ({reason})",
                    self.spec
                ))
            })?;
            result = self.open_beside_openmm(py)?;
        }
        let potential = result.map_err(|failure| error::of_open(&failure))?;
        Ok(Opened { generation: fork::generation(), potential: Arc::new(potential) })
    }

    /// Opens it, while other threads of Python go on, unless they could be using OpenMM in this process: its reader of XML is
    /// for one thread at a time, and a plugin that reads a System would spoil the numbers of both without a word. Python's own
    /// OpenMM reads with the interpreter's lock held.
    fn open_beside_openmm(&self, py: Python<'_>) -> PyResult<Result<Potential, OpenError>> {
        let open = || open_with(&self.spec, &self.config, &self.path, &self.options);
        let imported = py.import("sys")?.getattr("modules")?.contains("openmm")?;
        let alone = self.options.isolation != Isolation::None || !imported;
        Ok(if alone { py.detach(open) } else { open() })
    }
}

impl Plugin {
    /// The instance; made anew where the process has forked since.
    fn potential(&self, py: Python<'_>) -> PyResult<Arc<Potential>> {
        let opened = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        // The lock is held by threads that are attached to Python, and for no call: never while another thread forks.
        let (generation, potential) = {
            let opened = opened();
            (opened.generation, Arc::clone(&opened.potential))
        };
        if generation == fork::generation() {
            return Ok(potential);
        }
        let anew = self.recipe.open(py)?;
        let potential = Arc::clone(&anew.potential);
        // The threads of the old one are gone: it can neither be used nor destroyed.
        std::mem::forget(std::mem::replace(&mut *opened(), anew));
        Ok(potential)
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let opened = self.opened.get_mut().unwrap_or_else(PoisonError::into_inner);
        if opened.generation != fork::generation() {
            // As above; one reference too many keeps it.
            std::mem::forget(Arc::clone(&opened.potential));
        }
    }
}

#[pymethods]
impl Plugin {
    #[new]
    #[pyo3(signature = (spec, config=None, *, sha256=None, plugin_path=None, isolation="none", trust_writable=false))]
    fn new(
        py: Python<'_>,
        spec: &Bound<'_, PyAny>,
        config: Option<&Bound<'_, PyAny>>,
        sha256: Option<String>,
        plugin_path: Option<&Bound<'_, PyAny>>,
        isolation: &str,
        trust_writable: bool,
    ) -> PyResult<Self> {
        let plugin_path = listing::folders(plugin_path)?;
        let recipe = Recipe {
            path: listing::path(py, &plugin_path)?,
            plugin_path,
            spec: config::path_text(spec)?,
            config: config::to_json(config)?,
            options: Options { isolation: isolation_of(py, isolation)?, sha256, trust_writable },
        };
        let opened = recipe.open(py)?;
        Ok(Self { recipe, opened: Mutex::new(opened) })
    }

    /// What the plugin was opened by: an id, or the path of a library.
    #[getter]
    fn spec(&self) -> &str {
        &self.recipe.spec
    }

    /// The configuration, as Python's own types. Changing what this returns changes nothing.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        config::to_python(py, &self.recipe.config)
    }

    /// "none", or "process" where it runs in worker processes.
    #[getter]
    fn isolation(&self) -> &'static str {
        match self.recipe.options.isolation {
            Isolation::None => "none",
            Isolation::Process(_) => "process",
        }
    }

    /// What it says of itself: an `Info`.
    #[getter]
    fn info(&self, py: Python<'_>) -> PyResult<Py<Info>> {
        Info::of(py, &*self.potential(py)?)
    }

    /// The molecule: a `Topology`, or `None` where the plugin does not tell.
    #[getter]
    fn topology(&self, py: Python<'_>) -> PyResult<Option<Topology>> {
        Topology::of(py, &*self.potential(py)?)
    }

    /// Energies, and gradients, of a batch of configurations. Other threads of Python go on meanwhile.
    ///
    /// Args:
    ///     positions: [..., atoms, dimensions] or [..., atoms * dimensions], nm (or the plugin's own unit). Packed float64,
    ///         and float32 where the plugin takes it, is read where it lies; anything else is copied. An OpenMM quantity
    ///         may have any unit of length.
    ///     box: rows of the box, [3, 3] for all or [..., 3, 3] one for each, nm. None: that of the plugin's topology, which a
    ///         periodic plugin may tell (`plugin.topology.box`).
    ///     gradient: whether gradients are wanted.
    ///     parameters: global parameters by name, a number for all or [...] one for each; others keep their defaults.
    ///     check: whether to raise where a configuration fails.
    ///     virial: whether virials are wanted: dE/d(strain), by which pressures and stresses are made.
    ///     time_limit: seconds after which the rest is cancelled (status 7).
    ///     seed: for plugins that draw random numbers.
    ///
    /// Returns:
    ///     An Evaluation: energies [...] float64 in kJ/mol; gradients dE/dx in the shape and type of the positions in
    ///     kJ/mol/nm; statuses [...] int32, 0 where all is well. Where a status is not 0, the energy is NaN and the gradient
    ///     zero.
    ///
    /// Raises:
    ///     ValueError: shapes do not fit, a periodic plugin has no box, or the plugin tells no virials.
    ///     PluginError: the call failed as a whole.
    ///     EvaluationError: with `check`, a configuration failed.
    #[pyo3(signature = (positions, r#box=None, gradient=true, *, parameters=None, check=false, virial=false, time_limit=None, seed=0))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        positions: &Bound<'py, PyAny>,
        r#box: Option<&Bound<'py, PyAny>>,
        gradient: bool,
        parameters: Option<&Bound<'py, PyDict>>,
        check: bool,
        virial: bool,
        time_limit: Option<f64>,
        seed: u64,
    ) -> PyResult<Bound<'py, Evaluation>> {
        let potential = self.potential(py)?;
        let (info, id) = (potential.info(), &potential.descriptor().id);
        let input = Input::of(positions, potential.descriptor().takes(Dtype::F32))?;
        let batch = shape::batch(input.shape(), info, id)?;
        let count = batch.iter().product();
        let rows = r#box.map(|rows| BoxRows::of(rows, count, id)).transpose()?;
        let values = parameters.map(|given| Parameters::of(given, &potential, &batch, count)).transpose()?;
        let limit = time_limit
            .map(Duration::try_from_secs_f64)
            .transpose()
            .map_err(|reason| PyValueError::new_err(format!("time_limit: {reason}")))?;

        let energies = PyArrayDyn::<f64>::zeros(py, batch.as_slice(), false);
        let statuses = PyArrayDyn::<i32>::zeros(py, batch.as_slice(), false);
        let gradients = gradient.then(|| Output::like(py, &input));
        let mut virials = virial.then(|| vec![[[f64::NAN; 3]; 3]; count]);
        {
            let (mut energies, mut statuses) = (energies.try_readwrite()?, statuses.try_readwrite()?);
            let positions = input.positions()?;
            let mut request = Request::of(positions, statuses.as_slice_mut()?)
                .energies(energies.as_slice_mut()?)
                .seed(seed);
            let mut borrowed = gradients.as_ref().map(Output::borrow).transpose()?;
            if let Some(gradients) = &mut borrowed {
                request = request.gradients_of(gradients.slice()?);
            }
            if let Some(rows) = &rows {
                request = request.box_rows(rows.values.as_slice()?, rows.stride);
            }
            if let Some(values) = &values {
                request = request.parameters(&values.values, values.stride);
            }
            if let Some(limit) = limit {
                request = request.time_limit(limit);
            }
            py.detach(|| match &mut virials {
                Some(virials) => potential.virials_into(request, virials),
                None => potential.evaluate_into(request),
            })
            .map_err(|failure| error::of_evaluate(&failure))?;
        }
        let virials = virials.map(|virials| matrices(py, &virials, &batch)).transpose()?;
        let gradients = gradients.map(Output::into_any);
        let evaluation = Bound::new(
            py,
            Evaluation::new(id.clone(), energies.unbind(), gradients, statuses.unbind(), virials),
        )?;
        if check { Evaluation::check(evaluation) } else { Ok(evaluation) }
    }

    /// Energies by term.
    ///
    /// Args:
    ///     positions: as for `evaluate`; they are read as float64.
    ///     box: as for `evaluate`.
    ///
    /// Returns:
    ///     A dict from the name of a term to its energies, [...] float64 in kJ/mol, NaN where a configuration failed.
    ///
    /// Raises:
    ///     ValueError: the plugin does not tell its terms, or shapes do not fit.
    #[pyo3(signature = (positions, r#box=None))]
    fn components<'py>(
        &self,
        py: Python<'py>,
        positions: &Bound<'py, PyAny>,
        r#box: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let potential = self.potential(py)?;
        let input = doubles(positions)?;
        let id = &potential.descriptor().id;
        let batch = shape::batch(input.shape(), potential.info(), id)?;
        let values = input.as_slice()?;
        let rows = r#box.map(|rows| BoxRows::of(rows, batch.iter().product(), id)).transpose()?;
        let boxes = rows.map(|rows| rows.each(batch.iter().product())).transpose()?;
        let terms = py
            .detach(|| potential.components(values, boxes.as_deref()))
            .map_err(|failure| error::of_evaluate(&failure))?;
        let names = potential.component_names();
        let result = PyDict::new(py);
        for (term, name) in names.iter().enumerate() {
            let column = terms.iter().skip(term).step_by(names.len()).copied();
            let column = numpy::PyArray1::from_iter(py, column);
            result.set_item(name, column.reshape(batch.as_slice())?)?;
        }
        Ok(result)
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let options = PyDict::new(py);
        options.set_item("sha256", &self.recipe.options.sha256)?;
        options.set_item("isolation", self.isolation())?;
        options.set_item("trust_writable", self.recipe.options.trust_writable)?;
        let folders: Vec<String> =
            self.recipe.plugin_path.iter().map(|folder| folder.display().to_string()).collect();
        options.set_item("plugin_path", folders)?;
        let arguments =
            PyTuple::new(py, [self.recipe.spec.clone().into_pyobject(py)?.into_any(), self.config(py)?])?;
        Ok((arguments, options))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let potential = self.potential(py)?;
        let (info, descriptor) = (potential.info(), potential.descriptor());
        Ok(format!(
            "Plugin('{}' {}: {} atoms x {}, {} and {})",
            descriptor.id,
            descriptor.version,
            info.atoms,
            info.dimensions,
            descriptor.units.length(),
            descriptor.units.energy()
        ))
    }
}

/// `[..., 3, 3]`
fn matrices(py: Python<'_>, values: &[[[f64; 3]; 3]], batch: &[usize]) -> PyResult<Py<PyArrayDyn<f64>>> {
    let shape: Vec<usize> = batch.iter().copied().chain([3, 3]).collect();
    Ok(numpy::PyArray1::from_slice(py, values.as_flattened().as_flattened()).reshape(shape)?.unbind())
}

/// Workers are started from the executable that came with this package, where the environment names no other.
fn isolation_of(py: Python<'_>, word: &str) -> PyResult<Isolation> {
    match word {
        "none" => Ok(Isolation::None),
        "process" => {
            let carried = listing::own_folder(py)?.join("freeland-worker");
            let given = std::env::var_os("FREELAND_WORKER").is_some();
            let executable = (!given && carried.is_file()).then_some(carried);
            Ok(Isolation::Process(ProcessOptions { executable, ..ProcessOptions::default() }))
        }
        other => Err(PyValueError::new_err(format!("isolation is '{other}', expected 'none' or 'process'"))),
    }
}

/// Room for gradients, of the type of the positions.
enum Output<'py> {
    F64(Bound<'py, PyArrayDyn<f64>>),
    F32(Bound<'py, PyArrayDyn<f32>>),
}

/// That room, while it is written to.
enum Borrowed<'py> {
    F64(numpy::PyReadwriteArrayDyn<'py, f64>),
    F32(numpy::PyReadwriteArrayDyn<'py, f32>),
}

impl<'py> Output<'py> {
    fn like(py: Python<'py>, input: &Input<'py>) -> Self {
        match input {
            Input::F64(array) => Self::F64(PyArrayDyn::zeros(py, array.shape(), false)),
            Input::F32(array) => Self::F32(PyArrayDyn::zeros(py, array.shape(), false)),
        }
    }

    fn borrow(&self) -> PyResult<Borrowed<'py>> {
        Ok(match self {
            Self::F64(array) => Borrowed::F64(array.try_readwrite()?),
            Self::F32(array) => Borrowed::F32(array.try_readwrite()?),
        })
    }

    fn into_any(self) -> Py<PyAny> {
        match self {
            Self::F64(array) => array.into_any().unbind(),
            Self::F32(array) => array.into_any().unbind(),
        }
    }
}

impl Borrowed<'_> {
    fn slice(&mut self) -> PyResult<Gradients<'_>> {
        Ok(match self {
            Self::F64(array) => Gradients::F64(array.as_slice_mut()?),
            Self::F32(array) => Gradients::F32(array.as_slice_mut()?),
        })
    }
}

/// Box rows of one box for all, or of one for each.
struct BoxRows<'py> {
    values: PyReadonlyArrayDyn<'py, f64>,
    stride: usize,
}

impl<'py> BoxRows<'py> {
    fn of(rows: &Bound<'py, PyAny>, count: usize, id: &str) -> PyResult<Self> {
        let values = doubles(rows)?;
        let stride = match values.shape() {
            [3, 3] => 0,
            [.., 3, 3] if values.len() == 9 * count => 9,
            shape => {
                return Err(PyValueError::new_err(format!(
                    "'{id}': box has shape {shape:?}, expected [3, 3] or, for {count} configurations, [..., 3, 3]"
                )));
            }
        };
        Ok(Self { values, stride })
    }

    /// A box for each of `count` configurations.
    fn each(&self, count: usize) -> PyResult<Vec<[[f64; 3]; 3]>> {
        let values = self.values.as_slice()?;
        let rows = |index: usize| {
            std::array::from_fn(|row| std::array::from_fn(|k| values[index * self.stride + 3 * row + k]))
        };
        Ok((0..count).map(rows).collect())
    }
}

/// Global parameters, the same for all or a row for each.
struct Parameters {
    values: Vec<f64>,
    stride: usize,
}

impl Parameters {
    fn of(given: &Bound<'_, PyDict>, potential: &Potential, batch: &[usize], count: usize) -> PyResult<Self> {
        let known = potential.parameters();
        let mut columns: Vec<Vec<f64>> = known.iter().map(|(_, value)| vec![*value]).collect();
        for (name, value) in given.iter() {
            let name: String = name.extract()?;
            let refuse = |what: String| {
                PyValueError::new_err(format!("'{}': parameter '{name}' {what}", potential.descriptor().id))
            };
            let place = known.iter().position(|(known, _)| *known == name).ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                refuse(format!("does not exist; there are {names:?}"))
            })?;
            let array = doubles(&value)?;
            let shape = array.shape();
            if !shape.is_empty() && shape != batch {
                return Err(refuse(format!("has shape {shape:?}, expected a number or shape {batch:?}")));
            }
            columns[place] = array.as_slice()?.to_vec();
        }
        if columns.iter().all(|column| column.len() == 1) {
            return Ok(Self { values: columns.concat(), stride: 0 });
        }
        let of = |column: &Vec<f64>, row: usize| if column.len() == 1 { column[0] } else { column[row] };
        let values = (0..count).flat_map(|row| columns.iter().map(move |column| of(column, row))).collect();
        Ok(Self { values, stride: known.len() })
    }
}
