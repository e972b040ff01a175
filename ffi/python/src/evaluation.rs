//! What a call gives back.

use freeland_loader::status_name;
use numpy::{PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::EvaluationError;

/// Energies, gradients and statuses of a batch, as NumPy arrays.
#[pyclass(module = "freeland", frozen, get_all)]
pub struct Evaluation {
    /// The id of the plugin.
    plugin: String,
    /// float64, `[...]` as the positions' leading axes; kJ/mol, or the plugin's own unit. NaN where a status is not 0.
    energies: Py<PyArrayDyn<f64>>,
    /// `+dE/dx`, shape and dtype of the positions; kJ/mol/nm. Zeros where a status is not 0; `None` unless asked for.
    gradients: Option<Py<PyAny>>,
    /// int32, `[...]`; 0: ok.
    statuses: Py<PyArrayDyn<i32>>,
    /// A dict from each name that was asked for to its values: float64, `[...]` and the shape of the output; NaN where a status is
    /// not 0.
    outputs: Py<PyDict>,
}

#[pymethods]
impl Evaluation {
    /// As `evaluate` makes it; needed to send one to another process.
    #[new]
    #[pyo3(signature = (plugin, energies, gradients, statuses, outputs))]
    pub fn new(
        plugin: String,
        energies: Py<PyArrayDyn<f64>>,
        gradients: Option<Py<PyAny>>,
        statuses: Py<PyArrayDyn<i32>>,
        outputs: Py<PyDict>,
    ) -> Self {
        Self { plugin, energies, gradients, statuses, outputs }
    }

    /// `-gradients`, kJ/mol/nm; `None` unless gradients were asked for.
    #[getter]
    fn forces<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.gradients.as_ref().map(|gradients| gradients.bind(py).neg()).transpose()
    }

    /// bool, `[...]`: which configurations were evaluated.
    #[getter]
    fn ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.statuses.bind(py).as_any().rich_compare(0, CompareOp::Eq)
    }

    /// How many configurations have a status other than 0.
    #[getter]
    fn failed(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.statuses.bind(py).try_readonly()?.as_array().iter().filter(|&&status| status != 0).count())
    }

    /// Raises `EvaluationError` where a configuration failed; returns itself otherwise.
    pub fn check(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        let py = slf.py();
        let this = slf.get();
        let failed = this.failed(py)?;
        if failed == 0 {
            return Ok(slf);
        }
        let statuses = this.statuses.bind(py).try_readonly()?;
        let (first, status) = statuses
            .as_array()
            .iter()
            .enumerate()
            .find_map(|(index, &status)| (status != 0).then_some((index, status)))
            .unwrap_or_default();
        let error = EvaluationError::new_err(format!(
            "'{}' could not evaluate {failed} of {} configurations; the first is {first}: {}",
            this.plugin,
            statuses.len(),
            status_name(status)
        ));
        error.value(py).setattr("evaluation", &slf)?;
        Err(error)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Parts)> {
        let (py, this) = (slf.py(), slf.get());
        let parts = (
            this.plugin.clone(),
            this.energies.clone_ref(py),
            this.gradients.as_ref().map(|gradients| gradients.clone_ref(py)),
            this.statuses.clone_ref(py),
            this.outputs.clone_ref(py),
        );
        Ok((slf.getattr("__class__")?, parts))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let count = self.statuses.bind(py).len();
        let gradients = if self.gradients.is_some() { "energies and gradients" } else { "energies" };
        Ok(format!("Evaluation('{}': {gradients} of {count}, {} failed)", self.plugin, self.failed(py)?))
    }
}

type Parts = (String, Py<PyArrayDyn<f64>>, Option<Py<PyAny>>, Py<PyArrayDyn<i32>>, Py<PyDict>);
