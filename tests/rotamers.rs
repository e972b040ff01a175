//! States of torsions that are no coarse variable: capped amino acids whose side chains starting data do not turn.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Ran, freeland, scratch, workspace_library};

/// Enough for six sites of valine; the rounds end long before.
const BUDGET: u64 = 200_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The configuration of the plugin for a residue between ACE and NME.
fn capped(residue: &str) -> String {
    files(&root().join(format!("tests/data/dipeptides/ace-{residue}-nme")))
}

fn files(stem: &Path) -> String {
    let file = |extension: &str| stem.with_extension(extension).display().to_string();
    format!("{{ system-xml = \"{}\", pdb = \"{}\" }}", file("xml"), file("pdb"))
}

/// Writes a run file: 200 fs of 8 walkers, and one round of two steps.
fn run_file(name: &str, config: &str, variables: &str) -> PathBuf {
    static PLUGIN: LazyLock<PathBuf> = LazyLock::new(|| workspace_library("freeland-molecular-mechanics"));
    let file = scratch().path().join(format!("rotamers-{name}.toml"));
    let toml = format!(
        r#"
temperature = "300 K"
potential = {{ plugin = "{}", config = {config} }}
coarse.variables = [{variables}]
training.by-example = {{ epochs = 1 }}
active-learning = {{ max-energy-calls = {BUDGET}, max-rounds = 1, steps-per-round = 2, batch = 64, walkers = 16, exploration-steps = 50, max-free-energy = "10 kT" }}
sampling = {{ walkers = 16, steps = 3000, equilibration-steps = 100 }}

[starting-data]
method = "dynamics"
walkers = 8
steps = 100
keep-every = 5
time-step = "2 fs"
friction = "5 /ps"
hydrogen-mass = "3 Da"
hills = {{ height = "1.2 kJ/mol" }}
"#,
        PLUGIN.display()
    );
    std::fs::write(&file, toml).unwrap();
    file
}

const PHI_PSI: &str = "{ torsion = \"phi\", bins = 24 }, { torsion = \"psi\", bins = 24 }";

