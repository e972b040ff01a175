//! How threads of libtorch wait for each other.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// So many turns of a loop a thread waits before it sleeps. libgomp's own number makes threads of a small flow spin for most of
/// a run, which takes the processor from whoever they wait for where there is other work.
const SPINS: (&str, &str) = ("GOMP_SPINCOUNT", "5000");
/// What a user says of it, who is heeded.
const SAID: [&str; 2] = [SPINS.0, "OMP_WAIT_POLICY"];

/// Begins this process anew with [`SPINS`], under the same process id, unless the user has said how threads wait or that there
/// is one thread. libgomp reads its variables when it is loaded, which was before `main`. Where this cannot be done the run
/// gives the same bits, more slowly on a busy machine.
pub fn sleep_soon() {
    let said = SAID.iter().any(|name| std::env::var_os(name).is_some());
    if said || std::env::var_os("OMP_NUM_THREADS").is_some_and(|threads| threads == "1") {
        return;
    }
    // Of an executable that was deleted there is a name that leads nowhere.
    let Some(executable) = std::env::current_exe().ok().filter(|path| path.is_file()) else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| executable.clone().into_os_string());
    // It returns only if it fails.
    let error = Command::new(&executable).arg0(name).args(arguments).env(SPINS.0, SPINS.1).exec();
    tracing::debug!("{}: cannot be begun anew with {}={}: {error}", executable.display(), SPINS.0, SPINS.1);
}
