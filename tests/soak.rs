//! A run through a plugin that does everything wrong, a thousand times: the result is right, and every fault is counted.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use freeland::landscape::Landscape;
use serde_json::Value;

use crate::support::{freeland_with, misbehaving, scratch, toys, worker};

/// Bins above this, in kT, are of no interest.
const CAP: f64 = 12.0;
/// How far a bin may be from the exact F, in kT. A run without faults keeps to 0.15; this one has lost a few draws.
const TOLERANCE: f64 = 0.2;
/// Forward KLD from the exact F; 1e-3 without faults.
const KLD: f64 = 1.5e-3;
/// What a host that holds on to nothing may need more than one without faults, in kB: a thousand workers come and go, each
/// with 64 KiB of shared memory at least.
const MORE_MEMORY: u64 = 40_000;
/// Calls that a busy machine may delay beyond the time limit, so that they count as hangs that the plugin knows nothing of.
const DELAYED: u64 = 10;

/// What a process had at its most, looked at from outside.
#[derive(Debug, Default)]
struct Watched {
    memory_kb: u64,
    files: usize,
    zombies: usize,
    stdout: String,
}

fn watch(mut child: Child) -> Watched {
    let mut most = Watched::default();
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(process.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most.memory_kb = peak.and_then(|peak| peak.trim().parse().ok()).unwrap_or(0).max(most.memory_kb);
        let count = std::fs::read_dir(process.join("fd")).map_or(0, Iterator::count);
        most.files = most.files.max(count);
        most.zombies = most.zombies.max(zombies_of(child.id()));
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    most.stdout = String::from_utf8(output.stdout).unwrap();
    most
}

/// Dead children that nobody has reaped yet.
fn zombies_of(parent: u32) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let stats = entries.filter_map(|path| std::fs::read_to_string(path.join("stat")).ok());
    stats.filter(|stat| stat.contains(&format!(") Z {parent} "))).count()
}

fn start(file: &Path, out: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(["run", "--seed", "7", "--json"])
        .arg(file)
        .arg("--out")
        .arg(out)
        .env("FREELAND_PLUGIN_PATH", toys())
        .env("FREELAND_LOG", "error")
        // Threads of a small flow wait for each other more than they compute, the more the busier the machine.
        .env("OMP_NUM_THREADS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_thousand_faults_change_nothing_but_the_count() {
    worker();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = scratch().path().join("soak");
    std::fs::create_dir(&folder).unwrap();
    let example = root.join("host/examples/mueller-brown.toml");
    let (log, file) = (folder.join("faults.log"), folder.join("faulty.toml"));
    std::fs::write(&log, "").unwrap();
    let potential = format!(
        "[potential]\nplugin = '{}'\nconfig = {{ log = '{}' }}\nisolation = 'process'\n\
         process = {{ time-limit = '150 ms', grace = '20 ms', max-restarts = 100000, writable = ['{}'] }}",
        misbehaving("faulty").display(),
        log.display(),
        log.display()
    );
    let text = std::fs::read_to_string(&example).unwrap();
    std::fs::write(&file, text.replace("[potential]\nplugin = \"mueller-brown\"", &potential)).unwrap();
    let shared = || std::fs::read_dir("/dev/shm").map_or(0, Iterator::count);
    let shared_before = shared();

    let clean = watch(start(&example, &folder.join("clean")));
    let out = folder.join("faulty");
    let faulty = watch(start(&file, &out));
    println!(
        "clean: {} kB, {} files; faulty: {} kB, {} files, {} zombies",
        clean.memory_kb, clean.files, faulty.memory_kb, faulty.files, faulty.zombies
    );

    // Every fault that happened is counted, and none that did not.
    let summary: Value = serde_json::from_str(&faulty.stdout).expect("nothing but the summary on stdout");
    let log = std::fs::read_to_string(&log).unwrap();
    let (mut events, mut places): (HashMap<&str, u64>, HashMap<&str, HashSet<&str>>) = Default::default();
    for (kind, hash) in log.lines().map(|line| line.split_once(' ').unwrap()) {
        *events.entry(kind).or_default() += 1;
        places.entry(kind).or_default().insert(hash);
    }
    let total: u64 = events.values().sum();
    println!("{events:?}, {} in all; {}", total, summary["faults"]);
    assert!(total >= 1000, "{events:?}");
    let counted = |name: &str| summary["faults"][name].as_u64().unwrap();
    assert_eq!(counted("crashes"), events["crash"]);
    assert!((events["hang"]..=events["hang"] + DELAYED).contains(&counted("hangs")), "{events:?}");
    assert_eq!(counted("restarts"), counted("crashes") + counted("hangs"));
    assert_eq!(counted("output_lines"), events["print"]);
    assert_eq!(counted("killed_samples"), (places["crash"].len() + places["hang"].len()) as u64);
    let failed = |status: &str| summary["failed_energy_calls"][status].as_u64().unwrap();
    assert_eq!(failed("energy not finite"), places["nan"].len() as u64);
    assert_eq!(failed("internal error of the plugin"), counted("killed_samples"));

    // The right result.
    let reference = root.join("tests/data/mueller-brown.npz");
    let arguments = [
        "compare".as_ref(),
        out.as_os_str(),
        "--reference".as_ref(),
        reference.as_os_str(),
        "--json".as_ref(),
    ];
    let compared: Value = serde_json::from_str(&freeland_with(arguments, &[]).good()).unwrap();
    assert!(compared["forward_kld"].as_f64().unwrap() < KLD, "{compared}");
    let (found, exact) =
        (Landscape::read(&out.join("pmf.npz")).unwrap(), Landscape::read(&reference).unwrap());
    for (bin, exact) in exact.f_kt.indexed_iter().filter(|(_, f)| **f < CAP) {
        let found = found.f_kt[&bin];
        assert!((found - exact).abs() < TOLERANCE, "bin {bin:?}: {found}, exact {exact}");
    }

    // Nothing left behind, nothing held on to.
    assert!(
        faulty.memory_kb < clean.memory_kb + MORE_MEMORY,
        "{} kB, {} kB without faults",
        faulty.memory_kb,
        clean.memory_kb
    );
    assert!(faulty.files < clean.files + 10, "{faulty:?}, {clean:?}");
    assert!(faulty.zombies <= 1, "a worker is reaped when it ends");
    assert_eq!(shared(), shared_before);
}
