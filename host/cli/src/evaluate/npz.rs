//! The result of `freeland evaluate` as a file for numpy.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ndarray::ArrayView1;
use ndarray_npy::NpzWriter;
use tempfile::Builder;

use super::Report;

/// Writes `energies` `[n]`, `statuses` `[n]`, `gradients` `[n, atoms, dimensions]` if wanted, and every quantity
/// that is wanted by its name, `[n]` x its shape; under a temporary name first, so that nobody reads half of it.
pub fn write(report: &Report, path: &Path) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Readable as the umask says, like any file a program makes; a temporary file is private otherwise.
    let mut file = Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    let mut npz = NpzWriter::new(file.as_file_mut());
    npz.add_array("energies", &ArrayView1::from(&report.evaluation.energies))?;
    npz.add_array("statuses", &ArrayView1::from(&report.evaluation.statuses))?;
    if let Some(gradients) = report.gradients() {
        let info = report.potential.info();
        let gradients = gradients.into_shape_with_order((report.count(), info.atoms, info.dimensions))?;
        npz.add_array("gradients", &gradients)?;
    }
    for quantity in &report.quantities {
        npz.add_array(&quantity.output.name, &quantity.values)?;
    }
    npz.finish()?;
    file.persist(path)?;
    Ok(())
}
