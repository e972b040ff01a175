//! The C template: built by its own Makefile, loaded as a host loads it, and evaluated.
use std::ffi::CStr;
use std::path::Path;
use std::process::Command;

use epp::sys;

/// Builds a copy of the template, so that the source folder stays clean.
fn build(folder: &Path) -> std::path::PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = here.join("../../plugins/templates/c");
    for file in ["trap.c", "Makefile"] {
        std::fs::copy(template.join(file), folder.join(file)).unwrap();
    }
    let include = std::path::absolute(here.join("include")).unwrap();
    let outcome = Command::new("make")
        .current_dir(folder)
        .arg(format!("EPP={}", include.display()))
        .arg("CFLAGS=-O2 -Wall -Wextra -pedantic -Werror")
        .output()
        .expect("this test needs make and a C compiler");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    folder.join("libepp_template_c.so")
}

/// Calls `f` with an error buffer; the sentence of a failure comes back.
fn call(f: impl FnOnce(*mut sys::Error) -> i32) -> Result<(), (i32, String)> {
    let mut text = [0_u8; 256];
    let size = size_of::<sys::Error>() as u64;
    let mut error =
        sys::Error { struct_size: size, text: text.as_mut_ptr().cast(), capacity: text.len() as u64 };
    match f(&raw mut error) {
        sys::OK => Ok(()),
        code => Err((code, CStr::from_bytes_until_nul(&text).unwrap().to_str().unwrap().to_owned())),
    }
}

#[test]
fn the_c_template_builds_and_evaluates() {
    let folder = tempfile::tempdir().unwrap();
    let path = build(folder.path());
    // SAFETY: the library was just built from our source, has no initialisers, and exports an epp_entry; every pointer
    // passed below is null or ours, and every buffer fits three configurations of one atom.
    unsafe {
        let library = libloading::Library::new(path).unwrap();
        let entry = library.get::<*const sys::Entry>(sys::ENTRY_SYMBOL).unwrap();
        let entry = **entry;
        assert_eq!((entry.magic, entry.abi_major, entry.count.unwrap()()), (sys::MAGIC, sys::ABI_MAJOR, 1));
        let descriptor = &*entry.descriptor.unwrap()(0);
        assert_eq!(descriptor.struct_size as usize, size_of::<sys::Descriptor>());
        assert_eq!(CStr::from_ptr(descriptor.id), c"template-c");
        serde_json::from_slice::<serde_json::Value>(CStr::from_ptr(descriptor.config_schema_json).to_bytes())
            .unwrap();

        let mut out = std::ptr::null_mut();
        let create = entry.create.unwrap();
        let null = std::ptr::null();
        let mut make = |id: &CStr, config: &CStr| {
            call(|error| create(id.as_ptr(), config.as_ptr(), null, &raw mut out, error))
        };
        assert_eq!(make(c"template", c"{}").unwrap_err().0, sys::E_UNKNOWN_ID);
        for config in [c"", c"{\"a\": 1}", c"{} x", c"[]"] {
            assert_eq!(make(c"template-c", config).unwrap_err().0, sys::E_BAD_CONFIG, "{config:?}");
        }
        assert_eq!(make(c"template-c", c" { }\n"), Ok(()));
        let potential = *out;

        let mut info: sys::Info = std::mem::zeroed();
        info.struct_size = size_of::<sys::Info>() as u64;
        call(|error| potential.info.unwrap()(potential.self_, &raw mut info, error)).unwrap();
        assert_eq!((info.atoms, info.dimensions), (1, 3));

        let positions = [1.0, 2.0, -3.0, -1.0, f64::NAN, 0.0, 0.0, -1.0, 0.5, 0.0, 0.0];
        let (mut energies, mut gradients, mut statuses) = ([0.0; 3], [9.0; 9], [-1; 3]);
        let batch = sys::Batch {
            struct_size: size_of::<sys::Batch>() as u64,
            count: 3,
            dtype: sys::DTYPE_F64,
            want: sys::WANT_ENERGY | sys::WANT_GRADIENT,
            positions: positions.as_ptr().cast(),
            position_stride: 4,
            energies: energies.as_mut_ptr(),
            gradients: gradients.as_mut_ptr().cast(),
            statuses: statuses.as_mut_ptr(),
            ..std::mem::zeroed()
        };
        let evaluate =
            |batch: &sys::Batch| call(|error| potential.evaluate.unwrap()(potential.self_, batch, error));
        assert_eq!(evaluate(&batch), Ok(()));
        assert_eq!(statuses, [0, sys::SAMPLE_NON_FINITE_INPUT, 0]);
        assert_eq!((energies[0], energies[2]), (14.0, 0.25));
        assert!(energies[1].is_nan());
        assert_eq!(gradients, [2.0, 4.0, -6.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(
            evaluate(&sys::Batch { dtype: sys::DTYPE_F32, ..batch }).unwrap_err().0,
            sys::E_UNSUPPORTED
        );
        assert_eq!(statuses, [sys::SAMPLE_INTERNAL; 3]);
        potential.destroy.unwrap()(potential.self_);
    }
}
