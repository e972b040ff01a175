//! A System: particles and forces.

use std::ffi::CStr;

use cxx::UniquePtr;
use openmm_sys as sys;
use sys::OpenMM_NonbondedForce_NonbondedMethod as Method;

use crate::bridge::ffi;
use crate::{Error, platform};

/// What a force is.
#[derive(Debug, Clone, PartialEq)]
pub struct Force {
    /// The force's own name; OpenMM's default is its class. Not unique.
    pub name: String,
    /// Its class.
    pub class: ForceClass,
    /// The group, 0 to 31, that [`Context::energy_of_groups`](crate::Context::energy_of_groups) selects by.
    pub group: u32,
}

/// The class of a force by OpenMM's name, "HarmonicBondForce" for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceClass(pub String);

impl ForceClass {
    /// Whether a force of this class is a barostat, a thermostat or a remover of motion: it changes how a simulation goes
    /// on, and adds no energy.
    pub fn is_without_energy(&self) -> bool {
        self.0 == "CMMotionRemover" || self.0.ends_with("Barostat") || self.0.ends_with("Thermostat")
    }
}

/// Methods that compute a part on a mesh.
const MESH: [Method::Type; 2] = [Method::OpenMM_NonbondedForce_PME, Method::OpenMM_NonbondedForce_LJPME];

/// Classes whose energy is of bonded atoms alone.
const BONDED: [&str; 8] = [
    "HarmonicBondForce",
    "HarmonicAngleForce",
    "PeriodicTorsionForce",
    "RBTorsionForce",
    "CMAPTorsionForce",
    "CustomBondForce",
    "CustomAngleForce",
    "CustomTorsionForce",
];

/// Two particles and the distance at which a harmonic bond or a constraint holds them, nm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldPair {
    /// Indices from 0.
    pub particles: [u32; 2],
    /// nm
    pub length: f64,
}

/// An OpenMM System. It is read from XML, the form in which any force field comes, and does not change once a
/// [`Context`](crate::Context) has it.
pub struct System {
    inner: UniquePtr<ffi::System>,
    mesh: Option<Mesh>,
}

/// The parts of forces that are computed on a mesh, in a group of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mesh {
    /// Of that group.
    pub(crate) mask: u32,
    /// Of the groups of the forces that it is a part of.
    pub(crate) owners: u32,
}

// SAFETY: the object is bound to no thread.
unsafe impl Send for System {}
// SAFETY: a System is plain data, and what takes `&self` here only reads it.
unsafe impl Sync for System {}

impl System {
    /// Reads a System from the XML that OpenMM's `XmlSerializer` writes.
    ///
    /// # Errors
    /// [`Error::System`] with OpenMM's reason. Where the first try fails, OpenMM's plugins are loaded, which know more
    /// forces, and it tries again.
    pub fn from_xml(xml: &str) -> Result<System, Error> {
        let read = || match ffi::system_from_xml(xml) {
            Ok(inner) if !inner.is_null() => Ok(System { inner, mesh: None }),
            Ok(_) => Err(Error::System("the XML holds no object".to_owned())),
            Err(error) => Err(Error::System(error.what().to_owned())),
        };
        read().or_else(|first| {
            platform::load_plugins().map_err(|_| first)?;
            read()
        })
    }

    pub(crate) fn get(&self) -> &ffi::System {
        self.inner.as_ref().expect("a System is never made from a null pointer")
    }

    /// The same object as the C wrapper calls it.
    fn raw(&self) -> *mut sys::OpenMM_System {
        self.inner.as_ptr().cast_mut().cast()
    }

    /// The number of particles; virtual sites are particles.
    pub fn particles(&self) -> usize {
        // SAFETY: the pointer is a live System; the function reads a size.
        to_count(unsafe { sys::OpenMM_System_getNumParticles(self.raw()) })
    }

    /// The mass of each particle in dalton; 0 for one that does not move, and for a virtual site.
    pub fn masses(&self) -> Vec<f64> {
        // SAFETY: the index is below the number of particles.
        (0..self.particles())
            .map(|i| unsafe { sys::OpenMM_System_getParticleMass(self.raw(), i as i32) })
            .collect()
    }

    /// For each particle, whether its position follows from others'.
    pub fn virtual_sites(&self) -> Vec<bool> {
        // SAFETY: the index is below the number of particles.
        (0..self.particles())
            .map(|i| unsafe { sys::OpenMM_System_isVirtualSite(self.raw(), i as i32) } != 0)
            .collect()
    }

    /// The constrained distances. Constraints add nothing to an energy.
    pub fn constraints(&self) -> Vec<HeldPair> {
        // SAFETY: the pointer is a live System; the function reads a size.
        let count = to_count(unsafe { sys::OpenMM_System_getNumConstraints(self.raw()) });
        let constraint = |index: usize| {
            let (mut a, mut b, mut length) = (0, 0, 0.0);
            // SAFETY: the index is below the number of constraints; three numbers are written.
            unsafe {
                sys::OpenMM_System_getConstraintParameters(
                    self.raw(),
                    index as i32,
                    &mut a,
                    &mut b,
                    &mut length,
                );
            }
            HeldPair { particles: [a as u32, b as u32], length }
        };
        (0..count).map(constraint).collect()
    }

