//! Every kind of collective variable under one contract: slopes, invariance, domains.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// Largest difference of a slope from finite differences, relative to the largest slope or one.
const SLOPE: f64 = 1e-6;
const ATOMS: usize = 7;

fn distance(i: usize, j: usize) -> Box<dyn CollectiveVariable> {
    Box::new(Distance([i, j]))
}

/// All kinds, and whether they are the same wherever the molecule is.
fn every() -> Vec<(Box<dyn CollectiveVariable>, bool)> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let all: Vec<usize> = (0..ATOMS).collect();
    let reference = structure(&mut rng);
    let masses = [12.0, 1.0, 16.0, 14.0, 12.0, 1.0, 32.0];
    let torsions = || -> Vec<(f64, Box<dyn CollectiveVariable>)> {
        vec![(2.0, Box::new(Torsion([0, 1, 2, 3]))), (-1.0, Box::new(Torsion([3, 4, 5, 6])))]
    };
    let row = (0..3 * ATOMS).map(|k| 0.1 * k as f64 - 0.7).collect();
    vec![
        (distance(2, 6), true),
        (Box::new(Angle([0, 3, 5])), true),
        (Box::new(Torsion([0, 1, 2, 3])), true),
        (Box::new(Torsion([6, 0, 4, 2])), true),
        (Box::new(Combination::new(vec![(1.0, distance(0, 1)), (1.0, distance(2, 6))]).unwrap()), true),
        (Box::new(Combination::new(vec![(1.0, distance(0, 1)), (-1.0, distance(1, 2))]).unwrap()), true),
        (Box::new(Combination::new(torsions()).unwrap()), true),
        (Box::new(Gyration::new(&all, &masses).unwrap()), true),
        (Box::new(Gyration::new(&[1, 4, 6], &[1.0; 3]).unwrap()), true),
        (Box::new(Coordination::new(&[0, 1], Some(&[4, 5, 6]), 0.25, [6, 12]).unwrap()), true),
        (Box::new(Coordination::new(&all, None, 0.3, [4, 9]).unwrap()), true),
        (Box::new(Rmsd::new(&all, ATOMS, &reference).unwrap()), true),
        (Box::new(Rmsd::new(&[1, 3, 4, 6], ATOMS, &reference).unwrap()), true),
        (Box::new(Row(row)), false),
    ]
}

fn structure(rng: &mut impl Rng) -> Vec<f64> {
    (0..3 * ATOMS).map(|_| rng.random_range(-0.2..0.2)).collect()
}

/// `r` turned, moved, and mirrored where asked.
fn moved(r: &[f64], mirror: bool, rng: &mut impl Rng) -> Vec<f64> {
    let angles = [(); 3].map(|()| rng.random_range(-3.0..3.0));
    let turn = nalgebra::Rotation3::from_euler_angles(angles[0], angles[1], angles[2]);
    let shift = nalgebra::Vector3::new(0.3, -1.2, 0.7);
    let place = |atom: &[f64]| {
        let hand = if mirror { -1.0 } else { 1.0 };
        <[f64; 3]>::from(turn * nalgebra::Vector3::new(atom[0], atom[1], hand * atom[2]) + shift)
    };
    r.chunks_exact(3).flat_map(place).collect()
}

fn difference(variable: &dyn CollectiveVariable, from: f64, to: f64) -> f64 {
    match variable.domain() {
        Domain::Circle => crate::space::circle::nearest(to - from),
        Domain::Line => to - from,
    }
}

#[test]
fn slopes_are_those_of_finite_differences() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (variable, _) in every() {
        for _ in 0..20 {
            let r = structure(&mut rng);
            let mut gradient = vec![0.5; r.len()];
            let value = variable.add_gradient(&r, -2.0, &mut gradient);
            assert_eq!(value, variable.value(&r), "{variable:?}");
            let slopes: Vec<f64> = gradient.iter().map(|g| (g - 0.5) / -2.0).collect();
            let largest = slopes.iter().fold(1.0, |largest: f64, slope| largest.max(slope.abs()));
            for (k, slope) in slopes.iter().enumerate() {
                let at = |h: f64| {
                    let mut there = r.clone();
                    there[k] += h;
                    variable.value(&there)
                };
                let central = |h: f64| difference(&*variable, at(-h), at(h)) / (2.0 * h);
                let numerical = (4.0 * central(1e-5) - central(2e-5)) / 3.0;
                assert!((numerical - slope).abs() < SLOPE * largest, "{variable:?}: {numerical}, {slope}");
            }
        }
    }
}

#[test]
fn place_and_orientation_do_not_matter() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for (variable, invariant) in every() {
        let r = structure(&mut rng);
        let change = difference(&*variable, variable.value(&r), variable.value(&moved(&r, false, &mut rng)));
        assert_eq!(change.abs() < 1e-12, invariant, "{variable:?}: {change}");
    }
}

#[test]
fn circles_are_cut_at_pi() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for (variable, _) in every().into_iter().filter(|(variable, _)| variable.domain() == Domain::Circle) {
        let values: Vec<f64> = (0..500).map(|_| variable.value(&structure(&mut rng))).collect();
        assert!(values.iter().all(|value| (-std::f64::consts::PI..std::f64::consts::PI).contains(value)));
        assert!(values.iter().any(|value| *value < -2.5) && values.iter().any(|value| *value > 2.5));
    }
}

