//! Which plugins there are, and where they are looked for.

use std::path::PathBuf;

use freeland_loader::{Library, Manifest, Registry, SearchPath};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::config::path_text;
use crate::description::Description;
use crate::error::PluginError;

/// `plugin_path` of a call: one folder or several.
pub fn folders(plugin_path: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<PathBuf>> {
    let Some(given) = plugin_path else { return Ok(Vec::new()) };
    if let Ok(path) = path_text(given) {
        return Ok(vec![path.into()]);
    }
    given.try_iter()?.map(|path| Ok(path_text(&path?)?.into())).collect()
}

/// The folder of what came with this package: plugins, the Force of OpenMM, the worker.
pub fn own_folder(py: Python<'_>) -> PyResult<&'static PathBuf> {
    static OWN: PyOnceLock<PathBuf> = PyOnceLock::new();
    OWN.get_or_try_init(py, || {
        let module: PathBuf = py.import("freeland._native")?.getattr("__file__")?.extract()?;
        Ok(module.with_file_name("plugins"))
    })
}

/// The folders of `plugin_path`, those of every host, and last the plugins that came with this package.
pub fn path(py: Python<'_>, folders: &[PathBuf]) -> PyResult<SearchPath> {
    let everywhere = SearchPath::new(folders);
    Ok(SearchPath::of(everywhere.folders().iter().chain([own_folder(py)?]).cloned()))
}

/// The plugins in the search path, read from their manifests alone.
///
/// Args:
///     plugin_path: a folder, or several, to look in first.
///
/// Returns:
///     A list of `Description`, in the order of the search path.
#[pyfunction]
#[pyo3(signature = (plugin_path=None))]
pub fn plugins(py: Python<'_>, plugin_path: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Description>> {
    let path = path(py, &folders(plugin_path)?)?;
    let registry = py.detach(|| Registry::scan(&path));
    let mut found = Vec::new();
    for listed in &registry.listed {
        for descriptor in &listed.manifest.potentials {
            found.push(Description::of(py, descriptor, &listed.library, listed.present)?);
        }
    }
    Ok(found)
}

/// The folders in which plugins are looked for, in order; the first that has an id wins.
///
/// Args:
///     plugin_path: a folder, or several, to look in first.
#[pyfunction]
#[pyo3(signature = (plugin_path=None))]
pub fn search_path(py: Python<'_>, plugin_path: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let path = path(py, &folders(plugin_path)?)?;
    Ok(path.folders().iter().map(|folder| folder.display().to_string()).collect())
}

/// Loads a plugin library and writes its manifest, `NAME.epp.json`, beside it.
///
/// Args:
///     library: the path of the library.
///
/// Returns:
///     The path of the manifest.
#[pyfunction]
pub fn write_manifest(py: Python<'_>, library: &Bound<'_, PyAny>) -> PyResult<String> {
    let library = PathBuf::from(path_text(library)?);
    py.detach(|| {
        let library = Library::open_ignoring_manifest(&library)
            .map_err(|error| PluginError::new_err(error.to_string()))?;
        let path = Manifest::path_of(library.path());
        library.manifest().write(&path).map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(path.display().to_string())
    })
}
