//! `freeland plugin describe`

use std::io::Write;
use std::path::{Path, PathBuf};

use freeland_loader::{
    Creation, Demands, Descriptor, Found, Library, LoadError, Manifest, Mismatch, Options, Potential,
    Registry, open_with, sha256,
};
use serde_json::json;

use crate::evaluate::read_config;
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
    /// Make an instance with this configuration, a JSON object or @FILE, and tell what it says of itself too: atoms, quantities,
    /// parameters, fingerprint
    #[arg(long, value_name = "JSON")]
    config: Option<String>,
    /// The molecule of that instance, a .pdb file
    #[arg(long, value_name = "FILE", requires = "config")]
    topology: Option<PathBuf>,
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
    let instance = args.config.as_deref().map(|config| instance(args, config)).transpose()?;
    if args.json {
        let mut result =
            json!({ "library": found.library, "sha256": manifest.sha256, "potentials": described });
        if let Some(instance) = &instance {
            result["instance"] = json!({
                "id": instance.descriptor().id,
                "info": instance.info(),
                "outputs": instance.outputs(),
                "parameters": instance.parameters().iter().map(|it| &it.name).collect::<Vec<_>>(),
            });
        }
        writeln!(stdout, "{result:#}")?;
        return Ok(Outcome::Good);
    }
    for (index, potential) in described.iter().enumerate() {
        if index > 0 {
            writeln!(stdout)?;
        }
        print(potential, &found.library, &manifest, stdout)?;
    }
    if let Some(instance) = &instance {
        writeln!(stdout)?;
        print_instance(instance, stdout)?;
    }
    Ok(Outcome::Good)
}

/// An instance with a configuration; this runs code of the plugin.
fn instance(args: &DescribeArgs, config: &str) -> anyhow::Result<Potential> {
    let topology = args.topology.as_deref().map(freeland_frames::molecule).transpose()?;
    let creation = Creation { topology, ..Creation::default() };
    let options = Options { trust_writable: args.trust_writable_plugins, creation, ..Options::default() };
    let config = read_config(config)?;
    Ok(open_with(&args.plugin, &config, &args.search.path(), &options)?)
}

fn print_instance(instance: &Potential, stdout: &mut dyn Write) -> std::io::Result<()> {
    let info = instance.info();
    writeln!(stdout, "An instance of {} with that configuration", instance.descriptor().id)?;
    let mut line = |label: &str, text: &str| writeln!(stdout, "  {label:<13} {text}");
    line("atoms", &format!("{} in {} dimensions", info.atoms, info.dimensions))?;
    line("fingerprint", info.fingerprint.as_deref().unwrap_or("not told"))?;
    if !info.has_gradient {
        line("gradient", "none")?;
    }
    if info.discrete {
        line("positions", "certain ones only")?;
    }
    for output in instance.outputs() {
        let extents = output.shape.extents(info.atoms, info.dimensions);
        let extents: String = extents.iter().map(|extent| format!("[{extent}]")).collect();
        let unit = output.unit.as_deref().unwrap_or("a pure number");
        line("quantity", &format!("{} {extents}, {unit}", output.name).replace(" ,", ","))?;
    }
    for parameter in instance.parameters() {
        line("parameter", &format!("{} = {}", parameter.name, parameter.default))?;
    }
    Ok(())
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
