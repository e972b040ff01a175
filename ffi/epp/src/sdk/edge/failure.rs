//! How a call fails across the boundary: a code, and a sentence in the caller's buffer.
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::sdk::{CreateError, EvaluateError};
use crate::{sys, versioned};

/// A code other than 0, and the sentence that goes with it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: i32,
    pub(super) text: String,
}

impl Failure {
    pub(super) fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self::new(sys::E_INVALID_ARGUMENT, text)
    }

    /// The panic's message, and consumes its payload: a destructor of it that panics again stays here.
    pub(super) fn panic(payload: Box<dyn Any + Send>) -> Self {
        let text = match payload.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(payload) => match payload.downcast::<String>() {
                Ok(text) => *text,
                Err(payload) => {
                    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                        std::mem::forget(again);
                    }
                    "a value that is no text".to_owned()
                }
            },
        };
        Self::new(sys::E_INTERNAL, format!("the plugin panicked: {text}"))
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<EvaluateError> for Failure {
    fn from(error: EvaluateError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Runs `f`; a failure or panic becomes its code, its sentence goes to `error`.
///
/// # Safety
/// `error` is null or points to an `epp_error` whose buffer is writable for its capacity.
pub(super) unsafe fn guard(error: *mut sys::Error, f: impl FnOnce() -> Result<(), Failure>) -> i32 {
    let outcome = catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| Err(Failure::panic(payload)));
    match outcome {
        Ok(()) => sys::OK,
        Err(Failure { code, text }) => {
            // SAFETY: by the caller's promise.
            unsafe { write_text(error, &text) };
            code
        }
    }
}

/// Runs `f`; a panic becomes `otherwise`.
pub(super) fn guard_value<T>(otherwise: T, f: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        drop(Failure::panic(payload));
        otherwise
    })
}

/// Writes what fits of the text, cut between characters, and the final NUL. A NUL inside the text becomes a space.
///
/// # Safety
/// As for [`guard`].
unsafe fn write_text(error: *mut sys::Error, text: &str) {
    // SAFETY: by the caller's promise.
    let Some(buffer) = (unsafe { versioned::read(error) }) else { return };
    let Some(room) = usize::try_from(buffer.capacity).unwrap_or(usize::MAX).checked_sub(1) else { return };
    if buffer.text.is_null() {
        return;
    }
    let end = (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let target = buffer.text.cast::<u8>();
    for (at, byte) in text.bytes().take(end).chain([0]).enumerate() {
        let byte = if byte == 0 && at < end { b' ' } else { byte };
        // SAFETY: at <= end <= capacity - 1, and the buffer is writable for its capacity.
        unsafe { target.add(at).write(byte) };
    }
}
