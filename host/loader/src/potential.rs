//! A created potential, ready to be evaluated: what it tells of itself. How it is evaluated is in `evaluate`.

use std::sync::Arc;

use epp::sdk::Topology;

use crate::creation::Creation;
use crate::descriptor::Descriptor;
use crate::error::{CreateError, EvaluateError, OpenError};
use crate::evaluator::Evaluator;
use crate::facts::Facts;
use crate::info::Info;
use crate::instance::{Callers, Instance};
use crate::isolation::Faults;
use crate::library::Library;
use crate::library_file::LibraryFile;
use crate::output::Output;
use crate::parameter::Parameter;

/// An instance of a potential, ready to be evaluated from any thread.
///
/// The thread model of the plugin is kept here: calls to a `concurrent` one run at once, those to a `serial` one wait for
/// each other, an `affine` one lives on a thread of its own, which all calls are handed to, and calls to a `process` one
/// wait for those to all others of its library. A batch for a concurrent one that keeps one thread at work in each call is
/// spread over threads.
pub struct Potential {
    library: LibraryFile,
    facts: Facts,
    /// For calls that name no box.
    default_box: Option<[[f64; 3]; 3]>,
    pub(crate) evaluator: Box<dyn Evaluator>,
}

impl Library {
    /// Makes a potential in this process. `config`: a JSON object; null means `{}`.
    ///
    /// # Errors
    /// [`CreateError`]: no such id, a refused configuration or molecule, or an instance that breaks the ABI.
    pub fn create(
        self: &Arc<Self>,
        id: &str,
        config: &serde_json::Value,
        creation: &Creation,
    ) -> Result<Potential, CreateError> {
        let (instance, facts) = Instance::create(self, id, config, creation, Callers::Any)?;
        Ok(Potential::new(self.file().clone(), facts, Box::new(instance)))
    }
}

impl Potential {
    pub(crate) fn new(library: LibraryFile, facts: Facts, evaluator: Box<dyn Evaluator>) -> Self {
        let told = facts.topology.as_ref().and_then(|topology| topology.unit_cell);
        let default_box = told.filter(|_| facts.info.is_periodic());
        Self { library, facts, default_box, evaluator }
    }

    /// The same potential with another box for calls that name none: three rows, nm. One that is not periodic has none, and
    /// stays as it is.
    pub fn with_box(mut self, rows: [[f64; 3]; 3]) -> Self {
        self.default_box = Some(rows).filter(|_| self.info().is_periodic());
        self
    }

    /// Another potential for another molecule, with the configuration and the weights of this one: for models that are
    /// large. It lives where this one does. The two are independent afterwards.
    ///
    /// # Errors
    /// The plugin cannot do that ([`CreateError::CannotDerive`]), refuses the molecule, or fails as in creating.
    pub fn derive(&self, topology: &Topology) -> Result<Self, OpenError> {
        let (evaluator, facts) = self.evaluator.derive(&self.facts, topology)?;
        Ok(Self::new(self.library.clone(), facts, evaluator))
    }

    /// The box of calls that name none, three rows, nm: that of its topology, or of [`Potential::with_box`]. `None` where there
    /// is none, and where the potential is not periodic.
    #[inline]
    pub fn default_box(&self) -> Option<&[[f64; 3]; 3]> {
        self.default_box.as_ref()
    }

    #[inline]
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What went wrong in its worker processes, so far; `None` where it lives in this process.
    pub fn faults(&self) -> Option<Faults> {
        self.evaluator.faults()
    }

    /// What this system does not keep the code of the plugin from, a sentence each. In this process: from anything.
    pub fn unconfined(&self) -> Vec<String> {
        self.evaluator.unconfined()
    }

    /// What its library says of it. Where an instance may say otherwise, [`Potential::info`] has what holds.
    #[inline]
    pub fn descriptor(&self) -> &Descriptor {
        &self.facts.descriptor
    }

    /// The file of the library it comes from.
    pub fn library(&self) -> &LibraryFile {
        &self.library
    }

    /// Facts of this instance: atoms, dimensions, batch sizes, periodicity, threads, units, fingerprint.
    #[inline]
    pub fn info(&self) -> &Info {
        &self.facts.info
    }

    /// Numbers in one configuration: atoms x dimensions.
    #[inline]
    pub fn coordinates(&self) -> usize {
        self.facts.row()
    }

    /// The molecule, where the plugin tells it.
    pub fn topology(&self) -> Option<&Topology> {
        self.facts.topology.as_ref()
    }

    /// What a call may give beside energy and gradient; empty where that is nothing.
    #[inline]
    pub fn outputs(&self) -> &[Output] {
        &self.facts.outputs
    }

    /// The output with this name.
    ///
    /// # Errors
    /// [`EvaluateError::NoOutput`] tells which there are.
    pub fn output(&self, name: &str) -> Result<&Output, EvaluateError> {
        self.place(name).map(|place| &self.facts.outputs[place])
    }

    /// The place of an output among [`Potential::outputs`].
    pub(crate) fn place(&self, name: &str) -> Result<usize, EvaluateError> {
        self.outputs().iter().position(|output| output.name == name).ok_or_else(|| {
            let known = self.outputs().iter().map(|output| output.name.clone()).collect();
            EvaluateError::NoOutput { id: self.descriptor().id.clone(), name: name.to_owned(), known }
        })
    }

    /// Numbers of an output for one configuration.
    pub fn width(&self, output: &Output) -> usize {
        output.shape.width(self.info().atoms, self.info().dimensions)
    }

    /// Its global parameters; empty where it has none.
    #[inline]
    pub fn parameters(&self) -> &[Parameter] {
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
