//! A host fed with hostile answers of a worker, in which code of a plugin has run.

use freeland_loader::{Creation, Library, rehearsal};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::mutation::mutated;
use super::{Attempts, Target, built};

const TOKENS: &[&str] =
    &["null", "true", "[[[[[[[[", "{}", "[]", "\"Ready\"", "-1", "1e999", "\"\\ud800\"", "4294967299"];

pub fn target() -> Target {
    Target { name: "answers", most: u64::MAX, prepare: |_| Box::new(Answers::new()) }
}

struct Answers {
    /// As they are sent, and without the lengths before them.
    framed: Vec<Vec<u8>>,
    bare: Vec<Vec<u8>>,
}

impl Answers {
    fn new() -> Self {
        let library = Library::open(built("FREELAND_FUZZ_TOYS").as_ref()).unwrap();
        let mut framed = Vec::new();
        for (id, config) in [("mueller-brown", json!({})), ("gaussian", json!({}))] {
            framed.extend(rehearsal::answers_of(&library.create(id, &config, &Creation::default()).unwrap()));
        }
        assert!(framed.iter().all(|answer| rehearsal::hear(answer)), "what was not changed is understood");
        let bare = framed.iter().map(|answer| answer[4..].to_vec()).collect();
        Self { framed, bare }
    }
}

impl Attempts for Answers {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        if random.random_bool(0.2) {
            return mutated(&self.framed, TOKENS, random);
        }
        // With the length that it has, so that it is read.
        let text = mutated(&self.bare, TOKENS, random);
        [&(text.len() as u32).to_le_bytes(), text.as_slice()].concat()
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        rehearsal::hear(input)
    }
}
