//! A periodic System in boxes of any orientation.

use epp::sdk::{SampleStatus, Trial, TrialBatch, TrialRequest, TrialResults};
use freeland_openmm::OpenMm;

type Matrix = [[f64; 3]; 3];

/// Eight charged atoms with a bond or two, in a box of 2 nm; `field` is one more force.
fn system(method: u32, field: &str) -> String {
    let [a, b, c] = unit_cell(method).map(|row| format!(r#"x="{}" y="{}" z="{}""#, row[0], row[1], row[2]));
    let particle = |i: i32| {
        let charge = if i % 2 == 0 { 0.5 } else { -0.5 };
        format!(r#"<Particle eps=".5" q="{charge}" sig=".3"/>"#)
    };
    let particles: String = (0..8).map(particle).collect();
    format!(
        r#"<System openmmVersion="8.1" type="System" version="1"><PeriodicBoxVectors><A {a}/><B {b}/>
        <C {c}/></PeriodicBoxVectors><Particles>{}</Particles><Constraints/>
        <Forces><Force alpha="0" cutoff=".9" dispersionCorrection="1" ewaldTolerance=".0005" exceptionsUsePeriodic="0"
        forceGroup="0" includeDirectSpace="1" ljAlpha="0" ljnx="0" ljny="0" ljnz="0" method="{method}" name="NonbondedForce"
        nx="0" ny="0" nz="0" recipForceGroup="-1" rfDielectric="78.3" switchingDistance="-1" type="NonbondedForce"
        useSwitchingFunction="0" version="4"><GlobalParameters/><ParticleOffsets/><ExceptionOffsets/>
        <Particles>{particles}</Particles><Exceptions/></Force>{field}
        <Force forceGroup="0" frequency="25" name="MonteCarloBarostat" pressure="1" randomSeed="0" temperature="300"
        type="MonteCarloBarostat" version="1"/></Forces></System>"#,
        r#"<Particle mass="12"/>"#.repeat(8)
    )
}

const FIELD: &str = r#"<Force energy="10*x^2" forceGroup="0" name="field" type="CustomExternalForce" version="1">
    <PerParticleParameters/><GlobalParameters/><Particles><Particle index="2"/></Particles></Force>"#;

/// The potential, from files with relative names in a folder of their own.
fn open(xml: &str) -> Trial<OpenMm> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("system.xml"), xml).unwrap();
    let atom = |i: usize| format!("HETATM{:5}  C{i}  UNK B  {i:2}A      {i}.000   0.000   0.000\n", i + 1);
    std::fs::write(folder.path().join("atoms.pdb"), (0..8).map(atom).collect::<String>()).unwrap();
    let request = TrialRequest { folder: Some(folder.path().to_owned()), ..TrialRequest::default() };
    Trial::create_with(r#"{"system-xml": "system.xml", "pdb": "atoms.pdb", "contexts": 1}"#, &request)
        .unwrap()
}

/// A crystal of some disorder.
fn positions() -> Vec<f64> {
    let corner = |i: usize| [i & 1, (i >> 1) & 1, i >> 2].map(|bit| 0.9 * bit as f64);
    let shift = |i: usize, k: usize| 0.05 * ((7 * i + 3 * k) as f64).sin();
    (0..8).flat_map(|i| [0, 1, 2].map(|k| corner(i)[k] + shift(i, k))).collect()
}

/// OpenMM's Ewald sums want a rectangular box.
fn unit_cell(method: u32) -> Matrix {
    if method == 3 { [[2.0, 0.0, 0.0], [0.0, 2.2, 0.0], [0.0, 0.0, 2.4]] } else { BOX }
}

const BOX: Matrix = [[2.0, 0.0, 0.0], [0.3, 2.2, 0.0], [-0.2, 0.4, 2.4]];

/// A rotation by one radian about (1, 2, 2)/3.
fn rotate(vectors: &[f64]) -> Vec<f64> {
    let (axis, (sine, cosine)) = ([1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0], 1.0_f64.sin_cos());
    let turned = |v: &[f64]| {
        let along = axis[0] * v[0] + axis[1] * v[1] + axis[2] * v[2];
        let across = [
            axis[1] * v[2] - axis[2] * v[1],
            axis[2] * v[0] - axis[0] * v[2],
            axis[0] * v[1] - axis[1] * v[0],
        ];
        [0, 1, 2].map(|k| cosine * v[k] + sine * across[k] + (1.0 - cosine) * along * axis[k])
    };
    vectors.chunks_exact(3).flat_map(turned).collect()
}

fn rotated(rows: Matrix) -> Matrix {
    let rows = rotate(rows.as_flattened());
    [0, 1, 2].map(|k| [rows[3 * k], rows[3 * k + 1], rows[3 * k + 2]])
}

fn evaluate(trial: &Trial<OpenMm>, positions: &[f64], rows: Matrix) -> TrialResults {
    trial.evaluate_batch(&TrialBatch { positions, unit_cell: Some(rows), ..TrialBatch::default() }).unwrap()
}

#[test]
fn a_turned_box_has_the_same_energy_and_a_turned_gradient() {
    // Reaction field, Ewald, PME.
    for method in [2, 3, 4] {
        let (trial, rows) = (open(&system(method, "")), unit_cell(method));
        let straight = evaluate(&trial, &positions(), rows);
        let turned = evaluate(&trial, &rotate(&positions()), rotated(rows));
        assert_eq!((&straight.statuses, &turned.statuses), (&vec![0], &vec![0]));
        let (energy, found) = (straight.energies[0], turned.energies[0]);
        assert!((found - energy).abs() < 1e-9 * (1.0 + energy.abs()), "{method}: {found}, {energy}");
        let expected = rotate(&straight.gradients);
        let scale = expected.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        for (found, expected) in turned.gradients.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-8 * scale, "{method}: {found}, {expected}");
        }
        // And back again: a Context keeps nothing of the turned box.
        assert_eq!(evaluate(&trial, &positions(), rows), straight);
        // Rows that are not reduced, of the same lattice.
        let [a, b, c] = rows;
        let far = [a, b, [0, 1, 2].map(|k| c[k] + 3.0 * a[k] - 2.0 * b[k])];
        let same = evaluate(&trial, &positions(), far).energies[0];
        assert!((same - energy).abs() < 1e-9 * (1.0 + energy.abs()), "{method}: {same}, {energy}");
    }
}

