//! Checkpoints of runs and of sampling with all their files, whose digests fit: nothing is caught before the arrays are.

use std::path::{Path, PathBuf};

use freeland::active::{Driver, Observer};
use freeland::config::Config;
use freeland::config::sampling::Method;
use freeland::dynamics::Sampling;
use freeland::report::{RunFolder, draw};
use freeland::system::System;
use freeland_loader::SearchPath;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::arrays::mutated_arrays;
use super::mutation::mutated;
use super::{Attempts, Target, built, fresh};

pub fn targets() -> Vec<Target> {
    // Every input loads a plugin and makes a flow: a process is not asked for too many of them.
    let target = |name, prepare| Target { name, most: 5000, prepare };
    vec![
        target("checkpoint-of-run", |folder| Box::new(OfRun::new(folder))),
        target("checkpoint-of-sampling", |folder| Box::new(OfSampling::new(folder))),
    ]
}

/// As small as a run can be, on the Mueller-Brown potential.
fn config() -> Config {
    let plugin = format!("{}#mueller-brown", built("FREELAND_FUZZ_TOYS").display());
    let text = format!(
        r#"
temperature = "10 reduced"
potential.plugin = "{plugin}"
coordinates = {{ kind = "linear", names = ["s", "t"], matrix = [[1.0, -1.0], [1.0, 1.0]], start = [-0.55, 1.45] }}
coarse.variables = [{{ coordinate = "s", range = [-2.5, 1.1], bins = 10 }}]
starting-data = {{ method = "dynamics", walkers = 4, steps = 40, keep-every = 4, time-step = "0.02 reduced", friction = "2 reduced" }}
flow = {{ kind = "affine", hidden = [4] }}
training.by-example = {{ epochs = 2, batch = 16 }}
training.replay = {{ steps = 1, capacity = 24 }}
free-energy = {{ members = 2, max-functions = 8 }}

[active-learning]
max-energy-calls = 100000
max-free-energy = "14 kT"
batch = 8
steps-per-round = 2
walkers = 4
exploration-steps = 10
centres = 2
sites-per-centre = 4

[sampling]
walkers = 4
steps = 400
equilibration-steps = 100
metadynamics = {{ build-up-steps = 40, pace = 5, relative-width = 0.2 }}
umbrella = {{ growth-steps = 40, exchange-every = 8, keep-every = 4, relative-spacing = 0.5, relative-width = 0.3 }}
"#
    );
    Config::parse(&text, Path::new("run.toml")).expect("the run file is good")
}

fn open(config: &Config) -> System {
    System::open(config, &SearchPath::of([])).expect("the toys are there")
}

/// Tells nobody.
struct Quiet;

impl Observer for Quiet {}

/// The files of a checkpoint one after the other, each behind its length.
fn packed(files: &[Vec<u8>]) -> Vec<u8> {
    files.iter().flat_map(|file| [&(file.len() as u64).to_le_bytes()[..], file].concat()).collect()
}

fn unpacked(mut input: &[u8]) -> Vec<&[u8]> {
    let mut files = Vec::new();
    while let Some((length, rest)) = input.split_first_chunk() {
        let (file, rest) = rest.split_at(u64::from_le_bytes(*length) as usize);
        files.push(file);
        input = rest;
    }
    files
}

/// Changes one of the files, or two: the JSON as text, the others as arrays or as bytes.
fn changed(files: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut files = files.to_vec();
    // The first is the JSON, the second the arrays that matter most.
    let (first, second) = (if random.random_bool(0.6) { 1 } else { 0 }, random.random_range(0..files.len()));
    files[first] = broken(first, &files[first], random);
    if second != first && random.random_bool(0.5) {
        files[second] = broken(second, &files[second], random);
    }
    packed(&files)
}

fn broken(at: usize, file: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    match (at, random.random_bool(0.1)) {
        (0, _) => mutated(&[file.to_vec()], &["null", "[[[[", "{\"", "-1", ",0"], random),
        (_, true) => mutated(&[file.to_vec()], &["[1000000]", "\"F32\"", "null", "{}", "[0,0]"], random),
        (_, false) => mutated_arrays(file, random),
    }
}

/// The JSON with the digests of what is there; text that is no JSON as it is.
fn with_digests(json: &[u8], digests: &[(&str, &Path)]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return json.to_vec() };
    for (key, file) in digests {
        if let Some(digest) = value.get_mut(*key) {
            *digest = freeland_loader::sha256(file).expect("it was just written").into();
        }
    }
    serde_json::to_vec(&value).expect("it was read")
}

