//! A template of an energy plugin in Rust.
