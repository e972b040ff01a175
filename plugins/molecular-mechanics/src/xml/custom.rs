//! Custom forces that CHARMM force fields need, recognised by their expressions.
use super::{
    SystemError,
    element::Element,
    expression::numbers,
    nonbonded::{lennard_jones, refuse_cutoff},
    unsupported,
};
use crate::system::{Improper, Pair, Terms};
use std::collections::HashSet;

/// Harmonic impropers, as charmm36.xml and charmm36_2024.xml write them.
pub fn impropers(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", "periodic boundary conditions (usesPeriodic)")?;
    refuse_globals(force)?;
    let text = force.text("energy")?;
    let circle = numbers("k*min(dtheta,2*pi-dtheta)^2;dtheta=abs(theta-theta0);pi=#", text);
    let periodic = match circle {
        Some(pi) if (pi[0] - std::f64::consts::PI).abs() < 1e-9 => true,
        _ if numbers("k*(theta-theta0)^2", text).is_some() => false,
        _ => return Err(unknown(force, text)),
    };
    parameters(force, "PerTorsionParameters", &["k", "theta0"])?;
    let mut impropers = Vec::new();
    for torsion in force.list("Torsions") {
        impropers.push(Improper {
            atoms: torsion.atoms(["p1", "p2", "p3", "p4"], atoms)?,
            strength: torsion.number("param1")?,
            angle: torsion.number("param2")?,
            periodic,
        });
    }
    Ok(Terms::Impropers(impropers))
}

/// Lennard-Jones of 1-4 pairs, as OpenMM writes it for a LennardJonesForce.
pub fn lennard_jones_14(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    force.refuse_if("usesPeriodic", "periodic boundary conditions (usesPeriodic)")?;
    refuse_globals(force)?;
    let text = force.text("energy")?;
    let factor =
        numbers("#*epsilon*((sigma/r)^12-(sigma/r)^6)", text).ok_or_else(|| unknown(force, text))?[0];
    parameters(force, "PerBondParameters", &["sigma", "epsilon"])?;
    let mut pairs = Vec::new();
    for bond in force.list("Bonds") {
        let [a, b] = bond.atoms(["p1", "p2"], atoms)?;
        let epsilon = bond.number("param2")? * factor / 4.0;
        pairs.push(lennard_jones([a.min(b), a.max(b)], bond.number("param1")?, epsilon, 0.0));
    }
    Ok(Terms::Pairs(pairs))
}

/// Lennard-Jones with a table over atom types, as OpenMM writes it for a LennardJonesForce.
pub fn lennard_jones_by_type(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    refuse_globals(force)?;
    force.refuse_list("ComputedValues")?;
    force.refuse_list("InteractionGroups")?;
    let text = force.text("energy")?;
    numbers("acoef(type1,type2)/r^12-bcoef(type1,type2)/r^6", text).ok_or_else(|| unknown(force, text))?;
    parameters(force, "PerParticleParameters", &["type"])?;
    let (repulsion, attraction) = (table(force, "acoef")?, table(force, "bcoef")?);
    let mut kinds = Vec::new();
    for particle in force.list("Particles") {
        kinds.push(particle.number("param1")? as usize);
    }
    if kinds.len() != atoms {
        return Err(force.bad(format!("{atoms} particles"), &kinds.len().to_string()));
    }
    let mut excluded = HashSet::new();
    for exclusion in force.list("Exclusions") {
        let [a, b] = exclusion.atoms(["p1", "p2"], atoms)?;
        excluded.insert([a.min(b), a.max(b)]);
    }
    let mut pairs = Vec::new();
    for first in 0..atoms {
        for second in first + 1..atoms {
            if !excluded.contains(&[first, second]) {
                pairs.push(Pair {
                    atoms: [first, second],
                    charge_product: 0.0,
                    repulsion: repulsion.at(force, kinds[first], kinds[second])?,
                    attraction: attraction.at(force, kinds[first], kinds[second])?,
                });
            }
        }
    }
    Ok(Terms::Pairs(pairs))
}

/// A Discrete2DFunction.
pub struct Table {
    name: String,
    size: [usize; 2],
    values: Vec<f64>,
}

impl Table {
    pub fn at(&self, force: &Element<'_, '_>, x: usize, y: usize) -> Result<f64, SystemError> {
        if x >= self.size[0] || y >= self.size[1] {
            let expected = format!("an index of '{}' below {:?}", self.name, self.size);
            return Err(force.bad(expected, &format!("({x}, {y})")));
        }
        Ok(self.values[x + self.size[0] * y])
    }
}

/// The function `name` of a force.
pub fn table(force: &Element<'_, '_>, name: &str) -> Result<Table, SystemError> {
    let function = force
        .list("Functions")
        .into_iter()
        .find(|function| function.optional("name") == Some(name))
        .ok_or_else(|| SystemError::Missing {
            place: force.place(),
            expected: format!("the function '{name}'"),
        })?;
    if function.text("type")? != "Discrete2DFunction" {
        return Err(function.bad("a Discrete2DFunction".into(), function.text("type")?));
    }
    let size = [function.index("xsize", 1 << 16)?, function.index("ysize", 1 << 16)?];
    let values =
        function.child("Values")?.children().map(|value| value.number("v")).collect::<Result<Vec<_>, _>>()?;
    if values.len() != size[0] * size[1] {
        return Err(function.bad(format!("{} values", size[0] * size[1]), &values.len().to_string()));
    }
    Ok(Table { name: name.into(), size, values })
}

fn refuse_globals(force: &Element<'_, '_>) -> Result<(), SystemError> {
    force.refuse_list("GlobalParameters")?;
    force.refuse_list("EnergyParameterDerivatives")
}

fn parameters(force: &Element<'_, '_>, list: &str, expected: &[&str]) -> Result<(), SystemError> {
    let found: Vec<_> = force.list(list).iter().filter_map(|parameter| parameter.optional("name")).collect();
    if found != expected {
        return Err(force.bad(format!("the parameters {expected:?}"), &format!("{found:?}")));
    }
    Ok(())
}

fn unknown(force: &Element<'_, '_>, text: &str) -> SystemError {
    unsupported(format!("the expression \"{text}\" of '{}'", force.place()))
}
