//! Broken and hostile input to everything that reads some: no crash, no hang, no unbounded memory, no panic.
//!
//! Each target runs in a child process of this binary with 2 GiB of address space, and tells where it is. Input number i of
//! a seed is always the same one. `FREELAND_FUZZ_SECONDS` (default 16) is shared by the targets; `scripts/fuzz MINUTES` sets
//! it. `FREELAND_FUZZ_TARGET`, `FREELAND_FUZZ_SEED` and `FREELAND_FUZZ_FIRST` repeat what a failure names.

#[path = "fuzz/answers.rs"]
mod answers;
#[cfg(feature = "science")]
#[path = "fuzz/arrays.rs"]
mod arrays;
#[cfg(feature = "science")]
#[path = "fuzz/checkpoints.rs"]
mod checkpoints;
#[path = "fuzz/expressions.rs"]
mod expressions;
#[path = "fuzz/mutation.rs"]
mod mutation;
#[path = "fuzz/readers.rs"]
mod readers;
#[cfg(feature = "science")]
#[path = "fuzz/science.rs"]
mod science;
#[path = "fuzz/tables.rs"]
mod tables;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::support::{misbehaving, scratch, toys, workspace_library};

/// Address space of a child, MiB; `FREELAND_FUZZ_MIB` sets another, 0 none. The plugins and libtorch take a part of it; an
/// input has at most 256 KiB.
const ADDRESS_SPACE_MIB: u64 = 2048;
/// An input that takes longer than this hangs, or as good as.
const PATIENCE: Duration = Duration::from_secs(20);

/// Something that reads input: inputs are made by `input`, and tried by `attempt`, which says whether it was accepted.
struct Target {
    name: &'static str,
    /// After so many inputs the process is a new one.
    most: u64,
    prepare: fn(folder: &Path) -> Box<dyn Attempts>,
}

/// A prepared target.
trait Attempts {
    /// Makes an input.
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8>;
    /// Tries it; true where it was accepted.
    fn attempt(&mut self, input: &[u8]) -> bool;
}

fn targets() -> Vec<Target> {
    let mut targets = readers::targets();
    targets.push(expressions::target());
    targets.push(tables::target());
    targets.push(answers::target());
    #[cfg(feature = "science")]
    targets.extend(science::targets().into_iter().chain(checkpoints::targets()));
    targets
}

/// Makes a library, where it is not there, and says where it is.
type Build = fn() -> PathBuf;

/// Plugins that a child loads, and the variables that tell it where they are: a child builds nothing.
const LIBRARIES: [(&str, Build); 3] = [
    ("FREELAND_FUZZ_TOYS", || toys().join("libfreeland_toys.so")),
    ("FREELAND_FUZZ_MOLECULE", molecule),
    ("FREELAND_FUZZ_HOSTILE", || misbehaving("hostile")),
];

fn molecule() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| workspace_library("freeland-molecular-mechanics")).clone()
}

/// One of [`LIBRARIES`]: where its variable says, or built.
fn library(name: &str, build: Build) -> PathBuf {
    variable(name).map_or_else(build, PathBuf::from)
}

