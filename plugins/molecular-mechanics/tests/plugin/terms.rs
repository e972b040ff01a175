//! Energy terms of one configuration, as a host gets them.
use epp::sdk::{Trial, TrialBatch};
use freeland_molecular_mechanics::MolecularMechanics;

/// Names and values, kJ/mol, in the order of the forces.
pub fn terms(trial: &Trial<MolecularMechanics>, positions: &[f64]) -> Vec<(String, f64)> {
    let names = trial.outputs().iter().map(|output| output.name.as_str());
    let names: Vec<&str> = names.filter(|name| name.starts_with("energy:")).collect();
    let batch = TrialBatch { positions, outputs: &names, ..TrialBatch::default() };
    let results = trial.evaluate_batch(&batch).unwrap();
    names.iter().map(|&name| (name.to_owned(), results.outputs[name][0])).collect()
}

/// The names of terms for forces of these names.
pub fn named(forces: &[String]) -> Vec<String> {
    let names = freeland_molecule::molecule::term_names(forces.iter().map(String::as_str));
    names.iter().map(|name| format!("energy:{name}")).collect()
}
