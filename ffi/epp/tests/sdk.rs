//! The SDK's promises, checked as a host sees them: through the exported entry and its tables.
#[path = "sdk/configuration.rs"]
mod configuration;
#[path = "sdk/extensions.rs"]
mod extensions;
#[path = "sdk/host.rs"]
mod host;
#[path = "sdk/log.rs"]
mod log;
#[path = "sdk/panics.rs"]
mod panics;
#[path = "sdk/plugin.rs"]
mod plugin;
#[path = "sdk/refusals.rs"]
mod refusals;
#[path = "sdk/requests.rs"]
mod requests;
#[path = "sdk/stopping.rs"]
mod stopping;
#[path = "sdk/topology.rs"]
mod topology;
#[path = "sdk/versions.rs"]
mod versions;
