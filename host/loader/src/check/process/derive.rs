//! Instances that are derived from others.

use std::ffi::CStr;
use std::ptr::null;

use epp::sdk::{Electrons, RawTopology, Topology};
use epp::sys;

use super::threads::compare;
use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply, Shape};
use crate::check::demand::demand_same;
use crate::check::raw::{Instance, Library, Refusal, c_text, request};
use crate::check::survey::Survey;
use crate::check::variation::other_config;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::descriptor::Symmetry;
use crate::extensions::Finder;

/// Configurations that instances are compared at.
const FEW: usize = 5;

/// An instance that derives others, and its molecule, of which the number of atoms may be all that is known.
fn parent(bench: &Bench<'_>, library: &Library) -> Result<(Instance, Topology), Finding> {
    let instance = bench.instance(library)?;
    if instance.derive.is_none() {
        return Err(Finding::Skipped("it derives none".to_owned()));
    }
    let atoms = bench.survey()?.info.atoms;
    let find = Finder { self_: instance.self_, extension: instance.extension };
    // SAFETY: the instance is used by this thread, which created it.
    let told = unsafe { find.topology(atoms) };
    let nothing = || Topology { atomic_numbers: vec![0; atoms], ..Topology::default() };
    Ok((instance, told.map_err(|problem| failed(problem.to_string()))?.unwrap_or_else(nothing)))
}

fn raw(topology: Topology, atoms: usize) -> Result<RawTopology, Finding> {
    RawTopology::new(topology, atoms).map_err(|error| failed(format!("its own topology is refused: {error}")))
}

/// What `parent` derives, which it has said it can.
fn derived(parent: &Instance, request: &sys::Create) -> Result<Result<Instance, Refusal>, Finding> {
    parent.derive(request)?.ok_or_else(|| failed("another instance derives none"))
}

fn evaluate(survey: &Survey, instance: &Instance) -> Result<Reply, Finding> {
    Call::new(survey, &survey.batch(0, survey.at_most(FEW)))?.run(instance)
}

pub(super) fn derive(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let (first, topology) = parent(bench, &library)?;
    let topology = raw(topology, survey.info.atoms)?;
    let other = other_config(bench, &library, survey)?;
    // Neither of id and configuration is looked at.
    let id = c_text(bench.id)?;
    let config = other.as_deref().map(c_text).transpose()?;
    let beside: [(Option<&CStr>, Option<&CStr>); 4] = [
        (None, None),
        (Some(&id), None),
        (Some(c"no-such-potential"), Some(c"{")),
        (Some(&id), config.as_deref()),
    ];
    let asked = |(id, config): (Option<&CStr>, Option<&CStr>)| sys::Create {
        id: id.map_or(null(), CStr::as_ptr),
        ..request(c"", config, Some(topology.as_raw()))
    };
    let make = |parent: &Instance, which: usize| {
        derived(parent, &asked(beside[which]))?.map_err(|refusal| {
            let shown = |text: Option<&CStr>| text.map_or("NULL".into(), CStr::to_string_lossy).into_owned();
            let (id, config) = (shown(beside[which].0), shown(beside[which].1));
            failed(format!(
                "derive for its own molecule, with the id {id} and the configuration {config}, which are not to be looked at, \
                 fails ({})",
                refusal.sentence()
            ))
        })
    };
    for config in [Some(bench.plan.config.clone()), other].into_iter().flatten() {
        let expected = evaluate(survey, &library.create(bench.id, &config)?)?;
        let same = |instance: &Instance, what: &str| {
            compare(survey, 0, &evaluate(survey, instance)?, &expected, what)
        };
        let parent = library.create(bench.id, &config)?;
        for which in 1..beside.len() {
            same(
                &make(&parent, which)?,
                "a derived instance, whatever the id and the configuration of its request",
            )?;
        }
        let (child, second) = (make(&parent, 0)?, make(&parent, 0)?);
        same(&child, "a derived instance")?;
        drop(second);
        same(&parent, "the parent of one that was destroyed")?;
        drop(parent);
        same(&child, "a derived instance whose parent was destroyed")?;
        drop(make(&child, 0)?);
    }
    let unknown = sys::Create { required: 1 << 31, ..asked(beside[1]) };
    if derived(&first, &unknown)?.is_ok() {
        return Err(failed("derive takes a request whose `required` has an unknown bit"));
    }
    drop(make(&first, 0)?);
    Ok(String::new())
}

