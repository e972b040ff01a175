//! What is the same in both modes: every bit of every result, and every refusal.

use freeland_loader::{Potential, ProcessOptions, Request, SearchPath, open};
use serde_json::{Value, json};

use super::{bits, isolated, isolated_c, process};
use crate::support::{freeland, freeland_with, misbehaving, positions, positions_file, toys};

fn toy(id: &str, process: ProcessOptions) -> (Potential, Potential) {
    let library = toys().join("libfreeland_toys.so");
    let spec = format!("{}#{id}", library.display());
    let here = open(&spec, &Value::Null, &SearchPath::of([])).unwrap();
    (here, isolated(spec.as_ref(), &Value::Null, process).unwrap())
}

#[test]
fn results_are_the_same_bit_for_bit() {
    let positions = positions(1001);
    let positions = positions.as_slice().unwrap();
    for workers in [1, 3] {
        for id in ["mueller-brown", "gaussian"] {
            let (here, there) = toy(id, ProcessOptions { workers: Some(workers), ..process() });
            let usable = positions.len() / here.coordinates() * here.coordinates();
            for gradient in [false, true] {
                let expected = bits(&here.evaluate(&positions[..usable], gradient).unwrap());
                let found = bits(&there.evaluate(&positions[..usable], gradient).unwrap());
                assert!(expected == found, "{id}, {workers} workers, gradient: {gradient}");
            }
            assert_eq!(there.descriptor(), here.descriptor());
            assert_eq!((there.info(), there.topology()), (here.info(), here.topology()));
            assert_eq!(there.parameters(), here.parameters());
            assert_eq!(there.outputs(), here.outputs());
            assert_eq!(there.library(), here.library());
            assert!(there.faults().unwrap().is_clean() && here.faults().is_none());
        }
    }
}

#[test]
fn outputs_boxes_parameters_and_batch_limits_go_through() {
    let points = positions(50);
    let points = points.as_slice().unwrap();
    let here = crate::support::misbehaving_potential("talkative");
    let there = isolated_c("talkative", process());
    // All at once, then one by one.
    let names: Vec<&str> = here.outputs().iter().map(|output| output.name.as_str()).collect();
    assert!(names.len() > 2, "{names:?}");
    let choices = std::iter::once(names.clone()).chain(names.iter().map(|&name| vec![name]));
    let choices: Vec<_> = choices.collect();
    let outputs = |potential: &Potential| -> Vec<Vec<f64>> {
        let (atoms, dimensions) = (potential.info().atoms, potential.info().dimensions);
        let width = |name: &&str| potential.output(name).unwrap().shape.width(atoms, dimensions);
        let of_choice = |choice: &Vec<&str>| {
            let (mut energies, mut statuses) = (vec![0.0; 50], [9; 50]);
            let mut values: Vec<Vec<f64>> = choice.iter().map(|name| vec![7.7; 50 * width(name)]).collect();
            let mut request = Request::new(points, &mut statuses).energies(&mut energies);
            for (name, values) in choice.iter().zip(&mut values) {
                request = request.output(*name, values);
            }
            potential.evaluate_into(request).unwrap();
            assert_eq!(statuses, [0; 50]);
            values.push(energies);
            values
        };
        choices.iter().flat_map(of_choice).collect()
    };
    assert!(outputs(&here).iter().all(|values| values.iter().all(|&value| value != 7.7)));
    assert_eq!(outputs(&here), outputs(&there));
    assert_eq!(here.topology(), there.topology());

    let (here, there) =
        (crate::support::misbehaving_potential("small-batches"), isolated_c("small-batches", process()));
    assert_eq!(there.info().max_batch, here.info().max_batch);
    assert_eq!(bits(&here.evaluate(points, true).unwrap()), bits(&there.evaluate(points, true).unwrap()));

    let there = isolated_c("periodic", process());
    assert!(there.evaluate(points, false).unwrap_err().to_string().contains("is periodic and needs a box"));
    let cell = [2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0];
    // Every other configuration, by its stride.
    let every_other = |potential: &Potential| {
        let (mut statuses, mut energies) = ([1; 25], [0.0; 25]);
        let request = Request::new(points, &mut statuses).position_stride(4);
        potential.evaluate_into(request.energies(&mut energies).box_rows(&cell, 0)).unwrap();
        (statuses, energies)
    };
    let (statuses, energies) = every_other(&there);
    assert_eq!(statuses, [0; 25]);
    assert!(energies.iter().any(|energy| *energy != energies[0]));
    assert_eq!((statuses, energies), every_other(&crate::support::misbehaving_potential("periodic")));
}

