//! Where a potential lives: in this process, or in worker processes that may crash and hang without harm to it.
//!
//! With [`Isolation::Process`], the host never loads the library. Small processes (`freeland-worker`) do: each gives up
//! what it does not need, creates an instance, and evaluates batches in memory that it shares with the host. A worker
//! that crashes, or is still busy some time after its time limit, is killed with all its children and started again; the
//! batch is halved until the configuration that kills is found, which gets status 8 (internal), while the others get
//! their values.

#[cfg(target_os = "linux")]
mod area;
#[cfg(target_os = "linux")]
mod bell;
#[cfg(target_os = "linux")]
mod budget;
#[cfg(target_os = "linux")]
mod bytes;
#[cfg(target_os = "linux")]
mod confinement;
mod error;
#[cfg(target_os = "linux")]
mod executable;
mod faults;
#[cfg(target_os = "linux")]
mod guard;
#[cfg(target_os = "linux")]
mod handover;
#[cfg(target_os = "linux")]
mod keeper;
#[cfg(target_os = "linux")]
mod life;
#[cfg(target_os = "linux")]
mod loaded;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod message;
mod options;
#[cfg(target_os = "linux")]
mod piece;
#[cfg(target_os = "linux")]
mod pool;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
pub mod rehearsal;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(target_os = "linux")]
mod worker;

pub use error::IsolationError;
pub use faults::Faults;
pub use options::{Confinement, Isolation, Options, ProcessOptions};
#[cfg(target_os = "linux")]
pub(crate) use pool::open;
#[cfg(target_os = "linux")]
pub use serve::serve;
#[cfg(not(target_os = "linux"))]
pub(crate) use unsupported::open;
#[cfg(not(target_os = "linux"))]
pub use unsupported::serve;
