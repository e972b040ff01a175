//! Structs that say their own size: a reader uses no more than `min(theirs, mine)`, and what is absent reads as zero.
use std::mem::{MaybeUninit, size_of};

use crate::sys;

/// A struct of the ABI: it begins with its size in bytes, and fields are only ever appended.
///
/// # Safety
/// The type is `repr(C)`, its first field is `struct_size: u64`, and it is valid with all bits zero.
pub unsafe trait Versioned: Copy {}

macro_rules! versioned {
    ($($name:ident),+ $(,)?) => {
        // SAFETY: each mirrors a struct of epp.h (test `layout`): repr(C), struct_size first, and made of integers,
        // floating-point numbers, nullable pointers and optional functions, for which zero is a value.
        $(unsafe impl Versioned for sys::$name {})+
    };
}

versioned!(
    Error,
    Host,
    Topology,
    Descriptor,
    Info,
    Create,
    Output,
    Batch,
    Potential,
    Entry,
    TopologyExtension,
    OutputDescription,
    OutputsExtension,
    Parameter,
    ParametersExtension,
    Sample,
    ReferenceExtension,
);

/// The struct at `source`, with zeros where it is shorter than ours. `None` if the pointer is null or misaligned, or
/// if the size it says cannot even hold `struct_size`.
///
/// # Safety
/// `source` is null, or points to a readable struct of the kind `T`, of any version, as long as its `struct_size`.
#[inline]
pub unsafe fn read<T: Versioned>(source: *const T) -> Option<T> {
    if source.is_null() || !source.is_aligned() {
        return None;
    }
    // SAFETY: by the caller's promise the struct begins with a readable u64.
    let theirs = unsafe { source.cast::<u64>().read() };
    let theirs = usize::try_from(theirs).ok().filter(|&size| size >= size_of::<u64>())?;
    if theirs >= size_of::<T>() {
        // SAFETY: all bytes of a T are readable, and the pointer is aligned.
        return Some(unsafe { source.read() });
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `theirs` bytes are readable and size_of::<T> bytes of `value` writable; zero is valid for the rest.
    unsafe {
        std::ptr::copy_nonoverlapping(source.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), theirs);
        Some(value.assume_init())
    }
}

/// As [`read`], without a copy where the struct is as long as ours, or longer; `room` holds the copy of a shorter one.
///
/// # Safety
/// As for [`read`]; and nobody writes to the struct while what comes back is in use.
#[inline]
pub unsafe fn view<T: Versioned>(source: *const T, room: &mut MaybeUninit<T>) -> Option<&T> {
    if source.is_null() || !source.is_aligned() {
        return None;
    }
    // SAFETY: by the caller's promise the struct begins with a readable u64.
    if unsafe { source.cast::<u64>().read() } >= size_of::<T>() as u64 {
        // SAFETY: all bytes of a T are readable, the pointer is aligned, and nobody writes there.
        return Some(unsafe { &*source });
    }
    // SAFETY: by the caller's promise.
    unsafe { read(source) }.map(|value| &*room.write(value))
}

/// Writes as much of `value` as the `struct_size` at `target` allows, and sets that `struct_size` to what was filled.
/// Returns false, with nothing written, where [`read`] would have said `None`.
///
/// # Safety
/// `target` is null, or points to a writable struct of the kind `T`, of any version, as long as its `struct_size`.
#[must_use]
pub unsafe fn write<T: Versioned>(target: *mut T, value: &T) -> bool {
    if target.is_null() || !target.is_aligned() {
        return false;
    }
    // SAFETY: by the caller's promise the struct begins with a readable u64.
    let theirs = unsafe { target.cast::<u64>().read() };
    let Some(theirs) = usize::try_from(theirs).ok().filter(|&size| size >= size_of::<u64>()) else {
        return false;
    };
    let filled = theirs.min(size_of::<T>());
    // SAFETY: `filled` bytes are readable at `value` and writable at `target`, which are different objects; the first
    // eight hold `struct_size`.
    unsafe {
        std::ptr::copy_nonoverlapping(std::ptr::from_ref(value).cast::<u8>(), target.cast::<u8>(), filled);
        target.cast::<u64>().write(filled as u64);
    }
    true
}
