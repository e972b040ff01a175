//! What an atom is called, as a run file may name it.
use freeland_loader::Topology;

/// Its residue and name where these are one atom's alone, `2:CA`, else its index.
pub(crate) fn atom_name(topology: &Topology, atom: usize) -> String {
    let (Some(own), Some(residue)) = (name(topology, atom), topology.residues.get(atom)) else {
        return atom.to_string();
    };
    let same =
        |other: &usize| name(topology, *other) == Some(own) && topology.residues.get(*other) == Some(residue);
    match (0..topology.residues.len()).filter(same).count() {
        1 => format!("{}:{own}", residue + 1),
        _ => atom.to_string(),
    }
}

/// Its name alone, where it has one.
pub(crate) fn name(topology: &Topology, atom: usize) -> Option<&str> {
    topology.atom_names.get(atom).map(String::as_str).filter(|name| !name.is_empty())
}
