//! Checks of how a plugin lives in a process: again and again, from threads, stopped, and leaving no trace.

mod company;
mod derive;
mod determinism;
mod fingerprint;
mod growth;
mod inside;
mod state;
mod stop;
mod threads;

pub(crate) use determinism::respond;

use super::rule::Check;
use super::verdict::Grade::{Consistency, Mandatory};

/// What everything else rests upon.
const BASE: &[&str] = &["evaluation/batch-equals-singles"];
const REPEAT: &[&str] = &["process/repeat"];

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "process/repeat",
        Consistency,
        "The same batch gives the same bits again, from the same and from another instance",
        BASE,
        determinism::repeat,
    )
    .applies("determinism: run to run, bitwise"),
    Check::new(
        "process/new-process",
        Consistency,
        "The same batch gives the same bits in another process",
        REPEAT,
        determinism::new_process,
    )
    .applies("determinism: run to run, bitwise"),
    Check::new(
        "process/batch-split",
        Consistency,
        "A configuration gives the same bits in any batch, at any place, with outputs and without",
        &["process/repeat", "evaluation/outputs"],
        determinism::batch_split,
    )
    .applies("determinism: bitwise"),
    Check::new(
        "process/two-instances",
        Mandatory,
        "Two instances do not know of each other",
        REPEAT,
        threads::two_instances,
    ),
    Check::new(
        "process/other-thread",
        Mandatory,
        "It works on a thread that is not the main one",
        REPEAT,
        threads::other_thread,
    ),
    Check::new(
        "process/threads",
        Mandatory,
        "It works from several threads as its thread model says, and gives the same results",
        &["process/other-thread", "process/two-instances"],
        threads::as_declared,
    )
    .limit(60.0),
    Check::new(
        "process/instances-at-once",
        Mandatory,
        "Instances of different configurations, called at once as the thread model says, give what each gives alone",
        &["process/threads"],
        company::at_once,
    )
    .limit(60.0),
    Check::new(
        "process/hosts",
        Mandatory,
        "Two hosts in one process each have their own instances and log, and one may go",
        &["process/two-instances"],
        company::hosts,
    ),
    Check::new(
        "process/output-threads",
        Mandatory,
        "Outputs are the same from several threads",
        &["process/threads", "evaluation/outputs"],
        threads::outputs,
    )
    .applies("thread model: concurrent, epp.outputs/1"),
    Check::new(
        "process/threads-inside",
        Consistency,
        "A call keeps no more threads at work at the same time than it says, and one where create was asked for that",
        BASE,
        inside::inside,
    ),
    Check::new(
        "process/fingerprint",
        Consistency,
        "The fingerprint is the same in every instance and process, and another one for other energies",
        REPEAT,
        fingerprint::fingerprint,
    )
    .applies("info.fingerprint"),
    Check::new(
        "process/derive",
        Mandatory,
        "A derived instance is as a new one of the same molecule, whatever else is asked for, and outlives its parent",
        &["process/two-instances"],
        derive::derive,
    )
    .applies("the instance has the function `derive`"),
    Check::new(
        "process/derive-molecule",
        Mandatory,
        "What is derived for another molecule has its atoms, in its order, or is refused",
        &["process/derive"],
        derive::molecules,
    )
    .applies("the instance has the function `derive`"),
    Check::new("process/cancel", Mandatory, "A raised cancel flag stops a call soon", BASE, stop::cancel)
        .limit(60.0),
    Check::new("process/deadline", Mandatory, "A call stops soon after its deadline", BASE, stop::deadline)
        .limit(60.0),
    Check::new(
        "process/create-destroy",
        Mandatory,
        "Instances that come and go leave no memory, descriptors and threads behind",
        BASE,
        growth::instances,
    )
    .limit(60.0),
    Check::new(
        "process/flat-memory",
        Mandatory,
        "Evaluating again and again takes no more memory, descriptors and threads",
        BASE,
        growth::evaluations,
    )
    .limit(60.0),
    Check::new(
        "process/signals",
        Mandatory,
        "Signal handlers and the signal mask stay as they are",
        BASE,
        state::signals,
    ),
    Check::new("process/locale", Mandatory, "The locale stays as it is", BASE, state::locale),
    Check::new(
        "process/floating-point",
        Mandatory,
        "Rounding, flushing of small numbers and floating-point traps stay as they are",
        BASE,
        state::floating_point,
    ),
    Check::new(
        "process/folder",
        Mandatory,
        "The working directory and the file mode mask stay as they are",
        BASE,
        state::folder,
    ),
    Check::new(
        "process/environment",
        Mandatory,
        "Environment variables stay as they are",
        BASE,
        state::environment,
    ),
    Check::new("process/output", Mandatory, "Nothing is written to the standard output", BASE, state::output),
    Check::new("process/children", Mandatory, "No process is left behind", BASE, state::children),
    Check::new(
        "process/exit",
        Mandatory,
        "The process ends well after the plugin was used",
        BASE,
        state::exit,
    )
    .exits(),
];
