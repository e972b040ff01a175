//! Lets the tests find libtorch, and passes its folder on to the binary.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder =
        std::env::var("DEP_FREELAND_TORCH_OPS_LIBTORCH").expect("torch-ops says where libtorch lies");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    println!("cargo::metadata=libtorch={folder}");
}
