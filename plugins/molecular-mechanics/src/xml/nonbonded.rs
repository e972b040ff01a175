//! Coulomb and Lennard-Jones with exceptions.
use super::{SystemError, element::Element, unsupported};
use crate::system::{Pair, Terms, coulomb_constant};
use std::collections::HashMap;

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

pub fn nonbonded(force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    force.refuse_list("ParticleOffsets")?;
    force.refuse_list("ExceptionOffsets")?;
    let mut particles = Vec::new();
    for particle in force.list("Particles") {
        particles.push((particle.number("q")?, particle.number("sig")?, particle.number("eps")?));
    }
    if particles.len() != atoms {
        return Err(force.bad(format!("{atoms} particles"), &particles.len().to_string()));
    }
    let mut exceptions = HashMap::new();
    for exception in force.list("Exceptions") {
        let [a, b] = exception.atoms(["p1", "p2"], atoms)?;
        let parameters = (exception.number("q")?, exception.number("sig")?, exception.number("eps")?);
        exceptions.insert([a.min(b), a.max(b)], parameters);
    }
    let coulomb = coulomb_constant();
    let mut pairs = Vec::new();
    for first in 0..atoms {
        for second in first + 1..atoms {
            let (product, sigma, epsilon) = exceptions.get(&[first, second]).copied().unwrap_or_else(|| {
                let ((q1, s1, e1), (q2, s2, e2)) = (particles[first], particles[second]);
                (q1 * q2, 0.5 * (s1 + s2), (e1 * e2).sqrt())
            });
            let pair = lennard_jones([first, second], sigma, epsilon, coulomb * product);
            if pair.charge_product != 0.0 || pair.repulsion != 0.0 || pair.attraction != 0.0 {
                pairs.push(pair);
            }
        }
    }
    Ok(Terms::Pairs(pairs))
}

/// Charges of the particles, e.
pub fn charges(force: &Element<'_, '_>) -> Result<Vec<f64>, SystemError> {
    force.list("Particles").iter().map(|particle| particle.number("q")).collect()
}

/// `4 epsilon ((sigma/r)^12 - (sigma/r)^6)` and Coulomb.
pub fn lennard_jones(atoms: [usize; 2], sigma: f64, epsilon: f64, charge_product: f64) -> Pair {
    let attraction = 4.0 * epsilon * sigma.powi(6);
    Pair { atoms, charge_product, repulsion: attraction * sigma.powi(6), attraction }
}
