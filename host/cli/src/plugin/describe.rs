//! `freeland plugin describe`

use std::io::Write;
use std::path::Path;

use freeland_loader::{Demands, Descriptor, Found, Library, LoadError, Manifest, Mismatch, Registry, sha256};
use serde_json::json;

use crate::outcome::Outcome;
use crate::search::SearchArgs;

/// Arguments of `freeland plugin describe`.
#[derive(Debug, clap::Args)]
pub struct DescribeArgs {
    /// An id, the path of a library, or PATH#ID
    #[arg(value_name = "ID")]
    plugin: String,
    #[command(flatten)]
    search: SearchArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Load a library without a manifest even if others than you may write to it or its folder
    #[arg(long)]
    trust_writable_plugins: bool,
}

/// Prints what a potential says of itself: from its manifest, or, where a library without one is named by its path, from
/// the library.
pub fn describe(args: &DescribeArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let found = Registry::scan(&args.search.path()).find(&args.plugin)?;
    let manifest = manifest_of(&found, args.trust_writable_plugins)?;
    let wanted = |potential: &&Descriptor| found.id.as_ref().is_none_or(|id| *id == potential.id);
    let described: Vec<&Descriptor> = manifest.potentials.iter().filter(wanted).collect();
    if described.is_empty() {
        let ids: Vec<&str> = manifest.potentials.iter().map(|potential| potential.id.as_str()).collect();
        anyhow::bail!("there is no '{}'; the library has {}", args.plugin, ids.join(", "));
    }
    if args.json {
        let result = json!({ "library": found.library, "sha256": manifest.sha256, "potentials": described });
        writeln!(stdout, "{result:#}")?;
        return Ok(Outcome::Good);
    }
    for (index, potential) in described.iter().enumerate() {
        if index > 0 {
            writeln!(stdout)?;
        }
        print(potential, &found.library, &manifest, stdout)?;
    }
    Ok(Outcome::Good)
}

/// The manifest of a library, if the library is still the one it describes; without one, the library itself tells.
fn manifest_of(found: &Found, trust_writable: bool) -> anyhow::Result<Manifest> {
    let library = found.library.as_path();
    let path = found.listed_by.clone().unwrap_or_else(|| Manifest::path_of(library));
    if !path.exists() {
        let demands = Demands { trust_writable, ..Demands::default() };
        return Ok(Library::open_demanding(library, &demands)?.manifest());
    }
    let manifest = Manifest::read(&path)?;
    if manifest.sha256 != sha256(library)? {
        anyhow::bail!(LoadError::ManifestMismatch { path: library.to_owned(), what: Mismatch::Sha256 });
    }
    Ok(manifest)
}

fn print(
    potential: &Descriptor,
    library: &Path,
    manifest: &Manifest,
    stdout: &mut dyn Write,
) -> anyhow::Result<()> {
    let names = |value: serde_json::Value| match value {
        serde_json::Value::Array(items) if items.is_empty() => "none".to_owned(),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(", ")
        }
        value => value.as_str().unwrap_or_default().to_owned(),
    };
    writeln!(stdout, "{} {}: {}", potential.id, potential.version, potential.name)?;
    let mut line = |label: &str, text: &str| writeln!(stdout, "  {label:<13} {text}");
    let optional = [
        ("vendor", &potential.vendor),
        ("licence", &potential.license),
        ("url", &potential.url),
        ("citation", &potential.citation),
    ];
    for (label, text) in optional {
        if let Some(text) = text {
            line(label, text)?;
        }
    }
    line("units", &format!("{}, {}", potential.units.length(), potential.units.energy()))?;
    line("threads", &names(json!(potential.threads)))?;
    line("determinism", &names(json!(potential.determinism)))?;
    line("molecule", &names(json!(potential.topology)))?;
    line("numbers", &names(json!(potential.dtypes)))?;
    line("symmetries", &names(json!(potential.symmetries)))?;
    if !potential.required_extensions.is_empty() {
        line("needs", &potential.required_extensions.join(", "))?;
    }
    line("library", &library.display().to_string())?;
    line("sha256", &manifest.sha256)?;
    line("ABI", &format!("{}.{}", manifest.abi.major, manifest.abi.minor))?;
    match &potential.config_schema {
        Some(schema) => writeln!(stdout, "  configuration, as JSON Schema\n{schema:#}")?,
        None => writeln!(stdout, "  configuration  any JSON object")?,
    }
    Ok(())
}
