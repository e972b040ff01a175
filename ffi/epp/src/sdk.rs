//! Safe Rust for plugin authors: implement [`Potential`], then name the type in [`export_plugin!`](crate::export_plugin).
//!
//! ```ignore
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields, rename_all = "kebab-case")]
//! struct Config { #[serde(default)] depth: f64 }
//!
//! struct Well { depth: f64 }
//! impl epp::sdk::Potential for Well {
//!     type Config = Config;
//!     const DESCRIPTION: Description = Description { id: "well", name: "A well", ..Description::DEFAULT };
//!     fn create(config: Config, _host_topology: Option<&Topology>) -> Result<Self, CreateError> { .. }
//!     fn info(&self) -> Info { Info { atoms: 1, dimensions: 1, ..Info::default() } }
//!     fn evaluate(&self, batch: &mut Batch<'_>) {
//!         batch.for_each(|sample| { /* sample.positions(): &[f64], sample.gradient(): Option<&mut [f64]> */ });
//!     }
//! }
//! epp::export_plugin!(Well);
//! ```
