/* Attacks its host and the user's files and processes: x - 100 says how, by the table at the end. The energy is 1 where
 * it succeeded, 0 where it was refused. Its victims are named by what lies beside the library: a file `victim`, the
 * number of a process in `process`, and the name of a terminal in `terminal`. */
#define _GNU_SOURCE
#define ENERGY attack
#define THREADS EPP_THREADS_SERIAL
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "entry.h"

#define HIGH (1ull << 40) /* The kernel does not look at this half of an int. */

static const char *beside(const char *name) {
  static char path[PATH_MAX];
  Dl_info info;
  if (!dladdr((void *)beside, &info)) abort();
  snprintf(path, sizeof path, "%s", info.dli_fname);
  snprintf(strrchr(path, '/') + 1, 64, "%s", name);
  return path;
}

static const char *victim(void) { return beside("victim"); }

/* The first word of a file beside the library. */
static const char *told(const char *name) {
  static char text[256];
  FILE *file = fopen(beside(name), "r");
  if (!file || fscanf(file, "%255s", text) != 1) abort();
  fclose(file);
  return text;
}

static pid_t process(void) { return atoi(told("process")); }

static int opened(int fd) {
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int reading(void) { return open(victim(), O_RDONLY); }

/* What is known of files. */
static int a_chmod(void) { return syscall(SYS_fchmodat, AT_FDCWD, victim(), 0644) == 0; }
#ifdef SYS_chmod
static int a_chmod_of_old(void) { return syscall(SYS_chmod, victim(), 0644) == 0; }
#else
#define a_chmod_of_old a_chmod
#endif
static int a_fchmodat2(void) { return syscall(452, AT_FDCWD, victim(), 0644, 0) == 0; }
static int a_fchmod(void) { return fchmod(reading(), 0644) == 0; }
static int a_chown(void) { return chown(victim(), getuid(), getgid()) == 0; }
static int a_lchown(void) { return lchown(victim(), getuid(), getgid()) == 0; }
static int a_fchown(void) { return fchown(reading(), getuid(), getgid()) == 0; }
static int a_fchownat(void) { return fchownat(AT_FDCWD, victim(), getuid(), getgid(), 0) == 0; }
static int a_utimensat(void) { return utimensat(AT_FDCWD, victim(), NULL, 0) == 0; }
static int a_futimens(void) { return futimens(reading(), NULL) == 0; }
#ifdef SYS_utime
static int a_utime(void) { return syscall(SYS_utime, victim(), NULL) == 0 || syscall(SYS_utimes, victim(), NULL) == 0; }
static int a_futimesat(void) { return syscall(SYS_futimesat, AT_FDCWD, victim(), NULL) == 0; }
#else
#define a_utime a_utimensat
#define a_futimesat a_utimensat
#endif
static int a_setxattr(void) { return setxattr(victim(), "user.a", "b", 1, 0) == 0; }
static int a_fsetxattr(void) { return fsetxattr(reading(), "user.a", "b", 1, 0) == 0; }
static int a_removexattr(void) { return removexattr(victim(), "user.there") == 0; }
static int a_setxattrat(void) {
  struct { uint64_t value; uint32_t size, flags; } args = {(uint64_t)(uintptr_t)"b", 1, 0};
  return syscall(463, AT_FDCWD, victim(), 0, "user.a", &args, sizeof args) == 0;
}
static int flags(unsigned long high) {
  int flags = 0, fd = reading();
  if (syscall(SYS_ioctl, fd, high | FS_IOC_GETFLAGS, &flags)) return 0;
  return syscall(SYS_ioctl, fd, high | FS_IOC_SETFLAGS, &flags) == 0;
}
static int a_file_flags(void) { return flags(0); }
static int a_file_flags_high(void) { return flags(HIGH); }

/* The contents of files. */
static int a_truncate(void) { return truncate(victim(), 1) == 0; }
static int a_open_truncating(void) { return opened(open(victim(), O_RDONLY | O_TRUNC)); }
static int a_open_by_no_mode(void) { return opened(open(victim(), O_ACCMODE | O_TRUNC)); }
static int a_open_writing(void) { return opened(open(victim(), O_WRONLY)); }
static int a_openat2(void) {
  struct { uint64_t flags, mode, resolve; } how = {O_RDONLY | O_TRUNC, 0, 0};
  return opened((int)syscall(437, AT_FDCWD, victim(), &how, sizeof how));
}
static int a_create(void) { return opened(open(beside("created"), O_CREAT | O_WRONLY, 0600)); }
static int a_rename(void) {
  char from[PATH_MAX];
  strcpy(from, victim());
  return rename(from, beside("renamed")) == 0;
}
static int a_link(void) {
  char from[PATH_MAX];
  strcpy(from, victim());
  return link(from, beside("linked")) == 0;
}
static int a_symlink(void) { return symlink("/etc", beside("symbolic")) == 0; }
static int a_fifo(void) { return mkfifo(beside("fifo"), 0600) == 0; }
static int a_unlink(void) { return unlink(victim()) == 0; }
static int a_handle(void) {
  struct { struct file_handle head; char room[MAX_HANDLE_SZ]; } handle;
  int id;
  handle.head.handle_bytes = MAX_HANDLE_SZ;
  if (name_to_handle_at(AT_FDCWD, victim(), &handle.head, &id, 0)) return 0;
  return opened(open_by_handle_at(open("/", O_RDONLY | O_DIRECTORY), &handle.head, O_WRONLY));
}
static int a_inherited(void) { /* A descriptor that the host has left open for its children. */
  struct stat seen, wanted;
  if (stat(beside("inherited"), &wanted)) abort();
  for (int fd = 0; fd < 1024; fd++) {
    if (!fstat(fd, &seen) && seen.st_ino == wanted.st_ino && write(fd, "x", 1) == 1) return 1;
  }
  return 0;
}

/* Other processes. */
static int a_prlimit(void) {
  struct rlimit limit = {64, 64};
  return prlimit(process(), RLIMIT_NOFILE, &limit, NULL) == 0;
}
static int a_setpriority(void) { return setpriority(PRIO_PROCESS, process(), 7) == 0; }
static int a_setpriority_of_all(void) { return setpriority(PRIO_USER, getuid(), getpriority(PRIO_PROCESS, 0)) == 0; }
static int a_affinity(void) {
  cpu_set_t before, after;
  sched_getaffinity(process(), sizeof before, &before);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  sched_setaffinity(process(), sizeof one, &one);
  sched_getaffinity(process(), sizeof after, &after);
  return !CPU_EQUAL(&before, &after);
}
static int a_scheduler(void) { return sched_setscheduler(process(), SCHED_BATCH, &(struct sched_param){0}) == 0; }
static int a_ioprio(void) { return syscall(SYS_ioprio_set, 1, process(), 3 << 13) == 0; }
static int a_kill(void) { return kill(process(), SIGCONT) == 0; }
static int a_kill_guard(void) { return kill(getppid(), SIGCONT) == 0; }
static int a_tgkill(void) { return syscall(SYS_tgkill, process(), process(), SIGCONT) == 0; }
static int a_tkill(void) { return syscall(SYS_tkill, process(), SIGCONT) == 0; }
static int a_sigqueue(void) { return sigqueue(process(), SIGCONT, (union sigval){0}) == 0; }
static int pidfd(void) { return (int)syscall(434, process(), 0); }
static int a_pidfd_signal(void) { return syscall(424, pidfd(), SIGCONT, NULL, 0) == 0; }
static int a_pidfd_getfd(void) { return opened((int)syscall(438, pidfd(), 0, 0)); }
static int a_sigio(void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 0;
  return fcntl(pair[0], F_SETOWN, process()) == 0 || fcntl(pair[0], F_SETSIG, SIGCONT) == 0;
}
static int a_lease(void) { return fcntl(reading(), F_SETLEASE, F_RDLCK) == 0; }
static int a_ptrace(void) {
  if (ptrace(PTRACE_SEIZE, process(), 0, 0)) return 0;
  ptrace(PTRACE_DETACH, process(), 0, 0);
  return 1;
}
static int vm(long call) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void *)8, 1};
  return syscall(call, process(), &here, 1, &there, 1, 0) == 1 || errno == EFAULT;
}
static int a_vm_read(void) { return vm(SYS_process_vm_readv); }
static int a_vm_write(void) { return vm(SYS_process_vm_writev); }
static int a_proc_mem(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", (int)process());
  return opened(open(path, O_RDWR));
}
static int a_move_pages(void) {
  void *page = (void *)4096;
  int status;
  return syscall(SYS_move_pages, process(), 1, &page, NULL, &status, 0) == 0;
}
static int a_kcmp(void) { return syscall(SYS_kcmp, getpid(), process(), 1, 0, 0) >= 0; }

