//! Alanine dipeptide, built in: ACE-ALA-NME in the atom order of Amber (22 atoms; phi = 4-6-8-14, psi = 6-8-14-16), ff96,
//! no cutoff, no constraints. `data/make.py` made the files.

use epp::sdk::GoldenSample;

use crate::config::Implicit;

/// The molecule, in a minimum with phi = -65, psi = 147 degrees.
pub(crate) const PDB: &str = include_str!("../data/alanine-dipeptide.pdb");

const GOLDEN: &str = include_str!("../data/golden.json");

/// Two versions of OpenMM, or two processors, differ by rounding only.
const TOLERANCE: f64 = 1e-7;

/// The System as OpenMM's XML.
pub(crate) fn system_xml(implicit: Implicit) -> &'static str {
    match implicit {
        Implicit::Vacuum => include_str!("../data/alanine-dipeptide.vacuum.xml"),
        Implicit::Hct => include_str!("../data/alanine-dipeptide.hct.xml"),
        Implicit::Obc1 => include_str!("../data/alanine-dipeptide.obc1.xml"),
        Implicit::Obc2 => include_str!("../data/alanine-dipeptide.obc2.xml"),
        Implicit::Gbn => include_str!("../data/alanine-dipeptide.gbn.xml"),
        Implicit::Gbn2 => include_str!("../data/alanine-dipeptide.gbn2.xml"),
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
pub(crate) fn golden_samples(implicit: Implicit) -> Result<Vec<GoldenSample>, serde_json::Error> {
    let golden: Golden = serde_json::from_str(GOLDEN)?;
    let variant = match implicit {
        Implicit::Vacuum => "vacuum",
        Implicit::Hct => "hct",
        Implicit::Obc1 => "obc1",
        Implicit::Obc2 => "obc2",
        Implicit::Gbn => "gbn",
        Implicit::Gbn2 => "gbn2",
    };
    let energies = golden.variants.get(variant).map_or(&[][..], |variant| &variant.energies);
    let sample = |(positions, &energy): (&Vec<[f64; 3]>, &f64)| GoldenSample {
        positions: positions.iter().flatten().copied().collect(),
        energy,
        tolerance: TOLERANCE,
    };
    Ok(golden.positions_nm.iter().zip(energies).map(sample).collect())
}
