//! Custom forces against OpenMM's Reference platform, and what must hold for any expression.
use crate::terms::terms;
use epp::sdk::{CreateRequest, Potential, Trial};
use freeland_molecular_mechanics::MolecularMechanics;
use std::path::Path;

/// A term, relative to itself or to 1 kJ/mol.
const ENERGY: f64 = 1e-10;
/// A component of the gradient, relative to the largest of its configuration.
const GRADIENT: f64 = 1e-8;
/// The same in single precision.
const SINGLE: f64 = 2e-4;

/// What `tests/reference/custom.py` writes.
#[derive(serde::Deserialize)]
struct Reference {
    positions: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    system: String,
    terms: Vec<Vec<f64>>,
    gradients: Vec<Vec<f64>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/custom-forces.json")).unwrap()
}

/// A PDB file of so many carbon atoms.
fn pdb(atoms: usize) -> String {
    (1..=atoms)
        .map(|serial| {
            let x = 1.5 * serial as f64;
            format!(
                "ATOM  {serial:5}  C   MOL A{serial:4}    {x:8.3}{:8.3}{:8.3}  1.00  0.00           C\n",
                0.0, 0.0
            )
        })
        .collect::<String>()
        + "END\n"
}

/// Writes a System and makes its potential.
fn make(
    folder: &Path,
    system: &str,
    atoms: usize,
    precision: &str,
) -> Result<(String, Trial<MolecularMechanics>), String> {
    let (xml, pdb_file) = (folder.join("system.xml"), folder.join("atoms.pdb"));
    std::fs::write(&xml, system).unwrap();
    std::fs::write(&pdb_file, pdb(atoms)).unwrap();
    let config = serde_json::json!({"system-xml": xml, "pdb": pdb_file, "precision": precision}).to_string();
    let trial = Trial::create(&config, None).map_err(|error| error.to_string())?;
    Ok((config, trial))
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

#[test]
fn expressions_agree_with_openmm() {
    let folder = tempfile::tempdir().unwrap();
    let Reference { positions, cases } = reference();
    assert!(cases.len() >= 40);
    let atoms = positions[0].len() / 3;
    for case in &cases {
        for (precision, energy, gradient) in [("double", ENERGY, GRADIENT), ("single", SINGLE, SINGLE)] {
            let (_, trial) = make(folder.path(), &case.system, atoms, precision).unwrap();
            let results = trial.evaluate(&positions.concat()).unwrap();
            let in_a_field = case.name.starts_with("external-") || case.name == "born-lcpo-chain";
            assert_eq!(trial.info().symmetries == epp::sys::SYMMETRY_NONE, in_a_field, "{}", case.name);
            let mut worst = [0f64; 2];
            for (index, positions) in positions.iter().enumerate() {
                let place = format!("{} {precision} {index}", case.name);
                assert_eq!(results.statuses[index], 0, "{place}");
                let expected = &case.terms[index];
                let found = terms(&trial, positions);
                assert_eq!(found.len(), expected.len(), "{place}");
                for ((_, found), expected) in found.iter().zip(expected) {
                    worst[0] = worst[0].max((found - expected).abs() / expected.abs().max(1.0));
                }
                let total: f64 = expected.iter().sum();
                worst[0] = worst[0].max((results.energies[index] - total).abs() / largest(expected).max(1.0));
                let width = positions.len();
                let expected = &case.gradients[index];
                for (found, expected) in results.gradients[index * width..].iter().zip(expected) {
                    worst[1] =
                        worst[1].max((found - expected).abs() / largest(&case.gradients[index]).max(1.0));
                }
            }
            println!("{:26} {precision} energy {:.0e}, gradient {:.0e}", case.name, worst[0], worst[1]);
            assert!(worst[0] <= energy && worst[1] <= gradient, "{} {precision}: {worst:?}", case.name);
        }
    }
}

#[test]
fn bits_of_an_expression_do_not_depend_on_what_else_is_in_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    let Reference { positions, cases } = reference();
    let width = positions[0].len();
    // Different configurations in every lane, more than a register has.
    let batch: Vec<f64> = (0..19)
        .flat_map(|copy| {
            let shift = 1e-3 * f64::from(copy / 3);
            positions[copy as usize % 3].iter().enumerate().map(move |(i, x)| x + shift * (i as f64).sin())
        })
        .collect();
    for case in &cases {
        for precision in ["double", "single"] {
            let (_, trial) = make(folder.path(), &case.system, width / 3, precision).unwrap();
            let whole = trial.evaluate(&batch).unwrap();
            for first in [0, 1, 5, 15] {
                let some = first * width..(first + 4) * width;
                let four = trial.evaluate(&batch[some.clone()]).unwrap();
                assert_eq!(four.energies, whole.energies[first..first + 4], "{}", case.name);
                assert!(four.gradients == whole.gradients[some], "{} {precision} {first}", case.name);
            }
        }
    }
}

