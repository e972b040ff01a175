//! Many alanine dipeptides as one molecule, in files: as large a System as one likes, without OpenMM.
use freeland_molecule::alanine;
use std::fmt::Write;
use std::path::Path;

/// From one to the next on a grid, Angstrom.
const SPACING: f64 = 9.0;
/// Atoms of one.
const ATOMS: usize = 22;

/// Writes a System (ff96 with OBC1) of so many copies, and returns the configuration that names it.
pub fn write(folder: &Path, copies: usize) -> serde_json::Value {
    let name = |ending| folder.join(format!("{copies}.{ending}"));
    std::fs::write(name("xml"), system(copies)).expect("a folder to write to");
    std::fs::write(name("pdb"), pdb(copies)).expect("a folder to write to");
    serde_json::json!({"system-xml": name("xml"), "pdb": name("pdb")})
}

/// Every list of the file has one item per line: each run of items is repeated with other atoms.
fn system(copies: usize) -> String {
    let lists = ["<Particle ", "<Bond ", "<Angle ", "<Torsion ", "<Exception ", "<Exclusion "];
    let is_item = |line: &&str| lists.iter().any(|tag| line.trim_start().starts_with(tag));
    let lines: Vec<&str> = alanine::Implicit::Obc1.system_xml().lines().collect();
    let mut text = String::new();
    for run in lines.chunk_by(|a, b| is_item(a) == is_item(b)) {
        for copy in 0..if is_item(&run[0]) { copies } else { 1 } {
            for line in run {
                text += &moved(line, copy * ATOMS);
                text.push('\n');
            }
        }
    }
    text
}

/// A line with larger numbers in p1 to p4.
fn moved(line: &str, by: usize) -> String {
    let mut parts = line.split('"');
    let mut text = String::from(parts.next().unwrap_or_default());
    let mut is_value = true;
    for part in parts {
        let attribute = text.rsplit(' ').next().unwrap_or_default();
        let is_atom = is_value && ["p1=", "p2=", "p3=", "p4="].contains(&attribute);
        text.push('"');
        match part.parse::<usize>() {
            Ok(atom) if is_atom => write!(text, "{}", atom + by).expect("text"),
            _ => text += part,
        }
        is_value = !is_value;
    }
    text
}

fn pdb(copies: usize) -> String {
    let side = (1..).find(|side| side * side * side >= copies).unwrap_or(1);
    let mut text = String::new();
    for copy in 0..copies {
        let place = [copy % side, copy / side % side, copy / side / side];
        for line in alanine::PDB.lines().filter(|line| line.starts_with("ATOM")) {
            let number = |range: std::ops::Range<usize>| {
                line[range].trim().parse::<f64>().expect("a number of the file")
            };
            let residue = number(22..26) as usize + 3 * copy;
            let at = [30..38, 38..46, 46..54].map(number);
            let [x, y, z] = std::array::from_fn(|axis| at[axis] + SPACING * place[axis] as f64);
            writeln!(text, "{}{residue:4}    {x:8.3}{y:8.3}{z:8.3}{}", &line[..22], &line[54..])
                .expect("text");
        }
    }
    text + "END\n"
}