#[test]
fn a_turned_reference_is_at_no_distance_and_its_mirror_image_is() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let all: Vec<usize> = (0..ATOMS).collect();
    for _ in 0..50 {
        let reference = structure(&mut rng);
        let variable = Rmsd::new(&all, ATOMS, &reference).unwrap();
        assert!(variable.value(&moved(&reference, false, &mut rng)) < 1e-13);
        assert!(variable.value(&moved(&reference, true, &mut rng)) > 0.01);
        let mut gradient = vec![0.0; reference.len()];
        assert!(variable.add_gradient(&reference, 1.0, &mut gradient) < 1e-13);
        assert!(gradient.iter().all(|slope| slope.is_finite()));
    }
}

#[test]
fn no_turn_is_better_than_the_one_taken() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let all: Vec<usize> = (0..ATOMS).collect();
    let (reference, r) = (structure(&mut rng), structure(&mut rng));
    let best = Rmsd::new(&all, ATOMS, &reference).unwrap().value(&r);
    let centre = |r: &[f64]| -> Vec<f64> {
        let mean = |k: usize| r.iter().skip(k).step_by(3).sum::<f64>() / ATOMS as f64;
        let means = [mean(0), mean(1), mean(2)];
        r.iter().enumerate().map(|(k, value)| value - means[k % 3]).collect()
    };
    let r = centre(&r);
    let smallest = (0..20_000).map(|_| {
        let turned = centre(&moved(&reference, false, &mut rng));
        let sum: f64 = turned.iter().zip(&r).map(|(a, b)| (a - b).powi(2)).sum();
        (sum / ATOMS as f64).sqrt()
    });
    let smallest = smallest.fold(f64::INFINITY, f64::min);
    assert!(best <= smallest && smallest < 1.1 * best, "{best}, {smallest}");
}

#[test]
fn known_values() {
    let r = [0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.3, 0.4, 0.0, 0.0, 0.0, 1.2, 0.0, 0.0, 0.0];
    // Two masses m and M at distance d: d sqrt(m M) / (m + M).
    let gyration = Gyration::new(&[0, 1], &[1.0, 3.0]).unwrap();
    assert!((gyration.value(&r) - 0.3 * 3f64.sqrt() / 4.0).abs() < 1e-15);
    // At the length itself the switching function is n / m, at no distance one, far away zero.
    let at = |length: f64| Coordination::new(&[0], Some(&[1]), length, [6, 12]).unwrap().value(&r);
    assert!((at(0.3) - 0.5).abs() < 1e-15 && (at(30.0) - 1.0).abs() < 1e-11 && at(0.003) < 1e-11);
    assert!((at(0.4) - 1.0 / (1.0 + 0.75f64.powi(6))).abs() < 1e-15);
    let within = Coordination::new(&[0, 1, 2], None, 1e3, [6, 12]).unwrap().value(&r);
    assert!((within - 3.0).abs() < 1e-9);
    let sum = Combination::new(vec![(1.0, distance(0, 1)), (1.0, distance(1, 2))]).unwrap();
    assert!((sum.value(&r) - 0.7).abs() < 1e-15);
}

#[test]
fn what_is_none_is_refused() {
    let text = |error: &dyn std::error::Error| error.to_string();
    let combination = |terms| text(&Combination::new(terms).unwrap_err());
    assert!(combination(vec![]).contains("at least one term"));
    let torsion = || Box::new(Torsion([0, 1, 2, 3])) as Box<dyn CollectiveVariable>;
    assert!(combination(vec![(0.5, torsion())]).contains("a whole number of times"));
    assert!(combination(vec![(1.0, torsion()), (1.0, distance(0, 1))]).contains("one unit, got rad and nm"));
    assert!(combination(vec![(f64::NAN, torsion())]).contains("other than 0, got NaN"));
    let coordination = |one: &[usize], other, length, powers| {
        text(&Coordination::new(one, other, length, powers).unwrap_err())
    };
    assert!(coordination(&[0], None, 0.3, [6, 12]).contains("no pair"));
    assert!(coordination(&[0, 2], Some(&[1, 2]), 0.3, [6, 12]).contains("atom 2 is in both groups"));
    assert!(coordination(&[0], Some(&[1]), -0.3, [6, 12]).contains("got -0.3 nm"));
    assert!(coordination(&[0], Some(&[1]), 0.3, [12, 6]).contains("got n = 12 and m = 6"));
    assert!(text(&Gyration::new(&[1], &[1.0]).unwrap_err()).contains("at least 2 atoms, got 1"));
    assert!(text(&Gyration::new(&[1, 2], &[1.0, 0.0]).unwrap_err()).contains("atom 2 has the weight 0"));
    assert!(text(&Rmsd::new(&[0, 1], 2, &[0.0; 6]).unwrap_err()).contains("at least 3 atoms, got 2"));
    assert!(text(&Rmsd::new(&[0, 1, 2], 3, &[0.0; 6]).unwrap_err()).contains("expected 9"));
}
