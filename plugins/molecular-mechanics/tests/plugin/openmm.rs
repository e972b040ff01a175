//! Every case of `tests/reference/make.py` against OpenMM's Reference platform, term by term.
//!
//! A few configurations of each case are kept in `tests/reference/data`; with a Python that has OpenMM (`FREELAND_PYTHON`, or the one of
//! `scripts/setup`), 400 of each are made and compared.
use crate::terms::{named, terms};
use epp::sdk::{Trial, TrialResults};
use freeland_molecular_mechanics::MolecularMechanics;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A term, relative to itself or to 1 kJ/mol: what the issue asks for is 1e-6.
const ENERGY_DOUBLE: f64 = 1e-8;
/// A component of the gradient, relative to the largest of its configuration (at least 1000 kJ/mol/nm): 1e-5 is asked for.
const GRADIENT_DOUBLE: f64 = 1e-8;
const ENERGY_SINGLE: f64 = 1e-4;
const GRADIENT_SINGLE: f64 = 1e-4;

#[derive(serde::Deserialize)]
struct Header {
    names: Vec<String>,
    atoms: usize,
    configurations: usize,
    #[serde(default)]
    values: Vec<Option<f64>>,
}

struct Case {
    name: String,
    config: String,
    header: Header,
    values: Vec<f64>,
}

impl Case {
    fn read(json: &Path) -> Case {
        let name = json.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut header: Header = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
        let values = match std::fs::read(json.with_extension("bin")) {
            Ok(bytes) => bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect(),
            Err(_) => header.values.drain(..).map(|value| value.unwrap_or(f64::NAN)).collect(),
        };
        let file = |extension| json.with_extension(extension).display().to_string();
        let config = serde_json::json!({"system-xml": file("xml"), "pdb": file("pdb")}).to_string();
        Case { name, config, header, values }
    }

