//! `freeland plugin manifest`

use std::io::Write;
use std::path::PathBuf;

use freeland_loader::{Demands, Library, Manifest};

use crate::outcome::Outcome;

/// Arguments of `freeland plugin manifest`.
#[derive(Debug, clap::Args)]
pub struct ManifestArgs {
    /// Plugin libraries; each is loaded, and described in NAME.epp.json beside libNAME.so
    #[arg(required = true, value_name = "LIBRARY")]
    libraries: Vec<PathBuf>,
    /// Print the manifests instead of writing them
    #[arg(long)]
    print: bool,
    /// Load libraries even if others than you may write to them or their folders
    #[arg(long)]
    trust_writable_plugins: bool,
}

/// Writes the manifest of every library, and prints where.
pub fn manifest(args: &ManifestArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let trust_writable = args.trust_writable_plugins;
    let demands = Demands { manifest: false, trust_writable, ..Demands::default() };
    for path in &args.libraries {
        let library = Library::open_demanding(path, &demands)?;
        let manifest = library.manifest();
        if args.print {
            writeln!(stdout, "{}", serde_json::to_string_pretty(&manifest)?)?;
            continue;
        }
        let path = Manifest::path_of(library.path());
        manifest.write(&path)?;
        writeln!(stdout, "{}: {}", path.display(), library.ids().join(", "))?;
    }
    Ok(Outcome::Good)
}
