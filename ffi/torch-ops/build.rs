//! Finds libtorch and tells the crates above where it lies.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    println!("cargo::rerun-if-changed=build.rs");
    let libtorch = PathBuf::from(
        env::var_os("LIBTORCH").expect("LIBTORCH names the folder of libtorch; scripts/setup makes one"),
    );
    // The folder may hold links into a Python wheel: libtorch finds its own companions relative to the real place.
    let library = libtorch.join("lib/libtorch_cpu.so");
    let real = library.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", library.display()));
    let folder = real.parent().expect("a file has a folder");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    println!("cargo::metadata=libtorch={}", folder.display());
}
