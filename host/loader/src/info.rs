//! Facts of one created instance: the owned, checked form of `epp_info`.

use std::ffi::c_void;

use epp::sys;
use serde::{Deserialize, Serialize};

use crate::problem::InstanceProblem;
use crate::status::Code;
use crate::table::Message;

/// No molecule that is evaluated in batches has this many atoms; more is garbage.
const ABSURD_ATOMS: u64 = 100_000_000;

/// Facts of one created instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Info {
    /// At least 1.
    pub atoms: usize,
    /// Coordinates per atom: 3; 1 or 2 for toys.
    pub dimensions: usize,
    /// The largest batch the plugin takes at once, if there is a limit. Larger requests are cut up by the loader.
    pub max_batch: Option<usize>,
    /// Batches of a multiple of this are fastest, if the plugin has a preference.
    pub preferred_batch: Option<usize>,
    /// Along which box rows it is periodic. If any, every request has a box, of its own or the default one.
    pub periodic: [bool; 3],
    /// Where interactions end, nm; `None`: nowhere.
    pub cutoff_nm: Option<f64>,
    /// The descriptor's promise of determinism does not hold for this instance.
    pub withdraws_determinism: bool,
    /// The symmetries that the descriptor names do not hold for this instance.
    pub withdraws_symmetries: bool,
}

/// `epp_potential.info`
type Function = unsafe extern "C" fn(*mut c_void, *mut sys::Info, *mut sys::Error) -> i32;

impl Info {
    /// # Safety
    /// `info` and `self_` are of one instance, which this thread may use now.
    pub(crate) unsafe fn read(info: Function, self_: *mut c_void) -> Result<Self, InstanceProblem> {
        let mut raw = sys::Info {
            struct_size: size_of::<sys::Info>() as u64,
            atoms: 0,
            max_batch: 0,
            preferred_batch: 0,
            dimensions: 0,
            periodic: 0,
            cutoff_nm: 0.0,
            withdrawn: 0,
            reserved: 0,
        };
        let mut message = Message::<1024>::new();
        // SAFETY: the caller's promise; both structs live through the call.
        let code = unsafe { info(self_, &mut raw, &mut message.raw()) };
        if code != sys::OK {
            let (code, reason) = (Code(code), message.text());
            return Err(InstanceProblem::Failed { function: "info", code, reason });
        }
        check(raw.atoms, raw.dimensions, raw.periodic, raw.cutoff_nm)?;
        let some = |count: u64| usize::try_from(count).ok().filter(|&count| count > 0);
        Ok(Self {
            atoms: raw.atoms as usize,
            dimensions: raw.dimensions as usize,
            max_batch: some(raw.max_batch),
            preferred_batch: some(raw.preferred_batch),
            periodic: [1, 2, 4].map(|bit| raw.periodic & bit != 0),
            cutoff_nm: Some(raw.cutoff_nm).filter(|&cutoff| cutoff > 0.0),
            withdraws_determinism: raw.withdrawn & sys::WITHDRAWN_DETERMINISM != 0,
            withdraws_symmetries: raw.withdrawn & sys::WITHDRAWN_SYMMETRIES != 0,
        })
    }

    /// Checks what a worker process reported, as what a plugin says is checked.
    #[cfg(target_os = "linux")]
    pub(crate) fn checked(self) -> Result<Self, InstanceProblem> {
        let dimensions = u32::try_from(self.dimensions).unwrap_or(u32::MAX);
        check(self.atoms as u64, dimensions, 0, self.cutoff_nm.unwrap_or(0.0))?;
        Ok(self)
    }

    /// `epp_info.withdrawn`
    pub fn withdrawn(&self) -> u32 {
        let bit = |withdrawn: bool, bit: u32| if withdrawn { bit } else { 0 };
        bit(self.withdraws_determinism, sys::WITHDRAWN_DETERMINISM)
            | bit(self.withdraws_symmetries, sys::WITHDRAWN_SYMMETRIES)
    }

    /// Whether it needs a box.
    pub fn is_periodic(&self) -> bool {
        self.periodic.contains(&true)
    }
}

fn check(atoms: u64, dimensions: u32, periodic: u32, cutoff_nm: f64) -> Result<(), InstanceProblem> {
    let wrong = |field, found: String, expected: &str| InstanceProblem::Value {
        field,
        found,
        expected: expected.to_owned(),
    };
    if atoms == 0 || atoms > ABSURD_ATOMS {
        return Err(wrong("info.atoms", atoms.to_string(), "1 to 100000000"));
    }
    if !(1..=3).contains(&dimensions) {
        return Err(wrong("info.dimensions", dimensions.to_string(), "1 to 3"));
    }
    if periodic > 7 {
        return Err(wrong("info.periodic", periodic.to_string(), "0 to 7"));
    }
    if !cutoff_nm.is_finite() || cutoff_nm < 0.0 {
        return Err(wrong("info.cutoff_nm", cutoff_nm.to_string(), "0 or a positive number"));
    }
    Ok(())
}
