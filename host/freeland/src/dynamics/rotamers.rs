//! Rotamers: states of the torsions that are no coarse variable, and whether starting data or walkers ever visited them.
//!
//! F(s) is an average over all states at s. A side chain that never turned while the starting data were made is one that the
//! flow, or a run of plain dynamics, knows nothing of, and nothing in its own numbers tells. So every such torsion is turned
//! into each of its minima, s is held, everything else is minimised, and the energies are compared.

mod hidden;
mod molecule;
mod name;
mod record;
mod site;
mod torsion;
mod visits;

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use self::molecule::Molecule;
use self::site::{distance, site};
use self::torsion::{Kind, Torsion};
use self::visits::Visits;
use super::hold::Hold;
use super::minimise::minimise_all;
use crate::system::vector::{at, cross, dot, sub};
use crate::system::{Phase, System, SystemError};

pub use record::{HiddenState, KeptTorsion, Rotamers, StateTorsion};

/// Energy calls of one minimisation, at most.
const MINIMISATION_CALLS: usize = 150;
/// Share of a run's budget of energy calls, at most.
const SHARE: f64 = 0.03;
/// States higher above the lowest at their s than this are of no interest, kT.
const MOST_KT: f64 = 8.0;
/// Other s that are looked at, beside the start.
const OTHER_SITES: usize = 5;
/// Configurations that are minimised side by side.
const BATCH: usize = 64;
/// Torsions that are looked at; of more, 3% of no budget would turn all.
const MOST_TORSIONS: usize = 64;
/// Frames that other s are chosen from, at most.
const CHOICE: usize = 4096;

/// A search for rotamers, before and after dynamics.
#[derive(Debug)]
pub struct RotamerSearch {
    limit: u64,
    torsions: Vec<Torsion>,
    /// Torsions about neighbouring bonds.
    pairs: Vec<[usize; 2]>,
    /// Four neighbours of an atom each.
    centres: Vec<[usize; 4]>,
    /// Atoms of rings whose puckers are not looked at.
    puckered: Vec<String>,
    /// Names of torsions beyond the most there may be.
    beyond: Vec<String>,
    visits: Visits,
    findings: Findings,
}

/// What was found so far, for a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    sites: Vec<Vec<f64>>,
    states: Vec<Found>,
    kept: Vec<KeptTorsion>,
    /// Which of [`RotamerSearch::turns`] were tried.
    tried: BTreeSet<usize>,
    visits: (Vec<(u64, u64)>, u64),
    finished: bool,
}

/// A state near the lowest at its s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Found {
    /// Index of the turn that led to it.
    turn: usize,
    /// Values of the torsions that were turned, rad.
    values: Vec<f64>,
    above_kt: f64,
    /// Index of its s.
    site: usize,
}

/// Torsions, by index, and by how much each is turned, rad.
type Turn = Vec<(usize, f64)>;

impl RotamerSearch {
    /// For a run with a budget of so many energy calls. Nothing is searched where the plugin tells no bonds.
    pub fn new(system: &System, budget: u64) -> Self {
        let mut search = Self {
            limit: (SHARE * budget as f64) as u64,
            torsions: Vec::new(),
            pairs: Vec::new(),
            centres: Vec::new(),
            puckered: Vec::new(),
            beyond: Vec::new(),
            visits: Visits::default(),
            findings: Findings::default(),
        };
        search.learn(system, system.start());
        search
    }

    /// Energy calls of the search, at most.
    pub fn most_calls(&self) -> u64 {
        if self.torsions.is_empty() { 0 } else { self.limit }
    }

    /// Goes on with what was found before; `false` if that is of another molecule.
    pub fn restore(&mut self, system: &System, findings: Findings) -> bool {
        let turns = self.turns();
        let sites = findings.sites.len();
        let fits = |found: &Found| {
            found.site < sites && turns.get(found.turn).is_some_and(|turn| turn.len() == found.values.len())
        };
        let whole = findings.sites.iter().all(|site| site.len() == system.coarse().len());
        let same = whole && findings.states.iter().all(fits) && self.visits.restore(&findings.visits);
        self.findings = findings;
        same
    }

