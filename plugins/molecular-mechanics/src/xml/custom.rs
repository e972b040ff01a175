//! Custom forces that CHARMM force fields need, recognised by their expressions.
use super::{
    Reading, SystemError,
    bonded::refuse_periodic,
    element::Element,
    expression::numbers,
    nonbonded::{lennard_jones, refuse_cutoff},
    unsupported,
};
use crate::system::{Improper, Pair, Terms};
use std::collections::HashSet;

/// Harmonic impropers, as charmm36.xml and charmm36_2024.xml write them.
pub fn impropers(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    refuse_globals(force, reading.version > 2)?;
    let text = force.text("energy")?;
    let circle = numbers("k*min(dtheta,2*pi-dtheta)^2;dtheta=abs(theta-theta0);pi=#", text);
    let periodic = match circle {
        Some(pi) if (pi[0] - std::f64::consts::PI).abs() < 1e-9 => true,
        _ if numbers("k*(theta-theta0)^2", text).is_some() => false,
        _ => return Err(unknown(force, text)),
    };
    parameters(force, "PerTorsionParameters", &["k", "theta0"])?;
    let impropers = force.list("Torsions", "Torsion", |torsion| {
        Ok(Improper {
            atoms: torsion.atoms(["p1", "p2", "p3", "p4"], reading.atoms)?,
            strength: torsion.number("param1")?,
            angle: torsion.number("param2")?,
            periodic,
        })
    })?;
    Ok(Terms::Impropers(impropers))
}

/// Lennard-Jones of 1-4 pairs, as OpenMM writes it for a LennardJonesForce.
pub fn lennard_jones_14(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    refuse_globals(force, reading.version > 2)?;
    let text = force.text("energy")?;
    let factor =
        numbers("#*epsilon*((sigma/r)^12-(sigma/r)^6)", text).ok_or_else(|| unknown(force, text))?[0];
    parameters(force, "PerBondParameters", &["sigma", "epsilon"])?;
    let pairs = force.list("Bonds", "Bond", |bond| {
        let [a, b] = bond.atoms(["p1", "p2"], reading.atoms)?;
        let epsilon = bond.number("param2")? * factor / 4.0;
        Ok(lennard_jones([a.min(b), a.max(b)], bond.number("param1")?, epsilon, 0.0))
    })?;
    Ok(Terms::Pairs(pairs))
}

/// Lennard-Jones with a table over atom types, as OpenMM writes it for a LennardJonesForce.
pub fn lennard_jones_by_type(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    refuse_globals(force, reading.version > 1)?;
    if reading.version > 2 {
        force.refuse_list("ComputedValues")?;
    }
    if force.has_child("InteractionGroups") {
        force.refuse_list("InteractionGroups")?;
    }
    let text = force.text("energy")?;
    numbers("acoef(type1,type2)/r^12-bcoef(type1,type2)/r^6", text).ok_or_else(|| unknown(force, text))?;
    parameters(force, "PerParticleParameters", &["type"])?;
    let tables = tables(force)?;
    let (repulsion, attraction) =
        (Table::named(force, &tables, "acoef")?, Table::named(force, &tables, "bcoef")?);
    let kinds = force.list("Particles", "Particle", |particle| particle.index("param1", 1 << 16))?;
    let atoms = kinds.len();
    if atoms != reading.atoms {
        return Err(force.bad(format!("{} times <Particle>", reading.atoms), &atoms.to_string()));
    }
    let mut excluded = HashSet::new();
    force.list("Exclusions", "Exclusion", |exclusion| {
        let [a, b] = exclusion.atoms(["p1", "p2"], atoms)?;
        match excluded.insert([a.min(b), a.max(b)]) {
            true => Ok(()),
            false => Err(exclusion.bad("one exclusion of 'p1' and 'p2'".into(), "a second one")),
        }
    })?;
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
    /// The table of that name.
    pub fn named<'t>(
        force: &Element<'_, '_>,
        tables: &'t [Table],
        name: &str,
    ) -> Result<&'t Table, SystemError> {
        let found = tables.iter().find(|table| table.name == name);
        found.ok_or_else(|| force.missing(format!("the function '{name}'")))
    }

    pub fn at(&self, force: &Element<'_, '_>, x: usize, y: usize) -> Result<f64, SystemError> {
        if x >= self.size[0] || y >= self.size[1] {
            let expected = format!("an index of '{}' below {:?}", self.name, self.size);
            return Err(force.bad(expected, &format!("({x}, {y})")));
        }
        Ok(self.values[x + self.size[0] * y])
    }
}

/// The functions of a force.
pub fn tables(force: &Element<'_, '_>) -> Result<Vec<Table>, SystemError> {
    force.list("Functions", "Function", |function| {
        let kind = function.text("type")?;
        if kind != "Discrete2DFunction" {
            return Err(function.bad("a Discrete2DFunction in 'type'".into(), kind));
        }
        function.version(kind)?;
        let size = [function.index("xsize", 1 << 16)?, function.index("ysize", 1 << 16)?];
        let values = function.list("Values", "Value", |value| value.number("v"))?;
        if values.len() != size[0] * size[1] {
            let expected = format!("'xsize' x 'ysize' = {} times <Value>", size[0] * size[1]);
            return Err(function.bad(expected, &values.len().to_string()));
        }
        Ok(Table { name: function.text("name")?.into(), size, values })
    })
}

fn refuse_globals(force: &Element<'_, '_>, derivatives: bool) -> Result<(), SystemError> {
    force.refuse_list("GlobalParameters")?;
    if derivatives {
        force.refuse_list("EnergyParameterDerivatives")?;
    }
    Ok(())
}

/// The names of the parameters in a list.
pub fn names<'a>(force: &Element<'a, '_>, list: &str, item: &str) -> Result<Vec<&'a str>, SystemError> {
    force.list(list, item, |parameter| parameter.text("name"))
}

fn parameters(force: &Element<'_, '_>, list: &str, expected: &[&str]) -> Result<(), SystemError> {
    let found = names(force, list, "Parameter")?;
    if found != expected {
        return Err(force.bad(format!("the parameters {expected:?}"), &format!("{found:?}")));
    }
    Ok(())
}

fn unknown(force: &Element<'_, '_>, text: &str) -> SystemError {
    unsupported(format!("the expression \"{text}\" of '{}'", force.place()))
}
