//! The bonds that a host is told.
use epp::sdk::{CreateRequest, Potential, Topology};
use freeland_molecular_mechanics::MolecularMechanics;
use freeland_molecule::pdb::Pdb;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data").join(name)
}

fn topology(xml: &Path, pdb: &Path) -> Topology {
    let config = serde_json::json!({ "system-xml": xml, "pdb": pdb, "constraints": "ignore" });
    let config = serde_json::from_value(config).unwrap();
    MolecularMechanics::create(CreateRequest::new(config)).unwrap().topology().unwrap().clone()
}

/// The file with residues of a name that no table knows, and without CONECT records.
fn bare(pdb: &Path) -> String {
    let text = std::fs::read_to_string(pdb).unwrap();
    let atoms = text.lines().filter(|line| line.starts_with("ATOM") || line.starts_with("HETATM"));
    atoms.map(|line| format!("{}XXX{}\n", &line[..17], &line[20..])).collect()
}

#[test]
fn the_force_field_tells_the_bonds_that_the_file_does_not() {
    let folder = tempfile::tempdir().unwrap();
    for (name, count) in [
        ("alanine-vacuum", 21),
        ("alanine-charmm36-2024", 21),
        ("butane-rb", 13),
        ("pentaalanine-ff14sb-gbn", 61),
        ("peptide-ff19sb", 195),
        ("zwitterion-charmm36-2024", 186),
    ] {
        let (xml, pdb) = (data(&format!("{name}.xml")), data(&format!("{name}.pdb")));
        let file = folder.path().join("bare.pdb");
        std::fs::write(&file, bare(&pdb)).unwrap();
        assert!(Pdb::parse(&std::fs::read(&file).unwrap()).unwrap().bonds.is_empty());
        let (with, without) = (topology(&xml, &pdb).bonds, topology(&xml, &file).bonds);
        assert_eq!((with.len(), without.len()), (count, count), "{name}");
        assert_eq!(with, without, "{name}");
    }
}

#[test]
fn constraints_between_bonded_atoms_are_bonds() {
    let folder = tempfile::tempdir().unwrap();
    let (xml, pdb) = (folder.path().join("rigid.xml"), folder.path().join("bare.pdb"));
    std::fs::write(&pdb, bare(&data("alanine-vacuum.pdb"))).unwrap();
    // As createSystem(constraints=HAngles) does it: bonds of hydrogen held, and the hydrogens of a methyl group among themselves.
    let text = std::fs::read_to_string(data("alanine-vacuum.xml")).unwrap();
    let Topology { atomic_numbers: elements, bonds, .. } = topology(&data("alanine-vacuum.xml"), &pdb);
    let (mut kept, mut held) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let value = |key: &str| line.split(&format!("{key}=\"")).nth(1)?.split('"').next();
        let atoms = (value("p1"), value("p2"), value("p3"));
        let is_hydrogen = |text: &str| elements[text.parse::<usize>().unwrap()] == 1;
        match (line.trim_start().starts_with("<Bond "), atoms) {
            (true, (Some(a), Some(b), None)) if is_hydrogen(a) || is_hydrogen(b) => {
                held.push(format!(r#"<Constraint d="{}" p1="{a}" p2="{b}"/>"#, value("d").unwrap()));
            }
            _ => kept.push(line),
        }
    }
    assert_eq!(held.len(), 12);
    let partner = |atom: u32| {
        bonds.iter().find(|pair| pair.contains(&atom)).map(|pair| pair[usize::from(pair[0] == atom)])
    };
    let hydrogens: Vec<u32> = (0..22).filter(|&atom| elements[atom as usize] == 1).collect();
    for (place, &a) in hydrogens.iter().enumerate() {
        for &b in hydrogens[..place].iter().filter(|&&b| partner(a) == partner(b)) {
            held.push(format!(r#"<Constraint d=".178" p1="{a}" p2="{b}"/>"#));
        }
    }
    assert_eq!(held.len(), 12 + 9);
    let constraints = format!("<Constraints>{}</Constraints>", held.join("\n"));
    std::fs::write(&xml, kept.join("\n").replace("<Constraints/>", &constraints)).unwrap();
    assert_eq!(topology(&xml, &pdb).bonds, bonds);
}
