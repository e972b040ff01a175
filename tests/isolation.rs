//! Potentials in worker processes: the same numbers as in this process, and faults that stay there.

mod attacks;
mod confinement;
mod faults;
mod limits;
mod molecules;
mod same;

use std::path::Path;
use std::time::Duration;

use freeland_loader::{
    Evaluation, Isolation, OpenError, Options, Potential, ProcessOptions, SearchPath, open_with,
};
use serde_json::Value;

use crate::support::{misbehaving, worker};

/// Times that are short, but long for what the plugins here do between their misdeeds.
fn process() -> ProcessOptions {
    ProcessOptions {
        workers: Some(1),
        time_limit: Duration::from_millis(400),
        grace: Duration::from_millis(100),
        executable: Some(worker().to_owned()),
        ..ProcessOptions::default()
    }
}

fn isolated(library: &Path, config: &Value, process: ProcessOptions) -> Result<Potential, OpenError> {
    let options = Options { isolation: Isolation::Process(process), ..Options::default() };
    open_with(library.to_str().unwrap(), config, &SearchPath::of([]), &options)
}

/// `tests/misbehaving-plugins/NAME.c` in workers.
fn isolated_c(name: &str, process: ProcessOptions) -> Potential {
    isolated(&misbehaving(name), &Value::Null, process).unwrap()
}

/// All of it that can be compared.
fn bits(evaluation: &Evaluation) -> (Vec<u64>, Vec<u64>, Vec<i32>) {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
    (bits(&evaluation.energies), bits(&evaluation.gradients), evaluation.statuses.clone())
}
