//! What a potential says of itself: the owned, checked form of `epp_descriptor`, and an entry of a manifest.

use epp::sys;
use serde::{Deserialize, Serialize};

use crate::problem::DescriptorProblem;
use crate::table;

/// On how many threads an instance may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threads {
    /// Created, used and destroyed on one thread.
    Affine,
    /// Any thread, one call at a time; [`Potential`](crate::Potential) takes care of that.
    Serial,
    /// Many calls at once.
    Concurrent,
    /// Any thread, one call at a time in the whole process, over all such instances of the library.
    Process,
}

/// What is promised to give the same bits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Determinism {
    /// Nothing.
    None,
    /// The same batch.
    RunToRun,
    /// A configuration, whatever its batch and thread.
    Bitwise,
}

/// The number type of positions and gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dtype {
    /// `double`
    F64,
    /// `float`
    F32,
}

/// What leaves the energy unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symmetry {
    /// Shifting all atoms.
    Translation,
    /// Turning all atoms.
    Rotation,
    /// The mirror image.
    Inversion,
    /// Exchanging atoms that the topology does not tell apart.
    Permutation,
}

/// The units of lengths and energies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Units {
    /// nm and kJ/mol.
    Md,
    /// The potential's own.
    Reduced,
}

impl Units {
    /// The unit of an energy, for people: `kJ/mol` or `reduced units`.
    pub fn energy(self) -> &'static str {
        match self {
            Self::Md => "kJ/mol",
            Self::Reduced => "reduced units",
        }
    }

    /// The unit of a length, for people: `nm` or `reduced units`.
    pub fn length(self) -> &'static str {
        match self {
            Self::Md => "nm",
            Self::Reduced => "reduced units",
        }
    }
}

/// What an instance does with the molecule that a host knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TopologyUse {
    /// Nothing.
    #[default]
    Ignored,
    /// It is taken where it is given.
    Used,
    /// None is made without one.
    Needed,
}

/// One potential that a library offers. What an instance says of itself goes before it: [`Info`](crate::Info).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Descriptor {
    /// Stable name for machines: lower-case letters, digits and hyphens.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Semantic version of this potential.
    pub version: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Under which terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What to cite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// Units of lengths and energies.
    pub units: Units,
    /// How an instance may be used from threads.
    pub threads: Threads,
    /// What gives the same bits again.
    pub determinism: Determinism,
    /// Number types it takes; [`Dtype::F64`] always.
    pub dtypes: Vec<Dtype>,
    /// What leaves the energy unchanged.
    pub symmetries: Vec<Symmetry>,
    /// What becomes of a molecule that the host knows.
    #[serde(default)]
    pub topology: TopologyUse,
    /// Host extensions without which it does not work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_extensions: Vec<String>,
    /// JSON Schema of the configuration; `None`: any object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_schema: Option<serde_json::Value>,
}

/// More required extensions than this is garbage.
const ABSURD_EXTENSIONS: usize = 256;

impl Descriptor {
    /// Copies and checks a plugin's descriptor.
    ///
    /// # Safety
    /// `pointer` is null or an `epp_descriptor` as the header describes it.
    pub(crate) unsafe fn read(pointer: *const sys::Descriptor) -> Result<Self, DescriptorProblem> {
        // SAFETY: the caller's promise.
        let raw = unsafe { table::read(pointer) }?;
        let required = |field, pointer| {
            // SAFETY: descriptor text is NULL or NUL-terminated and lives as long as the process.
            let text = unsafe { table::required_text(pointer) };
            text.map_err(|problem| DescriptorProblem::Text { field, problem })
        };
        let optional = |field, pointer| {
            // SAFETY: as above.
            let text = unsafe { table::text(pointer) };
            text.map_err(|problem| DescriptorProblem::Text { field, problem })
        };
        let id = required("id", raw.id)?;
        if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
            return Err(DescriptorProblem::Id { id });
        }
        let unknown = |field, value| DescriptorProblem::UnknownValue { field, value };
        if raw.required != 0 {
            return Err(unknown("required", raw.required));
        }
        let config_schema = optional("config_schema_json", raw.config_schema_json)?
            .map(|text| serde_json::from_str(&text).map_err(|reason| DescriptorProblem::Schema { reason }))
            .transpose()?;
        Ok(Self {
            id,
            name: required("name", raw.name)?,
            version: required("version", raw.version)?,
            vendor: optional("vendor", raw.vendor)?,
            license: optional("license", raw.license)?,
            url: optional("url", raw.url)?,
            citation: optional("citation", raw.citation)?,
            units: Units::of(if raw.units == 0 { sys::UNITS_MD } else { raw.units })
                .ok_or_else(|| unknown("units", raw.units))?,
            threads: Threads::of(raw.thread_model)
                .ok_or_else(|| unknown("thread_model", raw.thread_model))?,
            determinism: match raw.determinism {
                0 => Determinism::None,
                value => Determinism::of(value).ok_or_else(|| unknown("determinism", value))?,
            },
            dtypes: Dtype::set(raw.dtypes).ok_or_else(|| unknown("dtypes", raw.dtypes))?,
            symmetries: Symmetry::set(raw.symmetries),
            topology: match raw.topology {
                sys::TOPOLOGY_IGNORED => TopologyUse::Ignored,
                sys::TOPOLOGY_USED => TopologyUse::Used,
                sys::TOPOLOGY_NEEDED => TopologyUse::Needed,
                value => return Err(unknown("topology", value)),
            },
            // SAFETY: a NULL-terminated list, or NULL.
            required_extensions: unsafe { extensions(raw.required_extensions) }?,
            config_schema,
        })
    }
}

