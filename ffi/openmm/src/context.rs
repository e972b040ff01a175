//! A Context: a System on a platform, evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use cxx::UniquePtr;

use crate::bridge::ffi;
use crate::{Error, System, platform};

/// Evaluates a [`System`] at positions that are set. One thread at a time, any thread.
///
/// A call that fails leaves the Context usable.
pub struct Context {
    // Declared first: the session refers to the System, and is destroyed before it.
    session: UniquePtr<ffi::Session>,
    system: Arc<System>,
}

// SAFETY: OpenMM binds a Context to no thread, it only wants one call at a time, which `&mut self` sees to.
unsafe impl Send for Context {}

fn call(error: cxx::Exception) -> Error {
    Error::Call(error.what().to_owned())
}

impl Context {
    /// Makes a Context on the platform of this name, with properties of the platform (`[("Threads", "1")]` on "CPU").
    ///
    /// # Errors
    /// [`Error::UnknownPlatform`]; [`Error::Context`] for an illegal property or a System that the platform cannot do.
    pub fn new(
        system: Arc<System>,
        platform: &str,
        properties: &[(String, String)],
    ) -> Result<Context, Error> {
        platform::require(platform)?;
        let properties: Vec<ffi::Property> = properties
            .iter()
            .map(|(name, value)| ffi::Property { name: name.clone(), value: value.clone() })
            .collect();
        let session = ffi::new_session(system.get(), platform, &properties).map_err(|error| {
            Error::Context { platform: platform.to_owned(), message: error.what().to_owned() }
        })?;
        Ok(Context { session, system })
    }

    /// The System that is evaluated.
    pub fn system(&self) -> &Arc<System> {
        &self.system
    }

    /// Sets the positions, `[particles][3]` nm. Virtual sites are put where they belong, whatever was given for them.
    ///
    /// # Errors
    /// [`Error::Call`] for a wrong number of positions.
    pub fn set_positions(&mut self, positions: &[f64]) -> Result<(), Error> {
        self.session.pin_mut().set_positions(positions).map_err(call)
    }

    /// Sets the box, rows in nm: a along x, b in the xy plane, in OpenMM's reduced form.
    ///
    /// # Errors
    /// [`Error::Call`] for rows not in that form.
    pub fn set_box(&mut self, rows: [[f64; 3]; 3]) -> Result<(), Error> {
        let [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = rows;
        self.session.pin_mut().set_box(&[ax, ay, az, bx, by, bz, cx, cy, cz]).map_err(call)
    }

    /// Sets a global parameter of a force.
    ///
    /// # Errors
    /// [`Error::Call`] if no force has it.
    pub fn set_parameter(&mut self, name: &str, value: f64) -> Result<(), Error> {
        self.session.pin_mut().set_parameter(name, value).map_err(call)
    }

    /// The global parameters and their present values.
    ///
    /// # Errors
    /// Never in practice; an exception would be [`Error::Call`].
    pub fn parameters(&self) -> Result<BTreeMap<String, f64>, Error> {
        let parameters = self.session.parameters().map_err(call)?;
        Ok(parameters.into_iter().map(|parameter| (parameter.name, parameter.value)).collect())
    }

    /// The potential energy in kJ/mol; not finite where the positions are impossible.
    ///
    /// # Errors
    /// [`Error::Call`] with what OpenMM threw, before positions were set for example.
    pub fn energy(&mut self) -> Result<f64, Error> {
        self.energy_of_groups(u32::MAX)
    }

    /// The energy in kJ/mol of the forces whose group is in the mask (bit g for group g).
    ///
    /// # Errors
    /// As [`Context::energy`].
    pub fn energy_of_groups(&mut self, mask: u32) -> Result<f64, Error> {
        self.evaluate(&mut [], mask)
    }

    /// The potential energy in kJ/mol, and the force on each particle, `[particles][3]` kJ/mol/nm: the negative gradient.
    ///
    /// # Errors
    /// As [`Context::energy`]; also for a `forces` of another size than `[particles][3]`.
    pub fn energy_and_forces(&mut self, forces: &mut [f64]) -> Result<f64, Error> {
        if forces.is_empty() {
            return Err(Error::Call("there is no room for the forces".to_owned()));
        }
        self.evaluate(forces, u32::MAX)
    }

    /// Of the groups in the mask; what is done on a mesh of its own after the rest.
    fn evaluate(&mut self, forces: &mut [f64], mask: u32) -> Result<f64, Error> {
        let Some(mesh) = self.system.mesh().filter(|mesh| mask & mesh.owners != 0) else {
            return self.session.evaluate(forces, mask.cast_signed()).map_err(call);
        };
        let energy = self.session.evaluate(forces, (mask & !mesh.mask).cast_signed()).map_err(call)?;
        let mut more = vec![0.0; forces.len()];
        let on_mesh = self.session.evaluate(&mut more, mesh.mask.cast_signed()).map_err(call)?;
        forces.iter_mut().zip(more).for_each(|(force, more)| *force += more);
        Ok(energy + on_mesh)
    }
}