#[test]
fn a_system_in_a_field_is_not_turned() {
    let trial = open(&system(2, FIELD));
    assert_eq!(trial.info().symmetries, epp::sys::SYMMETRY_NONE);
    assert_eq!(evaluate(&trial, &positions(), BOX).statuses, [0]);
    let outside = SampleStatus::OutsideDomain as i32;
    assert_eq!(evaluate(&trial, &rotate(&positions()), rotated(BOX)).statuses, [outside]);
}

#[test]
fn what_is_told_of_a_periodic_system() {
    for (method, cutoff, symmetries) in [
        (2, 0.9, epp::sys::SYMMETRY_TRANSLATION | epp::sys::SYMMETRY_ROTATION),
        // Ewald sums have no end; a mesh makes the energy depend on where the molecule is.
        (3, 0.0, epp::sys::SYMMETRY_TRANSLATION | epp::sys::SYMMETRY_ROTATION),
        (4, 0.0, epp::sys::SYMMETRY_ROTATION),
    ] {
        let trial = open(&system(method, ""));
        assert_eq!((trial.info().cutoff_nm, trial.info().symmetries), (cutoff, symmetries), "{method}");
        assert_eq!((trial.info().periodic, trial.info().threads_inside), (7, 1));
        // No parameters of the barostat, no dipole and no virial where all is periodic.
        let names: Vec<&str> = trial.outputs().iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["energy:nonbonded-force", "charges"]);
    }
}
