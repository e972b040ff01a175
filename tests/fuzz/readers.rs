//! Files and configurations: manifests, configurations of plugins, trajectories, OpenMM's System XML.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use freeland_loader::{
    Code, CreateError, Creation, Library, Manifest, Potential, Registry, Request, SearchPath,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::mutation::{any_object, mutated};
use super::{Attempts, Target, built, fresh};

/// The largest potential that is evaluated here, in coordinates.
const LARGEST: usize = 200_000;

pub fn targets() -> Vec<Target> {
    let target = |name, prepare| Target { name, most: u64::MAX, prepare };
    vec![
        target("configuration", |_| {
            Box::new(Configurations::of(Library::open(&built("FREELAND_FUZZ_TOYS")).unwrap()))
        }),
        target("molecule-configuration", |_| Box::new(Configurations::of(molecular_mechanics()))),
        target("system-xml", |folder| Box::new(Molecule::new(folder, "system-xml"))),
        target("molecule-pdb", |folder| Box::new(Molecule::new(folder, "pdb"))),
        target("manifest", |folder| Box::new(Manifests::new(folder))),
        target("npy", |folder| {
            Box::new(Trajectory::new(folder, "npy", &["frames.npy"], &["fortran_order", "'<f4'", "'|O'"]))
        }),
        target("dcd", |folder| {
            const SEEDS: &[&str] = &[
                "box.dcd",
                "plain.dcd",
                "charmm-fixed-4d-cell.dcd",
                "charmm-matrix.dcd",
                "charmm-wide-big.dcd",
                "xplor-fixed.dcd",
            ];
            Box::new(Trajectory::new(folder, "dcd", SEEDS, &["CORD"]))
        }),
        target("pdb", |folder| {
            Box::new(Trajectory::new(
                folder,
                "pdb",
                &["models.pdb", "mdanalysis.pdb"],
                &["ATOM  ", "MODEL", "ENDMDL"],
            ))
        }),
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn molecular_mechanics() -> Arc<Library> {
    Library::open(&built("FREELAND_FUZZ_MOLECULE")).unwrap()
}

/// Makes a potential and evaluates it at zero and where its molecule is; true where it could be made. A bug that the
/// plugin caught itself is a bug all the same.
pub fn exercise(made: Result<Potential, CreateError>) -> bool {
    let potential = match made {
        Ok(potential) => potential,
        Err(CreateError::Failed { code: Code(6), reason, .. }) => panic!("a bug in the plugin: {reason}"),
        Err(_) => return false,
    };
    if potential.coordinates() > LARGEST {
        return true;
    }
    let width = potential.coordinates();
    let mut positions = vec![0.0; width];
    if let Some(start) =
        potential.topology().map(|topology| &topology.positions).filter(|it| it.len() == width)
    {
        positions.extend(start);
    }
    let count = positions.len() / width;
    let (mut energies, mut gradients) = (vec![0.0; count], vec![0.0; positions.len()]);
    let (mut statuses, boxes) = (vec![0; count], [5.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 5.0]);
    let request = Request::new(&positions, &mut statuses).energies(&mut energies).gradients(&mut gradients);
    // An error is an answer; what must hold is only checked where there is a result.
    if potential.evaluate_into(request.box_rows(&boxes, 0)).is_ok() {
        assert!(statuses.iter().zip(&energies).all(|(&status, energy)| (status == 0) == energy.is_finite()));
        assert!(gradients.iter().all(|gradient| gradient.is_finite()));
    }
    true
}

/// JSON for the potentials of a library, from their schemas and from examples.
struct Configurations {
    library: Arc<Library>,
    keys: Vec<String>,
    seeds: Vec<Vec<u8>>,
    id: String,
}

impl Configurations {
    fn of(library: Arc<Library>) -> Self {
        let mut keys = Vec::new();
        for descriptor in library.descriptors() {
            words(descriptor.config_schema.as_ref().unwrap_or(&Value::Null), &mut keys);
        }
        keys.sort();
        keys.dedup();
        let seeds = [
            json!({}),
            json!({ "system": "alanine-dipeptide", "implicit": "gbn2", "precision": "single", "threads": 1 }),
            json!({ "covariance": [[1, 0.5], [0.5, 2]], "mean": [0, 1] }),
            json!({ "b": 6, "c": 1, "d": 1 }),
            json!({ "stiffness": 2, "length": 4 }),
            json!({ "atoms": 2, "height": 3, "cutoff": 1 }),
            json!({ "terms": [{ "height": -200, "centre": [1, 0], "a": -1, "b": 0, "c": -10 }] }),
        ];
        let seeds = seeds.iter().map(|seed| seed.to_string().into_bytes()).collect();
        Self { library, keys, seeds, id: String::new() }
    }
}

/// Keys of properties and values of enumerations in a JSON Schema.
fn words(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => into.extend(properties.keys().cloned()),
                    ("const", Value::String(word)) => into.push(word.clone()),
                    _ => {}
                }
                words(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::String(word) => into.push(word.clone()),
            item => words(item, into),
        }),
        _ => {}
    }
}

impl Attempts for Configurations {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        if random.random_bool(0.5) {
            return Value::Object(any_object(&self.keys, 3, random)).to_string().into_bytes();
        }
        let tokens: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        mutated(&self.seeds, &tokens, random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let Ok(config) = serde_json::from_slice::<Value>(input) else { return false };
        let mut accepted = false;
        for id in self.library.ids() {
            self.id = id;
            accepted |= exercise(self.library.create(&self.id, &config, &Creation::default()));
        }
        accepted
    }
}

