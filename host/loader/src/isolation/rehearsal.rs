//! What a worker says, without a worker: for tests that feed a host with hostile answers.

use super::confinement::Confined;
use super::message::{Answer, Filled, Inbox, Ready, Refusal, send};
use super::piece::cut;
use super::pool::layout;
use crate::potential::Potential;

/// The answers of a worker that has this potential, as they are sent, one after the other.
///
/// # Panics
/// It cannot be written as JSON, which everything can.
pub fn answers_of(potential: &Potential) -> Vec<Vec<u8>> {
    let facts = potential.facts().clone();
    let descriptors = [facts.descriptor.clone()];
    let ready = Ready::new(potential.library().abi(), &descriptors, Confined::default(), facts);
    let log = |text: &str| Answer::Log { level: 2, text: text.to_owned() };
    let refusal = Refusal::Several { known: vec!["one".to_owned(), "two".to_owned()] };
    let answers = [
        Answer::Begun { process: 1234 },
        log("a \"word\""),
        Answer::Ready(Box::new(ready)),
        Answer::Refused(refusal),
    ];
    let sent = |answer: &Answer| {
        let mut bytes = Vec::new();
        send(&mut bytes, answer).expect("an answer is JSON");
        bytes
    };
    answers.iter().map(sent).collect()
}

/// Hears `bytes` as if a worker had sent them, up to the cutting of a batch for it. Whether it made sense to the end.
pub fn hear(mut bytes: &[u8]) -> bool {
    let mut inbox = Inbox::default();
    loop {
        let filled = inbox.fill(&mut bytes).unwrap_or(Filled::End);
        loop {
            match inbox.next() {
                Ok(Some((Answer::Ready(ready), _))) => {
                    let mut facts = None;
                    let (Ok(layout), Some(facts)) = (layout(&ready, &mut facts), facts) else { return false };
                    for count in [1, 1000, 100_000] {
                        drop(cut(count, 3, layout.capacity, facts.info.preferred_batch));
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) if filled == Filled::End => return true,
                Ok(None) => break,
                Err(_) => return false,
            }
        }
    }
}
