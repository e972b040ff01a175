use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use std::time::Instant;

fn main() {
    let start: Vec<f64> = {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../openmm/data/golden.json")).unwrap();
        golden["positions_nm"][0]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|p| p.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()))
            .collect()
    };
    let count = 256;
    let positions: Vec<f64> = (0..count)
        .flat_map(|c| {
            start
                .iter()
                .enumerate()
                .map(move |(i, x)| x + 0.003 * (((c * 131 + i * 71) % 1009) as f64 / 1009.0 - 0.5))
                .collect::<Vec<_>>()
        })
        .collect();
    for precision in std::env::args().nth(1).unwrap().split(',') {
        for implicit in std::env::args().nth(2).unwrap().split(',') {
            for threads in [1] {
                let config = format!(
                    r#"{{"precision": "{precision}", "threads": {threads}, "implicit": "{implicit}"}}"#
                );
                let potential = Trial::<MolecularMechanics>::create(&config, None).unwrap();
                let mut best = f64::INFINITY;
                for _ in 0..300 {
                    let t = Instant::now();
                    let r = potential.evaluate(&positions).unwrap();
                    assert_eq!(r.statuses[0], 0);
                    best = best.min(t.elapsed().as_secs_f64() / count as f64 * 1e6);
                }
                println!("{precision} {implicit}: {best:.3} us");
            }
        }
    }
}
