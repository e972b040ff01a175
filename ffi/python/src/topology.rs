//! The molecule that a plugin tells of.

use freeland_loader::Potential;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

/// A molecule as the plugin tells it. What is not known is `None`.
#[pyclass(module = "freeland", frozen, get_all)]
pub struct Topology {
    /// Number of atoms.
    atoms: usize,
    /// uint32, `[atoms]`.
    atomic_numbers: Option<Py<PyArray1<u32>>>,
    /// float64, `[atoms]`, Da.
    masses: Option<Py<PyArray1<f64>>>,
    /// float64, `[atoms]`, e.
    charges: Option<Py<PyArray1<f64>>>,
    /// PDB names such as `CA`, `[atoms]`.
    names: Option<Vec<String>>,
    /// uint32, `[atoms]`: residue of each atom, from 0.
    residues: Option<Py<PyArray1<u32>>>,
    /// Name of each atom's residue, `[atoms]`.
    residue_names: Option<Vec<String>>,
    /// uint32, `[bonds, 2]`: pairs of atoms, from 0; empty where none are known.
    bonds: Py<PyArray2<u32>>,
    /// float64, `[atoms, dimensions]`, nm: a configuration to start from.
    positions: Option<Py<PyArray2<f64>>>,
    /// float64, `[3, 3]` rows, nm: the box where a call names no other.
    r#box: Option<Py<PyArray2<f64>>>,
}

impl Topology {
    /// `None` where the plugin does not tell its molecule.
    pub fn of(py: Python<'_>, potential: &Potential) -> PyResult<Option<Self>> {
        let Some(topology) = potential.topology() else { return Ok(None) };
        let atoms = potential.info().atoms;
        let numbers =
            |values: &[f64]| (!values.is_empty()).then(|| PyArray1::from_slice(py, values).unbind());
        let indices =
            |values: &[u32]| (!values.is_empty()).then(|| PyArray1::from_slice(py, values).unbind());
        let words = |values: &[String]| (!values.is_empty()).then(|| values.to_vec());
        let positions = match topology.positions.as_slice() {
            [] => None,
            values => {
                let array = PyArray1::from_slice(py, values);
                Some(array.reshape([atoms, values.len() / atoms])?.unbind())
            }
        };
        let rows = topology.unit_cell.map(|rows| PyArray1::from_slice(py, rows.as_flattened()));
        let r#box = rows.map(|rows| Ok::<_, PyErr>(rows.reshape([3, 3])?.unbind())).transpose()?;
        let bonds = PyArray1::from_slice(py, topology.bonds.as_flattened());
        Ok(Some(Self {
            atoms,
            atomic_numbers: indices(&topology.atomic_numbers),
            masses: numbers(&topology.masses),
            charges: numbers(&topology.charges),
            names: words(&topology.atom_names),
            residues: indices(&topology.residues),
            residue_names: words(&topology.residue_names),
            bonds: bonds.reshape([topology.bonds.len(), 2])?.unbind(),
            positions,
            r#box,
        }))
    }
}

#[pymethods]
impl Topology {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let bonds: (usize, usize) = self.bonds.bind(py).getattr("shape")?.extract()?;
        Ok(format!("Topology({} atoms, {} bonds)", self.atoms, bonds.0))
    }
}
