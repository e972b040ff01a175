//! Files of positions that are refused, each with its message.

use std::fs;
use std::path::PathBuf;

use ndarray::{Array1, Array2, Array3};
use ndarray_npy::WritableElement;

use crate::support::{freeland, positions, scratch, toys};

/// What `freeland evaluate` says of a file, without the file's name.
#[track_caller]
fn refusal(path: PathBuf) -> String {
    let path = path.to_str().unwrap();
    let toys = toys().to_str().unwrap();
    let arguments = ["evaluate", "--plugin", "mueller-brown", "--positions", path, "--plugin-path", toys];
    let error = freeland(arguments).refusal();
    error.strip_prefix(&format!("'{path}': ")).unwrap_or_else(|| panic!("{error}")).to_owned()
}

fn npy<A: WritableElement, D: ndarray::Dimension>(name: &str, array: &ndarray::Array<A, D>) -> PathBuf {
    let path = scratch().path().join(name);
    ndarray_npy::write_npy(&path, array).unwrap();
    path
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = scratch().path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn nan_and_infinity_are_named_by_their_place() {
    let mut bad = positions(5).into_shape_with_order((5, 1, 2)).unwrap();
    bad[[3, 0, 1]] = f64::NAN;
    let expected = "configuration 3, atom 0, coordinate 1 (all from 0) is NaN, expected a finite number";
    assert_eq!(refusal(npy("nan.npy", &bad)), expected);
    bad[[3, 0, 1]] = 0.0;
    bad[[4, 0, 0]] = f64::NEG_INFINITY;
    assert!(
        refusal(npy("infinite.npy", &bad))
            .starts_with("configuration 4, atom 0, coordinate 0 (all from 0) is -inf")
    );
}

#[test]
fn wrong_shapes() {
    let shape = |found: &str| format!("has shape {found}, expected [n, 1, 2] or [n, 2]");
    assert_eq!(refusal(npy("three.npy", &Array2::<f64>::zeros((4, 3)))), shape("[4, 3]"));
    assert_eq!(refusal(npy("atoms.npy", &Array3::<f64>::zeros((4, 22, 3)))), shape("[4, 22, 3]"));
    assert_eq!(refusal(npy("flat.npy", &Array1::<f64>::zeros(2))), shape("[2]"));
    assert_eq!(refusal(npy("empty.npy", &Array2::<f64>::zeros((0, 2)))), "holds no configuration");
}

#[test]
fn wrong_element_types() {
    let expected = "holds '<i8', expected f64 or f32 ('<f8', '<f4')";
    assert_eq!(refusal(npy("integers.npy", &Array2::<i64>::zeros((4, 2)))), expected);
}

#[test]
fn cut_short() {
    let whole = fs::read(npy("whole.npy", &positions(5))).unwrap();
    let cut = refusal(file("cut.npy", &whole[..whole.len() - 3]));
    assert_eq!(cut, "is cut short: there are fewer numbers than its header says; was it copied completely?");
    let header = refusal(file("header.npy", &whole[..20]));
    assert_eq!(header, "is cut short: it ends within its header; was it copied completely?");
    let more = refusal(file("more.npy", [whole.as_slice(), b"more"].concat()));
    assert!(more.starts_with("is no numpy .npy file: "), "{more}");
}

#[test]
fn not_what_the_name_says() {
    let text = refusal(file("text.npy", "just some text, long enough to be a header"));
    assert!(text.starts_with("is no numpy .npy file: "), "{text}");
    assert_eq!(refusal(file("x.xyz", "")), "has the extension 'xyz', expected npy, pdb or dcd");
    let missing = refusal(scratch().path().join("nowhere.npy"));
    assert!(missing.starts_with("cannot be read: No such file"), "{missing}");
}

#[test]
fn molecules_for_a_potential_that_is_none() {
    let expected = "holds three coordinates per atom, but the potential has 2; use an .npy file";
    assert_eq!(refusal(file("a.pdb", "END\n")), expected);
    assert_eq!(refusal(file("a.dcd", "")), expected);
}
