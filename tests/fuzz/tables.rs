//! A host fed with hostile tables: `tests/misbehaving-plugins/hostile.c` with another tape every time.

use std::path::{Path, PathBuf};

use freeland_loader::{Creation, Library, Request};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::{Attempts, Target, built};

/// What the tape begins with in the library.
const MARK: &[u8] = b"EPP-HOSTILE-TAPE";
const LENGTH: usize = 512;
/// Larger potentials are made, but not evaluated.
const LARGEST: usize = 10_000;

pub fn target() -> Target {
    // A library is never unloaded, so that a process has its fill of them.
    Target { name: "tables", most: 400, prepare: |folder| Box::new(Tables::new(folder)) }
}

struct Tables {
    library: Vec<u8>,
    tape: usize,
    folder: PathBuf,
    tried: usize,
}

impl Tables {
    fn new(folder: &Path) -> Self {
        let library = std::fs::read(built("FREELAND_FUZZ_HOSTILE")).unwrap();
        let mark =
            library.windows(MARK.len()).position(|bytes| bytes == MARK).expect("the library has a tape");
        Self { library, tape: mark + MARK.len(), folder: folder.to_owned(), tried: 0 }
    }
}

impl Attempts for Tables {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let mut tape = vec![0; LENGTH];
        random.fill_bytes(&mut tape);
        tape
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let path = self.folder.join(format!("libhostile-{}-{}.so", std::process::id(), self.tried));
        self.tried += 1;
        self.library[self.tape..self.tape + LENGTH].copy_from_slice(input);
        std::fs::write(&path, &self.library).unwrap();
        let opened = Library::open(&path);
        // Mapped by now, or refused.
        std::fs::remove_file(&path).unwrap();
        let Ok(library) = opened else { return false };
        let mut accepted = false;
        for id in library.ids() {
            let Ok(potential) = library.create(&id, &json!({}), &Creation::default()) else { continue };
            accepted = true;
            let width = potential.coordinates();
            if width > LARGEST {
                continue;
            }
            let (count, boxes) = (3, [9.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 9.0]);
            let positions = vec![0.5; count * width];
            let (mut energies, mut gradients) = (vec![7.0; count], vec![7.0; count * width]);
            let mut statuses = vec![0; count];
            let widths: Vec<usize> =
                potential.outputs().iter().map(|output| potential.width(output)).collect();
            let mut outputs: Vec<Vec<f64>> =
                widths.iter().map(|&width| vec![0.0; count * width.min(LARGEST)]).collect();
            for with_outputs in [false, true] {
                let mut request =
                    Request::new(&positions, &mut statuses).energies(&mut energies).box_rows(&boxes, 0);
                if potential.info().has_gradient {
                    request = request.gradients(&mut gradients);
                }
                if with_outputs {
                    for (place, values) in outputs.iter_mut().enumerate() {
                        request = request.output(place, values);
                    }
                }
                if potential.evaluate_into(request).is_err() {
                    continue;
                }
                for index in 0..count {
                    let good = statuses[index] == 0;
                    assert!((0..=8).contains(&statuses[index]));
                    assert_eq!(good, energies[index].is_finite());
                    let row = &gradients[index * width..(index + 1) * width];
                    let has = potential.info().has_gradient;
                    assert!(!has || row.iter().all(|&g| if good { g.is_finite() } else { g == 0.0 }));
                    for (values, &width) in outputs.iter().zip(&widths).filter(|_| with_outputs) {
                        let row = &values[index * width..(index + 1) * width];
                        assert!(row.iter().all(|value| value.is_finite() == good));
                    }
                }
            }
        }
        accepted
    }
}
