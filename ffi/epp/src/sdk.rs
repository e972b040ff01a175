//! Safe Rust for plugin authors: implement [`Potential`], then name the type in [`export_plugin!`](crate::export_plugin).
//!
//! ```
//! use epp::sdk::{Batch, CreateError, CreateRequest, Description, EvaluateError, Fingerprint, Info, Output, Potential};
//! use epp::sdk::Units;
//!
//! #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields, rename_all = "kebab-case")]
//! struct Config {
//!     /// Stiffness in kT.
//!     stiffness: f64,
//! }
//!
//! struct Well {
//!     config: Config,
//! }
//!
//! /// Its place in `outputs`.
//! const VIRIAL: usize = 0;
//!
//! impl Potential for Well {
//!     type Config = Config;
//!     const DESCRIPTION: Description =
//!         Description { id: "well", name: "A well", units: Units::Reduced, ..Description::DEFAULT };
//!
//!     fn create(request: CreateRequest<Config>) -> Result<Self, CreateError> {
//!         let config = request.config;
//!         if config.stiffness <= 0.0 {
//!             return Err(CreateError::BadConfig(format!("stiffness: must be positive, got {}", config.stiffness)));
//!         }
//!         Ok(Self { config })
//!     }
//!
//!     fn info(&self) -> Info {
//!         let fingerprint = Some(Fingerprint::of::<Self>().config(&self.config).finish());
//!         Info { atoms: 1, dimensions: 1, threads_inside: 1, fingerprint, ..Info::default() }
//!     }
//!
//!     fn outputs(&self) -> Vec<Output> {
//!         vec![Output::virial()]
//!     }
//!
//!     fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
//!         batch.for_each_sample(|sample, position, gradient| {
//!             gradient[0] = 2.0 * self.config.stiffness * position[0];
//!             if let Some(virial) = sample.output(VIRIAL) {
//!                 virial.fill(0.0);
//!                 virial[0] = position[0] * gradient[0];
//!             }
//!             Ok(self.config.stiffness * position[0] * position[0])
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
mod description;
#[doc(hidden)]
pub mod edge;
mod error;
mod fingerprint;
mod host;
mod info;
mod output;
mod parameter;
mod potential;
mod raw_topology;
mod reference;
mod request;
mod rows;
mod sample;
mod stop;
mod stream;
mod topology;
mod trial;

pub use batch::{Batch, Samples};
pub use description::{Description, Determinism, Dtype, Symmetry, ThreadModel, TopologyUse, Units};
pub use error::{CreateError, EvaluateError};
pub use fingerprint::Fingerprint;
pub use host::{Host, Level};
pub use info::Info;
pub use output::{Output, Shape};
pub use parameter::Parameter;
pub use potential::{NoConfig, Potential};
pub use raw_topology::RawTopology;
pub use reference::GoldenSample;
pub use request::CreateRequest;
pub use sample::{Sample, SampleStatus};
pub use stop::Stop;
pub use stream::Stream;
pub use topology::{Electrons, Topology, TopologyError};
pub use trial::{Trial, TrialBatch, TrialError, TrialRequest, TrialResults};

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
