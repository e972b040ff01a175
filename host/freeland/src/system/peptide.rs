//! Atoms by name, and the backbone torsions of peptides.

use freeland_loader::Topology;

use crate::config::atoms::{AtomRef, Backbone, BackboneAngle, TorsionRef};

/// Names shown where one is not found.
const SHOWN: usize = 12;

/// Why a text or a number is no atom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AtomProblem {
    /// Too large an index.
    #[error("atom {atom} is out of range, the potential has atoms 0 to {last}")]
    OutOfRange {
        /// The index.
        atom: usize,
        /// The largest there is.
        last: usize,
    },
    /// No atom has the name.
    #[error("no atom is called '{name}'; expected an index, or a name such as \"CA\" or \"2:CA\" ({known})")]
    Unknown {
        /// The name.
        name: String,
        /// Some names there are.
        known: String,
    },
    /// Several atoms have the name.
    #[error("'{name}' names several atoms ({}); write the residue in front, such as \"{}\"", among.join(", "), among[0])]
    Ambiguous {
        /// The name.
        name: String,
        /// How to name each of them.
        among: Vec<String>,
    },
    /// The plugin tells no names.
    #[error("'{name}' cannot be looked up, the plugin does not tell atom names; use indices")]
    NoNames {
        /// The name.
        name: String,
    },
    /// A variable names one atom twice.
    #[error("atom {atom} is named twice in {found:?}")]
    Repeated {
        /// The atom.
        atom: usize,
        /// All atoms of the variable.
        found: Vec<usize>,
    },
    /// No residue has the backbone torsion.
    #[error("no residue has the torsion '{name}'{}", if residues.is_empty() { String::new() } else { format!("; it is defined for residues {residues:?}") })]
    NoBackbone {
        /// `phi:7`
        name: String,
        /// Residues, from 1, that have it.
        residues: Vec<usize>,
    },
    /// Several residues have the backbone torsion.
    #[error("several residues have the torsion '{name}': {residues:?}; write which, such as \"{name}:{}\"", residues[0])]
    SeveralBackbones {
        /// `phi`
        name: String,
        /// Residues, from 1, that have it.
        residues: Vec<usize>,
    },
}

/// Looks atoms up in a molecule of which some facts may be unknown.
pub(crate) struct Molecule<'a> {
    pub atoms: usize,
    pub topology: Option<&'a Topology>,
}

