//! The energy terms: one for each force that has an energy.

use openmm::{Error, System};

/// OpenMM has this many force groups.
const GROUPS: u32 = 32;
/// What shares the last group when there are more forces than groups.
const REST: &str = "other forces";

/// Names of the terms, and the force group of each is its place. The names are unique.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Terms {
    pub(crate) names: Vec<String>,
}

impl Terms {
    /// Puts every force of the System into a group of its own, and those beyond the groups there are into the last.
    ///
    /// A force that has no energy (a barostat, say) is in no term: it goes to group 0 with the first one.
    pub(crate) fn separate(system: &mut System) -> Result<Terms, Error> {
        let forces = system.forces();
        let with_energy: Vec<usize> =
            (0..forces.len()).filter(|&index| !forces[index].class.is_without_energy()).collect();
        let mut names: Vec<String> = Vec::new();
        for index in 0..forces.len() {
            let group = with_energy.iter().position(|&other| other == index).unwrap_or(0) as u32;
            system.set_force_group(index, group.min(GROUPS - 1))?;
        }
        let more = with_energy.len() > GROUPS as usize;
        let single = if more { GROUPS as usize - 1 } else { with_energy.len() };
        for &index in &with_energy[..single] {
            let name = unique(&forces[index].name, &names);
            names.push(name);
        }
        if more {
            let name = unique(REST, &names);
            names.push(name);
        }
        Ok(Terms { names })
    }
}

fn unique(name: &str, taken: &[String]) -> String {
    let mut candidate = name.to_owned();
    let mut count = 1;
    while taken.contains(&candidate) {
        count += 1;
        candidate = format!("{name} {count}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut taken = Vec::new();
        for _ in 0..3 {
            let name = unique("HarmonicBondForce", &taken);
            taken.push(name);
        }
        assert_eq!(taken, ["HarmonicBondForce", "HarmonicBondForce 2", "HarmonicBondForce 3"]);
    }
}
