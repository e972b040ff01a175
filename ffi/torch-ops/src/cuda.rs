//! Loads the CUDA half of libtorch at run time.

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// `libtorch_cuda.so` could not be loaded.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot load {tried}: {reason}")]
pub struct CudaError {
    /// The name handed to the dynamic loader.
    pub tried: String,
    /// The dynamic loader's own words.
    pub reason: String,
}

/// Loads `libtorch_cuda.so`, found beside the linked `libtorch_cpu.so` or on the loader's path, and leaves it loaded.
///
/// libtorch asks once per process whether it has CUDA: call this before the first tensor operation.
///
/// # Errors
/// [`CudaError`] with the dynamic loader's message, which names the library that is missing.
pub fn load_cuda() -> Result<(), CudaError> {
    const NAME: &str = "libtorch_cuda.so";
    // SAFETY: the initialisers that run are those of libtorch itself, which registers its CUDA kernels with the
    // libtorch_cpu.so this crate is linked to; they have no precondition on the process.
    let library = unsafe { Library::open(Some(NAME), RTLD_NOW | RTLD_GLOBAL) }
        .map_err(|error| CudaError { tried: NAME.to_owned(), reason: error.to_string() })?;
    // Its kernels stay registered for the rest of the process, so it must never be unloaded.
    std::mem::forget(library);
    Ok(())
}
