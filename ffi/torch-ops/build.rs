//! Compiles the C++ side against libtorch's headers, and tells the crates above where libtorch lies.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cpp");
    // Without LIBTORCH, torch-sys takes the one of the system.
    let libtorch = PathBuf::from(env::var_os("LIBTORCH").unwrap_or_else(|| "/usr".into()));
    // The folder may hold links into a Python wheel: libtorch finds its own companions relative to the real place.
    let library = libtorch.join("lib/libtorch_cpu.so");
    let real = library.canonicalize().unwrap_or_else(|error| {
        panic!(
            "{}: {error}; LIBTORCH names the folder of libtorch, which scripts/setup makes",
            library.display()
        )
    });
    let folder = real.parent().expect("a file has a folder");

    cxx_build::bridge("src/bridge.rs")
        .file("cpp/spline.cpp")
        .std("c++17")
        // Not ours to warn about: libtorch's headers.
        .flag("-isystem")
        .flag(libtorch.join("include"))
        .flag("-isystem")
        .flag(libtorch.join("include/torch/csrc/api/include"))
        // at::parallel_for is OpenMP inside its header.
        .flag("-fopenmp")
        .compile("freeland-torch-ops");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .file("cpp/kernel.cpp")
        .opt_level(3)
        // What lets square roots and comparisons vectorise; no result changes.
        .flag("-fno-math-errno")
        .flag("-fno-trapping-math")
        .compile("freeland-torch-ops-kernel");

    println!("cargo::rustc-link-search=native={}", libtorch.join("lib").display());
    println!("cargo::rustc-link-lib=dylib=torch_cpu");
    println!("cargo::rustc-link-lib=dylib=c10");
    println!("cargo::rustc-link-lib=dylib=gomp");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    println!("cargo::metadata=libtorch={}", folder.display());
}