#[test]
fn what_is_recognised_agrees_with_its_expression() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data");
    let folder = tempfile::tempdir().unwrap();
    for case in [
        "alanine-hct",
        "alanine-obc1-salt",
        "alanine-obc2",
        "alanine-gbn",
        "alanine-gbn2",
        "alanine-charmm36-2024",
    ] {
        let text = std::fs::read_to_string(data.join(format!("{case}.xml"))).unwrap();
        // A definition that nobody uses is not in the templates.
        let mut general = String::new();
        let mut rest = text.as_str();
        let mut count = 0;
        while let Some(start) =
            [" energy=\"", " expression=\""].iter().filter_map(|key| Some(rest.find(key)? + key.len())).min()
        {
            let end = start + rest[start..].find('"').unwrap();
            general += &rest[..end];
            general += ";nobody=1";
            rest = &rest[end..];
            count += 1;
        }
        general += rest;
        assert!(count > 0, "{case}");
        let pdb = data.join(format!("{case}.pdb"));
        let config = |xml: &Path| serde_json::json!({"system-xml": xml, "pdb": pdb}).to_string();
        let xml = folder.path().join("general.xml");
        std::fs::write(&xml, general).unwrap();
        let trials = [&data.join(format!("{case}.xml")), &xml]
            .map(|xml| Trial::<MolecularMechanics>::create(&config(xml), None).unwrap());
        let parsed = serde_json::from_str(&config(&xml)).unwrap();
        let potential = MolecularMechanics::create(CreateRequest::new(parsed)).unwrap();
        let start = potential.topology().unwrap().positions.clone();
        let positions: Vec<f64> = (0..7 * start.len())
            .map(|index| start[index % start.len()] + 0.02 * ((index * 7919 % 10007) as f64 / 10007.0 - 0.5))
            .collect();
        let [fast, slow] = trials.map(|trial| trial.evaluate(&positions).unwrap());
        let mut worst = [0f64; 2];
        for index in 0..7 {
            assert_eq!([fast.statuses[index], slow.statuses[index]], [0, 0]);
            let (a, b) = (fast.energies[index], slow.energies[index]);
            worst[0] = worst[0].max((a - b).abs() / a.abs().max(1.0));
            let range = index * start.len()..(index + 1) * start.len();
            let scale = largest(&fast.gradients[range.clone()]);
            for (a, b) in fast.gradients[range.clone()].iter().zip(&slow.gradients[range]) {
                worst[1] = worst[1].max((a - b).abs() / scale);
            }
        }
        println!("{case}: energy {:.0e}, gradient {:.0e}", worst[0], worst[1]);
        assert!(worst[0] < 1e-12 && worst[1] < 1e-12, "{case}: {worst:?}");
    }
}

/// A System of four atoms with one force; `list` is what goes after the parameters.
fn system(kind: &str, version: u8, attributes: &str, lists: &str) -> String {
    format!(
        r#"<System openmmVersion="8.6" type="System" version="1"><PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors>
<Particles><Particle mass="12"/><Particle mass="12"/><Particle mass="12"/><Particle mass="12"/></Particles><Constraints/>
<Forces><Force forceGroup="0" name="it" type="{kind}" version="{version}" {attributes}>{lists}</Force></Forces></System>"#
    )
}

