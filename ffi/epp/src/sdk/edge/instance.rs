//! One instance behind an `epp_potential`.
use std::ffi::{CString, c_char, c_void};
use std::mem::ManuallyDrop;

use super::failure::Failure;
use crate::sdk::description::dtype_bits;
use crate::sdk::{GoldenSample, Host, Info, Output, Parameter, Potential, RawTopology};
use crate::sys;

/// The author's object, with what the host may ask of it again and again.
pub(super) struct Instance<P> {
    /// What the host holds a pointer to; its `self_` is the pointer to this instance.
    pub(super) table: sys::Potential,
    potential: ManuallyDrop<P>,
    pub(super) host: Host,
    pub(super) info: Info,
    pub(super) fingerprint: Option<CString>,
    /// `EPP_DTYPE_*` bits in force.
    pub(super) dtypes: u32,
    pub(super) topology: Option<RawTopology>,
    pub(super) outputs: Vec<DescribedOutput>,
    pub(super) parameters: Vec<DescribedParameter>,
    /// The default values.
    pub(super) defaults: Vec<f64>,
    pub(super) reference: Vec<GoldenSample>,
}

/// An output, and its texts as C reads them.
pub(super) struct DescribedOutput {
    pub(super) output: Output,
    pub(super) name: CString,
    pub(super) unit: Option<CString>,
    pub(super) description: Option<CString>,
}

/// A parameter, and its texts as C reads them.
pub(super) struct DescribedParameter {
    pub(super) parameter: Parameter,
    pub(super) name: CString,
    pub(super) unit: Option<CString>,
}

fn bug(text: impl std::fmt::Display) -> Failure {
    Failure::new(sys::E_INTERNAL, format!("a bug in the plugin: {text}"))
}

fn text(text: &str) -> Result<CString, Failure> {
    CString::new(text).map_err(|_| bug(format!("NUL in `{}`", text.replace('\0', "\\0"))))
}

/// Null for the empty text.
fn optional(given: &str) -> Result<Option<CString>, Failure> {
    (!given.is_empty()).then(|| text(given)).transpose()
}

/// The pointer to an optional text.
pub(super) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

impl<P: Potential> Instance<P> {
    /// Asks the author's object for its facts, and checks them.
    pub(super) fn new(potential: P, host: Host, table: sys::Potential) -> Result<Self, Failure> {
        let info = potential.info();
        let width =
            info.atoms.checked_mul(info.dimensions).filter(|&width| width <= isize::MAX as usize / 64);
        if info.atoms == 0
            || info.dimensions == 0
            || u32::try_from(info.dimensions).is_err()
            || width.is_none()
        {
            return Err(bug(format!("{} atoms of {} dimensions", info.atoms, info.dimensions)));
        }
        let width = info.atoms * info.dimensions;
        let fingerprint = match &info.fingerprint {
            None => None,
            Some(print) if print.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) => {
                optional(print)?
            }
            Some(print) => {
                return Err(bug(format!("the fingerprint `{print}` is not lower-case hexadecimal")));
            }
        };
        let topology = match potential.topology() {
            Some(topology) => Some(RawTopology::new(topology.clone(), info.atoms).map_err(bug)?),
            None => None,
        };
        let outputs = outputs(potential.outputs(), &info)?;
        let parameters = parameters(potential.parameters())?;
        let reference = potential.reference();
        for (index, sample) in reference.iter().enumerate() {
            check(sample, width, parameters.len(), info.periodic)
                .map_err(|text| bug(format!("reference sample {index}: {text}")))?;
        }
        let dtypes = dtype_bits(info.dtypes.unwrap_or(P::DESCRIPTION.dtypes));
        let defaults = parameters.iter().map(|described| described.parameter.default_value).collect();
        let potential = ManuallyDrop::new(potential);
        Ok(Self {
            table,
            potential,
            host,
            info,
            fingerprint,
            dtypes,
            topology,
            outputs,
            parameters,
            defaults,
            reference,
        })
    }

    /// The author's object.
    pub(super) fn potential(&self) -> &P {
        &self.potential
    }

    /// The instance behind the host's `self`.
    ///
    /// # Safety
    /// `self_` is null, or the pointer in the table of an instance of `P` that is not destroyed.
    pub(super) unsafe fn get<'a>(self_: *mut c_void) -> Result<&'a Self, Failure> {
        // SAFETY: by the caller's promise.
        unsafe { self_.cast::<Self>().as_ref() }.ok_or_else(|| Failure::invalid("self is null"))
    }
}

impl<P> Drop for Instance<P> {
    fn drop(&mut self) {
        struct Close(Host);
        impl Drop for Close {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        // The author's destructor may still log, and may panic.
        let _close = Close(self.host.clone());
        // SAFETY: dropped here, and nowhere else.
        unsafe { ManuallyDrop::drop(&mut self.potential) }
    }
}

fn outputs(outputs: Vec<Output>, info: &Info) -> Result<Vec<DescribedOutput>, Failure> {
    let mut described = Vec::<DescribedOutput>::with_capacity(outputs.len());
    for output in outputs {
        let name = &output.name;
        let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b':');
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(bug(format!(
                "output `{name}`: names are lower-case letters, digits, hyphens and colons"
            )));
        }
        if described.iter().any(|other| other.output.name == *name) {
            return Err(bug(format!("two outputs are named `{name}`")));
        }
        if output.width(info.atoms, info.dimensions) == 0 {
            return Err(bug(format!("output `{name}` has no numbers")));
        }
        let (name, unit) = (text(name)?, optional(&output.unit)?);
        let description = optional(&output.description)?;
        described.push(DescribedOutput { output, name, unit, description });
    }
    Ok(described)
}

fn parameters(parameters: Vec<Parameter>) -> Result<Vec<DescribedParameter>, Failure> {
    let mut described = Vec::<DescribedParameter>::with_capacity(parameters.len());
    for parameter in parameters {
        let Parameter { name, default_value, range, .. } = &parameter;
        if described.iter().any(|other| other.parameter.name == *name) {
            return Err(bug(format!("two parameters are named `{name}`")));
        }
        let [minimum, maximum] = range.unwrap_or([f64::MIN, f64::MAX]);
        if !(minimum..=maximum).contains(default_value) || range == &Some([0.0; 2]) {
            return Err(bug(format!("parameter `{name}`: {default_value} is not in {range:?}")));
        }
        let (name, unit) = (text(name)?, optional(&parameter.unit)?);
        described.push(DescribedParameter { parameter, name, unit });
    }
    Ok(described)
}

/// Whether the arrays of a sample are as long as they must be.
fn check(sample: &GoldenSample, width: usize, parameters: usize, periodic: u32) -> Result<(), String> {
    let gradient = sample.gradient.as_ref().map_or(width, Vec::len);
    let given = sample.parameters.as_ref().map_or(parameters, Vec::len);
    for (what, found, expected) in [
        ("positions", sample.positions.len(), width),
        ("gradient", gradient, width),
        ("parameters", given, parameters),
    ] {
        if found != expected {
            return Err(format!("{found} numbers of {what}; expected {expected}"));
        }
    }
    if sample.unit_cell.is_none() && periodic != 0 {
        return Err("a box is missing".into());
    }
    Ok(())
}
