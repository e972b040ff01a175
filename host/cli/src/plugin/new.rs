//! `freeland plugin new`

mod language;
mod name;
mod sdk;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::outcome::Outcome;
use language::Language;
use name::Name;

/// Arguments of `freeland plugin new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// What hosts will know the potential by: lower-case letters, digits and hyphens, such as argon-cluster
    #[arg(value_name = "NAME")]
    name: Name,
    /// The language to write it in
    #[arg(long, value_enum)]
    language: Language,
    /// How many atoms it is of, at most 10000
    #[arg(long, value_name = "N", default_value_t = 13, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    atoms: u32,
    /// The folder to make; by default one of that name, here
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Writes a plugin that builds by one command: Lennard-Jones atoms, to be replaced by the author's physics.
pub fn new(args: &NewArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from(args.name.as_str()));
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("the folder '{}' cannot be made", parent.display()))?;
    }
    if folder.symlink_metadata().is_ok() {
        anyhow::bail!(
            "'{}' is there already, and nothing is overwritten; choose another NAME or --output",
            folder.display()
        );
    }
    for (path, text) in args.language.files(&args.name, args.atoms)? {
        write(&folder.join(path), &text)?;
    }
    let library = folder.join(args.language.library(&args.name));
    writeln!(
        stdout,
        "{} holds a plugin in {}, '{}'. Its physics is in {}.\n\n  {}\n  freeland plugin check {}\n",
        folder.display(),
        args.language.label(),
        args.name.as_str(),
        args.language.physics(),
        args.language.build(&quoted(&folder)),
        quoted(&library),
    )?;
    Ok(Outcome::Good)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .with_context(|| format!("'{}' cannot be written", path.display()))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