#[test]
fn an_affine_instance_may_be_used_from_many_threads() {
    let there = isolated_c("one-thread", ProcessOptions { workers: Some(2), ..process() });
    let points = positions(64);
    let points = points.as_slice().unwrap();
    let expected =
        bits(&crate::support::misbehaving_potential("well-behaved").evaluate(points, true).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(bits(&there.evaluate(points, true).unwrap()), expected);
                }
            });
        }
    });
}

#[test]
fn refusals_are_the_same() {
    let names =
        ["no-entry", "wrong-magic", "wrong-major", "requires-more", "small-entry", "no-potentials", "bad-id"];
    let creation = ["create-fails", "create-null", "null-evaluate", "absurd-atoms", "required-extension"];
    for name in names.into_iter().chain(creation) {
        let library = misbehaving(name);
        let here = open(library.to_str().unwrap(), &Value::Null, &SearchPath::of([])).unwrap_err();
        let there = isolated(&library, &Value::Null, process()).unwrap_err();
        assert_eq!(there.to_string(), here.to_string());
        assert_eq!(std::mem::discriminant(&there), std::mem::discriminant(&here), "{name}");
    }
    let library = toys().join("libfreeland_toys.so");
    let spec = |id: &str| format!("{}{id}", library.display());
    for (spec, config) in [
        (spec(""), Value::Null),
        (spec("#nothing"), Value::Null),
        (spec("#mueller-brown"), json!({"terms": []})),
        (spec("#mueller-brown"), json!({"no": 1})),
    ] {
        let here = open(&spec, &config, &SearchPath::of([])).unwrap_err().to_string();
        let there = isolated(spec.as_ref(), &config, process()).unwrap_err().to_string();
        assert_eq!(there, here);
    }
    for name in ["unknown-status", "forgets-statuses", "evaluate-fails"] {
        let evaluated = |potential: Potential| {
            potential.evaluate(&[0.5; 6], false).map(|it| bits(&it)).map_err(|error| error.to_string())
        };
        let here = evaluated(crate::support::misbehaving_potential(name));
        assert_eq!(evaluated(isolated_c(name, process())), here);
        assert_eq!(here.is_err(), name == "evaluate-fails");
    }
}

#[test]
fn the_command_prints_the_same() {
    crate::support::worker();
    let file = positions_file("isolated.npy", 300);
    let arguments = |more: &[&str]| {
        let fixed = ["evaluate", "--plugin", "mueller-brown", "--gradient", "--json", "--plugin-path"];
        let mut all: Vec<String> = fixed.iter().chain(more).map(|&it| it.to_owned()).collect();
        all.insert(6, toys().display().to_string());
        all.extend(["--positions".to_owned(), file.display().to_string()]);
        all
    };
    let expected = freeland(arguments(&[])).good();
    assert_eq!(freeland(arguments(&["--isolation", "process"])).good(), expected);
    assert_eq!(freeland(arguments(&["--workers", "2"])).good(), expected);
    let nowhere = [("FREELAND_WORKER", "/nowhere/worker".as_ref())];
    let refusal = freeland_with(arguments(&["--isolation", "process"]), &nowhere).refusal();
    assert!(refusal.contains("is not in '/nowhere/worker'; install it"), "{refusal}");
}

#[test]
fn another_molecule_and_a_lost_instance_have_workers_of_their_own() {
    let molecule = freeland_loader::Topology { atomic_numbers: vec![6; 3], ..Default::default() };
    let three = isolated_c("takes-molecules", process()).derive(&molecule).unwrap();
    assert_eq!(three.evaluate(&[1.0; 12], true).unwrap().energies, [6.0, 6.0]);
    // A worker whose instance is lost is replaced, and what is asked of it next is answered.
    let there = isolated_c("lost", process());
    let error = there.evaluate(&[0.5, 0.5, 100.0, 0.0], true).unwrap_err().to_string();
    assert_eq!(error, "'misbehaving' failed (instance lost): the GPU fell off the bus");
    let expected = crate::support::misbehaving_potential("well-behaved").evaluate(&[0.5, 0.5], true).unwrap();
    assert_eq!(bits(&there.evaluate(&[0.5, 0.5], true).unwrap()), bits(&expected));
}

#[test]
fn parameters_with_an_open_range_reach_a_worker() {
    let there = isolated_c("open-ranges", process());
    let ranges: Vec<_> = there.parameters().iter().map(|parameter| parameter.range.unwrap()).collect();
    assert_eq!(ranges, [[0.0, f64::INFINITY], [f64::NEG_INFINITY, 0.0], [1.0, 1.0]]);
    let here = crate::support::misbehaving_potential("open-ranges");
    let evaluate = |potential: &Potential| bits(&potential.evaluate(&[0.5, 0.5], true).unwrap());
    assert_eq!(evaluate(&there), evaluate(&here));
}
