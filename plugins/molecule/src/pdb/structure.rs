//! Models of chains of residues of atoms, as the records come.

use std::collections::HashMap;

use super::connect::{self, Connect};
use super::record::{Record, columns};
use super::serial::{Numbering, Serial};
use super::{Pdb, PdbError, cell, guess};
use crate::residue;

/// A file.
#[derive(Debug, Default)]
pub(super) struct Structure {
    models: Vec<Model>,
    /// Of the last model that was begun.
    connects: Vec<Connect>,
    box_rows: Option<[[f64; 3]; 3]>,
}

#[derive(Debug, Default)]
struct Model {
    chains: Vec<Chain>,
    /// How many atoms have a serial number.
    serials: HashMap<Serial, usize>,
}

#[derive(Debug)]
struct Chain {
    id: char,
    ended: bool,
    residues: Vec<Residue>,
}

/// The atoms of a residue. Where two are of one name, the later takes the place of the former.
#[derive(Debug)]
struct Residue {
    number: i64,
    insertion: char,
    /// Of the first location, with its spaces.
    name: String,
    records: Vec<Record>,
    /// Locations of each record that were seen.
    locations: Vec<Vec<char>>,
    /// Names with and without spaces, in the order in which they were first seen, and their records.
    places: Vec<usize>,
    by_name: HashMap<String, usize>,
}

impl Structure {
    pub(super) fn read(text: &str) -> Result<Structure, PdbError> {
        let mut structure = Structure::default();
        let mut numbering = Numbering::new();
        for (number, line) in text.split('\n').enumerate().map(|(index, line)| (index + 1, line)) {
            match columns(line, 1, 6) {
                "ATOM  " | "HETATM" => {
                    let record = Record::read(line, number, &mut numbering)?;
                    structure.current().add(record);
                }
                "CONECT" => structure.connects.extend(Connect::read(line)),
                "CRYST1" => structure.box_rows = cell::read(line, number)?.or(structure.box_rows),
                _ if line.starts_with("MODEL") => {
                    structure.models.push(Model::default());
                    structure.connects.clear();
                    numbering = Numbering::new();
                }
                _ if line.split_whitespace().next() == Some("TER") && line.starts_with("TER") => {
                    if let Some(chain) = structure.current().chains.last_mut() {
                        chain.ended = true;
                    }
                }
                _ => {}
            }
        }
        Ok(structure)
    }

    fn current(&mut self) -> &mut Model {
        if self.models.is_empty() {
            self.models.push(Model::default());
        }
        self.models.last_mut().expect("there is one")
    }

    pub(super) fn into_pdb(self) -> Result<Pdb, PdbError> {
        let Some(first) = self.models.first() else { return Err(PdbError::NoAtoms) };
        let mut pdb = Pdb { box_rows: self.box_rows, ..Pdb::default() };
        let mut serials = HashMap::new();
        for chain in &first.chains {
            let from = pdb.atom_names.len();
            for part in &chain.residues {
                add_residue(&mut pdb, chain.id, part, |serial, atom| {
                    if first.serials.get(serial) == Some(&1) {
                        serials.insert(serial.clone(), atom);
                    }
                });
            }
            connect::standard_bonds(&mut pdb, from);
        }
        if pdb.atom_names.is_empty() {
            return Err(PdbError::NoAtoms);
        }
        pdb.models = self.models.iter().map(Model::positions).collect();
        self.check_models()?;
        connect::disulphides(&mut pdb);
        connect::named(&mut pdb, &self.connects, &serials);
        pdb.bonds.iter_mut().for_each(|pair| pair.sort_unstable());
        pdb.bonds.sort_unstable();
        pdb.bonds.dedup();
        Ok(pdb)
    }

    /// Whether all models have the atoms of the first.
    fn check_models(&self) -> Result<(), PdbError> {
        let Some((first, others)) = self.models.split_first() else { return Ok(()) };
        let expected = first.kept().count();
        for (model, number) in others.iter().zip(2..) {
            let found = model.kept().count();
            if found != expected {
                return Err(PdbError::Model { model: number, found, expected });
            }
            let pairs = first.kept().zip(model.kept()).zip(1..);
            for ((expected, found), atom) in pairs {
                if found.name() != expected.name() {
                    let (found, expected) = (found.name().to_owned(), expected.name().to_owned());
                    return Err(PdbError::Order { model: number, atom, found, expected });
                }
            }
        }
        Ok(())
    }
}

