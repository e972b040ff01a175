//! From a configuration to a system: the plugin, its molecule, the coordinates, the coarse map.

use std::time::Duration;

use freeland_frames::{BoxRows, Frames};
use freeland_loader::{
    Creation, EvaluateError, Isolation as Where, Options, Potential, ProcessOptions, SearchPath, Units,
    open_with,
};

use super::coordinates::Coordinates;
use super::derive::{DeriveError, derive};
use super::error::{NotInternal, SystemError};
use super::internal::InternalCoordinates;
use super::linear::LinearCoordinates;
use super::peptide::Molecule;
use super::pieces::pieces;
use super::rotor::Rotor;
use super::variables::{CollectiveVariable, Reference, Row};
use super::z_matrix::{Measured, Placement, ZMatrix};
use crate::config::Config;
use crate::config::coarse::{CoarseConfig, CoarseVariable};
use crate::config::coordinates::{CoordinateMap, FoldRotors, GivenZMatrix, InternalMap, LinearMap, Start};
use crate::config::isolation::{Confinement, Isolation};
use crate::config::potential::PotentialConfig;
use crate::config::quantity::CoarseQuantity;
use crate::space::{Axis, Domain};
use crate::units::{Second, Temperature};

/// Everything a system is made of.
pub(super) struct Parts {
    pub potential: Potential,
    pub coordinates: Coordinates,
    pub variables: Vec<Box<dyn CollectiveVariable>>,
    pub coarse: Vec<Axis>,
    /// Why no flow can be conditional on the variables, where that is so.
    pub not_internal: Option<NotInternal>,
    /// Names of the fine coordinates, in order.
    pub fine_names: Vec<String>,
    pub masses: Vec<f64>,
    pub start: Vec<f64>,
    pub kt: f64,
}

pub(super) fn parts(config: &Config, search: &SearchPath) -> Result<Parts, SystemError> {
    let section = &config.potential;
    let mut potential = open_with(&section.plugin, &section.plugin_config(), search, &options(section)?)?;
    let id = potential.descriptor().id.clone();
    if !potential.info().has_gradient {
        return Err(SystemError::NoGradient { id });
    }
    if potential.info().discrete {
        return Err(SystemError::Discrete { id });
    }
    if let (Temperature::Kelvin(_), Units::Reduced) = (config.temperature, potential.info().units) {
        let (found, example) = (config.temperature.to_string(), 1.0);
        return Err(SystemError::Temperature { id, found, example });
    }
    let (given_start, start_box) = start(config.coordinates.start.as_ref(), &potential)?;
    if section.box_rows.is_some() && !potential.info().is_periodic() {
        return Err(SystemError::BoxOfNothing { id });
    }
    if let Some(rows) = section.box_rows.or(start_box) {
        potential = potential.with_box(rows);
    }
    if potential.info().is_periodic() && potential.default_box().is_none() {
        return Err(EvaluateError::NoBox { id }.into());
    }
    let atoms = potential.info().atoms;
    let masses = potential.topology().map(|topology| topology.masses.clone());
    let masses = masses.filter(|masses| masses.len() == atoms).unwrap_or_else(|| vec![1.0; atoms]);
    let Mapped { coordinates, variables, not_internal, fine_names } = match &config.coordinates.map {
        CoordinateMap::Linear(map) => linear(map, &config.coarse, &potential)?,
        CoordinateMap::Internal(map) => {
            internal(map, &config.coarse, &potential, &masses, given_start.as_deref())?
        }
    };
    Ok(Parts {
        coarse: (config.coarse.variables.iter().zip(&variables))
            .map(|(given, variable)| axis(given, variable.domain()))
            .collect(),
        variables,
        not_internal,
        fine_names,
        masses,
        start: given_start.unwrap_or_else(|| vec![0.0; potential.coordinates()]),
        kt: config.temperature.kt(),
        coordinates,
        potential,
    })
}

/// Coordinates, and the functions of r that are the variables of F.
struct Mapped {
    coordinates: Coordinates,
    variables: Vec<Box<dyn CollectiveVariable>>,
    not_internal: Option<NotInternal>,
    /// Names of the fine coordinates.
    fine_names: Vec<String>,
}

