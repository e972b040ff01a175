//! An open plugin.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freeland_loader::{Creation, Dtype, Options, Potential, Request, monotonic_ns};
use numpy::{PyArrayDyn, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::array::Input;
use crate::buffers::{BoxRows, Parameters, Slopes};
use crate::description::Info;
use crate::error::PluginError;
use crate::evaluation::Evaluation;
use crate::interrupt::Watch;
use crate::isolation::{self, Isolation};
use crate::outputs::{self, Output, Wanted};
use crate::recipe::{Opened, Recipe};
use crate::topology::Topology;
use crate::{config, error, listing, log, shape};

/// An energy plugin with a configuration, ready to be evaluated from any thread.
///
/// It can be pickled (as what it was opened by) and used after a fork (it is opened again there).
///
/// Args:
///     spec: an id such as "molecular-mechanics"; the path of a library; or "path.so#id".
///     config: a mapping, or JSON text; {} if None.
///     sha256: hexadecimal digits; a library with another hash is refused before any of its code runs.
///     plugin_path: a folder, or several, to look in first.
///     isolation: "none"; or "process" to run it in worker processes, so that a crash or a hang of the plugin is the
///         status of one configuration; or an `Isolation` (or its arguments as a mapping) to do so with limits.
///     folder: what relative paths in the configuration start from; the current folder if None.
///     threads: on how many threads one call may work; as many as there are if None.
///     topology: a `Topology`, for plugins that use or need a molecule (`Description.topology`).
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

impl Plugin {
    /// The instance; made anew where the process has forked since.
    fn potential(&self, py: Python<'_>) -> PyResult<Arc<Potential>> {
        // The lock is held by threads that are attached to Python, and for no call: never while another thread forks.
        let opened = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let usable = opened().usable();
        if let Some(potential) = usable {
            return Ok(potential);
        }
        let anew = self.recipe.open(py)?;
        let potential = anew.usable();
        let old = std::mem::replace(&mut *opened(), anew);
        drop(old);
        potential.ok_or_else(|| PluginError::new_err("the process has forked while the plugin was opened"))
    }
}

#[pymethods]
impl Plugin {
    #[new]
    #[pyo3(signature = (spec, config=None, *, sha256=None, plugin_path=None, isolation=None, folder=None, threads=None, topology=None, trust_writable=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        spec: &Bound<'_, PyAny>,
        config: Option<&Bound<'_, PyAny>>,
        sha256: Option<String>,
        plugin_path: Option<&Bound<'_, PyAny>>,
        isolation: Option<&Bound<'_, PyAny>>,
        folder: Option<&Bound<'_, PyAny>>,
        threads: Option<u32>,
        topology: Option<Bound<'_, Topology>>,
        trust_writable: bool,
    ) -> PyResult<Self> {
        if threads == Some(0) {
            return Err(PyValueError::new_err("threads is 0, expected at least 1, or None"));
        }
        // After a fork or in another process, the current folder may be another.
        let folder = match folder {
            Some(folder) => Some(std::path::absolute(config::path_text(folder)?)?),
            None => std::env::current_dir().ok(),
        };
        let topology = topology.map(|topology| topology.get().0.clone());
        let creation = Creation { topology, folder, threads, log: log::of_plugins() };
        let plugin_path = listing::folders(plugin_path)?;
        let recipe = Recipe {
            path: listing::path(py, &plugin_path)?,
            plugin_path,
            derived: Vec::new(),
            spec: config::path_text(spec)?,
            config: config::to_json(config)?,
            options: Options { isolation: isolation::of(isolation)?, sha256, trust_writable, creation },
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

    /// "none", or the `Isolation` where it runs in worker processes.
    #[getter]
    fn isolation<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Isolation::to_python(py, &self.recipe.options.isolation)
    }

    /// What it says of itself: an `Info`.
    #[getter]
    fn info(&self, py: Python<'_>) -> PyResult<Py<Info>> {
        Info::of(py, &*self.potential(py)?)
    }

    /// What it tells beside energy and gradient: a list of `Output`.
    #[getter]
    fn outputs(&self, py: Python<'_>) -> PyResult<Vec<Output>> {
        outputs::told(py, &*self.potential(py)?)
    }

    /// The molecule: a `Topology`, or `None` where the plugin does not tell.
    #[getter]
    fn topology(&self, py: Python<'_>) -> PyResult<Option<Topology>> {
        Ok(Topology::of(&*self.potential(py)?))
    }

    /// Another plugin for another molecule, with the configuration and the weights of this one, for models that are large. The two
    /// are independent afterwards. It cannot be pickled.
    ///
    /// Args:
    ///     topology: the molecule, a `Topology`.
    ///
    /// Raises:
    ///     PluginError: the plugin cannot do that.
    ///     ValueError: it refuses the molecule.
    fn derive(&self, py: Python<'_>, topology: &Topology) -> PyResult<Self> {
        let (recipe, opened) = self.recipe.derive(py, &*self.potential(py)?, &topology.0)?;
        Ok(Self { recipe, opened: Mutex::new(opened) })
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
    ///     outputs: a name, or several, of what `Plugin.outputs` lists. All come from the computation of the energies.
    ///     time_limit: seconds after which the rest is cancelled (status 7).
    ///     seed, first: for plugins that draw random numbers: configuration i draws from the stream (seed, first + i).
    ///
    /// Returns:
    ///     An Evaluation: energies [...] float64 in kJ/mol; gradients dE/dx in the shape and type of the positions in
    ///     kJ/mol/nm; statuses [...] int32, 0 where all is well; outputs, a dict of what was asked for, [...] and its shape. Where a
    ///     status is not 0, the energy and outputs are NaN and the gradient zero.
    ///
    /// Raises:
    ///     ValueError: shapes do not fit, a periodic plugin has no box, or the plugin has no such output or no gradient.
    ///     PluginError: the call failed as a whole.
    ///     EvaluationError: with `check`, a configuration failed.
    ///     KeyboardInterrupt: Ctrl-C, which also asks the plugin to stop.
    #[pyo3(signature = (positions, r#box=None, gradient=true, *, parameters=None, outputs=None, check=false, time_limit=None, seed=0, first=0))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        positions: &Bound<'py, PyAny>,
        r#box: Option<&Bound<'py, PyAny>>,
        gradient: bool,
        parameters: Option<&Bound<'py, PyDict>>,
        outputs: Option<&Bound<'py, PyAny>>,
        check: bool,
        time_limit: Option<f64>,
        seed: u64,
        first: u64,
    ) -> PyResult<Bound<'py, Evaluation>> {
        let potential = self.potential(py)?;
        let (info, id) = (potential.info(), &potential.descriptor().id);
        let input = Input::of(positions, info.dtypes.contains(&Dtype::F32))?;
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
        let gradients = gradient.then(|| Slopes::like(py, &input));
        let wanted = Wanted::of(py, outputs, &potential, &batch)?;
        let deadline = limit.map(|limit| monotonic_ns().saturating_add(nanoseconds(limit)));
        loop {
            let (mut energies, mut statuses) = (energies.try_readwrite()?, statuses.try_readwrite()?);
            let positions = input.positions()?;
            let mut request = Request::of(positions, statuses.as_slice_mut()?)
                .energies(energies.as_slice_mut()?)
                .seed(seed, first);
            let mut borrowed = gradients.as_ref().map(Slopes::borrow).transpose()?;
            if let Some(gradients) = &mut borrowed {
                request = request.gradients_of(gradients.slice()?);
            }
            if let Some(rows) = &rows {
                request = request.box_rows(rows.values.as_slice()?, rows.stride);
            }
            if let Some(values) = &values {
                request = request.parameters(&values.values, values.stride);
            }
            if let Some(deadline) = deadline {
                request = request.deadline_ns(deadline);
            }
            let mut room = wanted.borrow()?;
            for (name, values) in wanted.names.iter().zip(&mut room) {
                request = request.output(name, values.as_slice_mut()?);
            }
            let watch = Watch::start();
            if let Some(flag) = watch.flag() {
                request = request.cancel(flag);
            }
            let evaluated = py.detach(|| potential.evaluate_into(request));
            let interrupted = watch.interrupted();
            drop(watch);
            log::drain(py);
            if interrupted {
                // KeyboardInterrupt, as a rule; where a handler of the user's lets it pass, the call begins again.
                py.check_signals()?;
                continue;
            }
            evaluated.map_err(|failure| error::of_evaluate(&failure))?;
            break;
        }
        let outputs = wanted.into_dict(py)?.unbind();
        let gradients = gradients.map(Slopes::into_any);
        let evaluation = Bound::new(
            py,
            Evaluation::new(id.clone(), energies.unbind(), gradients, statuses.unbind(), outputs),
        )?;
        if check { Evaluation::check(evaluation) } else { Ok(evaluation) }
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        if !self.recipe.derived.is_empty() {
            return Err(PyTypeError::new_err(
                "a derived plugin is not opened by a configuration, and so cannot be sent to another process or handed to another \
                 program; take the one it was derived from",
            ));
        }
        let options = PyDict::new(py);
        options.set_item("sha256", &self.recipe.options.sha256)?;
        options.set_item("isolation", self.isolation(py)?)?;
        options.set_item("trust_writable", self.recipe.options.trust_writable)?;
        let creation = &self.recipe.options.creation;
        options.set_item("folder", creation.folder.as_ref().map(|folder| folder.display().to_string()))?;
        options.set_item("threads", creation.threads)?;
        let topology =
            creation.topology.clone().map(|topology| Bound::new(py, Topology(topology))).transpose()?;
        options.set_item("topology", topology)?;
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
            info.units.length(),
            info.units.energy()
        ))
    }
}

fn nanoseconds(limit: Duration) -> u64 {
    u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX)
}
