//! Codes and statuses that plugins return, in words.

use std::fmt;

use epp::sys;

/// The return code of a plugin's function, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub i32);

/// From here on, the error is of the instance, and every further call would fail.
const FATAL: i32 = 100;

impl Code {
    /// Whether the instance can do nothing any more, and a new one is to be made.
    pub fn is_fatal(self) -> bool {
        self.0 >= FATAL
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            sys::E_INVALID_ARGUMENT => formatter.write_str("invalid argument"),
            sys::E_UNKNOWN_ID => formatter.write_str("unknown id"),
            sys::E_BAD_CONFIG => formatter.write_str("bad configuration"),
            sys::E_UNSUPPORTED => formatter.write_str("unsupported"),
            sys::E_OUT_OF_MEMORY => formatter.write_str("out of memory"),
            sys::E_INTERNAL => formatter.write_str("internal error of the plugin"),
            sys::E_BAD_TOPOLOGY => formatter.write_str("bad topology"),
            sys::E_LOST => formatter.write_str("instance lost"),
            code => write!(formatter, "internal error of the plugin, by the unknown code {code}"),
        }
    }
}

/// What a status of a configuration means, for people.
pub fn status_name(status: i32) -> &'static str {
    match status {
        sys::SAMPLE_OK => "ok",
        sys::SAMPLE_NON_FINITE_INPUT => "non-finite input",
        sys::SAMPLE_OUTSIDE_DOMAIN => "outside the domain",
        sys::SAMPLE_ENERGY_NOT_FINITE => "energy not finite",
        sys::SAMPLE_GRADIENT_NOT_FINITE => "gradient not finite",
        sys::SAMPLE_NOT_CONVERGED => "not converged",
        sys::SAMPLE_OUT_OF_MEMORY => "out of memory",
        sys::SAMPLE_CANCELLED => "cancelled",
        sys::SAMPLE_INTERNAL => "internal error of the plugin",
        _ => "unknown",
    }
}

/// What the loader writes into statuses before a call, to see which ones the plugin forgets.
pub const NO_STATUS: i32 = i32::MIN;
