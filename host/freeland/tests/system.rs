//! Systems through real plugins: gradients against finite differences, counted calls, refusals.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use freeland::config::Config;
use freeland::space::Domain;
use freeland::system::{Phase, STATUS_NOT_FINITE, STATUS_OUTSIDE, System};
use freeland_loader::{Library, Manifest, SearchPath};
use ndarray::{Array2, Axis, array, s};
use ndarray_npy::ReadNpyExt;

/// The folder with the plugins, built once: `cargo test` alone does not leave their libraries there.
fn plugins() -> SearchPath {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "freeland-toys", "-p", "freeland-openmm", "--target-dir"]);
        cargo.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the plugins build");
        for name in ["toys", "openmm"] {
            let file =
                format!("{}freeland_{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            let library = Library::open_ignoring_manifest(&profile.join(file)).unwrap();
            library.manifest().write(&Manifest::path_of(library.path())).unwrap();
        }
        profile.to_path_buf()
    });
    SearchPath::new(std::slice::from_ref(folder))
}

const REST: &str = r#"
[starting-data]
method = "dynamics"
walkers = 1
steps = 1
time-step = "0.001 reduced"
friction = "1 reduced"

[active-learning]
max-energy-calls = 1
max-free-energy = "10 kT"
"#;

fn read(text: &str) -> Config {
    Config::parse(&format!("{text}{REST}"), Path::new("test.toml")).unwrap_or_else(|error| panic!("{error}"))
}

fn open(text: &str) -> System {
    System::open(&read(text), &plugins()).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(text: &str) -> String {
    System::open(&read(text), &plugins()).unwrap_err().to_string()
}

const MUELLER_BROWN: &str = r#"
temperature = "10 reduced"
potential.plugin = "mueller-brown"
coordinates = { kind = "linear", names = ["s", "t"], matrix = [[1, -1], [1, 1]], start = [-0.55, 1.44] }
coarse.variables = [{ coordinate = "s", range = [-2.5, 1.1] }]
"#;

fn alanine(rest: &str) -> String {
    format!("temperature = \"300 K\"\npotential.plugin = \"openmm\"\n{rest}")
}

fn frames() -> Array2<f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/alanine-dipeptide-frames.npy");
    let frames = ndarray::Array3::<f32>::read_npy(std::fs::File::open(file).unwrap()).unwrap();
    let n = frames.dim().0;
    frames.mapv(f64::from).into_shape_with_order((n, 66)).unwrap()
}

/// Compares the gradient of row 0 with Richardson differences, relative to the largest component.
fn check_gradients(system: &System, s: &Array2<f64>, x: &Array2<f64>, step: f64, tolerance: f64) {
    let exact = system.reduced_energy(s.view(), x.view(), Phase::Test).unwrap();
    assert_eq!(exact.status[0], 0);
    let gradient = exact.gradient_x.row(0);
    let largest = gradient.iter().map(|g| g.abs()).fold(1.0, f64::max);
    for (k, gradient) in gradient.iter().enumerate() {
        let value = |h: f64| {
            let mut x = x.clone();
            x[[0, k]] += h;
            system.reduced_energy(s.view(), x.view(), Phase::Test).unwrap().v[0]
        };
        let difference = |h: f64| (value(h) - value(-h)) / (2.0 * h);
        let numerical = (4.0 * difference(step) - difference(2.0 * step)) / 3.0;
        let error = (numerical - gradient).abs() / largest;
        assert!(error < tolerance, "coordinate {k}: {numerical} against {gradient}");
    }
}