/// Runs to the end; a flow after two steps may be called untrustworthy. Returns what it printed and its summary.
fn run(name: &str, config: &str, variables: &str) -> (Ran, Value) {
    let (file, out) = (run_file(name, config, variables), scratch().path().join(format!("rotamers-{name}")));
    let ran = freeland([Path::new("run"), &file, Path::new("--out"), &out]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let summary: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
    let calls = summary["energy_calls_by_phase"]["rotamers"].as_u64().unwrap_or(0);
    assert!(calls <= 3 * BUDGET / 100, "{calls}");
    for told in summary["verdict"]["warnings"].as_array().unwrap() {
        let (text, html) =
            (told["text"].as_str().unwrap(), std::fs::read_to_string(out.join("report.html")).unwrap());
        assert!(
            ran.stderr.contains(text) && ran.stdout.contains(text) && html.contains(text),
            "{text}: {ran:?}"
        );
    }
    (ran, summary)
}

/// Names of the hidden states, each once.
fn hidden(summary: &Value) -> Vec<String> {
    let states = summary["rotamers"]["hidden_states"].as_array().unwrap().iter();
    let mut names: Vec<String> = states
        .flat_map(|state| state["torsions"].as_array().unwrap())
        .map(|torsion| torsion["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Warnings of the verdict about hidden states.
fn warnings(summary: &Value) -> Vec<&str> {
    let all = summary["verdict"]["warnings"].as_array().unwrap().iter();
    all.filter(|told| told["kind"] == "hidden-states").filter_map(|told| told["text"].as_str()).collect()
}

#[test]
fn side_chains_that_never_turned_are_named() {
    for residue in ["val", "ser", "phe"] {
        let (ran, summary) = run(residue, &capped(residue), PHI_PSI);
        assert!(hidden(&summary).contains(&"chi1".to_owned()), "{residue}: {}", summary["rotamers"]);
        let warnings = warnings(&summary);
        assert!(warnings.iter().any(|text| text.contains("never visited chi1 = ")), "{warnings:?}");
        assert!(ran.stderr.contains("omega:2 kept trans; cis lies "), "{}", ran.stderr);
    }
}

/// Energies of valine's rotamers and peptide bonds at its start, minimised to the end by OpenMM with the same restraints.
#[test]
fn valines_rotamers_are_weighed_and_its_line_cures() {
    let (_, summary) = run("val-weighed", &capped("val"), PHI_PSI);
    let rotamers = &summary["rotamers"];
    assert_eq!(rotamers["sites"].as_array().unwrap().len(), 6);
    let start = &rotamers["sites"][0];
    let states = rotamers["hidden_states"].as_array().unwrap();
    let weight = |degrees: f64| {
        let mut there = states.iter().filter(|state| state["s"] == *start);
        let near =
            |state: &&Value| (state["torsions"][0]["degrees"].as_f64().unwrap() - degrees).abs() < 10.0;
        there.find(near).unwrap_or_else(|| panic!("{degrees}: {states:?}"))["above_kt"].as_f64().unwrap()
    };
    for (found, exact) in [
        (weight(-64.0), 1.692),
        (weight(65.0), 1.025),
        (rotamers["kept"][0]["other_above_kt"].as_f64().unwrap(), 7.937),
        (rotamers["kept"][1]["other_above_kt"].as_f64().unwrap(), 6.596),
    ] {
        assert!((found - exact).abs() < 0.1, "{found} {exact}");
    }
    let entry = states[0]["torsions"][0]["entry"].as_str().unwrap();
    assert_eq!(entry, "{ torsion = [\"2:N\", \"2:CA\", \"2:CB\", \"2:CG1\"], name = \"chi1\", bins = 36 }");
    assert!(warnings(&summary)[0].contains(entry));
    let (_, summary) = run("val-cured", &capped("val"), &format!("{PHI_PSI}, {entry}"));
    assert_eq!(hidden(&summary), Vec::<String>::new());
}

#[test]
fn alanine_and_butane_say_nothing_more() {
    let (ran, summary) = run("ala", r#"{ system = "alanine-dipeptide", implicit = "obc1" }"#, PHI_PSI);
    assert!(hidden(&summary).is_empty() && warnings(&summary).is_empty(), "{}", summary["rotamers"]);
    assert!(
        ran.stderr.contains("omega:2 kept trans; cis lies 8.2 kT above, omega:3 kept trans; "),
        "{}",
        ran.stderr
    );
    assert!(summary["energy_calls_by_phase"]["rotamers"].as_u64().unwrap() <= 450);

    let butane = files(&root().join("plugins/molecular-mechanics/tests/reference/data/butane-rb"));
    let (ran, summary) = run("butane", &butane, r#"{ torsion = [0, 1, 2, 3], name = "t", bins = 24 }"#);
    assert!(hidden(&summary).is_empty() && warnings(&summary).is_empty(), "{}", summary["rotamers"]);
    assert!(
        !ran.stderr.contains("kept") && summary["energy_calls_by_phase"]["rotamers"].is_null(),
        "{}",
        ran.stderr
    );
}

/// Cis and trans are near each other before a proline, and nowhere else.
#[test]
fn cis_proline_is_named() {
    let (ran, summary) = run("pro", &capped("pro"), PHI_PSI);
    assert_eq!(hidden(&summary), ["omega:2"]);
    assert!(
        ran.stderr.contains("omega:2 kept trans; cis lies 1.6 kT above, omega:3 kept trans; "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("puckers of rings are not looked at: 2:CA, 2:CB, 2:CG, 2:CD"),
        "{}",
        ran.stderr
    );
}

/// Sampling tells at its end what no walker visited, the same after it was killed.
#[test]
fn sampling_names_what_no_walker_visited() {
    let file = run_file("sampled", &capped("val"), PHI_PSI);
    let folder = |name: &str| scratch().path().join(format!("rotamers-sampled-{name}"));
    let read = |out: &Path| -> Value {
        serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap_or_default())
            .unwrap_or_default()
    };
    let (alone, out) = (folder("alone"), folder("killed"));
    let arguments = ["sample", "--method", "langevin", "--checkpoint-every", "0", "--out"].map(Path::new);
    let ran = freeland(arguments.iter().chain([&alone.as_path(), &file.as_path()]));
    let expected = read(&alone);
    assert!(hidden(&expected).contains(&"chi1".to_owned()), "{}", expected["rotamers"]);
    assert!(ran.stdout.contains("walkers never visited chi1 = "), "{ran:?}");
    let calls = expected["energy_calls_by_phase"]["rotamers"].as_u64().unwrap();
    assert!(calls <= 3 * 16 * 3100 / 100, "{calls}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_freeland"));
    command.args(arguments).args([&out, &file]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let clock = Instant::now();
    while read(&out)["energy_calls_by_phase"]["production"].is_null() {
        assert!(clock.elapsed() < Duration::from_secs(60), "no checkpoint of production");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    freeland(["sample", "--resume"].map(Path::new).iter().chain([&out.as_path()]));
    let found = read(&out);
    assert_eq!(found["rotamers"], expected["rotamers"]);
    assert_eq!(found["energy_calls_by_phase"], expected["energy_calls_by_phase"]);
    let pmf = |out: &Path| std::fs::read(out.join("pmf.npz")).unwrap();
    assert!(pmf(&out) == pmf(&alone), "pmf.npz differs from a run left alone");
}
