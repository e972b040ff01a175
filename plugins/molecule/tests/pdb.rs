//! PDB files as OpenMM's `PDBFile` reads them; `pdb/make.py` made the files and says what is expected.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use freeland_molecule::pdb::Pdb;

/// nm: an angstrom times 0.1 in either program, a cosine by another library.
const ROUNDING: f64 = 1e-12;

#[derive(serde::Deserialize)]
struct Expected {
    names: Vec<String>,
    residues: Vec<u32>,
    residue_names: Vec<String>,
    residue_numbers: Vec<String>,
    chains: Vec<String>,
    elements: Vec<u32>,
    bonds: Vec<[u32; 2]>,
    models: Vec<Vec<[f64; 3]>>,
    #[serde(rename = "box")]
    box_rows: Option<[[f64; 3]; 3]>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdb")
}

fn assert_near(name: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < ROUNDING, "{name}: {found}, expected {expected}");
    }
}

/// Compares every file of a folder with its expectation, and says how many there were.
fn compare(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let all: BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    for (name, expected) in &all {
        let bytes = std::fs::read(folder.join(format!("{name}.pdb"))).unwrap();
        let pdb = Pdb::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pdb.atom_names, expected.names, "{name}");
        assert_eq!(pdb.residues, expected.residues, "{name}");
        assert_eq!(pdb.residue_names, expected.residue_names, "{name}");
        // A010 is a number in either notation; here it is one of hybrid-36.
        if name != "hexadecimal-residues" {
            assert_eq!(pdb.residue_numbers, expected.residue_numbers, "{name}");
        }
        assert_eq!(pdb.chain_names, expected.chains, "{name}");
        assert_eq!(pdb.atomic_numbers, expected.elements, "{name}");
        assert_eq!(pdb.bonds, expected.bonds, "{name}");
        assert_eq!(pdb.models.len(), expected.models.len(), "{name}");
        for (found, expected) in pdb.models.iter().zip(&expected.models) {
            assert_near(name, found, expected.as_flattened());
        }
        assert_eq!(pdb.box_rows.is_some(), expected.box_rows.is_some(), "{name}");
        if let (Some(found), Some(expected)) = (pdb.box_rows, expected.box_rows) {
            assert_near(name, found.as_flattened(), expected.as_flattened());
        }
    }
    all.len()
}

#[test]
fn kept_files_are_read_as_openmm_reads_them() {
    assert!(compare(&folder().join("files")) >= 40);
}

#[test]
fn openmm_itself_agrees() {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/python/bin/python");
    let python = std::env::var_os("FREELAND_PYTHON").map_or(set_up, PathBuf::from);
    let has_openmm = Command::new(&python).args(["-c", "import openmm"]).output();
    if !has_openmm.is_ok_and(|output| output.status.success()) {
        println!("skipped: no Python with openmm; run scripts/setup or set FREELAND_PYTHON");
        return;
    }
    let made = tempfile::tempdir().unwrap();
    let output = Command::new(python).arg(folder().join("make.py")).arg(made.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(compare(made.path()) >= 40);
    for file in std::fs::read_dir(folder().join("files")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "pdb") {
            let again = std::fs::read(made.path().join(file.file_name().unwrap())).unwrap();
            assert!(std::fs::read(&file).unwrap() == again, "{} is not what make.py makes", file.display());
        }
    }
}

/// An atom's line.
fn atom(serial: &str, name: &str, residue: &str, element: &str) -> String {
    format!(
        "HETATM{serial:>5} {name:4} {residue:3} A   1       1.000   2.000   3.000  1.00  0.00          {element:>2}\n"
    )
}

