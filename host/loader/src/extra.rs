//! What a batch may be asked for besides energies and gradients: the functions of extensions.

use crate::facts::Facts;
#[cfg(target_os = "linux")]
use crate::facts::VIRIAL;

/// What is wanted of a batch besides energies and gradients, and where it goes.
pub(crate) enum Extra<'a> {
    /// Nothing.
    None,
    /// Energy terms, `[count][component_names]`.
    Components(&'a mut [f64]),
    /// Virials, `[count][3][3]`.
    Virials(&'a mut [f64]),
}

/// Which function of an instance evaluates: its code in a job.
#[cfg(target_os = "linux")]
pub(crate) mod function {
    pub(crate) const EVALUATE: u32 = 0;
    pub(crate) const COMPONENTS: u32 = 1;
    pub(crate) const VIRIALS: u32 = 2;
}

#[cfg(target_os = "linux")]
impl Extra<'_> {
    /// The code of the function that gives it.
    pub(crate) fn function(&self) -> u32 {
        match self {
            Extra::None => function::EVALUATE,
            Extra::Components(_) => function::COMPONENTS,
            Extra::Virials(_) => function::VIRIALS,
        }
    }

    /// Where it goes, and how many numbers there are for one configuration.
    pub(crate) fn values(&mut self, facts: &Facts) -> Option<(&mut [f64], usize)> {
        match self {
            Extra::None => None,
            Extra::Components(values) => Some((values, facts.component_names.len())),
            Extra::Virials(values) => Some((values, VIRIAL)),
        }
    }
}
