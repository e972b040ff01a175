//! Computed values of particles and energies that depend on them: CustomGBForce, without cutoff.
use super::{
    Reading, SystemError,
    born::recognised,
    custom_nonbonded::exclusions,
    element::Element,
    nonbonded::refuse_cutoff,
    refuse_without_room,
    scope::{function, globals, names, of_two, parameters, parameters_of_two, scope},
    tabulated::functions,
    unsupported,
    written_born::{Of, Written},
};
use crate::expression::Scope;
use crate::room;
use crate::system::{CustomBorn, OfAtom, OfPair, Terms};

/// Any expressions; those of OpenMM's `implicit/*.xml` are recognised.
pub fn custom_born(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    let written = Written::read(force, reading)?;
    match recognised(&written) {
        Some(born) => Ok(Terms::Born(Box::new(born))),
        None => written.general(force),
    }
}

impl<'a> Written<'a> {
    fn read(force: &Element<'a, '_>, reading: &Reading<'_>) -> Result<Self, SystemError> {
        let names = names(force, "PerParticleParameters")?;
        let particles = force.list("Particles", "Particle", |particle| parameters(particle, &names))?;
        if particles.len() != reading.atoms {
            let expected = format!("{} times <Particle> in <Particles>", reading.atoms);
            return Err(force.bad(expected, &particles.len().to_string()));
        }
        Ok(Self {
            names,
            globals: globals(force, reading, 2)?,
            values: force.list("ComputedValues", "Value", |value| {
                Ok((value.text("name")?, Of::read(value)?, value.text("expression")?))
            })?,
            terms: force
                .list("EnergyTerms", "Term", |term| Ok((Of::read(term)?, term.text("expression")?)))?,
            particles,
            functions: functions(force)?,
            excluded: exclusions(force, reading.atoms)?,
        })
    }

    fn general(&self, force: &Element<'_, '_>) -> Result<Terms, SystemError> {
        // A value of pairs is kept in both orders, with two slopes.
        let of_pairs = self.values.iter().map(|value| value.1).chain(self.terms.iter().map(|term| term.0));
        let lists = of_pairs.filter(|&of| of != Of::Particle).count() as u64;
        refuse_without_room(force, 2 * lists * room::pairs(self.particles.len()), self.names.len())?;
        let mut born = CustomBorn::default();
        for (index, &(_, of, text)) in self.values.iter().enumerate() {
            // As OpenMM's Reference platform asks for it.
            match (index, of) {
                (0, Of::Pair | Of::PairNoExclusions) => {
                    born.first_value = Some(self.of_pairs(force, text, of, 0, true)?);
                }
                (0, Of::Particle) => {
                    return Err(unsupported(format!(
                        "a first value of single particles of '{}'",
                        force.place()
                    )));
                }
                (_, Of::Particle) => born.values.push(self.of_atoms(force, text, index)?),
                _ => {
                    return Err(unsupported(format!(
                        "a value of pairs after the first value of '{}'",
                        force.place()
                    )));
                }
            }
        }
        for &(of, text) in &self.terms {
            match of {
                Of::Particle => born.of_atoms.push(self.of_atoms(force, text, self.values.len())?),
                _ => born.of_pairs.push(self.of_pairs(force, text, of, self.values.len(), false)?),
            }
        }
        Ok(Terms::CustomBorn(Box::new(born)))
    }

    /// The scope of an expression: `own` variables that differ between configurations, then parameters.
    fn scope(
        &self,
        force: &Element<'_, '_>,
        mut own: Vec<String>,
        parameters: Vec<String>,
    ) -> Result<Scope, SystemError> {
        own.extend(parameters);
        own.extend(self.globals.iter().map(|&(name, _)| name.into()));
        scope(force, own, &self.functions)
    }

    fn global_values(&self) -> impl Iterator<Item = f64> + '_ {
        self.globals.iter().map(|&(_, value)| value)
    }

    /// An expression of single particles that sees the first `values` values.
    fn of_atoms(&self, force: &Element<'_, '_>, text: &str, values: usize) -> Result<OfAtom, SystemError> {
        let mut own: Vec<String> = ["x", "y", "z"].map(String::from).to_vec();
        own.extend(self.values[..values].iter().map(|value| value.0.into()));
        let variables = own.len();
        let parameters = self.names.iter().copied().map(String::from).collect();
        let function = function(force, text, &self.scope(force, own, parameters)?, variables)?;
        let folded = self
            .particles
            .iter()
            .flat_map(|particle| function.fold(particle.iter().copied().chain(self.global_values())));
        Ok(OfAtom { folded: folded.collect(), function })
    }

    /// An expression of pairs that sees the first `values` values; `both` ways if it is a value.
    fn of_pairs(
        &self,
        force: &Element<'_, '_>,
        text: &str,
        of: Of,
        values: usize,
        both: bool,
    ) -> Result<OfPair, SystemError> {
        let mut own = vec!["r".to_owned()];
        own.extend(of_two(self.values[..values].iter().map(|value| value.0)));
        let variables = own.len();
        let parameters = of_two(self.names.iter().copied());
        let function = function(force, text, &self.scope(force, own, parameters)?, variables)?;
        let mut result = OfPair { function, pairs: Vec::new(), folded: Vec::new() };
        for first in 0..self.particles.len() {
            for second in first + 1..self.particles.len() {
                if of == Of::Pair && self.excluded.contains(&[first, second]) {
                    continue;
                }
                result.pairs.push([first, second]);
                let ways = [[first, second], [second, first]];
                for [a, b] in ways.into_iter().take(if both { 2 } else { 1 }) {
                    let own = parameters_of_two(&self.particles[a], &self.particles[b]);
                    result.folded.extend(result.function.fold(own.chain(self.global_values())));
                }
            }
        }
        Ok(result)
    }
}