/* What stays behind. */
static int a_shm(void) {
  int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (id >= 0) shmctl(id, IPC_RMID, NULL);
  return id >= 0;
}
static int a_sem(void) {
  int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
  if (id >= 0) semctl(id, 0, IPC_RMID);
  return id >= 0;
}
static int a_msg(void) {
  int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (id >= 0) msgctl(id, IPC_RMID, NULL);
  return id >= 0;
}
static int a_mq(void) {
  const int queue = (int)syscall(SYS_mq_open, "freeland-attack", O_CREAT | O_RDWR, 0600, NULL);
  if (queue >= 0) syscall(SYS_mq_unlink, "freeland-attack");
  return opened(queue);
}
static int a_posix_shm(void) {
  int fd = shm_open("/freeland-attack", O_CREAT | O_RDWR, 0600);
  if (fd >= 0) shm_unlink("/freeland-attack");
  return opened(fd);
}
static int a_add_key(void) {
  long key = syscall(SYS_add_key, "user", "freeland-attack", "x", 1, KEY_SPEC_PROCESS_KEYRING);
  return key >= 0;
}
static int a_keyctl(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) >= 0; }
static int a_request_key(void) {
  syscall(SYS_request_key, "user", "freeland-none", NULL, 0);
  return errno != EPERM;
}

