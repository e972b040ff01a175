//! Trajectories that every program writes (recipe: `data/trajectories/make.py`), read as mdtraj and OpenMM read them, and damaged
//! copies of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use freeland_frames::{Frames, read};
use ndarray::{Array2, Array3};
use ndarray_npy::NpzReader;

use crate::support::scratch;

const ATOMS: usize = 6;
/// A PDB file keeps thousandths of an ångström, and these frames have no more.
const PDB_TOLERANCE_NM: f64 = 1e-9;
/// A DCD file keeps single precision: 7 digits of coordinates up to 20 ångström.
const DCD_TOLERANCE_NM: f64 = 2e-7;
/// mdtraj keeps lengths and angles of a cell to single precision, and these cells have rows up to 4 nm.
const BOX_TOLERANCE_NM: f64 = 2e-6;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/trajectories").join(name)
}

fn frames() -> Array2<f64> {
    read(&data("frames.npy"), ATOMS, 3).unwrap().positions
}

#[track_caller]
fn assert_same(name: &str, tolerance: f64) {
    let (found, expected) = (read(&data(name), ATOMS, 3).unwrap().positions, frames());
    assert_eq!(found.shape(), expected.shape());
    let worst = (&found - &expected).iter().fold(0.0_f64, |worst, difference| worst.max(difference.abs()));
    assert!(worst < tolerance, "{name}: {worst} nm");
}

/// Reads a file of these bytes.
fn read_bytes(name: &str, bytes: &[u8]) -> Result<Frames, String> {
    let path = scratch().path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path, ATOMS, 3).map_err(|error| {
        let error = error.to_string();
        error.strip_prefix(&format!("'{}': ", path.display())).unwrap().to_owned()
    })
}

/// What is said of a file with these bytes, without its name.
fn refusal(name: &str, bytes: &[u8]) -> String {
    read_bytes(name, bytes).unwrap_err()
}

#[test]
fn a_pdb_with_models() {
    assert_same("models.pdb", PDB_TOLERANCE_NM);
}

#[test]
fn dcd_files_with_and_without_a_box() {
    assert_same("plain.dcd", DCD_TOLERANCE_NM);
    assert_same("box.dcd", DCD_TOLERANCE_NM);
    assert_same("mdtraj.dcd", DCD_TOLERANCE_NM);
    let boxes = read(&data("box.dcd"), ATOMS, 3).unwrap().boxes.unwrap();
    assert_eq!(boxes, [[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]; 3]);
}

