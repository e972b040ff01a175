//! Configurations at which a check failed, for people to look at.

use std::path::{Path, PathBuf};

use ndarray::Array3;

use super::plan::Plan;
use super::survey::Survey;
use super::verdict::CheckResult;

/// Writes `CHECK.ID.npy`, `[1, atoms, dimensions]`, which `freeland evaluate` reads, and `CHECK.ID.json` with the reason
/// and the seed. Gives the path of the first.
pub(crate) fn save(
    folder: &Path,
    plan: &Plan,
    result: &CheckResult,
    survey: Option<&Survey>,
    positions: &[f64],
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    let stem =
        format!("{}.{}", result.check.replace('/', "-"), result.potential.as_deref().unwrap_or("library"));
    let dimensions = survey.map_or(1, |survey| survey.info.dimensions);
    let array = Array3::from_shape_vec((1, positions.len() / dimensions, dimensions), positions.to_vec())?;
    let path = folder.join(format!("{stem}.npy"));
    ndarray_npy::write_npy(&path, &array)?;
    let story = serde_json::json!({
        "check": result.check,
        "potential": result.potential,
        "verdict": result.verdict,
        "reason": result.reason,
        "seed": plan.seed,
        "config": serde_json::from_str::<serde_json::Value>(&plan.config)?,
        "library": plan.library,
        "box-rows": survey.map(|survey| &survey.box_rows),
        "positions": path.file_name().map(|name| name.to_string_lossy()),
    });
    std::fs::write(folder.join(format!("{stem}.json")), format!("{story:#}\n"))?;
    Ok(path)
}
