//! Bonds, angles, torsions and correction maps.
use super::{SystemError, element::Element, unsupported};
use crate::system::{Angle, Bond, CorrectionMaps, EnergyMap, FREQUENCIES, Terms, Torsion};

const PERIODIC: &str = "periodic boundary conditions (usesPeriodic)";

pub fn harmonic_bonds(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", PERIODIC)?;
    let mut bonds = Vec::new();
    for bond in force.list("Bonds") {
        bonds.push(Bond {
            atoms: bond.atoms(["p1", "p2"], atoms)?,
            length: bond.number("d")?,
            strength: bond.number("k")?,
        });
    }
    Ok(Terms::Bonds(bonds))
}

pub fn harmonic_angles(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", PERIODIC)?;
    let mut angles = Vec::new();
    for angle in force.list("Angles") {
        angles.push(Angle {
            atoms: angle.atoms(["p1", "p2", "p3"], atoms)?,
            angle: angle.number("a")?,
            strength: angle.number("k")?,
        });
    }
    Ok(Terms::Angles(angles))
}

pub fn periodic_torsions(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", PERIODIC)?;
    let mut torsions = Vec::new();
    for torsion in force.list("Torsions") {
        let periodicity = torsion.index("periodicity", 1000)?;
        let phase = torsion.number("phase")?;
        let strength = torsion.number("k")?;
        let atoms = torsion.atoms(["p1", "p2", "p3", "p4"], atoms)?;
        torsions.push(Torsion::periodic(atoms, periodicity, phase, strength).ok_or_else(|| {
            unsupported(format!(
                "a torsion of periodicity {periodicity} (above {FREQUENCIES}) in '{}'",
                force.place()
            ))
        })?);
    }
    Ok(Terms::Torsions(torsions))
}

pub fn ryckaert_bellemans_torsions(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", PERIODIC)?;
    let mut torsions = Vec::new();
    for torsion in force.list("Torsions") {
        let mut coefficients = [0.0; 6];
        for (coefficient, attribute) in coefficients.iter_mut().zip(["c0", "c1", "c2", "c3", "c4", "c5"]) {
            *coefficient = torsion.number(attribute)?;
        }
        let atoms = torsion.atoms(["p1", "p2", "p3", "p4"], atoms)?;
        torsions.push(Torsion::ryckaert_bellemans(atoms, coefficients));
    }
    Ok(Terms::Torsions(torsions))
}

pub fn correction_maps(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", PERIODIC)?;
    let mut result = CorrectionMaps::default();
    for map in force.list("Maps") {
        let size = map.index("size", 1 << 12)?;
        let energies = map.children().map(|point| point.number("e")).collect::<Result<Vec<_>, _>>()?;
        if size < 3 || energies.len() != size * size {
            return Err(
                map.bad(format!("{size} x {size} energies, at least 3 x 3"), &energies.len().to_string())
            );
        }
        result.maps.push(EnergyMap { size, energies });
    }
    for torsion in force.list("Torsions") {
        result.torsions.push((
            torsion.index("map", result.maps.len())?,
            torsion.atoms(["a1", "a2", "a3", "a4"], atoms)?,
            torsion.atoms(["b1", "b2", "b3", "b4"], atoms)?,
        ));
    }
    Ok(Terms::Maps(result))
}
