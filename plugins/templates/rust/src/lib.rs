//! A template of an energy plugin in Rust: copy this folder, rename it, put your physics into `evaluate`.
use epp::sdk::{Batch, CreateError, Description, EvaluateError, Info, Potential, Topology};

epp::export_plugin!(Trap);

/// What users may set; the comments below are what they read.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Stiffness of the trap, kJ/mol/nm².
    stiffness: f64,
}

/// One atom in a harmonic trap: `U = k |r|² / 2`.
pub struct Trap(Config);

impl Potential for Trap {
    type Config = Config;
    const DESCRIPTION: Description =
        Description { id: "template-rust", name: "Harmonic trap", ..Description::DEFAULT };

    fn create(config: Config, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        Ok(Self(config))
    }

    fn info(&self) -> Info {
        Info { atoms: 1, ..Info::default() }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, gradient| {
            gradient.iter_mut().zip(position).for_each(|(g, r)| *g = self.0.stiffness * r);
            Ok(0.5 * self.0.stiffness * position.iter().map(|r| r * r).sum::<f64>())
        });
        Ok(())
    }
}
