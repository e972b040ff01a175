//! GBSAOBCForce: the model OBC2 with its surface term, and what holds for it.
use super::{Reading, SystemError, element::Element, nonbonded::refuse_cutoff};
use crate::system::{Born, BornAtom, RadiusLaw, Terms, coulomb_constant};
use std::f64::consts::PI;

/// Probe of the surface term, nm.
const PROBE: f64 = 0.14;

pub fn gbsa_obc(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    /// nm; fixed in GBSAOBCForce, as are the coefficients of OBC2.
    const OFFSET: f64 = 0.009;
    refuse_cutoff(force)?;
    let atoms = force.list("Particles", "Particle", |particle| {
        let radius = particle.positive("r")?;
        Ok(BornAtom {
            charge: particle.number("q")?,
            offset_radius: radius - OFFSET,
            radius,
            scaled_radius: particle.positive("scale")? * (radius - OFFSET),
            coefficients: [1.0, 0.8, 4.85],
        })
    })?;
    // What a file of version 1 does without: GBSAOBCForce's own default, kJ/mol/nm^2.
    let surface = match reading.version {
        1 => 2.25936,
        _ => force.number("surfaceAreaEnergy")?,
    };
    let born = Born {
        atoms,
        law: RadiusLaw::Obc,
        swallowed_correction: true,
        neck: None,
        coulomb: coulomb_constant(),
        solute_dielectric: force.number("soluteDielectric")?,
        solvent_dielectric: force.number("solventDielectric")?,
        kappa: 0.0,
        surface: Some((4.0 * PI * surface, PROBE)),
    };
    checked(force, born, reading.atoms)
}

/// A Born model of as many atoms as the System, whose radii and permittivities are above zero.
fn checked(force: &Element<'_, '_>, born: Born, atoms: usize) -> Result<Terms, SystemError> {
    if born.atoms.len() != atoms {
        return Err(force.bad(format!("{atoms} times <Particle>"), &born.atoms.len().to_string()));
    }
    for (index, atom) in born.atoms.iter().enumerate() {
        if atom.offset_radius <= 0.0 || atom.radius <= 0.0 {
            return Err(force.bad(
                format!("'r' of <Particle> {index} with an offset radius above zero"),
                &atom.offset_radius.to_string(),
            ));
        }
    }
    for (what, value) in
        [("soluteDielectric", born.solute_dielectric), ("solventDielectric", born.solvent_dielectric)]
    {
        if value <= 0.0 {
            return Err(force.bad(format!("{what} above zero"), &value.to_string()));
        }
    }
    Ok(Terms::Born(Box::new(born)))
}
