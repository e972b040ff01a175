//! What a potential is made from.
use std::path::{Path, PathBuf};

use super::{Host, Topology};

/// What [`Potential::create`](super::Potential::create) is asked for.
#[derive(Debug, Clone)]
pub struct CreateRequest<C> {
    /// The user's settings.
    pub config: C,
    /// What the host knows of the molecule. `None` too where [`Description::topology`](super::Description::topology)
    /// says that it is ignored; always there where it is needed.
    pub topology: Option<Topology>,
    /// Where relative paths in the configuration start; `None`: the working folder. See [`path`](Self::path).
    pub folder: Option<PathBuf>,
    /// How many threads one `evaluate` may keep at work; 0: as many as it likes.
    pub threads: usize,
    /// For the log. Keep a clone.
    pub host: Host,
}

impl<C> CreateRequest<C> {
    /// A request with this configuration and nothing else, for an author's own tests.
    pub fn new(config: C) -> Self {
        Self { config, topology: None, folder: None, threads: 0, host: Host::none() }
    }

    /// A path of the configuration, made absolute by the request's folder where it is relative.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        match &self.folder {
            Some(folder) => folder.join(path),
            None => path.as_ref().to_owned(),
        }
    }

    /// The same request with another configuration.
    pub fn with<D>(self, config: D) -> CreateRequest<D> {
        let Self { topology, folder, threads, host, .. } = self;
        CreateRequest { config, topology, folder, threads, host }
    }
}
