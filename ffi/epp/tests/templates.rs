//! The templates in C, C++ and Fortran: built by their own Makefiles, loaded as a host loads them, and evaluated.
use std::ffi::{CStr, CString};
use std::path::Path;
use std::process::Command;

use epp::sys;

/// Builds a copy of the template, of two atoms, so that the source folder stays clean.
fn build(language: &str, folder: &Path) -> std::path::PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(here.join("../../plugins/templates").join(language)).unwrap() {
        let file = file.unwrap();
        if let Ok(text) = std::fs::read_to_string(file.path()) {
            let text = text.replace("ATOMS = 13", "ATOMS = 2").replace("atoms = 13", "atoms = 2");
            std::fs::write(folder.join(file.file_name()), text).unwrap();
        }
    }
    let include = std::path::absolute(here.join("include")).unwrap();
    let flags = "-O2 -Wall -Wextra -pedantic -Werror";
    let outcome = Command::new("make")
        .current_dir(folder)
        .arg(format!("EPP={}", include.display()))
        .args(["CFLAGS", "CXXFLAGS", "FFLAGS"].map(|variable| format!("{variable}={flags}")))
        .output()
        .expect("this test needs make and compilers for C, C++ and Fortran");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    folder.join(format!("libepp_template_{language}.so"))
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
fn c() {
    builds_and_evaluates("c");
}

#[test]
fn cpp() {
    builds_and_evaluates("cpp");
}

#[test]
fn fortran() {
    builds_and_evaluates("fortran");
}

fn builds_and_evaluates(language: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = build(language, folder.path());
    let id = CString::new(format!("template-{language}")).unwrap();
    // SAFETY: the library was just built from our source, has no initialisers, and exports an epp_entry; every pointer
    // passed below is null or ours, and every buffer fits three configurations of two atoms.
    unsafe {
        let library = libloading::Library::new(path).unwrap();
        let entry = library.get::<*const sys::Entry>(sys::ENTRY_SYMBOL).unwrap();
        let entry = **entry;
        assert_eq!((entry.magic, entry.abi_major, entry.count.unwrap()()), (sys::MAGIC, sys::ABI_MAJOR, 1));
        let descriptor = &*entry.descriptor.unwrap()(0);
        assert_eq!(descriptor.struct_size as usize, size_of::<sys::Descriptor>());
        assert_eq!(CStr::from_ptr(descriptor.id), &*id);
        serde_json::from_slice::<serde_json::Value>(CStr::from_ptr(descriptor.config_schema_json).to_bytes())
            .unwrap();

        let mut out = std::ptr::null_mut();
        let create = entry.create.unwrap();
        let mut make = |id: &CStr, config: &CStr, required| {
            let request = sys::Create {
                struct_size: size_of::<sys::Create>() as u64,
                id: id.as_ptr(),
                config_json: config.as_ptr(),
                required,
                ..std::mem::zeroed()
            };
            call(|error| create(&request, &raw mut out, error))
        };
        assert_eq!(make(c"template", c"{}", 0).unwrap_err().0, sys::E_UNKNOWN_ID);
        assert_eq!(make(&id, c"{}", 1).unwrap_err().0, sys::E_UNSUPPORTED);
        for config in [c"", c"{\"a\": 1}", c"{} x", c"[]"] {
            assert_eq!(make(&id, config, 0).unwrap_err().0, sys::E_BAD_CONFIG, "{config:?}");
        }
        assert_eq!(make(&id, c" { }\n", 0), Ok(()));
        let potential = *out;

        let mut info: sys::Info = std::mem::zeroed();
        info.struct_size = size_of::<sys::Info>() as u64;
        call(|error| potential.info.unwrap()(potential.self_, &raw mut info, error)).unwrap();
        assert_eq!((info.atoms, info.dimensions), (2, 3));
        let table = potential.extension.unwrap()(potential.self_, c"epp.outputs/1".as_ptr());
        let table = &*table.cast::<sys::OutputsExtension>();
        let mut description: sys::OutputDescription = std::mem::zeroed();
        description.struct_size = size_of::<sys::OutputDescription>() as u64;
        let describe = table.describe.unwrap();
        call(|error| describe(potential.self_, 0, &raw mut description, error)).unwrap();
        assert_eq!((CStr::from_ptr(description.name), description.shape), (c"virial", sys::SHAPE_MATRIX));
        assert_eq!(table.count.unwrap()(potential.self_), 1);

        // At the minimum, with a NaN, and at the distance where the energy is zero; a stride of 8.
        let (sigma, epsilon) = (0.3405, 0.996);
        let mut positions = [0.0; 22];
        positions[0] = sigma * 2.0_f64.powf(1.0 / 6.0);
        positions[9] = f64::NAN;
        positions[16] = sigma;
        let (mut energies, mut gradients, mut statuses) = ([0.0; 3], [9.0; 18], [-1; 3]);
        let mut virials = [9.0; 29];
        let virial = sys::Output {
            struct_size: size_of::<sys::Output>() as u64,
            index: 0,
            data: virials.as_mut_ptr().cast(),
            stride: 10,
            dtype: sys::DTYPE_F64,
            reserved: 0,
        };
        let outputs = [&raw const virial];
        let batch = sys::Batch {
            struct_size: size_of::<sys::Batch>() as u64,
            count: 3,
            dtype: sys::DTYPE_F64,
            want: sys::WANT_ENERGY | sys::WANT_GRADIENT,
            positions: positions.as_ptr().cast(),
            position_stride: 8,
            energies: energies.as_mut_ptr(),
            gradients: gradients.as_mut_ptr().cast(),
            statuses: statuses.as_mut_ptr(),
            output_count: 1,
            outputs: outputs.as_ptr(),
            ..std::mem::zeroed()
        };
        let evaluate =
            |batch: &sys::Batch| call(|error| potential.evaluate.unwrap()(potential.self_, batch, error));
        assert_eq!(evaluate(&batch), Ok(()));
        assert_eq!(statuses, [0, sys::SAMPLE_NON_FINITE_INPUT, 0]);
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        assert!(close(energies[0], -epsilon) && close(energies[2], 0.0), "{energies:?}");
        assert!(energies[1].is_nan());
        assert!(gradients[..6].iter().all(|&g| close(g, 0.0)), "{gradients:?}");
        assert_eq!(gradients[6..12], [0.0; 6]);
        let slope = -24.0 * epsilon / sigma;
        assert!(close(gradients[12], slope) && close(gradients[15], -slope), "{gradients:?}");
        // Along x alone: d dU/dd.
        assert!(close(virials[20], sigma * slope) && virials[21..].iter().all(|&w| w == 0.0), "{virials:?}");
        assert!(virials[10..19].iter().all(|w| w.is_nan()));
        assert_eq!([virials[9], virials[19]], [9.0; 2], "gaps stay as they were");
        assert_eq!(evaluate(&sys::Batch { required: 1, ..batch }).unwrap_err().0, sys::E_UNSUPPORTED);
        assert_eq!(
            evaluate(&sys::Batch { dtype: sys::DTYPE_F32, ..batch }).unwrap_err().0,
            sys::E_UNSUPPORTED
        );
        assert_eq!(statuses, [sys::SAMPLE_INTERNAL; 3]);
        potential.destroy.unwrap()(potential.self_);
    }
}
