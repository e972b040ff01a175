//! Molecules of many atoms.
use crate::copies;
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use freeland_molecule::pdb::Pdb;

#[test]
fn memory_grows_with_atoms() {
    let folder = tempfile::tempdir().unwrap();
    for copies in [1, 50, 228] {
        let mut config = copies::write(folder.path(), copies);
        config["threads"] = 2.into();
        let begin = std::time::Instant::now();
        let potential = Trial::<MolecularMechanics>::create(&config.to_string(), None).unwrap();
        println!("create {:?}", begin.elapsed());
        let pdb = std::fs::read(config["pdb"].as_str().unwrap()).unwrap();
        let positions = Pdb::parse(&pdb).unwrap().positions().to_vec();
        let begin = std::time::Instant::now();
        let results = potential.evaluate(&positions).unwrap();
        println!("{} {:?} {:?}", positions.len() / 3, results.energies, begin.elapsed());
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
    }
}
