//! What happens where the kernel cannot confine: told, or refused where it is required.

use std::path::PathBuf;
use std::process::Command;

use freeland_loader::{Confinement, IsolationError, OpenError, ProcessOptions};
use serde_json::Value;

use super::{isolated, isolated_c, process};
use crate::support::{freeland, freeland_with, misbehaving, positions_file, scratch, worker};

/// An executable that runs the worker as on a kernel without one system call.
fn on_a_kernel_without(call: &str) -> PathBuf {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/isolation/older-kernel.c");
    let path = scratch().path().join(format!("worker-without-{call}-{:?}", std::thread::current().id()));
    let status = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-Wall", "-Werror", "-o"])
        .arg(&path)
        .arg(format!("-DCALL={call}"))
        .arg(format!("-DWORKER=\"{}\"", worker().display()))
        .arg(source)
        .status()
        .unwrap();
    assert!(status.success());
    path
}

#[test]
fn a_kernel_that_cannot_confine_is_told_of_and_refused_where_it_is_required() {
    let lacks = [
        ("SYS_landlock_create_ruleset", "writing files: its kernel has no landlock"),
        (
            "SYS_seccomp",
            "using the network and reaching into other processes: its kernel has no seccomp filters",
        ),
    ];
    for (call, expected) in lacks {
        let process = ProcessOptions { executable: Some(on_a_kernel_without(call)), ..process() };
        let potential = isolated_c("well-behaved", process.clone());
        let [gap] = potential.unconfined().try_into().unwrap();
        assert!(gap.contains(expected), "{gap}");
        assert_eq!(potential.evaluate(&[0.5, 0.5], false).unwrap().statuses, [0]);

        // Where it is required, no code of the plugin runs: this one would crash.
        let process = ProcessOptions { confinement: Confinement::Required, ..process };
        let error = isolated(&misbehaving("crash-at-load"), &Value::Null, process).unwrap_err();
        assert!(matches!(error, OpenError::Isolation(IsolationError::Confinement { .. })), "{error}");
        let error = error.to_string();
        let begin = "plugin 'libcrash-at-load.so' is not loaded: confinement is required, and this system does not keep plugins from ";
        assert!(error.starts_with(&format!("{begin}{expected}")), "{error}");
    }
}

#[test]
fn required_confinement_is_no_hindrance_where_it_holds() {
    for landlock_at_most in [None, Some(1)] {
        let required = ProcessOptions { confinement: Confinement::Required, landlock_at_most, ..process() };
        let potential = isolated_c("well-behaved", required);
        assert_eq!(potential.unconfined(), Vec::<String>::new());
        assert_eq!(potential.evaluate(&[0.5, 0.5], false).unwrap().statuses, [0]);
    }
    let (library, file) = (misbehaving("well-behaved"), positions_file("confined.npy", 2));
    let fixed = ["evaluate", "--plugin", library.to_str().unwrap(), "--positions", file.to_str().unwrap()];
    freeland(fixed.into_iter().chain(["--require-confinement"])).good();
    let without = on_a_kernel_without("SYS_landlock_create_ruleset");
    let ran = freeland_with(
        fixed.into_iter().chain(["--require-confinement"]),
        &[("FREELAND_WORKER", without.as_path())],
    );
    assert!(ran.refusal().contains("confinement is required, and this system does not keep plugins from"));
    let none = ProcessOptions { confinement: Confinement::Required, landlock_at_most: Some(0), ..process() };
    assert!(isolated(&misbehaving("well-behaved"), &Value::Null, none).is_err());
}
