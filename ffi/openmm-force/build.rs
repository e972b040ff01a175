//! Compiles the C++ half against the OpenMM that openmm-sys found.

use std::path::PathBuf;

const SOURCES: &[&str] = &[
    "cpp/c_interface.cpp",
    "cpp/force_data.cpp",
    "cpp/force_impl.cpp",
    "cpp/plugin.cpp",
    "cpp/registration.cpp",
    "cpp/serialization.cpp",
];
const HEADERS: &[&str] = &[
    "cpp/force_data.h",
    "cpp/force_impl.h",
    "cpp/own_folder.h",
    "cpp/plugin.h",
    "cpp/seam.h",
    "cpp/serialization.h",
    "cpp/xml_element.h",
    "include/EppForce.h",
    "include/epp_openmm.h",
];

fn main() {
    // Set by openmm-sys, by way of `links = "OpenMM"`.
    let Some(include) = std::env::var_os("DEP_OPENMM_INCLUDE") else {
        eprintln!("error: openmm-sys did not say where OpenMM is; its own build must have failed");
        std::process::exit(1);
    };
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .files(SOURCES)
        .include("include")
        // As a system folder: its warnings are not ours.
        .flag("-isystem")
        .flag(PathBuf::from(include))
        .compile("freeland_openmm_force");
    for file in SOURCES.iter().chain(HEADERS) {
        println!("cargo:rerun-if-changed={file}");
    }
    // No run path: the libOpenMM.so that the program has loaded already is the one to use, whichever it is.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libepp_openmm.so");
    // Its own functions for itself, whatever else in the program has their names.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
}
