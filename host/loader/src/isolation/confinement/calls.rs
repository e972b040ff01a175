//! Seccomp: system calls that a potential has no use for, and others none but harm, are refused.
//!
//! What landlock keeps away by itself in newer kernels only (cutting off files, signals), is refused here where the
//! kernel's is older.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter, sock_filter,
};

use super::kernel::Kernel;

/// Refused with EPERM, whatever the arguments.
const REFUSED: &[c_long] = &[
    // The network, and the sockets of local services. A pair of connected ones can be had.
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    // Reaching into other processes of the user, the host among them.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_migrate_pages,
    libc::SYS_tkill,
    // Leaving the session and the group of processes that is killed as a whole.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // What is known of files beside their contents, which landlock does not look at.
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_fanotify_init,
    // What stays behind when a process has ended.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    // The keys of the session.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // Other worlds, in which one is the superuser, or sees other files.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    // Parts of the kernel that are useful to attack it.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    // Memory that no limit counts.
    libc::SYS_memfd_secret,
];

/// Those of old, which newer processors do without.
#[cfg(target_arch = "x86_64")]
const REFUSED_OF_OLD: &[c_long] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_modify_ldt,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_OF_OLD: &[c_long] = &[];

/// Said not to be there (ENOSYS), so that programs do without: their arguments lie in memory, where no filter sees them.
const ABSENT: &[c_long] = &[
    libc::SYS_clone3,
    libc::SYS_openat2,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

const FCHMODAT2: c_long = 452;
/// The newest system call that was looked at (`mseal`); later ones are said not to be there, and with them all of the
/// x32 ABI, whose numbers have a high bit. The numbers of this age are the same on all processors.
const LATEST: u32 = 462;

/// Namespaces, and children that are siblings.
const CLONE: &[i32] = &[
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_PARENT,
];
/// Signals to whom one likes, and leases, for which others who open a file must wait.
const FCNTL: &[i32] = &[libc::F_SETOWN, F_SETSIG, F_SETOWN_EX, libc::F_SETLEASE];
const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;
/// Outliving the host, and sharing a core with it or keeping others from it.
const PRCTL: &[i32] = &[libc::PR_SET_PDEATHSIG, libc::PR_SCHED_CORE];
/// By the letter of their second byte: flags, versions and layouts of files (ext4, XFS, and what they share), btrfs,
/// consoles.
const IOCTL_LETTERS: &[u8] = &[b'f', b'X', b'v', 0x94, b'V'];
/// Of terminals (letter T), all but asking what they are and how much there is to read, and flags of one's own
/// descriptors: TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
const IOCTL_TERMINAL: &[u32] = &[0x5401, 0x540f, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Binds this thread, and all threads and processes that come of it.
pub(super) fn restrict(kernel: &Kernel) -> Result<(), String> {
    let machine: TargetArch =
        std::env::consts::ARCH.try_into().map_err(|_| "its processor is unknown to seccompiler")?;
    let programs = programs(kernel, machine).map_err(|error| error.to_string())?;
    programs.iter().try_for_each(|program| apply_filter(program).map_err(|error| error.to_string()))
}

fn programs(kernel: &Kernel, machine: TargetArch) -> Result<[BpfProgram; 4], BackendError> {
    let filter = |rules: Rules, errno: i32| {
        // Another architecture's calls, such as those of 32 bits, end the process.
        let refuse = SeccompAction::Errno(errno as u32);
        BpfProgram::try_from(SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine)?)
    };
    let whatever = |calls: &[c_long]| calls.iter().map(|&call| (call, Vec::new())).collect::<Rules>();
    let mut refused = whatever(REFUSED);
    refused.extend(whatever(REFUSED_OF_OLD));
    refused.extend(by_arguments(kernel)?);
    // Threads of one's own have ids as well, and libraries that bind them end where that fails: it is ignored.
    let ignored = Rules::from([(libc::SYS_sched_setaffinity, vec![SeccompRule::new(vec![is_not(0, 0)?])?])]);
    Ok([
        latest(),
        filter(ignored, 0)?,
        filter(whatever(ABSENT), libc::ENOSYS)?,
        filter(refused, libc::EPERM)?,
    ])
}

/// Calls with a number above [`LATEST`] are not there.
fn latest() -> BpfProgram {
    let step = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    vec![
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K, 0, 1, LATEST),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

/// What is refused with some arguments only. All of those are looked at as the kernel does: the lower 32 bits.
fn by_arguments(kernel: &Kernel) -> Result<Rules, BackendError> {
    let any = |conditions: Vec<Result<SeccompCondition, BackendError>>| {
        conditions
            .into_iter()
            .map(|condition| SeccompRule::new(vec![condition?]))
            .collect::<Result<Vec<_>, _>>()
    };
    let all = |conditions: Vec<Result<SeccompCondition, BackendError>>| {
        SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?).map(|rule| vec![rule])
    };
    let equals = |arg: u8, values: &[i32]| any(values.iter().map(|&value| is(arg, value as u32)).collect());
    let mut ioctl =
        any(IOCTL_LETTERS.iter().map(|&letter| has(1, 0xff00, u32::from(letter) << 8)).collect())?;
    let mut terminal = vec![has(1, 0xff00, u32::from(b'T') << 8)];
    terminal.extend(IOCTL_TERMINAL.iter().map(|&command| is_not(1, command)));
    ioctl.extend(all(terminal)?);
    let mut rules = Rules::from([
        (libc::SYS_clone, any(CLONE.iter().map(|&flag| has(0, flag as u32, flag as u32)).collect())?),
        (libc::SYS_fcntl, equals(1, FCNTL)?),
        (libc::SYS_prctl, equals(0, PRCTL)?),
        (libc::SYS_ioctl, ioctl),
        // Connected ones only: a datagram can be sent to whom one likes.
        (
            libc::SYS_socketpair,
            any(vec![is_not(0, libc::AF_UNIX as u32), has(1, 0xf, libc::SOCK_DGRAM as u32)])?,
        ),
        // Other processes: their limits, their priority.
        (libc::SYS_prlimit64, any(vec![is_not(0, 0)])?),
        (libc::SYS_sched_setscheduler, any(vec![is_not(0, 0)])?),
        (libc::SYS_sched_setparam, any(vec![is_not(0, 0)])?),
        (libc::SYS_sched_setattr, any(vec![is_not(0, 0)])?),
        (libc::SYS_move_pages, any(vec![is_not(0, 0)])?),
        (libc::SYS_setpriority, any(vec![is_not(0, libc::PRIO_PROCESS), is_not(1, 0)])?),
        (libc::SYS_ioprio_set, any(vec![is_not(0, 1), is_not(1, 0)])?),
    ]);
    if !kernel.accelerators {
        // Memory that no limit counts.
        let shared = (libc::MAP_SHARED | libc::MAP_ANONYMOUS) as u32;
        rules.insert(libc::SYS_mmap, any(vec![has(3, shared, shared)])?);
        rules.insert(libc::SYS_memfd_create, Vec::new());
    }
    if kernel.landlock < 6 {
        let own = std::process::id();
        // To itself and its group. Signals to single children are refused with the others.
        rules.insert(libc::SYS_kill, all(vec![is_not(0, own), is_not(0, 0), is_not(0, own.wrapping_neg())])?);
        for call in [libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo] {
            rules.insert(call, any(vec![is_not(0, own)])?);
        }
        rules.insert(libc::SYS_pidfd_send_signal, Vec::new());
    }
    if kernel.landlock < 3 {
        // Without a descriptor that one may write to.
        rules.insert(libc::SYS_truncate, Vec::new());
        let cut = |arg| {
            let mask = (libc::O_TRUNC | libc::O_ACCMODE) as u32;
            any([libc::O_RDONLY, libc::O_ACCMODE]
                .map(|mode| has(arg, mask, (libc::O_TRUNC | mode) as u32))
                .into())
        };
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, cut(1)?);
        rules.insert(libc::SYS_openat, cut(2)?);
    }
    Ok(rules)
}

fn is(arg: u8, value: u32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value.into())
}

fn is_not(arg: u8, value: u32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, value.into())
}

/// Whether the bits of `mask` are those of `value`.
fn has(arg: u8, mask: u32, value: u32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask.into()), value.into())
}
