//! What host and worker tell each other besides batches: the order a worker starts with, and its answers, as JSON.

use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;

use epp::sdk::Topology;
use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::confinement::Confined;
use super::loaded::Loaded;
use crate::descriptor::Descriptor;
use crate::error::{CreateError, LoadError};
use crate::extensions;
use crate::facts::Facts;
use crate::library_file::{Abi, Version};
use crate::problem::InstanceProblem;
use crate::status::Code;

/// Host and worker must be one build: this is compared before anything else is read.
pub(super) const BUILD: &str = concat!("freeland-worker ", env!("CARGO_PKG_VERSION"), " protocol 4");
/// No answer is longer, in bytes: enough for a topology of half a million atoms.
const LONGEST: u32 = 1 << 26;
/// No message of a plugin's log is longer, in bytes.
const LONGEST_LOG: u32 = 1 << 16;
/// At most so many chunks are read at once.
const CHUNKS: usize = 16;

/// What a worker is started for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) build: String,
    /// The process id of the host: with any other parent, the host is gone.
    pub(super) host: u32,
    pub(super) library: Bytes,
    pub(super) sha256: String,
    /// The file must still be the one that was hashed.
    pub(super) version: Version,
    /// Whether that is loaded, whatever lies under its name by then.
    pub(super) by_descriptor: bool,
    /// `None`: the only one of the library.
    pub(super) id: Option<String>,
    pub(super) config: serde_json::Value,
    /// What the host knows of the molecule.
    pub(super) topology: Option<Topology>,
    /// The molecule that the instance is derived for, once it is made.
    pub(super) derived: Option<Topology>,
    /// Where relative paths in the configuration start.
    pub(super) folder: Option<Bytes>,
    /// On how many threads a call may work.
    pub(super) threads: Option<u32>,
    pub(super) scratch: Bytes,
    pub(super) writable: Vec<Bytes>,
    pub(super) memory: Option<u64>,
    /// Whether nothing is loaded where this system cannot confine it.
    pub(super) required: bool,
    /// No newer landlock is used.
    pub(super) landlock: Option<u32>,
    /// What the library needs and the host has.
    pub(super) loaded: Vec<Loaded>,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Its number, before any code of the plugin runs: the host knows that of its guard only.
    Begun { process: u32 },
    /// It is ready for batches.
    Ready(Box<Ready>),
    /// It cannot be.
    Refused(Refusal),
    /// The plugin logs.
    Log { level: u32, text: String },
}

/// What a worker has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ready {
    pub(super) abi: Abi,
    pub(super) descriptors: Vec<Descriptor>,
    pub(super) confined: Confined,
    facts: Facts,
}

impl Ready {
    pub(super) fn new(abi: Abi, descriptors: &[Descriptor], confined: Confined, facts: Facts) -> Self {
        Self { abi, descriptors: descriptors.to_vec(), confined, facts }
    }

    /// Of the potential that was created.
    pub(super) fn id(&self) -> &str {
        &self.facts.descriptor.id
    }

    /// What the instance says of itself, where it makes sense: code of the plugin ran in the process that sent this.
    pub(super) fn facts(&self) -> Result<Facts, InstanceProblem> {
        let facts = self.facts.clone();
        let info = facts.info.checked()?;
        if let Some(told) = &facts.topology {
            epp::sdk::RawTopology::new(told.clone(), info.atoms).map_err(InstanceProblem::Topology)?;
        }
        let outputs = extensions::checked(facts.outputs, &info)?;
        Ok(Facts { info, outputs, ..facts })
    }
}