#[test]
fn mueller_brown_along_its_diagonal() {
    let mut system = open(MUELLER_BROWN);
    assert_eq!((system.coarse().len(), system.fine().len(), system.kt()), (1, 1, 10.0));
    assert_eq!(system.coarse()[0].centres().len(), 100);
    let internal = system.to_internal(array![[-0.558, 1.442]].view()).unwrap();
    assert!((internal.s[[0, 0]] + 2.0).abs() < 1e-12 && (internal.x[[0, 0]] - 0.884).abs() < 1e-12);
    let energies = system.reduced_energy(internal.s.view(), internal.x.view(), Phase::Labels).unwrap();
    // The deep minimum, -146.70, at kT = 10, less ladj = ln 1/2.
    assert!((energies.v[0] - (-14.670 + 2.0_f64.ln())).abs() < 1e-3, "{}", energies.v[0]);
    assert!((energies.u_kt[0] + 14.670).abs() < 1e-3, "{}", energies.u_kt[0]);
    check_gradients(&system, &array![[-1.4]], &array![[0.6]], 1e-3, 1e-8);
    system.standardise(array![[-0.6, 1.4], [-0.5, 1.5], [0.6, 0.0]].view()).unwrap();
    check_gradients(&system, &array![[-1.4]], &array![[0.6]], 1e-3, 1e-8);
}

#[test]
fn a_system_without_coarse_variables_is_unconditional() {
    let text = r#"
temperature = "1 reduced"
potential.plugin = "double-well"
coordinates.kind = "linear"
coarse.variables = [{ coordinate = "q0", range = [-1, 1] }]
"#;
    // No run file says so, but a program may.
    let mut config = read(text);
    config.coarse.variables.clear();
    let system = System::open(&config, &plugins()).unwrap();
    assert_eq!((system.coarse().len(), system.fine().len()), (0, 2));
    let internal = system.to_internal(array![[0.3, 0.4], [-1.0, 2.0]].view()).unwrap();
    let energies = system.reduced_energy(internal.s.view(), internal.x.view(), Phase::Test).unwrap();
    let exact = |x: f64, y: f64| x.powi(4) - 6.0 * x * x + x + 0.5 * y * y;
    assert!(
        (energies.v[0] - exact(0.3, 0.4)).abs() < 1e-12 && (energies.v[1] - exact(-1.0, 2.0)).abs() < 1e-12
    );
    check_gradients(&system, &internal.s.slice(s![..1, ..]).to_owned(), &array![[0.3, 0.4]], 1e-3, 1e-9);
    let none = Array2::zeros((0, 2));
    let empty = system.reduced_energy(Array2::zeros((0, 0)).view(), none.view(), Phase::Test).unwrap();
    assert_eq!(empty.v.len(), 0);
}

#[test]
fn alanine_has_two_coarse_and_58_fine_coordinates() {
    let mut system = open(&alanine("coarse.variables = [\"phi\", \"psi\"]"));
    assert_eq!((system.coarse().len(), system.fine().len(), system.size()), (2, 58, 66));
    assert_eq!(system.masses().len(), 22);
    let frames = frames();
    system.standardise(frames.view()).unwrap();
    let circles = system.fine().iter().filter(|fine| fine.scale.domain() == Domain::Circle).count();
    assert_eq!(circles, 3);
    let internal = system.to_internal(frames.view()).unwrap();
    let back = system.to_cartesian(internal.s.view(), internal.x.view()).unwrap();
    assert!(back.inside.iter().all(|inside| *inside));
    // The energy does not notice rigid motion, nor the relabelling of hydrogens.
    let few = s![..10, ..];
    let before = system.cartesian_energy(frames.slice(few), Phase::Test).unwrap().u_kt;
    let after = system.cartesian_energy(back.r.slice(few), Phase::Test).unwrap().u_kt;
    before.iter().zip(&after).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{a} against {b}"));
    let reduced = system.reduced_energy(internal.s.slice(few), internal.x.slice(few), Phase::Test).unwrap();
    for k in 0..10 {
        assert!((reduced.v[k] - (before[k] - internal.ladj[k])).abs() < 1e-6);
    }
    // The other way of writing the torsion is the same, and so are names.
    let named =
        r#"coarse.variables = [{ torsion = [14, 8, 6, 4] }, { torsion = ["2:N", "2:CA", "2:C", "3:N"] }]"#;
    let other = open(&alanine(named)).to_internal(frames.view()).unwrap();
    assert_eq!(other.s, internal.s);
}

#[test]
fn gradients_of_alanine_are_those_of_finite_differences() {
    let mut system = open(&alanine("coarse.variables = [\"phi\", \"psi\"]"));
    let frames = frames();
    system.standardise(frames.view()).unwrap();
    let internal = system.to_internal(frames.slice(s![7..8, ..])).unwrap();
    check_gradients(&system, &internal.s, &internal.x, 1e-3, 1e-5);
}

