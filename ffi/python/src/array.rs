//! NumPy arrays in and out: taken as they are where that is possible, copied where not.

use freeland_loader::Positions;
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// Positions of the caller's, borrowed if they were packed, or a packed copy.
pub enum Input<'py> {
    F64(PyReadonlyArrayDyn<'py, f64>),
    F32(PyReadonlyArrayDyn<'py, f32>),
}

impl<'py> Input<'py> {
    /// `single`: whether f32 may stay f32. Everything else becomes f64.
    pub fn of(value: &Bound<'py, PyAny>, single: bool) -> PyResult<Self> {
        if let Ok(array) = value.cast::<PyArrayDyn<f64>>()
            && is_packed(array)
        {
            return Ok(Self::F64(array.try_readonly()?));
        }
        if let Ok(array) = value.cast::<PyArrayDyn<f32>>()
            && single
        {
            if is_packed(array) {
                return Ok(Self::F32(array.try_readonly()?));
            }
            let copy = packed(value, "float32")?;
            return Ok(Self::F32(copy.cast::<PyArrayDyn<f32>>()?.try_readonly()?));
        }
        Ok(Self::F64(doubles(value)?))
    }

    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F64(array) => array.shape(),
            Self::F32(array) => array.shape(),
        }
    }

    pub fn positions(&self) -> PyResult<Positions<'_>> {
        Ok(match self {
            Self::F64(array) => Positions::F64(array.as_slice()?),
            Self::F32(array) => Positions::F32(array.as_slice()?),
        })
    }
}

/// Anything that NumPy reads as numbers, as packed f64; an OpenMM quantity is taken in nm.
pub fn doubles<'py>(value: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArrayDyn<'py, f64>> {
    let copy = packed(&plain(value)?, "float64")?;
    Ok(copy.cast::<PyArrayDyn<f64>>()?.try_readonly()?)
}

fn is_packed<T: numpy::Element>(array: &Bound<'_, PyArrayDyn<T>>) -> bool {
    array.is_c_contiguous() && array.data().is_aligned()
}

fn packed<'py>(value: &Bound<'py, PyAny>, dtype: &str) -> PyResult<Bound<'py, PyAny>> {
    static REQUIRE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let require = REQUIRE.import(py, "numpy", "require")?;
    let options = PyDict::new(py);
    options.set_item("dtype", dtype)?;
    options.set_item("requirements", "CA")?;
    require.call((value,), Some(&options))
}

/// Strips the unit of an `openmm.unit.Quantity`: lengths in nm.
fn plain<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match value.getattr_opt("value_in_unit")? {
        Some(convert) => convert.call1((value.py().import("openmm.unit")?.getattr("nanometer")?,)),
        None => Ok(value.clone()),
    }
}
