//! Facts of one created instance: the owned, checked form of `epp_info`.

use std::ffi::{c_char, c_void};
use std::ptr::null;

use epp::sys;
use serde::{Deserialize, Serialize};

use crate::descriptor::{Descriptor, Determinism, Dtype, Symmetry, Threads, Units};
use crate::problem::InstanceProblem;
use crate::status::Code;
use crate::table::{self, Message};

/// No molecule that is evaluated in batches has this many atoms; more is garbage.
const ABSURD_ATOMS: usize = 100_000_000;
/// Of `epp_info.required`, what this host knows.
const KNOWN: u32 = sys::INFO_NO_GRADIENT | sys::INFO_DISCRETE;
/// The longest fingerprint that is believed, in hexadecimal digits.
const LONGEST_FINGERPRINT: usize = 256;

/// Facts of one created instance. They depend on its configuration, and go before what the descriptor says.
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
    /// Whether it tells gradients.
    pub has_gradient: bool,
    /// Only certain positions have an energy, such as spins of +1 and -1.
    pub discrete: bool,
    /// Results are draws from a distribution, by the seed of a request.
    pub uses_seed: bool,
    /// How it may be used from threads; [`Potential`](crate::Potential) takes care of that.
    pub threads: Threads,
    /// What gives the same bits again.
    pub determinism: Determinism,
    /// Number types it takes; [`Dtype::F64`] always.
    pub dtypes: Vec<Dtype>,
    /// What leaves the energy unchanged.
    pub symmetries: Vec<Symmetry>,
    /// Units of lengths and energies.
    pub units: Units,
    /// The most threads that one call keeps at work at the same time; `None`: not told. The caller's counts where it works;
    /// one that waits for others does not.
    pub threads_inside: Option<u32>,
    /// A hash of everything that decides the numbers, in lower-case hexadecimal, where it is told.
    pub fingerprint: Option<String>,
}

/// `epp_potential.info`
type Function = unsafe extern "C" fn(*mut c_void, *mut sys::Info, *mut sys::Error) -> i32;

impl Info {
    /// # Safety
    /// `info` and `self_` are of one instance, which this thread may use now.
    pub(crate) unsafe fn read(
        info: Function,
        self_: *mut c_void,
        descriptor: &Descriptor,
    ) -> Result<Self, InstanceProblem> {
        let mut raw = sys::Info {
            struct_size: size_of::<sys::Info>() as u64,
            atoms: 0,
            max_batch: 0,
            preferred_batch: 0,
            dimensions: 0,
            periodic: 0,
            cutoff_nm: 0.0,
            required: 0,
            flags: 0,
            thread_model: 0,
            determinism: 0,
            dtypes: 0,
            symmetries: 0,
            units: 0,
            threads_inside: 0,
            fingerprint: null(),
        };
        let mut message = Message::<1024>::new();
        // SAFETY: the caller's promise; both structs live through the call.
        let code = unsafe { info(self_, &mut raw, &mut message.raw()) };
        if code != sys::OK {
            let (code, reason) = (Code(code), message.text());
            return Err(InstanceProblem::Failed { function: "info", code, reason });
        }
        if raw.required & !KNOWN != 0 {
            let expected = "what this host knows; use a newer freeland";
            return Err(wrong("info.required", raw.required.to_string(), expected));
        }
        let some = |count: u64| usize::try_from(count).ok().filter(|&count| count > 0);
        let told =
            |field, value: u32| wrong(field, value.to_string(), "what this host knows; use a newer freeland");
        /// What the instance says, or else what the descriptor does.
        fn or<T>(value: u32, otherwise: T, read: impl FnOnce(u32) -> Option<T>) -> Option<T> {
            if value == 0 { Some(otherwise) } else { read(value) }
        }
        let threads = or(raw.thread_model, descriptor.threads, Threads::of);
        let determinism = or(raw.determinism, descriptor.determinism, Determinism::of);
        let dtypes = or(raw.dtypes, descriptor.dtypes.clone(), Dtype::set);
        let units = or(raw.units, descriptor.units, Units::of);
        let symmetries = or(raw.symmetries, descriptor.symmetries.clone(), |set| Some(Symmetry::set(set)));
        Self {
            atoms: usize::try_from(raw.atoms).unwrap_or(usize::MAX),
            dimensions: raw.dimensions as usize,
            max_batch: some(raw.max_batch),
            preferred_batch: some(raw.preferred_batch),
            periodic: [1, 2, 4].map(|bit| raw.periodic & bit != 0),
            cutoff_nm: Some(raw.cutoff_nm).filter(|&cutoff| cutoff != 0.0),
            has_gradient: raw.required & sys::INFO_NO_GRADIENT == 0,
            discrete: raw.required & sys::INFO_DISCRETE != 0,
            uses_seed: raw.flags & sys::FLAG_USES_SEED != 0,
            threads: threads.ok_or_else(|| told("info.thread_model", raw.thread_model))?,
            determinism: determinism.ok_or_else(|| told("info.determinism", raw.determinism))?,
            dtypes: dtypes.ok_or_else(|| told("info.dtypes", raw.dtypes))?,
            symmetries: symmetries.unwrap_or_default(),
            units: units.ok_or_else(|| told("info.units", raw.units))?,
            threads_inside: Some(raw.threads_inside).filter(|&threads| threads > 0),
            // SAFETY: NULL or a text that lives as long as the instance.
            fingerprint: unsafe { fingerprint(raw.fingerprint) }?,
        }
        .checked()
    }

