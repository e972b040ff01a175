//! A molecule from frames to F, with as many energy calls as a test can afford.

use std::path::Path;

use freeland::landscape::Landscape;

use crate::support::{freeland, scratch, workspace_library};

/// Bound on the rms of F over bins below 5 kT of the reference; seeds 1 to 3 come to 0.2 to 0.3 kT.
const RMS_KT: f64 = 0.4;

/// Alanine dipeptide from 3,000 frames of metadynamics and 20,000 energy calls, against the reference of umbrella sampling.
#[test]
fn alanine_dipeptide_from_frames() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let (file, out) = (scratch().path().join("science.toml"), scratch().path().join("science"));
    let toml = format!(
        r#"
temperature = "300 K"
seed = 1
potential = {{ plugin = "{}", config = {{ system = "alanine-dipeptide", implicit = "obc1" }} }}
coarse.variables = ["phi", "psi"]
starting-data = {{ method = "frames", file = "{}" }}
training.by-example = {{ epochs = 8, batch = 256, learning-rate = 1e-3 }}
training.by-energy = {{ learning-rate = 5e-4, warm-up-steps = 20 }}
active-learning = {{ max-energy-calls = 20000, batch = 128, steps-per-round = 50, max-free-energy = "10 kT" }}
"#,
        workspace_library("freeland-molecular-mechanics").display(),
        data.join("alanine-dipeptide-biased-frames.npy").display(),
    );
    std::fs::write(&file, toml).unwrap();
    freeland(["run", file.to_str().unwrap(), "--out", out.to_str().unwrap()]).good();
    let found = Landscape::read(&out.join("pmf.npz")).unwrap();
    let reference = Landscape::read(&data.join("alanine-dipeptide-300K.npz")).unwrap();
    let low = reference.f_kt.iter().zip(&found.f_kt).filter(|(reference, _)| **reference < 5.0);
    let differences: Vec<f64> = low.map(|(reference, found)| found - reference).collect();
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    let square = differences.iter().map(|difference| (difference - mean).powi(2)).sum::<f64>();
    let rms = (square / differences.len() as f64).sqrt();
    println!("{rms} kT over {} bins", differences.len());
    assert!(differences.len() > 2000 && rms < RMS_KT, "{rms} kT over {} bins", differences.len());
}
