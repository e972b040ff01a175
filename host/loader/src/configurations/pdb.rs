//! Positions from PDB files: the coordinates of ATOM and HETATM records, one configuration per MODEL.

use std::path::Path;

use super::{ANGSTROM, Problem};

/// All models; the file's ångström become nm. Of alternative locations the first is taken.
pub(super) fn read(path: &Path, atoms: usize) -> Result<Vec<f64>, Problem> {
    parse(&String::from_utf8_lossy(&std::fs::read(path)?), atoms)
}

fn parse(text: &str, atoms: usize) -> Result<Vec<f64>, Problem> {
    let mut positions = Vec::new();
    let (mut index, mut found) = (0, 0);
    let mut location = None;
    // The end of a model, or of a file without models.
    let close = |index: &mut usize, found: &mut usize| {
        if *found == 0 {
            return Ok(());
        }
        if *found != atoms {
            return Err(Problem::Atoms { index: *index, found: *found, expected: atoms });
        }
        (*index, *found) = (*index + 1, 0);
        Ok(())
    };
    for (number, line) in text.lines().enumerate() {
        match line.get(..6).unwrap_or(line).trim_end() {
            "ATOM" | "HETATM" => {}
            "MODEL" | "ENDMDL" | "END" => {
                close(&mut index, &mut found)?;
                location = None;
                continue;
            }
            _ => continue,
        }
        let malformed =
            |reason| Problem::Malformed { format: "PDB", reason: format!("line {}: {reason}", number + 1) };
        // Column 17: which alternative location.
        let alternative = line.as_bytes().get(16).copied().unwrap_or(b' ');
        if alternative != b' ' && *location.get_or_insert(alternative) != alternative {
            continue;
        }
        for (columns, axis) in [(30..38, 'x'), (38..46, 'y'), (46..54, 'z')] {
            let field = line.get(columns.clone()).unwrap_or("").trim();
            let value: f64 = field.parse().map_err(|_| {
                let (from, to) = (columns.start + 1, columns.end);
                malformed(format!("'{field}' in columns {from}-{to} is no {axis} coordinate"))
            })?;
            positions.push(value * ANGSTROM);
        }
        found += 1;
    }
    close(&mut index, &mut found)?;
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOM: &str = "ATOM      1  CA  ALA A   1      11.104   6.134  -6.504  1.00  0.00           C";

    #[test]
    fn models_are_configurations_in_nm() {
        let text = format!("MODEL        1\n{ATOM}\nENDMDL\nMODEL        2\n{ATOM}\nENDMDL\nEND\n");
        let expected = [1.1104, 0.6134, -0.6504];
        let found = parse(&text, 1).unwrap();
        assert_eq!(found.len(), 6);
        assert!(found.iter().zip(expected.iter().cycle()).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn a_file_without_models_is_one_configuration() {
        assert_eq!(parse(&format!("{ATOM}\n{ATOM}\nTER\nEND\n"), 2).unwrap().len(), 6);
    }

    #[test]
    fn the_first_alternative_location_is_taken() {
        let (mut a, mut b) = (ATOM.to_owned(), ATOM.to_owned());
        a.replace_range(16..17, "A");
        b.replace_range(16..17, "B");
        assert_eq!(parse(&format!("{a}\n{b}\n"), 1).unwrap().len(), 3);
    }

    #[test]
    fn another_molecule_and_a_broken_line_are_named() {
        let error = parse(&format!("{ATOM}\n"), 22).unwrap_err().to_string();
        assert_eq!(error, "configuration 0 has 1 atoms, expected 22");
        let error =
            parse("ATOM      1  CA  ALA A   1      1x.104   6.134  -6.504\n", 1).unwrap_err().to_string();
        assert_eq!(error, "is no PDB file: line 1: '1x.104' in columns 31-38 is no x coordinate");
    }
}
