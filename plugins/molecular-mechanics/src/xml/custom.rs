//! Custom forces over bonds, angles, torsions and particles.
use super::{
    Reading, SystemError,
    bonded::refuse_periodic,
    element::Element,
    expression::numbers,
    scope::{GlobalParameters, function, globals, names, parameters, scope},
    unsupported,
};
use crate::system::{Custom, Geometry, Improper, Pair, Pairs, Terms};

/// A force as it is written.
struct Written<'a, const N: usize> {
    energy: &'a str,
    names: Vec<&'a str>,
    globals: GlobalParameters<'a>,
    groups: Vec<([usize; N], Vec<f64>)>,
}

/// How the parts of a force are called: the list of parameters, that of groups, a group, and its atoms.
type Parts<const N: usize> = (&'static str, &'static str, &'static str, [&'static str; N]);

impl<'a, const N: usize> Written<'a, N> {
    fn read(
        force: &Element<'a, '_>,
        reading: &Reading<'_>,
        (of_parameters, of_groups, group, atoms): Parts<N>,
    ) -> Result<Self, SystemError> {
        let names = names(force, of_parameters)?;
        Ok(Self {
            energy: force.text("energy")?,
            globals: globals(force, reading, 3)?,
            groups: force.list(of_groups, group, |group| {
                Ok((group.atoms(atoms, reading.atoms)?, parameters(group, &names)?))
            })?,
            names,
        })
    }

    /// The numbers at the `#` of a template, if the energy is that and the parameters are these.
    fn recognised(&self, template: &str, names: &[&str]) -> Option<Vec<f64>> {
        if self.names != names || !self.globals.is_empty() {
            return None;
        }
        numbers(template, self.energy)
    }

    /// As an expression of `variables`.
    fn general(
        &self,
        force: &Element<'_, '_>,
        geometry: Geometry,
        variables: &[&str],
    ) -> Result<Terms, SystemError> {
        let global_names = self.globals.iter().map(|&(name, _)| name);
        let all = variables.iter().copied().chain(self.names.iter().copied()).chain(global_names);
        let scope = scope(force, all.map(String::from).collect(), &[])?;
        let function = function(force, self.energy, &scope, variables.len())?;
        let mut custom = Custom { geometry, function, atoms: Vec::new(), folded: Vec::new() };
        for (atoms, parameters) in &self.groups {
            custom.atoms.push(std::array::from_fn(|place| atoms.get(place).copied().unwrap_or(atoms[0])));
            let globals = self.globals.iter().map(|&(_, value)| value);
            custom.folded.extend(custom.function.fold(parameters.iter().copied().chain(globals)));
        }
        Ok(Terms::Custom(Box::new(custom)))
    }
}

/// Bonds; among them the Lennard-Jones 1-4 pairs that OpenMM writes for a LennardJonesForce.
pub fn bonds(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let written = Written::read(force, reading, ("PerBondParameters", "Bonds", "Bond", ["p1", "p2"]))?;
    let template = "#*epsilon*((sigma/r)^12-(sigma/r)^6)";
    let Some(factor) = written.recognised(template, &["sigma", "epsilon"]) else {
        return written.general(force, Geometry::Bond, &["r"]);
    };
    let pairs = written.groups.iter().map(|(atoms, parameters)| {
        let [a, b] = *atoms;
        Pair::lennard_jones([a.min(b), a.max(b)], parameters[0], parameters[1] * factor[0] / 4.0, 0.0)
    });
    Ok(Terms::Pairs(Pairs { listed: pairs.collect(), ..Pairs::default() }))
}

/// Angles.
pub fn angles(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let parts = ("PerAngleParameters", "Angles", "Angle", ["p1", "p2", "p3"]);
    Written::read(force, reading, parts)?.general(force, Geometry::Angle, &["theta"])
}

/// Torsions; among them the harmonic impropers of charmm36.xml and charmm36_2024.xml.
pub fn torsions(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_periodic(force, reading)?;
    let parts = ("PerTorsionParameters", "Torsions", "Torsion", ["p1", "p2", "p3", "p4"]);
    let written = Written::read(force, reading, parts)?;
    let circle = "k*min(dtheta,2*pi-dtheta)^2;dtheta=abs(theta-theta0);pi=#";
    let names = ["k", "theta0"];
    let turn = match written.recognised(circle, &names) {
        Some(pi) => Some(2.0 * pi[0]),
        None if written.recognised("k*(theta-theta0)^2", &names).is_some() => None,
        None => return written.general(force, Geometry::Torsion, &["theta"]),
    };
    let impropers = written.groups.iter().map(|(atoms, parameters)| Improper {
        atoms: *atoms,
        strength: parameters[0],
        angle: parameters[1],
        turn,
    });
    Ok(Terms::Impropers(impropers.collect()))
}

/// Single particles in space.
pub fn external(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    let parts = ("PerParticleParameters", "Particles", "Particle", ["index"]);
    let written = Written::read(force, reading, parts)?;
    if written.energy.contains("periodicdistance(") {
        return Err(unsupported(format!("the function periodicdistance of '{}'", force.place())));
    }
    written.general(force, Geometry::Position, &["x", "y", "z"])
}
