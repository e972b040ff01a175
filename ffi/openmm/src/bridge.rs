//! The declarations that cxx checks against `shim.h` at compile time.

#[cxx::bridge(namespace = "freeland::openmm")]
pub(crate) mod ffi {
    /// A property of a platform.
    struct Property {
        name: String,
        value: String,
    }

    /// A global parameter of a context.
    struct Parameter {
        name: String,
        value: f64,
    }

    unsafe extern "C++" {
        include!("openmm-shim/src/shim.h");

        #[namespace = "OpenMM"]
        type System;
        #[namespace = "OpenMM"]
        type NonbondedForce;
        #[namespace = "OpenMM"]
        type HarmonicBondForce;
        type Session;

        fn system_from_xml(xml: &str) -> Result<UniquePtr<System>>;
        fn set_force_group(system: Pin<&mut System>, force: i32, group: i32) -> Result<()>;
        fn set_mesh_group(system: Pin<&mut System>, force: i32, group: i32) -> Result<()>;
        fn replace_constraints_by_bonds(system: Pin<&mut System>, name: &str, strength: f64) -> Result<()>;
        fn is_periodic(system: &System) -> Result<bool>;
        fn force_class(system: &System, force: i32) -> Result<String>;
        fn as_nonbonded(system: &System, force: i32) -> Result<*const NonbondedForce>;
        fn as_harmonic_bond(system: &System, force: i32) -> Result<*const HarmonicBondForce>;

        fn platform_names() -> Result<Vec<String>>;
        fn platform_properties(platform: &str) -> Result<Vec<String>>;
        fn library_path() -> Result<String>;
        fn load_library(path: &str) -> Result<()>;
        fn load_folder(path: &str) -> Result<Vec<String>>;

        fn new_session(
            system: &System,
            platform: &str,
            properties: &[Property],
        ) -> Result<UniquePtr<Session>>;
        fn set_positions(self: Pin<&mut Session>, positions: &[f64]) -> Result<()>;
        fn set_box(self: Pin<&mut Session>, rows: &[f64; 9]) -> Result<()>;
        fn set_parameter(self: Pin<&mut Session>, name: &str, value: f64) -> Result<()>;
        fn parameters(self: &Session) -> Result<Vec<Parameter>>;
        fn evaluate(self: &Session, forces: &mut [f64], groups: i32) -> Result<f64>;
    }
}
