//! Attacks on the host, and on the user's files and processes, by a plugin in a real worker: `attacker.c`, one by one.

use std::fs::{File, Permissions};
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use freeland_loader::ProcessOptions;
use serde_json::Value;

use super::{isolated, process};
use crate::support::{freeland, misbehaving, scratch};

/// The names of the attacks, in the order of their numbers, from the table at the end of the plugin's source.
fn names() -> Vec<String> {
    let source = include_str!("../misbehaving-plugins/attacker.c");
    let (_, table) = source.split_once("attacks[])(void) = {").unwrap();
    let (table, _) = table.split_once('}').unwrap();
    table
        .split(',')
        .map(|name| name.trim().trim_start_matches("a_").to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// What would be harmed.
struct Victims {
    folder: PathBuf,
    process: Child,
    terminal: File,
    _inherited: File,
    victim: (u32, i64, i64, u64),
    listing: Vec<PathBuf>,
}

impl Victims {
    fn new(name: &str) -> Self {
        let folder = scratch().path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(misbehaving("attacker"), folder.join("libattacker.so")).unwrap();
        let victim = folder.join("victim");
        std::fs::write(&victim, "precious").unwrap();
        std::fs::set_permissions(&victim, Permissions::from_mode(0o600)).unwrap();
        // Where the file system has none, there is nothing to remove.
        let _ = rustix::fs::setxattr(&victim, "user.there", b"1", rustix::fs::XattrFlags::empty());
        let inherited = File::create(folder.join("inherited")).unwrap();
        rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::empty()).unwrap();
        let process = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        std::fs::write(folder.join("process"), process.id().to_string()).unwrap();
        let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
        let terminal = rustix::pty::openpt(flags).unwrap();
        rustix::pty::grantpt(&terminal).unwrap();
        rustix::pty::unlockpt(&terminal).unwrap();
        let name = rustix::pty::ptsname(&terminal, Vec::new()).unwrap();
        std::fs::write(folder.join("terminal"), name.to_bytes()).unwrap();
        rustix::fs::fcntl_setfl(terminal.as_fd(), rustix::fs::OFlags::NONBLOCK).unwrap();
        let (terminal, listing) = (File::from(terminal), listing(&folder));
        let victim = facts(&folder);
        Self { folder, process, terminal, _inherited: inherited, victim, listing }
    }

    fn library(&self) -> PathBuf {
        self.folder.join("libattacker.so")
    }

    /// Everything is as it was.
    fn are_unharmed(&mut self) {
        assert_eq!(facts(&self.folder), self.victim);
        assert_eq!(std::fs::read_to_string(self.folder.join("victim")).unwrap(), "precious");
        assert_eq!(std::fs::read(self.folder.join("inherited")).unwrap(), b"");
        assert_eq!(listing(&self.folder), self.listing);
        assert_eq!(self.process.try_wait().unwrap(), None);
        // What is typed into a terminal is echoed to whoever holds its other end.
        let mut echo = [0; 16];
        let heard = self.terminal.read(&mut echo).unwrap_or(0);
        assert_eq!(heard, 0, "typed: {:?}", &echo[..heard]);
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.process.id())).unwrap();
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert!(!files.contains(" 64 "), "{files}");
    }
}

impl Drop for Victims {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn facts(folder: &Path) -> (u32, i64, i64, u64) {
    let facts = folder.join("victim").metadata().unwrap();
    (facts.mode(), facts.mtime(), facts.mtime_nsec(), facts.nlink())
}

fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Those that succeed in a worker, on a kernel whose landlock is no newer than `landlock`.
fn successes(victims: &Victims, landlock: Option<u32>) -> Vec<String> {
    let process = ProcessOptions {
        landlock_at_most: landlock,
        memory: Some(128 << 20),
        time_limit: std::time::Duration::from_secs(20),
        ..process()
    };
    let potential = isolated(&victims.library(), &Value::Null, process).unwrap();
    assert_eq!(potential.unconfined(), Vec::<String>::new(), "this kernel can confine all there is");
    let mut succeeded = Vec::new();
    for (number, name) in names().into_iter().enumerate() {
        let found = potential.evaluate(&[100.0 + number as f64, 0.0], false).unwrap();
        match (found.statuses[0], found.energies[0]) {
            (0, 0.0) => {}
            // The end of the worker is an answer as well, where it is the one that is meant.
            (8, _) if ["int80", "stack_memory"].contains(&name.as_str()) => {}
            (8, _) if name.ends_with("_memory") || name == "memfd" => {}
            other => succeeded.push(format!("{name}: {other:?}")),
        }
    }
    succeeded
}

#[test]
fn nothing_that_a_plugin_tries_succeeds() {
    let mut victims = Victims::new("attacked");
    assert_eq!(successes(&victims, None), Vec::<String>::new());
    victims.are_unharmed();
}

#[test]
fn nor_does_it_with_the_landlock_of_older_kernels() {
    let mut victims = Victims::new("attacked-of-old");
    // Linux 5.15 and 6.1.
    for landlock in [1, 2] {
        assert_eq!(successes(&victims, Some(landlock)), Vec::<String>::new(), "landlock {landlock}");
        victims.are_unharmed();
    }
}

/// What any user can do on any kernel, unless something confines the tests themselves.
const CERTAIN: &[&str] = &[
    "chmod",
    "chmod_of_old",
    "fchmod",
    "chown",
    "fchownat",
    "utimensat",
    "futimens",
    "utime",
    "futimesat",
    "truncate",
    "open_truncating",
    "open_by_no_mode",
    "open_writing",
    "create",
    "rename",
    "link",
    "symlink",
    "fifo",
    "unlink",
    "inherited",
    "prlimit",
    "setpriority",
    "scheduler",
    "ioprio",
    "kill",
    "kill_guard",
    "tgkill",
    "tkill",
    "sigqueue",
    "sigio",
    "lease",
    "shm",
    "sem",
    "msg",
    "posix_shm",
    "inet",
    "unix",
    "netlink",
    "datagrams",
    "bind",
    "no_death_signal",
    "setsid",
    "setpgid",
    "shared_memory",
    "zero_memory",
    "stack_memory",
    "memfd",
];

/// In a process of its own without any confinement: an attack that fails there as well proves nothing.
#[test]
fn unconfined_the_same_attacks_succeed() {
    let victims = Victims::new("attacked-unconfined");
    let mut failed = Vec::new();
    for (number, name) in names().into_iter().enumerate() {
        let file = victims.folder.join("attack.npy");
        ndarray_npy::write_npy(&file, &ndarray::arr2(&[[100.0 + number as f64, 0.0]])).unwrap();
        std::fs::write(victims.folder.join("victim"), "precious").unwrap();
        let library = victims.library();
        let ran = freeland([
            "evaluate",
            "--plugin",
            library.to_str().unwrap(),
            "--positions",
            file.to_str().unwrap(),
        ]);
        let good = ran.code == Some(0) && ran.stdout.lines().last().is_some_and(|line| line == "0 0 1");
        if !good {
            failed.push(name);
        }
    }
    println!("not possible here at all: {failed:?}");
    let vain: Vec<&&str> = CERTAIN.iter().filter(|name| failed.iter().any(|it| it == *name)).collect();
    assert!(vain.is_empty(), "{vain:?}");
}
