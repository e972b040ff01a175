//! Raw bindings to OpenMM's C wrapper.
