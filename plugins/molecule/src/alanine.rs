//! Alanine dipeptide, built in: ACE-ALA-NME in the atom order of Amber (22 atoms; phi = 4-6-8-14, psi = 6-8-14-16), ff96,
//! no cutoff, no constraints. `data/make.py` made the files.

use epp::sdk::GoldenSample;

/// The molecule, in a minimum with phi = -65, psi = 147 degrees.
pub const PDB: &str = include_str!("../data/alanine-dipeptide.pdb");

/// Configurations, and what OpenMM's Reference platform gave for them in every solvent.
pub const GOLDEN: &str = include_str!("../data/golden.json");

/// The molecules that are built in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum BuiltIn {
    /// ACE-ALA-NME with ff96: 22 atoms, no cutoff, no constraints.
    #[default]
    AlanineDipeptide,
}

/// The implicit solvents of the built-in molecule.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Implicit {
    /// None: the molecule in vacuum.
    Vacuum,
    /// Hawkins, Cramer and Truhlar.
    Hct,
    /// Onufriev, Bashford and Case, first parameter set.
    #[default]
    Obc1,
    /// Onufriev, Bashford and Case, second parameter set.
    Obc2,
    /// GBn of Mongan and others.
    Gbn,
    /// GBn2 of Nguyen and others.
    Gbn2,
}

impl Implicit {
    /// The System as OpenMM's XML.
    pub fn system_xml(self) -> &'static str {
        match self {
            Implicit::Vacuum => include_str!("../data/alanine-dipeptide.vacuum.xml"),
            Implicit::Hct => include_str!("../data/alanine-dipeptide.hct.xml"),
            Implicit::Obc1 => include_str!("../data/alanine-dipeptide.obc1.xml"),
            Implicit::Obc2 => include_str!("../data/alanine-dipeptide.obc2.xml"),
            Implicit::Gbn => include_str!("../data/alanine-dipeptide.gbn.xml"),
            Implicit::Gbn2 => include_str!("../data/alanine-dipeptide.gbn2.xml"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Implicit::Vacuum => "vacuum",
            Implicit::Hct => "hct",
            Implicit::Obc1 => "obc1",
            Implicit::Obc2 => "obc2",
            Implicit::Gbn => "gbn",
            Implicit::Gbn2 => "gbn2",
        }
    }

    /// Configurations with the energies and gradients that OpenMM's Reference platform gave through Python; `tolerance` is
    /// relative.
    ///
    /// # Errors
    /// Only if the file is not what `make.py` writes.
    pub fn golden_samples(self, tolerance: f64) -> Result<Vec<GoldenSample>, serde_json::Error> {
        let golden: Golden = serde_json::from_str(GOLDEN)?;
        let Some(variant) = golden.variants.get(self.name()) else { return Ok(Vec::new()) };
        let results = variant.energies.iter().zip(&variant.gradients);
        let samples = golden.positions_nm.iter().zip(results).map(|(positions, (&energy, gradient))| {
            GoldenSample::new(positions.as_flattened(), energy, tolerance).gradient(gradient.as_flattened())
        });
        Ok(samples.collect())
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
    gradients: Vec<Vec<[f64; 3]>>,
}
