//! Writes the folder of libOpenMM into the plugin library, so that it loads without LD_LIBRARY_PATH.

fn main() {
    // Set by ffi/openmm, by way of `links`.
    match std::env::var("DEP_FREELAND_OPENMM_SHIM_LIB") {
        Ok(library) => {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{library}");
            // cxx has functions with C names; a plugin exports its entry and nothing else.
            println!("cargo:rustc-link-arg-cdylib=-Wl,--exclude-libs,ALL");
        }
        Err(_) => {
            eprintln!("error: crate openmm did not say where libOpenMM is; its own build must have failed");
            std::process::exit(1);
        }
    }
}