    /// Checked, whether a plugin says it or a worker process, in which code of a plugin ran.
    pub(crate) fn checked(self) -> Result<Self, InstanceProblem> {
        if self.atoms == 0 || self.atoms > ABSURD_ATOMS {
            return Err(wrong("info.atoms", self.atoms.to_string(), "1 to 100000000"));
        }
        if !(1..=3).contains(&self.dimensions) {
            return Err(wrong("info.dimensions", self.dimensions.to_string(), "1 to 3"));
        }
        if let Some(cutoff) = self.cutoff_nm.filter(|&cutoff| !cutoff.is_finite() || cutoff <= 0.0) {
            return Err(wrong("info.cutoff_nm", cutoff.to_string(), "0 or a positive number"));
        }
        if self.max_batch == Some(0) || self.preferred_batch == Some(0) || self.threads_inside == Some(0) {
            let found =
                format!("{:?}, {:?}, {:?}", self.max_batch, self.preferred_batch, self.threads_inside);
            return Err(wrong("info.max_batch, preferred_batch, threads_inside", found, "none of 0"));
        }
        if !self.dtypes.contains(&Dtype::F64) {
            return Err(wrong("info.dtypes", format!("{:?}", self.dtypes), "f64 among them"));
        }
        match &self.fingerprint {
            Some(text)
                if text.is_empty()
                    || text.len() > LONGEST_FINGERPRINT
                    || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                let found = format!("'{}'", text.chars().take(80).collect::<String>());
                Err(wrong("info.fingerprint", found, "1 to 256 lower-case hexadecimal digits"))
            }
            _ => Ok(self),
        }
    }

    /// Whether it needs a box.
    pub fn is_periodic(&self) -> bool {
        self.periodic.contains(&true)
    }

    /// Whether positions and gradients of this type are taken.
    pub fn takes(&self, dtype: Dtype) -> bool {
        self.dtypes.contains(&dtype)
    }

    /// Whether it declares a symmetry.
    pub fn has(&self, symmetry: Symmetry) -> bool {
        self.symmetries.contains(&symmetry)
    }
}

/// # Safety
/// `text` is NULL or NUL-terminated.
unsafe fn fingerprint(text: *const c_char) -> Result<Option<String>, InstanceProblem> {
    // SAFETY: the caller's promise.
    unsafe { table::text(text) }
        .map_err(|problem| InstanceProblem::Text { field: "info.fingerprint", problem })
}

fn wrong(field: &'static str, found: String, expected: &str) -> InstanceProblem {
    InstanceProblem::Value { field, found, expected: expected.to_owned() }
}
