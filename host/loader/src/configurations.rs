//! Positions from files.
