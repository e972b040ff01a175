//! `freeland evaluate` on the toys.

use std::fs::File;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use serde_json::Value;

use crate::support::{freeland, misbehaving, positions, positions_file, scratch, toys};

/// The arguments of an evaluation of a toy.
fn toy<'a>(plugin: &'a str, config: &'a str, positions: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["evaluate", "--plugin", plugin, "--config", config, "--positions", positions];
    arguments.extend(["--plugin-path", toys().to_str().unwrap()]);
    arguments.extend(more);
    arguments
}

#[test]
fn the_minima_of_mueller_brown() {
    // Source of the minima: Müller and Brown, Theor. Chim. Acta 53, 75 (1979), to three digits.
    let path = scratch().path().join("minima.npy");
    let minima = ndarray::array![[-0.558, 1.442], [0.623, 0.028], [-0.050, 0.467]];
    ndarray_npy::write_npy(&path, &minima).unwrap();
    let printed = freeland(toy("mueller-brown", "{}", path.to_str().unwrap(), &["--json"])).good();
    let result: Value = serde_json::from_str(&printed).unwrap();
    for (index, expected) in [-146.700, -108.167, -80.768].into_iter().enumerate() {
        let energy = result["energies"][index].as_f64().unwrap();
        assert!((energy - expected).abs() < 1e-3, "{energy} {expected}");
    }
    assert_eq!(result["energy-unit"], "reduced units");
    assert_eq!(result["failed"], 0);
    assert_eq!(result["plugin"]["id"], "mueller-brown");
}

#[test]
fn the_table_has_a_line_for_every_configuration() {
    let path = positions_file("five.npy", 5);
    let printed = freeland(toy("mueller-brown", "{}", path.to_str().unwrap(), &[])).good();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "# mueller-brown 0.1.0, energies in reduced units");
    assert_eq!(lines.len(), 2 + 5);
    assert!(lines[2].starts_with("0 0 "), "{}", lines[2]);
}

#[test]
fn f32_positions_and_both_shapes_give_the_same_energies() {
    let wide = positions(7).mapv(|value| value as f32);
    let deep = wide.mapv(f64::from).into_shape_with_order((7, 1, 2)).unwrap();
    let (a, b) = (scratch().path().join("wide-f32.npy"), scratch().path().join("deep-f64.npy"));
    ndarray_npy::write_npy(&a, &wide).unwrap();
    ndarray_npy::write_npy(&b, &deep).unwrap();
    let energies =
        |path: &std::path::Path| freeland(toy("mueller-brown", "{}", path.to_str().unwrap(), &[])).good();
    assert_eq!(energies(&a), energies(&b));
}

#[test]
fn fortran_order_is_read_in_logical_order() {
    let (a, b) = (scratch().path().join("c-order.npy"), scratch().path().join("fortran-order.npy"));
    let rows = positions(6);
    let mut columns = ndarray::Array2::from_elem(ndarray::ShapeBuilder::f((6, 2)), 0.0);
    columns.assign(&rows);
    ndarray_npy::write_npy(&a, &rows).unwrap();
    ndarray_npy::write_npy(&b, &columns).unwrap();
    let energies =
        |path: &std::path::Path| freeland(toy("gaussian", "{}", path.to_str().unwrap(), &[])).good();
    assert_eq!(energies(&a), energies(&b));
}

#[test]
fn gradients_in_the_file_are_the_slopes_of_the_energies() {
    // Central differences of a smooth function of order 10 with this step: an error below 1e-6.
    const STEP: f64 = 1e-5;
    const TOLERANCE: f64 = 1e-5;
    let here = positions(9);
    let mut all = here.clone();
    for shift in [[STEP, 0.0], [-STEP, 0.0], [0.0, STEP], [0.0, -STEP]] {
        all.append(ndarray::Axis(0), (&here + &ndarray::arr1(&shift)).view()).unwrap();
    }
    let (input, output) = (scratch().path().join("slopes.npy"), scratch().path().join("slopes.npz"));
    ndarray_npy::write_npy(&input, &all).unwrap();
    let more = ["--gradient", "-o", output.to_str().unwrap()];
    let printed = freeland(toy("gaussian", "{}", input.to_str().unwrap(), &more)).good();
    assert_eq!(printed, format!("{}: 45 configurations, all ok\n", output.display()));

    let mut npz = NpzReader::new(File::open(&output).unwrap()).unwrap();
    let energies: Array1<f64> = npz.by_name("energies").unwrap();
    let gradients: Array3<f64> = npz.by_name("gradients").unwrap();
    let statuses: Array1<i32> = npz.by_name("statuses").unwrap();
    assert_eq!(gradients.shape(), [45, 2, 1]);
    assert!(statuses.iter().all(|&status| status == 0));
    for index in 0..9 {
        for axis in 0..2 {
            let (up, down) = (energies[9 * (2 * axis + 1) + index], energies[9 * (2 * axis + 2) + index]);
            let slope = (up - down) / (2.0 * STEP);
            assert!((gradients[[index, axis, 0]] - slope).abs() < TOLERANCE, "{index} {axis} {slope}");
        }
    }
}

