//! Reading a plugin's C structs: never more than both sides know of, and nothing that is not checked.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char};
use std::mem::offset_of;

use epp::sys;
use epp::versioned::{self, Versioned};

use crate::problem::{TableProblem, TextProblem};
use crate::status::Code;

/// No struct of the ABI comes near this size; a larger `struct_size` is garbage.
const ABSURD_STRUCT_SIZE: u64 = 1 << 16;
/// What stands for a message that a plugin does not give.
pub(crate) const NO_REASON: &str = "(the plugin gave no reason)";
/// The longest text that is read from a plugin, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// A struct that plugins hand over.
pub(crate) trait Table: Versioned {
    /// Where the fields that version 1.0 cannot do without end, in bytes.
    const MINIMUM: u64;
    /// The name in the header.
    const NAME: &'static str;
}

impl Table for sys::Entry {
    const MINIMUM: u64 = offset_of!(sys::Entry, extension) as u64;
    const NAME: &'static str = "epp_entry";
}

impl Table for sys::Descriptor {
    const MINIMUM: u64 = offset_of!(sys::Descriptor, flags) as u64;
    const NAME: &'static str = "epp_descriptor";
}

impl Table for sys::Potential {
    const MINIMUM: u64 = offset_of!(sys::Potential, derive) as u64;
    const NAME: &'static str = "epp_potential";
}

impl Table for sys::TopologyExtension {
    const MINIMUM: u64 = size_of::<sys::TopologyExtension>() as u64;
    const NAME: &'static str = "epp_topology_extension";
}

impl Table for sys::OutputsExtension {
    const MINIMUM: u64 = size_of::<sys::OutputsExtension>() as u64;
    const NAME: &'static str = "epp_outputs_extension";
}

impl Table for sys::ParametersExtension {
    const MINIMUM: u64 = size_of::<sys::ParametersExtension>() as u64;
    const NAME: &'static str = "epp_parameters_extension";
}

impl Table for sys::ReferenceExtension {
    const MINIMUM: u64 = size_of::<sys::ReferenceExtension>() as u64;
    const NAME: &'static str = "epp_reference_extension";
}

/// Copies `min(struct_size, size of T)` bytes of a plugin's struct; the rest reads as zero.
///
/// # Safety
/// `pointer` is null, or is readable for as many bytes as its `struct_size` says.
pub(crate) unsafe fn read<T: Table>(pointer: *const T) -> Result<T, TableProblem> {
    if pointer.is_null() {
        return Err(TableProblem::Null { name: T::NAME });
    }
    if !pointer.is_aligned() {
        return Err(TableProblem::Misaligned { name: T::NAME });
    }
    // SAFETY: not null, aligned, and a table begins with a u64.
    let size = unsafe { pointer.cast::<u64>().read() };
    let wrong = TableProblem::Size { name: T::NAME, size, minimum: T::MINIMUM };
    if size < T::MINIMUM || size > ABSURD_STRUCT_SIZE || !size.is_multiple_of(8) {
        return Err(wrong);
    }
    // SAFETY: the caller's promise, and a size that was checked.
    unsafe { versioned::read(pointer) }.ok_or(wrong)
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

    /// One whose buffer holds these bytes.
    pub(crate) fn of(bytes: [u8; N]) -> Self {
        Self { bytes }
    }

    /// What the plugin wrote, cut at the end of the buffer where it forgot its NUL.
    pub(crate) fn text(&self) -> String {
        let length = self.bytes.iter().position(|&byte| byte == 0).unwrap_or(N);
        match String::from_utf8_lossy(&self.bytes[..length]).trim() {
            "" => NO_REASON.to_owned(),
            text => text.to_owned(),
        }
    }
}

/// Bytes of the sentence of a call that fails.
const SENTENCE: usize = 512;

thread_local! {
    /// Room for that sentence. To clear it before every call would cost more than all else that a host does for one.
    static ROOM: UnsafeCell<[u8; SENTENCE]> = const { UnsafeCell::new([0; SENTENCE]) };
}

/// Hands `call` an `epp_error` with room for a sentence. The code that it returns, and the sentence, where that is not 0.
#[inline]
pub(crate) fn told(call: impl FnOnce(&mut sys::Error) -> i32) -> Result<(), (Code, String)> {
    let room = ROOM.with(UnsafeCell::get);
    // SAFETY: this thread's own, which lives as long as it, and nothing refers to it. A call within the call may write over
    // it, so that one of two sentences is lost.
    unsafe { room.cast::<u8>().write(0) };
    let size = size_of::<sys::Error>() as u64;
    let code = call(&mut sys::Error { struct_size: size, text: room.cast(), capacity: SENTENCE as u64 });
    if code == sys::OK { Ok(()) } else { Err((Code(code), sentence(room))) }
}

/// Takes what is in the room of this thread.
#[cold]
fn sentence(room: *mut [u8; SENTENCE]) -> String {
    // SAFETY: as in `told`; whatever was written there are bytes.
    Message::of(unsafe { room.replace([0; SENTENCE]) }).text()
}

/// Text for a plugin; `None` where it holds a NUL.
pub(crate) fn c_text(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_that_of_its_own_call() {
        let say = |text: &'static [u8], code| {
            told(|error| {
                assert!(text.len() as u64 <= error.capacity);
                // SAFETY: there is room.
                unsafe { error.text.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len()) };
                code
            })
        };
        let words = |told: Result<(), (Code, String)>| told.unwrap_err().1;
        assert_eq!(words(say(b"a long sentence\0", 3)), "a long sentence");
        assert_eq!(words(say(b"short", 3)), "short", "without its NUL");
        say(b"said, though all is well", sys::OK).unwrap();
        assert_eq!(words(say(b"", 3)), NO_REASON);
        assert_eq!(words(say(&[b'x'; SENTENCE], 3)).len(), SENTENCE);
    }
}