/// A run after two rounds, gone on with for a third.
struct OfRun {
    config: Config,
    folder: RunFolder,
    /// JSON, state, flow.
    paths: [PathBuf; 3],
    files: Vec<Vec<u8>>,
}

impl OfRun {
    fn new(folder: &Path) -> Self {
        tch::set_num_threads(1);
        let (config, path) = (config(), folder.join("run"));
        let _ = std::fs::remove_dir_all(&path);
        let folder = RunFolder::create(&path, &config).unwrap();
        let mut system = open(&config);
        let checked = Driver::check(&config, &mut system).expect("the run is good");
        let mut driver = Driver::start(config.clone(), system, checked, &mut Quiet).expect("the run is good");
        for _ in 0..2 {
            driver.round(&mut Quiet).expect("the run is good");
        }
        folder.save(&driver, None).unwrap();
        let path = |ending: &str| folder.checkpoint_path().join(format!("round-0002.{ending}"));
        let paths = [path("json"), path("state.safetensors"), path("flow.safetensors")];
        let files = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
        let mut of_run = Self { config, folder, paths, files };
        let whole = packed(&of_run.files);
        assert!(of_run.attempt(&whole), "the seed is read");
        of_run
    }
}

impl Attempts for OfRun {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        changed(&self.files, random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let files = unpacked(input);
        let [json, state, flow] = &self.paths;
        fresh(state, files[1]);
        fresh(flow, files[2]);
        fresh(json, &with_digests(files[0], &[("state_sha256", state), ("flow_sha256", flow)]));
        let Ok(Some(saved)) = self.folder.saved() else { return false };
        let Ok(mut driver) = saved.resume(self.config.clone(), open(&self.config)) else { return false };
        // It was accepted: then it can be gone on with, and shown.
        let _ = (driver.outcome(), driver.pmf());
        let _ = driver.round(&mut Quiet);
        if let Some(pmf) = driver.pmf() {
            let _ = draw(pmf, driver.system().coarse(), "", &self.folder.path().join("pmf.svg"));
        }
        true
    }
}

/// Sampling by each method, at several moments, gone on with for some segments.
struct OfSampling {
    config: Config,
    folder: RunFolder,
    /// JSON and arrays of each.
    seeds: Vec<Vec<Vec<u8>>>,
}

const ARRAYS: &str = "sampling-1.safetensors";

impl OfSampling {
    fn new(folder: &Path) -> Self {
        let (config, path) = (config(), folder.join("sampling"));
        let _ = std::fs::remove_dir_all(&path);
        let folder = RunFolder::create(&path, &config).unwrap();
        let mut seeds = Vec::new();
        for (method, moments) in [
            (Method::Langevin, &[3][..]),
            (Method::Metadynamics, &[3, 11]),
            (Method::Umbrella, &[2, 4, 30, 1000]),
        ] {
            let mut sampling = Sampling::start(open(&config), &config, method).expect("the run is good");
            let mut segments = 0;
            for moment in moments {
                while segments < *moment && sampling.advance().expect("the run is good") {
                    segments += 1;
                }
                folder.save_sampling(&sampling, 1.0).unwrap();
                let json = std::fs::read(folder.checkpoint_path().join("sampling.json")).unwrap();
                let mut record: Value = serde_json::from_slice(&json).unwrap();
                let name = record["numbers"].as_str().expect("a name");
                let arrays = std::fs::read(folder.checkpoint_path().join(name)).unwrap();
                record["numbers"] = ARRAYS.into();
                seeds.push(vec![serde_json::to_vec(&record).unwrap(), arrays]);
            }
        }
        let mut of_sampling = Self { config, folder, seeds };
        for seed in of_sampling.seeds.clone() {
            assert!(of_sampling.attempt(&packed(&seed)), "the seed is read");
        }
        of_sampling
    }
}

impl Attempts for OfSampling {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        changed(&self.seeds[random.random_range(0..self.seeds.len())], random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let (files, checkpoint) = (unpacked(input), self.folder.checkpoint_path());
        let arrays = checkpoint.join(ARRAYS);
        fresh(&arrays, files[1]);
        let json = with_digests(files[0], &[("numbers_sha256", &arrays)]);
        fresh(&checkpoint.join("sampling.json"), &json);
        let Ok(Some(saved)) = self.folder.saved_sampling() else { return false };
        let Ok(mut sampling) = saved.resume(&self.config, open(&self.config)) else { return false };
        for _ in 0..6 {
            if !sampling.advance().unwrap_or(false) {
                break;
            }
        }
        if let Ok(sampled) = sampling.sampled() {
            let file = self.folder.path().join("pmf.svg");
            let _ = draw(&sampled.landscape, sampling.system().coarse(), "", &file);
        }
        true
    }
}
