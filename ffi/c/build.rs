//! Gives the library its name, so that programs linked with it look for `libfreeland.so` and not for a path.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libfreeland.so");
    // Its own functions for itself, whatever else in the program has their names.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
}
