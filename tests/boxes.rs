//! Where the box of a periodic potential comes from: an option, the frames of a file, the molecule that the plugin tells.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::{Ran, freeland, scratch, toys, workspace_library};

/// Text for a file of this test's.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = scratch().path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A DCD file, in ångström: every frame with lengths of a cell at right angles.
fn dcd(frames: &[(Vec<f64>, [f64; 3])]) -> Vec<u8> {
    let record = |payload: Vec<u8>| {
        let length = (payload.len() as u32).to_le_bytes();
        [&length[..], &payload, &length[..]].concat()
    };
    let integers = |values: &[i32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let atoms = frames[0].0.len() / 3;
    let mut header = [0; 20];
    (header[0], header[10], header[19]) = (frames.len() as i32, 1, 24);
    let mut file = record([b"CORD".to_vec(), integers(&header)].concat());
    file.extend(record(integers(&[0])));
    file.extend(record(integers(&[atoms as i32])));
    for (positions, [a, b, c]) in frames {
        let cell = [*a, 90.0, *b, 90.0, 90.0, *c];
        file.extend(record(cell.iter().flat_map(|value| value.to_le_bytes()).collect()));
        for axis in 0..3 {
            let values = positions.iter().skip(axis).step_by(3);
            file.extend(record(values.flat_map(|value| (*value as f32).to_le_bytes()).collect()));
        }
    }
    file
}

/// `freeland evaluate` of two soft spheres.
fn spheres(positions: &str, more: &[&str]) -> Ran {
    let toys = toys().to_str().unwrap();
    let arguments =
        ["evaluate", "--json", "--plugin", "soft-spheres", "--positions", positions, "--plugin-path", toys];
    freeland(arguments.iter().chain(more))
}

#[track_caller]
fn energies(ran: Ran) -> Vec<f64> {
    let result: Value = serde_json::from_str(&ran.good()).unwrap();
    result["energies"].as_array().unwrap().iter().map(|energy| energy.as_f64().unwrap()).collect()
}

#[track_caller]
fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance);
    assert!(near, "{found:?} {expected:?}");
}

/// Two spheres 2.6 apart along x, which is 0.4 in a box of 3: 3 (1 - d^2)^3.
const CLOSE: f64 = 3.0 * 0.84 * 0.84 * 0.84;

#[test]
fn an_option_comes_before_the_file_and_nothing_is_a_refusal() {
    let numbers = ndarray::array![[0.0, 0.0, 0.0, 2.6, 0.0, 0.0]];
    let npy = scratch().path().join("spheres.npy");
    ndarray_npy::write_npy(&npy, &numbers).unwrap();
    let npy = npy.to_str().unwrap();
    let refused = spheres(npy, &[]).refusal();
    assert!(refused.starts_with("'soft-spheres' is periodic and needs a box: "), "{refused}");
    for way in ["CRYST1", ".dcd", "--box", "[potential]"] {
        assert!(refused.contains(way), "{way}: {refused}");
    }
    near(&energies(spheres(npy, &["--box", "3 nm, 4 nm, 4 nm"])), &[CLOSE], 1e-12);
    near(&energies(spheres(npy, &["--box", "5 reduced, 4 nm, 4 nm"])), &[0.0], 0.0);
    let rows = "3 nm, 0 nm, 0 nm,  1 nm, 4 nm, 0 nm,  0 nm, 0 nm, 40 A";
    near(&energies(spheres(npy, &["--box", rows])), &[CLOSE], 1e-12);

    let far = vec![0.0, 0.0, 0.0, 26.0, 0.0, 0.0];
    let frames = dcd(&[(far.clone(), [30.0, 40.0, 40.0]), (far, [50.0, 40.0, 40.0])]);
    let dcd = file("spheres.dcd", &frames);
    near(&energies(spheres(&dcd, &[])), &[CLOSE, 0.0], 1e-6);
    near(&energies(spheres(&dcd, &["--box", "50 A,40 A,40 A"])), &[0.0, 0.0], 0.0);
    let cut = file("spheres-cut.dcd", &frames[..frames.len() - 5]);
    let ran = spheres(&cut, &[]);
    assert!(ran.stderr.contains("the 1 whole frames before it are read"), "{ran:?}");
    near(&energies(ran), &[CLOSE], 1e-6);

    let atoms = "\
        HETATM    1  X   SPH A   1       0.000   0.000   0.000  1.00  0.00           C\n\
        HETATM    2  Y   SPH A   1      26.000   0.000   0.000  1.00  0.00           C\n";
    let pdb =
        file("spheres.pdb", format!("CRYST1   30.000   40.000   40.000  90.00  90.00  90.00 P 1\n{atoms}"));
    near(&energies(spheres(&pdb, &[])), &[CLOSE], 1e-9);
    assert!(spheres(&file("boxless.pdb", atoms), &[]).refusal().contains("needs a box"));
}

