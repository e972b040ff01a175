//! From the shape of an array of positions to the shape of what comes back.

use freeland_loader::Info;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The axes before those of one configuration: the shape of energies and statuses.
///
/// Positions are `[..., atoms, dimensions]` or `[..., atoms * dimensions]`. For a single atom the two are told apart by the
/// number of axes: `[n, dimensions]` are n configurations, `[..., 1, dimensions]` with three axes or more has an atom axis.
///
/// # Errors
/// `ValueError`: the last axes fit neither.
pub fn batch(shape: &[usize], info: &Info, id: &str) -> PyResult<Vec<usize>> {
    let (atoms, dimensions) = (info.atoms, info.dimensions);
    let has_atom_axis = shape.len() >= 2 && shape[shape.len() - 2..] == [atoms, dimensions];
    if has_atom_axis && (atoms > 1 || shape.len() > 2) {
        return Ok(shape[..shape.len() - 2].to_vec());
    }
    if shape.last() == Some(&(atoms * dimensions)) {
        return Ok(shape[..shape.len() - 1].to_vec());
    }
    Err(PyValueError::new_err(format!(
        "'{id}': positions have shape {shape:?}, expected [..., {atoms}, {dimensions}] or [..., {}]",
        atoms * dimensions
    )))
}
