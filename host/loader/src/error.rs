//! Everything that can go wrong between the host and a plugin. Each text names the object, what was expected, what was
//! found, and where it helps what to do.

use std::path::PathBuf;

use epp::sdk::TopologyError;
use epp::sys;

use crate::isolation::{Faults, IsolationError};
use crate::manifest::{ManifestError, Mismatch};
use crate::problem::{DescriptorProblem, InstanceProblem, TableProblem};
use crate::registry::FindError;
use crate::status::Code;
use crate::text::{list, name};

/// Why a library was not loaded. The text begins with the library.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error("plugin '{}' cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The library.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The system's loader refuses it.
    #[error("plugin '{}' is not a library that this machine can load: {reason}", .path.display())]
    NotALibrary {
        /// The library.
        path: PathBuf,
        /// What the system's loader says.
        reason: String,
    },
    /// The file was overwritten after this process had loaded it.
    #[error("plugin '{}' has changed on disk since this process loaded it; start the program again", .path.display())]
    Changed {
        /// The library.
        path: PathBuf,
    },
    /// It exports no `epp_plugin_entry`.
    #[error("'{}' is a library but no energy plugin: it does not export '{}'", .path.display(), sys::ENTRY_SYMBOL)]
    NoEntry {
        /// The library.
        path: PathBuf,
    },
    /// The magic number is wrong.
    #[error("plugin '{}' has magic 0x{found:08x} in its entry, expected 0x{:08x}: its '{}' is something else, or its compiler laid out epp_entry differently", name(.path), sys::MAGIC, sys::ENTRY_SYMBOL)]
    WrongMagic {
        /// The library.
        path: PathBuf,
        /// What is in its place.
        found: u32,
    },
    /// Another major version of the ABI.
    #[error("plugin '{}' speaks ABI {found}, this host speaks {}; use a build of the plugin for ABI {}", name(.path), sys::ABI_MAJOR, sys::ABI_MAJOR)]
    WrongMajor {
        /// The library.
        path: PathBuf,
        /// Its major version.
        found: u32,
    },
    /// One of its structs.
    #[error("plugin '{}' breaks the ABI: {problem}", name(.path))]
    Table {
        /// The library.
        path: PathBuf,
        /// What is wrong.
        problem: TableProblem,
    },
    /// It is made for a newer host.
    #[error("plugin '{}' needs of its host what this one does not know (bits {bits:#x}); use a newer freeland", name(.path))]
    NewerHost {
        /// The library.
        path: PathBuf,
        /// What it needs, as `epp_entry.required` says it.
        bits: u32,
    },
    /// No potentials, or an absurd number.
    #[error("plugin '{}' says it offers {found} potentials, expected 1 to {most}", name(.path))]
    Count {
        /// The library.
        path: PathBuf,
        /// What it says.
        found: u32,
        /// The largest number that is believed.
        most: u32,
    },
    /// A description is unusable.
    #[error("plugin '{}' describes its potential {index} wrongly: {problem}", name(.path))]
    Descriptor {
        /// The library.
        path: PathBuf,
        /// Which one, from 0.
        index: u32,
        /// What is wrong.
        problem: DescriptorProblem,
    },
    /// The manifest beside it cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The manifest beside it belongs to another build.
    #[error("plugin '{}' is not the library its manifest describes: the {what} differs; if you trust this build, run 'freeland plugin manifest {}'", name(.path), .path.display())]
    ManifestMismatch {
        /// The library.
        path: PathBuf,
        /// What differs.
        what: Mismatch,
    },
    /// Others may write to it, and so decide what code it is.
    #[error("plugin '{}' is not loaded: {who} may write to '{}'; take that right away with 'chmod {} {}', or trust it with --trust-writable-plugins (trust-writable = true in [potential])", name(.path), .place.display(), if .who == "everybody" { "o-w" } else { "g-w" }, .place.display())]
    Writable {
        /// The library.
        path: PathBuf,
        /// The library, or the folder, that they may write to.
        place: PathBuf,
        /// Who.
        who: String,
    },
    /// Somebody else owns it, and so decides what code it is.
    #[error("plugin '{}' is not loaded: '{}' belongs to {who}, who may change it; make it yours with 'chown', or trust it with --trust-writable-plugins (trust-writable = true in [potential])", name(.path), .place.display())]
    Foreign {
        /// The library.
        path: PathBuf,
        /// The library, or the folder, that belongs to them.
        place: PathBuf,
        /// Who.
        who: String,
    },
    /// Its end is missing.
    #[error("plugin '{}' is cut off: it has {size} bytes and says it has at least {needed}; copy it again", .path.display())]
    CutOff {
        /// The library.
        path: PathBuf,
        /// Its size, bytes.
        size: u64,
        /// What it must have at least.
        needed: u64,
    },
    /// It was refused in a worker process.
    #[error("{text}")]
    InWorker {
        /// The library.
        path: PathBuf,
        /// What the same error says in this process.
        text: String,
    },
    /// The library is not the pinned one.
    #[error("plugin '{}' has sha256 {found}, the configuration pins {expected}; restore that build or change the pin", name(.path))]
    Pin {
        /// The library.
        path: PathBuf,
        /// The pinned one, in hexadecimal.
        expected: String,
        /// That of the file.
        found: String,
    },
}

