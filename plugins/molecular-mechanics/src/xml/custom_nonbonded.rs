//! Custom forces between pairs of particles, without cutoff.
use super::{
    Reading, SystemError,
    element::Element,
    expression::numbers,
    nonbonded::refuse_cutoff,
    refuse_without_room,
    scope::{
        GlobalParameters, function, globals, names, of_two, parameters, parameters_of_two, refusal, scope,
    },
    tabulated::{Named, functions},
};
use crate::expression::parse;
use crate::room;
use crate::system::{Custom, Geometry, Pair, Pairs, Terms};
use std::collections::{BTreeSet, HashSet};

/// A force as it is written.
struct Written<'a> {
    energy: &'a str,
    names: Vec<&'a str>,
    globals: GlobalParameters<'a>,
    /// Names and expressions.
    computed: Vec<(&'a str, &'a str)>,
    particles: Vec<Vec<f64>>,
    functions: Vec<Named>,
    /// In the order in which OpenMM takes them.
    pairs: Vec<[usize; 2]>,
}

/// Any expression; among them Lennard-Jones with a table over atom types, as OpenMM writes it for a LennardJonesForce.
pub fn pairs(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    let written = Written::read(force, reading)?;
    match written.by_type() {
        Some(listed) => Ok(Terms::Pairs(Pairs { listed, ..Pairs::default() })),
        None => written.general(force),
    }
}

impl<'a> Written<'a> {
    fn read(force: &Element<'a, '_>, reading: &Reading<'_>) -> Result<Self, SystemError> {
        let names = names(force, "PerParticleParameters")?;
        let globals = globals(force, reading, 2)?;
        let mut computed = Vec::new();
        if reading.version > 2 {
            computed = force.list("ComputedValues", "Value", |value| {
                Ok((value.text("name")?, value.text("expression")?))
            })?;
        }
        let particles = force.list("Particles", "Particle", |particle| parameters(particle, &names))?;
        if particles.len() != reading.atoms {
            let expected = format!("{} times <Particle> in <Particles>", reading.atoms);
            return Err(force.bad(expected, &particles.len().to_string()));
        }
        let excluded = exclusions(force, reading.atoms)?;
        let pairs = interacting(force, reading.atoms, &excluded, names.len())?;
        Ok(Self {
            energy: force.text("energy")?,
            globals,
            computed,
            particles,
            functions: functions(force)?,
            pairs,
            names,
        })
    }

    /// Repulsion and attraction from tables, if that is what is written.
    fn by_type(&self) -> Option<Vec<Pair>> {
        let plain = self.names == ["type"] && self.globals.is_empty() && self.computed.is_empty();
        if !plain || self.functions.iter().any(|(name, _)| name != "acoef" && name != "bcoef") {
            return None;
        }
        numbers("acoef(type1,type2)/r^12-bcoef(type1,type2)/r^6", self.energy)?;
        let table = |wanted: &str| {
            let (_, table) = self.functions.iter().find(|(name, _)| name == wanted)?;
            (table.arguments() == 2).then_some(table)
        };
        let (repulsion, attraction) = (table("acoef")?, table("bcoef")?);
        let pair = |&[first, second]: &[usize; 2]| {
            let kinds = [self.particles[first][0], self.particles[second][0], 0.0];
            Pair {
                atoms: [first.min(second), first.max(second)],
                charge_product: 0.0,
                repulsion: repulsion.at(kinds, None),
                attraction: attraction.at(kinds, None),
            }
        };
        Some(self.pairs.iter().map(pair).collect())
    }

    fn general(&self, force: &Element<'_, '_>) -> Result<Terms, SystemError> {
        let global_names = self.globals.iter().map(|&(name, _)| name);
        let global_values = || self.globals.iter().map(|&(_, value)| value);
        let own: Vec<String> =
            self.names.iter().copied().chain(global_names.clone()).map(Into::into).collect();
        let own = scope(force, own, &self.functions)?;
        let mut particles = self.particles.clone();
        for (_, text) in &self.computed {
            let (graph, root) = parse(text, &own).map_err(|error| refusal(force, &error))?;
            for particle in &mut particles {
                let variables = particle[..self.names.len()].iter().copied().chain(global_values());
                particle.push(graph.evaluate(root, &variables.collect::<Vec<_>>()));
            }
        }
        let mut variables = vec!["r".to_owned()];
        variables.extend(of_two(self.names.iter().copied().chain(self.computed.iter().map(|value| value.0))));
        variables.extend(global_names.map(String::from));
        let scope = scope(force, variables, &self.functions)?;
        let function = function(force, self.energy, &scope, 1)?;
        let mut custom = Custom { geometry: Geometry::Pair, function, atoms: Vec::new(), folded: Vec::new() };
        for &[first, second] in &self.pairs {
            let own = parameters_of_two(&particles[first], &particles[second]);
            custom.folded.extend(custom.function.fold(own.chain(global_values())));
            custom.atoms.push([first, second, first, first]);
        }
        Ok(Terms::Custom(Box::new(custom)))
    }
}

/// The excluded pairs, the smaller index first.
pub fn exclusions(force: &Element<'_, '_>, atoms: usize) -> Result<HashSet<[usize; 2]>, SystemError> {
    let mut excluded = HashSet::new();
    force.list("Exclusions", "Exclusion", |exclusion| {
        let [a, b] = exclusion.atoms(["p1", "p2"], atoms)?;
        match excluded.insert([a.min(b), a.max(b)]) {
            true => Ok(()),
            false => Err(exclusion.bad("one exclusion of 'p1' and 'p2'".into(), "a second one")),
        }
    })?;
    Ok(excluded)
}

/// All pairs, or those of the interaction groups, less those that are excluded. A pair in two groups counts twice.
fn interacting(
    force: &Element<'_, '_>,
    atoms: usize,
    excluded: &HashSet<[usize; 2]>,
    parameters: usize,
) -> Result<Vec<[usize; 2]>, SystemError> {
    let allowed = |a: usize, b: usize| a != b && !excluded.contains(&[a.min(b), a.max(b)]);
    let mut groups = Vec::new();
    // Older files have no such list.
    if force.has_child("InteractionGroups") {
        groups = force.list("InteractionGroups", "InteractionGroup", |group| {
            let set = |name| {
                let members = group.list(name, "Particle", |particle| particle.index("index", atoms))?;
                Ok::<_, SystemError>(members.into_iter().collect::<BTreeSet<_>>())
            };
            Ok([set("Set1")?, set("Set2")?])
        })?;
    }
    let of_group = |[first, second]: &[BTreeSet<usize>; 2]| first.len() as u64 * second.len() as u64;
    let count = if groups.is_empty() { room::pairs(atoms) } else { groups.iter().map(of_group).sum() };
    refuse_without_room(force, count, parameters)?;
    let mut pairs = Vec::new();
    if groups.is_empty() {
        for first in 0..atoms {
            pairs.extend((first + 1..atoms).filter(|&second| allowed(first, second)).map(|b| [first, b]));
        }
    }
    for [first, second] in &groups {
        for &a in first {
            for &b in second {
                let twice = a > b && first.contains(&b) && second.contains(&a);
                if allowed(a, b) && !twice {
                    pairs.push([a, b]);
                }
            }
        }
    }
    Ok(pairs)
}
