//! Compiles the shim that turns exceptions into errors, against the OpenMM that openmm-sys found.

use std::path::PathBuf;

fn main() {
    // Set by openmm-sys, by way of `links = "OpenMM"`.
    let (Some(include), Some(library)) =
        (std::env::var_os("DEP_OPENMM_INCLUDE"), std::env::var_os("DEP_OPENMM_LIB"))
    else {
        eprintln!("error: openmm-sys did not say where OpenMM is; its own build must have failed");
        std::process::exit(1);
    };
    cxx_build::CFG.include_prefix = "openmm-shim";
    cxx_build::bridge("src/bridge.rs")
        .file("src/shim.cpp")
        // As a system folder: its warnings are not ours.
        .flag("-isystem")
        .flag(PathBuf::from(&include))
        .std("c++17")
        .compile("freeland_openmm_shim");
    for file in ["src/bridge.rs", "src/shim.h", "src/shim.cpp"] {
        println!("cargo:rerun-if-changed={file}");
    }
    let library = PathBuf::from(library);
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", library.display());
    println!("cargo:lib={}", library.display());
}