/// One of [`LIBRARIES`], in a child.
fn built(name: &str) -> PathBuf {
    PathBuf::from(variable(name).expect("set by the parent"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str, default: u64) -> u64 {
    variable(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[test]
fn no_input_brings_the_host_down() {
    let only = variable("FREELAND_FUZZ_TARGET");
    let targets: Vec<Target> =
        targets().into_iter().filter(|target| only.as_ref().is_none_or(|name| name == target.name)).collect();
    assert!(!targets.is_empty(), "there is no target {only:?}");
    // Built before the clock starts.
    LIBRARIES.iter().for_each(|&(name, build)| drop(library(name, build)));
    let each = Duration::from_secs(number("FREELAND_FUZZ_SECONDS", 16)) / targets.len() as u32;
    let seed = number("FREELAND_FUZZ_SEED", 1);
    println!("seed {seed}\n{:<22} {:>9} {:>9}", "target", "inputs", "accepted");
    let mut failures = Vec::new();
    for target in &targets {
        match all_of(target, seed, each) {
            Ok((inputs, accepted)) => println!("{:<22} {inputs:>9} {accepted:>9}", target.name),
            Err(failure) => failures.push(failure),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// Runs one target for so long, in as many processes as it takes. How many inputs were tried, and accepted.
fn all_of(target: &Target, seed: u64, time: Duration) -> Result<(u64, u64), String> {
    let end = Instant::now() + time;
    let (mut first, mut accepted) = (number("FREELAND_FUZZ_FIRST", 0), 0);
    let start = first;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let (inputs, good) = one_process(target, seed, first, left)?;
        (first, accepted) = (first + inputs, accepted + good);
        if Instant::now() >= end {
            return Ok((first - start, accepted));
        }
    }
}

fn one_process(target: &Target, seed: u64, first: u64, time: Duration) -> Result<(u64, u64), String> {
    let folder = scratch().path().join("fuzz").join(target.name);
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join("place");
    std::fs::write(&place, "").unwrap();
    let stderr = std::fs::File::create(folder.join("stderr")).unwrap();
    let limit = match number("FREELAND_FUZZ_MIB", ADDRESS_SPACE_MIB) {
        0 => "unlimited".to_owned(),
        most => (most << 10).to_string(),
    };
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -c 0; ulimit -v {limit}; exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "fuzz::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env("FREELAND_FUZZ_CHILD", target.name)
        .envs(LIBRARIES.iter().map(|&(name, build)| (name, library(name, build))))
        .env("FREELAND_FUZZ_FOLDER", &folder)
        .env("FREELAND_FUZZ_SEED", seed.to_string())
        .env("FREELAND_FUZZ_FIRST", first.to_string())
        .env("FREELAND_FUZZ_MILLISECONDS", time.as_millis().to_string())
        .env("RUST_BACKTRACE", "0")
        .env("XDG_DATA_HOME", folder.join("data"))
        .env_remove("FREELAND_PLUGIN_PATH")
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .expect("a shell is installed");
    let mut seen = (Instant::now(), Vec::new());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.to_string();
        }
        // It may be away for a moment, while it is written anew.
        let now = std::fs::read(&place).unwrap_or_default();
        if now != seen.1 {
            seen = (Instant::now(), now);
        } else if seen.0.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break format!("no progress for {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if let Ok(done) = std::fs::read_to_string(folder.join("done")) {
        std::fs::remove_file(folder.join("done")).unwrap();
        let (inputs, accepted) = done.split_once(' ').expect("two numbers");
        return Ok((inputs.parse().unwrap(), accepted.parse().unwrap()));
    }
    let index = std::fs::read_to_string(&place).unwrap();
    let said = std::fs::read_to_string(folder.join("stderr")).unwrap_or_default();
    let tail: Vec<&str> = said.lines().rev().take(12).collect();
    Err(format!(
        "{}: {status} at input {index} of seed {seed}, which lies in {}. Repeat it by FREELAND_FUZZ_TARGET={} \
         FREELAND_FUZZ_SEED={seed} FREELAND_FUZZ_FIRST={index}\n{}",
        target.name,
        kept(&folder, target.name).display(),
        target.name,
        tail.into_iter().rev().collect::<Vec<_>>().join("\n")
    ))
}

/// Moves the input that failed to where it stays: the scratch folder goes when the tests end.
fn kept(folder: &Path, name: &str) -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}.input"));
    std::fs::copy(folder.join("input"), &kept).map_or_else(|_| folder.join("input"), |_| kept)
}

/// Writes a new file. To cut one that is there and fill it again would have some file systems write it out to the disk.
fn fresh(path: &Path, bytes: &[u8]) {
    let _ = std::fs::remove_file(path);
    std::fs::write(path, bytes).unwrap();
}

/// The child: tries inputs until its time is over, and writes which one it is at before each.
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child() {
    let Some(name) = variable("FREELAND_FUZZ_CHILD") else { return };
    let folder = PathBuf::from(variable("FREELAND_FUZZ_FOLDER").expect("set by the parent"));
    let target = targets().into_iter().find(|target| target.name == name).expect("a known target");
    let (seed, first) = (number("FREELAND_FUZZ_SEED", 1), number("FREELAND_FUZZ_FIRST", 0));
    let mut attempts = (target.prepare)(&folder);
    let end = Instant::now() + Duration::from_millis(number("FREELAND_FUZZ_MILLISECONDS", 1000));
    let (mut tried, mut accepted) = (0, 0);
    while tried == 0 || (tried < target.most && Instant::now() < end) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(first + tried);
        let input = attempts.input(&mut random);
        fresh(&folder.join("input"), &input);
        fresh(&folder.join("place"), (first + tried).to_string().as_bytes());
        accepted += u64::from(attempts.attempt(&input));
        tried += 1;
    }
    std::fs::write(folder.join("done"), format!("{tried} {accepted}")).unwrap();
}