impl Model {
    fn add(&mut self, mut record: Record) {
        if self.chains.last().is_none_or(|chain| chain.id != record.chain || chain.ended) {
            self.chains.push(Chain { id: record.chain, ended: false, residues: Vec::new() });
        }
        let chain = self.chains.last_mut().expect("there is one");
        let number = match (record.residue_number, chain.residues.last()) {
            (Some(number), _) => number,
            (None, None) => 1,
            // The field has overflowed: what tells a new residue is another name, or an atom that is there already.
            (None, Some(last)) => {
                let is_new =
                    last.name != record.spaced_residue || last.by_name.contains_key(&record.spaced_name);
                if is_new { last.number.saturating_add(1) } else { last.number }
            }
        };
        record.residue_number = Some(number);
        let is_new = chain.residues.last().is_none_or(|last| {
            // Another name at another location is a point mutation.
            let other = last.name != record.spaced_residue && record.location == ' ';
            last.number != number || last.insertion != record.insertion || other
        });
        if is_new {
            chain.residues.push(Residue::new(&record, number));
        }
        let serial = record.serial.clone();
        if chain.residues.last_mut().expect("there is one").add(record) {
            *self.serials.entry(serial).or_default() += 1;
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Record> {
        self.chains.iter().flat_map(|chain| &chain.residues).flat_map(Residue::kept)
    }

    fn positions(&self) -> Vec<f64> {
        self.kept().flat_map(|record| record.position).collect()
    }
}

impl Residue {
    fn new(record: &Record, number: i64) -> Residue {
        Residue {
            number,
            insertion: record.insertion,
            name: record.spaced_residue.clone(),
            records: Vec::new(),
            locations: Vec::new(),
            places: Vec::new(),
            by_name: HashMap::new(),
        }
    }

    /// Whether the record's serial number is another than that of the atom that it is a location of.
    fn add(&mut self, record: Record) -> bool {
        if let Some(&slot) = self.by_name.get(&record.spaced_name) {
            let place = self.places[slot];
            let locations = &mut self.locations[place];
            if !locations.contains(&record.location) {
                locations.push(record.location);
                return self.records[place].serial != record.serial;
            }
        }
        let place = self.records.len();
        for name in [record.name().to_owned(), record.spaced_name.clone()] {
            let slot = *self.by_name.entry(name).or_insert(self.places.len());
            match self.places.get_mut(slot) {
                Some(taken) => *taken = place,
                None => self.places.push(place),
            }
        }
        self.locations.push(vec![record.location]);
        self.records.push(record);
        true
    }

    /// Atoms of the residue's own name, each name once.
    fn kept(&self) -> impl Iterator<Item = &Record> {
        let mut seen = std::collections::HashSet::new();
        let records = self.places.iter().map(|&place| &self.records[place]);
        records.filter(move |record| record.residue() == self.name.trim() && seen.insert(record.name()))
    }
}

/// Appends the atoms of a residue, and tells the serial number of each.
fn add_residue<'a>(pdb: &mut Pdb, chain: char, part: &'a Residue, mut tell: impl FnMut(&'a Serial, u32)) {
    let index = pdb.residues.last().map_or(0, |last| last + 1);
    let name = residue::name(part.name.trim());
    let text = |letter: char| if letter == ' ' { String::new() } else { letter.to_string() };
    let (number_name, chain_name) = (format!("{}{}", part.number, text(part.insertion)), text(chain));
    let names: Vec<&str> = part.records.iter().map(Record::name).collect();
    for record in part.kept() {
        let atom_name = residue::atom_name(name, record.name());
        let number = match record.symbol.as_str() {
            "EP" => 0,
            symbol => crate::element::atomic_number(symbol)
                .unwrap_or_else(|| guess::element(&record.spaced_name, atom_name, name, &names)),
        };
        tell(&record.serial, pdb.atom_names.len() as u32);
        pdb.atomic_numbers.push(number);
        pdb.atom_names.push(atom_name.to_owned());
        pdb.residues.push(index);
        pdb.residue_names.push(name.to_owned());
        pdb.residue_numbers.push(number_name.clone());
        pdb.chain_names.push(chain_name.clone());
    }
}
