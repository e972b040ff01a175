//! The structs of `freeland.h`.

use std::ffi::{c_char, c_void};

use epp::sys;

/// `freeland_log`
pub type LogCallback = unsafe extern "C" fn(*mut c_void, u32, *const c_char, *const c_char);

/// `freeland_options`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Options {
    pub struct_size: u64,
    pub spec: *const c_char,
    pub config_json: *const c_char,
    pub folder: *const c_char,
    pub search_path: *const c_char,
    pub sha256: *const c_char,
    pub topology: *const sys::Topology,
    pub log: Option<LogCallback>,
    pub log_context: *mut c_void,
    pub threads: u32,
    pub isolation: i32,
    pub trust_writable: i32,
    pub confinement: i32,
    pub workers: u64,
    pub time_limit_ms: u64,
    pub memory: u64,
    pub writable: *const c_char,
}

/// `freeland_output`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Output {
    pub struct_size: u64,
    pub name: *const c_char,
    pub data: *mut f64,
}

/// `freeland_batch`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Batch {
    pub struct_size: u64,
    pub count: u64,
    pub dtype: u32,
    pub reserved: u32,
    pub positions: *const c_void,
    pub position_stride: u64,
    pub box_: *const f64,
    pub box_stride: u64,
    pub parameters: *const f64,
    pub parameter_stride: u64,
    pub energies: *mut f64,
    pub gradients: *mut c_void,
    pub gradient_stride: u64,
    pub statuses: *mut i32,
    pub cancel: *const u32,
    pub deadline_ns: u64,
    pub seed: u64,
    pub first: u64,
    pub output_count: u64,
    pub outputs: *const *const Output,
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Assertions in C on every field of a struct. The pattern does not compile where one is left out.
    macro_rules! layout {
        ($type:ident as $name:literal: $($field:ident $(as $c:literal)?),*) => {{
            // SAFETY: zero is a value of the struct.
            let $type { $($field: _),* } = unsafe { std::mem::zeroed::<$type>() };
            let mut checks = format!("_Static_assert(sizeof({}) == {}, \"size\");\n", $name, size_of::<$type>());
            $(
                let field = [$($c,)? stringify!($field)][0];
                let offset = offset_of!($type, $field);
                checks += &format!("_Static_assert(offsetof({}, {field}) == {offset}, \"{field}\");\n", $name);
            )*
            checks
        }};
    }

    /// The header is the contract: a C compiler says where every field lies.
    #[test]
    fn structs_lie_as_in_the_header() {
        let checks = [
            layout!(Options as "freeland_options": struct_size, spec, config_json, folder, search_path, sha256, topology, log, log_context, threads, isolation, trust_writable, confinement, workers, time_limit_ms, memory, writable),
            layout!(Output as "freeland_output": struct_size, name, data),
            layout!(Batch as "freeland_batch": struct_size, count, dtype, reserved, positions, position_stride, box_ as "box", box_stride, parameters, parameter_stride, energies, gradients, gradient_stride, statuses, cancel, deadline_ns, seed, first, output_count, outputs),
        ];
        let source = format!("#include <stddef.h>\n#include \"freeland.h\"\n{}", checks.concat());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("layout.c");
        std::fs::write(&file, source).unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"])
            .args([here.join("include"), "-I".into(), here.join("../epp/include"), file])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