#[test]
fn sixty_files_are_read_as_mdtraj_and_openmm_read_them() {
    let mut expected = NpzReader::new(File::open(data("expected.npz")).unwrap()).unwrap();
    let names = expected.names().unwrap();
    let files: Vec<String> =
        names.iter().filter_map(|name| Some(name.strip_suffix("/positions")?.to_owned())).collect();
    assert!(files.len() >= 60, "{files:?}");
    let mut wrong = Vec::new();
    for file in &files {
        let positions = format!("{file}/positions");
        let positions: Array3<f64> = match expected.by_name::<_, ndarray::Ix3>(&positions) {
            Ok(positions) => positions,
            Err(_) => {
                let single: Array3<f32> = expected.by_name(&positions).unwrap();
                single.mapv(f64::from)
            }
        };
        let (count, atoms, _) = positions.dim();
        let rows = format!("{file}/rows");
        let rows: Option<Array3<f64>> = names.contains(&rows).then(|| expected.by_name(&rows).unwrap());
        let found = match read(&data(file), atoms, 3) {
            Ok(found) => found,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        // The same numbers times 0.1, rounded once.
        let same = found.positions.dim() == (count, 3 * atoms)
            && found
                .positions
                .iter()
                .zip(&positions)
                .all(|(found, angstrom)| (found - angstrom * 0.1).abs() < 1e-12);
        if !same {
            wrong.push(format!("{file}: other positions"));
        }
        match (&found.boxes, &rows) {
            (None, None) => {}
            (Some(found), Some(rows)) if found.len() == count => {
                let found = found.as_flattened().as_flattened();
                let worst = found.iter().zip(rows).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
                if worst > BOX_TOLERANCE_NM {
                    wrong.push(format!("{file}: a box {worst} nm off: {found:?} {rows:?}"));
                }
            }
            (found, rows) => wrong.push(format!("{file}: boxes {found:?}, expected {rows:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_odd_about_a_dcd_is_said() {
    let warnings = |name: &str| read(&data(name), ATOMS, 3).unwrap().warnings;
    assert_eq!(warnings("plain.dcd"), [""; 0]);
    assert_eq!(warnings("killed.dcd"), [""; 0]);
    assert_eq!(warnings("unfinished.dcd"), ["its header says 1000 frames, it holds 3"]);
    let expected = "it ends within frame 2 (from 0); the 2 whole frames before it are read";
    assert_eq!(warnings("cut.dcd"), [expected]);
    assert_eq!(warnings("cut-cell.dcd"), [expected]);
    assert!(warnings("charmm-matrix.dcd")[0].starts_with("its unit cells are shape matrices of CHARMM"));
    // Angles of 10, 11 and 12 degrees, or a matrix.
    let mut unclear = fs::read(data("namd-degrees.dcd")).unwrap();
    let angle = 100.0_f64.to_le_bytes();
    let place = unclear.windows(8).position(|bytes| bytes == angle).unwrap();
    for (at, angle) in [(place, 10.0_f64), (place + 16, 11.0), (place + 24, 12.0)] {
        unclear[at..at + 8].copy_from_slice(&angle.to_le_bytes());
    }
    let found = read_bytes("unclear.dcd", &unclear).unwrap();
    assert_eq!(found.boxes, None);
    assert!(found.warnings[0].starts_with("the unit cell of frame 0 (from 0), [20.0, 10.0,"), "{found:?}");
}

#[test]
fn dcd_files_that_are_damaged() {
    let whole = fs::read(data("plain.dcd")).unwrap();
    let frame = 3 * (4 * ATOMS + 8);
    let cut = refusal("cut.dcd", &whole[..whole.len() - 2 * frame - 10]);
    assert_eq!(cut, "is cut short: it ends within frame 0 (from 0); was it copied completely?");
    let cut = refusal("cut-header.dcd", &whole[..50]);
    assert_eq!(cut, "is cut short: it ends within the header; was it copied completely?");
    assert_eq!(
        refusal("text.dcd", b"some text"),
        "is no DCD file: it does not begin with a record of 84 bytes"
    );
    assert_eq!(refusal("empty.dcd", &whole[..whole.len() - 3 * frame]), "holds no configuration");
    let last = whole.len() - frame;
    let mut absurd = whole.clone();
    absurd[last..last + 4].copy_from_slice(&0x7fff_fff0_u32.to_le_bytes());
    assert_eq!(
        refusal("absurd.dcd", &absurd),
        "is no DCD file: frame 2 (from 0): a record has 2147483632 bytes, expected 24"
    );
    let mut title = whole.clone();
    title[92..96].copy_from_slice(&0x7fff_fff0_u32.to_le_bytes());
    assert_eq!(
        refusal("title.dcd", &title),
        "is cut short: it ends within the title; was it copied completely?"
    );
    let mut nan = whole.clone();
    nan[last + 4..last + 8].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(
        refusal("nan.dcd", &nan).starts_with("configuration 2, atom 0, coordinate 0 (all from 0) is NaN")
    );
    // Integer 8 of the header: how many atoms are fixed.
    for fixed in [-1_i32, 6, 7] {
        let mut forged = whole.clone();
        forged[40..44].copy_from_slice(&fixed.to_le_bytes());
        let expected = format!("is no DCD file: its header says that {fixed} of 6 atoms are fixed");
        assert_eq!(refusal("fixed.dcd", &forged), expected);
    }
    let mut moving = fs::read(data("charmm-fixed.dcd")).unwrap();
    // The last frame has one record of 3 floats for each axis, the list of moving atoms has 3 integers.
    let list = moving.windows(12).position(|bytes| bytes == [2, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0]).unwrap();
    moving[list + 8] = 7;
    assert_eq!(
        refusal("moving.dcd", &moving),
        "is no DCD file: it lists atom 7 as moving, and has atoms 1 to 6"
    );
}

#[test]
fn a_forged_npy_takes_no_memory() {
    let forged = |header: &str| {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat()
    };
    // Five terabytes, of which nothing is there.
    let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (40000000000, 6, 3), }\n";
    assert_eq!(
        refusal("huge.npy", &forged(huge)),
        "is cut short: there are fewer numbers than its header says; was it copied completely?"
    );
    let deep = "(".repeat(60_000);
    assert_eq!(
        refusal("deep.npy", &forged(&deep)),
        "is no numpy .npy file: its header says it has 60000 bytes, expected at most 1024"
    );
    let deep = format!("{{'descr': {}", "(".repeat(1_000));
    assert!(refusal("less-deep.npy", &forged(&deep)).starts_with("is no numpy .npy file: "));
}

#[test]
fn npy_of_either_precision_and_byte_order() {
    let expected = frames();
    let numbers: Vec<f64> = expected.iter().copied().collect();
    let file = |descriptor: &str, bytes: Vec<u8>| {
        let header = format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': (3, 6, 3), }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let file = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &bytes].concat();
        read_bytes("order.npy", &file).unwrap().positions
    };
    let double = |bytes: fn(f64) -> [u8; 8]| numbers.iter().flat_map(|x| bytes(*x)).collect::<Vec<_>>();
    let single =
        |bytes: fn(f32) -> [u8; 4]| numbers.iter().flat_map(|x| bytes(*x as f32)).collect::<Vec<_>>();
    assert_eq!(file("<f8", double(f64::to_le_bytes)), expected);
    assert_eq!(file(">f8", double(f64::to_be_bytes)), expected);
    let rounded = expected.mapv(|x| f64::from(x as f32));
    assert_eq!(file("<f4", single(f32::to_le_bytes)), rounded);
    assert_eq!(file(">f4", single(f32::to_be_bytes)), rounded);
}

#[test]
fn another_molecule() {
    let error = |name: &str| read(&data(name), 22, 3).unwrap_err().to_string();
    assert!(error("plain.dcd").ends_with("plain.dcd': configuration 0 has 6 atoms, expected 22"));
    assert!(error("models.pdb").ends_with("models.pdb': configuration 0 has 6 atoms, expected 22"));
    assert!(
        error("frames.npy").ends_with("frames.npy': has shape [3, 6, 3], expected [n, 22, 3] or [n, 66]")
    );
}
