//! Alanine dipeptide through the binary and the OpenMM plugin, against energies that OpenMM's Python gave.
//!
//! Without OpenMM (`OPENMM_DIR`, which scripts/setup provides) its plugin cannot be built, and these tests say so and pass.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use freeland_loader::{Creation, Library};
use ndarray::Array3;
use serde_json::Value;

use crate::support::{freeland, scratch, workspace_library};

/// The same library on different processors differs by rounding.
const RELATIVE: f64 = 1e-9;
/// A PDB file keeps thousandths of an ångström, so its energy is another configuration's: this near to the minimum.
const PDB_KJ_MOL: f64 = 1.0;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The library and its path as text; `None` without OpenMM.
fn plugin() -> Option<&'static str> {
    static LIBRARY: OnceLock<Option<String>> = OnceLock::new();
    let build = || {
        let openmm = std::env::var_os("OPENMM_DIR").map(PathBuf::from)?;
        if !openmm.join("include").is_dir() {
            return None;
        }
        let built = workspace_library("freeland-openmm");
        Some(built.to_str().unwrap().to_owned())
    };
    let library = LIBRARY.get_or_init(build).as_deref();
    if library.is_none() {
        eprintln!("not run: OPENMM_DIR leads to no OpenMM");
    }
    library
}

/// `freeland evaluate` of a file, as JSON.
fn evaluate(plugin: &str, positions: &Path, more: &[&str]) -> Value {
    let arguments = ["evaluate", "--json", "--plugin", plugin, "--positions", positions.to_str().unwrap()];
    serde_json::from_str(&freeland(arguments.iter().chain(more)).good()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

#[test]
fn energies_gradients_and_terms_equal_those_of_openmm() {
    let Some(plugin) = plugin() else { return };
    let golden = std::fs::read_to_string(root().join("plugins/molecule/data/golden.json")).unwrap();
    let golden: Value = serde_json::from_str(&golden).unwrap();
    let positions = numbers(&golden["positions_nm"]);
    let count = positions.len() / 66;
    let path = scratch().path().join("alanine.npy");
    ndarray_npy::write_npy(&path, &Array3::from_shape_vec((count, 22, 3), positions).unwrap()).unwrap();

    let result = evaluate(
        plugin,
        &path,
        &["--gradient", "--quantity", "energy:*", "--config", r#"{"implicit": "obc1"}"#],
    );
    assert_eq!(result["energy-unit"], "kJ/mol");
    let (found, expected) = (numbers(&result["energies"]), numbers(&golden["variants"]["obc1"]["energies"]));
    assert_eq!(found.len(), count);
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < RELATIVE * expected.abs(), "{found} {expected}");
    }
    let (slopes, expected) =
        (numbers(&result["gradients"]), numbers(&golden["variants"]["obc1"]["gradients"]));
    let scale = expected.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    assert!(
        slopes.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < RELATIVE * scale)
    );
    let terms: Vec<Vec<f64>> =
        result["quantities"].as_object().unwrap().values().map(|it| numbers(&it["values"])).collect();
    assert!(terms.len() >= 4, "bonds, angles, torsions, non-bonded: {terms:?}");
    for (index, energy) in found.iter().enumerate() {
        let terms: Vec<f64> = terms.iter().map(|term| term[index]).collect();
        let scale: f64 = terms.iter().map(|term| term.abs()).sum();
        assert!((terms.iter().sum::<f64>() - energy).abs() < RELATIVE * scale, "{terms:?} {energy}");
    }
}

#[test]
fn the_pdb_has_the_energy_of_the_molecule_that_the_plugin_tells() {
    let Some(plugin) = plugin() else { return };
    let library = Library::open(plugin.as_ref()).unwrap();
    let potential = library.create("openmm", &Value::Null, &Creation::default()).unwrap();
    let topology = potential.topology().unwrap();
    assert_eq!((topology.atomic_numbers.len(), potential.coordinates()), (22, 66));
    let exact = potential.evaluate(&topology.positions, false).unwrap().energies[0];
    let result = evaluate(plugin, &root().join("plugins/molecule/data/alanine-dipeptide.pdb"), &[]);
    let energy = numbers(&result["energies"])[0];
    assert!((energy - exact).abs() < PDB_KJ_MOL, "{energy} {exact}");
}

#[test]
fn a_configuration_that_is_not_its_own_is_refused_by_name() {
    let Some(plugin) = plugin() else { return };
    let pdb = root().join("plugins/molecule/data/alanine-dipeptide.pdb");
    let arguments = ["evaluate", "--plugin", plugin, "--positions", pdb.to_str().unwrap(), "--config"];
    let error = freeland(arguments.into_iter().chain([r#"{"implict": "obc1"}"#])).refusal();
    assert!(error.starts_with("'openmm' refuses its configuration: "), "{error}");
    assert!(error.contains("implict"), "{error}");
}
