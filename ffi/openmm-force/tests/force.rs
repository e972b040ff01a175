//! `libepp_openmm.so` as its users meet it: loaded by OpenMM, from Python, from C and from C++.

#[path = "force/build.rs"]
mod build;
#[path = "force/examples.rs"]
mod examples;
#[path = "force/names.rs"]
mod names;
#[path = "force/python.rs"]
mod python;
#[path = "force/scripts.rs"]
mod scripts;
#[path = "force/version.rs"]
mod version;