fn parse(text: &str) -> Pdb {
    Pdb::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_text_that_is_not_utf_8_is_latin_1() {
    let text = [b"REMARK   1 caf\xe9, 1.5 \xc5\n", atom("1", " C1 ", "LIG", "C").as_bytes()].concat();
    let pdb = Pdb::parse(&text).unwrap();
    assert_eq!(pdb.atom_names, ["C1"]);
    assert_near("Latin-1", pdb.positions(), &[0.1, 0.2, 0.3]);
}

#[test]
fn a_serial_that_repeats_names_nothing() {
    // A long file whose numbers begin again after 99,999: 1 and 2 are two atoms each, 99999 is one.
    let mut text = String::new();
    for (number, residue) in [("1", 1), ("2", 1), ("99999", 1), ("1", 2), ("2", 2), ("3", 2)] {
        let line = atom(number, &format!(" C{}{residue}", &number[..1]), "LIG", "C");
        text += &format!("{}{residue:4}{}", &line[..22], &line[26..]);
    }
    text += "CONECT    1    2\nCONECT99999    1    3\nCONECT    3    2\n";
    assert_eq!(parse(&text).bonds, [[2, 5]]);
}

#[test]
fn hybrid_36_serials_name_their_atoms() {
    // OpenMM takes A000G for the next number and A0010 for hexadecimal 10, which is the same one.
    let serials = ["99999", "A0000", "A000G", "A000Z", "A0010"];
    let text: String =
        serials.iter().enumerate().map(|(i, serial)| atom(serial, &format!(" C{i} "), "LIG", "C")).collect();
    let pdb = parse(&(text + "CONECT99999A0000\nCONECTA000GA000Z\nCONECTA0010A000ZA000G\n"));
    assert_eq!(pdb.bonds, [[0, 1], [2, 3], [2, 4], [3, 4]]);
}

#[test]
fn an_alternate_location_may_have_the_serial_of_its_atom() {
    let a = atom("1", " C1 ", "LIG", "C").replacen(" LIG", "ALIG", 1);
    let b = a.replacen("ALIG", "BLIG", 1);
    let pdb = parse(&(a + &b + &atom("2", " C2 ", "LIG", "C") + "CONECT    1    2\n"));
    assert_eq!((pdb.atoms(), pdb.bonds), (2, vec![[0, 1]]));
}

#[test]
fn a_symbol_that_only_a_name_tells_is_not_cut_in_two() {
    // OpenMM takes copper, iron and bromine for carbon, fluorine and boron.
    let ligand = atom("1", "FE  ", "HEM", "") + &atom("2", "BR1 ", "HEM", "") + &atom("3", " C1 ", "HEM", "");
    assert_eq!(parse(&ligand).atomic_numbers, [0, 0, 6]);
    assert_eq!(parse(&atom("1", "CU  ", " CU", "")).atomic_numbers, [29]);
    // An unknown symbol is as none.
    assert_eq!(parse(&atom("1", " Q1 ", "LIG", "QQ")).atomic_numbers, [0]);
}

#[test]
fn what_is_no_pdb_is_refused() {
    let good = atom("1", " C1 ", "LIG", "C");
    let other = good.replacen("C1", "C2", 1);
    let model = |body: &str| format!("MODEL        1\n{body}ENDMDL\n");
    for (text, words) in [
        ("hello".to_owned(), "no ATOM"),
        (good[..46].to_owned(), "line 1: columns 47-54 should hold a coordinate in angstrom, found ''"),
        (
            good.replacen("1.000", "1.0x0", 1),
            "columns 31-38 should hold a coordinate in angstrom, found '1.0x0'",
        ),
        (good.replacen("  1.000", "    nan", 1), "a finite coordinate in angstrom, found 'nan'"),
        (good.replacen("LIG", "LI\0", 1), "NUL"),
        (good.replacen("LIG A", "LIG \0", 1), "NUL"),
        (good.replacen("LIG A", " LIGA", 1), "line 1: the residue name ' LIG'"),
        (good.clone() + "CRYST1   30.000   thirty", "line 2: columns 16-24 should hold a length of the cell"),
        (model(&good) + &model(&(good.clone() + &other)), "model 2 has 2 atoms, the first has 1"),
        (model(&good) + &model(&other), "model 2 has atom C2 where the first has C1 (atom 1)"),
    ] {
        let error = Pdb::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn broken_files_are_read_or_refused() {
    let mut seeds: Vec<PathBuf> =
        std::fs::read_dir(folder().join("files")).unwrap().map(|entry| entry.unwrap().path()).collect();
    seeds.retain(|path| path.extension().is_some_and(|extension| extension == "pdb"));
    seeds.sort();
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for seed in &seeds {
        let whole = std::fs::read(seed).unwrap();
        for _ in 0..200 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(4) {
                let place = random(bytes.len());
                match random(4) {
                    0 => bytes[place] = [0, b' ', b'9', b'A', b'-', 0xe9, b'\n'][random(7)],
                    1 => bytes.truncate(place + 1),
                    2 => drop(bytes.splice(place..place, "\u{e9}".bytes())),
                    _ => {
                        let end = (place + random(90)).min(bytes.len());
                        let copy = bytes[place..end].to_vec();
                        let to = random(bytes.len());
                        drop(bytes.splice(to..to, copy));
                    }
                }
            }
            let Ok(pdb) = Pdb::parse(&bytes) else { continue };
            read += 1;
            let atoms = pdb.atoms();
            assert!(atoms > 0 && pdb.residues.len() == atoms && pdb.atomic_numbers.len() == atoms);
            assert!(!pdb.models.is_empty() && pdb.models.iter().all(|model| model.len() == 3 * atoms));
            assert!(pdb.models.iter().flatten().all(|x| x.is_finite()));
            assert!(pdb.bonds.iter().all(|[a, b]| a < b && (*b as usize) < atoms));
            assert!(pdb.atom_names.iter().chain(&pdb.residue_names).all(|name| !name.contains('\0')));
        }
    }
    assert!(read > 1000, "{read} of {} were read", 200 * seeds.len());
}