/// Why there is no instance: the errors of loading and creating, as far as their parts matter to programs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Refusal {
    /// Host and worker are different builds.
    Build(String),
    /// What this system does not keep plugins from, where that is required.
    Unconfined(Vec<String>),
    Several {
        known: Vec<String>,
    },
    NotALibrary {
        reason: String,
    },
    NoEntry,
    WrongMagic {
        found: u32,
    },
    WrongMajor {
        found: u32,
    },
    NewerHost {
        bits: u32,
    },
    Changed,
    Load(String),
    UnknownId {
        library: String,
        id: String,
        known: Vec<String>,
    },
    NotAnObject(String),
    BadConfig {
        id: String,
        reason: String,
    },
    Failed {
        id: String,
        code: i32,
        reason: String,
    },
    MissingExtension {
        id: String,
        extension: String,
    },
    NeedsTopology {
        id: String,
    },
    BadTopology {
        id: String,
        reason: String,
    },
    CannotDerive {
        id: String,
    },
    Instance {
        id: String,
        text: String,
    },
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::NotALibrary { reason, .. } => Self::NotALibrary { reason },
            LoadError::NoEntry { .. } => Self::NoEntry,
            LoadError::WrongMagic { found, .. } => Self::WrongMagic { found },
            LoadError::WrongMajor { found, .. } => Self::WrongMajor { found },
            LoadError::NewerHost { bits, .. } => Self::NewerHost { bits },
            LoadError::Changed { .. } => Self::Changed,
            error => Self::Load(error.to_string()),
        }
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::UnknownId { library, id, known } => Self::UnknownId { library, id, known },
            CreateError::BadConfig { id, reason } => Self::BadConfig { id, reason },
            CreateError::Failed { id, code, reason } => Self::Failed { id, code: code.0, reason },
            CreateError::MissingExtension { id, extension } => Self::MissingExtension { id, extension },
            CreateError::NeedsTopology { id } => Self::NeedsTopology { id },
            CreateError::BadTopology { id, reason } => Self::BadTopology { id, reason },
            CreateError::CannotDerive { id } => Self::CannotDerive { id },
            CreateError::Instance { id, problem } => Self::Instance { id, text: problem.to_string() },
            error => Self::NotAnObject(error.to_string()),
        }
    }
}

/// The error that the same refusal is in the host's own process.
pub(super) enum Refused {
    Load(LoadError),
    Create(CreateError),
    Several { known: Vec<String> },
    Unconfined(Vec<String>),
    Protocol(String),
}

impl Refusal {
    pub(super) fn of(self, path: &Path) -> Refused {
        let path = path.to_owned();
        match self {
            Self::Build(found) => Refused::Protocol(format!("it is '{found}', this host needs '{BUILD}'")),
            Self::Several { known } => Refused::Several { known },
            Self::Unconfined(gaps) => Refused::Unconfined(gaps),
            Self::NotALibrary { reason } => Refused::Load(LoadError::NotALibrary { path, reason }),
            Self::NoEntry => Refused::Load(LoadError::NoEntry { path }),
            Self::WrongMagic { found } => Refused::Load(LoadError::WrongMagic { path, found }),
            Self::WrongMajor { found } => Refused::Load(LoadError::WrongMajor { path, found }),
            Self::NewerHost { bits } => Refused::Load(LoadError::NewerHost { path, bits }),
            Self::Changed => Refused::Load(LoadError::Changed { path }),
            Self::Load(text) => Refused::Load(LoadError::InWorker { path, text }),
            Self::UnknownId { library, id, known } => {
                Refused::Create(CreateError::UnknownId { library, id, known })
            }
            Self::NotAnObject(text) => Refused::Protocol(text),
            Self::BadConfig { id, reason } => Refused::Create(CreateError::BadConfig { id, reason }),
            Self::Failed { id, code, reason } => {
                Refused::Create(CreateError::Failed { id, code: Code(code), reason })
            }
            Self::MissingExtension { id, extension } => {
                Refused::Create(CreateError::MissingExtension { id, extension })
            }
            Self::NeedsTopology { id } => Refused::Create(CreateError::NeedsTopology { id }),
            Self::BadTopology { id, reason } => Refused::Create(CreateError::BadTopology { id, reason }),
            Self::CannotDerive { id } => Refused::Create(CreateError::CannotDerive { id }),
            Self::Instance { id, text } => {
                Refused::Create(CreateError::Instance { id, problem: InstanceProblem::InWorker(text) })
            }
        }
    }
}

