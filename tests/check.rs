//! `freeland plugin check`: every rule has a plugin that breaks it, and nothing else.

mod command;
mod manual;
mod processes;
mod supercells;
mod table;

use std::path::Path;

use serde_json::Value;

use crate::support::{freeland, misbehaving, workspace_library};
use table::{BAD, BY_HAND, GOOD};

/// Plugins that are checked at the same time.
const WORKERS: usize = 3;

/// What a check of a library says: `[check, verdict, reason]` of everything that is neither passed nor skipped.
fn complaints(library: &Path, arguments: &[&str]) -> (Option<i32>, Vec<[String; 3]>) {
    let mut all = vec!["plugin", "check", library.to_str().unwrap(), "--json", "-"];
    all.extend(arguments);
    let ran = freeland(all);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let text = |result: &Value, key: &str| result[key].as_str().unwrap_or_default().to_owned();
    let results = report["results"].as_array().unwrap().iter();
    let of = |result: &Value| [text(result, "check"), text(result, "verdict"), text(result, "reason")];
    let found = results.map(of).filter(|result| !["passed", "skipped"].contains(&result[1].as_str()));
    (ran.code, found.collect())
}

/// Does `work` for every item, several at a time, and gives all that went wrong.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<(), String> + Sync) -> Vec<String> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    let one = move || {
        let take = || items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        std::iter::from_fn(take).filter_map(|item| work(item).err()).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(one)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

#[test]
fn every_bad_plugin_fails_exactly_its_own_check() {
    let wrong = in_parallel(BAD, |(name, check, verdict)| {
        let limit: &[&str] = match *verdict {
            "timed-out" => &["--time-limit", "4"],
            // Most of the time it sleeps.
            _ if *name == "slow-load" => &["--jobs", "16"],
            _ => &["--jobs", "2"],
        };
        let (code, found) = complaints(&misbehaving(name), limit);
        let expected = if *verdict == "warning" { Some(0) } else { Some(1) };
        match found.as_slice() {
            [[one, how, _]] if one == check && how == verdict && code == expected => Ok(()),
            _ => Err(format!("{name}: exit code {code:?}, expected {check} {verdict}, found {found:#?}")),
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plugins_that_behave_pass() {
    let wrong = in_parallel(GOOD, |name| match complaints(&misbehaving(name), &[]) {
        (Some(0), found) if found.is_empty() => Ok(()),
        other => Err(format!("{name}: {other:#?}")),
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_bad_plugin() {
    for check in freeland_loader::check::catalogue() {
        let known = BAD.iter().map(|(_, of, _)| of).chain(BY_HAND);
        assert!(known.into_iter().any(|of| *of == check.id), "no plugin breaks {}", check.id);
    }
}

#[test]
fn a_manifest_that_lies() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("liar.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    let manifest = folder.path().join("liar.epp.json");
    freeland(["plugin", "manifest", library.to_str().unwrap()]).good();
    let (code, found) = complaints(&library, &["--only", "library/"]);
    assert_eq!((code, found), (Some(0), vec![]));

    let text = std::fs::read_to_string(&manifest).unwrap();
    for (from, to) in
        [("\"1.2.3\"", "\"1.2.4\""), ("\"concurrent\"", "\"serial\""), ("\"minor\": 0", "\"minor\": 3")]
    {
        assert!(text.contains(from), "{text}");
        std::fs::write(&manifest, text.replace(from, to)).unwrap();
        let (code, found) = complaints(&library, &["--only", "library/"]);
        let [[check, verdict, reason]] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((code, check.as_str(), verdict.as_str()), (Some(1), "library/manifest", "failed"));
        assert!(reason.contains("differs; make it anew by"), "{reason}");
    }
}

#[test]
fn a_plugin_that_needs_libtorch() {
    let folder = tempfile::tempdir().unwrap();
    let compile = |arguments: &[&str]| {
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut command = std::process::Command::new(compiler);
        command.current_dir(folder.path()).args(["-shared", "-fPIC"]).args(arguments);
        assert!(command.status().unwrap().success(), "{arguments:?}");
    };
    std::fs::write(folder.path().join("torch.c"), "int torch(void);\nint torch(void) { return 2; }\n")
        .unwrap();
    compile(&["-o", "libtorch.so", "torch.c"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let source = root.join("tests/misbehaving-plugins/well-behaved.c");
    let include = format!("-I{}", root.join("ffi/epp/include").display());
    let here = format!("-Wl,-rpath,{}", folder.path().display());
    let linked = ["-Wl,--no-as-needed", "-L.", "-ltorch", &here];
    compile(&[&["-o", "libneeds.so", &include, source.to_str().unwrap()], linked.as_slice()].concat());
    let (code, found) = complaints(&folder.path().join("libneeds.so"), &["--only", "library/"]);
    let [[check, verdict, reason]] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((code, check.as_str(), verdict.as_str()), (Some(0), "library/dependencies", "warning"));
    assert!(reason.starts_with("it needs libtorch.so: "), "{reason}");
}

#[test]
fn the_plugins_of_the_project_pass() {
    let packages = ["freeland-toys", "freeland-molecular-mechanics", "freeland-openmm"];
    let folder = tempfile::tempdir().unwrap();
    for package in packages {
        let built = workspace_library(package);
        // Beside the build lies a manifest, perhaps, of another build.
        let library = folder.path().join(built.file_name().unwrap());
        std::fs::copy(built, &library).unwrap();
        let started = std::time::Instant::now();
        let (code, found) = complaints(&library, &[]);
        println!("{package}: {:.1} s", started.elapsed().as_secs_f64());
        assert_eq!((code, found), (Some(0), vec![]), "{package}");
    }
}
