//! What a potential may be asked for: threads, strides, batch sizes, buffers.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use freeland_loader::{
    Creation, EvaluateError, Gradients, Library, Parameter, Positions, Potential, Request, SearchPath, Shape,
    Threads, Topology, open,
};
use serde_json::Value;

use crate::support::{misbehaving, misbehaving_potential, positions, toys};

fn toy(id: &str) -> Potential {
    open(id, &Value::Null, &SearchPath::of([toys().to_owned()])).unwrap()
}

/// Evaluates from four threads at once, 200 times each.
fn from_four_threads(potential: Potential) {
    let positions = positions(16);
    let expected = potential.evaluate(positions.as_slice().unwrap(), true).unwrap();
    let shared = Arc::new(potential);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(shared.evaluate(positions.as_slice().unwrap(), true).unwrap(), expected);
                }
            });
        }
    });
    // An affine one is destroyed on its own thread, too, whoever drops it.
    std::thread::spawn(move || drop(shared)).join().unwrap();
}

#[test]
fn a_concurrent_one_from_many_threads() {
    from_four_threads(misbehaving_potential("well-behaved"));
}

#[test]
fn a_serial_one_is_called_once_at_a_time() {
    from_four_threads(misbehaving_potential("one-at-a-time"));
}

#[test]
fn an_affine_one_stays_on_its_thread() {
    from_four_threads(misbehaving_potential("one-thread"));
}

#[test]
fn large_batches_are_cut_up() {
    let positions = positions(10);
    let positions = positions.as_slice().unwrap();
    let whole = misbehaving_potential("well-behaved").evaluate(positions, true).unwrap();
    let small = misbehaving_potential("small-batches");
    assert_eq!(small.info().max_batch, Some(3));
    assert_eq!(small.evaluate(positions, true).unwrap(), whole);
}

#[test]
fn an_empty_batch_is_fine() {
    let empty = misbehaving_potential("well-behaved").evaluate(&[], true).unwrap();
    assert!(empty.energies.is_empty() && empty.statuses.is_empty());
}

#[test]
fn strides_skip_what_lies_between() {
    let potential = toy("mueller-brown");
    let packed = potential.evaluate(&[0.1, 0.2, 0.3, 0.4], true).unwrap();
    let wide = [0.1, 0.2, f64::NAN, 0.3, 0.4];
    let (mut energies, mut gradients, mut statuses) = ([0.0; 2], [7.0; 6], [0; 2]);
    let request = Request::new(&wide, &mut statuses).position_stride(3);
    potential
        .evaluate_into(request.energies(&mut energies).gradients(&mut gradients).gradient_stride(4))
        .unwrap();
    assert_eq!(energies.as_slice(), packed.energies);
    assert_eq!(gradients[..2], packed.gradients[..2]);
    assert_eq!(gradients[2..4], [7.0; 2]);
    assert_eq!(gradients[4..], packed.gradients[2..]);
}

#[test]
fn single_precision_where_it_is_taken() {
    // Seven digits of numbers of order 100.
    const TOLERANCE: f32 = 1e-3;
    let potential = toy("mueller-brown");
    let exact = potential.evaluate(&[0.25, 0.5], true).unwrap();
    let (mut energies, mut gradients, mut statuses) = ([0.0], [0.0_f32; 2], [0]);
    let request = Request::of(Positions::F32(&[0.25, 0.5]), &mut statuses).energies(&mut energies);
    potential.evaluate_into(request.gradients_of(Gradients::F32(&mut gradients))).unwrap();
    assert!((energies[0] - exact.energies[0]).abs() < f64::from(TOLERANCE));
    assert!((gradients[0] - exact.gradients[0] as f32).abs() < TOLERANCE);

    let refused = misbehaving_potential("well-behaved")
        .evaluate_into(Request::of(Positions::F32(&[0.25, 0.5]), &mut statuses).energies(&mut energies));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "'misbehaving' takes positions and gradients as 'f64', not as f32"
    );
}

#[test]
fn buffers_that_do_not_fit_are_refused() {
    let potential = misbehaving_potential("well-behaved");
    let (mut energies, mut short, mut statuses) = ([0.0; 2], [0.0; 1], [0; 2]);
    let error = |request: Request<'_>| potential.evaluate_into(request).unwrap_err().to_string();
    assert_eq!(
        error(Request::new(&[0.0; 3], &mut statuses).energies(&mut energies)),
        "'misbehaving': positions holds 3 numbers, expected 4 for 2 configurations"
    );
    assert_eq!(
        error(Request::new(&[0.0; 4], &mut statuses).energies(&mut short)),
        "'misbehaving': energies holds 1 numbers, expected 2 for 2 configurations"
    );
    assert_eq!(
        error(Request::new(&[0.0; 4], &mut statuses)),
        "'misbehaving': nothing to do; give a buffer for energies, for gradients or for an output"
    );
    assert_eq!(
        error(Request::new(&[0.0; 4], &mut statuses).position_stride(1).energies(&mut energies)),
        "'misbehaving': the stride of positions is 1, expected 0 (packed) or at least 2"
    );
    let error = potential.evaluate(&[0.0; 5], false).unwrap_err().to_string();
    assert_eq!(error, "'misbehaving': 5 coordinates are no whole number of configurations of 1 atoms x 2");
}

