//! `freeland plugin list`

use std::io::Write;

use freeland_loader::Registry;
use serde_json::json;

use crate::outcome::Outcome;
use crate::search::SearchArgs;

/// Arguments of `freeland plugin list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    search: SearchArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the potentials in the search path. Libraries without a usable manifest are found bad: nothing is known of them.
pub fn list(args: &ListArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let path = args.search.path();
    let registry = Registry::scan(&path);
    if args.json {
        print_json(&registry, stdout)?;
    } else {
        print_table(&registry, stdout)?;
        if registry.listed.is_empty() && registry.unlisted.is_empty() && registry.broken.is_empty() {
            let folders: Vec<String> =
                path.folders().iter().map(|folder| format!("  {}", folder.display())).collect();
            writeln!(stdout, "No plugins in\n{}", folders.join("\n"))?;
        }
    }
    Ok(if registry.broken.is_empty() { Outcome::Good } else { Outcome::FoundBad })
}

fn print_table(registry: &Registry, stdout: &mut dyn Write) -> anyhow::Result<()> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for listed in &registry.listed {
        let missing = if listed.present { "" } else { " (missing)" };
        for potential in &listed.manifest.potentials {
            rows.push([
                potential.id.clone(),
                potential.version.clone(),
                potential.name.clone(),
                format!("{}{missing}", listed.library.display()),
            ]);
        }
    }
    if !rows.is_empty() {
        rows.insert(0, ["ID", "VERSION", "NAME", "LIBRARY"].map(str::to_owned));
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for [id, version, name, library] in &rows {
        writeln!(stdout, "{id:0$}  {version:1$}  {name:2$}  {library}", widths[0], widths[1], widths[2])?;
    }
    for library in &registry.unlisted {
        let library = library.display();
        writeln!(stdout, "{library} has no manifest; make it by: freeland plugin manifest {library}")?;
    }
    Ok(())
}

fn print_json(registry: &Registry, stdout: &mut dyn Write) -> anyhow::Result<()> {
    let libraries: Vec<_> = registry
        .listed
        .iter()
        .map(|listed| {
            json!({ "library": listed.library, "present": listed.present, "manifest": listed.manifest })
        })
        .collect();
    let broken: Vec<String> = registry.broken.iter().map(ToString::to_string).collect();
    let result = json!({ "libraries": libraries, "without-manifest": registry.unlisted, "broken": broken });
    writeln!(stdout, "{result:#}")?;
    Ok(())
}