    /// Removes the constraints and adds a HarmonicBondForce called `name` in their place, with bonds
    /// `strength / 2 (r - length)^2`, kJ/mol/nm^2, between the same particles, without periodic boundaries.
    ///
    /// # Errors
    /// [`Error::Call`] with OpenMM's reason.
    pub fn replace_constraints_by_bonds(&mut self, name: &str, strength: f64) -> Result<(), Error> {
        ffi::replace_constraints_by_bonds(self.inner.pin_mut(), name, strength)
            .map_err(|error| Error::Call(error.what().to_owned()))
    }

    /// Whether any force uses periodic boundaries.
    ///
    /// # Errors
    /// [`Error::Call`] where a force does not tell.
    pub fn is_periodic(&self) -> Result<bool, Error> {
        ffi::is_periodic(self.get()).map_err(|error| Error::Call(error.what().to_owned()))
    }

    /// The default box as rows, nm.
    pub fn default_box(&self) -> [[f64; 3]; 3] {
        let mut rows = [sys::OpenMM_Vec3 { x: 0.0, y: 0.0, z: 0.0 }; 3];
        let [a, b, c] = &mut rows;
        // SAFETY: the pointer is a live System; the three vectors are written.
        unsafe { sys::OpenMM_System_getDefaultPeriodicBoxVectors(self.raw(), a, b, c) };
        rows.map(|row| [row.x, row.y, row.z])
    }

    /// The forces in order.
    pub fn forces(&self) -> Vec<Force> {
        (0..self.force_count())
            .map(|index| {
                // SAFETY: the index is below the number of forces, so that the pointer is a live Force.
                let (name, group) = unsafe {
                    let force = sys::OpenMM_System_getForce(self.raw(), index as i32);
                    (CStr::from_ptr(sys::OpenMM_Force_getName(force)), sys::OpenMM_Force_getForceGroup(force))
                };
                // A class that no library registered a name for can still be evaluated.
                let class = ffi::force_class(self.get(), index as i32).unwrap_or_else(|_| "Force".to_owned());
                Force {
                    name: name.to_string_lossy().into_owned(),
                    class: ForceClass(class),
                    group: u32::try_from(group).unwrap_or(0),
                }
            })
            .collect()
    }

    fn force_count(&self) -> usize {
        // SAFETY: the pointer is a live System; the function reads a size.
        to_count(unsafe { sys::OpenMM_System_getNumForces(self.raw()) })
    }

    /// Takes out barostats, thermostats and removers of motion, which have no energy but parameters of their own.
    pub fn remove_forces_without_energy(&mut self) {
        let forces = self.forces();
        for index in (0..forces.len()).rev().filter(|&index| forces[index].class.is_without_energy()) {
            // SAFETY: nobody else has the System, and the index is below its number of forces.
            unsafe { sys::OpenMM_System_removeForce(self.raw(), index as i32) };
        }
    }

    /// Has a [`Context`](crate::Context) compute what is done on a mesh (PME) after the rest of its force, not at the same time:
    /// the CPU platform does it on a thread of its own. Energies and forces stay what they are, and so do those of groups.
    /// `false`, and nothing changes, where the last group, which this takes, has forces already.
    ///
    /// # Errors
    /// Never in practice; an exception would be [`Error::Call`].
    pub fn separate_mesh(&mut self) -> Result<bool, Error> {
        const LAST: u32 = 31;
        let forces = self.forces();
        if forces.iter().any(|force| force.group == LAST) {
            return Ok(false);
        }
        let mut owners = 0;
        for (index, force) in forces.iter().enumerate() {
            let nonbonded = ffi::as_nonbonded(self.get(), index as i32).ok().filter(|force| !force.is_null());
            // SAFETY: the pointer is a NonbondedForce of this System; the function reads a field.
            let method =
                nonbonded.map(|force| unsafe { sys::OpenMM_NonbondedForce_getNonbondedMethod(force.cast()) });
            if method.is_some_and(|method| MESH.contains(&method)) {
                owners |= 1 << force.group;
                ffi::set_mesh_group(self.inner.pin_mut(), index as i32, LAST as i32)
                    .map_err(|error| Error::Call(error.what().to_owned()))?;
            }
        }
        self.mesh = (owners != 0).then_some(Mesh { mask: 1 << LAST, owners });
        Ok(true)
    }

    pub(crate) fn mesh(&self) -> Option<Mesh> {
        self.mesh
    }

    /// Puts a force into a group, 0 to 31, with all of its parts.
    ///
    /// # Errors
    /// [`Error::NoSuchForce`]; [`Error::Call`] for a group beyond 31.
    pub fn set_force_group(&mut self, force: usize, group: u32) -> Result<(), Error> {
        let count = self.force_count();
        if force >= count {
            return Err(Error::NoSuchForce { index: force, count });
        }
        let group = i32::try_from(group).unwrap_or(i32::MAX);
        ffi::set_force_group(self.inner.pin_mut(), force as i32, group)
            .map_err(|error| Error::Call(error.what().to_owned()))
    }

