//! Masses of the atoms for dynamics.
use crate::system::System;

/// Hydrogens made heavier at the expense of what they are bonded to, so that a longer time step holds. The
/// distribution of configurations does not depend on masses.
pub(super) fn repartitioned(system: &System, hydrogen_mass_da: Option<f64>) -> Vec<f64> {
    let mut masses = system.masses().to_vec();
    let (Some(hydrogen), Some(topology)) = (hydrogen_mass_da, system.potential().topology()) else {
        return masses;
    };
    for bond in &topology.bonds {
        let [a, b] = bond.map(|atom| atom as usize);
        for (light, heavy) in [(a, b), (b, a)] {
            if topology.atomic_numbers[light] == 1 && topology.atomic_numbers[heavy] > 1 {
                masses[heavy] -= hydrogen - masses[light];
                masses[light] = hydrogen;
            }
        }
    }
    masses
}