    fn potential(&self, precision: &str) -> Trial<MolecularMechanics> {
        let config = self.config.replace('}', &format!(r#", "precision": "{precision}"}}"#));
        Trial::create(&config, None).unwrap()
    }

    fn check(&self) {
        for precision in ["double", "single"] {
            let trial = self.potential(precision);
            let positions = &self.values[..self.header.configurations * self.header.atoms * 3];
            self.check_terms(precision, &trial, positions);
            self.check_results(precision, "together", &trial.evaluate(positions).unwrap());
            self.check_results(precision, "alone", &one_by_one(&trial, positions, self.header.atoms));
        }
    }

    /// Terms and gradient of a configuration with OpenMM, and whether there is an energy: atoms inside each other can have
    /// negative Born radii in HCT, and then there is none in OpenMM either.
    fn expected(&self, configuration: usize) -> (&[f64], &[f64], bool) {
        let Header { names, atoms, configurations, .. } = &self.header;
        let rest = &self.values[configurations * atoms * 3..];
        let (terms, gradients) = rest.split_at(configurations * names.len());
        let terms = &terms[configuration * names.len()..(configuration + 1) * names.len()];
        let gradient = &gradients[configuration * 3 * atoms..(configuration + 1) * 3 * atoms];
        (terms, gradient, terms.iter().all(|term| term.is_finite()))
    }

    fn check_terms(&self, precision: &str, trial: &Trial<MolecularMechanics>, positions: &[f64]) {
        let Header { names, atoms, .. } = &self.header;
        let tolerance = if precision == "single" { ENERGY_SINGLE } else { ENERGY_DOUBLE };
        let mut worst = 0f64;
        for (configuration, positions) in positions.chunks_exact(3 * atoms).enumerate() {
            let (expected, _, is_defined) = self.expected(configuration);
            if !is_defined {
                continue;
            }
            let place = format!("{} {precision}, configuration {configuration}", self.name);
            let found = terms(trial, positions);
            assert_eq!(found.len(), names.len(), "{place}");
            for (term, ((name, found), expected)) in found.into_iter().zip(expected).enumerate() {
                assert_eq!(name, named(names)[term], "{place}");
                let deviation = (found - expected).abs() / expected.abs().max(1.0);
                // Large numbers that cancel: what a term is made of is what its rounding is relative to.
                let scale = if precision == "single" { 1.0 + 300.0 / expected.abs().max(1.0) } else { 1.0 };
                worst = worst.max(deviation / scale);
                assert!(deviation < tolerance * scale, "{place}: {name} is {found}, not {expected}");
            }
        }
        println!("{:28} {precision:6} terms {worst:.0e}", self.name);
    }

    fn check_results(&self, precision: &str, how: &str, results: &TrialResults) {
        let Header { atoms, configurations, .. } = &self.header;
        let (energy_tolerance, gradient_tolerance) = match precision {
            "single" => (ENERGY_SINGLE, GRADIENT_SINGLE),
            _ => (ENERGY_DOUBLE, GRADIENT_DOUBLE),
        };
        let (mut worst, mut undefined) = ([0f64; 2], 0);
        for configuration in 0..*configurations {
            let place = format!("{} {precision} {how}, configuration {configuration}", self.name);
            let (expected, gradient, is_defined) = self.expected(configuration);
            assert_eq!(results.statuses[configuration] == 0, is_defined, "{place}");
            if !is_defined {
                undefined += 1;
                continue;
            }
            let total: f64 = expected.iter().sum();
            let scale = expected.iter().fold(100.0, |sum: f64, term| sum.max(term.abs()));
            let deviation = (results.energies[configuration] - total).abs() / scale;
            worst[0] = worst[0].max(deviation);
            assert!(deviation < energy_tolerance, "{place}: total off by {deviation:e}");
            let scale = gradient.iter().fold(1000.0, |largest: f64, value| largest.max(value.abs()));
            let found = &results.gradients[configuration * 3 * atoms..(configuration + 1) * 3 * atoms];
            for (found, expected) in found.iter().zip(gradient) {
                let deviation = (found - expected).abs() / scale;
                worst[1] = worst[1].max(deviation);
                assert!(deviation < gradient_tolerance, "{place}: gradient off by {deviation:e}");
            }
        }
        println!(
            "{:28} {precision:6} {how:8} {configurations:4} x {atoms:3} atoms: energy {:.0e}, gradient {:.0e}, undefined {undefined}",
            self.name, worst[0], worst[1]
        );
    }
}

/// The same, one configuration a call.
fn one_by_one(trial: &Trial<MolecularMechanics>, positions: &[f64], atoms: usize) -> TrialResults {
    let mut all = TrialResults::default();
    for positions in positions.chunks_exact(3 * atoms) {
        let one = trial.evaluate(positions).unwrap();
        all.energies.extend(one.energies);
        all.gradients.extend(one.gradients);
        all.statuses.extend(one.statuses);
    }
    all
}

fn check_folder(folder: &Path) -> usize {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().for_each(|file| Case::read(file).check());
    files.len()
}

#[test]
fn kept_configurations_agree_with_openmm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data");
    assert!(check_folder(&folder) >= 10);
}

/// Where `scripts/setup` puts its Python.
fn python() -> PathBuf {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/python/bin/python");
    std::env::var_os("FREELAND_PYTHON").map_or(set_up, PathBuf::from)
}

#[test]
fn four_hundred_configurations_of_every_case_agree_with_openmm() {
    let python = python();
    let has_openmm = Command::new(&python).args(["-c", "import openmm, numpy"]).output();
    if !has_openmm.is_ok_and(|output| output.status.success()) {
        println!("skipped: no Python with openmm and numpy; run scripts/setup or set FREELAND_PYTHON");
        return;
    }
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(reference.join("many.py"))
        .args([&reference.join("data"), folder.path()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in std::fs::read_dir(reference.join("data")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension != "json") {
            std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    assert!(check_folder(folder.path()) >= 10);
}