fn options(section: &PotentialConfig) -> Result<Options, SystemError> {
    let time = |second: Second| Duration::from_secs_f64(second.0);
    let process = &section.process;
    let isolation = match section.isolation {
        Isolation::None => Where::None,
        Isolation::Process => Where::Process(ProcessOptions {
            workers: process.workers,
            time_limit: time(process.time_limit),
            grace: time(process.grace),
            start_limit: time(process.start_limit),
            max_restarts: process.max_restarts,
            memory: process.memory.map(|memory| (memory.0 * 1e6) as u64),
            writable: process.writable.clone(),
            confinement: match process.confinement {
                Confinement::BestEffort => freeland_loader::Confinement::BestEffort,
                Confinement::Required => freeland_loader::Confinement::Required,
            },
            ..ProcessOptions::default()
        }),
    };
    let (sha256, trust_writable) = (section.sha256.clone(), section.trust_writable);
    let topology = section.topology.as_deref().map(freeland_frames::molecule).transpose();
    let creation = Creation { topology: topology.map_err(SystemError::Topology)?, ..Creation::default() };
    Ok(Options { isolation, sha256, trust_writable, creation })
}

fn axis(given: &CoarseVariable, domain: Domain) -> Axis {
    Axis { name: given.name.clone(), domain, unit: given.unit, range: given.range, bins: given.bins }
}

/// The configured start, else the plugin's; and the box of a start from a file.
fn start(
    given: Option<&Start>,
    potential: &Potential,
) -> Result<(Option<Vec<f64>>, Option<BoxRows>), SystemError> {
    let (atoms, dimensions, expected) =
        (potential.info().atoms, potential.info().dimensions, potential.coordinates());
    let (values, rows) = match given {
        Some(Start::Values(values)) => (values.clone(), None),
        Some(Start::File(file)) => {
            let Frames { positions, boxes, warnings } = freeland_frames::read(file, atoms, dimensions)?;
            for warning in warnings {
                tracing::warn!("coordinates.start: '{}': {warning}", file.display());
            }
            (positions.row(0).to_vec(), boxes.map(|boxes| boxes[0]))
        }
        None => {
            let told = potential.topology().map(|topology| topology.positions.clone());
            return Ok((told.filter(|positions| positions.len() == expected), None));
        }
    };
    if values.len() != expected {
        return Err(SystemError::StartSize { expected, atoms, dimensions, found: values.len() });
    }
    Ok((Some(values), rows))
}

fn linear(map: &LinearMap, coarse: &CoarseConfig, potential: &Potential) -> Result<Mapped, SystemError> {
    let size = potential.coordinates();
    let wrong =
        |found| SystemError::MatrixSize { id: potential.descriptor().id.clone(), expected: size, found };
    let matrix = match &map.matrix {
        Some(rows) if rows.len() != size => return Err(wrong(rows.len())),
        Some(rows) => rows.concat(),
        None => (0..size * size).map(|k| if k % (size + 1) == 0 { 1.0 } else { 0.0 }).collect(),
    };
    let names = match &map.names {
        Some(names) if names.len() != size => return Err(wrong(names.len())),
        Some(names) => names.clone(),
        None => (0..size).map(|index| format!("q{index}")).collect(),
    };
    let mut rows: Vec<usize> = Vec::new();
    for (index, variable) in coarse.variables.iter().enumerate() {
        let CoarseQuantity::Coordinate(name) = &variable.quantity else { continue };
        let row = names.iter().position(|other| other == name).ok_or_else(|| SystemError::UnknownRow {
            key: format!("coarse.variables[{index}].coordinate"),
            name: name.clone(),
            known: names.clone(),
        })?;
        if rows.contains(&row) {
            return Err(SystemError::SameCoordinate { index, variable: name.clone() });
        }
        rows.push(row);
    }
    let map = LinearCoordinates::new(size, matrix, rows)?;
    let variable = |index: &usize| Box::new(Row(map.row(*index).to_vec())) as Box<dyn CollectiveVariable>;
    Ok(Mapped {
        variables: map.coarse().iter().map(variable).collect(),
        not_internal: None,
        fine_names: map.fine().iter().map(|index| names[*index].clone()).collect(),
        coordinates: Coordinates::Linear(map),
    })
}