#[test]
fn the_coarse_gradient_is_that_of_finite_differences() {
    let text = "coarse.variables = [\"phi\", \"psi\", { distance = [8, 6], range = [\"1 A\", \"2 A\"] }]";
    let system = open(&alanine(text));
    let frame = frames().row(5).to_vec();
    let (mut s, mut gradient) = ([0.0; 3], [0.0; 3 * 66]);
    system.coarse_with_gradient(&frame, &mut s, &mut gradient);
    let internal = system.to_internal(array_row(&frame).view()).unwrap();
    s.iter().zip(internal.s.row(0)).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
    for k in 0..66 {
        let value = |h: f64| {
            let mut moved = frame.clone();
            moved[k] += h;
            let mut s = [0.0; 3];
            system.coarse_with_gradient(&moved, &mut s, &mut [0.0; 3 * 66]);
            s
        };
        let (up, down) = (value(1e-6), value(-1e-6));
        for i in 0..3 {
            let numerical = (up[i] - down[i]) / 2e-6;
            assert!((numerical - gradient[66 * i + k]).abs() < 1e-6);
        }
    }
}

fn array_row(r: &[f64]) -> Array2<f64> {
    ndarray::aview1(r).insert_axis(Axis(0)).to_owned()
}

/// Every kind of variable opens and can be biased; what is no coordinate is refused where a flow begins.
#[test]
fn flows_refuse_what_is_no_coordinate() {
    let cases = [
        (
            "{ torsion = [0, 5, 9, 21] }",
            ", which was derived and cannot have it together with the other variables",
        ),
        (
            "{ distance = [4, 14], range = [\"1 A\", \"5 A\"] }, \"phi\"",
            ", which was derived and cannot have it together with the other variables",
        ),
        ("{ distance-sum = [[0, 4], [4, 14]], range = [\"1 A\", \"9 A\"] }", " but a function of several"),
        (
            "{ distance-difference = [[0, 4], [4, 14]], range = [\"-5 A\", \"5 A\"] }",
            " but a function of several",
        ),
        ("{ radius-of-gyration = \"all\", range = [\"1 A\", \"5 A\"] }", " but a function of several"),
        (
            "{ coordination = { of = [\"1:O\"], by = \"heavy\", length = \"3 A\" }, range = [0, 5] }",
            "atom 5 is in both groups",
        ),
        (
            "{ coordination = { of = [\"1:O\"], by = [\"3:N\", \"3:H\"], length = \"3 A\" }, range = [0, 2] }",
            " but a function of several",
        ),
        ("{ rmsd = {}, range = [\"0 A\", \"3 A\"] }", " but a function of several"),
        (
            "{ combination = [{ coefficient = 1, torsion = \"phi\" }, { coefficient = -1, torsion = \"psi\" }] }",
            " but a function of several",
        ),
    ];
    for (variables, reason) in cases {
        let config = read(&alanine(&format!("coarse.variables = [{variables}]")));
        let refused = System::open(&config, &plugins())
            .and_then(|mut system| system.check_for_flow(&config.coordinates, None))
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with("coarse.variables[0]: ") && refused.contains(reason), "{refused}");
    }
}

#[test]
fn a_distance_of_atoms_that_are_not_bonded_is_a_coordinate_of_a_flow() {
    let mut system = open(&alanine(
        "coarse.variables = [{ distance = [\"1:O\", \"3:H\"], range = [\"1 A\", \"9 A\"] }, \"psi\"]",
    ));
    let frames = frames();
    system.standardise(frames.view()).unwrap();
    let internal = system.to_internal(frames.view()).unwrap();
    let back = system.to_cartesian(internal.s.view(), internal.x.view()).unwrap();
    let again = system.to_internal(back.r.view()).unwrap();
    assert!((&again.s - &internal.s).iter().all(|difference| difference.abs() < 1e-9));
    let (mut s, mut slopes) = ([0.0; 2], vec![0.0; 2 * system.size()]);
    system.coarse_with_gradient(frames.row(7).as_slice().unwrap(), &mut s, &mut slopes);
    assert!((s[0] - internal.s[[7, 0]]).abs() < 1e-12);
    let some = s![0..40;10, ..];
    let (s, x) = (internal.s.slice(some).to_owned(), internal.x.slice(some).to_owned());
    check_gradients(&system, &s, &x, 1e-4, 1e-5);
}

