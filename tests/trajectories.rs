//! Trajectories that OpenMM and MDTraj wrote (recipe: `data/trajectories/make.py`), and damaged copies of them.

use std::fs;
use std::path::{Path, PathBuf};

use freeland_frames::read;
use ndarray::Array2;

use crate::support::scratch;

const ATOMS: usize = 6;
/// A PDB file keeps thousandths of an ångström, and these frames have no more.
const PDB_TOLERANCE_NM: f64 = 1e-9;
/// A DCD file keeps single precision: 7 digits of coordinates up to 20 ångström.
const DCD_TOLERANCE_NM: f64 = 2e-7;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/trajectories").join(name)
}

fn frames() -> Array2<f64> {
    read(&data("frames.npy"), ATOMS, 3).unwrap()
}

#[track_caller]
fn assert_same(name: &str, tolerance: f64) {
    let (found, expected) = (read(&data(name), ATOMS, 3).unwrap(), frames());
    assert_eq!(found.shape(), expected.shape());
    let worst = (&found - &expected).iter().fold(0.0_f64, |worst, difference| worst.max(difference.abs()));
    assert!(worst < tolerance, "{name}: {worst} nm");
}

/// What is said of a file with these bytes, without its name.
fn refusal(name: &str, bytes: &[u8]) -> String {
    let path = scratch().path().join(name);
    fs::write(&path, bytes).unwrap();
    let error = read(&path, ATOMS, 3).unwrap_err().to_string();
    error.strip_prefix(&format!("'{}': ", path.display())).unwrap().to_owned()
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
}

#[test]
fn a_dcd_of_the_other_byte_order() {
    // Every record is made of words of 4 bytes, but for the box, the mark CORD and the title.
    let mut bytes = fs::read(data("plain.dcd")).unwrap();
    for (place, word) in bytes.chunks_exact_mut(4).enumerate() {
        if place != 1 {
            word.reverse();
        }
    }
    let path = scratch().path().join("swapped.dcd");
    fs::write(&path, bytes).unwrap();
    let (found, expected) = (read(&path, ATOMS, 3).unwrap(), read(&data("plain.dcd"), ATOMS, 3).unwrap());
    assert_eq!(found, expected);
}

#[test]
fn dcd_files_that_are_damaged() {
    let whole = fs::read(data("plain.dcd")).unwrap();
    let cut = refusal("cut.dcd", &whole[..whole.len() - 10]);
    assert_eq!(cut, "is cut short: it ends within frame 2 (from 0); was it copied completely?");
    let cut = refusal("cut-header.dcd", &whole[..50]);
    assert_eq!(cut, "is cut short: it ends within the header; was it copied completely?");
    assert_eq!(
        refusal("text.dcd", b"some text"),
        "is no DCD file: it does not begin with a record of 84 bytes"
    );
    let mut absurd = whole.clone();
    let frame = whole.len() - 3 * (4 * ATOMS + 8);
    absurd[frame..frame + 4].copy_from_slice(&0x7fff_fff0_u32.to_le_bytes());
    assert!(refusal("absurd.dcd", &absurd).starts_with("is cut short: it ends within frame 2"));
    let mut nan = whole.clone();
    nan[frame + 4..frame + 8].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(
        refusal("nan.dcd", &nan).starts_with("configuration 2, atom 0, coordinate 0 (all from 0) is NaN")
    );
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
