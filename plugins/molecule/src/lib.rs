//! What plugins and hosts know of molecules: the one reader of PDB files, the chemical elements, bonds, and the molecule that is
//! built in.
//!
//! [`pdb`] reads a file as OpenMM's `PDBFile` does, [`element`] has the symbols, [`cell`] the boxes,
//! [`radius`] the lengths of bonds, [`bonds`] says which pairs of a force field are bonds, [`molecule`] joins these into the
//! topology that a host is told, [`constraints`] says what becomes of fixed distances, and [`alanine`] is built in. Units: nm,
//! kJ/mol.

pub mod alanine;
pub mod bonds;
pub mod cell;
pub mod constraints;
pub mod element;
pub mod molecule;
pub mod pdb;
pub mod radius;
mod residue;
