//! One created instance of a potential: what it tells of itself.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use epp::sdk::{RawTopology, Topology};
use epp::sys;

use crate::access::Access;
use crate::descriptor::{Descriptor, Threads};
use crate::error::CreateError;
use crate::extensions::{Components, Finder, Virials};
use crate::facts::Facts;
use crate::host;
use crate::info::Info;
use crate::isolation::{Faults, Workers};
use crate::library::Library;
use crate::library_file::LibraryFile;
use crate::problem::{InstanceProblem, TableProblem};
use crate::status::Code;
use crate::table::{self, Message};

/// `epp_potential.evaluate`
pub(crate) type Evaluate = unsafe extern "C" fn(*mut c_void, *const sys::Batch, *mut sys::Error) -> i32;

/// An instance of a potential, ready to be evaluated from any thread.
///
/// The thread model of the plugin is kept here: calls to a `concurrent` one run at once, those to a `serial` one wait for
/// each other, and an `affine` one lives on a thread of its own, which all calls are handed to.
pub struct Potential {
    library: LibraryFile,
    facts: Facts,
    /// For calls that name no box.
    default_box: Option<[[f64; 3]; 3]>,
    pub(crate) backend: Backend,
}

/// Where the instance lives.
pub(crate) enum Backend {
    /// In this process.
    Here(Instance),
    /// In worker processes.
    Workers(Box<Workers>),
}

/// The plugin's side: what is called, and how.
pub(crate) struct Instance {
    pub(crate) evaluate: Evaluate,
    pub(crate) components: Option<Components>,
    pub(crate) virials: Option<Virials>,
    created: Created,
}

/// What `create` made and `destroy` takes back.
struct Created {
    self_: *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void),
    access: Access,
}

impl Instance {
    #[inline]
    pub(crate) fn self_(&self) -> *mut c_void {
        self.created.self_
    }

    #[inline]
    pub(crate) fn access(&self) -> &Access {
        &self.created.access
    }
}

// SAFETY: `self_` is only handed to functions of the plugin through `access`, which keeps the thread model that the
// plugin declares; with `serial` and `concurrent` the plugin declares that any thread may use the instance.
unsafe impl Send for Created {}
// SAFETY: as above.
unsafe impl Sync for Created {}

impl Drop for Created {
    fn drop(&mut self) {
        let (destroy, self_) = (self.destroy, self.self_);
        // SAFETY: the instance is destroyed once, here, on the thread it belongs to; nobody else can be using it.
        unsafe { self.access.run(|| destroy(self_)) }
    }
}

impl Instance {
    /// Makes an instance and asks it for all it tells. `access`: how it is called, given its thread model.
    pub(crate) fn create(
        library: &Library,
        id: &str,
        config: &serde_json::Value,
        topology: Option<&Topology>,
        access: impl FnOnce(Threads) -> std::io::Result<Access>,
    ) -> Result<(Self, Facts), CreateError> {
        let unknown = || CreateError::UnknownId {
            library: library.name().to_owned(),
            id: id.to_owned(),
            known: library.ids(),
        };
        let descriptor = library.descriptor(id).ok_or_else(unknown)?.clone();
        let missing = |name: &&String| !host::EXTENSIONS.contains(&name.as_str());
        if let Some(extension) = descriptor.required_extensions.iter().find(missing) {
            return Err(CreateError::MissingExtension { id: id.to_owned(), extension: extension.clone() });
        }
        let config = config_text(id, config)?;
        let c_id = table::c_text(id).ok_or_else(unknown)?;
        let lent = topology
            .map(|topology| RawTopology::new(topology.clone(), topology.atoms()))
            .transpose()
            .map_err(|problem| CreateError::HostTopology { id: id.to_owned(), problem })?;
        let lent = lent.as_ref().map_or(null(), |lent| std::ptr::from_ref(lent.as_raw()));

        let bad = |problem: InstanceProblem| CreateError::Instance { id: id.to_owned(), problem };
        let access = access(descriptor.threads).map_err(|error| bad(InstanceProblem::Thread(error)))?;
        let mut message = Message::<8192>::new();
        let mut created = null_mut();
        // SAFETY: all texts and structs live through the call; an affine instance is created on its own thread.
        let code = unsafe {
            access.run(|| {
                (library.create)(c_id.as_ptr(), config.as_ptr(), lent, &mut created, &mut message.raw())
            })
        };
        match code {
            sys::OK => {}
            sys::E_UNKNOWN_ID => return Err(unknown()),
            sys::E_BAD_CONFIG => {
                return Err(CreateError::BadConfig { id: id.to_owned(), reason: message.text() });
            }
            code => {
                let (id, code, reason) = (id.to_owned(), Code(code), message.text());
                return Err(CreateError::Failed { id, code, reason });
            }
        }
        // SAFETY: `create` succeeded, so this is an epp_potential, or is refused.
        let table = unsafe { table::read(created.cast_const()) }.map_err(|problem| bad(problem.into()))?;
        let null = |function| bad(TableProblem::NullFunction { name: "epp_potential", function }.into());
        let destroy = table.destroy.ok_or_else(|| null("destroy"))?;
        let created = Created { self_: table.self_, destroy, access };
        // From here on, what was created is destroyed where something is refused.
        let evaluate = table.evaluate.ok_or_else(|| null("evaluate"))?;
        let info_function = table.info.ok_or_else(|| null("info"))?;
        let mut instance = Instance { evaluate, components: None, virials: None, created };

        // SAFETY: the functions are those of this instance, and it is used as its thread model says.
        let facts = unsafe {
            instance.access().run(|| -> Result<_, InstanceProblem> {
                let info = Info::read(info_function, instance.self_())?;
                let find = Finder { self_: instance.self_(), extension: table.extension };
                let topology = find.topology(info.atoms)?;
                let (components, component_names) = find.components()?;
                let virials = find.virials()?;
                let parameters = find.parameters()?;
                Ok((info, topology, components, component_names, virials, parameters))
            })
        };
        let (info, topology, components, component_names, virials, parameters) = facts.map_err(bad)?;
        (instance.components, instance.virials) = (components, virials);
        let tells_virials = virials.is_some();
        Ok((instance, Facts { descriptor, info, topology, component_names, tells_virials, parameters }))
    }
}