#[test]
fn a_periodic_one_needs_a_box() {
    let potential = misbehaving_potential("periodic");
    assert_eq!(potential.info().periodic, [true, true, false]);
    let error = potential.evaluate(&[0.0; 2], false).unwrap_err().to_string();
    assert!(
        error.starts_with("'misbehaving' is periodic and needs a box: it tells none of its own"),
        "{error}"
    );
    let (mut energies, mut statuses) = ([0.0; 3], [0; 3]);
    let rows = [1.0; 9];
    let request = Request::new(&[0.0; 6], &mut statuses).energies(&mut energies);
    potential.evaluate_into(request.box_rows(&rows, 0)).unwrap();
}

#[test]
fn a_flag_and_a_time_limit_stop_a_call() {
    let potential = toy("mueller-brown");
    let (mut energies, mut statuses) = ([0.0; 3], [0; 3]);
    let flag = AtomicU32::new(1);
    let request = Request::new(&[0.0; 6], &mut statuses).energies(&mut energies);
    potential.evaluate_into(request.cancel(&flag)).unwrap();
    assert_eq!(statuses, [7; 3]);
    let request = Request::new(&[0.0; 6], &mut statuses).energies(&mut energies);
    potential.evaluate_into(request.time_limit(Duration::ZERO)).unwrap();
    assert_eq!(statuses, [7; 3]);
    assert!(energies.iter().all(|energy| energy.is_nan()));
    let request = Request::new(&[0.0; 6], &mut statuses).energies(&mut energies);
    potential
        .evaluate_into(request.time_limit(Duration::from_secs(3600)).cancel(&AtomicU32::new(0)))
        .unwrap();
    assert_eq!(statuses, [0; 3]);
}

#[test]
fn outputs_and_parameters_are_told_and_come_with_the_energy() {
    let potential = misbehaving_potential("talkative");
    let dipole = potential.output("dipole").unwrap();
    assert_eq!((dipole.shape, dipole.unit.as_deref()), (Shape::Vector(3), Some("e nm")));
    let parameter = |name: &str, unit: Option<&str>, default, range| Parameter {
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        default,
        range,
    };
    let expected =
        [parameter("well", Some("kT"), 0.25, Some([0.0, 8.0])), parameter("spring", None, 4.0, None)];
    assert_eq!(potential.parameters(), expected);
    // At (0, 2): 5 (0 - 1)^2 and 10 x 4; at (NaN, 0): nothing.
    let (mut energies, mut gradients, mut statuses) = ([0.0; 2], [1.0; 4], [0; 2]);
    let (mut well, mut spring, mut dipole) = ([0.0; 2], [0.0; 2], [0.0; 6]);
    let request = Request::new(&[0.0, 2.0, f64::NAN, 0.0], &mut statuses)
        .energies(&mut energies)
        .gradients(&mut gradients)
        .output("energy:spring", &mut spring)
        .output("dipole", &mut dipole)
        .output(0, &mut well);
    potential.evaluate_into(request).unwrap();
    assert_eq!((well[0], spring[0], energies[0], statuses), (5.0, 40.0, 45.0, [0, 1]));
    assert_eq!((&dipole[..3], gradients), (&[0.0, 2.0, 0.0][..], [0.0, 40.0, 0.0, 0.0]));
    assert!(well[1].is_nan() && spring[1].is_nan() && dipole[3..].iter().all(|value| value.is_nan()));
    // An output alone.
    let request = Request::new(&[0.0, 2.0], &mut statuses[..1]).output("energy:well", &mut well);
    potential.evaluate_into(request).unwrap();
    assert_eq!(well[0], 5.0);
    let mut error = |name: &str, length: usize, twice: bool| {
        let (mut values, mut again) = (vec![0.0; length], [0.0]);
        let mut request = Request::new(&[0.0, 2.0], &mut statuses[..1]).output(name, &mut values);
        if twice {
            request = request.output(0, &mut again);
        }
        potential.evaluate_into(request).unwrap_err().to_string()
    };
    let expected =
        "'misbehaving' does not tell 'virial'; beside energy and gradient it tells 'energy:well', ";
    assert!(error("virial", 9, false).starts_with(expected));
    assert_eq!(
        error("dipole", 2, false),
        "'misbehaving': the buffer of the output 'dipole' holds 2 numbers, expected 3 for 1 configurations"
    );
    assert_eq!(
        error("energy:well", 1, true),
        "'misbehaving': the output 'energy:well' is wanted twice in one call"
    );
}

