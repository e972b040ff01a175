//! Positions from PDB files: a configuration per MODEL, and the box of CRYST1.

use std::path::Path;

use freeland_molecule::pdb::Pdb;

use super::Problem;
use super::content::Content;

/// All models; the file's ångström become nm.
pub(super) fn read(path: &Path, atoms: usize) -> Result<Content, Problem> {
    let pdb = Pdb::parse(&std::fs::read(path)?)
        .map_err(|error| Problem::Malformed { format: "PDB", reason: error.to_string() })?;
    if pdb.atoms() != atoms {
        return Err(Problem::Atoms { index: 0, found: pdb.atoms(), expected: atoms });
    }
    let boxes = pdb.box_rows.map(|rows| vec![rows; pdb.models.len()]);
    Ok(Content { positions: pdb.models.concat(), boxes, warnings: Vec::new() })
}
