//! Systems that several threads read at once hold the numbers that were written.

use std::fmt::Write as _;

use openmm::System;

/// Threads that read at the same time, and how often each does.
const THREADS: usize = 4;
const TIMES: usize = 60;
/// Particles of a System: enough numbers for two threads to meet in one.
const PARTICLES: usize = 400;

/// Masses whose shortest decimal form is long, so that reading one needs big integers.
fn mass(particle: usize) -> f64 {
    (particle as f64 + 0.123_456_789).sqrt() * 1.234_567_890_123e-7
}

fn xml() -> String {
    let mut particles = String::new();
    for particle in 0..PARTICLES {
        write!(particles, r#"<Particle mass="{}"/>"#, mass(particle)).expect("a String takes all");
    }
    format!(
        r#"<System openmmVersion="8" type="System" version="1">
<PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors>
<Particles>{particles}</Particles><Constraints/><Forces/></System>"#
    )
}

#[test]
fn systems_are_read_right_by_many_threads_at_once() {
    let xml = xml();
    let expected: Vec<u64> = (0..PARTICLES).map(|particle| mass(particle).to_bits()).collect();
    let wrong = |found: &[f64]| found.iter().zip(&expected).filter(|(f, e)| f.to_bits() != **e).count();
    let read = || -> usize { (0..TIMES).map(|_| wrong(&System::from_xml(&xml).unwrap().masses())).sum() };
    let total: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(read)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(total, 0, "wrong numbers of {}", THREADS * TIMES * PARTICLES);
}