#[test]
fn instances_that_exclude_each_other_do_so_in_the_whole_process() {
    let points = positions(4);
    let points = points.as_slice().unwrap();
    let expected = misbehaving_potential("well-behaved").evaluate(points, true).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let potential = misbehaving_potential("process-wide");
                    assert_eq!(potential.info().threads, Threads::Process);
                    for _ in 0..5 {
                        assert_eq!(potential.evaluate(points, true).unwrap(), expected);
                    }
                }
            });
        }
    });
}

#[test]
fn an_instance_knows_better_than_its_description() {
    let potential = misbehaving_potential("affine-by-config");
    assert_eq!(potential.descriptor().threads, Threads::Concurrent);
    assert_eq!(potential.info().threads, Threads::Affine);
    assert_eq!((potential.descriptor().symmetries.len(), potential.info().symmetries.len()), (0, 1));
    from_four_threads(potential);
}

#[test]
fn an_instance_that_is_lost_says_so_and_is_called_no_more() {
    let potential = misbehaving_potential("lost");
    potential.evaluate(&[0.5, 0.5], true).unwrap();
    let error = potential.evaluate(&[0.5, 0.5, 100.0, 0.0], true).unwrap_err();
    assert!(matches!(&error, EvaluateError::Failed { code, .. } if code.is_fatal()), "{error}");
    let error = potential.evaluate(&[0.5, 0.5], true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'misbehaving' can do nothing any more since an earlier call failed (the GPU fell off the bus); open it anew"
    );
}

#[test]
fn another_molecule_is_derived_and_independent() {
    let one = misbehaving_potential("takes-molecules");
    let molecule = |atoms: usize| Topology { atomic_numbers: vec![6; atoms], ..Topology::default() };
    let three = one.derive(&molecule(3)).unwrap();
    assert_eq!((one.info().atoms, three.info().atoms, three.coordinates()), (1, 3, 6));
    let four = three.derive(&molecule(4)).unwrap();
    drop((one, three));
    assert_eq!(four.evaluate(&[1.0; 8], true).unwrap().energies, [8.0]);
    let error = four.derive(&molecule(51)).unwrap_err().to_string();
    assert_eq!(error, "'misbehaving' refuses the molecule: too large a molecule");
    let error = misbehaving_potential("well-behaved").derive(&molecule(2)).unwrap_err().to_string();
    assert_eq!(error, "'misbehaving' cannot be derived for another molecule; create it anew");
}

#[test]
fn a_batch_is_spread_over_threads_where_a_plugin_uses_one() {
    if std::thread::available_parallelism().unwrap().get() < 2 {
        eprintln!("not run: this machine has one thread");
        return;
    }
    let library = Library::open(&misbehaving("counts-threads")).unwrap();
    let points = positions(48);
    let run = |threads: Option<u32>| {
        let creation = Creation { threads, ..Creation::default() };
        let potential = library.create("misbehaving", &Value::Null, &creation).unwrap();
        let (mut energies, mut gradients, mut statuses) = ([0.0; 48], [0.0; 96], [9; 48]);
        let mut counted = [0.0; 48];
        for _ in 0..3 {
            let request = Request::new(points.as_slice().unwrap(), &mut statuses)
                .energies(&mut energies)
                .gradients(&mut gradients)
                .output("threads", &mut counted);
            potential.evaluate_into(request).unwrap();
        }
        assert_eq!(statuses, [0; 48]);
        (energies, gradients, counted.into_iter().fold(0.0, f64::max))
    };
    let (energies, gradients, threads) = run(Some(1));
    assert_eq!(threads, 1.0);
    let (spread_energies, spread_gradients, threads) = run(None);
    assert!(threads >= 2.0, "{threads}");
    assert!((energies, gradients) == (spread_energies, spread_gradients));
}

/// What a call costs beyond the plugin: a bound that an allocation or a file would break, not a benchmark.
#[test]
fn a_call_costs_little() {
    const CALLS: u32 = 20_000;
    let potential = misbehaving_potential("well-behaved");
    let (mut energies, mut gradients, mut statuses) = ([0.0; 1], [0.0; 2], [0; 1]);
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        let start = Instant::now();
        for _ in 0..CALLS {
            let request = Request::new(&[0.3, 0.4], &mut statuses);
            potential.evaluate_into(request.energies(&mut energies).gradients(&mut gradients)).unwrap();
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(CALLS));
    }
    println!("one call: {:.0} ns", best * 1e9);
    assert!(best < 1e-6, "{best} s");
}
