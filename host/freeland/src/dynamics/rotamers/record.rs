//! What a search for rotamers tells.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The result of a search for rotamers. Empty where nothing turns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rotamers {
    /// Where it was looked: each coarse variable by name, in its unit.
    pub sites: Vec<BTreeMap<String, f64>>,
    /// States near the lowest that were never visited.
    pub hidden_states: Vec<HiddenState>,
    /// Torsions that are kept as the file has them.
    pub kept: Vec<KeptTorsion>,
    /// Atoms of rings whose puckers are not looked at.
    pub rings: Vec<String>,
    /// Turns that the share of the budget was too small for.
    pub untried: Vec<String>,
}

/// A state that neither starting data nor walkers visited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HiddenState {
    /// What tells it from the states that were visited: one torsion, or two neighbours.
    pub torsions: Vec<StateTorsion>,
    /// How far its energy is above the lowest at its s, kT.
    pub above_kt: f64,
    /// Where: each coarse variable by name, in its unit.
    pub s: BTreeMap<String, f64>,
    /// The same for people.
    pub place: String,
}

/// One torsion of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateTorsion {
    /// Its name.
    pub name: String,
    /// Its atoms, from 0.
    pub atoms: [usize; 4],
    /// Its value in the state, degrees.
    pub degrees: f64,
    /// What to add to `coarse.variables`.
    pub entry: String,
}

/// A torsion as stiff as a double bond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTorsion {
    /// Its name.
    pub name: String,
    /// Its value in the file, degrees.
    pub degrees: f64,
    /// How far the state half a turn away lies above it, kT; absent where it was not tried.
    pub other_above_kt: Option<f64>,
}

impl Rotamers {
    /// For people: what was never visited, one line for every torsion or pair.
    pub fn warnings(&self, who: &str) -> Vec<String> {
        let mut groups: BTreeMap<Vec<&str>, Vec<&HiddenState>> = BTreeMap::new();
        for state in &self.hidden_states {
            let names = state.torsions.iter().map(|torsion| torsion.name.as_str()).collect();
            groups.entry(names).or_default().push(state);
        }
        // A pair needs no line of its own where one of its torsions has one.
        let alone: Vec<&str> = groups.keys().filter(|names| names.len() == 1).map(|names| names[0]).collect();
        groups.retain(|names, _| names.len() == 1 || !names.iter().any(|name| alone.contains(name)));
        let lines = groups.values().map(|states| {
            let lowest = states.iter().min_by(|one, other| one.above_kt.total_cmp(&other.above_kt));
            let state = lowest.expect("a group has a state");
            let values: Vec<String> = (state.torsions.iter())
                .map(|torsion| format!("{} = {:.0} deg", torsion.name, torsion.degrees))
                .collect();
            let more = match states.len() {
                1 => String::new(),
                count => format!(" ({} states in all)", count),
            };
            let entries: Vec<&str> = state.torsions.iter().map(|torsion| torsion.entry.as_str()).collect();
            format!(
                "{who} never visited {} near {}, {:.1} kT above the lowest there{more}: F knows nothing of it. \
                 Add to variables in [coarse]: {}",
                values.join(" with "),
                state.place,
                state.above_kt,
                entries.join(", "),
            )
        });
        lines.collect()
    }

    /// For people: what is as the file has it, and what was not looked at.
    pub fn notes(&self) -> Vec<String> {
        let kept = |torsion: &KeptTorsion| {
            let (now, other) = match torsion.degrees.abs() < 90.0 {
                true => ("cis", "trans"),
                false => ("trans", "cis"),
            };
            let name = &torsion.name;
            match torsion.other_above_kt {
                Some(above) if above < 0.0 => {
                    format!("{name} kept {now}; {other} lies {:.1} kT below", -above)
                }
                Some(above) => format!("{name} kept {now}; {other} lies {above:.1} kT above"),
                None => format!("{name} kept {now}"),
            }
        };
        let mut lines = Vec::new();
        if !self.kept.is_empty() {
            lines.push(self.kept.iter().map(kept).collect::<Vec<_>>().join(", "));
        }
        if !self.rings.is_empty() {
            lines.push(format!("puckers of rings are not looked at: {}", self.rings.join(", ")));
        }
        if !self.untried.is_empty() {
            lines.push(format!(
                "hidden states were not looked for, as the share of the budget was too small: {}",
                self.untried.join(", ")
            ));
        }
        lines
    }
}
