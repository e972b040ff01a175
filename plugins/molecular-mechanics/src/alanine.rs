//! Alanine dipeptide, built in: ACE-ALA-NME in the atom order of Amber (22 atoms; phi = 4-6-8-14, psi = 6-8-14-16), ff96,
//! no cutoff, no constraints. The files are those of plugin 'openmm', whose `data/make.py` made them.
use crate::config::Implicit;
use epp::sdk::GoldenSample;

/// The molecule, at a minimum of the energy.
pub const PDB: &str = include_str!("../../openmm/data/alanine-dipeptide.pdb");

const GOLDEN: &str = include_str!("../../openmm/data/golden.json");

/// What single precision keeps of an energy in which terms of a few hundred kJ/mol cancel.
const TOLERANCE: f64 = 1e-5;

/// The System as OpenMM's XML.
pub fn system_xml(implicit: Implicit) -> &'static str {
    match implicit {
        Implicit::Vacuum => include_str!("../../openmm/data/alanine-dipeptide.vacuum.xml"),
        Implicit::Hct => include_str!("../../openmm/data/alanine-dipeptide.hct.xml"),
        Implicit::Obc1 => include_str!("../../openmm/data/alanine-dipeptide.obc1.xml"),
        Implicit::Obc2 => include_str!("../../openmm/data/alanine-dipeptide.obc2.xml"),
        Implicit::Gbn => include_str!("../../openmm/data/alanine-dipeptide.gbn.xml"),
        Implicit::Gbn2 => include_str!("../../openmm/data/alanine-dipeptide.gbn2.xml"),
    }
}

#[derive(serde::Deserialize)]
struct Golden {
    positions_nm: Vec<Vec<[f64; 3]>>,
    variants: std::collections::BTreeMap<String, Variant>,
}

#[derive(serde::Deserialize)]
struct Variant {
    energies: Vec<f64>,
}

/// Configurations with the energies that OpenMM's Reference platform gave through Python.
///
/// # Errors
/// Only if the file is not what `make.py` writes.
pub fn golden_samples(implicit: Implicit) -> Result<Vec<GoldenSample>, serde_json::Error> {
    let golden: Golden = serde_json::from_str(GOLDEN)?;
    let variant = format!("{implicit:?}").to_lowercase();
    let energies = golden.variants.get(&variant).map_or(&[][..], |variant| &variant.energies);
    let samples = golden.positions_nm.iter().zip(energies).map(|(positions, &energy)| GoldenSample {
        positions: positions.iter().flatten().copied().collect(),
        energy,
        tolerance: TOLERANCE,
    });
    Ok(samples.collect())
}
