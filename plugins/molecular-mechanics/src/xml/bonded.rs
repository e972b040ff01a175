//! Bonds, angles, torsions and correction maps.
use super::{Reading, SystemError, element::Element, unsupported};
use crate::system::{Angle, Bond, CorrectionMaps, EnergyMap, FREQUENCIES, Terms, Torsion};
use std::f64::consts::PI;

/// Refuses periodic boundary conditions, which version 1 of these forces did not know.
pub fn refuse_periodic(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<(), SystemError> {
    match reading.version {
        1 => Ok(()),
        _ => force.refuse_if("usesPeriodic", "periodic boundary conditions"),
    }
}

pub fn harmonic_bonds(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let bonds = force.list("Bonds", "Bond", |bond| {
        Ok(Bond {
            atoms: bond.atoms(["p1", "p2"], reading.atoms)?,
            length: bond.not_negative("d")?,
            strength: bond.number("k")?,
        })
    })?;
    Ok(Terms::Bonds(bonds))
}

pub fn harmonic_angles(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let angles = force.list("Angles", "Angle", |angle| {
        Ok(Angle {
            atoms: angle.atoms(["p1", "p2", "p3"], reading.atoms)?,
            angle: angle
                .number_where("a", "an angle from 0 to pi", |a| (0.0..=PI * 1.000001).contains(&a))?,
            strength: angle.number("k")?,
        })
    })?;
    Ok(Terms::Angles(angles))
}

pub fn periodic_torsions(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let torsions = force.list("Torsions", "Torsion", |torsion| {
        let periodicity = torsion.whole("periodicity", 1..=i64::from(i32::MAX))?;
        let phase = torsion.number("phase")?;
        let strength = torsion.number("k")?;
        let atoms = torsion.atoms(["p1", "p2", "p3", "p4"], reading.atoms)?;
        Torsion::periodic(atoms, periodicity as usize, phase, strength).ok_or_else(|| {
            let what = format!("periodicity {periodicity} (above {FREQUENCIES}) of '{}'", torsion.place());
            unsupported(what)
        })
    })?;
    Ok(Terms::Torsions(torsions))
}

pub fn ryckaert_bellemans_torsions(
    force: &Element<'_, '_>,
    reading: &Reading<'_>,
) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let torsions = force.list("Torsions", "Torsion", |torsion| {
        let mut coefficients = [0.0; 6];
        for (coefficient, attribute) in coefficients.iter_mut().zip(["c0", "c1", "c2", "c3", "c4", "c5"]) {
            *coefficient = torsion.number(attribute)?;
        }
        let atoms = torsion.atoms(["p1", "p2", "p3", "p4"], reading.atoms)?;
        Ok(Torsion::ryckaert_bellemans(atoms, coefficients))
    })?;
    Ok(Terms::Torsions(torsions))
}

pub fn correction_maps(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let maps = force.list("Maps", "Map", |map| {
        let size = map.index("size", 1 << 12)?;
        let energies = map.items("Energy", |point| point.number("e"))?;
        if size < 3 || energies.len() != size * size {
            let expected = format!("'size' x 'size' = {size} x {size} times <Energy>, at least 3 x 3");
            return Err(map.bad(expected, &energies.len().to_string()));
        }
        Ok(EnergyMap { size, energies })
    })?;
    let torsions = force.list("Torsions", "Torsion", |torsion| {
        Ok((
            torsion.index("map", maps.len())?,
            torsion.atoms(["a1", "a2", "a3", "a4"], reading.atoms)?,
            torsion.atoms(["b1", "b2", "b3", "b4"], reading.atoms)?,
        ))
    })?;
    Ok(Terms::Maps(CorrectionMaps { maps, torsions }))
}