    /// For a checkpoint.
    pub fn findings(&self) -> Findings {
        Findings { visits: self.visits.counts(), ..self.findings.clone() }
    }

    /// Finds what turns, where `r` is a configuration of the molecule.
    fn learn(&mut self, system: &System, r: &[f64]) {
        let Some(topology) = system.potential().topology() else { return };
        let Some(molecule) =
            Molecule::new(topology, &system.unlike_atoms()).filter(|molecule| molecule.fits(r))
        else {
            return;
        };
        self.torsions = Torsion::all(&molecule, &system.coarse_torsions(), r);
        let beyond = self.torsions.drain(self.torsions.len().min(MOST_TORSIONS)..);
        self.beyond = beyond.map(|torsion| torsion.name).collect();
        let names = molecule.puckered().into_iter().map(|atom| name::atom(topology, atom).replace('"', ""));
        self.puckered = names.collect();
        let turns = |index: &usize| self.torsions[*index].kind != Kind::Kept;
        let count = self.torsions.len();
        self.pairs = (0..count)
            .filter(turns)
            .flat_map(|a| (a + 1..count).filter(turns).map(move |b| [a, b]))
            .filter(|[a, b]| self.torsions[*a].is_next_to(&self.torsions[*b]))
            .collect();
        let four = molecule.neighbours.iter().filter_map(|list| <[usize; 4]>::try_from(&list[..]).ok());
        self.centres = four.collect();
        self.visits = Visits::new(system.coarse(), &self.torsions, &self.pairs);
    }

    /// Every turn there is: single ones, those of torsions that are kept, pairs.
    fn turns(&self) -> Vec<Turn> {
        let single = |kept: bool| {
            let of_kind = move |(_, torsion): &(usize, &Torsion)| (torsion.kind == Kind::Kept) == kept;
            let torsions = self.torsions.iter().enumerate().filter(of_kind);
            torsions.flat_map(|(index, torsion)| torsion.trials.iter().map(move |turn| vec![(index, *turn)]))
        };
        let pairs = self.pairs.iter().flat_map(|[a, b]| {
            let (of_a, of_b) = (&self.torsions[*a].trials, &self.torsions[*b].trials);
            of_a.iter().flat_map(move |one| of_b.iter().map(move |other| vec![(*a, *one), (*b, *other)]))
        });
        single(false).chain(single(true)).chain(pairs).collect()
    }

    /// Looks at the start, before dynamics.
    ///
    /// # Errors
    /// The plugin fails as a whole.
    pub fn begin(&mut self, system: &System, start: &[f64]) -> Result<(), SystemError> {
        if !self.torsions.is_empty() {
            self.look(system, start, self.limit / 2)?;
        }
        Ok(())
    }

    /// Notes where a configuration, `[atoms][3]`, is.
    pub fn visit(&mut self, system: &System, r: &[f64]) {
        if !self.torsions.is_empty() {
            self.visits.add(r, &site(system, r));
        }
    }

    /// Whether [`finish`](Self::finish) was called.
    pub fn is_finished(&self) -> bool {
        self.findings.finished
    }

    /// Looks at some more s, those of `frames`, `[atoms * dimensions]` each, that are the farthest from each other and from
    /// the start.
    ///
    /// # Errors
    /// The plugin fails as a whole.
    pub fn finish(&mut self, system: &System, frames: &[&[f64]]) -> Result<(), SystemError> {
        self.findings.finished = true;
        if let (true, Some(first)) = (self.torsions.is_empty(), frames.first()) {
            self.learn(system, first);
        }
        if self.torsions.is_empty() {
            return Ok(());
        }
        frames.iter().for_each(|frame| self.visit(system, frame));
        let few: Vec<&[f64]> = frames.iter().copied().step_by(frames.len().div_ceil(CHOICE).max(1)).collect();
        let sites: Vec<Vec<f64>> = few.iter().map(|frame| site(system, frame)).collect();
        for _ in 0..OTHER_SITES {
            let nearest = |s: &[f64]| {
                let distances = self.findings.sites.iter().map(|other| distance(system, s, other));
                distances.fold(f64::INFINITY, f64::min)
            };
            let farthest = (0..few.len()).max_by(|a, b| nearest(&sites[*a]).total_cmp(&nearest(&sites[*b])));
            let Some(index) = farthest else { break };
            let left = self.limit.saturating_sub(system.energy_calls().of(Phase::Rotamers));
            self.look(system, few[index], left)?;
        }
        Ok(())
    }

