//! OpenMM's own serialised forces with one thing changed: the same energy as OpenMM's, or a refusal that names what was changed.
mod change;
mod tree;

use change::{Change, changes};
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use std::path::Path;
use std::sync::Arc;
use tree::Tree;

/// nm, six atoms as in a molecule: bonded ones 0.15 apart, none far away.
const POSITIONS: [f64; 18] = [
    0.012, 0.003, -0.008, 0.151, 0.021, 0.017, 0.208, 0.156, -0.013, 0.353, 0.163, 0.048, 0.412, 0.297,
    0.011, 0.298, 0.384, 0.093,
];

/// Relative to the energy, or to 1 kJ/mol.
const TOLERANCE: f64 = 1e-9;
/// Relative to the largest component of the gradient, or to 1000 kJ/mol/nm.
const GRADIENT_TOLERANCE: f64 = 1e-8;

/// What came of the changes.
#[derive(Default, Debug)]
struct Counts {
    /// The energy changed in OpenMM, and is the same here.
    changed: usize,
    /// The energy stayed in OpenMM, and here.
    unchanged: usize,
    /// Refused here by name, whatever OpenMM says.
    refused: usize,
    /// Refused here by another name, and by OpenMM.
    refused_by_both: usize,
}

/// What an evaluation gives.
struct Answer {
    energy: f64,
    gradient: Vec<f64>,
}

type Answered = Result<Answer, String>;

fn by_openmm(text: &str) -> Answered {
    let evaluate = || {
        let system = Arc::new(openmm::System::from_xml(text)?);
        let mut context = openmm::Context::new(system, "Reference", &[])?;
        context.set_positions(&POSITIONS)?;
        let mut gradient = vec![0.0; POSITIONS.len()];
        let energy = context.energy_and_forces(&mut gradient)?;
        gradient.iter_mut().for_each(|force| *force = -*force);
        Ok(Answer { energy, gradient })
    };
    evaluate().map_err(|error: openmm::Error| error.to_string())
}

/// By the plugin, as a user would have it: through files.
struct Plugin {
    folder: tempfile::TempDir,
    config: String,
}

impl Plugin {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| folder.path().join(name).display().to_string();
        let atoms = POSITIONS.as_chunks::<3>().0.iter().enumerate().map(|(atom, [x, y, z])| {
            let [x, y, z] = [x, y, z].map(|nm| 10.0 * nm);
            let number = atom + 1;
            format!(
                "ATOM  {number:5}  C{number}  MOL A   1    {x:8.3}{y:8.3}{z:8.3}  1.00  0.00           C  \n"
            )
        });
        std::fs::write(file("it.pdb"), atoms.collect::<String>() + "END\n").unwrap();
        let config = format!(
            r#"{{"system-xml": "{}", "pdb": "{}", "constraints": "ignore", "threads": 1}}"#,
            file("it.xml"),
            file("it.pdb")
        );
        Self { folder, config }
    }

    fn answer(&self, text: &str) -> Answered {
        std::fs::write(self.folder.path().join("it.xml"), text).unwrap();
        let potential =
            Trial::<MolecularMechanics>::create(&self.config, None).map_err(|error| error.to_string())?;
        let answer = |copies: usize| {
            let results =
                potential.evaluate(&POSITIONS.repeat(copies)).map_err(|error| format!("{error:?}"))?;
            let energy = if results.statuses[0] == 0 { results.energies[0] } else { f64::NAN };
            Ok::<_, String>(Answer { energy, gradient: results.gradients[..POSITIONS.len()].to_vec() })
        };
        // Several go through another engine than one does.
        let (alone, together) = (answer(1)?, answer(4)?);
        assert!(same(&alone, &together), "{} alone, {} together:\n{text}", alone.energy, together.energy);
        Ok(alone)
    }
}

fn same(found: &Answer, expected: &Answer) -> bool {
    let largest = expected.gradient.iter().fold(1000.0, |largest: f64, value| largest.max(value.abs()));
    let pairs = || found.gradient.iter().zip(&expected.gradient);
    agree(found.energy, expected.energy)
        && (!expected.energy.is_finite()
            || pairs().all(|(found, expected)| (found - expected).abs() <= GRADIENT_TOLERANCE * largest))
}

fn agree(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
        || (!found.is_finite() && !expected.is_finite())
}

impl Counts {
    /// Says what is wrong with a change, if anything is.
    fn judge(&mut self, change: &Change, before: f64, plugin: Answered) -> Option<String> {
        let found = match plugin {
            Err(refusal) if change.names.iter().any(|name| refusal.contains(name.as_str())) => {
                self.refused += 1;
                return None;
            }
            found => found,
        };
        match (by_openmm(&change.text), found) {
            (Ok(expected), Ok(found)) if !same(&found, &expected) => {
                let (energies, gradients) =
                    ((found.energy, expected.energy), (found.gradient, expected.gradient));
                return Some(format!("{energies:?}, here and in OpenMM; gradients {gradients:?}"));
            }
            (Ok(expected), Ok(_)) if agree(before, expected.energy) => self.unchanged += 1,
            (Ok(_), Ok(_)) => self.changed += 1,
            (Ok(_), Err(refusal)) => {
                return Some(format!("the refusal does not name {:?}: {refusal}", change.names));
            }
            (Err(reason), Ok(found)) => {
                return Some(format!("{}, where OpenMM says: {reason}", found.energy));
            }
            (Err(_), Err(_)) => self.refused_by_both += 1,
        }
        None
    }
}

#[test]
fn every_change_is_openmms_or_refused_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/walk");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let plugin = Plugin::new();
    let (mut all, mut wrong) = (Counts::default(), Vec::new());
    for file in files {
        let name = file.file_stem().unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let (before, here) = (by_openmm(&text).unwrap(), plugin.answer(&text).unwrap());
        assert!(same(&here, &before), "{name}: {} is not OpenMM's {}", here.energy, before.energy);
        let mut counts = Counts::default();
        for change in changes(&Tree::parse(&text)) {
            let found = counts.judge(&change, before.energy, plugin.answer(&change.text));
            wrong.extend(found.map(|what| format!("{name}, {}: {what}", change.what)));
        }
        println!("{name:20} {counts:?}");
        all.changed += counts.changed;
        all.unchanged += counts.unchanged;
        all.refused += counts.refused;
        all.refused_by_both += counts.refused_by_both;
    }
    println!("{all:?}");
    assert!(wrong.is_empty(), "{} changes:\n{}", wrong.len(), wrong.join("\n"));
    // What is refused does not count: it could be nearly everything.
    assert!(all.changed >= 250 && all.changed + all.unchanged >= 500, "{all:?}");
}