/// Why a potential was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The library offers no such potential.
    #[error("plugin '{library}' has no potential '{id}'; it has {}", list(.known))]
    UnknownId {
        /// File name of the library.
        library: String,
        /// What was asked for.
        id: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The configuration is not an object.
    #[error("the configuration of '{id}' is {found}, expected a JSON object such as {{}}")]
    NotAnObject {
        /// The potential.
        id: String,
        /// The JSON type found.
        found: &'static str,
    },
    /// The plugin refuses the configuration.
    #[error("'{id}' refuses its configuration: {reason}")]
    BadConfig {
        /// The potential.
        id: String,
        /// What the plugin says.
        reason: String,
    },
    /// The plugin fails otherwise.
    #[error("'{id}' could not be created ({code}): {reason}")]
    Failed {
        /// The potential.
        id: String,
        /// What kind of failure.
        code: Code,
        /// What the plugin says.
        reason: String,
    },
    /// It needs something of the host that this one lacks.
    #[error(
        "'{id}' needs the host extension '{extension}', which this host does not have; use a newer freeland"
    )]
    MissingExtension {
        /// The potential.
        id: String,
        /// What it needs.
        extension: String,
    },
    /// It is made for a molecule, and none was given.
    #[error(
        "'{id}' is made for a molecule that the host names, and none was given; give a topology (topology = \"FILE.pdb\" in [potential], --topology on the command line)"
    )]
    NeedsTopology {
        /// The potential.
        id: String,
    },
    /// The plugin refuses the molecule.
    #[error("'{id}' refuses the molecule: {reason}")]
    BadTopology {
        /// The potential.
        id: String,
        /// What the plugin says.
        reason: String,
    },
    /// It makes nothing for another molecule.
    #[error("'{id}' cannot be derived for another molecule; create it anew")]
    CannotDerive {
        /// The potential.
        id: String,
    },
    /// The folder that paths start from is none.
    #[error("the folder '{}', from which paths in the configuration of '{id}' start, cannot be made an absolute path", .folder.display())]
    Folder {
        /// The potential.
        id: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The host's topology contradicts itself.
    #[error("the topology given to '{id}' cannot be used: {problem}")]
    HostTopology {
        /// The potential.
        id: String,
        /// What is wrong.
        problem: TopologyError,
    },
    /// The created instance breaks the ABI.
    #[error("'{id}' breaks the ABI: {problem}")]
    Instance {
        /// The potential.
        id: String,
        /// What is wrong.
        problem: InstanceProblem,
    },
}