/// Writes one answer: its length in four bytes, then its JSON.
pub(super) fn send(mut to: impl Write, answer: &Answer) -> std::io::Result<()> {
    let text = serde_json::to_vec(answer)?;
    let length = u32::try_from(text.len()).map_err(|_| ErrorKind::FileTooLarge)?;
    to.write_all(&[&length.to_le_bytes(), text.as_slice()].concat())
}

/// The text of a log message, cut where it is too long to be sent.
pub(super) fn cut(mut text: String) -> String {
    // Half of it: escaped in JSON, it may be longer.
    let most = LONGEST_LOG as usize / 8;
    if text.len() > most {
        let end = (0..=most).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// What reading has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Something, and perhaps there is more.
    Some,
    /// All that there is now.
    All,
    /// Nothing more will ever come.
    End,
}

/// Answers as they come in, in whatever pieces. It never holds much more than the longest one.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// What was taken out of them already.
    taken: usize,
    /// Whether the answer that decides was taken: what comes later is log.
    decided: bool,
}

impl Inbox {
    /// Reads some of what there is.
    pub(super) fn fill(&mut self, mut from: impl Read) -> std::io::Result<Filled> {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        let mut chunk = [0; 1 << 14];
        for _ in 0..CHUNKS {
            match from.read(&mut chunk) {
                Ok(0) => return Ok(Filled::End),
                Ok(read) => self.bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Filled::All),
                Err(error) => return Err(error),
            }
        }
        Ok(Filled::Some)
    }

    /// The next whole answer, if it is there, and its length.
    ///
    /// # Errors
    /// It is no answer, or longer than any.
    pub(super) fn next(&mut self) -> std::io::Result<Option<(Answer, usize)>> {
        let Some((head, rest)) = self.bytes[self.taken..].split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_le_bytes(*head);
        if length > if self.decided { LONGEST_LOG } else { LONGEST } {
            return Err(Error::new(ErrorKind::InvalidData, format!("it announces {length} bytes")));
        }
        let length = length as usize;
        let Some(text) = rest.get(..length) else { return Ok(None) };
        let answer: Answer = serde_json::from_slice(text)?;
        self.decided |= matches!(answer, Answer::Ready(_) | Answer::Refused(_));
        self.taken += 4 + length;
        Ok(Some((answer, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_whole_however_they_are_cut() {
        let mut sent = Vec::new();
        for text in ["one", "two"] {
            send(&mut sent, &Answer::Log { level: 1, text: text.to_owned() }).unwrap();
        }
        let (mut inbox, mut heard) = (Inbox::default(), Vec::new());
        for byte in sent {
            assert_eq!(inbox.fill([byte].as_slice()).unwrap(), Filled::End, "a slice ends");
            while let Some((Answer::Log { text, .. }, _)) = inbox.next().unwrap() {
                heard.push(text);
            }
        }
        assert_eq!(heard, ["one", "two"]);
    }

    #[test]
    fn an_absurd_length_is_refused() {
        let mut inbox = Inbox { bytes: vec![0xff; 8], ..Inbox::default() };
        assert!(inbox.next().unwrap_err().to_string().contains("it announces 4294967295 bytes"));
    }

    #[test]
    fn a_flood_is_read_in_parts_and_log_is_short() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.fill(std::io::repeat(0)).unwrap(), Filled::Some);
        assert!(inbox.bytes.len() <= CHUNKS << 14);
        let mut inbox = Inbox { bytes: (LONGEST_LOG + 1).to_le_bytes().to_vec(), taken: 0, decided: true };
        assert!(inbox.next().unwrap_err().to_string().contains("it announces 65537 bytes"));
        let text = cut("\u{1}\u{e9}".repeat(1 << 20));
        assert!(text.ends_with("..."));
        let mut sent = Vec::new();
        send(&mut sent, &Answer::Log { level: 1, text }).unwrap();
        assert!(sent.len() < LONGEST_LOG as usize);
    }
}
