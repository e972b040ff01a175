//! The arrays of a run between two rounds: written, read, and held against each other.
use std::path::Path;

use tch::Tensor;

use super::arrays::{Arrays, ArraysError};
use crate::active::Driver;
use crate::config::free_energy::FreeEnergyConfig;
use crate::free_energy::{Basis, Coefficients, Draws, Ensemble};
use crate::space::Axis;
use crate::train::{AdamState, Replay};
use crate::write::in_folder;

/// Writes them to `path`, or nothing.
pub fn write(driver: &Driver, path: &Path) -> Result<(), String> {
    let state = driver.state();
    let (s, log_w, _) = state.draws.columns();
    let (replay_s, replay_x, replay_log_w, _) = state.replay.columns();
    let mut named: Vec<(String, Tensor)> = vec![
        ("draws.s".into(), Tensor::from_slice(s)),
        ("draws.log_w".into(), Tensor::from_slice(log_w)),
        ("start-sites".into(), Tensor::from_slice(&state.start_sites)),
        ("replay.s".into(), Tensor::from_slice(replay_s)),
        ("replay.x".into(), Tensor::from_slice(replay_x)),
        ("replay.log_w".into(), Tensor::from_slice(replay_log_w)),
    ];
    if let Some(ensemble) = &state.ensemble {
        let Coefficients { centre, members } = ensemble.coefficients();
        named.push(("ensemble.centre".into(), Tensor::from_slice(centre)));
        named.push(("ensemble.members".into(), Tensor::from_slice(&members.concat())));
    }
    let adam = driver.optimiser().state();
    for (name, moments) in [("first", &adam.first), ("second", &adam.second)] {
        named
            .extend(moments.iter().enumerate().map(|(k, t)| (format!("adam.{name}.{k}"), t.shallow_clone())));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = in_folder(folder).map_err(|error| error.to_string())?;
    Tensor::write_safetensors(&named, file.path()).map_err(|error| error.to_string())?;
    file.as_file().sync_all().map_err(|error| error.to_string())?;
    file.persist(path).map_err(|error| error.error.to_string())?;
    Ok(())
}

/// The moments of Adam, one of each kind for every parameter.
pub fn moments(arrays: &Arrays<'_>, parameters: &[Tensor], steps: i64) -> Result<AdamState, ArraysError> {
    let moments = |which: &str| -> Result<Vec<Tensor>, ArraysError> {
        let moment = |(k, parameter)| {
            let name = format!("adam.{which}.{k}");
            let moment = arrays.tensor_like(&name, parameter)?;
            match moment.isfinite().all().int64_value(&[]) {
                0 => Err(not_finite(&name)),
                _ => Ok(moment),
            }
        };
        parameters.iter().enumerate().map(moment).collect()
    };
    Ok(AdamState { first: moments("first")?, second: moments("second")?, steps })
}

/// All draws, `count` of them. `generations`: the first draw of each.
pub fn draws(
    arrays: &Arrays<'_>,
    dimensions: usize,
    count: usize,
    generations: Vec<usize>,
) -> Result<Draws, ArraysError> {
    let (s, log_w) = (finite(arrays, "draws.s")?, weights(arrays, "draws.log_w")?);
    same_rows("draws.s", s.len(), count, dimensions)?;
    same_rows("draws.log_w", log_w.len(), count, 1)?;
    let rising = generations.is_sorted_by(|a, b| a < b);
    let first = generations.first().copied();
    let inside = generations.last().is_none_or(|last| *last < log_w.len());
    if !rising || !inside || first != (!log_w.is_empty()).then_some(0) {
        let expected = "as many as its generations say";
        return Err(ArraysError::other("draws.log_w", expected, format!("{} numbers", log_w.len())));
    }
    Ok(Draws::from_columns(dimensions, s, log_w, generations))
}

/// The ensemble of a run with at least one round.
pub fn ensemble(
    arrays: &Arrays<'_>,
    variables: &[Axis],
    config: &FreeEnergyConfig,
) -> Result<Ensemble, ArraysError> {
    let (centre, members) = (finite(arrays, "ensemble.centre")?, finite(arrays, "ensemble.members")?);
    let functions = Basis::new(variables, config).len();
    if centre.len() != functions {
        let expected = format!("{functions}, as the section [free-energy] gives");
        return Err(ArraysError::other("ensemble.centre", expected, format!("{} numbers", centre.len())));
    }
    if !members.len().is_multiple_of(functions) || members.len() < 2 * functions {
        let expected = format!("{functions} for each of two members or more");
        return Err(ArraysError::other("ensemble.members", expected, format!("{} numbers", members.len())));
    }
    let members = members.chunks_exact(functions).map(<[f64]>::to_vec).collect();
    Ok(Ensemble::from_coefficients(variables, config, Coefficients { centre, members }))
}

/// Fills `replay`, which is empty; `next`: where its next draw goes, once it is full.
pub fn replay(
    arrays: &Arrays<'_>,
    replay: &mut Replay,
    (coarse, fine): (usize, usize),
    next: usize,
) -> Result<(), ArraysError> {
    let (s, log_w) = (finite(arrays, "replay.s")?, weights(arrays, "replay.log_w")?);
    let x = arrays.singles("replay.x")?;
    same_rows("replay.s", s.len(), log_w.len(), coarse)?;
    same_rows("replay.x", x.len(), log_w.len(), fine)?;
    if next != 0 && next >= log_w.len() {
        let expected = format!("more than {next}, as the next one goes there");
        return Err(ArraysError::other("replay.log_w", expected, format!("{} numbers", log_w.len())));
    }
    replay.restore(s, x, log_w, next);
    Ok(())
}

/// Coarse points of the starting data; there are some.
pub fn start_sites(arrays: &Arrays<'_>, dimensions: usize) -> Result<Vec<f64>, ArraysError> {
    let sites = finite(arrays, "start-sites")?;
    same_rows("start-sites", sites.len(), sites.len() / dimensions.max(1), dimensions)?;
    match sites.is_empty() {
        true => Err(ArraysError::other("start-sites", "a site or more", "none")),
        false => Ok(sites),
    }
}

fn finite(arrays: &Arrays<'_>, name: &str) -> Result<Vec<f64>, ArraysError> {
    let values = arrays.doubles(name)?;
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(values),
        false => Err(not_finite(name)),
    }
}

/// Logarithms of weights: minus infinity for what does not count.
fn weights(arrays: &Arrays<'_>, name: &str) -> Result<Vec<f64>, ArraysError> {
    let values = arrays.doubles(name)?;
    match values.iter().all(|value| *value < f64::INFINITY) {
        true => Ok(values),
        false => Err(not_finite(name)),
    }
}

fn not_finite(name: &str) -> ArraysError {
    ArraysError::other(name, "finite ones", "numbers that are not finite")
}

fn same_rows(name: &str, found: usize, rows: usize, width: usize) -> Result<(), ArraysError> {
    if rows.checked_mul(width) == Some(found) {
        return Ok(());
    }
    Err(ArraysError::other(name, format!("{width} for each of {rows} rows"), format!("{found} numbers")))
}
