//! What the host of the science reads: run files, flows, the records of checkpoints.

use std::path::{Path, PathBuf};

use freeland::config::Config;
use freeland::flow::{ConditionalFlow, FlowShape};
use freeland::report::Saved;
use freeland::space::Domain;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::mutation::mutated;
use super::{Attempts, Target, fresh};

pub fn targets() -> Vec<Target> {
    let target = |name, prepare| Target { name, most: u64::MAX, prepare };
    vec![
        target("run-file", |folder| Box::new(RunFile::new(folder))),
        target("flow", |folder| Box::new(Flow::new(folder))),
        target("checkpoint", |folder| Box::new(Checkpoint::new(folder))),
    ]
}

/// TOML, read as a run file, and written as the resolved one.
struct RunFile {
    file: PathBuf,
    seeds: Vec<Vec<u8>>,
}

impl RunFile {
    fn new(folder: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut seeds = Vec::new();
        for folder in ["tests/config/good", "tests/config/bad", "host/examples"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|it| it == "toml") {
                    seeds.push(std::fs::read(path).unwrap());
                }
            }
        }
        Self { file: folder.join("run.toml"), seeds }
    }
}

impl Attempts for RunFile {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        const TOKENS: &[&str] = &[
            "\"300 K\"",
            "[[[[",
            "\"\"\"",
            "{ a = { a = ",
            "1979-05-27T07:32:00Z",
            "\n[flow]\n",
            "\\u0000",
            "= ",
            "''",
        ];
        mutated(&self.seeds, TOKENS, random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        fresh(&self.file, input);
        let Ok(config) = Config::read(&self.file) else { return false };
        let resolved = config.to_toml().expect("what was read can be written");
        let again = Config::parse(&resolved, Path::new("config.toml"));
        assert_eq!(again.expect("what was written can be read"), config);
        true
    }
}

/// A flow in safetensors, whose metadata say how large it is.
struct Flow {
    file: PathBuf,
    flow: ConditionalFlow,
    seeds: Vec<Vec<u8>>,
}

impl Flow {
    fn new(folder: &Path) -> Self {
        tch::set_num_threads(1);
        let file = folder.join("broken.safetensors");
        let shape = FlowShape {
            coarse: vec![Domain::Circle],
            coarse_ranges: vec![(-4.0, 4.0)],
            fine: vec![Domain::Circle, Domain::Line, Domain::Line],
        };
        let config = toml::from_str("hidden = [8]\ncouplings = 2\n").unwrap();
        let flow = ConditionalFlow::new(&shape, &config, 1).unwrap();
        flow.save(&file).unwrap();
        let seed = std::fs::read(&file).unwrap();
        Self { file, flow, seeds: vec![seed] }
    }
}

impl Attempts for Flow {
    /// Half of the inputs keep their length to the header's end, so that its numbers are reached.
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        const TOKENS: &[&str] = &["[1000000]", "\"F64\"", "\"U8\"", "null", "{}", "[0,0]"];
        let seed = &self.seeds[0];
        if random.random_bool(0.5) {
            return mutated(&self.seeds, TOKENS, random);
        }
        let length = u64::from_le_bytes(seed[..8].try_into().expect("eight bytes")) as usize;
        let header = mutated(&[seed[8..8 + length].to_vec()], TOKENS, random);
        [&(header.len() as u64).to_le_bytes(), &header[..], &seed[8 + length..]].concat()
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        fresh(&self.file, input);
        self.flow.restore(&self.file).is_ok()
    }
}

/// The record of a run's last round, and the two files that it names.
struct Checkpoint {
    folder: PathBuf,
    seeds: Vec<Vec<u8>>,
}

/// A round of a run that was never made, but could have been.
const RECORD: &str = include_str!("checkpoint.json");

impl Checkpoint {
    fn new(folder: &Path) -> Self {
        let folder = folder.join("checkpoint");
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["round-0001.flow.safetensors", "round-0001.state.safetensors"] {
            std::fs::write(folder.join(file), "").unwrap();
        }
        let checkpoint = Self { folder, seeds: vec![RECORD.as_bytes().to_vec()] };
        std::fs::write(checkpoint.folder.join("round-0001.json"), RECORD).unwrap();
        let found = Saved::find(&checkpoint.folder).expect("the seed is read");
        assert_eq!(found.expect("there is a round").rounds(), 1);
        checkpoint
    }
}

impl Attempts for Checkpoint {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        mutated(&self.seeds, &["null", "[[[[", "{\"", "\"format\": 2,", "-1", "\\u0000"], random)
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        fresh(&self.folder.join("round-0001.json"), input);
        Saved::find(&self.folder).is_ok_and(|saved| saved.is_some_and(|saved| saved.rounds() < 1000))
    }
}
