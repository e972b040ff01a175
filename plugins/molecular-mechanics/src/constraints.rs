//! What becomes of distances that OpenMM would hold fixed: a potential has nothing that could hold them.
use crate::config::{Config, Constraints};
use crate::system::{Bond, Force, System, Terms};
use epp::sdk::CreateError;

/// The name of the bonds that stand for constraints, among the energy terms.
const NAME: &str = "constraints";

/// Refuses the constraints of a System, leaves them, or puts harmonic bonds `k/2 (r - d)^2` of one strength in their place.
///
/// # Errors
/// `Unsupported` where the configuration says to refuse and there are any; `BadConfig` if the strength is no positive number.
pub fn settle(system: &mut System, config: &Config) -> Result<(), CreateError> {
    let strength = config.constraint_strength().map_err(|error| CreateError::BadConfig(error.to_string()))?;
    let count = system.constraints.len();
    match config.constraints {
        _ if count == 0 => Ok(()),
        Constraints::Ignore => Ok(()),
        Constraints::Refuse => Err(CreateError::Unsupported(format!(
            "the System has {count} constraints, whose distances have no energy. Either set \"constraints\": \"bonds\", which \
             puts harmonic bonds of \"constraint-strength\" in their place; or make the System with constraints=None and \
             rigidWater=False, whose bonds are those of the force field. \"constraints\": \"ignore\" leaves the distances loose, \
             if you know that you want this"
        ))),
        Constraints::Bonds => {
            let bonds = system.constraints.iter();
            let bonds = bonds.map(|fixed| Bond { atoms: fixed.atoms, length: fixed.distance, strength });
            let terms = Terms::Bonds(bonds.collect());
            system.forces.push(Force { name: crate::xml::unique_name(NAME, &system.forces), terms });
            Ok(())
        }
    }
}
