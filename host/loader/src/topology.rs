//! What a plugin tells of its molecule, checked.

use epp::sdk::Topology;
use epp::sys;

use crate::problem::InstanceProblem;

/// No atom has more bonds than this on average; a larger count is garbage.
const ABSURD_BONDS_PER_ATOM: u64 = 64;

/// Copies and checks what a plugin tells of its molecule. `atoms`: of its `epp_info`.
///
/// # Safety
/// Every array of `raw` is null or as long as the header says.
pub(crate) unsafe fn owned(raw: &sys::Topology, atoms: usize) -> Result<Topology, InstanceProblem> {
    let wrong = |field, found: String, expected: String| InstanceProblem::Value { field, found, expected };
    if raw.atoms != atoms as u64 {
        return Err(wrong("topology.atoms", raw.atoms.to_string(), format!("{atoms}, as in its info")));
    }
    let most = ABSURD_BONDS_PER_ATOM * raw.atoms;
    if raw.bonds > most {
        return Err(wrong("topology.bonds", raw.bonds.to_string(), format!("at most {most}")));
    }
    // SAFETY: the caller's promise; the counts were checked above.
    let topology = unsafe { Topology::from_raw(raw) }.map_err(InstanceProblem::Topology)?;
    if let Some(bond) = topology.bonds.iter().find(|[a, b]| a == b) {
        let expected = "two different atoms".to_owned();
        return Err(wrong("topology.bond_atoms", format!("{bond:?}"), expected));
    }
    let finite = [
        ("topology.masses", &topology.masses),
        ("topology.charges", &topology.charges),
        ("topology.positions", &topology.positions),
    ];
    for (field, values) in finite {
        if let Some(found) = values.iter().find(|value| !value.is_finite()) {
            return Err(wrong(field, found.to_string(), "finite numbers".to_owned()));
        }
    }
    if let Some(rows) = topology.unit_cell {
        let volume = volume(&rows);
        if !volume.is_finite() || volume == 0.0 {
            let expected = "three rows of finite numbers that span a volume".to_owned();
            return Err(wrong("topology.box", format!("{rows:?}"), expected));
        }
    }
    Ok(topology)
}

/// `a . (b x c)`, nm^3: 0 where the rows span no volume, negative where they are left-handed.
fn volume([a, b, c]: &[[f64; 3]; 3]) -> f64 {
    a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
}
