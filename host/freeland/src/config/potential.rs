//! The `[potential]` section: which energy plugin, and what it is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use freeland_frames::BoxRows;
use serde::{Deserialize, Serialize};

use super::error::Refusal;
use super::isolation::{Isolation, ProcessConfig};
use crate::units::Nanometre;

/// A validated `[potential]` section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPotential", into = "RawPotential")]
pub struct PotentialConfig {
    /// Id of the potential, or the path of a library, with `#id` behind it if the library offers several.
    pub plugin: String,
    /// What every plugin is told; see [`plugin_config`](Self::plugin_config).
    pub config: toml::Table,
    /// SHA-256 that the library must have, 64 lower-case hexadecimal digits.
    pub sha256: Option<String>,
    /// Keys for one plugin only, by id: merged over `config` when that plugin is chosen.
    pub options: BTreeMap<String, toml::Table>,
    /// Where its code runs.
    pub isolation: Isolation,
    /// How worker processes are used, where it runs in them.
    pub process: ProcessConfig,
    /// The box of a periodic potential, three rows, nm; `None`: that of the start configuration's file, or of the plugin's
    /// molecule.
    pub box_rows: Option<BoxRows>,
    /// Whether a library is loaded that others than the user may write to.
    pub trust_writable: bool,
}

/// The `[potential]` section as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawPotential {
    /// `"openmm"`, `"./my-plugin.so"`, `"./many.so#this-one"`. A path has a slash or ends in `.so` or `.dylib`; a
    /// relative one is relative to the file.
    pub plugin: String,
    /// Pins the library. It does not apply to a plugin chosen on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Handed to the plugin as JSON. Text that begins with `./` or `../` is a path relative to the file.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub config: toml::Table,
    /// `[potential.options.ID]`: merged over `config` for the plugin of that id and ignored for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, toml::Table>,
    /// `["3 nm", "3 nm", "3 nm"]` along x, y and z, or nine lengths, row after row.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub box_rows: Option<Vec<Nanometre>>,
    /// `"none"` or `"process"`.
    #[serde(default)]
    pub isolation: Isolation,
    /// `[potential.process]`.
    #[serde(default, skip_serializing_if = "ProcessConfig::is_default")]
    pub process: ProcessConfig,
    /// Load the library although others may write to it or its folder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trust_writable: bool,
}

impl TryFrom<RawPotential> for PotentialConfig {
    type Error = Refusal;

    fn try_from(raw: RawPotential) -> Result<Self, Refusal> {
        let RawPotential { plugin, sha256, config, options, box_rows, isolation, process, trust_writable } =
            raw;
        process.check()?;
        if plugin.trim().is_empty() {
            return Err(Refusal::new(
                "potential.plugin",
                "expected the id or the path of a plugin, got nothing",
            ));
        }
        if let Some(digest) = &sha256 {
            let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            if digest.len() != 64 || !digest.chars().all(hexadecimal) {
                let reason = format!("expected 64 lower-case hexadecimal digits, got \"{digest}\"");
                return Err(Refusal::new("potential.sha256", reason));
            }
        }
        let tables = std::iter::once(("config".to_owned(), &config))
            .chain(options.iter().map(|(id, table)| (format!("options.{id}"), table)));
        for (key, table) in tables {
            if let Some(found) = first_datetime(table) {
                let reason = format!("plugins take JSON, which has no dates; quote the value {found}");
                return Err(Refusal::new(format!("potential.{key}"), reason));
            }
        }
        let numbers = box_rows.map(|lengths| lengths.iter().map(|length| length.0).collect::<Vec<_>>());
        let box_rows = numbers
            .map(|numbers| freeland_frames::rows(&numbers))
            .transpose()
            .map_err(|error| Refusal::new("potential.box", error.to_string()))?;
        Ok(Self { plugin, config, sha256, options, isolation, process, box_rows, trust_writable })
    }
}

impl From<PotentialConfig> for RawPotential {
    fn from(config: PotentialConfig) -> Self {
        let PotentialConfig { plugin, config, sha256, options, isolation, process, box_rows, trust_writable } =
            config;
        let box_rows =
            box_rows.map(|rows| rows.as_flattened().iter().map(|value| Nanometre(*value)).collect());
        Self { plugin, sha256, config, options, box_rows, isolation, process, trust_writable }
    }
}

