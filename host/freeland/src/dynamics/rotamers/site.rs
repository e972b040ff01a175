//! Places in the space of the coarse variables.
use std::collections::BTreeMap;

use crate::space::Axis;
use crate::space::Domain;
use crate::system::System;

/// s of a configuration.
pub(super) fn site(system: &System, r: &[f64]) -> Vec<f64> {
    let mut s = vec![0.0; system.coarse().len()];
    system.coarse_with_gradient(r, &mut s, &mut vec![0.0; system.coarse().len() * r.len()]);
    s
}

/// How far two sites are from each other, in fractions of the variables' ranges.
pub(super) fn distance(system: &System, one: &[f64], other: &[f64]) -> f64 {
    Axis::distance(system.coarse(), other, one)
}

/// Each coarse variable by name.
pub(super) fn named(system: &System, s: &[f64]) -> BTreeMap<String, f64> {
    system.coarse().iter().map(|variable| variable.name.clone()).zip(s.iter().copied()).collect()
}

/// The same for people.
pub(super) fn place(system: &System, s: &[f64]) -> String {
    let one = |(variable, value): (&Axis, &f64)| match variable.domain {
        Domain::Circle => format!("{} = {:.0} deg", variable.name, value.to_degrees()),
        Domain::Line => format!("{} = {value:.3} {}", variable.name, variable.unit),
    };
    system.coarse().iter().zip(s).map(one).collect::<Vec<_>>().join(", ")
}