pub(super) fn molecules(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let (first, topology) = parent(bench, &library)?;
    let atoms = survey.info.atoms;
    let expected = evaluate(survey, &first)?;
    let mut story = Vec::new();
    let trials: [(&str, Topology, usize, Place); 2] = [
        ("its molecule twice", twice(&topology, atoms), 2 * atoms, side_by_side),
        ("its molecule with the atoms in reverse order", reversed(&topology, atoms), atoms, backwards),
    ];
    for (what, other, size, place) in trials {
        let other = raw(other, size)?;
        let made = match derived(&first, &request(c"", None, Some(other.as_raw())))? {
            Ok(made) => made,
            Err(Refusal { code: sys::E_BAD_TOPOLOGY | sys::E_UNSUPPORTED, .. }) => {
                story.push(format!("{what} is refused"));
                continue;
            }
            Err(refusal) => {
                return Err(failed(format!(
                    "derive refuses {what} with {}; expected code {} (EPP_E_BAD_TOPOLOGY)",
                    refusal.sentence(),
                    sys::E_BAD_TOPOLOGY
                )));
            }
        };
        let info = made.info(bench.descriptor()?)?;
        demand!(
            info.atoms == size,
            "derive was asked for {what}, {size} atoms, and made an instance of {} atoms; make it for the molecule of the \
             request, or refuse that with code {} (EPP_E_BAD_TOPOLOGY)",
            info.atoms,
            sys::E_BAD_TOPOLOGY
        );
        let shape = Shape { row: survey.row() / atoms * size, gradient: info.has_gradient, ..survey.into() };
        let count = survey.at_most(FEW).min(info.max_batch.unwrap_or(FEW));
        let here = survey.batch(0, count);
        let here: Vec<f64> = here.chunks(survey.row()).flat_map(|row| place(survey, row)).collect();
        let reply = Call::new(shape, &here)?.run(&made)?;
        // What distinguishes its atoms, the topology tells.
        if size == atoms && survey.has(Symmetry::Permutation) {
            let rows = reply.gradients.chunks(survey.row());
            let back = Reply { gradients: rows.flat_map(|row| backwards(survey, row)).collect(), ..reply };
            for index in 0..back.statuses.len() {
                let what = format!("derived for {what}, configuration {index}");
                demand_same(survey, survey.base(index), (&back, index), (&expected, index), &what)?;
            }
        }
        compare(survey, 0, &evaluate(survey, &first)?, &expected, "the parent of one of another molecule")?;
        story.push(format!("{what} is taken"));
    }
    Ok(story.join(", "))
}

/// Where the atoms of another molecule are, for one configuration of its own.
type Place = fn(&Survey, &[f64]) -> Vec<f64>;

/// Atom by atom from the last to the first.
fn backwards(survey: &Survey, row: &[f64]) -> Vec<f64> {
    row.chunks(survey.info.dimensions).rev().flatten().copied().collect()
}

/// Twice, the second one moved along the first axis until it is beside the first.
fn side_by_side(survey: &Survey, row: &[f64]) -> Vec<f64> {
    let beyond = 1.0 + 2.0 * row.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let is_first_axis = |place: usize| place.is_multiple_of(survey.info.dimensions);
    let moved = |(place, x): (usize, &f64)| if is_first_axis(place) { x + beyond } else { *x };
    row.iter().copied().chain(row.iter().enumerate().map(moved)).collect()
}

/// Two copies of a molecule, without a bond between them. Where they are is not told.
fn twice(topology: &Topology, atoms: usize) -> Topology {
    let mut both = Topology { positions: Vec::new(), ..topology.clone() };
    let residues = topology.residues.iter().max().map_or(0, |last| last + 1);
    both.atomic_numbers.extend(&topology.atomic_numbers);
    both.masses.extend(&topology.masses);
    both.charges.extend(&topology.charges);
    both.atom_names.extend(topology.atom_names.iter().cloned());
    both.residues.extend(topology.residues.iter().map(|residue| residue + residues));
    both.residue_names.extend(topology.residue_names.iter().cloned());
    both.residue_numbers.extend(topology.residue_numbers.iter().cloned());
    both.chain_names.extend(topology.chain_names.iter().cloned());
    both.bonds.extend(topology.bonds.iter().map(|bond| bond.map(|atom| atom + atoms as u32)));
    both.bond_orders.extend(&topology.bond_orders);
    both.electrons = topology
        .electrons
        .filter(|it| it.multiplicity == 1)
        .map(|it| Electrons { total_charge: 2 * it.total_charge, ..it });
    both
}

/// A molecule whose last atom is the first.
fn reversed(topology: &Topology, atoms: usize) -> Topology {
    let mut other = topology.clone();
    other.atomic_numbers.reverse();
    other.masses.reverse();
    other.charges.reverse();
    other.atom_names.reverse();
    other.residues.reverse();
    other.residue_names.reverse();
    other.residue_numbers.reverse();
    other.chain_names.reverse();
    other.bonds.iter_mut().flatten().for_each(|atom| *atom = (atoms as u32 - 1) - *atom);
    other.positions = topology.positions.chunks(3).rev().flatten().copied().collect();
    other
}
