//! Lets the tests, which ask OpenMM for energies, find libOpenMM. The plugin itself needs none.

fn main() {
    println!("cargo:rerun-if-env-changed=OPENMM_DIR");
    if let Some(folder) = std::env::var_os("OPENMM_DIR") {
        let library = std::path::Path::new(&folder).join("lib");
        println!("cargo:rustc-link-arg-tests=-Wl,-rpath,{}", library.display());
    }
}
