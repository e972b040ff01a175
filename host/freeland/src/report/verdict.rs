//! Whether a result can be trusted, as far as the run itself can know.
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::active::{Round, Unusable};
use crate::dynamics::{DynamicsError, Rotamers, Sampled};
use crate::landscape::Landscape;
use crate::system::Checks;

/// Below this effective sample size of its last draws, as a fraction of their number, a run cannot be trusted.
pub const LEAST_ESS_FRACTION: f64 = 0.02;
/// Above this divergence between the two halves of its data, sampling cannot be trusted: they tell of different landscapes.
pub const LARGEST_HALF_KLD: f64 = 0.5;

/// What a run says of its own result. With a [`Reason`] it cannot be trusted, and the exit status of the command is 1; a
/// [`Warning`] is named and leaves the exit status as it is.
///
/// In JSON `{"grade": "good", "reasons": [], "warnings": []}`; each reason and warning is an object of its `kind` and its
/// `text`, which says what to look at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdict {
    /// Why the result cannot be trusted; none: it is good.
    pub reasons: Vec<Reason>,
    /// What to know of a result, good or not.
    pub warnings: Vec<Warning>,
}

/// Why a result cannot be trusted. The text is what was found and what to look at.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Not one draw of the last steps has a weight.
    NoUsableDraw(Unusable),
    /// A few draws stand for all of them.
    FewEffectiveDraws {
        /// Effective sample size of the last draws, as a fraction of their number.
        ess_fraction: f64,
    },
    /// F or its error is no number.
    NotANumber {
        /// Bins without a number.
        bins: usize,
        /// All bins.
        of: usize,
    },
    /// No bin of F is finite and below the cap.
    NothingBelowCap {
        /// `active-learning.max-free-energy`, kT; of sampling, the 10 kT its errors are reported below.
        cap_kt: f64,
    },
    /// What was sampled gives no free energy.
    NoFreeEnergy {
        /// The error.
        why: String,
    },
    /// Two halves of the samples tell of different landscapes.
    HalvesDisagree {
        /// The larger of both divergences.
        half_kld: f64,
    },
}

/// What is worth knowing of a result that may be good all the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Draws whose energy failed; they count with weight zero.
    FailedDraws {
        /// So many.
        failed: usize,
        /// Of all draws of the run.
        draws: usize,
    },
    /// Steps of sampling whose energy failed; walkers went back.
    FailedSteps {
        /// So many.
        restarts: u64,
    },
    /// A rotor of three hydrogens that is not folded.
    UnfoldedRotor {
        /// Which, and why.
        what: String,
    },
    /// States of other torsions that starting data or walkers never visited.
    HiddenStates {
        /// Which, where, and what to add to the run file.
        what: String,
    },
}

impl Verdict {
    /// Of a run after `rounds`: of its last draws and of F. `unusable`: that its last steps had no energy at all.
    pub fn of_run(
        rounds: &[Round],
        pmf: Option<&Landscape>,
        cap_kt: f64,
        unusable: Option<&Unusable>,
    ) -> Self {
        let mut reasons: Vec<Reason> = unusable.cloned().map(Reason::NoUsableDraw).into_iter().collect();
        // A NaN is not enough either.
        let trusted = |ess_fraction: f64| ess_fraction >= LEAST_ESS_FRACTION;
        if let Some(round) = rounds.last().filter(|round| !trusted(round.ess_fraction)) {
            reasons.push(Reason::FewEffectiveDraws { ess_fraction: round.ess_fraction });
        }
        if let Some(pmf) = pmf {
            reasons.extend(of_grid(pmf.f_kt.iter().zip(&pmf.f_std_kt), cap_kt));
        }
        let count = |of: fn(&Round) -> usize| rounds.iter().map(of).sum::<usize>();
        let (failed, draws) = (count(|round| round.failed), count(|round| round.draws));
        let warnings = (failed > 0).then_some(Warning::FailedDraws { failed, draws });
        Self { reasons, warnings: warnings.into_iter().collect() }
    }

