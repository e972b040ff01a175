//! Structs and texts of C, read and checked.

use std::ffi::{CStr, c_char};

use crate::error::Failure;

/// No struct of ours is larger; a `struct_size` above is garbage.
const ABSURD_SIZE: u64 = 4096;

/// As much of a struct of C as its `struct_size` says, the rest zero.
///
/// # Safety
/// `given` is null or points to a struct whose first field says how large it is; zero is a value of `T`.
pub unsafe fn structure<T: Copy>(
    given: *const T,
    function: &'static str,
    argument: &'static str,
) -> Result<T, Failure> {
    let wrong = |problem: String| Failure::Argument { function, argument, problem };
    if given.is_null() {
        return Err(wrong("is NULL".to_owned()));
    }
    if !given.is_aligned() {
        return Err(wrong("is not aligned".to_owned()));
    }
    // SAFETY: the caller's promise: the first field can be read.
    let size = unsafe { given.cast::<u64>().read() };
    if !(8..=ABSURD_SIZE).contains(&size) {
        return Err(wrong(format!("has struct_size {size}, expected {}", size_of::<T>())));
    }
    // SAFETY: zero is a value of `T`, and no more is copied than both sides have.
    unsafe {
        let mut whole = std::mem::zeroed::<T>();
        let bytes = (size as usize).min(size_of::<T>());
        std::ptr::copy_nonoverlapping(given.cast::<u8>(), std::ptr::from_mut(&mut whole).cast::<u8>(), bytes);
        Ok(whole)
    }
}

/// A text; empty where it is null.
///
/// # Safety
/// `text` is null or NUL-terminated, and lives while the result does.
pub unsafe fn text<'a>(
    text: *const c_char,
    function: &'static str,
    argument: &'static str,
) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Ok("");
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Failure::Argument {
        function,
        argument,
        problem: "is not UTF-8".to_owned(),
    })
}

/// Writes as much of a struct as its `struct_size`, set by the caller, allows.
///
/// # Safety
/// As [`structure`], and it can be written. `T` begins with its `struct_size`.
pub unsafe fn fill<T: Copy>(
    given: *mut T,
    function: &'static str,
    argument: &'static str,
    value: T,
) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        structure(given.cast_const(), function, argument)?;
        let bytes = (given.cast::<u64>().read() as usize).min(size_of::<T>());
        given.cast::<u8>().copy_from_nonoverlapping((&raw const value).cast(), bytes);
        given.cast::<u64>().write(bytes as u64);
    }
    Ok(())
}