impl PotentialConfig {
    /// Chooses another plugin, as `--plugin` does. The pin is dropped if the plugin changes.
    pub fn choose(&mut self, plugin: &str) {
        if plugin != self.plugin {
            plugin.clone_into(&mut self.plugin);
            self.sha256 = None;
        }
    }

    /// The id that selects options: `plugin` itself, or what follows `#` in a path.
    pub fn id(&self) -> &str {
        parts(&self.plugin).1.unwrap_or(self.plugin.as_str())
    }

    /// The configuration handed to the plugin: `config` with the options of the plugin chosen over it, key by key.
    pub fn plugin_config(&self) -> serde_json::Value {
        let mut merged = self.config.clone();
        if let Some(options) = self.options.get(self.id()) {
            merged.extend(options.clone());
        }
        json_object(&merged)
    }

    /// Makes relative paths absolute, from `folder`.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        if is_path(&self.plugin) {
            let (path, id) = parts(&self.plugin);
            let id = id.map_or_else(String::new, |id| format!("#{id}"));
            self.plugin = format!("{}{id}", joined(folder, Path::new(path)).display());
        }
        for table in std::iter::once(&mut self.config).chain(self.options.values_mut()) {
            table.iter_mut().for_each(|(_, value)| resolve_value(value, folder));
        }
        for path in &mut self.process.writable {
            *path = joined(folder, path);
        }
    }
}

/// A path, and the id behind its last `#`; names of files and folders may hold `#` as well.
fn parts(plugin: &str) -> (&str, Option<&str>) {
    match plugin.rsplit_once('#') {
        Some((path, id)) if !id.contains(std::path::is_separator) && !id.contains('.') => (path, Some(id)),
        _ => (plugin, None),
    }
}

fn is_path(plugin: &str) -> bool {
    let (path, _) = parts(plugin);
    path.contains(std::path::is_separator) || path.ends_with(".so") || path.ends_with(".dylib")
}

/// `folder / path` without the `./` in between; an absolute `path` stays.
pub(super) fn joined(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path.strip_prefix(".").unwrap_or(path))
}

fn resolve_value(value: &mut toml::Value, folder: &Path) {
    match value {
        toml::Value::String(text) if text.starts_with("./") || text.starts_with("../") => {
            *text = joined(folder, Path::new(text.as_str())).display().to_string();
        }
        toml::Value::Array(items) => items.iter_mut().for_each(|item| resolve_value(item, folder)),
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| resolve_value(value, folder)),
        _ => {}
    }
}

fn first_datetime(table: &toml::Table) -> Option<String> {
    fn inside(value: &toml::Value) -> Option<String> {
        match value {
            toml::Value::Datetime(date) => Some(date.to_string()),
            toml::Value::Array(items) => items.iter().find_map(inside),
            toml::Value::Table(table) => first_datetime(table),
            _ => None,
        }
    }
    table.values().find_map(inside)
}

fn json_object(table: &toml::Table) -> serde_json::Value {
    table.iter().map(|(key, value)| (key.clone(), json(value))).collect::<serde_json::Map<_, _>>().into()
}

fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        // Refused when the section was read.
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        toml::Value::Table(table) => json_object(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_reach_only_their_plugin() {
        let text = r#"
            plugin = "openmm"
            config = { system = "alanine-dipeptide", threads = 1 }
            options.openmm = { platform = "CPU", threads = 2 }
            options.molecular-mechanics = { precision = "f32" }
        "#;
        let mut section: PotentialConfig = toml::from_str(text).unwrap();
        let openmm = serde_json::json!({"system": "alanine-dipeptide", "threads": 2, "platform": "CPU"});
        assert_eq!(section.plugin_config(), openmm);
        section.choose("./lib/libx.so#molecular-mechanics");
        let other = serde_json::json!({"system": "alanine-dipeptide", "threads": 1, "precision": "f32"});
        assert_eq!(section.plugin_config(), other);
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let text = r#"
            plugin = "./plugins/libx.so#y"
            config = { pdb = "../x.pdb", files = ["./a.xml", "amber96.xml"] }
        "#;
        let mut section: PotentialConfig = toml::from_str(text).unwrap();
        section.resolve_paths(Path::new("/runs/one"));
        assert_eq!(section.plugin, "/runs/one/plugins/libx.so#y");
        let expected =
            serde_json::json!({"pdb": "/runs/one/../x.pdb", "files": ["/runs/one/a.xml", "amber96.xml"]});
        assert_eq!(section.plugin_config(), expected);
    }
}
