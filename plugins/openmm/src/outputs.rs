//! What is written beside energy and gradient, and how it follows from them.

use epp::sdk::{Output, Sample, SampleStatus};

use crate::pool::Worker;
use crate::terms::Terms;

/// The outputs of one System: its terms, and then what else it has.
pub(crate) struct Outputs {
    terms: Terms,
    /// Of a System that is not periodic: its box is no part of the energy.
    virial: bool,
    /// `[particles]` e, where no parameter changes them; empty where they are not known.
    charges: Vec<f64>,
    /// Whether positions and charges give a dipole: not in a periodic box, and not with sites whose positions follow from others'.
    dipole: bool,
}

impl Outputs {
    pub(crate) fn new(terms: Terms, charges: Vec<f64>, periodic: bool, virtual_sites: bool) -> Self {
        let dipole = !charges.is_empty() && !periodic && !virtual_sites;
        Self { terms, virial: !periodic, charges, dipole }
    }

    pub(crate) fn describe(&self) -> Vec<Output> {
        let terms = self.terms.names.iter().zip(&self.terms.forces);
        let terms = terms
            .map(|(name, force)| Output::term(name).describe(format!("The force `{force}` of the System.")));
        let virial = self.virial.then(Output::virial);
        let charges =
            (!self.charges.is_empty()).then(|| Output::charges().describe("Those of the NonbondedForce."));
        let dipole = self.dipole.then(Output::dipole);
        terms.chain(virial).chain(charges).chain(dipole).collect()
    }

    fn virial_place(&self) -> Option<usize> {
        self.virial.then_some(self.terms.names.len())
    }

    fn charges_place(&self) -> usize {
        self.terms.names.len() + usize::from(self.virial)
    }

    /// Whether the sample needs forces for what it wants.
    pub(crate) fn need_forces(&self, sample: &mut Sample<'_>) -> bool {
        self.virial_place().is_some_and(|place| sample.output(place).is_some())
    }

    /// Writes what the sample wants: `worker` has its positions, and in `forces` its gradient if that was needed.
    pub(crate) fn write(
        &self,
        sample: &mut Sample<'_>,
        worker: &mut Worker,
        energy: f64,
        thrown: impl Fn(&openmm::Error) -> SampleStatus,
    ) -> Result<(), SampleStatus> {
        let single = self.terms.names.len() == 1;
        for group in 0..self.terms.names.len() {
            if let Some(term) = sample.output(group) {
                let mut of_group =
                    || worker.context.energy_of_groups(1 << group).map_err(|error| thrown(&error));
                term[0] = if single { energy } else { of_group()? };
            }
        }
        let positions = worker.positions.as_chunks::<3>().0;
        if let Some(virial) = self.virial_place().and_then(|place| sample.output(place)) {
            let mut sum = [[0.0; 3]; 3];
            for (r, slope) in positions.iter().zip(worker.forces.as_chunks::<3>().0) {
                (0..3).for_each(|i| (0..3).for_each(|j| sum[i][j] += r[i] * slope[j]));
            }
            virial.copy_from_slice(sum.as_flattened());
        }
        if let Some(charges) = sample.output(self.charges_place()) {
            charges.copy_from_slice(&self.charges);
        }
        if let Some(dipole) = sample.output(self.charges_place() + 1) {
            dipole.fill(0.0);
            for (charge, r) in self.charges.iter().zip(positions) {
                (0..3).for_each(|k| dipole[k] += charge * r[k]);
            }
        }
        Ok(())
    }
}
