//! Microseconds for energy and gradient of one configuration of alanine dipeptide, by solvent, platform and contexts:
//! `cargo bench -p freeland-openmm`.

use std::time::Instant;

use epp::sdk::{CreateRequest, Potential, Trial};
use freeland_openmm::OpenMm;

/// Time for each measurement.
const SECONDS: f64 = 0.5;

fn main() {
    let config = serde_json::from_str("{}").expect("an empty object is a configuration");
    let start = match OpenMm::create(CreateRequest::new(config)) {
        Ok(potential) => potential.topology().map(|topology| topology.positions.clone()).unwrap_or_default(),
        Err(error) => return eprintln!("error: {error}"),
    };
    let batch = start.repeat(64);
    println!(
        "{:8} {:10} {:>8} {:>12} {:>12}",
        "solvent", "platform", "contexts", "us, batch 64", "us, batch 1"
    );
    for implicit in ["vacuum", "obc1", "obc2", "gbn2"] {
        for platform in ["Reference", "CPU"] {
            for contexts in [1, 2] {
                let config = format!(
                    r#"{{"implicit": "{implicit}", "platform": "{platform}", "contexts": {contexts}}}"#
                );
                match Trial::<OpenMm>::create(&config, None) {
                    Ok(potential) => println!(
                        "{implicit:8} {platform:10} {contexts:8} {:12.1} {:12.1}",
                        microseconds(&potential, &batch),
                        microseconds(&potential, &start)
                    ),
                    Err(error) => println!("{implicit:8} {platform:10} {contexts:8} {error}"),
                }
            }
        }
    }
}

fn microseconds(potential: &Trial<OpenMm>, positions: &[f64]) -> f64 {
    let (mut count, start) = (0, Instant::now());
    while start.elapsed().as_secs_f64() < SECONDS {
        match potential.evaluate(positions) {
            Ok(results) => count += results.energies.len(),
            Err(_) => return f64::NAN,
        }
    }
    1e6 * start.elapsed().as_secs_f64() / count as f64
}
