//! What is tried before a run spends its energy calls: bonds, frames, place and orientation, rotors.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use freeland::landscape::{Landscape, compare};
use ndarray::{Array2, Array3};
use ndarray_npy::{read_npy, write_npy};
use serde_json::Value;

use crate::support::{Ran, freeland, scratch, workspace_library};

const ALANINE: &str = r#"{ system = "alanine-dipeptide", implicit = "obc1" }"#;
const PHI_PSI: &str = r#"{ torsion = "phi", bins = 24 }, { torsion = "psi", bins = 24 }"#;
const DYNAMICS: &str = r#"{ method = "dynamics", walkers = 16, steps = 1000, time-step = "0.5 fs", friction = "5 /ps", hills = { height = "0.5 kT" } }"#;
const SHORT: &str = r#"{ method = "dynamics", walkers = 8, steps = 100, keep-every = 5, time-step = "0.5 fs", friction = "5 /ps" }"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder(name: &str) -> PathBuf {
    scratch().path().join(format!("beforehand-{name}"))
}

/// The configuration of the plugin for a molecule of `tests/data`.
fn molecule(stem: &str) -> String {
    let file = |extension: &str| root().join(format!("tests/data/{stem}.{extension}")).display().to_string();
    format!("{{ system-xml = \"{}\", pdb = \"{}\" }}", file("xml"), file("pdb"))
}

/// A run file of one round; `more`: further lines before the first section.
fn run_file(name: &str, config: &str, variables: &str, starting_data: &str, more: &str) -> PathBuf {
    static PLUGIN: LazyLock<PathBuf> = LazyLock::new(|| workspace_library("freeland-molecular-mechanics"));
    let toml = format!(
        r#"
temperature = "300 K"
potential = {{ plugin = "{}", config = {config} }}
coarse.variables = [{variables}]
starting-data = {starting_data}
training.by-example = {{ epochs = 2 }}
active-learning = {{ max-energy-calls = 60_000, max-free-energy = "14 kT", max-rounds = 1, steps-per-round = 4, walkers = 16, exploration-steps = 50 }}
sampling = {{ walkers = 64, steps = 100, equilibration-steps = 100, time-step = "0.5 fs", friction = "5 /ps", metadynamics = {{ build-up-steps = 100 }} }}
{more}
"#,
        PLUGIN.display()
    );
    let file = folder(&format!("{name}.toml"));
    std::fs::write(&file, toml).unwrap();
    file
}

fn run(name: &str, file: &Path) -> Ran {
    freeland([Path::new("run"), file, Path::new("--out"), &folder(name)])
}

/// The summary of a run that came to its end; what a flow after a few steps is worth is not asked.
fn finished(name: &str, ran: &Ran) -> Value {
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    serde_json::from_slice(&std::fs::read(folder(name).join("summary.json")).unwrap()).unwrap()
}

