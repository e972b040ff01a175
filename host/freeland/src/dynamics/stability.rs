//! Whether an integration holds.
use super::error::DynamicsError;

/// More restarts than this fraction of all steps mean that the dynamics is broken, not that some energies fail.
const RESTARTS: f64 = 0.25;

/// Refuses dynamics whose walkers were put back too often. `steps`: of all walkers together.
pub(super) fn stable(section: &'static str, restarts: u64, steps: u64) -> Result<(), DynamicsError> {
    if restarts as f64 > 10.0 + RESTARTS * steps as f64 {
        return Err(DynamicsError::Unstable { section, restarts, steps });
    }
    Ok(())
}