impl Molecule<'_> {
    /// The index of an atom.
    pub fn atom(&self, atom: &AtomRef) -> Result<usize, AtomProblem> {
        match atom {
            AtomRef::Index(index) if *index < self.atoms => Ok(*index),
            AtomRef::Index(index) => Err(AtomProblem::OutOfRange { atom: *index, last: self.atoms - 1 }),
            AtomRef::Name(text) => self.by_name(text),
        }
    }

    fn by_name(&self, text: &str) -> Result<usize, AtomProblem> {
        let Some(topology) = self.topology.filter(|topology| !topology.atom_names.is_empty()) else {
            return Err(AtomProblem::NoNames { name: text.to_owned() });
        };
        let (residue, name) = match text.split_once(':') {
            Some((residue, name)) => (residue.parse::<usize>().ok(), name),
            None => (None, text),
        };
        let full = |atom: &usize| match topology.residues.get(*atom) {
            Some(residue) => format!("{}:{}", residue + 1, topology.atom_names[*atom]),
            None => topology.atom_names[*atom].clone(),
        };
        let there = |atom: &usize| residue.is_none_or(|residue| self.residue(*atom) == Some(residue));
        let found: Vec<usize> =
            (0..self.atoms).filter(|atom| topology.atom_names[*atom] == name && there(atom)).collect();
        match found[..] {
            [atom] => Ok(atom),
            [] => {
                let known: Vec<String> = (0..self.atoms).take(SHOWN).map(|atom| full(&atom)).collect();
                let more = if self.atoms > SHOWN { ", ..." } else { "" };
                let known = format!("{}{more}", known.join(", "));
                Err(AtomProblem::Unknown { name: text.to_owned(), known })
            }
            _ => {
                let among = found.iter().map(full).collect();
                Err(AtomProblem::Ambiguous { name: text.to_owned(), among })
            }
        }
    }

    /// The residue of an atom, counted from 1.
    fn residue(&self, atom: usize) -> Option<usize> {
        Some(*self.topology?.residues.get(atom)? as usize + 1)
    }

    /// The four atoms of a torsion.
    pub fn torsion(&self, torsion: &TorsionRef) -> Result<[usize; 4], AtomProblem> {
        match torsion {
            TorsionRef::Atoms(atoms) => self.several(atoms),
            TorsionRef::Backbone(backbone) => self.backbone(*backbone),
        }
    }

    /// The indices of atoms that must differ.
    pub fn several<const N: usize>(&self, atoms: &[AtomRef; N]) -> Result<[usize; N], AtomProblem> {
        let mut found = [0; N];
        for (index, atom) in found.iter_mut().zip(atoms) {
            *index = self.atom(atom)?;
        }
        let repeated = (1..N).find(|k| found[..*k].contains(&found[*k]));
        match repeated {
            Some(k) => Err(AtomProblem::Repeated { atom: found[k], found: found.to_vec() }),
            None => Ok(found),
        }
    }

    fn backbone(&self, backbone: Backbone) -> Result<[usize; 4], AtomProblem> {
        let all = self.backbone_torsions(backbone.angle);
        let residues: Vec<usize> = all.iter().map(|(residue, _)| *residue).collect();
        let wanted: Vec<[usize; 4]> = all
            .iter()
            .filter(|(residue, _)| backbone.residue.is_none_or(|wanted| wanted == *residue))
            .map(|(_, atoms)| *atoms)
            .collect();
        match wanted[..] {
            [atoms] => Ok(atoms),
            [] => Err(AtomProblem::NoBackbone { name: backbone.to_string(), residues }),
            _ => Err(AtomProblem::SeveralBackbones { name: backbone.to_string(), residues }),
        }
    }

    /// Every torsion of one kind with its residue, from 1: found by the names N, CA, C and the peptide bonds between.
    fn backbone_torsions(&self, angle: BackboneAngle) -> Vec<(usize, [usize; 4])> {
        let Some(topology) = self.topology else { return Vec::new() };
        let named = |atom: usize, name: &str| topology.atom_names.get(atom).is_some_and(|n| n == name);
        let neighbours = |atom: usize| {
            let bonds = topology.bonds.iter().map(|pair| pair.map(|end| end as usize));
            bonds.filter_map(move |[a, b]| if a == atom { Some(b) } else { (b == atom).then_some(a) })
        };
        let same = |a: usize, b: usize| self.residue(a) == self.residue(b);
        let inside = |atom: usize, name: &str| {
            neighbours(atom).find(|other| named(*other, name) && same(atom, *other))
        };
        let across = |atom: usize, name: &str| {
            neighbours(atom).find(|other| named(*other, name) && !same(atom, *other))
        };
        // The alpha carbon, or the methyl of a cap in its place.
        let alpha = |atom: usize| ["CA", "CH3", "C"].into_iter().find_map(|name| inside(atom, name));
        let at_nitrogen = |n: usize| {
            let atoms = match angle {
                BackboneAngle::Phi => {
                    let ca = inside(n, "CA")?;
                    [across(n, "C")?, n, ca, inside(ca, "C")?]
                }
                BackboneAngle::Psi => {
                    let ca = inside(n, "CA")?;
                    let c = inside(ca, "C")?;
                    [n, ca, c, across(c, "N")?]
                }
                BackboneAngle::Omega => {
                    let before = across(n, "C")?;
                    [alpha(before)?, before, n, alpha(n)?]
                }
            };
            Some((self.residue(n)?, atoms))
        };
        (0..self.atoms).filter(|atom| named(*atom, "N")).filter_map(at_nitrogen).collect()
    }
}
