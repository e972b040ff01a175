//! A molecule: as a plugin tells it, or as it is told one.

use freeland_loader::{self as loader, Electrons, Potential};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::array::doubles;

/// A molecule, for plugins that use one, and as plugins tell theirs. What is not known is `None`.
///
/// Args:
///     atomic_numbers: [atoms]; 0 for what is no element.
///     masses: [atoms], Da.
///     charges: [atoms], e.
///     names: PDB names such as `CA`, [atoms].
///     residues: the residue of each atom, from 0, [atoms].
///     residue_names, residue_numbers, chain_names: of the residue of each atom, [atoms].
///     bonds: [bonds, 2]: pairs of atoms, from 0.
///     bond_orders: [bonds]: 1, 1.5 for aromatic, 2, 3; 0 where it is unknown.
///     positions: [atoms, 3], nm: a configuration to start from.
///     box: [3, 3], rows, nm.
///     periodic: along which box rows it is periodic.
///     total_charge: e; with multiplicity.
///     multiplicity: 2S + 1; with total_charge.
///
/// Raises:
///     ValueError: arrays do not fit each other.
#[pyclass(module = "freeland", frozen)]
pub struct Topology(pub loader::Topology);

#[pymethods]
impl Topology {
    #[new]
    #[pyo3(signature = (
        atomic_numbers, *, masses=None, charges=None, names=None, residues=None, residue_names=None, residue_numbers=None,
        chain_names=None, bonds=None, bond_orders=None, positions=None, r#box=None, periodic=None, total_charge=None,
        multiplicity=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        atomic_numbers: Vec<u32>,
        masses: Option<Vec<f64>>,
        charges: Option<Vec<f64>>,
        names: Option<Vec<String>>,
        residues: Option<Vec<u32>>,
        residue_names: Option<Vec<String>>,
        residue_numbers: Option<Vec<String>>,
        chain_names: Option<Vec<String>>,
        bonds: Option<Vec<[u32; 2]>>,
        bond_orders: Option<Vec<f64>>,
        positions: Option<&Bound<'_, PyAny>>,
        r#box: Option<&Bound<'_, PyAny>>,
        periodic: Option<[bool; 3]>,
        total_charge: Option<i32>,
        multiplicity: Option<u32>,
    ) -> PyResult<Self> {
        let electrons = match (total_charge, multiplicity) {
            (None, None) => None,
            (Some(total_charge), Some(multiplicity)) if multiplicity > 0 => {
                Some(Electrons { total_charge, multiplicity })
            }
            _ => {
                return Err(PyValueError::new_err(
                    "total_charge and multiplicity are told together, and multiplicity is at least 1",
                ));
            }
        };
        let rows = r#box.map(|rows| of_shape("box", rows, &[3, 3])).transpose()?;
        let atoms = atomic_numbers.len();
        let positions = positions.map(|values| of_shape("positions", values, &[atoms, 3])).transpose()?;
        let topology = loader::Topology {
            masses: masses.unwrap_or_default(),
            charges: charges.unwrap_or_default(),
            atom_names: names.unwrap_or_default(),
            residues: residues.unwrap_or_default(),
            residue_names: residue_names.unwrap_or_default(),
            residue_numbers: residue_numbers.unwrap_or_default(),
            chain_names: chain_names.unwrap_or_default(),
            bonds: bonds.unwrap_or_default(),
            bond_orders: bond_orders.unwrap_or_default(),
            periodic: periodic.unwrap_or_default().iter().rev().fold(0, |set, &is| 2 * set + u32::from(is)),
            positions: positions
                .map(|values| Ok::<_, PyErr>(values.as_slice()?.to_vec()))
                .transpose()?
                .unwrap_or_default(),
            unit_cell: rows
                .map(|rows| {
                    Ok::<_, PyErr>(
                        rows.as_slice()?.as_chunks::<3>().0.try_into().expect("three rows of three"),
                    )
                })
                .transpose()?,
            electrons,
            atomic_numbers,
        };
        topology.check(atoms).map_err(|problem| PyValueError::new_err(problem.to_string()))?;
        Ok(Self(topology))
    }

    /// Number of atoms.
    #[getter]
    fn atoms(&self) -> usize {
        self.0.atoms()
    }

    /// uint32, `[atoms]`; 0 for what is no element.
    #[getter]
    fn atomic_numbers<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<u32>>> {
        array(py, &self.0.atomic_numbers)
    }

    /// float64, `[atoms]`, Da.
    #[getter]
    fn masses<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        array(py, &self.0.masses)
    }

    /// float64, `[atoms]`, e.
    #[getter]
    fn charges<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        array(py, &self.0.charges)
    }

    /// PDB names such as `CA`, `[atoms]`.
    #[getter]
    fn names(&self) -> Option<Vec<String>> {
        words(&self.0.atom_names)
    }

    /// uint32, `[atoms]`: residue of each atom, from 0.
    #[getter]
    fn residues<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<u32>>> {
        array(py, &self.0.residues)
    }

    /// Name of each atom's residue, `[atoms]`.
    #[getter]
    fn residue_names(&self) -> Option<Vec<String>> {
        words(&self.0.residue_names)
    }

    /// Number of each atom's residue, with its insertion code, `[atoms]`.
    #[getter]
    fn residue_numbers(&self) -> Option<Vec<String>> {
        words(&self.0.residue_numbers)
    }

    /// Name of each atom's chain, `[atoms]`.
    #[getter]
    fn chain_names(&self) -> Option<Vec<String>> {
        words(&self.0.chain_names)
    }

    /// uint32, `[bonds, 2]`: pairs of atoms, from 0; empty where none are known.
    #[getter]
    fn bonds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<u32>>> {
        PyArray1::from_slice(py, self.0.bonds.as_flattened()).reshape([self.0.bonds.len(), 2])
    }

    /// float64, `[bonds]`: 1, 1.5 for aromatic, 2, 3; 0 where it is unknown.
    #[getter]
    fn bond_orders<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        array(py, &self.0.bond_orders)
    }

    /// float64, `[atoms, 3]`, nm: a configuration to start from.
    #[getter]
    fn positions<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        let Some(values) = array(py, &self.0.positions) else { return Ok(None) };
        Ok(Some(values.reshape([self.0.positions.len() / 3, 3])?))
    }

    /// float64, `[3, 3]` rows, nm: the box where a call names no other.
    #[getter]
    fn r#box<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        let Some(rows) = self.0.unit_cell else { return Ok(None) };
        Ok(Some(PyArray1::from_slice(py, rows.as_flattened()).reshape([3, 3])?))
    }

    /// Along which box rows it is periodic.
    #[getter]
    fn periodic(&self) -> [bool; 3] {
        std::array::from_fn(|row| self.0.periodic >> row & 1 == 1)
    }

    /// e, or `None`.
    #[getter]
    fn total_charge(&self) -> Option<i32> {
        self.0.electrons.map(|electrons| electrons.total_charge)
    }

    /// 2S + 1, or `None`.
    #[getter]
    fn multiplicity(&self) -> Option<u32> {
        self.0.electrons.map(|electrons| electrons.multiplicity)
    }

    fn __getnewargs_ex__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let (py, this) = (slf.py(), slf.get());
        let options = PyDict::new(py);
        for name in [
            "masses",
            "charges",
            "names",
            "residues",
            "residue_names",
            "residue_numbers",
            "chain_names",
            "bonds",
            "bond_orders",
            "positions",
            "box",
            "periodic",
            "total_charge",
            "multiplicity",
        ] {
            options.set_item(name, slf.getattr(name)?)?;
        }
        Ok((PyTuple::new(py, [this.0.atomic_numbers.clone()])?, options))
    }

    fn __repr__(&self) -> String {
        format!("Topology({} atoms, {} bonds)", self.0.atoms(), self.0.bonds.len())
    }
}

impl Topology {
    /// `None` where the plugin does not tell its molecule.
    pub fn of(potential: &Potential) -> Option<Self> {
        potential.topology().cloned().map(Self)
    }
}

/// `None` for none.
fn array<'py, T: numpy::Element>(py: Python<'py>, values: &[T]) -> Option<Bound<'py, PyArray1<T>>> {
    (!values.is_empty()).then(|| PyArray1::from_slice(py, values))
}

/// `None` for none.
fn words(values: &[String]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.to_vec())
}

fn of_shape<'py>(
    name: &str,
    values: &Bound<'py, PyAny>,
    expected: &[usize],
) -> PyResult<PyReadonlyArrayDyn<'py, f64>> {
    let values = doubles(values)?;
    if values.shape() != expected {
        let found = values.shape();
        return Err(PyValueError::new_err(format!("{name} has shape {found:?}, expected {expected:?}")));
    }
    Ok(values)
}
