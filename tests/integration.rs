//! Everything through the real parts: the binary, the plugins as dynamic libraries.
