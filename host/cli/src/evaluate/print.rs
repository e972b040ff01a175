//! The result of `freeland evaluate` on stdout.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use freeland_loader::status_name;
use ndarray::ArrayViewD;
use serde_json::{Value, json};

use super::Report;

/// A line for every configuration: number, status, energy, quantities of one number.
pub fn table(report: &Report, stdout: &mut dyn Write) -> std::io::Result<()> {
    let descriptor = report.potential.descriptor();
    let unit = report.potential.info().units.energy();
    writeln!(stdout, "# {} {}, energies in {unit}", descriptor.id, descriptor.version)?;
    write!(stdout, "# configuration  status  energy")?;
    for quantity in &report.quantities {
        write!(stdout, "  {}", quantity.output.name)?;
    }
    writeln!(stdout)?;
    let evaluation = &report.evaluation;
    for (index, (&status, energy)) in evaluation.statuses.iter().zip(&evaluation.energies).enumerate() {
        write!(stdout, "{index} {status} {energy}")?;
        for value in report.quantities.iter().filter_map(|quantity| quantity.values.get([index].as_slice())) {
            write!(stdout, " {value}")?;
        }
        match status {
            0 => writeln!(stdout)?,
            status => writeln!(stdout, " # {}", status_name(status))?,
        }
    }
    Ok(())
}

/// One line, where the numbers went to a file.
pub fn summary(report: &Report, output: &Path, stdout: &mut dyn Write) -> std::io::Result<()> {
    let failed = match failures(report) {
        reasons if reasons.is_empty() => "all ok".to_owned(),
        reasons => {
            let reasons: Vec<_> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            format!("{} not ok ({})", report.evaluation.failed(), reasons.join(", "))
        }
    };
    writeln!(stdout, "{}: {} configurations, {failed}", output.display(), report.count())
}

/// One JSON object; null stands for NaN.
pub fn json(report: &Report, stdout: &mut dyn Write) -> anyhow::Result<()> {
    let descriptor = report.potential.descriptor();
    let library = report.potential.library();
    let mut result = json!({
        "plugin": {
            "id": descriptor.id,
            "version": descriptor.version,
            "library": library.path(),
            "sha256": library.sha256(),
            "fingerprint": report.potential.info().fingerprint,
        },
        "energy-unit": report.potential.info().units.energy(),
        "length-unit": report.potential.info().units.length(),
        "count": report.count(),
        "failed": report.evaluation.failed(),
        "failures": failures(report),
        "energies": report.evaluation.energies,
        "statuses": report.evaluation.statuses,
    });
    if let Some(gradients) = report.gradients() {
        let dimensions = report.potential.info().dimensions;
        let atoms = |row: &[f64]| row.chunks_exact(dimensions).map(|atom| json!(atom)).collect::<Value>();
        result["gradients"] = gradients.outer_iter().map(|row| atoms(&row.to_vec())).collect();
    }
    if !report.quantities.is_empty() {
        let told = report.quantities.iter().map(|quantity| {
            let values = nested(quantity.values.view());
            (quantity.output.name.clone(), json!({ "unit": quantity.output.unit, "values": values }))
        });
        result["quantities"] = Value::Object(told.collect());
    }
    writeln!(stdout, "{result}")?;
    Ok(())
}

/// An array as arrays of arrays.
fn nested(values: ArrayViewD<'_, f64>) -> Value {
    match values.ndim() {
        0 => json!(values.first()),
        _ => values.outer_iter().map(nested).collect(),
    }
}

/// How many configurations failed for which reason.
fn failures(report: &Report) -> BTreeMap<&'static str, usize> {
    let mut failures = BTreeMap::new();
    for &status in report.evaluation.statuses.iter().filter(|&&status| status != 0) {
        *failures.entry(status_name(status)).or_default() += 1;
    }
    failures
}
