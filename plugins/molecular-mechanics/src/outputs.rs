//! What is written beside energy and gradient, from the computation that gives those.
use crate::system::System;
use epp::sdk::{Batch, Output, Sample};
use freeland_molecule::molecule::term_names;

/// The outputs of one molecule: its terms, the virial, and where there are charges, those and the dipole.
#[derive(Debug)]
pub struct Outputs {
    /// Names of forces that have an energy.
    forces: Vec<String>,
    charges: Vec<f64>,
    in_a_field: bool,
}

/// One configuration, evaluated.
pub struct Evaluated<'a> {
    /// kJ/mol
    pub energy: f64,
    /// `[atoms][3]`, kJ/mol/nm; empty where it is not needed.
    pub gradient: &'a [f64],
    /// Of each force that has one, kJ/mol; empty where they are not needed.
    pub terms: &'a [f64],
}

impl Outputs {
    pub fn new(system: &System) -> Self {
        let with_energy = system.forces.iter().filter(|force| force.has_energy());
        Self {
            forces: with_energy.map(|force| force.name.clone()).collect(),
            charges: system.charges.clone(),
            in_a_field: system.depends_on_place(),
        }
    }

    pub fn describe(&self) -> Vec<Output> {
        let names = term_names(self.forces.iter().map(String::as_str));
        let terms = names.iter().zip(&self.forces);
        let terms = terms
            .map(|(name, force)| Output::term(name).describe(format!("The force `{force}` of the System.")));
        let charges = || Output::charges().describe("Those of the NonbondedForce.");
        let electric = if self.charges.is_empty() { vec![] } else { vec![charges(), Output::dipole()] };
        terms.chain([Output::virial()]).chain(electric).collect()
    }

    /// The virial; charges and the dipole follow it.
    fn virial_place(&self) -> usize {
        self.forces.len()
    }

    /// Whether the energy must be known force by force.
    pub fn want_terms(&self, batch: &Batch<'_>) -> bool {
        (0..self.forces.len()).any(|term| batch.wants_output(term))
    }

    /// Whether a gradient is needed, for the caller or for the virial.
    pub fn need_gradient(&self, batch: &Batch<'_>) -> bool {
        batch.wants_gradient() || batch.wants_output(self.virial_place())
    }

    /// Writes what the sample wants, and finishes it.
    pub fn finish(&self, mut sample: Sample<'_>, found: Evaluated<'_>) {
        for (place, &term) in found.terms.iter().enumerate() {
            if let Some(output) = sample.output(place) {
                output[0] = term;
            }
        }
        let at = self.virial_place();
        if [at, at + 1, at + 2].into_iter().any(|place| sample.output(place).is_some()) {
            self.write_whole(&mut sample, found.gradient);
        }
        sample.finish(found.energy, found.gradient);
    }

    /// The virial, charges and the dipole.
    #[cold]
    fn write_whole(&self, sample: &mut Sample<'_>, gradient: &[f64]) {
        let at = self.virial_place();
        if let Some(charges) = sample.output(at + 1) {
            charges.copy_from_slice(&self.charges);
        }
        let position: Box<dyn Fn(usize) -> f64> = match (sample.positions_f64(), sample.positions_f32()) {
            (Some(positions), _) => Box::new(|place| positions[place]),
            (None, Some(positions)) => Box::new(|place| f64::from(positions[place])),
            (None, None) => return,
        };
        if let Some(dipole) = sample.output(at + 2) {
            dipole.fill(0.0);
            for (atom, charge) in self.charges.iter().enumerate() {
                (0..3).for_each(|k| dipole[k] += charge * position(3 * atom + k));
            }
        }
        if let Some(virial) = sample.output(at) {
            // Without a field the slopes add up to zero, and only distances count: far from the origin, rounding would not.
            let origin = [0, 1, 2].map(|k| if self.in_a_field { 0.0 } else { position(k) });
            virial.fill(0.0);
            for (atom, slope) in gradient.as_chunks::<3>().0.iter().enumerate() {
                for i in 0..3 {
                    let r = position(3 * atom + i) - origin[i];
                    (0..3).for_each(|j| virial[3 * i + j] += r * slope[j]);
                }
            }
        }
    }
}