/// What the first line of its rounds says of the checks.
fn unlike(name: &str) -> Value {
    let lines = std::fs::read_to_string(folder(name).join("rounds.jsonl")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    first["checks"]["unlike"].clone()
}

/// Whether the verdict warns of a rotor that is not folded.
fn has_unfolded(summary: &Value) -> bool {
    summary["verdict"]["warnings"].as_array().unwrap().iter().any(|told| told["kind"] == "unfolded-rotor")
}

fn alanine_frames() -> Array2<f64> {
    let frames: Array3<f32> = read_npy(root().join("tests/data/alanine-dipeptide-frames.npy")).unwrap();
    let (count, atoms, _) = frames.dim();
    Array2::from_shape_fn((count, 3 * atoms), |(frame, k)| f64::from(frames[[frame, k / 3, k % 3]]))
}

fn run_on_frames(name: &str, frames: &Array2<f64>) -> Ran {
    let npy = folder(&format!("{name}.npy"));
    write_npy(&npy, frames).unwrap();
    let starting_data = format!(r#"{{ method = "frames", file = "{}", keep-every = 2 }}"#, npy.display());
    run(name, &run_file(name, ALANINE, PHI_PSI, &starting_data, ""))
}

/// Positions of frames with the atoms in another order: `order[k]` is put at place k.
fn reordered(frames: &Array2<f64>, order: impl Fn(usize) -> usize) -> Array2<f64> {
    Array2::from_shape_fn(frames.dim(), |(frame, k)| frames[[frame, 3 * order(k / 3) + k % 3]])
}

#[test]
fn frames_of_something_else_are_refused_before_training() {
    let good = alanine_frames();
    let mut cut = good.clone();
    // From the seventh frame that is kept, the first methyl group is on the other side of a box of 3 nm.
    cut.slice_mut(ndarray::s![12.., ..12]).mapv_inplace(|x| x + 3.0);
    // Two atoms of the backbone have changed places: no bond is absurd, the energy is.
    let exchanged = reordered(&good, |atom| {
        [4, 1].get([1, 4].iter().position(|k| *k == atom).unwrap_or(9)).copied().unwrap_or(atom)
    });
    let cases = [
        (
            "angstrom",
            good.mapv(|x| 10.0 * x),
            vec!["frame 0: the bond ", "as in angstrom", "divide them by 10"],
        ),
        ("bohr", good.mapv(|x| x / 0.052_917_7), vec!["frame 0: the bond ", "as in bohr"]),
        ("cut", cut, vec!["starting-data.file: frame 12: the bond 1:CH3 - 1:C is ", "make molecules whole"]),
        ("backwards", reordered(&good, |atom| 21 - atom), vec!["order"]),
        ("exchanged", exchanged, vec!["frames that were tried lie more than", "order of atoms"]),
    ];
    for (name, frames, expected) in cases {
        let refusal = run_on_frames(name, &frames).refusal();
        assert!(expected.iter().all(|text| refusal.contains(text)), "{name}: {refusal}");
        assert!(!folder(name).exists(), "{name}: a folder of nothing");
    }
    let ran = run_on_frames("good-frames", &good);
    let calls = &finished("good-frames", &ran)["energy_calls_by_phase"]["checks"];
    assert_eq!(calls.as_u64(), Some(9 + 16 + 9), "{ran:?}");
}

#[test]
fn a_start_in_angstrom_is_refused_by_run_and_sample() {
    let start = folder("start.npy");
    write_npy(&start, &alanine_frames().slice(ndarray::s![..1, ..]).mapv(|x| 10.0 * x)).unwrap();
    let more = format!("coordinates.start = \"{}\"", start.display());
    let file = run_file("start", ALANINE, PHI_PSI, SHORT, &more);
    for arguments in [&["run"][..], &["sample", "--method", "langevin"]] {
        let out = folder("start-out");
        let arguments = arguments.iter().map(Path::new).chain([file.as_path(), Path::new("--out"), &out]);
        let refusal = freeland(arguments).refusal();
        assert!(refusal.starts_with("coordinates.start"), "{refusal}");
        assert!(refusal.contains("nm long, where about 0.11 nm is expected; lengths are 10."), "{refusal}");
        let _ = std::fs::remove_dir_all(out);
    }
}

/// A System of valine dipeptide with one more force.
fn with_force(name: &str, force: &str) -> String {
    let data = root().join("tests/data/dipeptides");
    let xml = std::fs::read_to_string(data.join("ace-val-nme.xml")).unwrap();
    let file = folder(&format!("{name}.xml"));
    std::fs::write(&file, xml.replace("</Forces>", &format!("{force}\n</Forces>"))).unwrap();
    format!("{{ system-xml = \"{}\", pdb = \"{}\" }}", file.display(), data.join("ace-val-nme.pdb").display())
}

fn external(energy: &str, particles: &str) -> String {
    format!(
        r#"<Force energy="{energy}" forceGroup="0" name="CustomExternalForce" type="CustomExternalForce" version="1">
<PerParticleParameters><Parameter name="k"/></PerParticleParameters><GlobalParameters/>
<Particles>{particles}</Particles></Force>"#
    )
}

#[test]
fn an_energy_that_knows_place_or_orientation_is_refused() {
    let restraint = external("k*((x-0.1)^2+y^2+z^2)", r#"<Particle index="4" param1="500"/>"#);
    let field = external("k*z", r#"<Particle index="4" param1="60"/><Particle index="8" param1="-60"/>"#);
    for (name, force, moved) in
        [("restraint", restraint, "after a "), ("field", field, "turn about its middle")]
    {
        let file = run_file(name, &with_force(name, &force), PHI_PSI, SHORT, "");
        let refusal = run(name, &file).refusal();
        let expected = "coordinates.kind: internal coordinates need an energy that does not depend on place and orientation";
        assert!(refusal.starts_with(expected), "{refusal}");
        let told = [" kJ/mol, but ", moved, "remove restraints", "kind = \"linear\""];
        assert!(told.iter().all(|text| refusal.contains(text)), "{refusal}");

        // Dynamics sample the very energy that they are given.
        let out = folder(&format!("{name}-sampled"));
        let arguments = ["sample", "--method", "langevin", "--out"].map(Path::new);
        let ran = freeland(arguments.into_iter().chain([out.as_path(), &file]));
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    }
}

const TORSION: &str = "{ torsion = [0, 1, 2, 3], name = \"t\" }";

/// F with hydrogens of unequal charges, against metadynamics; folded as if they were alike it was 1.5 kT wrong.
#[test]
fn unlike_hydrogens_are_not_folded() {
    let disulfide = molecule("rotors/disulfide");
    let file = run_file("unlike", &disulfide, TORSION, DYNAMICS, "");
    let toml = std::fs::read_to_string(&file).unwrap();
    let toml = toml.replace(", max-rounds = 1, steps-per-round = 4", "").replace("epochs = 2", "epochs = 8");
    let toml =
        toml.replace("steps = 100, equilibration-steps = 100", "steps = 20000, equilibration-steps = 1000");
    std::fs::write(&file, toml.replace("build-up-steps = 100", "build-up-steps = 4000")).unwrap();
    let reference = folder("unlike-sampled");
    let arguments = ["sample", "--method", "metadynamics", "--out"].map(Path::new);
    freeland(arguments.into_iter().chain([reference.as_path(), &file])).good();

    let ran = run("unlike", &file);
    let summary = finished("unlike", &ran);
    let compared = compare(
        &Landscape::read(&folder("unlike").join("pmf.npz")).unwrap(),
        &Landscape::read(&reference.join("pmf.npz")).unwrap(),
    )
    .unwrap();
    assert!(compared.pmf_rmse_kt < 0.4, "{compared:?}");
    let told = &summary["verdict"]["warnings"][0];
    assert_eq!(told["kind"], "unfolded-rotor");
    let text = told["text"].as_str().unwrap();
    assert!(
        text.starts_with("a rotor is not folded: the atoms of the rotor about 1:S1 - 1:C0 differ by "),
        "{text}"
    );
    assert!(ran.stderr.contains(text) && ran.stdout.contains(text), "{ran:?}");
    let group = &unlike("unlike")[0];
    assert_eq!((&group["atoms"], &group["unfolded"]), (&serde_json::json!([4, 5, 6]), &true.into()));
}

/// Gone on with after a round, a run has the same coordinates and the same bits.
#[test]
fn a_run_with_an_unfolded_rotor_goes_on() {
    let disulfide = molecule("rotors/disulfide");
    let file = run_file("one-round", &disulfide, TORSION, SHORT, "");
    finished("one-round", &run("one-round", &file));
    let config = folder("one-round").join("config.toml");
    let toml = std::fs::read_to_string(&config).unwrap();
    assert!(toml.contains("fold-rotors = \"where-alike\""), "{toml}");
    std::fs::write(&config, toml.replace("max-rounds = 1\n", "max-rounds = 2\n")).unwrap();
    let ran = freeland([Path::new("run"), Path::new("--resume"), &folder("one-round")]);
    let resumed = finished("one-round", &ran);
    assert!(has_unfolded(&resumed), "{resumed}");

    let file = run_file("two-rounds", &disulfide, TORSION, SHORT, "");
    let toml = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, toml.replace("max-rounds = 1", "max-rounds = 2")).unwrap();
    let alone = finished("two-rounds", &run("two-rounds", &file));
    assert_eq!(alone["energy_calls_by_phase"], resumed["energy_calls_by_phase"]);
    let pmf = |name: &str| std::fs::read(folder(name).join("pmf.npz")).unwrap();
    assert!(pmf("one-round") == pmf("two-rounds"), "pmf.npz differs");
}

#[test]
fn what_is_written_of_folding_holds() {
    let disulfide = molecule("rotors/disulfide");
    let file = run_file("always", &disulfide, TORSION, SHORT, "coordinates.fold-rotors = true");
    let refusal = run("always", &file).refusal();
    let begin = "coordinates.fold-rotors: the atoms of the rotor about 1:S1 - 1:C0 differ by ";
    assert!(refusal.starts_with(begin) && refusal.contains("write \"where-alike\""), "{refusal}");

    let file = run_file("never", &disulfide, TORSION, SHORT, "coordinates.fold-rotors = false");
    let summary = finished("never", &run("never", &file));
    assert!(!has_unfolded(&summary), "{summary}");

    let file = run_file("maybe", &disulfide, TORSION, SHORT, "coordinates.fold-rotors = \"maybe\"");
    let refusal = run("maybe", &file).refusal();
    assert!(refusal.contains("expected true, false or \"where-alike\", got \"maybe\""), "{refusal}");

    // Equal charges: folded, also where it is asked for.
    let file = run_file("alike", ALANINE, PHI_PSI, SHORT, "coordinates.fold-rotors = true");
    let summary = finished("alike", &run("alike", &file));
    assert_eq!(unlike("alike"), serde_json::json!([]));
    assert_eq!(summary["energy_calls_by_phase"]["checks"], 4 + 9);
    let checkpoint = std::fs::read_dir(folder("alike").join("checkpoint")).unwrap();
    let json = checkpoint
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "json"));
    let state: Value = serde_json::from_slice(&std::fs::read(json.unwrap()).unwrap()).unwrap();
    let folded =
        state["standardisation"]["fine"].as_array().unwrap().iter().filter(|fine| fine["kind"] == "rotor");
    assert_eq!(folded.count(), 3);
}

/// Two oxygens of unequal charges are noticed as three hydrogens are; nothing of them is folded.
#[test]
fn pairs_are_tried_as_well() {
    let variables = "{ torsion = [2, 1, 0, 4], name = \"t\" }";
    let file = run_file("acetate", &molecule("rotors/acetate"), variables, SHORT, "");
    let summary = finished("acetate", &run("acetate", &file));
    assert!(!has_unfolded(&summary), "{summary}");
    let unlike = unlike("acetate");
    assert_eq!(unlike.as_array().unwrap().len(), 1, "{unlike}");
    let group = &unlike[0];
    assert_eq!((&group["atoms"], &group["unfolded"]), (&serde_json::json!([2, 3]), &false.into()));
    assert!(group["difference_kt"].as_f64().unwrap() > 0.05, "{unlike}");
}
