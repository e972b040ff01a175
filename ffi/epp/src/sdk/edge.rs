//! The boundary itself: what [`export_plugin!`](crate::export_plugin) expands to. Not for authors.
mod batch;
mod buffers;
mod calls;
mod config;
mod creation;
mod domain;
mod entry;
mod extensions;
mod failure;
mod instance;
mod library;
mod outputs;

pub(super) use entry::create_one as create;
pub use entry::{Plugin, entry};
pub use library::{Factory, Library};
