//! A hash of everything that decides the numbers.
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Potential;

/// Collects what decides the numbers of an instance; equal pieces in equal order give equal text in every process. Hosts
/// record it, and notice that a file was exchanged.
///
/// ```
/// # use epp::sdk::{Batch, CreateError, CreateRequest, Description, EvaluateError, Fingerprint, Info, NoConfig, Potential};
/// # struct Line;
/// # impl Potential for Line {
/// #     type Config = NoConfig;
/// #     const DESCRIPTION: Description = Description { id: "line", ..Description::DEFAULT };
/// #     fn create(_: CreateRequest<NoConfig>) -> Result<Self, CreateError> { Ok(Self) }
/// #     fn info(&self) -> Info { Info { atoms: 1, ..Info::default() } }
/// #     fn evaluate(&self, _: &mut Batch<'_>) -> Result<(), EvaluateError> { Ok(()) }
/// # }
/// let weights = std::fs::read("Cargo.toml").unwrap_or_default();
/// let text = Fingerprint::of::<Line>().config(&NoConfig {}).bytes(&weights).finish();
/// assert_eq!(text.len(), 64);
/// ```
#[derive(Debug, Clone)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with the potential's id and version.
    pub fn of<P: Potential>() -> Self {
        Self(Sha256::new()).bytes(P::DESCRIPTION.id).bytes(P::DESCRIPTION.version)
    }

    /// One more piece: the content of a file, a table. Pieces are kept apart: "ab", "c" is not "a", "bc".
    pub fn bytes(mut self, piece: impl AsRef<[u8]>) -> Self {
        let piece = piece.as_ref();
        self.0.update((piece.len() as u64).to_le_bytes());
        self.0.update(piece);
        self
    }

    /// The configuration, as JSON: give the one that is in force, with defaults filled in. A map in it must be an ordered
    /// one, such as `BTreeMap`.
    pub fn config(self, config: &impl serde::Serialize) -> Self {
        // What JSON cannot hold (a map whose keys are no text) adds an empty piece.
        let text = serde_json::to_vec(config).unwrap_or_default();
        self.bytes(text)
    }

    /// Lower-case hexadecimal, 64 digits.
    pub fn finish(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
