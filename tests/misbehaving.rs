//! Libraries that break the rules, each refused with its message.

use freeland_loader::{CreateError, Creation, Library};
use serde_json::json;

use crate::support::{freeland, misbehaving, misbehaving_potential, positions, positions_file, scratch};

#[track_caller]
fn load_error(name: &str) -> String {
    Library::open(&misbehaving(name)).unwrap_err().to_string()
}

#[track_caller]
fn create_error(name: &str) -> CreateError {
    let library = Library::open(&misbehaving(name)).unwrap();
    library.create("misbehaving", &json!({}), &Creation::default()).unwrap_err()
}

#[test]
fn a_missing_library() {
    let error = Library::open("/nowhere/libx.so".as_ref()).unwrap_err().to_string();
    assert!(error.starts_with("plugin '/nowhere/libx.so' cannot be read: No such file"), "{error}");
}

#[test]
fn a_file_that_is_no_library() {
    let path = scratch().path().join("libtext.so");
    std::fs::write(&path, "just text").unwrap();
    let error = Library::open(&path).unwrap_err().to_string();
    assert!(error.contains("libtext.so' is not a library that this machine can load: "), "{error}");
}

#[test]
fn a_library_that_is_no_plugin() {
    let error = load_error("no-entry");
    assert!(
        error.ends_with("is a library but no energy plugin: it does not export 'epp_plugin_entry'"),
        "{error}"
    );
}

