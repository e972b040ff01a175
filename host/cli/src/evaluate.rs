//! `freeland evaluate`: energies of configurations from a file.

mod cell;
mod npz;
mod print;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use freeland_frames::{BoxRows, Frames};
use freeland_loader::{Evaluation, Potential, Request, open_with};
use ndarray::{Array2, ArrayD};

use crate::isolation::IsolationArgs;
use crate::outcome::Outcome;
use crate::search::SearchArgs;

/// Arguments of `freeland evaluate`.
#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// An id, the path of a library with one potential, or PATH#ID
    #[arg(long, value_name = "ID")]
    plugin: String,
    /// Configuration of the potential: a JSON object, or @FILE that holds one
    #[arg(long, value_name = "JSON", default_value = "{}")]
    config: String,
    /// Refuse any build of the plugin but the one with this sha256
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Configurations: .npy ([n, atoms, dimensions] or [n, atoms * dimensions], in the plugin's unit), .pdb or .dcd
    #[arg(long, value_name = "FILE")]
    positions: PathBuf,
    /// The box of a periodic plugin: 3 or 9 lengths (three rows) with units, such as "3 nm, 3 nm, 3 nm" [default: that of each
    /// frame of a .dcd or of CRYST1 in a .pdb, else that of the plugin's molecule]
    #[arg(long = "box", value_name = "LENGTHS", value_parser = cell::parse)]
    cell: Option<BoxRows>,
    /// Write the result to a file that ends in .npz
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Gradients too, in the JSON or the file
    #[arg(long)]
    gradient: bool,
    /// What else to write, of what the plugin tells beside energy and gradient: virial, charges, energy:bonds; "energy:*" for
    /// all whose names begin so. Any number of times; an unknown one is answered with what there is
    #[arg(long = "quantity", value_name = "NAME")]
    quantities: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    isolation: IsolationArgs,
}

/// What was evaluated, and what came out.
struct Report {
    potential: Potential,
    evaluation: Evaluation,
    quantities: Vec<Quantity>,
}

/// An output of the plugin, and its values.
struct Quantity {
    output: freeland_loader::Output,
    /// `[count]` x the shape of the output.
    values: ArrayD<f64>,
}

impl Quantity {
    /// Whether it is one number for each configuration.
    fn is_scalar(&self) -> bool {
        self.values.ndim() == 1
    }
}

impl Report {
    fn count(&self) -> usize {
        self.evaluation.statuses.len()
    }

    /// `[count, atoms * dimensions]`, if gradients were wanted.
    fn gradients(&self) -> Option<Array2<f64>> {
        let shape = (self.count(), self.potential.coordinates());
        Array2::from_shape_vec(shape, self.evaluation.gradients.clone()).ok()
    }
}

/// Evaluates every configuration of the file. Configurations with a status other than ok are found bad.
pub fn evaluate(args: &EvaluateArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    if args.gradient && !args.json && args.output.is_none() {
        anyhow::bail!("--gradient needs a place to put them: add --json, or -o FILE.npz");
    }
    if let Some(output) = args.output.as_deref().filter(|path| path.extension().is_none_or(|it| it != "npz"))
    {
        anyhow::bail!("the output '{}' must end in .npz", output.display());
    }
    let config = read_config(&args.config)?;
    let options = args.isolation.options(args.sha256.clone());
    let mut potential = open_with(&args.plugin, &config, &args.search.path(), &options)?;
    let (atoms, dimensions) = (potential.info().atoms, potential.info().dimensions);
    let Frames { positions, mut boxes, warnings } =
        freeland_frames::read(&args.positions, atoms, dimensions)?;
    for warning in warnings {
        tracing::warn!("'{}': {warning}", args.positions.display());
    }
    if !potential.info().is_periodic() {
        if args.cell.is_some() {
            anyhow::bail!(
                "--box: '{}' is not periodic and takes no box; leave it out",
                potential.descriptor().id
            );
        }
        boxes = None;
    }
    if let Some(rows) = args.cell {
        (potential, boxes) = (potential.with_box(rows), None);
    }
    let positions = positions.as_slice().expect("a reader gives standard layout");

    let (evaluation, quantities) =
        all(&potential, positions, boxes.as_deref(), args.gradient, &args.quantities)?;
    let report = Report { potential, evaluation, quantities };
    if let Some(large) = report.quantities.iter().find(|quantity| !quantity.is_scalar())
        && !args.json
        && args.output.is_none()
    {
        anyhow::bail!(
            "--quantity {} is more than one number for a configuration: add --json, or -o FILE.npz",
            large.output.name
        );
    }

    if let Some(output) = &args.output {
        npz::write(&report, output).with_context(|| format!("'{}' cannot be written", output.display()))?;
    }
    match (args.json, &args.output) {
        (true, _) => print::json(&report, stdout)?,
        (false, Some(output)) => print::summary(&report, output, stdout)?,
        (false, None) => print::table(&report, stdout)?,
    }
    Ok(if report.evaluation.failed() == 0 { Outcome::Good } else { Outcome::FoundBad })
}

/// Energies, and gradients and quantities where wanted, of one computation, in a box for each configuration or in the
/// potential's own.
fn all(
    potential: &Potential,
    positions: &[f64],
    boxes: Option<&[BoxRows]>,
    gradient: bool,
    names: &[String],
) -> anyhow::Result<(Evaluation, Vec<Quantity>)> {
    let info = potential.info();
    let count = positions.len() / potential.coordinates();
    let zeros = |name: &String| -> anyhow::Result<Quantity> {
        let output = potential.output(name)?.clone();
        let mut shape = vec![count];
        shape.extend(output.shape.extents(info.atoms, info.dimensions));
        Ok(Quantity { output, values: ArrayD::zeros(shape) })
    };
    let mut wanted: Vec<String> = Vec::new();
    for name in names {
        let found = match name.strip_suffix('*') {
            Some(beginning) => {
                potential.outputs().iter().filter(|it| it.name.starts_with(beginning)).collect()
            }
            None => Vec::new(),
        };
        // What nothing is called is refused by who looks for it.
        let found =
            if found.is_empty() { vec![name] } else { found.into_iter().map(|it| &it.name).collect() };
        found.into_iter().for_each(|name| {
            if !wanted.contains(name) {
                wanted.push(name.clone());
            }
        });
    }
    let mut quantities = wanted.iter().map(zeros).collect::<Result<Vec<_>, _>>()?;
    let (mut energies, mut statuses) = (vec![0.0; count], vec![0; count]);
    let mut gradients = vec![0.0; if gradient { positions.len() } else { 0 }];
    let mut request = Request::new(positions, &mut statuses).energies(&mut energies);
    if let Some(boxes) = boxes {
        request = request.box_rows(boxes.as_flattened().as_flattened(), 9);
    }
    if gradient {
        request = request.gradients(&mut gradients);
    }
    for Quantity { output, values } in &mut quantities {
        let values = values.as_slice_mut().expect("zeros are in standard layout");
        request = request.output(output.name.as_str(), values);
    }
    potential.evaluate_into(request)?;
    Ok((Evaluation { energies, gradients, statuses }, quantities))
}

/// JSON, or `@FILE`.
pub(crate) fn read_config(text: &str) -> anyhow::Result<serde_json::Value> {
    let Some(path) = text.strip_prefix('@').map(Path::new) else {
        return serde_json::from_str(text).with_context(|| format!("--config is no JSON: '{text}'"));
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the configuration '{}' cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("the configuration '{}' is no JSON", path.display()))
}
