//! Systems from force-field files: OpenMM's ForceField exists in Python only, so a small script makes the System once,
//! and the result is kept in the user's cache folder.

mod cache;
mod python;

use std::path::{Path, PathBuf};

use epp::sdk::Host;
use sha2::{Digest, Sha256};

/// The script that does it.
const SCRIPT: &str = include_str!("forcefield.py");

/// Why there is no System.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForceFieldError {
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
    read: Vec<Read>,
}

/// A file that the answer depends on.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Read {
    path: PathBuf,
    /// None where no file was found.
    #[serde(default)]
    sha256: Option<String>,
}

impl Answer {
    /// Whether every file is as it was.
    fn is_current(&self) -> bool {
        self.read.iter().all(|read| match (&read.sha256, std::fs::read(&read.path)) {
            (Some(expected), Ok(bytes)) => *expected == hexadecimal(&Sha256::digest(bytes)),
            (Some(_), Err(_)) => false,
            (None, _) => !read.path.exists(),
        })
    }
}

/// The System, as XML, of the molecule in a PDB text, by force-field files that are OpenMM's own or paths, which start in `folder` where
/// they are relative: without cutoff, constraints and removal of motion.
///
/// # Errors
/// No Python with OpenMM; what OpenMM says of the files or the molecule (missing hydrogens, an unknown residue).
pub(crate) fn make(
    files: &[String],
    pdb: &str,
    folder: &Path,
    host: &Host,
) -> Result<String, ForceFieldError> {
    let key = key(files, pdb, folder);
    if let Some(answer) = cache::load(&key).filter(Answer::is_current) {
        return Ok(answer.xml);
    }
    let answer = python::ask(files, pdb, folder)?;
    // Without a place to write, the next run asks again: slower, not wrong.
    cache::store(&key, &answer, host);
    Ok(answer.xml)
}

/// A hash of what is asked and of who answers: the script, the linked OpenMM, the interpreters, the folder from which relative names
/// start, the names of the files, and the PDB. What the interpreter then read, the answer says itself.
fn key(files: &[String], pdb: &str, folder: &Path) -> String {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(SCRIPT.as_bytes());
    add(openmm::version().as_bytes());
    python::identity(&mut add);
    add(folder.as_os_str().as_encoded_bytes());
    add(&(files.len() as u64).to_le_bytes());
    files.iter().for_each(|file| add(file.as_bytes()));
    add(pdb.as_bytes());
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