#[test]
fn the_configuration_may_be_in_a_file() {
    let path = positions_file("config.npy", 4);
    let config = scratch().path().join("config.json");
    std::fs::write(&config, r#"{ "mean": [3.0, 4.0] }"#).unwrap();
    let at = format!("@{}", config.display());
    let shifted = freeland(toy("gaussian", &at, path.to_str().unwrap(), &[])).good();
    assert_ne!(shifted, freeland(toy("gaussian", "{}", path.to_str().unwrap(), &[])).good());
}

#[test]
fn bad_configurations_are_refused_by_name() {
    let path = positions_file("refused.npy", 4);
    let path = path.to_str().unwrap();
    let refusal = |config: &str| freeland(toy("gaussian", config, path, &[])).refusal();
    let error = refusal(r#"{ "men": [1.0, 2.0] }"#);
    assert!(error.starts_with("'gaussian' refuses its configuration: "), "{error}");
    assert!(error.contains("unknown field `men`"), "{error}");
    assert!(refusal("{ mean").starts_with("--config is no JSON: '{ mean': "), "{}", refusal("{ mean"));
    assert_eq!(
        refusal("[1]"),
        "the configuration of 'gaussian' is an array, expected a JSON object such as {}"
    );
    let error = refusal("@/nowhere/config.json");
    assert!(error.starts_with("the configuration '/nowhere/config.json' cannot be read: "), "{error}");
}

#[test]
fn gradients_need_a_place() {
    let path = positions_file("place.npy", 4);
    let error = freeland(toy("gaussian", "{}", path.to_str().unwrap(), &["--gradient"])).refusal();
    assert_eq!(error, "--gradient needs a place to put them: add --json, or -o FILE.npz");
}

#[test]
fn terms_are_refused_where_the_plugin_tells_none() {
    let path = positions_file("terms.npy", 4);
    let error = freeland(toy("mueller-brown", "{}", path.to_str().unwrap(), &["--quantity", "energy:well"]))
        .refusal();
    assert!(error.starts_with("'mueller-brown' does not tell 'energy:well'"), "{error}");
}

#[test]
fn terms_add_up_and_the_log_of_the_plugin_is_on_stderr() {
    let library = misbehaving("talkative");
    let path = positions_file("talkative.npy", 6);
    let arguments =
        ["evaluate", "--plugin", library.to_str().unwrap(), "--positions", path.to_str().unwrap()];
    let ran = freeland(arguments.into_iter().chain(["--quantity", "energy:*", "--json"]));
    assert!(ran.stderr.contains("this is a toy"), "{ran:?}");
    assert!(ran.stderr.contains("libtalkative.so"), "{ran:?}");
    let result: Value = serde_json::from_str(&ran.good()).unwrap();
    let quantities = result["quantities"].as_object().unwrap();
    assert_eq!(quantities.len(), 2);
    for index in 0..6 {
        let sum: f64 = quantities.values().map(|it| it["values"][index].as_f64().unwrap()).sum();
        assert!((sum - result["energies"][index].as_f64().unwrap()).abs() < 1e-12);
    }
    // What is more than a number for each needs a place.
    let more = ["--quantity", "energy:well", "--quantity", "dipole"];
    let error = freeland(arguments.into_iter().chain(more)).refusal();
    assert!(error.starts_with("--quantity dipole is more than one number for a configuration"), "{error}");
    let output = scratch().path().join("quantities.npz");
    freeland(arguments.into_iter().chain(more).chain(["-o", output.to_str().unwrap()])).good();
    let mut npz = ndarray_npy::NpzReader::new(std::fs::File::open(output).unwrap()).unwrap();
    let dipole: ndarray::Array2<f64> = npz.by_name("dipole").unwrap();
    assert_eq!(dipole.shape(), [6, 3]);
}

#[test]
fn configurations_that_fail_are_counted_and_the_exit_status_says_so() {
    let library = misbehaving("nan-for-a-tenth");
    let path = positions_file("tenth.npy", 1000);
    let output = scratch().path().join("tenth.npz");
    let arguments =
        ["evaluate", "--plugin", library.to_str().unwrap(), "--positions", path.to_str().unwrap()];
    let ran = freeland(arguments.into_iter().chain(["-o", output.to_str().unwrap()]));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let mut npz = NpzReader::new(File::open(&output).unwrap()).unwrap();
    let energies: Array1<f64> = npz.by_name("energies").unwrap();
    let statuses: Array1<i32> = npz.by_name("statuses").unwrap();
    let failed = statuses.iter().filter(|&&status| status != 0).count();
    // Three standard deviations of a binomial around 100.
    assert!((70..=130).contains(&failed), "{failed}");
    assert!(energies.iter().zip(&statuses).all(|(energy, &status)| energy.is_nan() == (status != 0)));
    let expected = format!("1000 configurations, {failed} not ok ({failed} energy not finite)\n");
    assert!(ran.stdout.ends_with(&expected), "{}", ran.stdout);
}

#[test]
fn the_binary_starts_without_a_library_path() {
    let printed = freeland(["--version"]).good();
    assert!(printed.starts_with(concat!("freeland ", env!("CARGO_PKG_VERSION"), "\nepp 1.0\n")), "{printed}");
    let part = if cfg!(feature = "science") { "\nlibtorch " } else { "\nwithout libtorch\n" };
    assert!(printed.contains(part), "{printed}");
}

#[test]
fn without_a_verb_there_is_help_and_status_2() {
    let ran = freeland::<&str>([]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("Usage: freeland"), "{ran:?}");
}
