//! Positions from DCD trajectories, as mdtraj and VMD read them: X-PLOR, CHARMM, NAMD, OpenMM, in either byte order.

mod cell;
mod header;
mod record;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use self::cell::Cell;
use self::header::Header;
use self::record::Records;
use super::Problem;
use super::content::{ANGSTROM, BoxRows, Content};

/// The record of a unit cell: six doubles.
const UNIT_CELL: usize = 48;

/// All whole frames; the file's ångström become nm. They are read to the end of the file, whatever the header says of their
/// number: a run that was killed does not correct it.
pub(super) fn read(path: &Path, atoms: usize) -> Result<Content, Problem> {
    let file = File::open(path)?;
    parse(BufReader::with_capacity(1 << 20, file), atoms)
}

fn parse(input: impl Read, atoms: usize) -> Result<Content, Problem> {
    let (mut records, header) = Header::read(input, atoms)?;
    let (mut positions, mut cells, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for frame in 0.. {
        let from = positions.len();
        match next(&mut records, &header, frame, &mut positions) {
            Ok(Some(cell)) => cells.push(cell),
            Ok(None) => break,
            Err(Problem::Truncated(reason)) if frame > 0 => {
                positions.truncate(from);
                warnings.push(format!("{reason}; the {frame} whole frames before it are read"));
                break;
            }
            Err(problem) => return Err(problem),
        }
    }
    let count = cells.len();
    if warnings.is_empty() && header.frames > count {
        warnings.push(format!("its header says {} frames, it holds {count}", header.frames));
    }
    let boxes = boxes(&cells, &mut warnings);
    Ok(Content { positions, boxes, warnings })
}

/// Appends the positions of one frame; its cell, or `None` at the end of the file.
fn next(
    records: &mut Records<impl Read>,
    header: &Header,
    frame: usize,
    positions: &mut Vec<f64>,
) -> Result<Option<Cell>, Problem> {
    let what = format!("frame {frame} (from 0)");
    let atoms = header.atoms;
    if records.is_at_end()? {
        return Ok(None);
    }
    let mut cell = Cell::None;
    if header.has_cell {
        let length = records.begin(&what)?;
        if length == UNIT_CELL {
            let bytes = records.bytes(UNIT_CELL, &what)?;
            cell = Cell::read(std::array::from_fn(|place| records.double(&bytes[8 * place..])));
        } else {
            records.skip(length, &what)?;
        }
        records.end(length, &what)?;
    }
    // From the second frame on, only the atoms that move are written.
    let moving = header.moving.as_deref().filter(|_| frame > 0);
    let found = moving.map_or(atoms, <[usize]>::len);
    let from = positions.len();
    let bytes = 3 * atoms * size_of::<f64>();
    positions.try_reserve(3 * atoms).map_err(|_| Problem::TooLarge { bytes })?;
    if moving.is_some() {
        positions.extend_from_within(..3 * atoms);
    } else {
        positions.resize(from + 3 * atoms, 0.0);
    }
    for axis in 0..3 {
        let record = records.exactly(4 * found, &what)?;
        for (place, bytes) in record.chunks_exact(4).enumerate() {
            let atom = moving.map_or(place, |atoms| atoms[place]);
            positions[from + 3 * atom + axis] = f64::from(records.float(bytes)) * ANGSTROM;
        }
    }
    if header.has_fourth_dimension {
        let length = records.begin(&what)?;
        records.skip(length, &what)?;
        records.end(length, &what)?;
    }
    Ok(Some(cell))
}

/// A box for every frame, or for none.
fn boxes(cells: &[Cell], warnings: &mut Vec<String>) -> Option<Vec<BoxRows>> {
    let rows: Vec<BoxRows> = cells.iter().filter_map(Cell::rows).collect();
    if let Some(frame) = cells.iter().position(|cell| matches!(cell, Cell::Unclear(_))) {
        let Cell::Unclear(numbers) = &cells[frame] else { return None };
        warnings.push(format!(
            "the unit cell of frame {frame} (from 0), {numbers:?}, is neither lengths with cosines, nor lengths with degrees, nor a \
             shape matrix alone; no box is read"
        ));
        return None;
    }
    if rows.len() < cells.len() {
        if !rows.is_empty() {
            let without = cells.len() - rows.len();
            warnings
                .push(format!("{without} of its {} frames have no unit cell; no box is read", cells.len()));
        }
        return None;
    }
    if cells.iter().any(|cell| matches!(cell, Cell::Matrix(_))) {
        let warning = "its unit cells are shape matrices of CHARMM: no row of such a box lies along x, which OpenMM asks for";
        warnings.push(warning.to_owned());
    }
    (!rows.is_empty()).then_some(rows)
}

fn malformed(reason: String) -> Problem {
    Problem::Malformed { format: "DCD", reason }
}