#[test]
fn bad_samples_are_told_and_only_sent_ones_are_counted() {
    let mut system = open(&alanine("coarse.variables = [\"phi\", \"psi\"]"));
    system.standardise(frames().view()).unwrap();
    let internal = system.to_internal(frames().slice(s![..4, ..])).unwrap();
    let mut x = internal.x.clone();
    x[[1, 0]] = f64::NAN;
    // The first fine coordinate is a bond.
    x[[2, 0]] = -1e4;
    let energies = system.reduced_energy(internal.s.view(), x.view(), Phase::ByEnergy).unwrap();
    assert_eq!(energies.status.to_vec(), [0, STATUS_NOT_FINITE, STATUS_OUTSIDE, 0]);
    for k in [1, 2] {
        assert_eq!((energies.v[k], energies.u_kt[k]), (f64::INFINITY, f64::INFINITY));
        assert!(energies.gradient_x.row(k).iter().all(|g| *g == 0.0));
    }
    assert!(energies.v[0].is_finite() && energies.v[3].is_finite());
    let calls = system.energy_calls();
    assert_eq!((calls.of(Phase::ByEnergy), calls.total()), (2, 2));
    let cartesian = system.to_cartesian(internal.s.view(), x.view()).unwrap();
    assert_eq!(cartesian.inside, [true, false, false, true]);
}

#[test]
fn a_standardisation_is_read_back_by_the_same_system_only() {
    let text = alanine("coarse.variables = [\"phi\", \"psi\"]");
    let mut system = open(&text);
    system.standardise(frames().view()).unwrap();
    let json = serde_json::to_string(&system.standardisation()).unwrap();
    let read = serde_json::from_str(&json).unwrap();
    let again = open(&text).with_standardisation(&read).unwrap();
    assert_eq!(again.fine(), system.fine());
    let frames = frames();
    assert_eq!(again.to_internal(frames.view()).unwrap(), system.to_internal(frames.view()).unwrap());
    let other = open(&alanine("coarse.variables = [\"phi\"]")).with_standardisation(&read).unwrap_err();
    assert!(other.to_string().contains("belongs to another system"), "{other}");
}

#[test]
fn frames_that_cannot_be_used_are_named() {
    let mut system = open(&alanine("coarse.variables = [\"phi\", \"psi\"]"));
    let mut frames = frames();
    frames[[3, 30]] = f64::NAN;
    let error = system.to_internal(frames.view()).unwrap_err().to_string();
    assert!(error.starts_with("frame 3: the position of atom 10 is not finite"), "{error}");
    assert_eq!(system.standardise(frames.view()).unwrap_err().to_string(), error);
    let narrow = system.to_internal(frames.slice(s![.., ..65])).unwrap_err().to_string();
    assert_eq!(narrow, "r: expected rows of 66 numbers, got 65");
    let none = system.standardise(frames.slice(s![..0, ..])).unwrap_err().to_string();
    assert_eq!(none, "standardise: expected at least one frame, got none");
}

