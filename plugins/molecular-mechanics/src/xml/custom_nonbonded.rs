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
use crate::expression::{Table, parse};
use crate::room;
use crate::system::{Custom, Geometry, Pair, PairRule, Pairs, Terms};
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
    excluded: HashSet<[usize; 2]>,
    /// Two sets of atoms each, or none: then all pairs interact.
    groups: Vec<[BTreeSet<usize>; 2]>,
}

/// Any expression; among them Lennard-Jones with a table over atom types, as OpenMM writes it for a LennardJonesForce.
pub fn pairs(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    let written = Written::read(force, reading)?;
    match written.by_type(force)? {
        Some(pairs) => Ok(Terms::Pairs(pairs)),
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
        Ok(Self {
            energy: force.text("energy")?,
            globals,
            computed,
            particles,
            functions: functions(force)?,
            excluded: exclusions(force, reading.atoms)?,
            groups: groups(force, reading.atoms)?,
            names,
        })
    }

    /// Repulsion and attraction from tables, if that is what is written.
    fn by_type(&self, force: &Element<'_, '_>) -> Result<Option<Pairs>, SystemError> {
        let plain = self.names == ["type"] && self.globals.is_empty() && self.computed.is_empty();
        if !plain || self.functions.iter().any(|(name, _)| name != "acoef" && name != "bcoef") {
            return Ok(None);
        }
        if numbers("acoef(type1,type2)/r^12-bcoef(type1,type2)/r^6", self.energy).is_none() {
            return Ok(None);
        }
        let table = |wanted: &str| {
            let (_, table) = self.functions.iter().find(|(name, _)| name == wanted)?;
            (table.arguments() == 2).then_some(table)
        };
        let (Some(repulsion), Some(attraction)) = (table("acoef"), table("bcoef")) else { return Ok(None) };
        if self.groups.is_empty() {
            let types: Vec<f64> = self.particles.iter().map(|particle| particle[0]).collect();
            let (kinds, distinct) = kinds(&types);
            refuse_without_room(force, (distinct.len() as u64).saturating_mul(types.len() as u64), 0)?;
            let over = |table: &Table| -> Vec<Vec<f64>> {
                let row = |&a: &f64| distinct.iter().map(|&b| table.at([a, b, 0.0], None)).collect();
                distinct.iter().map(row).collect()
            };
            let rule = PairRule::ByKind { kinds, repulsion: over(repulsion), attraction: over(attraction) };
            let none = |&atoms: &[usize; 2]| Pair { atoms, ..Pair::default() };
            let mut listed: Vec<Pair> = self.excluded.iter().map(none).collect();
            listed.sort_by_key(|pair| pair.atoms);
            return Ok(Some(Pairs { rule: Some(rule), listed }));
        }
        let pair = |[first, second]: [usize; 2]| {
            let kinds = [self.particles[first][0], self.particles[second][0], 0.0];
            Pair {
                atoms: [first.min(second), first.max(second)],
                charge_product: 0.0,
                repulsion: repulsion.at(kinds, None),
                attraction: attraction.at(kinds, None),
            }
        };
        Ok(Some(Pairs { rule: None, listed: self.pairs(force)?.into_iter().map(pair).collect() }))
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
        for [first, second] in self.pairs(force)? {
            let own = parameters_of_two(&particles[first], &particles[second]);
            custom.folded.extend(custom.function.fold(own.chain(global_values())));
            custom.atoms.push([first, second, first, first]);
        }
        Ok(Terms::Custom(Box::new(custom)))
    }

    /// All pairs, or those of the interaction groups, less those that are excluded, in the order in which OpenMM takes them. A
    /// pair in two groups counts twice.
    fn pairs(&self, force: &Element<'_, '_>) -> Result<Vec<[usize; 2]>, SystemError> {
        let atoms = self.particles.len();
        let allowed = |a: usize, b: usize| a != b && !self.excluded.contains(&[a.min(b), a.max(b)]);
        let of_group = |[first, second]: &[BTreeSet<usize>; 2]| first.len() as u64 * second.len() as u64;
        let of_groups = self.groups.iter().map(of_group).sum();
        let count = if self.groups.is_empty() { room::pairs(atoms) } else { of_groups };
        refuse_without_room(force, count, self.names.len())?;
        let mut pairs = Vec::new();
        if self.groups.is_empty() {
            for first in 0..atoms {
                pairs.extend((first + 1..atoms).filter(|&second| allowed(first, second)).map(|b| [first, b]));
            }
        }
        for [first, second] in &self.groups {
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
}

/// The place of every value among those that differ, and these.
pub fn kinds(values: &[f64]) -> (Vec<usize>, Vec<f64>) {
    let mut distinct = values.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let place = |value: &f64| distinct.partition_point(|other| other.total_cmp(value).is_lt());
    (values.iter().map(place).collect(), distinct)
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

/// The interaction groups; older files have no such list.
fn groups(force: &Element<'_, '_>, atoms: usize) -> Result<Vec<[BTreeSet<usize>; 2]>, SystemError> {
    if !force.has_child("InteractionGroups") {
        return Ok(Vec::new());
    }
    force.list("InteractionGroups", "InteractionGroup", |group| {
        let set = |name| {
            let members = group.list(name, "Particle", |particle| particle.index("index", atoms))?;
            Ok::<_, SystemError>(members.into_iter().collect::<BTreeSet<_>>())
        };
        Ok([set("Set1")?, set("Set2")?])
    })
}
