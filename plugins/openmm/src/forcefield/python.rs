//! The Python that runs the script.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use super::{Answer, ForceFieldError, SCRIPT};

/// The interpreter that the user chose.
const VARIABLE: &str = "FREELAND_PYTHON";

/// Either an answer or a refusal.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Reply {
    Refusal {
        error: String,
        #[serde(default)]
        missing: bool,
    },
    Answer(Answer),
}

/// Asks the first Python that has openmm.
pub(super) fn ask(files: &[String], pdb: &str, folder: &Path) -> Result<Answer, ForceFieldError> {
    let request = serde_json::json!({ "files": files, "pdb": pdb }).to_string();
    let mut tried = Vec::new();
    for python in interpreters() {
        let name = python.to_string_lossy().into_owned();
        match run(&python, &request, folder) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                tried.push(format!("{name}: not there"));
            }
            Err(source) => return Err(ForceFieldError::Run { python: name, source }),
            Ok(output) => match serde_json::from_slice(&output.stdout) {
                Ok(Reply::Answer(answer)) => return Ok(answer),
                Ok(Reply::Refusal { error, missing: true }) => tried.push(format!("{name}: {error}")),
                Ok(Reply::Refusal { error, .. }) => return Err(ForceFieldError::Refused(error)),
                Err(_) => {
                    let text = String::from_utf8_lossy(&output.stderr);
                    let last = text.lines().last().unwrap_or("nothing on standard error").to_owned();
                    return Err(ForceFieldError::NoAnswer {
                        python: name,
                        text: format!("{}, {last}", output.status),
                    });
                }
            },
        }
    }
    Err(ForceFieldError::NoPython { tried: tried.join("; ") })
}

/// The user's choice alone, or else the Python that libOpenMM belongs to, and the one on the path.
fn interpreters() -> Vec<OsString> {
    if let Some(python) = std::env::var_os(VARIABLE).filter(|python| !python.is_empty()) {
        return vec![python];
    }
    let mut found: Vec<OsString> = beside_openmm().map(PathBuf::into_os_string).into_iter().collect();
    found.push("python3".into());
    found
}

/// What says which interpreter answers, with which modules: paths, sizes and times of the files, and the variables that Python reads.
pub(super) fn identity(add: &mut impl FnMut(&[u8])) {
    for python in interpreters() {
        let file = find(Path::new(&python));
        add(file.as_deref().unwrap_or(Path::new(&python)).as_os_str().as_encoded_bytes());
        if let Some(metadata) = file.and_then(|file| std::fs::metadata(file).ok()) {
            add(&metadata.len().to_le_bytes());
            let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            add(&modified.unwrap_or_default().as_nanos().to_le_bytes());
        }
    }
    for variable in ["PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"] {
        add(std::env::var_os(variable).unwrap_or_default().as_encoded_bytes());
    }
}

/// Where a program is that may be a name on the path.
fn find(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return Some(program.to_path_buf());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// libOpenMM of a wheel lies in PREFIX/lib/python3.X/site-packages/OpenMM.libs/lib, that of conda in PREFIX/lib: the nearest
/// folder above with a bin/python3 is the prefix. System folders are left to the path.
fn beside_openmm() -> Option<PathBuf> {
    let library = openmm::platform::library_path().ok()?;
    let above = library.ancestors().skip(1).map(|folder| folder.join("bin").join("python3"));
    above
        .take_while(|python| !python.starts_with("/usr") && !python.starts_with("/bin"))
        .find(|python| python.is_file())
}

fn run(python: &OsString, request: &str, folder: &Path) -> std::io::Result<std::process::Output> {
    // From another folder, a relative path would lead elsewhere; a name is looked for on the path.
    let program = Path::new(python);
    let program =
        if program.components().count() > 1 { std::path::absolute(program)? } else { program.to_owned() };
    let mut command = Command::new(program);
    // Without one, relative paths start here.
    if !folder.as_os_str().is_empty() {
        command.current_dir(folder);
    }
    let mut child = command
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A child that ends before it has read everything says why on its other ends.
        match input.write_all(request.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    child.wait_with_output()
}