    /// Turns, minimises and weighs at the s of `r`, with at most `calls` energy calls.
    fn look(&mut self, system: &System, r: &[f64], calls: u64) -> Result<(), SystemError> {
        let first = self.findings.sites.is_empty();
        let kept = |turn: &Turn| turn.iter().any(|(index, _)| self.torsions[*index].kind == Kind::Kept);
        let turns = self.turns();
        let wanted = (0..turns.len()).filter(|index| first || !kept(&turns[*index]));
        let most = (calls / MINIMISATION_CALLS as u64).saturating_sub(1) as usize;
        let chosen: Vec<usize> = wanted.take(most).collect();
        if chosen.is_empty() {
            return Ok(());
        }
        let mut starts = r.to_vec();
        for index in &chosen {
            let mut turned = r.to_vec();
            turns[*index]
                .iter()
                .for_each(|(torsion, angle)| self.torsions[*torsion].turn(&mut turned, *angle));
            starts.extend(turned);
        }
        let s = site(system, r);
        let (mut relaxed, mut u_kt) = (Vec::new(), Vec::new());
        for starts in starts.chunks(BATCH * r.len()) {
            let hold = Hold::at(s.repeat(starts.len() / r.len()));
            let minimised = minimise_all(system, starts, Some(&hold), MINIMISATION_CALLS, Phase::Rotamers)?;
            u_kt.extend(minimised.u_kt);
            relaxed.extend(minimised.positions);
        }
        let hands = self.hands(r);
        let relaxed: Vec<&[f64]> = relaxed.chunks_exact(r.len()).collect();
        for (u_kt, relaxed) in u_kt.iter_mut().zip(&relaxed) {
            if self.hands(relaxed) != hands {
                *u_kt = f64::INFINITY;
            }
        }
        if !u_kt[0].is_finite() {
            return Ok(());
        }
        let counted = |k: &usize| *k == 0 || !kept(&turns[chosen[*k - 1]]);
        let lowest = (0..u_kt.len()).filter(counted).map(|k| u_kt[k]).fold(f64::INFINITY, f64::min);
        let site = self.findings.sites.len();
        self.findings.sites.push(s);
        for (k, turn) in (1..).zip(&chosen) {
            let values: Vec<f64> =
                turns[*turn].iter().map(|(index, _)| self.torsions[*index].value(relaxed[k])).collect();
            let torsion = &self.torsions[turns[*turn][0].0];
            if first && torsion.kind != Kind::Free && turns[*turn].len() == 1 {
                let degrees = torsion.value(relaxed[0]);
                let stayed = torsion.distance(degrees, values[0]) > TAU / 4.0;
                let above = u_kt[k] - u_kt[0];
                self.findings.kept.push(KeptTorsion {
                    name: torsion.name.clone(),
                    degrees: degrees.to_degrees(),
                    other_above_kt: (stayed && above.is_finite()).then_some(above),
                });
            }
            self.findings.tried.insert(*turn);
            let above_kt = u_kt[k] - lowest;
            if above_kt < MOST_KT && torsion.kind != Kind::Kept {
                self.findings.states.push(Found { turn: *turn, values, above_kt, site });
            }
        }
        Ok(())
    }

    /// On which side of the others the first neighbour of every atom with four is.
    fn hands(&self, r: &[f64]) -> Vec<bool> {
        let volume = |[a, b, c, d]: &[usize; 4]| {
            let d = at(r, *d);
            dot(sub(at(r, *a), d), cross(sub(at(r, *b), d), sub(at(r, *c), d)))
        };
        self.centres.iter().map(|four| volume(four) > 0.0).collect()
    }
}