impl Units {
    /// That of an `EPP_UNITS_*`.
    pub(crate) fn of(value: u32) -> Option<Self> {
        match value {
            sys::UNITS_MD => Some(Self::Md),
            sys::UNITS_REDUCED => Some(Self::Reduced),
            _ => None,
        }
    }
}

impl Threads {
    /// That of an `EPP_THREADS_*`.
    pub(crate) fn of(value: u32) -> Option<Self> {
        match value {
            sys::THREADS_AFFINE => Some(Self::Affine),
            sys::THREADS_SERIAL => Some(Self::Serial),
            sys::THREADS_CONCURRENT => Some(Self::Concurrent),
            sys::THREADS_PROCESS => Some(Self::Process),
            _ => None,
        }
    }
}

impl Determinism {
    /// That of an `EPP_DETERMINISM_*`.
    pub(crate) fn of(value: u32) -> Option<Self> {
        match value {
            sys::DETERMINISM_NONE => Some(Self::None),
            sys::DETERMINISM_RUN_TO_RUN => Some(Self::RunToRun),
            sys::DETERMINISM_BITWISE => Some(Self::Bitwise),
            _ => None,
        }
    }
}

impl Dtype {
    /// Those of a set of `EPP_DTYPE_*`, as far as they are known; `None` where `double` is not among them.
    pub(crate) fn set(set: u32) -> Option<Vec<Self>> {
        (set & sys::DTYPE_F64 != 0).then(|| match set & sys::DTYPE_F32 {
            0 => vec![Self::F64],
            _ => vec![Self::F64, Self::F32],
        })
    }
}

impl Symmetry {
    /// Those of a set of `EPP_SYMMETRY_*`, as far as they are known: to know fewer is harmless.
    pub(crate) fn set(set: u32) -> Vec<Self> {
        let known = [
            (sys::SYMMETRY_TRANSLATION, Self::Translation),
            (sys::SYMMETRY_ROTATION, Self::Rotation),
            (sys::SYMMETRY_INVERSION, Self::Inversion),
            (sys::SYMMETRY_PERMUTATION, Self::Permutation),
        ];
        known.into_iter().filter(|(bit, _)| set & bit != 0).map(|(_, symmetry)| symmetry).collect()
    }
}

/// # Safety
/// `list` is NULL or a NULL-terminated list of NUL-terminated texts.
unsafe fn extensions(list: *const *const std::ffi::c_char) -> Result<Vec<String>, DescriptorProblem> {
    let field = "required_extensions";
    let mut names = Vec::new();
    if list.is_null() {
        return Ok(names);
    }
    loop {
        if names.len() == ABSURD_EXTENSIONS {
            return Err(DescriptorProblem::UnknownValue { field, value: ABSURD_EXTENSIONS as u32 });
        }
        // SAFETY: all entries up to here were not NULL, so this one exists.
        let name = unsafe { list.add(names.len()).read() };
        if name.is_null() {
            return Ok(names);
        }
        // SAFETY: an entry of the list is a text.
        let name = unsafe { table::required_text(name) };
        names.push(name.map_err(|problem| DescriptorProblem::Text { field, problem })?);
    }
}
