//! What is written with a force although it cannot change an energy here: checked as OpenMM checks it, and left.
use super::{SystemError, element::Element};

/// What an attribute may hold.
#[derive(Clone, Copy)]
enum Value {
    Number,
    Switch,
    /// From, to.
    Whole(i64, i64),
}

/// Whether OpenMM reads a file without the attribute.
#[derive(Clone, Copy, PartialEq)]
enum Presence {
    Needed,
    Optional,
}

use Presence::{Needed, Optional};
use Value::{Number, Switch, Whole};

const ANY: Value = Whole(i32::MIN as i64, i32::MAX as i64);

/// Force, attribute, what it holds, the version that brought it, whether it must be there, and why it has no energy.
type Row = (&'static str, &'static str, Value, i64, Presence, &'static str);

const NO_CUTOFF: &str = "of cutoffs, which NoCutoff has not";
const NO_BOX: &str = "of periodic boxes, which NoCutoff has not";
const NO_EWALD: &str = "of Ewald sums, which NoCutoff has not";

const ROWS: [Row; 23] = [
    ("CMMotionRemover", "frequency", Whole(1, i32::MAX as i64), 1, Needed, "of dynamics"),
    ("NonbondedForce", "cutoff", Number, 1, Needed, NO_CUTOFF),
    ("NonbondedForce", "useSwitchingFunction", Switch, 1, Optional, NO_CUTOFF),
    ("NonbondedForce", "switchingDistance", Number, 1, Optional, NO_CUTOFF),
    ("NonbondedForce", "rfDielectric", Number, 1, Needed, NO_CUTOFF),
    ("NonbondedForce", "dispersionCorrection", Switch, 1, Needed, NO_BOX),
    ("NonbondedForce", "exceptionsUsePeriodic", Switch, 4, Needed, NO_BOX),
    ("NonbondedForce", "ewaldTolerance", Number, 1, Needed, NO_EWALD),
    ("NonbondedForce", "alpha", Number, 1, Optional, NO_EWALD),
    ("NonbondedForce", "nx", ANY, 1, Optional, NO_EWALD),
    ("NonbondedForce", "ny", ANY, 1, Optional, NO_EWALD),
    ("NonbondedForce", "nz", ANY, 1, Optional, NO_EWALD),
    ("NonbondedForce", "ljAlpha", Number, 2, Optional, NO_EWALD),
    ("NonbondedForce", "ljnx", ANY, 2, Optional, NO_EWALD),
    ("NonbondedForce", "ljny", ANY, 2, Optional, NO_EWALD),
    ("NonbondedForce", "ljnz", ANY, 2, Optional, NO_EWALD),
    ("NonbondedForce", "recipForceGroup", Whole(-1, 31), 1, Optional, NO_EWALD),
    ("GBSAOBCForce", "cutoff", Number, 1, Needed, NO_CUTOFF),
    ("CustomGBForce", "cutoff", Number, 1, Needed, NO_CUTOFF),
    ("CustomNonbondedForce", "cutoff", Number, 1, Needed, NO_CUTOFF),
    ("CustomNonbondedForce", "useLongRangeCorrection", Switch, 1, Optional, NO_BOX),
    ("CustomNonbondedForce", "useSwitchingFunction", Switch, 1, Optional, NO_CUTOFF),
    ("CustomNonbondedForce", "switchingDistance", Number, 1, Optional, NO_CUTOFF),
];

/// Reads what has no energy in a force of this kind and version.
pub fn skip(force: &Element<'_, '_>, kind: &str, version: i64) -> Result<(), SystemError> {
    force.optional("name");
    if force.has("forceGroup") {
        force.whole("forceGroup", 0..=31)?;
    }
    for &(_, name, value, since, presence, _) in ROWS.iter().filter(|row| row.0 == kind) {
        if version < since || (presence == Optional && !force.has(name)) {
            continue;
        }
        match value {
            Number => drop(force.number(name)?),
            Switch => drop(force.switch(name)?),
            Whole(from, to) => drop(force.whole(name, from..=to)?),
        }
    }
    // OpenMM asks for this without cutoff as well.
    if force.has("useSwitchingFunction") && force.switch("useSwitchingFunction")? {
        let cutoff = force.number("cutoff")?;
        let expected = format!("a distance from 0 to below the cutoff, {cutoff}, with useSwitchingFunction,");
        force.number_where("switchingDistance", &expected, |distance| (0.0..cutoff).contains(&distance))?;
    }
    Ok(())
}
