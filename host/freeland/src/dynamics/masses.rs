//! Masses of the atoms for dynamics.
use freeland_loader::Topology;

use super::error::DynamicsError;
use crate::system::{System, atom_name};

/// No atom is made lighter than this by what its hydrogens take from it, Da: about a hydrogen.
const LIGHTEST_DA: f64 = 1.0;

/// The masses of the atoms, Da; with `hydrogen_mass_da`, hydrogens made heavier at the expense of what they are bonded to, so
/// that a longer time step holds. The distribution of configurations does not depend on masses.
///
/// `section` of the run file is named in errors.
///
/// # Errors
/// An atom without mass, or hydrogens so heavy that they leave less than 1 Da to what they are bonded to.
pub(super) fn of_atoms(
    system: &System,
    section: &'static str,
    hydrogen_mass_da: Option<f64>,
) -> Result<Vec<f64>, DynamicsError> {
    let mut masses = system.masses().to_vec();
    let topology = system.potential().topology();
    if let Some(atom) = masses.iter().position(|mass| mass.is_nan() || *mass <= 0.0) {
        return Err(DynamicsError::Massless {
            section,
            atom: topology.map_or_else(|| atom.to_string(), |topology| atom_name(topology, atom)),
            mass_da: masses[atom],
        });
    }
    let (Some(hydrogen_da), Some(topology)) = (hydrogen_mass_da, topology) else { return Ok(masses) };
    let hydrogens = hydrogens(topology);
    let heaviest = |atom: usize| {
        let own: f64 = hydrogens[atom].iter().map(|hydrogen| masses[*hydrogen]).sum();
        (masses[atom] + own - LIGHTEST_DA) / hydrogens[atom].len() as f64
    };
    let tightest = (0..masses.len())
        .filter(|atom| !hydrogens[*atom].is_empty())
        .min_by(|a, b| heaviest(*a).total_cmp(&heaviest(*b)));
    if let Some(atom) = tightest
        && hydrogen_da > heaviest(atom)
    {
        return Err(DynamicsError::HydrogenTooHeavy {
            section,
            hydrogen_da,
            atom: atom_name(topology, atom),
            hydrogens: hydrogens[atom].len(),
            // Rounded down, so that what is told is allowed.
            heaviest_da: (heaviest(atom) * 100.0).floor() / 100.0,
        });
    }
    for (heavy, hydrogens) in hydrogens.iter().enumerate() {
        for hydrogen in hydrogens {
            masses[heavy] -= hydrogen_da - masses[*hydrogen];
            masses[*hydrogen] = hydrogen_da;
        }
    }
    Ok(masses)
}

/// The hydrogens of every heavier atom; one between two belongs to the first.
fn hydrogens(topology: &Topology) -> Vec<Vec<usize>> {
    let mut of = vec![Vec::new(); topology.atomic_numbers.len()];
    let mut taken = vec![false; topology.atomic_numbers.len()];
    for bond in &topology.bonds {
        let [a, b] = bond.map(|atom| atom as usize);
        for (light, heavy) in [(a, b), (b, a)] {
            if topology.atomic_numbers[light] == 1 && topology.atomic_numbers[heavy] > 1 && !taken[light] {
                taken[light] = true;
                of[heavy].push(light);
            }
        }
    }
    of
}
