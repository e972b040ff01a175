//! What goes wrong in worker processes is counted over all sessions of a run.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{freeland_with, misbehaving, scratch, toys, worker};

/// A folder with the Mueller-Brown example, on a plugin that crashes now and then and writes a line for every time.
struct Faulty {
    file: PathBuf,
    log: PathBuf,
    out: PathBuf,
}

impl Faulty {
    fn new(name: &str) -> Self {
        worker();
        let folder = scratch().path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let (file, log) = (folder.join("faulty.toml"), folder.join("faults.log"));
        std::fs::write(&log, "").unwrap();
        let potential = format!(
            "[potential]\nplugin = '{}'\nconfig = {{ log = '{}' }}\nisolation = 'process'\n\
             process = {{ time-limit = '300 ms', grace = '20 ms', max-restarts = 100000, writable = ['{}'] }}",
            misbehaving("faulty").display(),
            log.display(),
            log.display()
        );
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host/examples/mueller-brown.toml");
        let text = std::fs::read_to_string(example).unwrap();
        let text = text.replace("[potential]\nplugin = \"mueller-brown\"", &potential);
        let sampling = "[sampling]\nwalkers = 16\nsteps = 100\nequilibration-steps = 0";
        std::fs::write(&file, text.replace("[sampling]", sampling)).unwrap();
        Self { file, log, out: folder.join("out") }
    }

    fn freeland(&self, arguments: &[&str]) {
        let arguments = arguments.iter().map(|argument| match *argument {
            "FILE" => self.file.to_str().unwrap(),
            "OUT" => self.out.to_str().unwrap(),
            other => other,
        });
        freeland_with(arguments, &[("FREELAND_PLUGIN_PATH", toys())]).good();
    }

    /// Crashes in the summary, and crashes that there were.
    fn crashes(&self) -> (u64, u64) {
        let summary = std::fs::read(self.out.join("summary.json")).unwrap();
        let summary: Value = serde_json::from_slice(&summary).unwrap();
        let log = std::fs::read_to_string(&self.log).unwrap();
        let crashed = log.lines().filter(|line| line.starts_with("crash")).count();
        (summary["faults"]["crashes"].as_u64().unwrap(), crashed as u64)
    }
}

#[test]
fn faults_of_sampling_are_counted_over_all_sessions() {
    let faulty = Faulty::new("sampling-sessions");
    faulty.freeland(&["sample", "FILE", "--method", "langevin", "--out", "OUT"]);
    let (counted, before) = faulty.crashes();
    assert!(before > 0);
    assert_eq!(counted, before);
    // Nothing is left to do, and nothing is forgotten.
    faulty.freeland(&["sample", "--resume", "OUT"]);
    assert_eq!(faulty.crashes(), (before, before));
    // A longer run goes on, and adds its own.
    let config = faulty.out.join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let (head, sampling) = text.split_once("[sampling]").unwrap();
    let longer = format!("{head}[sampling]{}", sampling.replacen("steps = 100\n", "steps = 250\n", 1));
    assert_ne!(longer, text);
    std::fs::write(&config, longer).unwrap();
    faulty.freeland(&["sample", "--resume", "OUT"]);
    let (counted, after) = faulty.crashes();
    assert!(after > before);
    assert_eq!(counted, after);
}

#[test]
fn faults_of_a_run_are_counted_over_all_sessions() {
    let faulty = Faulty::new("run-sessions");
    faulty.freeland(&["run", "FILE", "--out", "OUT", "--max-energy-calls", "3000"]);
    let (counted, before) = faulty.crashes();
    assert!(before > 0);
    assert_eq!(counted, before);
    faulty.freeland(&["run", "--resume", "OUT", "--max-energy-calls", "6000"]);
    let (counted, after) = faulty.crashes();
    assert!(after > before);
    assert_eq!(counted, after);
}
