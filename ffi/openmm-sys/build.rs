//! Makes the bindings from the header of the OpenMM that `OPENMM_DIR` names, and links its library.
//!
//! Dependents find it again by `links = "OpenMM"`: `DEP_OPENMM_INCLUDE` and `DEP_OPENMM_LIB` in their build scripts.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the safe bindings call: nothing of it throws where its arguments are in range.
const FUNCTIONS: &[&str] = &[
    "OpenMM_System_(getNumParticles|getParticleMass|getNumConstraints|getConstraintParameters|getNumForces|getForce|removeForce|isVirtualSite)",
    "OpenMM_System_getDefaultPeriodicBoxVectors",
    "OpenMM_Force_(getName|getForceGroup)",
    "OpenMM_NonbondedForce_(getNumParticles|getParticleParameters|getNonbondedMethod|getCutoffDistance)",
    "OpenMM_HarmonicBondForce_(getNumBonds|getBondParameters)",
    "OpenMM_Platform_getOpenMMVersion",
];
const CONSTANTS: &[&str] = &["OpenMM_NonbondedForce_NonbondedMethod"];

fn main() {
    println!("cargo:rerun-if-env-changed=OPENMM_DIR");
    println!("cargo:rerun-if-env-changed=LIBCLANG_PATH");
    if let Err(message) = build() {
        eprintln!("error: {message}");
        std::process::exit(1);
    }
}

fn build() -> Result<(), String> {
    let folder = openmm_folder()?;
    let include = folder.join("include");
    let library = folder.join("lib");
    let header = include.join("OpenMMCWrapper.h");
    println!("cargo:rerun-if-changed={}", header.display());

    let mut builder = bindgen::Builder::default()
        .header(header.to_string_lossy())
        .clang_arg(format!("-I{}", include.display()))
        .generate_comments(false)
        .layout_tests(false)
        .default_enum_style(bindgen::EnumVariation::ModuleConsts)
        .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()));
    // A libclang without its own folder of headers (the one on PyPI) does not find stddef.h: lend it the compiler's.
    if let Some(builtin) = compiler_include() {
        builder = builder.clang_arg("-idirafter").clang_arg(builtin.to_string_lossy());
    }
    for function in FUNCTIONS {
        builder = builder.allowlist_function(function);
    }
    for constant in CONSTANTS {
        builder = builder.allowlist_type(constant);
    }
    let bindings = builder.generate().map_err(|error| format!("bindgen on {}: {error}", header.display()))?;
    let out =
        PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: build this crate with cargo")?);
    bindings
        .write_to_file(out.join("bindings.rs"))
        .map_err(|error| format!("cannot write the bindings: {error}"))?;

    println!("cargo:rustc-link-search=native={}", library.display());
    println!("cargo:rustc-link-lib=dylib=OpenMM");
    println!("cargo:include={}", include.display());
    println!("cargo:lib={}", library.display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", library.display());
    Ok(())
}

/// `$OPENMM_DIR`, checked: a folder with include/OpenMMCWrapper.h and lib/libOpenMM.so.
fn openmm_folder() -> Result<PathBuf, String> {
    const ADVICE: &str = "Run scripts/setup, which installs OpenMM from PyPI, or set OPENMM_DIR to the prefix of your \
                          own (a conda environment, say): a folder with include/OpenMMCWrapper.h and lib/libOpenMM.so.";
    let value = std::env::var_os("OPENMM_DIR").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| format!("OPENMM_DIR is not set. {ADVICE}"))?;
    let folder = PathBuf::from(value);
    let folder = folder
        .canonicalize()
        .map_err(|error| format!("OPENMM_DIR is {}: {error}. {ADVICE}", folder.display()))?;
    let names = ["lib/libOpenMM.so", "lib/libOpenMM.dylib"];
    if !folder.join("include/OpenMMCWrapper.h").is_file() {
        return Err(format!(
            "OPENMM_DIR is {}, but include/OpenMMCWrapper.h is not in it. {ADVICE}",
            folder.display()
        ));
    }
    if !names.iter().any(|name| folder.join(name).is_file()) {
        return Err(format!(
            "OPENMM_DIR is {}, but lib/libOpenMM.so is not in it. {ADVICE}",
            folder.display()
        ));
    }
    Ok(folder)
}

/// The C compiler's own folder of headers, if it tells.
fn compiler_include() -> Option<PathBuf> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let output = Command::new(compiler).arg("-print-file-name=include").output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    Path::new(&folder).join("stddef.h").is_file().then_some(folder)
}
