//! The header is the contract: a C compiler says where every field of `epp.h` lies and what every constant is, and
//! `epp::sys` must agree. Fields and constants of the header that `sys` lacks, and the reverse, fail too.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::{align_of, offset_of, size_of};
use std::path::{Path, PathBuf};
use std::process::Command;

use epp::sys;

/// What one side says: a name, such as `epp_batch.count`, and its numbers or text.
type Facts = BTreeMap<String, String>;

/// The facts of the mirrored structs. A pattern without `..` does not compile if a field is left out here; a name of
/// Rust's with a final underscore, put there because of a keyword, is compared without it.
macro_rules! structs {
    ($($c_name:literal = $rust:ident { $($field:ident),+ $(,)? })+) => {
        fn rust_structs() -> Facts {
            let mut facts = Facts::new();
            $({
                let (size, align) = (size_of::<sys::$rust>(), align_of::<sys::$rust>());
                facts.insert($c_name.into(), format!("size {size} align {align}"));
                // SAFETY: zero is a value of every struct of the ABI.
                let all_fields: sys::$rust = unsafe { std::mem::zeroed() };
                let sys::$rust { $($field),+ } = all_fields;
                $(
                    let name = format!("{}.{}", $c_name, stringify!($field).trim_end_matches('_'));
                    let (offset, size) = (offset_of!(sys::$rust, $field), size_of_val(&$field));
                    facts.insert(name, format!("offset {offset} size {size}"));
                )+
            })+
            facts
        }
    };
}

structs! {
    "epp_error" = Error { struct_size, text, capacity }
    "epp_host" = Host { struct_size, abi_major, abi_minor, name, version, context, log, extension }
    "epp_topology" = Topology {
        struct_size, atoms, bonds, atomic_numbers, masses, charges, atom_names, residues, residue_names,
        residue_numbers, chain_names, bond_atoms, bond_orders, positions, box_, periodic, total_charge,
        multiplicity, reserved,
    }
    "epp_descriptor" = Descriptor {
        struct_size, id, name, version, vendor, license, url, citation, config_schema_json, thread_model,
        determinism, dtypes, symmetries, units, topology, flags, required, required_extensions,
    }
    "epp_info" = Info {
        struct_size, atoms, max_batch, preferred_batch, dimensions, periodic, cutoff_nm, required, flags,
        thread_model, determinism, dtypes, symmetries, units, threads_inside, fingerprint,
    }
    "epp_create" = Create { struct_size, id, config_json, folder, topology, host, threads, required }
    "epp_output" = Output { struct_size, index, data, stride, dtype, reserved }
    "epp_batch" = Batch {
        struct_size, count, dtype, want, required, reserved, positions, position_stride, box_, box_stride,
        parameters, parameter_stride, energies, gradients, gradient_stride, statuses, cancel, deadline_ns, seed,
        first, output_count, outputs,
    }
    "epp_potential" = Potential { struct_size, self_, info, evaluate, extension, destroy, derive }
    "epp_entry" = Entry { struct_size, magic, abi_major, abi_minor, required, count, descriptor, create, extension }
    "epp_topology_extension" = TopologyExtension { struct_size, topology }
    "epp_output_description" = OutputDescription { struct_size, name, unit, description, shape, flags, length }
    "epp_outputs_extension" = OutputsExtension { struct_size, count, describe }
    "epp_parameter" = Parameter { struct_size, name, unit, default_value, minimum, maximum }
    "epp_parameters_extension" = ParametersExtension { struct_size, count, describe }
    "epp_sample" = Sample {
        struct_size, positions, box_, parameters, gradient, energy, tolerance, gradient_tolerance,
    }
    "epp_reference_extension" = ReferenceExtension { struct_size, count, sample }
}

macro_rules! constants {
    ($($name:ident),+ $(,)?) => {
        fn rust_constants() -> Facts {
            BTreeMap::from([$((concat!("EPP_", stringify!($name)).to_owned(), sys::$name.to_string())),+])
        }
    };
}

constants!(
    MAGIC,
    ABI_MAJOR,
    ABI_MINOR,
    OK,
    E_INVALID_ARGUMENT,
    E_UNKNOWN_ID,
    E_BAD_CONFIG,
    E_UNSUPPORTED,
    E_OUT_OF_MEMORY,
    E_INTERNAL,
    E_BAD_TOPOLOGY,
    E_LOST,
    SAMPLE_OK,
    SAMPLE_NON_FINITE_INPUT,
    SAMPLE_OUTSIDE_DOMAIN,
    SAMPLE_ENERGY_NOT_FINITE,
    SAMPLE_GRADIENT_NOT_FINITE,
    SAMPLE_NOT_CONVERGED,
    SAMPLE_OUT_OF_MEMORY,
    SAMPLE_CANCELLED,
    SAMPLE_INTERNAL,
    THREADS_AFFINE,
    THREADS_SERIAL,
    THREADS_CONCURRENT,
    THREADS_PROCESS,
    DETERMINISM_NONE,
    DETERMINISM_RUN_TO_RUN,
    DETERMINISM_BITWISE,
    DTYPE_F64,
    DTYPE_F32,
    SYMMETRY_NONE,
    SYMMETRY_TRANSLATION,
    SYMMETRY_ROTATION,
    SYMMETRY_INVERSION,
    SYMMETRY_PERMUTATION,
    UNITS_MD,
    UNITS_REDUCED,
    TOPOLOGY_IGNORED,
    TOPOLOGY_USED,
    TOPOLOGY_NEEDED,
    INFO_NO_GRADIENT,
    INFO_DISCRETE,
    FLAG_USES_SEED,
    WANT_ENERGY,
    WANT_GRADIENT,
    REQUIRED_RAGGED,
    REQUIRED_DEVICE,
    REQUIRED_ASYNC,
    LOG_ERROR,
    LOG_WARNING,
    LOG_INFO,
    LOG_DEBUG,
    EXT_TOPOLOGY,
    EXT_OUTPUTS,
    SHAPE_SCALAR,
    SHAPE_ATOMS,
    SHAPE_ATOMS_DIMENSIONS,
    SHAPE_MATRIX,
    SHAPE_VECTOR,
    EXT_PARAMETERS,
    EXT_REFERENCE,
);

fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// The folder of the header as it was in version 1.0.
fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/older-minor")
}

/// The header in this folder without comments.
fn header(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("epp.h")).unwrap();
    let mut bare = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").expect("a comment ends").1;
    }
    bare + rest
}

/// Structs of the header with their fields, and names of its constants, as written there.
fn declarations(header: &str) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let structs = header.split("typedef struct ").skip(1).map(|declaration| {
        let (name, body) = declaration.split_once('{').unwrap();
        let body = body.split_once('}').unwrap().0;
        let fields = body.split(';').map(str::trim).filter(|field| !field.is_empty()).map(|field| {
            let name =
                field.split_once("(*").map_or(field, |(_, function)| function.split(')').next().unwrap());
            name.rsplit([' ', '*']).next().unwrap().to_owned()
        });
        (name.trim().to_owned(), fields.collect())
    });
    let constants = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split_once(' '))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name != "EPP_EXPORT");
    (structs.collect(), constants.collect())
}

/// Compiles `source` with the header in reach; panics with what the compiler says.
fn compile(include: &Path, compiler: &str, source: &str, extension: &str, arguments: &[&str], output: &Path) {
    let source_file = output.with_extension(extension);
    std::fs::write(&source_file, source).unwrap();
    let outcome = Command::new(compiler)
        .args(arguments)
        .args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-I"])
        .arg(include)
        .arg("-o")
        .arg(output)
        .arg(&source_file)
        .output()
        .unwrap_or_else(|error| panic!("this test needs the compiler `{compiler}`: {error}"));
    assert!(outcome.status.success(), "{compiler}: {}", String::from_utf8_lossy(&outcome.stderr));
}

/// What the C compiler says of everything that the header in this folder declares.
fn c_facts(include: &Path) -> Facts {
    let (structs, constants) = declarations(&header(include));
    let mut body = String::new();
    for (name, fields) in &structs {
        writeln!(body, "  struct align_{name} {{ char before; {name} it; }};").unwrap();
        let align = format!("offsetof(struct align_{name}, it)");
        writeln!(body, "  printf(\"{name}=size %zu align %zu\\n\", sizeof({name}), {align});").unwrap();
        for field in fields {
            let (offset, size) =
                (format!("offsetof({name}, {field})"), format!("sizeof((({name} *)0)->{field})"));
            writeln!(body, "  printf(\"{name}.{field}=offset %zu size %zu\\n\", {offset}, {size});").unwrap();
        }
    }
    for name in &constants {
        let (format, value) = if name.starts_with("EPP_EXT_") {
            ("%s", name.clone())
        } else {
            ("%lld", format!("(long long){name}"))
        };
        writeln!(body, "  printf(\"{name}={format}\\n\", {value});").unwrap();
    }
    let includes = "#include \"epp.h\"\n#include <stddef.h>\n#include <stdio.h>\n";
    let source = format!("{includes}int main(void) {{\n{body}  return 0;\n}}\n");
    let folder = tempfile::tempdir().unwrap();
    let probe = folder.path().join("probe");
    compile(include, "cc", &source, "c", &["-std=c99"], &probe);
    let outcome = Command::new(&probe).output().unwrap();
    assert!(outcome.status.success());
    let text = String::from_utf8(outcome.stdout).unwrap();
    text.lines()
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, fact)| (name.into(), fact.into()))
        .collect()
}

#[test]
fn the_mirror_agrees_with_the_header() {
    let mut ours = rust_structs();
    ours.extend(rust_constants());
    let theirs = c_facts(&include());
    assert!(theirs.len() > 100, "the header was not understood: {theirs:?}");
    for name in theirs.keys().chain(ours.keys()) {
        assert_eq!(ours.get(name), theirs.get(name), "{name}: left is sys.rs, right is epp.h");
    }
}

#[test]
fn the_header_stands_alone_in_c99_and_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let alone = "#include \"epp.h\"\n#include \"epp.h\"\nextern int something;\n";
    compile(&include(), "cc", alone, "c", &["-std=c99", "-c"], &folder.path().join("c99.o"));
    compile(&include(), "c++", alone, "cpp", &["-std=c++11", "-c"], &folder.path().join("cpp.o"));
}

#[test]
fn what_version_1_0_has_stays_where_it_is() {
    let now = c_facts(&include());
    for (name, fact) in c_facts(&frozen()) {
        let found = now.get(&name).unwrap_or_else(|| panic!("{name} is gone"));
        match fact.strip_prefix("size ").and_then(|fact| fact.split_once(" align ")) {
            // Structs may grow, and the minor version with them.
            Some((size, align)) => {
                let (size_now, align_now) =
                    found.strip_prefix("size ").unwrap().split_once(" align ").unwrap();
                assert_eq!(align_now, align, "{name}");
                assert!(
                    size_now.parse::<u64>().unwrap() >= size.parse().unwrap(),
                    "{name}: {found}, was {fact}"
                );
            }
            None if name == "EPP_ABI_MINOR" => {}
            None => assert_eq!(*found, fact, "{name}"),
        }
    }
}