/// A System and its PDB file, of which one is broken.
struct Molecule {
    library: Arc<Library>,
    pairs: Vec<(PathBuf, Vec<u8>)>,
    file: PathBuf,
    key: &'static str,
    tokens: &'static [&'static str],
}

impl Molecule {
    fn new(folder: &Path, key: &'static str) -> Self {
        let data = root().join("plugins/molecular-mechanics/tests/reference/data");
        let names = ["butane-rb", "alanine-vacuum", "alanine-gbn2", "alanine-charmm36-2024"];
        let (broken, whole) = if key == "pdb" { ("pdb", "xml") } else { ("xml", "pdb") };
        let pair = |name: &&str| {
            let bytes = std::fs::read(data.join(format!("{name}.{broken}"))).unwrap();
            (data.join(format!("{name}.{whole}")), bytes)
        };
        let tokens: &[&str] = if key == "pdb" {
            &[
                "ATOM  ", "HETATM", "CONECT", "TER", "MODEL ", "ENDMDL", "CRYST1", "A0000", "*****", "EP",
                "BALA", "CYS", "HOH", "\r", "\u{e9}",
            ]
        } else {
            &[
                "<Force ",
                "/>",
                "type=\"NonbondedForce\"",
                "<Particle/>",
                "&amp;",
                "<![CDATA[",
                "method=\"2\"",
                "p1=\"-1\"",
            ]
        };
        Self {
            library: molecular_mechanics(),
            pairs: names.iter().map(pair).collect(),
            file: folder.join(format!("broken.{broken}")),
            key,
            tokens,
        }
    }
}

impl Attempts for Molecule {
    /// The first byte says which whole file goes with it.
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let index = random.random_range(0..self.pairs.len());
        let mut input = vec![index as u8];
        input.extend(mutated(&[self.pairs[index].1.clone()], self.tokens, random));
        input
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let (index, bytes) = input.split_first().expect("input has its first byte");
        fresh(&self.file, bytes);
        let whole = &self.pairs[usize::from(*index)].0;
        let other = if self.key == "pdb" { "system-xml" } else { "pdb" };
        let config = json!({ self.key: self.file, other: whole, "threads": 1, "constraints": "bonds" });
        exercise(self.library.create("molecular-mechanics", &config, &Creation::default()))
    }
}

/// A manifest, read by itself and in a search.
struct Manifests {
    folder: PathBuf,
    seeds: Vec<Vec<u8>>,
}

impl Manifests {
    fn new(folder: &Path) -> Self {
        let folder = folder.join("plugins");
        std::fs::create_dir_all(&folder).unwrap();
        let seed = std::fs::read(Manifest::path_of(&built("FREELAND_FUZZ_TOYS"))).unwrap();
        Self { folder, seeds: vec![seed] }
    }
}

impl Attempts for Manifests {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        const TOKENS: &[&str] = &["../", "\"library\": \"/etc/passwd\",", "[[[[", "{\"", "\\u0000", "null"];
        mutated(&self.seeds, TOKENS, random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let path = self.folder.join("toys.epp.json");
        fresh(&path, input);
        // A search also looks into folders that are none of this test's, and takes its time.
        if input.len().is_multiple_of(32) {
            let registry = Registry::scan(&SearchPath::new(std::slice::from_ref(&self.folder)));
            let _ = registry.find("mueller-brown");
        }
        let Ok(manifest) = Manifest::read(&path) else { return false };
        assert!(!manifest.library.contains('/'), "a library outside the folder: {}", manifest.library);
        manifest.write(&path).unwrap();
        assert_eq!(Manifest::read(&path).unwrap(), manifest);
        true
    }
}

/// Configurations from a file.
struct Trajectory {
    file: PathBuf,
    seeds: Vec<Vec<u8>>,
    tokens: &'static [&'static str],
    shapes: Vec<(usize, usize)>,
}

impl Trajectory {
    fn new(folder: &Path, extension: &str, seeds: &[&str], tokens: &'static [&'static str]) -> Self {
        let data = root().join("tests/data/trajectories");
        let seeds: Vec<Vec<u8>> = seeds.iter().map(|name| std::fs::read(data.join(name)).unwrap()).collect();
        let file = folder.join(format!("broken.{extension}"));
        // The number of atoms that the files are of, and another one.
        let mut shapes = vec![(1, 2), (2, 3)];
        std::fs::write(&file, &seeds[0]).unwrap();
        shapes.extend(
            (1..100).map(|atoms| (atoms, 3)).filter(|shape| freeland_frames::read(&file, shape.0, 3).is_ok()),
        );
        assert!(shapes.len() > 2, "the seed is read");
        shapes.reverse();
        Self { file, seeds, tokens, shapes }
    }
}

impl Attempts for Trajectory {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        mutated(&self.seeds, self.tokens, random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        fresh(&self.file, input);
        let mut accepted = false;
        for &(atoms, dimensions) in &self.shapes {
            if let Ok(read) = freeland_frames::read(&self.file, atoms, dimensions) {
                let positions = &read.positions;
                assert!(positions.ncols() == atoms * dimensions && positions.nrows() > 0);
                assert!(positions.iter().all(|value| value.is_finite()));
                let boxes = read.boxes.unwrap_or_default();
                assert!(boxes.is_empty() || boxes.len() == positions.nrows());
                assert!(boxes.as_flattened().as_flattened().iter().all(|value| value.is_finite()));
                accepted = true;
            }
        }
        accepted
    }
}
