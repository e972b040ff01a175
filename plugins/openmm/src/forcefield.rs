//! Systems from force-field files: OpenMM's ForceField exists in Python only, so a small script makes the System once,
//! and the result is kept in the user's cache folder.

mod cache;
mod python;

use sha2::{Digest, Sha256};

/// The script that does it.
const SCRIPT: &str = include_str!("forcefield.py");

/// Why there is no System.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForceFieldError {
    #[error("{file} cannot be read: {source}")]
    File { file: String, source: std::io::Error },
    #[error(
        "no Python with the openmm package was found (tried {tried}). Run scripts/setup, install the openmm package, or \
         name an interpreter that has it in FREELAND_PYTHON; or make the System's XML elsewhere and use system-xml"
    )]
    NoPython { tried: String },
    #[error("{python} could not be run: {source}")]
    Run { python: String, source: std::io::Error },
    #[error("{python} ended without an answer: {text}")]
    NoAnswer { python: String, text: String },
    #[error("OpenMM's ForceField refused it: {0}")]
    Refused(String),
}

/// The script's answer, as it is cached.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Answer {
    xml: String,
    openmm: String,
}

/// The System, as XML, of the molecule in a PDB text, by force-field files that are OpenMM's own or paths: without cutoff, constraints
/// and removal of motion.
///
/// # Errors
/// No Python with OpenMM; what OpenMM says of the files or the molecule (missing hydrogens, an unknown residue).
pub(crate) fn make(files: &[String], pdb: &str) -> Result<String, ForceFieldError> {
    let key = key(files, pdb)?;
    if let Some(answer) = cache::load(&key) {
        return Ok(answer.xml);
    }
    let answer = python::ask(files, pdb)?;
    // Without a place to write, the next run asks again: slower, not wrong.
    cache::store(&key, &answer);
    Ok(answer.xml)
}

/// A hash of everything that the answer depends on: the script, the linked OpenMM, the interpreter that the user chose, names
/// and (where they are paths) contents of the files, and the PDB.
fn key(files: &[String], pdb: &str) -> Result<String, ForceFieldError> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(SCRIPT.as_bytes());
    add(openmm::version().as_bytes());
    add(std::env::var_os(python::VARIABLE).unwrap_or_default().as_encoded_bytes());
    for file in files {
        add(file.as_bytes());
        let path = std::path::Path::new(file);
        if path.is_file() {
            add(&std::fs::read(path)
                .map_err(|source| ForceFieldError::File { file: file.clone(), source })?);
        }
    }
    add(pdb.as_bytes());
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
