//! What of all that was found nobody visited.
use std::collections::BTreeSet;
use std::f64::consts::TAU;

use super::record::{HiddenState, Rotamers, StateTorsion};
use super::site::{named, place};
use super::{RotamerSearch, Turn};
use crate::system::System;

/// States whose torsions are this near to each other are one, rad.
const SAME_RAD: f64 = 30.0 * TAU / 360.0;

impl RotamerSearch {
    /// What was found, and what of it was never visited.
    pub fn record(&self, system: &System) -> Rotamers {
        let turns = self.turns();
        let mut hidden: Vec<HiddenState> = Vec::new();
        for found in &self.findings.states {
            let turned: Vec<(usize, f64)> =
                turns[found.turn].iter().map(|(index, _)| *index).zip(found.values.iter().copied()).collect();
            let state = HiddenState {
                torsions: self.hidden(&turned, &self.findings.sites[found.site]),
                above_kt: found.above_kt,
                s: named(system, &self.findings.sites[found.site]),
                place: place(system, &self.findings.sites[found.site]),
            };
            let same = |other: &&mut HiddenState| {
                other.s == state.s && self.is_same(&other.torsions, &state.torsions)
            };
            match hidden.iter_mut().find(same) {
                _ if state.torsions.is_empty() => {}
                Some(other) if other.above_kt <= state.above_kt => {}
                Some(other) => *other = state,
                None => hidden.push(state),
            }
        }
        let names = |turn: &Turn| {
            let names: Vec<&str> =
                turn.iter().map(|(index, _)| self.torsions[*index].name.as_str()).collect();
            names.join(" with ")
        };
        let untried = turns.iter().enumerate().filter(|(index, _)| !self.findings.tried.contains(index));
        let untried: BTreeSet<String> =
            untried.map(|(_, turn)| names(turn)).chain(self.beyond.iter().cloned()).collect();
        Rotamers {
            sites: self.findings.sites.iter().map(|s| named(system, s)).collect(),
            hidden_states: hidden,
            kept: self.findings.kept.clone(),
            rings: self.puckered.clone(),
            untried: untried.into_iter().collect(),
        }
    }

    /// Of torsions with their values, those that were never there near `s`; both of a pair that never were at once.
    fn hidden(&self, turned: &[(usize, f64)], s: &[f64]) -> Vec<StateTorsion> {
        let all = |(index, value): &(usize, f64)| StateTorsion {
            name: self.torsions[*index].name.clone(),
            atoms: self.torsions[*index].atoms,
            degrees: value.to_degrees(),
            entry: self.torsions[*index].entry.clone(),
        };
        let alone: Vec<StateTorsion> =
            turned.iter().filter(|one| !self.visits.has(&[**one], s)).map(all).collect();
        if alone.is_empty() && !self.visits.has(turned, s) { turned.iter().map(all).collect() } else { alone }
    }

    fn is_same(&self, one: &[StateTorsion], other: &[StateTorsion]) -> bool {
        let near = |(one, other): (&StateTorsion, &StateTorsion)| {
            let torsion = self.torsions.iter().find(|torsion| torsion.atoms == one.atoms);
            let (a, b) = (one.degrees.to_radians(), other.degrees.to_radians());
            one.atoms == other.atoms && torsion.is_some_and(|torsion| torsion.distance(a, b) < SAME_RAD)
        };
        one.len() == other.len() && one.iter().zip(other).all(near)
    }
}
