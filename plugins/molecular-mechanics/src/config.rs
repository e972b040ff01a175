//! What a user may set. The molecule is given as to plugin 'openmm', so that the two can be exchanged by one word.
use freeland_molecule::alanine::{BuiltIn, Implicit};
use freeland_molecule::constraints::Constraints;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// A molecule and how to evaluate it. `{}` is alanine dipeptide with ff96 and OBC1.
///
/// The molecule is given by `system` (built in) or by `system-xml` with `pdb`. A relative path starts from the folder
/// of the run file, or from the current directory where there is none.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// A molecule that is built in.
    #[serde(default)]
    pub system: Option<BuiltIn>,
    /// The implicit solvent of a built-in molecule.
    #[serde(default)]
    pub implicit: Option<Implicit>,
    /// A file with an OpenMM System as XmlSerializer writes it. Needs `pdb`.
    #[serde(default)]
    pub system_xml: Option<PathBuf>,
    /// Understood by plugin 'openmm' only, which needs OpenMM for it.
    #[serde(default)]
    pub forcefield: Option<Vec<String>>,
    /// The molecule's PDB file: atoms in the order of the System, with the positions to start from.
    #[serde(default)]
    pub pdb: Option<PathBuf>,
    /// The arithmetic inside. Positions and gradients are converted to and from the host's own type.
    #[serde(default)]
    pub precision: Precision,
    /// Threads for one batch. Default: the number of cores.
    #[serde(default)]
    pub threads: Option<NonZeroUsize>,
    /// What to do with a System that has constraints.
    #[serde(default)]
    pub constraints: Constraints,
    /// With `constraints = "bonds"`: k of the bonds k/2 (r - d)^2, kJ/mol/nm^2. Default: 284512, a C-H bond of Amber.
    #[serde(default)]
    pub constraint_strength: Option<f64>,
}

/// The arithmetic inside.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// `f32`: twice as fast or better. An energy is good to about 1e-3 kJ/mol (1e-6 of the terms that cancel in it), which no
    /// sampling at room temperature notices; finite differences and long runs at constant energy do.
    Single,
    /// `f64`, the default: equal to OpenMM's Reference platform to 1e-9, smooth under finite differences.
    #[default]
    Double,
}

/// Where the molecule comes from, after the keys were found to go together.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Built in.
    BuiltIn(BuiltIn, Implicit),
    /// From files.
    Files {
        /// The System.
        xml: PathBuf,
        /// The atoms.
        pdb: PathBuf,
    },
}

/// Keys that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// More than one molecule.
    #[error(
        "{first} and {second}: give the molecule in one way: \"system\" (built in), or \"system-xml\" with \"pdb\""
    )]
    Two {
        /// A key.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// Force-field files need OpenMM.
    #[error(
        "forcefield: plugin 'molecular-mechanics' reads OpenMM System XML only. Make it once with Python, \
         `system = ForceField(...).createSystem(topology, constraints=None); open('system.xml', 'w').write(XmlSerializer.serialize(system))`, \
         and give \"system-xml\" and \"pdb\"; or use plugin 'openmm'"
    )]
    ForceField,
    /// A System file without its PDB file, or the other way round.
    #[error("{missing}: missing; {present} needs it")]
    Missing {
        /// The absent key.
        missing: &'static str,
        /// The present key.
        present: &'static str,
    },
    /// `implicit` with files.
    #[error("implicit: goes with a built-in system only; with system-xml the solvent is in the file")]
    Implicit,
}

impl Config {
    /// The one way in which the molecule is given.
    pub fn source(&self) -> Result<Source, ConfigError> {
        if self.forcefield.is_some() {
            return Err(ConfigError::ForceField);
        }
        match (&self.system_xml, &self.pdb) {
            (Some(_), _) if self.system.is_some() => {
                Err(ConfigError::Two { first: "system", second: "system-xml" })
            }
            (Some(_), _) if self.implicit.is_some() => Err(ConfigError::Implicit),
            (Some(xml), Some(pdb)) => Ok(Source::Files { xml: xml.clone(), pdb: pdb.clone() }),
            (Some(_), None) => Err(ConfigError::Missing { missing: "pdb", present: "system-xml" }),
            (None, Some(_)) => Err(ConfigError::Missing { missing: "system-xml", present: "pdb" }),
            (None, None) => {
                Ok(Source::BuiltIn(self.system.unwrap_or_default(), self.implicit.unwrap_or_default()))
            }
        }
    }
}