#[test]
fn boxes_that_are_none_are_refused_by_name() {
    let npy = crate::support::positions_file("boxless.npy", 3);
    let refusal = |text: &str| {
        let toys = toys().to_str().unwrap();
        let npy = npy.to_str().unwrap();
        let arguments = [
            "evaluate",
            "--plugin",
            "mueller-brown",
            "--positions",
            npy,
            "--plugin-path",
            toys,
            "--box",
            text,
        ];
        freeland(arguments)
    };
    let bare = refusal("3, 3, 3");
    assert_eq!(bare.code, Some(2));
    assert!(bare.stderr.contains("a length needs a unit, for example \"3 nm\""), "{bare:?}");
    let expected = "--box: 'mueller-brown' is not periodic and takes no box; leave it out";
    assert_eq!(refusal("3 nm,3 nm,3 nm").refusal(), expected);
}

/// Alanine dipeptide with PME: the library, the System in a cube of 3 nm, and the PDB. `None` without OpenMM.
fn alanine() -> Option<(String, String, PathBuf)> {
    static MADE: LazyLock<Option<(String, String, PathBuf)>> = LazyLock::new(make_alanine);
    MADE.clone()
}

fn make_alanine() -> Option<(String, String, PathBuf)> {
    let openmm = std::env::var_os("OPENMM_DIR").map(PathBuf::from);
    if !openmm.is_some_and(|openmm| openmm.join("include").is_dir()) {
        eprintln!("not run: OPENMM_DIR leads to no OpenMM");
        return None;
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/molecule/data");
    let vacuum = std::fs::read_to_string(data.join("alanine-dipeptide.vacuum.xml")).unwrap();
    let pme = vacuum
        .replace("method=\"0\" name=\"NonbondedForce\"", "method=\"4\" name=\"NonbondedForce\"")
        .replace("<A x=\"2\"", "<A x=\"3\"")
        .replace("<B x=\"0\" y=\"2\"", "<B x=\"0\" y=\"3\"")
        .replace("<C x=\"0\" y=\"0\" z=\"2\"", "<C x=\"0\" y=\"0\" z=\"3\"");
    assert_eq!(pme.matches("=\"3\"").count(), vacuum.matches("=\"3\"").count() + 3);
    let plugin = workspace_library("freeland-openmm").to_str().unwrap().to_owned();
    Some((plugin, file("alanine-pme.xml", pme), data.join("alanine-dipeptide.pdb")))
}

/// kJ/mol, by OpenMM 8.6.1's Reference platform in Python: the System of [`alanine`], its PDB, and the box in nm: a cube of 3,
/// (3.2, 3.4, 3.6), and rows (3, 0, 0), (0.9, 2.9, 0), (-0.8, 0.7, 2.8).
const CUBE: f64 = -105.734_208_682_252_22;
const BRICK: f64 = -105.682_114_333_743_48;
const TRICLINIC: f64 = -105.749_584_192_779_21;
/// The same library on different processors differs by rounding.
const KJ_MOL: f64 = 1e-6;

#[test]
fn one_molecule_with_pme_in_boxes_from_everywhere() {
    let Some((plugin, system, pdb)) = alanine() else { return };
    let text = std::fs::read_to_string(&pdb).unwrap();
    let config =
        format!(r#"{{"system-xml": "{system}", "pdb": "{}", "platform": "Reference"}}"#, pdb.display());
    let evaluate = |positions: &str, more: &[&str]| {
        let arguments =
            ["evaluate", "--json", "--plugin", &plugin, "--config", &config, "--positions", positions];
        freeland(arguments.iter().chain(more))
    };
    let plain = pdb.to_str().unwrap();
    near(&energies(evaluate(plain, &[])), &[CUBE], KJ_MOL);
    near(&energies(evaluate(plain, &["--box", "3.2 nm, 3.4 nm, 3.6 nm"])), &[BRICK], KJ_MOL);
    let crystal = format!("CRYST1   32.000   34.000   36.000  90.00  90.00  90.00 P 1\n{text}");
    let crystal = file("alanine-cryst1.pdb", crystal);
    near(&energies(evaluate(&crystal, &[])), &[BRICK], KJ_MOL);
    let rows = "3nm,0nm,0nm, 0.9nm,2.9nm,0nm, -0.8nm,0.7nm,2.8nm";
    near(&energies(evaluate(&crystal, &["--box", rows])), &[TRICLINIC], KJ_MOL);

    // Single precision moves atoms by 1e-7 nm, against forces of 1e3 kJ/mol/nm; the boxes are 0.05 kJ/mol apart.
    let positions = freeland_frames::read(&pdb, 22, 3).unwrap().positions.into_raw_vec_and_offset().0;
    let angstrom: Vec<f64> = positions.iter().map(|x| 10.0 * x).collect();
    let cube = (angstrom.clone(), [30.0, 30.0, 30.0]);
    let frames = file("alanine.dcd", dcd(&[cube.clone(), (angstrom, [32.0, 34.0, 36.0]), cube]));
    near(&energies(evaluate(&frames, &[])), &[CUBE, BRICK, CUBE], 2e-3);

    let result = evaluate(&crystal, &["--quantity", "energy:*"]).good();
    let result: Value = serde_json::from_str(&result).unwrap();
    let terms = result["quantities"].as_object().unwrap().values();
    let sum: f64 = terms.map(|term| term["values"][0].as_f64().unwrap()).sum();
    near(&[sum], &[BRICK], KJ_MOL);
}

#[cfg(feature = "science")]
mod runs {
    use freeland::config::Config;
    use freeland::system::{Phase, System};
    use freeland_loader::SearchPath;

    use super::*;

    fn open(text: &str) -> Result<System, String> {
        let config = Config::parse(text, Path::new("box.toml")).map_err(|error| error.to_string())?;
        System::open(&config, &SearchPath::new(&[toys().to_owned()])).map_err(|error| error.to_string())
    }

    /// A run file; `potential` and `start` are lines of it.
    fn run_file(plugin: &str, system: &str, pdb: &Path, potential: &str, start: &str) -> String {
        format!(
            "temperature = \"300 K\"\ncoarse.variables = [\"phi\", \"psi\"]\n{start}\n\
             [potential]\nplugin = '{plugin}'\n{potential}\n\
             config = {{ system-xml = '{system}', pdb = '{}', platform = \"Reference\" }}\n\
             [starting-data]\nmethod = \"dynamics\"\nwalkers = 4\nsteps = 20\nkeep-every = 2\n\
             time-step = \"1 fs\"\nfriction = \"1 /ps\"\nminimise = false\n[active-learning]\n\
             max-energy-calls = 600\nbatch = 32\nsteps-per-round = 5\nmax-free-energy = \"14 kT\"\n",
            pdb.display()
        )
    }

    #[test]
    fn a_run_on_one_molecule_in_a_box_goes_its_rounds() {
        let Some((plugin, system, pdb)) = alanine() else { return };
        let out = scratch().path().join("boxed-run");
        let path = file(
            "boxed-run.toml",
            run_file(&plugin, &system, &pdb, "box = [\"3 nm\", \"3 nm\", \"4 nm\"]", ""),
        );
        let ran = freeland(["run", &path, "--out", out.to_str().unwrap()]);
        // So short a run has no verdict to be proud of.
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        let rounds = std::fs::read_to_string(out.join("rounds.jsonl")).unwrap();
        assert!(rounds.lines().count() >= 3, "{rounds}");
        let config = std::fs::read_to_string(out.join("config.toml")).unwrap();
        assert!(config.contains("\"4 nm\""), "{config}");
    }

    #[test]
    fn energies_of_a_run_are_those_of_its_box() {
        let Some((plugin, system, pdb)) = alanine() else { return };
        let crystal = std::fs::read_to_string(&pdb).unwrap();
        let crystal = format!("CRYST1   32.000   34.000   36.000  90.00  90.00  90.00 P 1\n{crystal}");
        let crystal = file("alanine-start.pdb", crystal);
        let run = |potential: &str, start: &str| {
            let system = open(&run_file(&plugin, &system, &pdb, potential, start)).unwrap();
            let positions = freeland_frames::read(&pdb, 22, 3).unwrap().positions;
            let found = system.cartesian_energy(positions.view(), Phase::Exploration).unwrap();
            found.u_kt[0] * system.kt()
        };
        let start = format!("coordinates.start = '{crystal}'");
        near(&[run("", "")], &[CUBE], KJ_MOL);
        near(&[run("", &start)], &[BRICK], KJ_MOL);
        near(&[run(r#"box = ["3 nm", "30 A", "3 nm"]"#, &start)], &[CUBE], KJ_MOL);
        let rows = r#"["3 nm", "0 nm", "0 nm", "0.9 nm", "2.9 nm", "0 nm", "-0.8 nm", "0.7 nm", "2.8 nm"]"#;
        near(&[run(&format!("box = {rows}"), "")], &[TRICLINIC], KJ_MOL);
    }

    fn spheres(potential: &str, coordinates: &str, plugin: &str) -> String {
        format!(
            "temperature = \"1 reduced\"\n{coordinates}\n[potential]\nplugin = \"{plugin}\"\n{potential}\n\
             [starting-data]\nmethod = \"dynamics\"\nwalkers = 4\nsteps = 20\ntime-step = \"0.01 reduced\"\n\
             friction = \"1 reduced\"\n[active-learning]\nmax-energy-calls = 1000\nmax-free-energy = \"14 kT\"\n"
        )
    }

    #[test]
    fn what_does_not_work_in_a_box_says_what_does() {
        let internal = "coarse.variables = [{ distance = [0, 1], range = [\"0.2 nm\", \"2 nm\"] }]";
        let config = "config = { atoms = 4 }";
        let boxed = format!("{config}\nbox = [\"3 reduced\", \"3 reduced\", \"3 reduced\"]");
        let error = open(&spheres(&boxed, internal, "soft-spheres")).unwrap_err();
        assert!(
            error.contains("'soft-spheres' is periodic, and by its bonds its 4 atoms are 4 molecules"),
            "{error}"
        );
        assert!(error.contains("What works: one molecule alone in the box"), "{error}");

        let linear =
            "coordinates.kind = \"linear\"\ncoarse.variables = [{ coordinate = \"q0\", range = [-1, 1] }]";
        assert!(open(&spheres(config, linear, "soft-spheres")).unwrap_err().contains("needs a box: "));
        let system = open(&spheres(&boxed, linear, "soft-spheres")).unwrap();
        assert_eq!(system.potential().default_box().unwrap()[1], [0.0, 3.0, 0.0]);

        let boxed = "box = [\"3 nm\", \"3 nm\", \"3 nm\"]";
        let error = open(&spheres(boxed, linear, "mueller-brown")).unwrap_err();
        assert_eq!(error, "potential.box: 'mueller-brown' is not periodic and takes no box; remove the key");
    }
}
