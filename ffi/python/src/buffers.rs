//! What a call is given besides positions, and room for what it gives.

use freeland_loader::{Gradients, Potential};
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::array::{Input, doubles};

/// Room for gradients, of the type of the positions.
pub enum Slopes<'py> {
    F64(Bound<'py, PyArrayDyn<f64>>),
    F32(Bound<'py, PyArrayDyn<f32>>),
}

/// That room, while it is written to.
pub enum Borrowed<'py> {
    F64(numpy::PyReadwriteArrayDyn<'py, f64>),
    F32(numpy::PyReadwriteArrayDyn<'py, f32>),
}

impl<'py> Slopes<'py> {
    pub fn like(py: Python<'py>, input: &Input<'py>) -> Self {
        match input {
            Input::F64(array) => Self::F64(PyArrayDyn::zeros(py, array.shape(), false)),
            Input::F32(array) => Self::F32(PyArrayDyn::zeros(py, array.shape(), false)),
        }
    }

    pub fn borrow(&self) -> PyResult<Borrowed<'py>> {
        Ok(match self {
            Self::F64(array) => Borrowed::F64(array.try_readwrite()?),
            Self::F32(array) => Borrowed::F32(array.try_readwrite()?),
        })
    }

    pub fn into_any(self) -> Py<PyAny> {
        match self {
            Self::F64(array) => array.into_any().unbind(),
            Self::F32(array) => array.into_any().unbind(),
        }
    }
}

impl Borrowed<'_> {
    pub fn slice(&mut self) -> PyResult<Gradients<'_>> {
        Ok(match self {
            Self::F64(array) => Gradients::F64(array.as_slice_mut()?),
            Self::F32(array) => Gradients::F32(array.as_slice_mut()?),
        })
    }
}

/// Box rows of one box for all, or of one for each.
pub struct BoxRows<'py> {
    pub values: PyReadonlyArrayDyn<'py, f64>,
    pub stride: usize,
}

impl<'py> BoxRows<'py> {
    pub fn of(rows: &Bound<'py, PyAny>, count: usize, id: &str) -> PyResult<Self> {
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
}

/// Global parameters, the same for all or a row for each.
pub struct Parameters {
    pub values: Vec<f64>,
    pub stride: usize,
}

impl Parameters {
    pub fn of(
        given: &Bound<'_, PyDict>,
        potential: &Potential,
        batch: &[usize],
        count: usize,
    ) -> PyResult<Self> {
        let known = potential.parameters();
        let mut columns: Vec<Vec<f64>> = known.iter().map(|parameter| vec![parameter.default]).collect();
        for (name, value) in given.iter() {
            let name: String = name.extract()?;
            let refuse = |what: String| {
                PyValueError::new_err(format!("'{}': parameter '{name}' {what}", potential.descriptor().id))
            };
            let place = known.iter().position(|parameter| parameter.name == name).ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|parameter| parameter.name.as_str()).collect();
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
