//! Lets the binary find libtorch where it was built against, without LD_LIBRARY_PATH.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SCIENCE").is_none() {
        return;
    }
    // Without LIBTORCH, torch-sys takes the one of the system, which needs no path.
    let Some(libtorch) = std::env::var_os("LIBTORCH").map(PathBuf::from) else { return };
    let linked = libtorch.join("lib");
    let mut folders = Vec::new();
    // The library itself may lie elsewhere, in a Python package for example, with its own dependencies beside it.
    if let Ok(real) = linked.join("libtorch_cpu.so").canonicalize() {
        folders.extend(real.parent().map(Path::to_path_buf));
    }
    if let Ok(linked) = linked.canonicalize() {
        folders.push(linked);
    }
    folders.dedup();
    for folder in folders {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
    if let Some(version) = version(&libtorch) {
        println!("cargo::rustc-env=FREELAND_LIBTORCH_VERSION={version}");
    }
}

/// What the headers say, as `2.11.0`. The file has moved over the years.
fn version(libtorch: &Path) -> Option<String> {
    let places = ["torch/headeronly/version.h", "torch/csrc/api/include/torch/version.h"];
    places.iter().find_map(|place| {
        let header = libtorch.join("include").join(place);
        let text = std::fs::read_to_string(&header).ok()?;
        println!("cargo::rerun-if-changed={}", header.display());
        let part = |name: &str| {
            let define = format!("#define TORCH_VERSION_{name} ");
            text.lines().find_map(|line| line.strip_prefix(&define)).map(str::trim)
        };
        Some(format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?))
    })
}
