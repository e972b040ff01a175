//! Reading a plugin's C structs: never more than both sides know of, and nothing that is not checked.

use std::ffi::{CStr, CString, c_char};
use std::mem::{MaybeUninit, offset_of};

use epp::sys;

use crate::error::{TableProblem, TextProblem};

/// No struct of the ABI comes near this size; a larger `struct_size` is garbage.
const ABSURD_STRUCT_SIZE: u64 = 1 << 16;
/// The longest text that is read from a plugin, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// A struct of the ABI that begins with its `struct_size`.
///
/// # Safety
/// `repr(C)`, its first field is `struct_size: u64`, and zero bytes from any multiple of 8 on are a valid tail.
pub(crate) unsafe trait Table: Copy {
    /// Where the fields that version 1.0 cannot do without end, in bytes.
    const MINIMUM: u64;
    /// The name in the header.
    const NAME: &'static str;
}

// SAFETY: repr(C) mirror of integers and nullable pointers, in which zero means "not provided".
unsafe impl Table for sys::Entry {
    const MINIMUM: u64 = offset_of!(sys::Entry, extension) as u64;
    const NAME: &'static str = "epp_entry";
}
// SAFETY: as above.
unsafe impl Table for sys::Descriptor {
    const MINIMUM: u64 = offset_of!(sys::Descriptor, flags) as u64;
    const NAME: &'static str = "epp_descriptor";
}
// SAFETY: as above.
unsafe impl Table for sys::Potential {
    const MINIMUM: u64 = size_of::<sys::Potential>() as u64;
    const NAME: &'static str = "epp_potential";
}
// SAFETY: as above.
unsafe impl Table for sys::TopologyExtension {
    const MINIMUM: u64 = size_of::<sys::TopologyExtension>() as u64;
    const NAME: &'static str = "epp_topology_extension";
}
// SAFETY: as above.
unsafe impl Table for sys::ComponentsExtension {
    const MINIMUM: u64 = size_of::<sys::ComponentsExtension>() as u64;
    const NAME: &'static str = "epp_components_extension";
}
// SAFETY: as above.
unsafe impl Table for sys::ParametersExtension {
    const MINIMUM: u64 = size_of::<sys::ParametersExtension>() as u64;
    const NAME: &'static str = "epp_parameters_extension";
}

/// Copies `min(struct_size, size of T)` bytes of a plugin's struct; the rest reads as zero.
///
/// # Safety
/// `pointer` is null, or is readable for as many bytes as its `struct_size` says.
pub(crate) unsafe fn read<T: Table>(pointer: *const T) -> Result<T, TableProblem> {
    let problem = |kind: fn(&'static str) -> TableProblem| kind(T::NAME);
    if pointer.is_null() {
        return Err(problem(|name| TableProblem::Null { name }));
    }
    if !pointer.is_aligned() {
        return Err(problem(|name| TableProblem::Misaligned { name }));
    }
    // SAFETY: not null, aligned, and a table begins with a u64.
    let size = unsafe { pointer.cast::<u64>().read() };
    if size < T::MINIMUM || size > ABSURD_STRUCT_SIZE {
        return Err(TableProblem::Size { name: T::NAME, size, minimum: T::MINIMUM });
    }
    let mut table = MaybeUninit::<T>::zeroed();
    // Whole words only: half a pointer is no pointer.
    let bytes = (size as usize).min(size_of::<T>()) & !7;
    // SAFETY: the plugin's struct has `size` bytes, ours has room for `bytes`; a zero tail is valid (`Table`).
    unsafe {
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), table.as_mut_ptr().cast::<u8>(), bytes);
        Ok(table.assume_init())
    }
}

/// A plugin's text as an owned string; `None` where it is NULL.
///
/// # Safety
/// `pointer` is null, or readable up to a NUL or for 1 MiB.
pub(crate) unsafe fn text(pointer: *const c_char) -> Result<Option<String>, TextProblem> {
    if pointer.is_null() {
        return Ok(None);
    }
    let mut length = 0;
    // SAFETY: no byte behind the first NUL is read, and no more than LONGEST_TEXT.
    while unsafe { pointer.add(length).read() } != 0 {
        length += 1;
        if length > LONGEST_TEXT {
            return Err(TextProblem::TooLong);
        }
    }
    // SAFETY: there is a NUL at `length`.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(|text| Some(text.to_owned())).map_err(|_| TextProblem::NotUtf8)
}

/// Text that must be there and not be empty.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn required_text(pointer: *const c_char) -> Result<String, TextProblem> {
    // SAFETY: the caller's promise is the same.
    match unsafe { text(pointer) }? {
        None => Err(TextProblem::Null),
        Some(text) if text.is_empty() => Err(TextProblem::Empty),
        Some(text) => Ok(text),
    }
}

/// An `epp_error` with room for one sentence of `N` bytes, on the stack: nothing is allocated before something fails.
pub(crate) struct Message<const N: usize> {
    bytes: [u8; N],
}

impl<const N: usize> Message<N> {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; N] }
    }

    /// The struct to hand to the plugin; points into `self`.
    pub(crate) fn raw(&mut self) -> sys::Error {
        sys::Error {
            struct_size: size_of::<sys::Error>() as u64,
            text: self.bytes.as_mut_ptr().cast(),
            capacity: N as u64,
        }
    }

    /// What the plugin wrote, cut at the end of the buffer where it forgot its NUL.
    pub(crate) fn text(&self) -> String {
        let length = self.bytes.iter().position(|&byte| byte == 0).unwrap_or(N);
        match String::from_utf8_lossy(&self.bytes[..length]).trim() {
            "" => "(the plugin gave no reason)".to_owned(),
            text => text.to_owned(),
        }
    }
}

/// Text for a plugin; `None` where it holds a NUL.
pub(crate) fn c_text(text: &str) -> Option<CString> {
    CString::new(text).ok()
}