impl Library {
    /// Makes a potential. `config`: a JSON object; null means `{}`. `topology`: what the host knows of the molecule.
    ///
    /// # Errors
    /// [`CreateError`]: no such id, a refused configuration, or an instance that breaks the ABI.
    pub fn create(
        self: &Arc<Self>,
        id: &str,
        config: &serde_json::Value,
        topology: Option<&Topology>,
    ) -> Result<Potential, CreateError> {
        Potential::create(self, id, config, topology)
    }
}

impl Potential {
    fn create(
        library: &Library,
        id: &str,
        config: &serde_json::Value,
        topology: Option<&Topology>,
    ) -> Result<Self, CreateError> {
        let (instance, facts) =
            Instance::create(library, id, config, topology, |threads| Access::new(threads, id))?;
        Ok(Self::new(library.file().clone(), facts, Backend::Here(instance)))
    }

    /// One whose instances live in worker processes.
    pub(crate) fn isolated(library: LibraryFile, facts: Facts, workers: Workers) -> Self {
        Self::new(library, facts, Backend::Workers(Box::new(workers)))
    }

    fn new(library: LibraryFile, facts: Facts, backend: Backend) -> Self {
        let told = facts.topology.as_ref().and_then(|topology| topology.unit_cell);
        let default_box = told.filter(|_| facts.info.is_periodic());
        Self { library, facts, default_box, backend }
    }

    /// The same potential with another box for calls that name none: three rows, nm. One that is not periodic has none, and
    /// stays as it is.
    pub fn with_box(mut self, rows: [[f64; 3]; 3]) -> Self {
        self.default_box = Some(rows).filter(|_| self.info().is_periodic());
        self
    }

    /// The box of calls that name none, three rows, nm: that of its topology, or of [`Potential::with_box`]. `None` where there
    /// is none, and where the potential is not periodic.
    #[inline]
    pub fn default_box(&self) -> Option<&[[f64; 3]; 3]> {
        self.default_box.as_ref()
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What went wrong in its worker processes, so far; `None` where it lives in this process.
    pub fn faults(&self) -> Option<Faults> {
        match &self.backend {
            Backend::Here(_) => None,
            Backend::Workers(workers) => Some(workers.faults()),
        }
    }

    /// What this system does not keep the code of the plugin from, a sentence each. In this process: from anything.
    pub fn unconfined(&self) -> Vec<String> {
        match &self.backend {
            Backend::Here(_) => {
                vec!["the plugin runs in the process of the host, which keeps it from nothing".to_owned()]
            }
            Backend::Workers(workers) => workers.unconfined(),
        }
    }

    /// What it says of itself.
    #[inline]
    pub fn descriptor(&self) -> &Descriptor {
        &self.facts.descriptor
    }

    /// The file of the library it comes from.
    pub fn library(&self) -> &LibraryFile {
        &self.library
    }

    /// Facts of this instance: atoms, dimensions, batch sizes, periodicity.
    #[inline]
    pub fn info(&self) -> &Info {
        &self.facts.info
    }

    /// Numbers in one configuration: atoms x dimensions.
    #[inline]
    pub fn coordinates(&self) -> usize {
        self.facts.info.atoms * self.facts.info.dimensions
    }

    /// The molecule, where the plugin tells it.
    pub fn topology(&self) -> Option<&Topology> {
        self.facts.topology.as_ref()
    }

    /// The names of its energy terms; empty where it does not tell them.
    #[inline]
    pub fn component_names(&self) -> &[String] {
        &self.facts.component_names
    }

    /// Whether it tells the derivative of its energy by a strain: [`Potential::virials_into`].
    pub fn has_virials(&self) -> bool {
        self.facts.tells_virials
    }

    /// The names and default values of its global parameters; empty where it has none.
    #[inline]
    pub fn parameters(&self) -> &[(String, f64)] {
        &self.facts.parameters
    }
}

impl std::fmt::Debug for Potential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Potential")
            .field("id", &self.facts.descriptor.id)
            .field("library", &self.library.path())
            .field("info", &self.facts.info)
            .finish_non_exhaustive()
    }
}

fn config_text(id: &str, config: &serde_json::Value) -> Result<CString, CreateError> {
    use serde_json::Value;
    let found = match config {
        Value::Null => return Ok(c"{}".to_owned()),
        Value::Object(_) => {
            // JSON text escapes control characters, NUL among them.
            return Ok(CString::new(config.to_string()).expect("JSON text holds no NUL"));
        }
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
    };
    Err(CreateError::NotAnObject { id: id.to_owned(), found })
}
