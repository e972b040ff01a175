//! Discovers, loads and calls energy plugins.