fn internal(
    map: &InternalMap,
    coarse: &CoarseConfig,
    potential: &Potential,
    masses: &[f64],
    start: Option<&[f64]>,
) -> Result<Mapped, SystemError> {
    let (atoms, dimensions) = (potential.info().atoms, potential.info().dimensions);
    if dimensions != 3 {
        return Err(SystemError::Dimensions { id: potential.descriptor().id.clone(), found: dimensions });
    }
    let reference = Reference { molecule: Molecule { atoms, topology: potential.topology() }, masses, start };
    let variables = reference.variables(coarse)?;
    let measured: Vec<Option<Measured>> = variables.iter().map(|variable| variable.measured()).collect();
    let (elements, bonds) = potential
        .topology()
        .map_or((&[][..], &[][..]), |topology| (&topology.atomic_numbers[..], &topology.bonds[..]));
    let found = pieces(atoms, bonds);
    if potential.info().is_periodic() && found != 1 {
        return Err(SystemError::PeriodicPieces { id: potential.descriptor().id.clone(), atoms, found });
    }
    // A variable that cannot be a coordinate together with the others stays a function of r.
    let mut wanted: Vec<Measured> = measured.iter().copied().flatten().collect();
    let z_matrix = match &map.z_matrix {
        Some(given) => read_z_matrix(given, &reference.molecule)?,
        None => loop {
            match derive(atoms, bonds, elements, &wanted) {
                Err(DeriveError::Variable { measured }) => wanted.retain(|other| *other != measured),
                derived => break derived?,
            }
        },
    };
    let torsions: Vec<[usize; 4]> = wanted
        .iter()
        .filter_map(|measured| if let Measured::Torsion(atoms) = measured { Some(*atoms) } else { None })
        .collect();
    let z_matrix = if map.offsets { z_matrix.with_offsets(&torsions) } else { z_matrix };
    let (coarse_indices, not_internal) =
        coarse_indices(&z_matrix, &measured, coarse, map.z_matrix.is_some())?;
    let rotors = match map.fold_rotors {
        FoldRotors::WhereAlike | FoldRotors::Always => {
            Rotor::find(&z_matrix, elements, bonds, &coarse_indices)
        }
        FoldRotors::Never => Vec::new(),
    };
    let names = |index: &usize| match z_matrix.measured(*index) {
        Measured::Bond([i, j]) => format!("bond {i}-{j}"),
        Measured::Angle([i, j, k]) => format!("angle {i}-{j}-{k}"),
        Measured::Torsion([i, j, k, l]) => format!("torsion {i}-{j}-{k}-{l}"),
    };
    let every: Vec<String> = (0..z_matrix.coordinates()).map(|index| names(&index)).collect();
    let map = InternalCoordinates::new(z_matrix, rotors, coarse_indices, start)
        .map_err(SystemError::DegenerateStart)?;
    let fine_names = map.fine().iter().map(|index| every[*index].clone()).collect();
    Ok(Mapped { coordinates: Coordinates::Internal(Box::new(map)), variables, not_internal, fine_names })
}

fn read_z_matrix(given: &GivenZMatrix, molecule: &Molecule<'_>) -> Result<ZMatrix, SystemError> {
    let atom = |key: String, atom| molecule.atom(atom).map_err(|problem| SystemError::Atom { key, problem });
    let mut seed = [0; 3];
    for (index, given) in seed.iter_mut().zip(&given.seed) {
        *index = atom("coordinates.seed".to_owned(), given)?;
    }
    let mut rows = Vec::with_capacity(given.rows.len());
    for (index, row) in given.rows.iter().enumerate() {
        let find = |part: &str, given| atom(format!("coordinates.z-matrix[{index}].{part}"), given);
        rows.push(Placement {
            atom: find("atom", &row.atom)?,
            bond: find("bond", &row.bond)?,
            angle: find("angle", &row.angle)?,
            torsion: find("torsion", &row.torsion)?,
        });
    }
    Ok(ZMatrix::new(molecule.atoms, seed, &rows)?)
}

/// The index of each coarse variable among the coordinates of the z-matrix, and the first that is none of them.
fn coarse_indices(
    z_matrix: &ZMatrix,
    measured: &[Option<Measured>],
    coarse: &CoarseConfig,
    given: bool,
) -> Result<(Vec<usize>, Option<NotInternal>), SystemError> {
    let mut indices: Vec<usize> = Vec::new();
    let mut not_internal = None;
    for (index, (wanted, variable)) in measured.iter().zip(&coarse.variables).enumerate() {
        let found = wanted
            .and_then(|wanted| (0..z_matrix.coordinates()).find(|k| wanted.is_same(z_matrix.measured(*k))));
        let text = variable.quantity.text();
        let named = if variable.name == text { text } else { format!("{} ({text})", variable.name) };
        match found {
            Some(found) if indices.contains(&found) => {
                return Err(SystemError::SameCoordinate { index, variable: named });
            }
            Some(found) => indices.push(found),
            None => {
                let (hint, cure) = match wanted {
                    Some(_) if given => ("", "write a z-matrix that has it"),
                    Some(_) => (
                        ", which was derived and cannot have it together with the other variables",
                        "write a z-matrix that has it",
                    ),
                    None => (" but a function of several", "take torsions, angles and distances"),
                };
                not_internal = not_internal.or(Some(NotInternal { index, variable: named, hint, cure }));
            }
        }
    }
    Ok((indices, not_internal))
}
