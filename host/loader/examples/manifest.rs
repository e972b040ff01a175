//! Writes the manifest beside each plugin library that it is given, as `freeland plugin manifest` does: for builds that have
//! the loader but not the command.

use std::path::Path;
use std::process::ExitCode;

use freeland_loader::{Library, Manifest};

fn main() -> ExitCode {
    for library in std::env::args_os().skip(1) {
        if let Err(error) = write(Path::new(&library)) {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn write(library: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let library = Library::open_ignoring_manifest(library)?;
    library.manifest().write(&Manifest::path_of(library.path()))?;
    Ok(())
}
