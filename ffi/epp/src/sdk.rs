//! Safe Rust for plugin authors: implement [`Potential`], then name the type in [`export_plugin!`](crate::export_plugin).
//!
//! ```
//! use epp::sdk::{Batch, CreateError, Description, EvaluateError, Info, Potential, Topology, Units};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields, rename_all = "kebab-case")]
//! struct Config {
//!     /// Stiffness in kT.
//!     stiffness: f64,
//! }
//!
//! struct Well {
//!     stiffness: f64,
//! }
//!
//! impl Potential for Well {
//!     type Config = Config;
//!     const DESCRIPTION: Description =
//!         Description { id: "well", name: "A well", units: Units::Reduced, ..Description::DEFAULT };
//!
//!     fn create(config: Config, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
//!         if config.stiffness <= 0.0 {
//!             return Err(CreateError::BadConfig(format!("stiffness: must be positive, got {}", config.stiffness)));
//!         }
//!         Ok(Self { stiffness: config.stiffness })
//!     }
//!
//!     fn info(&self) -> Info {
//!         Info { atoms: 1, dimensions: 1, ..Info::default() }
//!     }
//!
//!     fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
//!         batch.for_each(|position, gradient| {
//!             gradient[0] = 2.0 * self.stiffness * position[0];
//!             Ok(self.stiffness * position[0] * position[0])
//!         });
//!         Ok(())
//!     }
//! }
//!
//! epp::export_plugin!(Well);
//! ```
//!
//! Build the crate with `crate-type = ["cdylib"]`. A panic anywhere in the author's code becomes an error of that one
//! call; it never crosses the boundary, and never leaves a status unwritten.
mod batch;
mod components;
mod description;
#[doc(hidden)]
pub mod edge;
mod error;
mod host;
mod parameter;
mod potential;
mod raw_topology;
mod reference;
mod sample;
mod stop;
mod topology;
mod trial;
mod virial;

pub use batch::{Batch, Samples};
pub use components::Components;
pub use description::{Description, Determinism, Dtype, Symmetry, ThreadModel, Units};
pub use error::{CreateError, EvaluateError};
pub use host::{Level, host_name, log};
pub use parameter::Parameter;
pub use potential::{Info, NoConfig, Potential};
pub use raw_topology::RawTopology;
pub use reference::{GoldenSample, Reference};
pub use sample::{Sample, SampleStatus};
pub use stop::Stop;
pub use topology::{Topology, TopologyError};
pub use trial::{Trial, TrialError, TrialResults};
pub use virial::Virial;

/// Makes a library of potentials: defines `epp_plugin_entry`, the one symbol that hosts look for.
///
/// Takes one or more types that implement [`Potential`](crate::sdk::Potential). Ids that are empty, not kebab-case or
/// given twice do not compile. Use it once in a library.
#[macro_export]
macro_rules! export_plugin {
    ($($potential:ty),+ $(,)?) => {
        #[cfg(panic = "abort")]
        compile_error!("an energy plugin must be built with panic = \"unwind\", or a panic ends the host's process");

        const _: () = {
            struct Exported;
            impl $crate::sdk::edge::Plugin for Exported {
                fn library() -> &'static $crate::sdk::edge::Library {
                    static LIBRARY: $crate::sdk::edge::Library = $crate::sdk::edge::Library::new(
                        &[$($crate::sdk::edge::Factory::of::<$potential>()),+],
                    );
                    &LIBRARY
                }
            }

            #[allow(non_upper_case_globals, reason = "the name is the ABI's")]
            #[unsafe(no_mangle)]
            pub static epp_plugin_entry: $crate::sys::Entry = $crate::sdk::edge::entry::<Exported>();
        };
    };
}
