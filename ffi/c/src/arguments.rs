//! What C hands over, read and checked.

use std::ffi::{CStr, c_char};
use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::sync::atomic::AtomicU32;

use epp::sys;
use freeland_loader::{Gradients, Positions, Potential, Request};

use crate::error::Failure;

/// `freeland_options`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Options {
    pub struct_size: u64,
    pub search_path: *const c_char,
    pub sha256: *const c_char,
    pub isolation: i32,
    pub trust_writable: i32,
    pub workers: u64,
    pub time_limit_ms: u64,
}

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

const EVALUATE: &str = "freeland_evaluate";

fn wrong(argument: &'static str, problem: impl Into<String>) -> Failure {
    Failure::Argument { function: EVALUATE, argument, problem: problem.into() }
}

/// The length of `count` rows of `row` numbers, `stride` apart.
fn span(argument: &'static str, count: u64, stride: u64, row: usize) -> Result<usize, Failure> {
    let length = match count {
        0 => Some(0),
        count => (count - 1).checked_mul(stride).and_then(|from| from.checked_add(row as u64)),
    };
    length
        .filter(|&length| length <= isize::MAX as u64 / 8)
        .map(|length| length as usize)
        .ok_or_else(|| wrong(argument, format!("spans more than there is memory, with stride {stride}")))
}

fn good<T>(argument: &'static str, pointer: *const T) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(wrong(argument, "is NULL"));
    }
    if !pointer.is_aligned() {
        return Err(wrong(argument, format!("is not aligned to {} bytes", align_of::<T>())));
    }
    Ok(())
}

/// # Safety
/// As [`request`].
unsafe fn read<'a, T>(argument: &'static str, pointer: *const T, length: usize) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    good(argument, pointer)?;
    // SAFETY: the caller's promise; the pointer is neither null nor misaligned.
    Ok(unsafe { from_raw_parts(pointer, length) })
}

/// # Safety
/// As [`request`].
unsafe fn write<'a, T>(
    argument: &'static str,
    pointer: *mut T,
    length: usize,
) -> Result<&'a mut [T], Failure> {
    if length == 0 {
        return Ok(&mut []);
    }
    good(argument, pointer)?;
    // SAFETY: the caller's promise; the pointer is neither null nor misaligned.
    Ok(unsafe { from_raw_parts_mut(pointer, length) })
}

/// The loader's request for a batch of `potential`.
///
/// # Safety
/// Every buffer of `batch` is as long as `epp.h` says, is not used by anybody else, overlaps no other, and lives while the
/// result does.
pub unsafe fn request<'a>(potential: &Potential, batch: &sys::Batch) -> Result<Request<'a>, Failure> {
    let (count, row) = (batch.count, potential.coordinates());
    // The stride is said again to the loader, which refuses one that is shorter than a row.
    let packed = |stride: u64| if stride == 0 { row as u64 } else { stride };
    let positions = span("positions", count, packed(batch.position_stride), row)?;
    let gradients = span("gradients", count, packed(batch.gradient_stride), row)?;
    if batch.want == 0 || batch.want & !(sys::WANT_ENERGY | sys::WANT_GRADIENT) != 0 {
        return Err(wrong("want", format!("is {}, expected a set of EPP_WANT_*", batch.want)));
    }
    let wants_gradient = batch.want & sys::WANT_GRADIENT != 0;
    let statuses_length = span("statuses", count, 1, 1)?;
    // SAFETY: the caller's promise, here and below.
    let statuses = unsafe { write("statuses", batch.statuses, statuses_length) }?;
    let (positions, gradients) = match batch.dtype {
        sys::DTYPE_F64 => {
            let gradients = wants_gradient
                // SAFETY: as above.
                .then(|| unsafe { write("gradients", batch.gradients.cast::<f64>(), gradients) })
                .transpose()?;
            // SAFETY: as above.
            let positions = unsafe { read("positions", batch.positions.cast::<f64>(), positions) }?;
            (Positions::F64(positions), gradients.map(Gradients::F64))
        }
        sys::DTYPE_F32 => {
            let gradients = wants_gradient
                // SAFETY: as above.
                .then(|| unsafe { write("gradients", batch.gradients.cast::<f32>(), gradients) })
                .transpose()?;
            // SAFETY: as above.
            let positions = unsafe { read("positions", batch.positions.cast::<f32>(), positions) }?;
            (Positions::F32(positions), gradients.map(Gradients::F32))
        }
        other => return Err(wrong("dtype", format!("is {other}, expected EPP_DTYPE_F64 or EPP_DTYPE_F32"))),
    };
    let mut request = Request::of(positions, statuses)
        .position_stride(batch.position_stride as usize)
        .gradient_stride(batch.gradient_stride as usize)
        .deadline_ns(batch.deadline_ns)
        .seed(batch.seed);
    if let Some(gradients) = gradients {
        request = request.gradients_of(gradients);
    }
    if batch.want & sys::WANT_ENERGY != 0 {
        // SAFETY: as above.
        request = request.energies(unsafe { write("energies", batch.energies, count as usize) }?);
    }
    if !batch.box_.is_null() {
        let length = span("box", count, batch.box_stride, 9)?;
        // SAFETY: as above.
        request = request.box_rows(unsafe { read("box", batch.box_, length) }?, batch.box_stride as usize);
    }
    if !batch.parameters.is_null() {
        let length = span("parameters", count, batch.parameter_stride, potential.parameters().len())?;
        // SAFETY: as above.
        let values = unsafe { read("parameters", batch.parameters, length) }?;
        request = request.parameters(values, batch.parameter_stride as usize);
    }
    if !batch.cancel.is_null() {
        good("cancel", batch.cancel)?;
        // SAFETY: as above; another thread of the caller's may write it, which an atomic bears.
        request = request.cancel(unsafe { AtomicU32::from_ptr(batch.cancel.cast_mut()) });
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// The header is the contract: a C compiler says where every field lies.
    #[test]
    fn the_options_lie_as_in_the_header() {
        // A pattern without `..` does not compile where a field is left out.
        // SAFETY: zero is a value of the options.
        let Options {
            struct_size: _,
            search_path: _,
            sha256: _,
            isolation: _,
            trust_writable: _,
            workers: _,
            time_limit_ms: _,
        } = unsafe { std::mem::zeroed::<Options>() };
        let fields = [
            ("struct_size", offset_of!(Options, struct_size)),
            ("search_path", offset_of!(Options, search_path)),
            ("sha256", offset_of!(Options, sha256)),
            ("isolation", offset_of!(Options, isolation)),
            ("trust_writable", offset_of!(Options, trust_writable)),
            ("workers", offset_of!(Options, workers)),
            ("time_limit_ms", offset_of!(Options, time_limit_ms)),
        ];
        let checks: String = fields
            .iter()
            .map(|(name, offset)| {
                format!("_Static_assert(offsetof(freeland_options, {name}) == {offset}, \"{name}\");\n")
            })
            .collect();
        let size = size_of::<Options>();
        let source = format!(
            "#include <stddef.h>\n#include \"freeland.h\"\n\
             _Static_assert(sizeof(freeland_options) == {size}, \"size\");\n{checks}"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("layout.c");
        std::fs::write(&file, source).unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"])
            .args([here.join("include"), "-I".into(), here.join("../epp/include"), file])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
