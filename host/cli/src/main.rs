//! The freeland command.
fn main() {}