fn bond(energy: &str) -> String {
    system(
        "CustomBondForce",
        3,
        &format!(r#"usesPeriodic="0" energy="{energy}""#),
        r#"<PerBondParameters><Parameter name="k"/></PerBondParameters><GlobalParameters><Parameter name="g" default="2"/></GlobalParameters>
<EnergyParameterDerivatives><Parameter name="g"/></EnergyParameterDerivatives><Bonds><Bond p1="0" p2="1" param1="3"/></Bonds>"#,
    )
}

/// Four atoms, the first two so far from each other.
fn apart(distance: f64) -> [f64; 12] {
    [0.0, 0.0, 0.0, distance, 0.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0.5, 0.2]
}

#[test]
fn what_is_not_finite_has_a_status() {
    let folder = tempfile::tempdir().unwrap();
    for precision in ["double", "single"] {
        for (energy, distance, sound) in [
            ("log(r-0.3)", 0.2, 0.75),
            ("k/(r-0.25)", 0.25, 0.75),
            ("exp(k*g*r)", 1e9, 0.75),
            ("sqrt(r-1)", 0.5, 1.25),
            ("asin(r)", 1.5, 0.75),
            ("1/r", 0.0, 0.75),
            // The energy is zero here, its slope is infinite.
            ("sqrt(r-0.5)", 0.5, 0.75),
        ] {
            let (_, trial) = make(folder.path(), &bond(energy), 4, precision).unwrap();
            let alone = trial.evaluate(&apart(sound)).unwrap();
            assert_eq!(alone.statuses, [0], "{energy} {precision}");
            let results = trial.evaluate(&[apart(sound), apart(distance), apart(sound)].concat()).unwrap();
            assert_ne!(results.statuses[1], 0, "{energy} {precision}");
            for index in [0, 2] {
                assert_eq!((results.statuses[index], results.energies[index]), (0, alone.energies[0]));
            }
        }
        // A branch that is not taken may be anything.
        let (_, trial) =
            make(folder.path(), &bond("select(step(r-0.3), k*r, log(r-0.3))"), 4, precision).unwrap();
        let results = trial.evaluate(&apart(0.5)).unwrap();
        assert_eq!((results.statuses[0], results.energies[0]), (0, 1.5));
        // Where a bond has no length, it has no direction.
        let (_, trial) = make(folder.path(), &bond("k*(r-0.3)"), 4, precision).unwrap();
        let results = trial.evaluate(&apart(0.0)).unwrap();
        assert_eq!((results.statuses[0], results.gradients[0]), (0, 0.0));
    }
}

#[test]
fn what_is_no_expression_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let external = |energy: &str| {
        system(
            "CustomExternalForce",
            1,
            &format!(r#"energy="{energy}""#),
            "<PerParticleParameters/><GlobalParameters/><Particles/>",
        )
    };
    let function = |function: &str| {
        system(
            "CustomNonbondedForce",
            3,
            r#"energy="f(r, r)" method="0" cutoff="1""#,
            &format!(
                "<PerParticleParameters/><GlobalParameters/><ComputedValues/><EnergyParameterDerivatives/>\
                 <Particles><Particle/><Particle/><Particle/><Particle/></Particles><Exclusions/><Functions>{function}</Functions>"
            ),
        )
    };
    for (text, parts) in [
        (bond("k*(r-r0)^2"), &[" it: ", "unknown variable r0", "character 6"][..]),
        (bond("k*foo(r)"), &["foo(", "character 3"]),
        (bond("k*(r"), &["')'", "the end"]),
        (bond("k*r g"), &["an operator", "found 'g'"]),
        (external("periodicdistance(x,y,z,0,0,0)"), &["periodicdistance", "plugin 'openmm'"]),
        (external("r"), &["unknown variable r"]),
        (
            function(r#"<Function name="f" type="Continuous2DFunction" version="2"/>"#),
            &["Continuous2DFunction 'f'", "plugin 'openmm'"],
        ),
        (
            function(
                r#"<Function name="f" type="Discrete2DFunction" version="1" xsize="2" ysize="2"><Values><Value v="1"/></Values></Function>"#,
            ),
            &["4 values", "found '1'"],
        ),
        (
            function(
                r#"<Function name="f" type="Continuous1DFunction" version="2" min="1" max="1" periodic="0"><Values><Value v="1"/><Value v="2"/></Values></Function>"#,
            ),
            &["'max' above 'min'"],
        ),
        (system("CustomCompoundBondForce", 3, "", ""), &["CustomCompoundBondForce", "plugin 'openmm'"]),
        (system("CustomCVForce", 1, "", ""), &["CustomCVForce"]),
        (bond("k*r").replace(r#"param1="3""#, r#"param2="3""#), &["param1"]),
        (bond("k*r").replace(r#"param1="3""#, r#"param1="3" param2="3""#), &["param2"]),
        (
            bond("k*r").replace(r#"<Parameter name="k"/>"#, r#"<Parameter name="g"/>"#),
            &["different names", "g"],
        ),
        (
            bond("g*r").replace(r#"<Parameter name="k"/>"#, r#"<Parameter name="r"/>"#),
            &["different names", "r"],
        ),
        (
            bond("g*r").replace(r#"Derivatives><Parameter name="g""#, r#"Derivatives><Parameter name="h""#),
            &["global parameter", "'h'"],
        ),
    ] {
        let error = make(folder.path(), &text, 4, "double").map(|_| ()).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
    }
}
