//! What a plugin says of itself.

use std::path::Path;

use freeland_loader::{Descriptor, Potential};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;

use crate::config;

/// What a manifest says of a potential. Nothing of the plugin is executed to read it.
#[pyclass(module = "freeland", frozen, get_all, subclass)]
pub struct Description {
    /// Name for machines, such as `molecular-mechanics`.
    id: String,
    /// Name for people.
    name: String,
    /// Semantic version.
    version: String,
    /// Who made it, or `None`.
    vendor: Option<String>,
    /// Under which terms, or `None`.
    license: Option<String>,
    /// Where to read more, or `None`.
    url: Option<String>,
    /// What to cite, or `None`.
    citation: Option<String>,
    /// `md`: nm and kJ/mol; `reduced`: its own.
    units: String,
    /// `affine`, `serial`, `concurrent` or `process`. Any of them may be used from any thread of Python.
    threads: String,
    /// What gives the same bits again: `none`, `run-to-run` or `bitwise`.
    determinism: String,
    /// Number types of positions and gradients: `f64`, and maybe `f32`.
    dtypes: Vec<String>,
    /// What leaves the energy unchanged: `translation`, `rotation`, `inversion`, `permutation`.
    symmetries: Vec<String>,
    /// What becomes of a molecule that the host knows: `ignored`, `used` or `needed`.
    topology: String,
    /// JSON Schema of the configuration, or `None`.
    config_schema: Option<Py<PyAny>>,
    /// The path of the library.
    library: String,
    /// Whether the library is there.
    present: bool,
}

impl Description {
    pub fn of(py: Python<'_>, descriptor: &Descriptor, library: &Path, present: bool) -> PyResult<Self> {
        let schema = descriptor.config_schema.as_ref();
        Ok(Self {
            id: descriptor.id.clone(),
            name: descriptor.name.clone(),
            version: descriptor.version.clone(),
            vendor: descriptor.vendor.clone(),
            license: descriptor.license.clone(),
            url: descriptor.url.clone(),
            citation: descriptor.citation.clone(),
            units: word(descriptor.units),
            threads: word(descriptor.threads),
            determinism: word(descriptor.determinism),
            dtypes: descriptor.dtypes.iter().map(word).collect(),
            symmetries: descriptor.symmetries.iter().map(word).collect(),
            topology: word(descriptor.topology),
            config_schema: schema
                .map(|schema| Ok::<_, PyErr>(config::to_python(py, schema)?.unbind()))
                .transpose()?,
            library: library.display().to_string(),
            present,
        })
    }
}

#[pymethods]
impl Description {
    fn __repr__(&self) -> String {
        format!("Description('{}' {}: {})", self.id, self.version, self.name)
    }
}

/// What is known of an open plugin: its description, and the facts of this instance.
#[pyclass(module = "freeland", frozen, get_all, extends = Description)]
pub struct Info {
    /// Atoms of one configuration.
    atoms: usize,
    /// Coordinates per atom: 3, or 1 or 2 for models.
    dimensions: usize,
    /// The largest batch it takes at once, or `None`. Larger ones are cut up.
    max_batch: Option<usize>,
    /// Batches of a multiple of this are fastest, or `None`.
    preferred_batch: Option<usize>,
    /// Along which box rows it is periodic. If any, `evaluate` needs a box, or the topology tells one.
    periodic: [bool; 3],
    /// Where interactions end, nm, or `None`.
    cutoff: Option<f64>,
    /// Global parameters and their default values.
    parameters: Py<PyDict>,
    /// Whether it tells gradients.
    has_gradient: bool,
    /// Whether only certain positions have an energy, such as spins of +1 and -1.
    discrete: bool,
    /// Whether results are draws from a distribution, by `seed`.
    uses_seed: bool,
    /// The most threads that one call keeps at work at the same time, or `None` where it is not told.
    threads_inside: Option<u32>,
    /// A hash of everything that decides the numbers, in hexadecimal, or `None` where it is not told.
    fingerprint: Option<String>,
}

impl Info {
    pub fn of(py: Python<'_>, potential: &Potential) -> PyResult<Py<Self>> {
        let mut description = Description::of(py, potential.descriptor(), potential.library().path(), true)?;
        let info = potential.info();
        // An instance may say otherwise than its library.
        description.units = word(info.units);
        description.threads = word(info.threads);
        description.determinism = word(info.determinism);
        description.dtypes = info.dtypes.iter().map(word).collect();
        description.symmetries = info.symmetries.iter().map(word).collect();
        let parameters = PyDict::new(py);
        for parameter in potential.parameters() {
            parameters.set_item(&parameter.name, parameter.default)?;
        }
        let info = Self {
            atoms: info.atoms,
            dimensions: info.dimensions,
            max_batch: info.max_batch,
            preferred_batch: info.preferred_batch,
            periodic: info.periodic,
            cutoff: info.cutoff_nm,
            has_gradient: info.has_gradient,
            discrete: info.discrete,
            uses_seed: info.uses_seed,
            threads_inside: info.threads_inside,
            fingerprint: info.fingerprint.clone(),
            parameters: parameters.unbind(),
        };
        Py::new(py, PyClassInitializer::from(description).add_subclass(info))
    }
}

#[pymethods]
impl Info {
    fn __repr__(slf: PyRef<'_, Self>) -> String {
        let (atoms, dimensions) = (slf.atoms, slf.dimensions);
        let description = slf.as_super();
        format!(
            "Info('{}' {}: {atoms} atoms x {dimensions}, units {})",
            description.id, description.version, description.units
        )
    }
}

/// How a manifest writes it: `run-to-run`.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("these are enums without contents"),
    }
}
