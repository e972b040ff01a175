//! What a plugin tells beside energy and gradient, by name.

use freeland_loader::{self as loader, Potential};
use numpy::{PyArrayDyn, PyArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::types::{PyDict, PyTuple};

/// A quantity that `evaluate` gives where it is asked for.
#[pyclass(module = "freeland", frozen, get_all)]
pub struct Output {
    /// Its name, such as `virial`, `energy:bonds`, `charges`.
    name: String,
    /// Its unit, or `None` for a pure number.
    unit: Option<String>,
    /// What it is, for people, or `None`.
    description: Option<String>,
    /// The extents for one configuration, `()` for a single number.
    shape: Py<PyTuple>,
}

#[pymethods]
impl Output {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let unit = self.unit.as_deref().map(|unit| format!(", {unit}")).unwrap_or_default();
        Ok(format!("Output('{}'{unit}, shape {})", self.name, self.shape.bind(py).repr()?))
    }
}

fn extents(potential: &Potential, output: &loader::Output) -> Vec<usize> {
    output.shape.extents(potential.info().atoms, potential.info().dimensions)
}

/// All that a plugin tells.
pub fn told(py: Python<'_>, potential: &Potential) -> PyResult<Vec<Output>> {
    let each = potential.outputs().iter().map(|output| {
        Ok(Output {
            name: output.name.clone(),
            unit: output.unit.clone(),
            description: output.description.clone(),
            shape: PyTuple::new(py, extents(potential, output))?.unbind(),
        })
    });
    each.collect()
}

/// Outputs that a call is to give, and room for them.
pub struct Wanted<'py> {
    pub names: Vec<String>,
    arrays: Vec<Bound<'py, PyArrayDyn<f64>>>,
}

impl<'py> Wanted<'py> {
    /// `given`: a name, or several. The plugin must have them.
    pub fn of(
        py: Python<'py>,
        given: Option<&Bound<'py, PyAny>>,
        potential: &Potential,
        batch: &[usize],
    ) -> PyResult<Self> {
        let names = names(given)?;
        let mut arrays = Vec::new();
        for name in &names {
            let output = potential.output(name).map_err(|failure| crate::error::of_evaluate(&failure))?;
            let shape = [batch, &extents(potential, output)].concat();
            arrays.push(PyArrayDyn::zeros(py, shape, false));
        }
        Ok(Self { names, arrays })
    }

    /// The room, while it is written to.
    pub fn borrow(&self) -> PyResult<Vec<numpy::PyReadwriteArrayDyn<'py, f64>>> {
        self.arrays.iter().map(|array| Ok(array.try_readwrite()?)).collect()
    }

    /// By name.
    pub fn into_dict(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (name, array) in self.names.into_iter().zip(self.arrays) {
            dict.set_item(name, array)?;
        }
        Ok(dict)
    }
}

fn names(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(vec![one.to_string()]);
    }
    let each = given.try_iter().map_err(|_| {
        PyTypeError::new_err("outputs is neither a name nor several; Plugin.outputs tells the names")
    })?;
    each.map(|name| name?.extract()).collect()
}
