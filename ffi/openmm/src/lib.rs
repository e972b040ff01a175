//! OpenMM from Rust, safely: a [`System`] read from XML, and a [`Context`] that evaluates it on a [`platform`].
//!
//! Units are OpenMM's: nanometre, kJ/mol, dalton, elementary charge, picosecond. Whatever OpenMM throws becomes an
//! [`Error`] with its text. Calls that can throw go through a shim in C++ (module `bridge`, by cxx); plain look-ups whose
//! index was checked here go straight to OpenMM's C wrapper (crate `openmm-sys`, by bindgen).
//!
//! ```
//! let xml = r#"<System openmmVersion="8" type="System" version="1">
//!   <PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors>
//!   <Particles><Particle mass="1"/><Particle mass="1"/></Particles><Constraints/>
//!   <Forces><Force forceGroup="0" name="bond" type="HarmonicBondForce" usesPeriodic="0" version="2">
//!     <Bonds><Bond d=".1" k="1000" p1="0" p2="1"/></Bonds></Force></Forces></System>"#;
//! let system = std::sync::Arc::new(openmm::System::from_xml(xml)?);
//! let mut context = openmm::Context::new(system, "Reference", &[])?;
//! context.set_positions(&[0.0, 0.0, 0.0, 0.3, 0.0, 0.0])?;
//! let mut forces = [0.0; 6];
//! let energy = context.energy_and_forces(&mut forces)?;
//! assert!((energy - 0.5 * 1000.0 * 0.2 * 0.2).abs() < 1e-9); // kJ/mol
//! assert!((forces[0] - 200.0).abs() < 1e-9); // kJ/mol/nm
//! # Ok::<(), openmm::Error>(())
//! ```

mod bridge;
mod context;
mod error;
pub mod platform;
mod system;

pub use context::Context;
pub use error::Error;
pub use system::{Force, ForceClass, HeldPair, System};

/// The version of the OpenMM library that is loaded, "8.6.1" for example.
pub fn version() -> String {
    // SAFETY: the function takes nothing, does not throw, and returns a NUL-terminated text that lives for ever.
    unsafe { std::ffi::CStr::from_ptr(openmm_sys::OpenMM_Platform_getOpenMMVersion()) }
        .to_string_lossy()
        .into_owned()
}
