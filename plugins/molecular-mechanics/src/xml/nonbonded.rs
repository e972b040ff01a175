//! Coulomb and Lennard-Jones with exceptions.
use super::{Reading, SystemError, element::Element, unsupported};
use crate::system::{Pair, PairAtom, Pairs, Terms, coulomb_constant};
use std::collections::{HashMap, HashSet};

/// Refuses every method but NoCutoff.
pub fn refuse_cutoff(force: &Element<'_, '_>) -> Result<(), SystemError> {
    let method = match force.text("method")? {
        "0" => return Ok(()),
        "1" => "CutoffNonPeriodic",
        "2" => "CutoffPeriodic",
        "3" => "Ewald",
        "4" => "PME",
        "5" => "LJPME",
        other => other,
    };
    Err(unsupported(format!("the nonbonded method {method} of '{}' (only NoCutoff)", force.place())))
}

/// Charge (or a product of charges), sigma and epsilon.
type Parameters = [f64; 3];

/// The pairs; the charges are kept in `reading`.
pub fn nonbonded(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    // Without direct space, a force without cutoff has no energy in OpenMM: neither pairs nor exceptions.
    let direct = !force.has("includeDirectSpace") || force.switch("includeDirectSpace")?;
    let mut particles = force.list("Particles", "Particle", |particle| {
        Ok([particle.number("q")?, particle.not_negative("sig")?, particle.not_negative("eps")?])
    })?;
    let atoms = particles.len();
    if atoms != reading.atoms {
        return Err(
            force.bad(format!("{} times <Particle> in <Particles>", reading.atoms), &atoms.to_string())
        );
    }
    let mut seen = HashMap::new();
    let mut exceptions = force.list("Exceptions", "Exception", |exception| {
        let [a, b] = exception.atoms(["p1", "p2"], atoms)?;
        if let Some(first) = seen.insert([a.min(b), a.max(b)], seen.len()) {
            let expected = "one exception for 'p1' and 'p2'".into();
            return Err(exception.bad(expected, &format!("a second one after <Exception> {first}")));
        }
        Ok([exception.number("q")?, exception.not_negative("sig")?, exception.not_negative("eps")?])
    })?;
    if reading.version >= 3 {
        let globals = reading.globals.of(force)?;
        offsets(force, "ParticleOffsets", "particle", &globals, &mut particles)?;
        offsets(force, "ExceptionOffsets", "exception", &globals, &mut exceptions)?;
    }
    if let Some(place) = particles.iter().position(|&[_, _, epsilon]| epsilon < 0.0) {
        let expected = format!("<ParticleOffsets> that leave 'eps' of <Particle> {place} not below zero");
        return Err(force.bad(expected, &particles[place][2].to_string()));
    }
    reading.charges.get_or_init(|| particles.iter().map(|&[charge, ..]| charge).collect());
    if !direct {
        return Ok(Terms::Pairs(Pairs::default()));
    }
    let coulomb = coulomb_constant();
    let listed = seen.into_iter().map(|(atoms, place)| {
        let [product, sigma, epsilon] = exceptions[place];
        Pair::lennard_jones(atoms, sigma, epsilon, coulomb * product)
    });
    let mut listed: Vec<Pair> = listed.collect();
    listed.sort_by_key(|pair| pair.atoms);
    let atom = |&[charge, sigma, epsilon]: &Parameters| PairAtom { charge, sigma, epsilon };
    Ok(Terms::Pairs(Pairs { atoms: particles.iter().map(atom).collect(), coulomb, listed }))
}

/// Adds what global parameters, at their defaults, change in `of`: `attribute` is the place of one of them.
fn offsets(
    force: &Element<'_, '_>,
    list: &str,
    attribute: &str,
    globals: &[(&str, f64)],
    of: &mut [Parameters],
) -> Result<(), SystemError> {
    let mut seen = HashSet::new();
    force.list(list, "Offset", |offset| {
        let name = offset.text("parameter")?;
        let value = globals.iter().find(|(other, _)| *other == name).map(|&(_, value)| value);
        let value = value.ok_or_else(|| offset.bad("a global parameter in 'parameter'".into(), name))?;
        let index = offset.index(attribute, of.len())?;
        // Of several, OpenMM's platforms take the last or their sum.
        if !seen.insert((name, index)) {
            let expected = format!("one <Offset> of one 'parameter' and '{attribute}'");
            return Err(offset.bad(expected, "a second one"));
        }
        let target = &mut of[index];
        for (sum, scale) in target.iter_mut().zip(["q", "sig", "eps"]) {
            *sum += value * offset.number(scale)?;
        }
        Ok(())
    })?;
    Ok(())
}
