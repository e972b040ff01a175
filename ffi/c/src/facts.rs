//! What an instance tells, in the structs of `epp.h`.

use std::ffi::{CString, c_char};
use std::ptr::null;

use epp::sys;
use freeland_loader::{Determinism, Dtype, Info, Output, Parameter, Shape, Symmetry, Threads, Units};

/// As text of C; a NUL in it is replaced.
pub fn text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(null(), |text| text.as_ptr())
}

/// Texts of a parameter or an output, which live as long as the handle.
pub struct Texts {
    name: CString,
    unit: Option<CString>,
    description: Option<CString>,
}

impl Texts {
    pub fn of_parameter(parameter: &Parameter) -> Self {
        Self { name: text(&parameter.name), unit: parameter.unit.as_deref().map(text), description: None }
    }

    pub fn of_output(output: &Output) -> Self {
        Self {
            name: text(&output.name),
            unit: output.unit.as_deref().map(text),
            description: output.description.as_deref().map(text),
        }
    }
}

/// `epp_parameter`
pub fn parameter(parameter: &Parameter, texts: &Texts) -> sys::Parameter {
    let [minimum, maximum] = parameter.range.unwrap_or_default();
    sys::Parameter {
        struct_size: size_of::<sys::Parameter>() as u64,
        name: texts.name.as_ptr(),
        unit: pointer(&texts.unit),
        default_value: parameter.default,
        minimum,
        maximum,
    }
}

/// `epp_output_description`
pub fn output(output: &Output, texts: &Texts) -> sys::OutputDescription {
    let (shape, length) = match output.shape {
        Shape::Scalar => (sys::SHAPE_SCALAR, 0),
        Shape::Atoms => (sys::SHAPE_ATOMS, 0),
        Shape::AtomsDimensions => (sys::SHAPE_ATOMS_DIMENSIONS, 0),
        Shape::Matrix => (sys::SHAPE_MATRIX, 0),
        Shape::Vector(length) => (sys::SHAPE_VECTOR, length),
    };
    sys::OutputDescription {
        struct_size: size_of::<sys::OutputDescription>() as u64,
        name: texts.name.as_ptr(),
        unit: pointer(&texts.unit),
        description: pointer(&texts.description),
        shape,
        flags: 0,
        length: length as u64,
    }
}

/// `epp_info`
pub fn info(info: &Info, fingerprint: &Option<CString>) -> sys::Info {
    let set = |bits: &[(bool, u32)]| bits.iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum();
    let periodic = info.periodic.iter().enumerate().map(|(row, &periodic)| u32::from(periodic) << row);
    let symmetries = info.symmetries.iter().map(|symmetry| match symmetry {
        Symmetry::Translation => sys::SYMMETRY_TRANSLATION,
        Symmetry::Rotation => sys::SYMMETRY_ROTATION,
        Symmetry::Inversion => sys::SYMMETRY_INVERSION,
        Symmetry::Permutation => sys::SYMMETRY_PERMUTATION,
    });
    let dtypes = info.dtypes.iter().map(|dtype| match dtype {
        Dtype::F64 => sys::DTYPE_F64,
        Dtype::F32 => sys::DTYPE_F32,
    });
    sys::Info {
        struct_size: size_of::<sys::Info>() as u64,
        atoms: info.atoms as u64,
        max_batch: info.max_batch.unwrap_or(0) as u64,
        preferred_batch: info.preferred_batch.unwrap_or(0) as u64,
        dimensions: info.dimensions as u32,
        periodic: periodic.sum(),
        cutoff_nm: info.cutoff_nm.unwrap_or(0.0),
        required: set(&[(!info.has_gradient, sys::INFO_NO_GRADIENT), (info.discrete, sys::INFO_DISCRETE)]),
        flags: set(&[(info.uses_seed, sys::FLAG_USES_SEED)]),
        thread_model: match info.threads {
            Threads::Affine => sys::THREADS_AFFINE,
            Threads::Serial => sys::THREADS_SERIAL,
            Threads::Concurrent => sys::THREADS_CONCURRENT,
            Threads::Process => sys::THREADS_PROCESS,
        },
        determinism: match info.determinism {
            Determinism::None => sys::DETERMINISM_NONE,
            Determinism::RunToRun => sys::DETERMINISM_RUN_TO_RUN,
            Determinism::Bitwise => sys::DETERMINISM_BITWISE,
        },
        dtypes: dtypes.sum(),
        symmetries: match symmetries.sum() {
            0 => sys::SYMMETRY_NONE,
            set => set,
        },
        units: match info.units {
            Units::Md => sys::UNITS_MD,
            Units::Reduced => sys::UNITS_REDUCED,
        },
        threads_inside: info.threads_inside.unwrap_or(0),
        fingerprint: pointer(fingerprint),
    }
}