#[test]
fn refusals_name_the_key() {
    let variable = |text: &str| refusal(&alanine(&format!("coarse.variables = [{text}]")));
    let cases = [
        (
            variable("\"phi:3\""),
            "coarse.variables[0]: no residue has the torsion 'phi:3'; it is defined for residues [2]",
        ),
        (
            variable("{ torsion = [4, 6, 8, 22] }"),
            "coarse.variables[0]: atom 22 is out of range, the potential has atoms 0 to 21",
        ),
        (
            variable("{ torsion = [4, 6, 8, 6] }"),
            "coarse.variables[0]: atom 6 is named twice in [4, 6, 8, 6]",
        ),
        (
            variable("\"phi\", { torsion = [14, 8, 6, 4] }"),
            "coarse.variables[1]: torsion 14-8-6-4 is the same coordinate as an earlier variable; remove one",
        ),
        (
            variable("{ radius-of-gyration = [4, 6, 4], range = [\"1 A\", \"5 A\"] }"),
            "coarse.variables[0]: atom 4 is named twice in [4, 6, 4]",
        ),
        (
            variable("{ rmsd = { reference = \"nowhere.pdb\" }, range = [\"0 A\", \"5 A\"] }"),
            "coarse.variables[0]: 'nowhere.pdb': cannot be read: No such file",
        ),
        (
            variable("{ combination = [{ coefficient = 0.5, torsion = \"phi\" }] }"),
            "coarse.variables[0]: a torsion is taken a whole number of times, such as 1 or -2, got 0.5",
        ),
        (
            variable("{ torsion = [\"N\", 8, 6, 4] }"),
            "coarse.variables[0]: 'N' names several atoms (2:N, 3:N); write the residue in front, such as \"2:N\"",
        ),
        (variable("{ torsion = [\"CX\", 8, 6, 4] }"), "coarse.variables[0]: no atom is called 'CX'"),
        (
            refusal(&alanine(
                "coarse.variables = [\"phi\"]\ncoordinates = { seed = [8, 6, 14], z-matrix = [{ atom = 4, bond = 6, angle = 8, torsion = 14 }] }",
            )),
            "[coordinates] z-matrix: expected 19 rows (every atom except the three seed atoms), got 1",
        ),
        (
            refusal(&alanine(
                "coarse.variables = [\"phi\"]\ncoordinates = { seed = [8, 6, 14], z-matrix = [{ atom = 4, bond = 6, angle = 8, torsion = 40 }] }",
            )),
            "coordinates.z-matrix[0].torsion: atom 40 is out of range, the potential has atoms 0 to 21",
        ),
        (
            refusal(&alanine("coarse.variables = [\"phi\"]\ncoordinates.start = [1, 2, 3]")),
            "coordinates.start: expected 66 numbers (22 atoms x 3), got 3",
        ),
        (
            refusal(&alanine("coarse.variables = [\"phi\"]\ncoordinates.start = \"nowhere.pdb\"")),
            "coordinates.start: 'nowhere.pdb': cannot be read: ",
        ),
        (
            refusal(
                "temperature = \"300 K\"\npotential.plugin = \"mueller-brown\"\ncoarse.variables = [{ coordinate = \"q0\", range = [0, 1] }]\ncoordinates.kind = \"linear\"",
            ),
            "temperature: 'mueller-brown' has an energy unit of its own; expected kT in it, such as \"1 reduced\", got 300 K",
        ),
        (
            refusal(
                "temperature = \"1 reduced\"\npotential.plugin = \"mueller-brown\"\ncoarse.variables = [\"phi\"]",
            ),
            "coordinates.kind: internal coordinates need 3 dimensions, 'mueller-brown' has 2; use kind = \"linear\"",
        ),
        (
            refusal(
                "temperature = \"1 reduced\"\npotential.plugin = \"mueller-brown\"\ncoarse.variables = [{ coordinate = \"q0\", range = [0, 1] }]\ncoordinates = { kind = \"linear\", matrix = [[2]] }",
            ),
            "coordinates.matrix: expected 2 rows for 'mueller-brown', got 1",
        ),
        (
            refusal(
                "temperature = \"1 reduced\"\npotential.plugin = \"mueller-brown\"\ncoarse.variables = [{ coordinate = \"q0\", range = [0, 1] }]\ncoordinates = { kind = \"linear\", matrix = [[1, 2], [2, 4]] }",
            ),
            "coordinates.matrix: expected an invertible matrix, its determinant is 0",
        ),
        (
            refusal(
                "temperature = \"1 reduced\"\npotential.plugin = \"mueller-brown\"\ncoordinates.kind = \"linear\"\ncoarse.variables = [{ coordinate = \"s\", range = [0, 1] }]",
            ),
            "coarse.variables[0].coordinate: no row of the map is called 's'; its rows are q0, q1",
        ),
    ];
    for (found, expected) in cases {
        assert!(found.starts_with(expected), "expected: {expected}\nfound:    {found}");
    }
}
