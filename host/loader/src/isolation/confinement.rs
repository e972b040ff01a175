//! What a worker gives up before any code of a plugin runs, constructors of the library included: threads that the plugin
//! starts are born confined.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
    path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};
use serde::{Deserialize, Serialize};

/// Devices that programs write to and that keep nothing, and those of accelerators.
const DEVICES: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/dri", "/dev/kfd"];

/// What of the confinement holds. `None`: it does; else why not, or what is missing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Confined {
    /// No writing of files outside its own folders, and no signals to processes outside (landlock).
    pub(super) files: Option<String>,
    /// No sockets, no tracing of other processes, no escape from its process group (seccomp).
    pub(super) calls: Option<String>,
    /// No more memory than allowed.
    pub(super) memory: Option<String>,
}

impl Confined {
    /// A sentence for each thing that does not hold.
    pub(super) fn warnings(&self) -> Vec<String> {
        let sentence = |what: &str, why: &Option<String>| {
            why.as_ref().map(|why| format!("this system does not keep plugins from {what}: {why}"))
        };
        [
            sentence("writing files", &self.files),
            sentence("using the network", &self.calls),
            sentence("taking all memory", &self.memory),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Confines this process, which has one thread yet, for good.
pub(super) fn confine(writable: &[PathBuf], memory: Option<u64>) -> Confined {
    // A thousand crashes must not leave a thousand core files.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // Where memory runs out all the same, the worker shall die, not its host. One may always raise one's own score.
    let _ = std::fs::write("/proc/self/oom_score_adj", "900");
    Confined {
        memory: memory.and_then(|limit| {
            // Not the address space: accelerators reserve enormous ranges of it that hold nothing.
            let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
            setrlimit(Resource::Data, limit).err().map(|error| error.to_string())
        }),
        files: files(writable).unwrap_or_else(|error| Some(error.to_string())),
        calls: calls().err(),
    }
}

/// Landlock: reading stays as it is; writing is for `writable` and for devices.
fn files(writable: &[PathBuf]) -> Result<Option<String>, landlock::RulesetError> {
    const KNOWN: ABI = ABI::V6;
    let devices = std::fs::read_dir("/dev").into_iter().flatten().flatten().map(|entry| entry.path());
    let nvidia = devices
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("nvidia")));
    let paths: Vec<PathBuf> = writable
        .iter()
        .cloned()
        .chain(DEVICES.iter().map(|path| Path::new(path).to_owned()))
        .chain(nvidia)
        .collect();
    let status = Ruleset::default()
        .handle_access(AccessFs::from_write(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(&paths, AccessFs::from_write(KNOWN)))?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => None,
        RulesetStatus::PartiallyEnforced => {
            Some("its kernel knows an older landlock, which leaves gaps (signals, devices)".to_owned())
        }
        RulesetStatus::NotEnforced => Some("its kernel has no landlock".to_owned()),
    })
}

/// Seccomp: calls that a potential has no use for fail with EPERM.
fn calls() -> Result<(), String> {
    let always = [
        // The network, and the sockets of local services. `socketpair` stays.
        libc::SYS_socket,
        // Another way to the same things.
        libc::SYS_io_uring_setup,
        // Reaching into other processes of the user, the host among them.
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        // Leaving the process group that is killed as a whole.
        libc::SYS_setsid,
        libc::SYS_setpgid,
    ];
    let mut rules: std::collections::BTreeMap<i64, Vec<SeccompRule>> =
        always.into_iter().map(|call| (call, Vec::new())).collect();
    // Outliving the host.
    let death = libc::PR_SET_PDEATHSIG as u64;
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, death);
    let rule = condition.and_then(|condition| SeccompRule::new(vec![condition]));
    rules.insert(libc::SYS_prctl, vec![rule.map_err(|error| error.to_string())?]);
    let machine = std::env::consts::ARCH.try_into().map_err(|_| "its processor is unknown to seccompiler")?;
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine);
    let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(|error| error.to_string())?;
    apply_filter(&program).map_err(|error| error.to_string())
}
