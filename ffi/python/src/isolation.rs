//! Worker processes, as Python asks for them.

use std::path::PathBuf;
use std::time::Duration;

use freeland_loader::{self as loader, Confinement, ProcessOptions};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::listing;

const BEST_EFFORT: &str = "best-effort";
const REQUIRED: &str = "required";

/// How worker processes are used, in which a plugin may crash and hang without harm to this one.
///
/// Args:
///     workers: worker processes at most. None: one for every thread of the machine where an instance takes one call at a time,
///         else one.
///     time_limit: seconds that one call of the plugin may take. Then it is asked to stop.
///     grace: seconds that it may take to heed that. Then it is killed.
///     start_limit: seconds that loading the library and creating the instance may take.
///     max_restarts: how often workers may be started again before the plugin is given up.
///     memory: bytes that a worker may have; one that has grown by half of it is replaced. None: no limit.
///     writable: files and folders that a worker may write to, besides a scratch folder of its own.
///     confinement: "best-effort", or "required" to load nothing of the plugin where this system cannot keep it from all that it
///         should.
///
/// Raises:
///     ValueError: a number makes no sense.
#[pyclass(module = "freeland", frozen, eq)]
#[derive(Clone, PartialEq)]
pub struct Isolation(ProcessOptions);

#[pymethods]
impl Isolation {
    #[new]
    #[pyo3(signature = (*, workers=None, time_limit=60.0, grace=1.0, start_limit=120.0, max_restarts=1000, memory=None, writable=None, confinement="best-effort"))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        workers: Option<usize>,
        time_limit: f64,
        grace: f64,
        start_limit: f64,
        max_restarts: u64,
        memory: Option<u64>,
        writable: Option<&Bound<'_, PyAny>>,
        confinement: &str,
    ) -> PyResult<Self> {
        if workers == Some(0) {
            return Err(PyValueError::new_err("workers is 0, expected at least 1, or None"));
        }
        // Workers are started from the executable that came with this package, where the environment names no other.
        let carried = listing::own_folder(py)?.join("freeland-worker");
        let given = std::env::var_os("FREELAND_WORKER").is_some();
        Ok(Self(ProcessOptions {
            workers,
            time_limit: seconds("time_limit", time_limit)?,
            grace: seconds("grace", grace)?,
            start_limit: seconds("start_limit", start_limit)?,
            max_restarts,
            memory,
            writable: listing::folders(writable)?,
            confinement: match confinement {
                BEST_EFFORT => Confinement::BestEffort,
                REQUIRED => Confinement::Required,
                other => {
                    return Err(PyValueError::new_err(format!(
                        "confinement is '{other}', expected '{BEST_EFFORT}' or '{REQUIRED}'"
                    )));
                }
            },
            landlock_at_most: None,
            executable: (!given && carried.is_file()).then_some(carried),
        }))
    }

    /// Worker processes at most, or `None`.
    #[getter]
    fn workers(&self) -> Option<usize> {
        self.0.workers
    }

    /// Seconds that one call may take.
    #[getter]
    fn time_limit(&self) -> f64 {
        self.0.time_limit.as_secs_f64()
    }

    /// Seconds to heed that it is over.
    #[getter]
    fn grace(&self) -> f64 {
        self.0.grace.as_secs_f64()
    }

    /// Seconds to start.
    #[getter]
    fn start_limit(&self) -> f64 {
        self.0.start_limit.as_secs_f64()
    }

    /// How often workers may be started again.
    #[getter]
    fn max_restarts(&self) -> u64 {
        self.0.max_restarts
    }

    /// Bytes that a worker may have, or `None`.
    #[getter]
    fn memory(&self) -> Option<u64> {
        self.0.memory
    }

    /// Files and folders that a worker may write to.
    #[getter]
    fn writable(&self) -> Vec<PathBuf> {
        self.0.writable.clone()
    }

    /// "best-effort" or "required".
    #[getter]
    fn confinement(&self) -> &'static str {
        match self.0.confinement {
            Confinement::BestEffort => BEST_EFFORT,
            Confinement::Required => REQUIRED,
        }
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let options = PyDict::new(py);
        options.set_item("workers", self.workers())?;
        options.set_item("time_limit", self.time_limit())?;
        options.set_item("grace", self.grace())?;
        options.set_item("start_limit", self.start_limit())?;
        options.set_item("max_restarts", self.max_restarts())?;
        options.set_item("memory", self.memory())?;
        options.set_item(
            "writable",
            self.0.writable.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        )?;
        options.set_item("confinement", self.confinement())?;
        Ok((PyTuple::empty(py), options))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (_, options) = self.__getnewargs_ex__(py)?;
        let mut words = Vec::new();
        for (name, value) in options.iter() {
            words.push(format!("{name}={}", value.repr()?));
        }
        Ok(format!("Isolation({})", words.join(", ")))
    }
}

impl Isolation {
    /// As `Plugin.isolation` tells it.
    pub fn to_python<'py>(py: Python<'py>, isolation: &loader::Isolation) -> PyResult<Bound<'py, PyAny>> {
        Ok(match isolation {
            loader::Isolation::None => PyString::new(py, "none").into_any(),
            loader::Isolation::Process(options) => Bound::new(py, Self(options.clone()))?.into_any(),
        })
    }
}

/// What `isolation=` is given: "none", "process", an `Isolation`, or its arguments as a mapping.
pub fn of(given: Option<&Bound<'_, PyAny>>) -> PyResult<loader::Isolation> {
    let Some(given) = given else { return Ok(loader::Isolation::None) };
    let py = given.py();
    if let Ok(limits) = given.cast::<Isolation>() {
        return Ok(loader::Isolation::Process(limits.get().0.clone()));
    }
    let arguments = PyDict::new(py);
    if let Ok(word) = given.cast::<PyString>() {
        match word.to_str()? {
            "none" => return Ok(loader::Isolation::None),
            "process" => {}
            other => {
                return Err(PyValueError::new_err(format!(
                    "isolation is '{other}', expected 'none', 'process' or freeland.Isolation(...)"
                )));
            }
        }
    } else if let Ok(mapping) = given.cast::<PyMapping>() {
        arguments.update(mapping)?;
    } else {
        return Err(PyTypeError::new_err(format!(
            "isolation is a {}, expected 'none', 'process', freeland.Isolation(...) or a mapping",
            given.get_type().name()?
        )));
    }
    let limits = py.get_type::<Isolation>().call((), Some(&arguments))?;
    Ok(loader::Isolation::Process(limits.cast::<Isolation>()?.get().0.clone()))
}

fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value)
        .map_err(|reason| PyValueError::new_err(format!("{name} is {value} s: {reason}")))
}