#[test]
fn wrong_magic() {
    let error = load_error("wrong-magic");
    let expected = "plugin 'libwrong-magic.so' has magic 0x12345678 in its entry, expected 0x41707065";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn wrong_major() {
    let expected =
        "plugin 'libwrong-major.so' speaks ABI 2, this host speaks 1; use a build of the plugin for ABI 1";
    assert_eq!(load_error("wrong-major"), expected);
}

#[test]
fn the_command_says_the_same() {
    let library = misbehaving("wrong-major");
    let error = freeland(["plugin", "describe", library.to_str().unwrap()]).refusal();
    assert_eq!(error, load_error("wrong-major"));
}

#[test]
fn a_newer_minor_is_loaded() {
    assert_eq!(Library::open(&misbehaving("newer-minor")).unwrap().abi().minor, 7);
}

#[test]
fn an_entry_that_is_broken() {
    let breaks = |name: &str| load_error(name).split_once(" breaks the ABI: ").unwrap().1.to_owned();
    assert!(breaks("small-entry").starts_with("its epp_entry says it has 32 bytes; version 1 has at least "));
    assert_eq!(breaks("null-create"), "the function `create` of its epp_entry is NULL");
}

#[test]
fn a_library_for_a_newer_host() {
    assert_eq!(
        load_error("requires-more"),
        "plugin 'librequires-more.so' needs of its host what this one does not know (bits 0x4); use a newer freeland"
    );
}

#[test]
fn descriptions_that_are_wrong() {
    let expected = "plugin 'libno-potentials.so' says it offers 0 potentials, expected 1 to 4096";
    assert_eq!(load_error("no-potentials"), expected);
    let wrong = |name: &str| load_error(name).split_once(" wrongly: ").unwrap().1.to_owned();
    assert_eq!(
        wrong("duplicate-id"),
        "its id 'misbehaving' was given to an earlier potential of the library"
    );
    assert_eq!(
        wrong("bad-id"),
        "its id is 'Not Kebab'; an id has lower-case letters, digits and hyphens only"
    );
    assert_eq!(wrong("not-utf8"), "its name is not UTF-8");
    assert_eq!(
        wrong("bad-threads"),
        "its thread_model is 9, which this host does not know; use a newer freeland"
    );
    assert!(
        wrong("bad-schema").starts_with("its config_schema_json is not JSON: "),
        "{}",
        wrong("bad-schema")
    );
}

#[test]
fn instances_that_cannot_be_made() {
    assert_eq!(
        create_error("create-fails").to_string(),
        "'misbehaving' could not be created (internal error of the plugin): the parameter file is from another century"
    );
    assert_eq!(
        create_error("create-null").to_string(),
        "'misbehaving' breaks the ABI: its epp_potential is NULL"
    );
    assert_eq!(
        create_error("null-evaluate").to_string(),
        "'misbehaving' breaks the ABI: the function `evaluate` of its epp_potential is NULL"
    );
    assert_eq!(
        create_error("absurd-atoms").to_string(),
        "'misbehaving' breaks the ABI: its info.atoms is 18446744073709551615, expected 1 to 100000000"
    );
    assert_eq!(
        create_error("required-extension").to_string(),
        "'misbehaving' needs the host extension 'epp.telepathy/1', which this host does not have; use a newer freeland"
    );
}

#[test]
fn an_id_that_the_library_does_not_have() {
    let library = Library::open(&misbehaving("well-behaved")).unwrap();
    let error = library.create("behaving", &json!({}), &Creation::default()).unwrap_err().to_string();
    assert_eq!(error, "plugin 'libwell-behaved.so' has no potential 'behaving'; it has 'misbehaving'");
}

#[test]
fn a_nan_with_status_ok_is_found_out() {
    let positions = positions(200);
    let positions = positions.as_slice().unwrap();
    let all = misbehaving_potential("nan-for-all").evaluate(positions, true).unwrap();
    assert_eq!(all.statuses, vec![3; 200]);
    assert!(all.gradients.iter().all(|&value| value == 0.0));

    let good = misbehaving_potential("well-behaved").evaluate(positions, true).unwrap();
    let some = misbehaving_potential("nan-for-a-tenth").evaluate(positions, true).unwrap();
    assert!((5..40).contains(&some.failed()), "{}", some.failed());
    for (index, &status) in some.statuses.iter().enumerate() {
        let rows = 2 * index..2 * index + 2;
        if status == 0 {
            assert_eq!(some.energies[index], good.energies[index]);
            assert_eq!(some.gradients[rows.clone()], good.gradients[rows]);
        } else {
            assert_eq!(status, 3);
            assert!(some.energies[index].is_nan() && some.gradients[rows] == [0.0; 2]);
        }
    }
}

#[test]
fn an_infinite_gradient_with_status_ok_is_found_out() {
    let found = misbehaving_potential("infinite-gradient").evaluate(&[0.5, 0.0, -0.5, 0.0], true).unwrap();
    assert_eq!(found.statuses, [0, 4]);
    assert!(found.energies[1].is_nan() && found.gradients[2..] == [0.0; 2]);
    // Without a gradient there is nothing wrong with it.
    let found = misbehaving_potential("infinite-gradient").evaluate(&[0.5, 0.0, -0.5, 0.0], false).unwrap();
    assert_eq!(found.statuses, [0, 0]);
}

#[test]
fn numbers_beside_a_failure_are_wiped() {
    let found = misbehaving_potential("lies-in-failure").evaluate(&[0.5, 0.5, 0.5, 0.5], true).unwrap();
    assert_eq!(found.statuses, [0, 2]);
    assert!(found.energies[0].is_finite() && found.energies[1].is_nan());
    assert_eq!(found.gradients[2..], [0.0; 2]);
}

#[test]
fn statuses_that_are_unknown_or_missing_are_internal_errors() {
    let statuses = |name: &str| misbehaving_potential(name).evaluate(&[0.5; 6], false).unwrap().statuses;
    assert_eq!(statuses("unknown-status"), [0, 8, 0]);
    assert_eq!(statuses("forgets-statuses"), [0, 0, 8]);
}

#[test]
fn a_batch_that_fails_as_a_whole() {
    let error = misbehaving_potential("evaluate-fails").evaluate(&[0.5; 6], false).unwrap_err().to_string();
    assert_eq!(error, "'misbehaving' failed (internal error of the plugin): the GPU fell off the bus");
}

#[test]
fn arithmetic_is_as_before_whatever_a_plugin_does_to_it() {
    use std::hint::black_box;
    let computes =
        || black_box(1e-310) * black_box(0.5) == 5e-311 && black_box(1.0) / black_box(3.0) == 1.0 / 3.0;
    for name in ["flushes-at-load", "flushes-small-numbers"] {
        let potential = misbehaving_potential(name);
        assert!(computes(), "{name}");
        assert_eq!(potential.evaluate(&[0.5, 0.5], true).unwrap().statuses, [0]);
        assert!(computes(), "{name}");
    }
}

#[test]
fn a_plugin_that_ends_the_program_is_named() {
    let file = positions_file("ended.npy", 3);
    for name in ["exit-in-evaluate", "exit-at-load"] {
        let library = misbehaving(name);
        let ran = freeland([
            "evaluate",
            "--plugin",
            library.to_str().unwrap(),
            "--positions",
            file.to_str().unwrap(),
        ]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(70), ""), "{ran:?}");
        let expected = format!("error: plugin 'lib{name}.so' has ended this program by a call of exit, ");
        assert!(ran.stderr.starts_with(&expected), "{ran:?}");
    }
}
