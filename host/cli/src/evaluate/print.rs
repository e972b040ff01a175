//! The result of `freeland evaluate` on stdout.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use freeland_loader::status_name;
use serde_json::{Value, json};

use super::Report;

/// A line for every configuration: number, status, energy, terms.
pub fn table(report: &Report, stdout: &mut dyn Write) -> std::io::Result<()> {
    let descriptor = report.potential.descriptor();
    let unit = descriptor.units.energy();
    writeln!(stdout, "# {} {}, energies in {unit}", descriptor.id, descriptor.version)?;
    write!(stdout, "# configuration  status  energy")?;
    for name in report.components.iter().flat_map(|_| report.potential.component_names()) {
        write!(stdout, "  {name}")?;
    }
    writeln!(stdout)?;
    let evaluation = &report.evaluation;
    for (index, (&status, energy)) in evaluation.statuses.iter().zip(&evaluation.energies).enumerate() {
        write!(stdout, "{index} {status} {energy}")?;
        for term in report.components.iter().flat_map(|components| components.row(index).to_vec()) {
            write!(stdout, " {term}")?;
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
        },
        "energy-unit": descriptor.units.energy(),
        "length-unit": descriptor.units.length(),
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
    if let Some(components) = &report.components {
        let names = report.potential.component_names().iter();
        let columns =
            names.zip(components.columns()).map(|(name, terms)| (name.clone(), json!(terms.to_vec())));
        result["components"] = Value::Object(columns.collect());
    }
    writeln!(stdout, "{result}")?;
    Ok(())
}

/// How many configurations failed for which reason.
fn failures(report: &Report) -> BTreeMap<&'static str, usize> {
    let mut failures = BTreeMap::new();
    for &status in report.evaluation.statuses.iter().filter(|&&status| status != 0) {
        *failures.entry(status_name(status)).or_default() += 1;
    }
    failures
}