    /// Of sampling that is complete. `cap_kt`: below it errors of F are reported.
    pub fn of_sampling(sampled: Result<&Sampled, &DynamicsError>, cap_kt: f64, restarts: u64) -> Self {
        let mut reasons = Vec::new();
        match sampled {
            Err(error) => reasons.push(Reason::NoFreeEnergy { why: error.to_string() }),
            Ok(Sampled { landscape, half_kld }) => {
                reasons.extend(of_grid(landscape.f_kt.iter().zip(&landscape.f_std_kt), cap_kt));
                let half_kld = *half_kld;
                if half_kld.is_nan() || half_kld > LARGEST_HALF_KLD {
                    reasons.push(Reason::HalvesDisagree { half_kld });
                }
            }
        }
        let warnings = (restarts > 0).then_some(Warning::FailedSteps { restarts });
        Self { reasons, warnings: warnings.into_iter().collect() }
    }

    /// With a warning for every torsion that `who` did not see all of.
    pub fn with_hidden_states(mut self, rotamers: &Rotamers, who: &str) -> Self {
        self.warnings.extend(rotamers.warnings(who).into_iter().map(|what| Warning::HiddenStates { what }));
        self
    }

    /// With a warning for every rotor that is not folded because the energy tells its hydrogens apart.
    pub fn with_unfolded_rotors(mut self, checks: &Checks) -> Self {
        self.warnings.extend(checks.warnings().into_iter().map(|what| Warning::UnfoldedRotor { what }));
        self
    }

    /// Whether there is no reason against the result.
    pub fn is_good(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// What is wrong with F (first) and its error (second) on a grid.
fn of_grid<'a>(bins: impl Iterator<Item = (&'a f64, &'a f64)>, cap_kt: f64) -> Vec<Reason> {
    let (mut all, mut no_number, mut below) = (0, 0, 0);
    for (f_kt, std_kt) in bins {
        all += 1;
        no_number += usize::from(f_kt.is_nan() || std_kt.is_nan());
        below += usize::from(f_kt.is_finite() && *f_kt < cap_kt);
    }
    let mut reasons = Vec::new();
    if no_number > 0 {
        reasons.push(Reason::NotANumber { bins: no_number, of: all });
    }
    if below == 0 {
        reasons.push(Reason::NothingBelowCap { cap_kt });
    }
    reasons
}

/// One line: the grade, then every reason, then every warning.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_good() { "good" } else { "cannot be trusted" })?;
        let mut begin = ": ";
        for reason in &self.reasons {
            write!(f, "{begin}{reason}")?;
            begin = "; ";
        }
        for warning in &self.warnings {
            write!(f, "{begin}{warning}")?;
            begin = "; ";
        }
        Ok(())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUsableDraw(unusable) => write!(f, "{unusable}"),
            Self::FewEffectiveDraws { ess_fraction } => write!(
                f,
                "the effective sample size of the last draws is {ess_fraction:.4} of their number, below \
                 {LEAST_ESS_FRACTION}: the flow is far from p(x|s); look at coordinates.start and the starting data (are they \
                 frames of this potential, in nm, of whole molecules, and does the energy depend on nothing else than internal \
                 coordinates), then at the held-out loss, and spend more energy calls"
            ),
            Self::NotANumber { bins, of } => write!(
                f,
                "F or its error is no number in {bins} of {of} bins; look at the draws that failed and at the ESS of the rounds"
            ),
            Self::NothingBelowCap { cap_kt } => write!(
                f,
                "F is finite and below {cap_kt} kT in no bin; look at the ranges of the coarse variables and at the start"
            ),
            Self::NoFreeEnergy { why } => f.write_str(why),
            Self::HalvesDisagree { half_kld } => write!(
                f,
                "two halves of the samples differ by a divergence of {half_kld:.2}, above {LARGEST_HALF_KLD}: they tell of \
                 different landscapes; take more steps, or a method that crosses the barriers"
            ),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailedDraws { failed, draws } => {
                write!(f, "{failed} of {draws} draws had no energy and count with weight zero")
            }
            Self::FailedSteps { restarts } => write!(f, "{restarts} steps had no energy and were taken back"),
            Self::UnfoldedRotor { what } | Self::HiddenStates { what } => f.write_str(what),
        }
    }
}

