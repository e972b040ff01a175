//! What a user may set.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use epp::sdk::CreateError;
use freeland_molecule::alanine::{BuiltIn, Implicit};
use freeland_molecule::constraints::Constraints;

/// A molecule and how to evaluate it. `{}` is alanine dipeptide with ff96 and OBC1.
///
/// The molecule is given in one of three ways: `system` (built in), `system-xml` with `pdb`, or `forcefield` with `pdb`.
/// A relative path starts from the folder of the run file, or from the current directory where there is none.
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
    /// Force-field files that OpenMM's ForceField reads: names of its own, as amber96.xml and implicit/obc1.xml, or paths.
    /// Needs `pdb`, and a Python with the openmm package the first time; no cutoff, no constraints.
    #[serde(default)]
    pub forcefield: Option<Vec<String>>,
    /// The molecule's PDB file: atoms in the order of the System, with the positions to start from.
    #[serde(default)]
    pub pdb: Option<PathBuf>,
    /// OpenMM's platform: Reference, CPU, OpenCL, CUDA or HIP, as far as they are installed. Reference computes in double
    /// precision and gives the same bits whatever the batch; the others need not.
    #[serde(default = "reference")]
    pub platform: String,
    /// Properties of the platform, `{"Threads": "4"}` for example. CPU takes one thread for each configuration unless this says
    /// otherwise, and never more than the host allows for a call.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// How many configurations are evaluated at the same time. Default: the number of cores for Reference and CPU, 1 for
    /// other platforms.
    #[serde(default)]
    pub contexts: Option<NonZeroUsize>,
    /// What to do with a System that has constraints.
    #[serde(default)]
    pub constraints: Constraints,
    /// With `constraints = "bonds"`: k of the bonds k/2 (r - d)^2, kJ/mol/nm^2. Default: 284512, a C-H bond of Amber.
    #[serde(default)]
    pub constraint_strength: Option<f64>,
}

fn reference() -> String {
    "Reference".to_owned()
}

/// Where the molecule comes from, after the keys were found to go together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    BuiltIn(BuiltIn, Implicit),
    SystemXml { xml: PathBuf, pdb: PathBuf },
    ForceField { files: Vec<String>, pdb: PathBuf },
}

impl Config {
    /// The one way in which the molecule is given.
    pub(crate) fn source(&self) -> Result<Source, CreateError> {
        const WAYS: &str = "give the molecule in one way: \"system\" (built in), \"system-xml\" with \"pdb\", or \
                            \"forcefield\" with \"pdb\"";
        let bad = |message: String| Err(CreateError::BadConfig(message));
        let file = |key: &str| match &self.pdb {
            Some(pdb) => Ok(pdb.clone()),
            None => Err(CreateError::BadConfig(format!(
                "pdb: missing; {key} needs the molecule's PDB file with it"
            ))),
        };
        let given = [
            ("system", self.system.is_some()),
            ("system-xml", self.system_xml.is_some()),
            ("forcefield", self.forcefield.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        if given.len() > 1 {
            return bad(format!("{}: cannot go together; {WAYS}", given.join(" and ")));
        }
        if self.implicit.is_some() && (self.system_xml.is_some() || self.forcefield.is_some()) {
            return bad(format!(
                "implicit: goes with a built-in system only; with {} the solvent is in the files",
                given[0]
            ));
        }
        match (&self.system_xml, &self.forcefield) {
            (Some(xml), _) => Ok(Source::SystemXml { xml: xml.clone(), pdb: file("system-xml")? }),
            (_, Some(files)) if files.is_empty() => {
                bad("forcefield: the list is empty; name at least one file, \"amber96.xml\" for example"
                    .to_owned())
            }
            (_, Some(files)) => Ok(Source::ForceField { files: files.clone(), pdb: file("forcefield")? }),
            (None, None) if self.pdb.is_some() => {
                bad(format!("pdb: goes with system-xml or forcefield; {WAYS}"))
            }
            (None, None) => {
                Ok(Source::BuiltIn(self.system.unwrap_or_default(), self.implicit.unwrap_or_default()))
            }
        }
    }
}