/// Why a call could not be done. A configuration that fails for itself is no error but a status.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A buffer has the wrong length.
    #[error("'{id}': {buffer} holds {found} numbers, expected {expected} for {count} configurations")]
    Length {
        /// The potential.
        id: String,
        /// Which buffer.
        buffer: &'static str,
        /// Its length.
        found: usize,
        /// What it must hold at least.
        expected: usize,
        /// The number of configurations.
        count: usize,
    },
    /// Positions are not a whole number of configurations.
    #[error(
        "'{id}': {found} coordinates are no whole number of configurations of {atoms} atoms x {dimensions}"
    )]
    Shape {
        /// The potential.
        id: String,
        /// The number of coordinates.
        found: usize,
        /// Of one configuration.
        atoms: usize,
        /// Coordinates per atom.
        dimensions: usize,
    },
    /// A stride that makes configurations overlap.
    #[error("'{id}': the stride of {buffer} is {found}, expected 0 (packed) or at least {expected}")]
    Stride {
        /// The potential.
        id: String,
        /// Which buffer.
        buffer: &'static str,
        /// The stride.
        found: usize,
        /// Numbers in one configuration.
        expected: usize,
    },
    /// The potential does not take this number type, or positions and gradients differ.
    #[error("'{id}' takes positions and gradients as {}, not as {found}", list(.expected))]
    Dtype {
        /// The potential.
        id: String,
        /// What was given.
        found: &'static str,
        /// What it takes.
        expected: Vec<String>,
    },
    /// Nothing is wanted.
    #[error("'{id}': nothing to do; give a buffer for energies, for gradients or for an output")]
    NothingWanted {
        /// The potential.
        id: String,
    },
    /// A periodic potential without a box.
    #[error(
        "'{id}' is periodic and needs a box: it tells none of its own, and none was given. Give positions from a .pdb with CRYST1 or \
         a .dcd with unit cells; or --box to `freeland evaluate`, box = [\"3 nm\", \"3 nm\", \"3 nm\"] in [potential] of a run file, \
         box= in Python, three rows of three numbers in nm from a program"
    )]
    NoBox {
        /// The potential.
        id: String,
    },
    /// It has no gradient.
    #[error("'{id}' has no gradient: it tells energies alone")]
    NoGradient {
        /// The potential.
        id: String,
    },
    /// It has no such output.
    #[error("'{id}' does not tell '{name}'; beside energy and gradient it tells {}", list(.known))]
    NoOutput {
        /// The potential.
        id: String,
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The buffer of an output has the wrong length.
    #[error(
        "'{id}': the buffer of the output '{name}' holds {found} numbers, expected {expected} for {count} configurations"
    )]
    OutputLength {
        /// The potential.
        id: String,
        /// The output.
        name: String,
        /// Its length.
        found: usize,
        /// What it must hold at least.
        expected: usize,
        /// The number of configurations.
        count: usize,
    },
    /// An output is wanted twice.
    #[error("'{id}': the output '{name}' is wanted twice in one call")]
    OutputTwice {
        /// The potential.
        id: String,
        /// The output.
        name: String,
    },
    /// The plugin refuses the call.
    #[error("'{id}' failed ({code}): {reason}")]
    Failed {
        /// The potential.
        id: String,
        /// What kind of failure.
        code: Code,
        /// What the plugin says.
        reason: String,
    },
    /// An earlier call has failed in a way that leaves nothing to call.
    #[error("'{id}' can do nothing any more since an earlier call failed ({reason}); open it anew")]
    Lost {
        /// The potential.
        id: String,
        /// What the plugin said then.
        reason: String,
    },
    /// Its worker process cannot be had again.
    #[error("'{id}' cannot go on: {problem}")]
    Worker {
        /// The potential.
        id: String,
        /// Why not.
        problem: IsolationError,
    },
    /// Its worker process refuses what it accepted before.
    #[error("'{id}' cannot be started again: {problem}")]
    Restart {
        /// The potential.
        id: String,
        /// Why not.
        problem: Box<OpenError>,
    },
    /// Its worker processes were started again too often.
    #[error(
        "'{id}' has brought down its worker processes too often ({faults}); the last one {last}. Find the cause with 'freeland plugin check', use another build of the plugin, or allow more than {allowed} restarts (max-restarts)"
    )]
    RestartBudget {
        /// The potential.
        id: String,
        /// What went wrong, counted.
        faults: Faults,
        /// How the last one ended.
        last: String,
        /// The restarts that were allowed.
        allowed: u64,
    },
}

/// Why the one-liner [`open`](crate::open) failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such plugin.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It does not create the potential.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// It cannot be isolated.
    #[error(transparent)]
    Isolation(#[from] IsolationError),
    /// A library with several potentials was named without saying which.
    #[error("plugin '{path}' has {}; say which by '{path}#{}'", list(.known), .known[0])]
    Ambiguous {
        /// The library.
        path: String,
        /// What it has.
        known: Vec<String>,
    },
}