    /// The charge of each particle in elementary charges, from the first NonbondedForce; None without one.
    pub fn charges(&self) -> Option<Vec<f64>> {
        let force = self.nonbonded().next()?;
        // SAFETY: the pointer is a NonbondedForce of this System.
        let count = to_count(unsafe { sys::OpenMM_NonbondedForce_getNumParticles(force) });
        let charge = |i: usize| {
            let (mut charge, mut sigma, mut epsilon) = (0.0, 0.0, 0.0);
            // SAFETY: the index is below the force's number of particles; three numbers are written.
            unsafe {
                sys::OpenMM_NonbondedForce_getParticleParameters(
                    force,
                    i as i32,
                    &mut charge,
                    &mut sigma,
                    &mut epsilon,
                );
            }
            charge
        };
        (count == self.particles()).then(|| (0..count).map(charge).collect())
    }

    /// The distance in nm at which NonbondedForces cut off what they sum directly, the largest; None without a cutoff. A box is
    /// twice as wide at least.
    pub fn direct_cutoff(&self) -> Option<f64> {
        let methods = self.nonbonded_methods();
        let cut = methods.iter().filter(|(method, _)| *method != Method::OpenMM_NonbondedForce_NoCutoff);
        cut.map(|(_, cutoff)| *cutoff).reduce(f64::max)
    }

    /// The distance in nm beyond which no two particles interact but by bonds; None if there is none that this can tell:
    /// Ewald sums have no end, and neither have other forces.
    pub fn interaction_range(&self) -> Option<f64> {
        let ends =
            [Method::OpenMM_NonbondedForce_CutoffNonPeriodic, Method::OpenMM_NonbondedForce_CutoffPeriodic];
        let is_known = |force: &Force| {
            let class = force.class.0.as_str();
            BONDED.contains(&class) || class == "NonbondedForce" || force.class.is_without_energy()
        };
        let methods = self.nonbonded_methods();
        let all_end = methods.iter().all(|(method, _)| ends.contains(method));
        if all_end && self.forces().iter().all(is_known) { self.direct_cutoff() } else { None }
    }

    /// Whether every force is of a class whose energy does not change where all particles, and the box if there is one, are
    /// turned. An expression of coordinates may change, and so may what a plugin of OpenMM's brings along.
    pub fn is_isotropic(&self) -> bool {
        const UNBONDED: [&str; 5] =
            ["NonbondedForce", "CustomNonbondedForce", "GBSAOBCForce", "CustomGBForce", "RMSDForce"];
        self.forces().iter().all(|force| {
            let class = force.class.0.as_str();
            force.class.is_without_energy() || BONDED.contains(&class) || UNBONDED.contains(&class)
        })
    }

    /// Whether any force sums over a mesh, whose energy changes, by what its tolerance allows, where all particles are shifted.
    pub fn has_mesh(&self) -> bool {
        self.nonbonded_methods().iter().any(|(method, _)| MESH.contains(method))
    }

    /// The method of every NonbondedForce, and its cutoff in nm.
    fn nonbonded_methods(&self) -> Vec<(Method::Type, f64)> {
        self.nonbonded()
            .map(|force| {
                // SAFETY: the pointer is a NonbondedForce of this System; both functions read a field.
                unsafe {
                    (
                        sys::OpenMM_NonbondedForce_getNonbondedMethod(force),
                        sys::OpenMM_NonbondedForce_getCutoffDistance(force),
                    )
                }
            })
            .collect()
    }

    fn nonbonded(&self) -> impl Iterator<Item = *const sys::OpenMM_NonbondedForce> {
        (0..self.force_count())
            .filter_map(|index| ffi::as_nonbonded(self.get(), index as i32).ok())
            .filter(|force| !force.is_null())
            .map(|force| force.cast())
    }

    /// The pairs that HarmonicBondForces hold together: bonds, and whatever else stands among them.
    pub fn harmonic_bonds(&self) -> Vec<HeldPair> {
        let mut bonds = Vec::new();
        for index in 0..self.force_count() {
            let Ok(pointer) = ffi::as_harmonic_bond(self.get(), index as i32) else { continue };
            if pointer.is_null() {
                continue;
            }
            let pointer: *const sys::OpenMM_HarmonicBondForce = pointer.cast();
            // SAFETY: the pointer is a HarmonicBondForce of this System.
            let count = to_count(unsafe { sys::OpenMM_HarmonicBondForce_getNumBonds(pointer) });
            for bond in 0..count {
                let (mut a, mut b, mut length, mut k) = (0, 0, 0.0, 0.0);
                // SAFETY: the index is below the number of bonds; four numbers are written.
                unsafe {
                    sys::OpenMM_HarmonicBondForce_getBondParameters(
                        pointer,
                        bond as i32,
                        &mut a,
                        &mut b,
                        &mut length,
                        &mut k,
                    );
                }
                bonds.push(HeldPair { particles: [a as u32, b as u32], length });
            }
        }
        bonds
    }
}

fn to_count(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}
