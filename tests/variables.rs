//! Collective variables of every kind, from a run file to F, by dynamics that is biased along them.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use freeland::landscape::Landscape;

use crate::support::{Ran, freeland, scratch, workspace_library};

const BOND_NM: f64 = 0.15;

fn plugin() -> &'static Path {
    static PLUGIN: LazyLock<PathBuf> = LazyLock::new(|| workspace_library("freeland-molecular-mechanics"));
    &PLUGIN
}

fn write(name: &str, text: &str) -> PathBuf {
    let file = scratch().path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// A run file for metadynamics at 300 K, 16 walkers.
fn run_file(name: &str, config: &str, coarse: &str, steps: usize) -> PathBuf {
    let toml = format!(
        r#"
temperature = "300 K"
potential = {{ plugin = "{}", config = {config} }}
coarse.variables = [{coarse}]
starting-data = {{ method = "dynamics", walkers = 16, steps = 100, time-step = "2 fs", friction = "5 /ps" }}
active-learning = {{ max-energy-calls = 100000, max-free-energy = "10 kT" }}

[sampling]
walkers = 16
steps = {steps}
equilibration-steps = 1000
metadynamics = {{ build-up-steps = {steps} }}
"#,
        plugin().display()
    );
    write(&format!("{name}.toml"), &toml)
}

fn metadynamics(name: &str, file: &Path) -> (Ran, PathBuf) {
    let out = scratch().path().join(name);
    let arguments =
        ["sample", file.to_str().unwrap(), "--method", "metadynamics", "--out", out.to_str().unwrap()];
    (freeland(arguments), out)
}

/// Four atoms in a row on stiff bonds, free to turn: the distance of the ends of three random steps of length b has the
/// density R^2 / (2 b^3) below b and R (3b - R) / (4 b^3) up to 3b.
#[test]
fn the_ends_of_a_freely_jointed_chain() {
    let bond = |i: usize| format!("<Bond d=\"{BOND_NM}\" k=\"100000\" p1=\"{i}\" p2=\"{}\"/>", i + 1);
    let xml = format!(
        "<System type=\"System\" version=\"1\"><PeriodicBoxVectors><A x=\"2\" y=\"0\" z=\"0\"/><B x=\"0\" y=\"2\" \
         z=\"0\"/><C x=\"0\" y=\"0\" z=\"2\"/></PeriodicBoxVectors><Particles>{}</Particles><Constraints/><Forces><Force \
         type=\"HarmonicBondForce\" forceGroup=\"0\" usesPeriodic=\"0\" version=\"2\"><Bonds>{}</Bonds></Force></Forces></System>",
        "<Particle mass=\"12\"/>".repeat(4),
        (0..3).map(bond).collect::<String>()
    );
    let places = [[0.0, 0.0, 0.0], [1.5, 0.0, 0.0], [2.25, 1.3, 0.0], [3.0, 1.3, 1.3]];
    let atom = |(k, [x, y, z]): (usize, [f64; 3])| {
        format!("ATOM  {:5}  C{}  CHN A   1    {x:8.3}{y:8.3}{z:8.3}  1.00  0.00           C\n", k + 1, k + 1)
    };
    let pdb: String = places.into_iter().enumerate().map(atom).collect();
    let bonds: String = (1..4).map(|k| format!("CONECT{k:5}{:5}\n", k + 1)).collect();
    let (xml, pdb) = (write("chain.xml", &xml), write("chain.pdb", &format!("{pdb}{bonds}END\n")));
    let config = format!("{{ system-xml = \"{}\", pdb = \"{}\" }}", xml.display(), pdb.display());
    let coarse = "{ distance = [\"C1\", \"C4\"], range = [\"0.2 A\", \"4.3 A\"], bins = 41 }";
    let (ran, out) = metadynamics("chain", &run_file("chain", &config, coarse, 40_000));
    ran.good();
    let pmf = Landscape::read(&out.join("pmf.npz")).unwrap();
    let exact = |r: f64| {
        let x = r / BOND_NM;
        -(if x < 1.0 { 0.5 * x * x } else { 0.25 * x * (3.0 - x) }).ln()
    };
    let centres = pmf.axes[0].clone();
    let kept: Vec<usize> =
        (0..centres.len()).filter(|bin| (centres[*bin] / BOND_NM - 1.0).abs() > 0.1).collect();
    let difference = |bin: &usize| pmf.f_kt[[*bin]] - exact(centres[*bin]);
    let shift = kept.iter().map(difference).sum::<f64>() / kept.len() as f64;
    let told = &pmf.f_std_kt;
    for bin in &kept {
        let (off, told) = (difference(bin) - shift, told[[*bin]]);
        assert!(off.abs() < 0.05 + 4.0 * told, "{} nm: off by {off} kT, told {told}", centres[*bin]);
        assert!(told < 0.2, "{told}");
    }
}

/// Every kind of variable of alanine dipeptide can be biased, and a flow is told why it cannot have those that are
/// functions of several coordinates.
#[test]
fn any_variable_of_a_molecule_can_be_biased() {
    let cases = [
        (
            "distance-sum",
            "{ distance-sum = [[\"1:O\", \"3:H\"], [\"1:C\", \"3:N\"]], range = [\"3 A\", \"12 A\"] }",
        ),
        (
            "difference",
            "{ distance-difference = [[\"1:O\", \"3:H\"], [\"1:C\", \"3:N\"]], range = [\"-4 A\", \"6 A\"] }",
        ),
        ("gyration", "{ radius-of-gyration = \"all\", range = [\"2.2 A\", \"2.9 A\"] }"),
        (
            "coordination",
            "{ coordination = { of = [\"1:O\"], by = [\"3:N\", \"3:H\"], length = \"3 A\" }, range = [0, 2] }",
        ),
        ("rmsd", "{ rmsd = {}, range = [\"0 A\", \"2.5 A\"] }"),
        (
            "combination",
            "{ combination = [{ coefficient = 1, torsion = \"phi\" }, { coefficient = 1, torsion = \"psi\" }] }",
        ),
    ];
    for (name, coarse) in cases {
        let coarse = format!("{}, bins = 20 }}", coarse.strip_suffix(" }").unwrap());
        let config = "{ system = \"alanine-dipeptide\", implicit = \"obc1\" }";
        let file = run_file(&format!("alanine-{name}"), config, &coarse, 300);
        let (ran, out) = metadynamics(&format!("alanine-{name}"), &file);
        assert!([Some(0), Some(1)].contains(&ran.code), "{name}: {}", ran.stderr);
        let pmf = Landscape::read(&out.join("pmf.npz")).unwrap();
        let seen: Vec<f64> =
            pmf.axes[0].iter().zip(&pmf.f_kt).filter(|(_, f)| f.is_finite()).map(|(s, _)| *s).collect();
        assert!(seen.len() >= 3, "{name}: seen at {seen:?}");
        assert!(name != "combination" || (pmf.axes[0][0] + PI - PI / 20.0).abs() < 1e-12);
        let refused = freeland(["run", file.to_str().unwrap(), "--out", "nowhere"]).refusal();
        assert!(
            refused.contains("is not a coordinate of the z-matrix but a function of several"),
            "{refused}"
        );
        assert!(refused.contains("freeland sample --method metadynamics"), "{refused}");
    }
}