/* Other worlds. A child tries, so that this process stays where it is. */
static int in_child(int (*action)(void)) {
  pid_t child = fork();
  int status = 0;
  if (child == 0) _exit(action());
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}
static int unshare_user(void) { return unshare(CLONE_NEWUSER) == 0; }
static int a_unshare(void) { return in_child(unshare_user); }
static int unshare_mounts(void) { return unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0; }
static int a_unshare_mounts(void) { return in_child(unshare_mounts); }
static int set_namespace(void) { return setns(open("/proc/self/ns/uts", O_RDONLY), CLONE_NEWUTS) == 0; }
static int a_setns(void) { return in_child(set_namespace); }
static int cloned(long child) {
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, 0);
  return child > 0;
}
static int a_clone_user(void) { return cloned(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static int a_clone_user_high(void) { return cloned(syscall(SYS_clone, HIGH | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static int a_clone3(void) {
  uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
  return cloned(syscall(435, args, sizeof args));
}
static int mount_one(void) { return unshare(CLONE_NEWNS) == 0 && mount("none", "/mnt", "tmpfs", 0, NULL) == 0; }
static int a_mount(void) { return in_child(mount_one); }
static int a_fsopen(void) { return opened((int)syscall(430, "tmpfs", 0)); }
static int change_root(void) { return chroot("/") == 0; }
static int a_chroot(void) { return in_child(change_root); }

/* Parts of the kernel. */
static int a_userfaultfd(void) { return opened((int)syscall(SYS_userfaultfd, 1)); }
static int a_bpf(void) {
  uint32_t attributes[16] = {2, 4, 4, 1};
  return opened((int)syscall(SYS_bpf, 0, attributes, sizeof attributes));
}
static int a_perf(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_TASK_CLOCK};
  event.exclude_kernel = 1;
  return opened((int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}
static int a_io_uring(void) {
  char parameters[120] = {0};
  return opened((int)syscall(425, 4, parameters));
}
static int a_fanotify(void) { return opened((int)syscall(SYS_fanotify_init, 0, 0)); }

/* Sockets. */
static int a_inet(void) { return opened(socket(AF_INET, SOCK_STREAM, 0)); }
static int a_unix(void) { return opened(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int a_netlink(void) { return opened(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int a_datagrams(void) { /* One of a pair, sent to an abstract name: another's service. */
  int pair[2];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) return 0;
  strcpy(name.sun_path + 1, "freeland-nobody");
  return sendto(pair[0], "x", 1, 0, (void *)&name, sizeof name) == 1 || errno == ECONNREFUSED;
}
static int a_bind(void) {
  int pair[2];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 0;
  snprintf(name.sun_path + 1, 64, "freeland-%d", (int)getpid());
  return bind(pair[0], (void *)&name, sizeof name) == 0;
}

/* Terminals. */
static int typed(unsigned long command, int more) {
  return syscall(SYS_ioctl, open(told("terminal"), O_RDONLY | more), command, "x") == 0;
}
static int a_type(void) { return typed(TIOCSTI, O_NOCTTY); }
static int a_type_high(void) { return typed(HIGH | TIOCSTI, O_NOCTTY); }
static int a_type_own(void) { return typed(TIOCSTI, 0); } /* Of a leader of a session, the terminal becomes its own. */
static int a_paste(void) {
  char shift_state = 6;
  return syscall(SYS_ioctl, open("/dev/tty1", O_RDONLY | O_NOCTTY), TIOCLINUX, &shift_state) >= 0;
}
static int a_take_terminal(void) {
  return ioctl(open(told("terminal"), O_RDONLY | O_NOCTTY), TIOCSWINSZ, &(struct winsize){1, 1, 1, 1}) == 0;
}

/* Outliving the host. */
static int a_no_death_signal(void) { return prctl(PR_SET_PDEATHSIG, 0) == 0; }
static int leave_session(void) { return setsid() > 0; }
static int a_setsid(void) { return in_child(leave_session); }
static int leave_group(void) { return setpgid(0, 0) == 0; }
static int a_setpgid(void) { return in_child(leave_group); }

/* Ways around a filter: the numbers of x32, and of later kernels. */
static int a_x32(void) { return syscall(0x40000000 | SYS_fchmodat, AT_FDCWD, victim(), 0644) == 0; }
static int a_number_beyond(void) { return syscall(469, AT_FDCWD, victim(), NULL, 0, 0), errno != ENOSYS; }

/* Memory beyond the limit, in ways that no limit of the kernel counts. */
enum { MUCH = 256 << 20 };
static int filled(char *memory) {
  if (memory == MAP_FAILED) return 0;
  for (size_t i = 0; i < MUCH; i += 4096) memory[i] = 1;
  sleep(5);
  return 1;
}
static int a_shared_memory(void) { return filled(mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)); }
static int a_zero_memory(void) {
  return filled(mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/zero", O_RDWR), 0));
}
static int a_stack_memory(void) {
  const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN;
  return filled(mmap(NULL, MUCH, PROT_READ | PROT_WRITE, how, -1, 0));
}
static int a_memfd(void) {
  const int fd = (int)syscall(SYS_memfd_create, "much", 0);
  if (fd < 0 || ftruncate(fd, MUCH)) return 0;
  return filled(mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

/* The memory that it shares with its host, cut off before anything else happens. */
static int cut;
__attribute__((constructor)) static void cut_shared_memory(void) {
  for (int fd = 0; fd < 64; fd++) {
    struct stat seen;
    if (!fstat(fd, &seen) && S_ISREG(seen.st_mode) && !seen.st_nlink) cut += ftruncate(fd, 0) == 0;
  }
}
static int a_cut(void) {
  cut_shared_memory();
  return cut > 0;
}

/* By its 32-bit name. A filter that knows one architecture only ends the process. */
static int a_int80(void) {
#ifdef __x86_64__
  char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  int result;
  strcpy(path, victim());
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(15), "b"(path), "c"(0644) : "memory");
  return result == 0;
#else
  return 0;
#endif
}

static int (*const attacks[])(void) = {
    a_chmod, a_chmod_of_old, a_fchmodat2, a_fchmod, a_chown, a_lchown, a_fchown, a_fchownat, a_utimensat, a_futimens,
    a_utime, a_futimesat, a_setxattr, a_fsetxattr, a_removexattr, a_setxattrat, a_file_flags, a_file_flags_high,
    a_truncate, a_open_truncating, a_open_by_no_mode, a_open_writing, a_openat2, a_create, a_rename, a_link, a_symlink,
    a_fifo, a_unlink, a_handle, a_inherited, a_prlimit, a_setpriority, a_setpriority_of_all, a_affinity, a_scheduler,
    a_ioprio, a_kill, a_kill_guard, a_tgkill, a_tkill, a_sigqueue, a_pidfd_signal, a_pidfd_getfd, a_sigio, a_lease,
    a_ptrace, a_vm_read, a_vm_write, a_proc_mem, a_move_pages, a_kcmp, a_shm, a_sem, a_msg, a_mq, a_posix_shm,
    a_add_key, a_keyctl, a_request_key, a_unshare, a_unshare_mounts, a_setns, a_clone_user, a_clone_user_high,
    a_clone3, a_mount, a_fsopen, a_chroot, a_userfaultfd, a_bpf, a_perf, a_io_uring, a_fanotify, a_inet, a_unix,
    a_netlink, a_datagrams, a_bind, a_type, a_type_high, a_type_own, a_paste, a_take_terminal, a_no_death_signal,
    a_setsid, a_setpgid, a_x32, a_number_beyond, a_cut, a_int80, a_shared_memory, a_zero_memory, a_stack_memory,
    a_memfd,
};

static double attack(const double *position, double *gradient) {
  const int which = (int)position[0] - 100;
  if (which < 0) return double_well(position, gradient);
  if (gradient) gradient[0] = gradient[1] = 0;
  if (which >= (int)(sizeof attacks / sizeof *attacks)) return -1;
  return attacks[which]();
}
