//! The edge to C: a failure is kept as text, a panic becomes a failure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{self, Failure};

/// Does `work`; where it fails or panics, keeps the text and returns `failed` of the failure.
pub fn guarded<T>(
    function: &'static str,
    failed: impl FnOnce(&Failure) -> T,
    work: impl FnOnce() -> Result<T, Failure>,
) -> T {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<&str>()
            .map(|words| (*words).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Failure::Panic { function, words })
    });
    result.unwrap_or_else(|failure| {
        error::keep(&failure);
        failed(&failure)
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_its_words() {
        let code = guarded("freeland_test", Failure::code, || panic!("on purpose"));
        assert_eq!(code, epp::sys::E_INTERNAL);
        // SAFETY: the text lives until the next failure of this thread.
        let text = unsafe { CStr::from_ptr(error::last()) }.to_str().unwrap();
        assert_eq!(text, "freeland_test: internal error of libfreeland: on purpose");
    }
}
