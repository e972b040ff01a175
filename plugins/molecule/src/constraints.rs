//! What becomes of distances that OpenMM holds fixed: a potential has nothing that could hold them.
use epp::sdk::CreateError;

/// The name of the bonds that stand for constraints, among the energy terms.
pub const NAME: &str = "constraints";

/// 340 kcal/mol/angstrom^2, which Amber writes without the half of k/2 (r - d)^2, in kJ/mol/nm^2.
const CARBON_HYDROGEN: f64 = 2.0 * 340.0 * 418.4;

/// What to do with a System that has constraints. They have no energy, so that the energy of free coordinates leaves the
/// constrained distances loose.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Constraints {
    /// Refuse it.
    #[default]
    Refuse,
    /// Evaluate it without them.
    Ignore,
    /// Put harmonic bonds of `constraint-strength` in their place.
    Bonds,
}

impl Constraints {
    /// For a System of `count` constraints: k of the bonds k/2 (r - d)^2 to put in their place, kJ/mol/nm^2, or `None` to leave
    /// them out. `strength` is what the user says of k; the default is that of a C-H bond of Amber.
    ///
    /// # Errors
    /// `Unsupported` where they are to be refused and there are any; `BadConfig` for a strength without bonds, or one that is
    /// not above zero.
    pub fn strength(self, strength: Option<f64>, count: usize) -> Result<Option<f64>, CreateError> {
        let strength = match strength {
            Some(found) if self != Constraints::Bonds || !found.is_finite() || found <= 0.0 => {
                return Err(CreateError::BadConfig(format!(
                    "constraint-strength: expected a number above zero, in kJ/mol/nm^2, together with \
                     \"constraints\": \"bonds\", found {found}"
                )));
            }
            given => given.unwrap_or(CARBON_HYDROGEN),
        };
        match self {
            Constraints::Refuse if count > 0 => Err(CreateError::Unsupported(format!(
                "the System has {count} constraints, whose distances have no energy. Either set \"constraints\": \"bonds\", \
                 which puts harmonic bonds of \"constraint-strength\" in their place; or make the System with constraints=None \
                 and rigidWater=False, whose bonds are those of the force field. \"constraints\": \"ignore\" leaves the \
                 distances loose, if you know that you want this"
            ))),
            Constraints::Bonds if count > 0 => Ok(Some(strength)),
            _ => Ok(None),
        }
    }
}