impl Reason {
    /// Its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoUsableDraw(_) => "no-usable-draw",
            Self::FewEffectiveDraws { .. } => "few-effective-draws",
            Self::NotANumber { .. } => "not-a-number",
            Self::NothingBelowCap { .. } => "nothing-below-cap",
            Self::NoFreeEnergy { .. } => "no-free-energy",
            Self::HalvesDisagree { .. } => "halves-disagree",
        }
    }
}

impl Warning {
    /// Its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FailedDraws { .. } => "failed-draws",
            Self::FailedSteps { .. } => "failed-steps",
            Self::UnfoldedRotor { .. } => "unfolded-rotor",
            Self::HiddenStates { .. } => "hidden-states",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let grade = if self.is_good() { "good" } else { "cannot-be-trusted" };
        let mut object = serializer.serialize_struct("Verdict", 3)?;
        object.serialize_field("grade", grade)?;
        object.serialize_field("reasons", &self.reasons)?;
        object.serialize_field("warnings", &self.warnings)?;
        object.end()
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        told(self.kind(), self, serializer)
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        told(self.kind(), self, serializer)
    }
}

fn told<S: Serializer>(kind: &str, text: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("Told", 2)?;
    object.serialize_field("kind", kind)?;
    object.serialize_field("text", &text.to_string())?;
    object.end()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn pmf(f_kt: [f64; 2], f_std_kt: [f64; 2]) -> Landscape {
        let [f_kt, f_std_kt] = [f_kt, f_std_kt].map(|[a, b]| array![a, b].into_dyn());
        Landscape { axes: vec![vec![0.0, 1.0]], f_kt, f_std_kt }
    }

    fn kinds(verdict: &Verdict) -> Vec<&'static str> {
        verdict.reasons.iter().map(Reason::kind).collect()
    }

    #[test]
    fn a_grid_is_good_or_says_why_not() {
        for (f_kt, std_kt, expected) in [
            ([0.0, 3.0], [0.1, 0.2], &[][..]),
            ([0.0, f64::INFINITY], [0.1, f64::INFINITY], &[]),
            ([0.0, f64::NAN], [0.1, f64::NAN], &["not-a-number"]),
            ([0.0, 3.0], [0.1, f64::NAN], &["not-a-number"]),
            ([f64::NAN, f64::NAN], [0.0, 0.0], &["not-a-number", "nothing-below-cap"]),
            ([f64::INFINITY; 2], [f64::INFINITY; 2], &["nothing-below-cap"]),
        ] {
            let verdict = Verdict::of_run(&[], Some(&pmf(f_kt, std_kt)), 10.0, None);
            assert_eq!(kinds(&verdict), expected, "{f_kt:?} {std_kt:?}");
            assert_eq!(verdict.is_good(), expected.is_empty());
            let text = verdict.to_string();
            assert!(
                text.starts_with(if verdict.is_good() { "good" } else { "cannot be trusted: " }),
                "{text}"
            );
            assert_eq!(text.lines().count(), 1, "{text}");
        }
    }

    #[test]
    fn json_has_kind_and_text() {
        let verdict = Verdict {
            reasons: vec![Reason::HalvesDisagree { half_kld: 0.75 }],
            warnings: vec![Warning::FailedSteps { restarts: 3 }],
        };
        let json = serde_json::to_value(&verdict).unwrap();
        assert_eq!(json["grade"], "cannot-be-trusted");
        assert_eq!(json["reasons"][0]["kind"], "halves-disagree");
        assert!(json["reasons"][0]["text"].as_str().unwrap().contains("0.75, above 0.5"), "{json}");
        assert_eq!(json["warnings"][0]["text"], "3 steps had no energy and were taken back");
        assert_eq!(serde_json::to_value(Verdict::default()).unwrap()["grade"], "good");
    }
}
