//! Bits, threads, and configurations that no molecule should be in.
use epp::sdk::{SampleStatus, Trial};
use freeland_molecular_mechanics::MolecularMechanics;

const WIDTH: usize = 66;

fn start() -> Vec<f64> {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../molecule/data/golden.json")).unwrap();
    serde_json::from_value::<Vec<Vec<[f64; 3]>>>(golden["positions_nm"].clone()).unwrap()[0].concat()
}

/// `count` configurations near the start, all different.
fn configurations(count: usize) -> Vec<f64> {
    let start = start();
    (0..count * WIDTH)
        .map(|index| start[index % WIDTH] + 0.01 * ((index * 7919 % 10007) as f64 / 10007.0 - 0.5))
        .collect()
}

fn make(config: &str) -> Trial<MolecularMechanics> {
    Trial::create(config, None).unwrap()
}

/// Few configurations are evaluated one after the other, more of them in the lanes of a register. Both ways give the same bits
/// whatever else is in the call, and however many threads there are.
#[test]
fn bits_depend_on_nothing_but_the_engine() {
    let positions = configurations(101);
    for precision in ["single", "double"] {
        let config = |threads| format!(r#"{{"precision": "{precision}", "threads": {threads}}}"#);
        let one_thread = make(&config(1));
        let whole = one_thread.evaluate(&positions).unwrap();
        assert!(whole.statuses.iter().all(|&status| status == 0));
        assert_eq!(make(&config(3)).evaluate(&positions).unwrap(), whole);
        for (size, chunk) in [7, 16, 23].into_iter().zip([50, 17, 78]) {
            let part = one_thread.evaluate(&positions[chunk * WIDTH..(chunk + size) * WIDTH]).unwrap();
            assert_eq!(part.energies, whole.energies[chunk..chunk + size]);
            assert_eq!(part.gradients, whole.gradients[chunk * WIDTH..(chunk + size) * WIDTH]);
        }
        let tolerance = if precision == "single" { 1e-3 } else { 1e-10 };
        for index in [0, 3, 50, 100] {
            let one = &positions[index * WIDTH..(index + 1) * WIDTH];
            let alone = one_thread.evaluate(one).unwrap();
            assert_eq!(make(&config(3)).evaluate(one).unwrap(), alone);
            assert_eq!(one_thread.evaluate(one).unwrap(), alone);
            assert!((alone.energies[0] - whole.energies[index]).abs() < tolerance);
        }
    }
}

#[test]
fn a_bad_configuration_does_not_touch_its_neighbours() {
    for precision in ["single", "double"] {
        let potential = make(&format!(r#"{{"precision": "{precision}"}}"#));
        let mut positions = configurations(9);
        let good = potential.evaluate(&positions).unwrap();
        let good_alone = potential.evaluate(&positions[..WIDTH]).unwrap();
        positions[WIDTH + 5] = f64::NAN;
        positions[2 * WIDTH + 1] = f64::INFINITY;
        // Two atoms that are not bonded, in one place.
        positions.copy_within(4 * WIDTH + 3 * 19..4 * WIDTH + 3 * 20, 4 * WIDTH);
        // All atoms in one place, and far too large numbers.
        positions[5 * WIDTH..6 * WIDTH].fill(0.1);
        positions[6 * WIDTH..7 * WIDTH].iter_mut().for_each(|x| *x *= 1e30);
        let results = potential.evaluate(&positions).unwrap();
        assert_eq!(results.statuses[1], SampleStatus::NonFiniteInput as i32);
        assert_eq!(results.statuses[2], SampleStatus::NonFiniteInput as i32);
        for index in 4..7 {
            let status = results.statuses[index];
            let finite = results.energies[index].is_finite();
            assert_eq!(finite, status == 0, "{precision} {index}: status {status}");
        }
        // One after the other, each has the same fate and leaves nothing behind.
        for index in 1..7 {
            let alone = potential.evaluate(&positions[index * WIDTH..(index + 1) * WIDTH]).unwrap();
            match index {
                1..4 => assert_eq!(alone.statuses[0], results.statuses[index], "{precision} {index}"),
                // Where atoms lie on each other, the one engine may have a huge number and the other none.
                _ => assert_eq!(alone.energies[0].is_finite(), alone.statuses[0] == 0, "{precision} {index}"),
            }
        }
        assert_eq!(potential.evaluate(&positions[..WIDTH]).unwrap(), good_alone);
        // A huge finite number, or none.
        assert!(results.statuses[4] != 0 || results.energies[4] > 1e10);
        for index in [0, 3, 7, 8] {
            assert_eq!(results.statuses[index], 0);
            assert_eq!(results.energies[index], good.energies[index]);
            assert_eq!(
                results.gradients[index * WIDTH..(index + 1) * WIDTH],
                good.gradients[index * WIDTH..(index + 1) * WIDTH]
            );
        }
    }
}

#[test]
fn straight_angles_and_bonds_without_length_have_finite_gradients() {
    for precision in ["single", "double"] {
        let potential = make(&format!(r#"{{"precision": "{precision}", "implicit": "vacuum"}}"#));
        let start = start();
        let at = |atom: usize| [start[3 * atom], start[3 * atom + 1], start[3 * atom + 2]];
        // C-N-CA on a line: phi has no direction. Then the same within a rounding of it.
        let (nitrogen, alpha) = (at(6), at(8));
        for offset in [0.0, 1e-9, 1e-6] {
            let mut straight = start.clone();
            for axis in 0..3 {
                let along = nitrogen[axis] - alpha[axis];
                straight[3 * 4 + axis] = nitrogen[axis] + 0.9 * along + if axis == 1 { offset } else { 0.0 };
            }
            let results = potential.evaluate(&straight).unwrap();
            assert_eq!(results.statuses, [0], "{precision}, {offset}");
        }
        // A bonded pair in one place: excluded from the nonbonded force, so that everything is finite.
        let mut folded = start.clone();
        folded.copy_within(3 * 8..3 * 9, 3 * 9);
        let results = potential.evaluate(&folded).unwrap();
        assert_eq!(results.statuses, [0], "{precision}");
    }
}

#[test]
fn a_molecule_in_no_field_can_be_turned_and_shifted() {
    // A turn about (1, 2, 3) by two radians, as rows, through the formula of Rodrigues.
    let axis = [1.0, 2.0, 3.0].map(|x: f64| x / 14f64.sqrt());
    let (sine, cosine) = 2f64.sin_cos();
    let turned = |v: [f64; 3]| {
        let along: f64 = (0..3).map(|k| axis[k] * v[k]).sum();
        std::array::from_fn::<f64, 3, _>(|k| {
            let cross = axis[(k + 1) % 3] * v[(k + 2) % 3] - axis[(k + 2) % 3] * v[(k + 1) % 3];
            v[k] * cosine + cross * sine + axis[k] * along * (1.0 - cosine)
        })
    };
    let all = |positions: &[f64]| -> Vec<f64> {
        positions.as_chunks::<3>().0.iter().flat_map(|&v| turned(v)).collect()
    };
    let positions = configurations(1);
    let moved: Vec<f64> =
        all(&positions).iter().enumerate().map(|(i, x)| x + [0.3, -2.0, 7.0][i % 3]).collect();
    for implicit in ["vacuum", "obc2", "gbn2"] {
        let potential = make(&format!(r#"{{"implicit": "{implicit}"}}"#));
        let (here, there) = (potential.evaluate(&positions).unwrap(), potential.evaluate(&moved).unwrap());
        assert!((here.energies[0] - there.energies[0]).abs() < 1e-9, "{implicit}");
        for (a, b) in all(&here.gradients).iter().zip(&there.gradients) {
            assert!((a - b).abs() < 1e-8, "{implicit}: {a} {b}");
        }
    }
}

#[test]
fn single_precision_does_not_depend_on_the_place() {
    let potential = make(r#"{"precision": "single"}"#);
    let here = configurations(1);
    let there: Vec<f64> = here.iter().map(|x| x + 1024.0).collect();
    let (here, there) = (potential.evaluate(&here).unwrap(), potential.evaluate(&there).unwrap());
    assert!(
        (here.energies[0] - there.energies[0]).abs() < 1e-3,
        "{} {}",
        here.energies[0],
        there.energies[0]
    );
}

#[test]
fn a_host_in_single_precision_gets_the_same_energies() {
    let potential = make("{}");
    let rounded: Vec<f32> = configurations(11).iter().map(|&x| x as f32).collect();
    let exact: Vec<f64> = rounded.iter().map(|&x| f64::from(x)).collect();
    let (single, double) = (potential.evaluate_f32(&rounded).unwrap(), potential.evaluate(&exact).unwrap());
    assert_eq!(single.energies, double.energies);
}

#[test]
fn gradients_are_slopes_of_energies() {
    let step = 1e-5;
    let positions = configurations(1);
    for implicit in ["obc1", "gbn2"] {
        let potential = make(&format!(r#"{{"implicit": "{implicit}"}}"#));
        let gradient = potential.evaluate(&positions).unwrap().gradients;
        let moved: Vec<f64> = (0..2 * WIDTH)
            .flat_map(|copy| {
                let mut moved = positions.clone();
                moved[copy / 2] += if copy % 2 == 0 { step } else { -step };
                moved
            })
            .collect();
        let energies = potential.evaluate(&moved).unwrap().energies;
        for (pair, slope) in energies.as_chunks::<2>().0.iter().zip(gradient) {
            let difference = (pair[0] - pair[1]) / (2.0 * step);
            assert!((difference - slope).abs() < 1e-4 * slope.abs().max(100.0), "{difference} {slope}");
        }
    }
}
