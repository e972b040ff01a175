//! Atoms as a person names them.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// An atom by its index or its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum AtomRef {
    /// Index, from 0.
    Index(usize),
    /// `"CA"` where one atom has the name, else `"2:CA"`: the residue, counted from 1, and the name.
    Name(String),
}

impl fmt::Display for AtomRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "{index}"),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

struct AtomVisitor;

impl Visitor<'_> for AtomVisitor {
    type Value = AtomRef;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an atom: its index from 0, or its name, such as 8, \"CA\" or \"2:CA\"")
    }

    fn visit_i64<E: Error>(self, index: i64) -> Result<AtomRef, E> {
        let negative = || E::custom(format_args!("an atom index counts from 0, got {index}"));
        usize::try_from(index).map(AtomRef::Index).map_err(|_| negative())
    }

    fn visit_u64<E: Error>(self, index: u64) -> Result<AtomRef, E> {
        usize::try_from(index).map(AtomRef::Index).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<AtomRef, E> {
        if name.trim().is_empty() {
            return Err(E::custom("an atom name is not empty"));
        }
        Ok(AtomRef::Name(name.trim().to_owned()))
    }
}

impl<'de> Deserialize<'de> for AtomRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AtomVisitor)
    }
}

/// Some atoms of a molecule: a list, or `"all"`, or `"heavy"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of atoms, such as [4, 6, \"CA\"], or \"all\", or \"heavy\" (all but hydrogens)"
)]
pub enum AtomGroup {
    /// By a word.
    Word(GroupWord),
    /// One by one.
    Atoms(Vec<AtomRef>),
}

/// Groups of atoms with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupWord {
    /// Every atom.
    All,
    /// All but hydrogens.
    Heavy,
}

impl fmt::Display for AtomGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(GroupWord::All) => formatter.write_str("all atoms"),
            Self::Word(GroupWord::Heavy) => formatter.write_str("heavy atoms"),
            Self::Atoms(atoms) => write!(formatter, "{} atoms", atoms.len()),
        }
    }
}

/// A torsion by its four atoms, or a backbone torsion of a peptide by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum TorsionRef {
    /// Four atoms, the torsion being about the middle two.
    Atoms([AtomRef; 4]),
    /// `"phi"`, `"psi"`, `"omega"` where the molecule has one, else `"phi:2"` with the residue counted from 1.
    Backbone(Backbone),
}

impl fmt::Display for TorsionRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atoms([i, j, k, l]) => write!(formatter, "torsion {i}-{j}-{k}-{l}"),
            Self::Backbone(backbone) => write!(formatter, "{backbone}"),
        }
    }
}

/// A backbone torsion of a peptide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Backbone {
    /// Which of the residue's torsions.
    pub angle: BackboneAngle,
    /// The residue, from 1; `None` where the molecule has only one such torsion.
    pub residue: Option<usize>,
}

/// The backbone torsions by their usual names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackboneAngle {
    /// C of the residue before, N, CA, C.
    Phi,
    /// N, CA, C, N of the residue after.
    Psi,
    /// CA (or CH3) of the residue before, C of it, N, CA (or the methyl carbon) of the residue.
    Omega,
}

impl BackboneAngle {
    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phi => "phi",
            Self::Psi => "psi",
            Self::Omega => "omega",
        }
    }
}

impl fmt::Display for Backbone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.residue {
            Some(residue) => write!(formatter, "{}:{residue}", self.angle.name()),
            None => formatter.write_str(self.angle.name()),
        }
    }
}

impl Serialize for Backbone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct TorsionVisitor;

impl<'de> Visitor<'de> for TorsionVisitor {
    type Value = TorsionRef;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("four atoms, such as [4, 6, 8, 14], or \"phi\", \"psi\", \"omega\", \"phi:2\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TorsionRef, E> {
        let refused = || {
            E::custom(format_args!(
                "\"{text}\" is no torsion; expected four atoms, such as [4, 6, 8, 14], or \"phi\", \"psi\", \"omega\", \"phi:2\""
            ))
        };
        let (name, residue) = match text.split_once(':') {
            Some((name, residue)) => (name, Some(residue.parse().map_err(|_| refused())?)),
            None => (text, None),
        };
        let angles = [BackboneAngle::Phi, BackboneAngle::Psi, BackboneAngle::Omega];
        let angle = angles.into_iter().find(|angle| angle.name() == name).ok_or_else(refused)?;
        if residue == Some(0) {
            return Err(E::custom(format_args!("\"{text}\": residues count from 1")));
        }
        Ok(TorsionRef::Backbone(Backbone { angle, residue }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TorsionRef, A::Error> {
        let atoms = Vec::<AtomRef>::deserialize(SeqAccessDeserializer::new(seq))?;
        let count = atoms.len();
        let four = <[AtomRef; 4]>::try_from(atoms);
        four.map(TorsionRef::Atoms)
            .map_err(|_| Error::custom(format_args!("a torsion has 4 atoms, got {count}")))
    }
}

impl<'de> Deserialize<'de> for TorsionRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TorsionVisitor)
    }
}
