//! Inputs made from good ones: bytes flipped, cut, spliced, repeated, and numbers made huge.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// An input has at most this many bytes.
pub const LONGEST: usize = 256 << 10;

/// Numbers that programs stumble over, as text.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "255",
    "65536",
    "1000000",
    "2147483647",
    "2147483648",
    "-2147483648",
    "4294967295",
    "1e9",
    "10000000000",
    "9223372036854775807",
    "18446744073709551615",
    "1e308",
    "-1e308",
    "1e-308",
    "1e400",
    "NaN",
    "-inf",
    "0.5",
    "1e15",
    "3.14",
    "00",
    "0x10",
    "1_000",
];

/// The same, as the bytes of binary files.
const WORDS: &[u64] =
    &[0, 1, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 40, u64::MAX >> 1, u64::MAX];

/// Changes one of `seeds` in a few places. `tokens`: words of the format.
pub fn mutated(seeds: &[Vec<u8>], tokens: &[&str], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seeds.choose(random).expect("there are seeds").clone();
    for _ in 0..random.random_range(1..=4) {
        change(&mut bytes, seeds, tokens, random);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], tokens: &[&str], random: &mut ChaCha8Rng) {
    let length = bytes.len();
    // Where most formats keep what matters is at their beginning.
    let reach = if random.random_bool(0.3) { length.min(160) } else { length };
    let at = random.random_range(0..=reach);
    let end = (at + random.random_range(0..=64)).min(length);
    match random.random_range(0..11) {
        0 if at < length => bytes[at] ^= 1 << random.random_range(0..8),
        1 if at < length => bytes[at] = random.random(),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let piece = bytes[at..end].repeat(random.random_range(1..200));
            bytes.splice(at..at, piece);
        }
        5 => {
            let other = seeds.choose(random).expect("there are seeds");
            let from = random.random_range(0..=other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        6 | 7 => replace_number(bytes, at, random),
        8 if !tokens.is_empty() => {
            let token = tokens.choose(random).expect("there are tokens").as_bytes();
            bytes.splice(at..at, token.iter().copied());
        }
        9 => {
            let word = WORDS.choose(random).expect("there are words");
            let word = if random.random_bool(0.5) { word.to_le_bytes() } else { word.to_be_bytes() };
            let size = *[2, 4, 8].choose(random).expect("three sizes");
            for (place, byte) in bytes.iter_mut().skip(at).zip(&word[..size]) {
                *place = *byte;
            }
        }
        _ => {
            let token = if random.random_bool(0.5) { &b"\xff\xfe"[..] } else { b"\0" };
            bytes.splice(at..at, token.iter().copied());
        }
    }
}

/// Puts another number in place of the first one behind `at`.
fn replace_number(bytes: &mut Vec<u8>, at: usize, random: &mut ChaCha8Rng) {
    let Some(from) = bytes[at..].iter().position(u8::is_ascii_digit).map(|skipped| at + skipped) else {
        return;
    };
    let number = |byte: &u8| byte.is_ascii_digit() || b".eE+-".contains(byte);
    let length = bytes[from..].iter().take_while(|byte| number(byte)).count();
    let other = NUMBERS.choose(random).expect("there are numbers").bytes();
    bytes.splice(from..from + length, other);
}

/// A JSON value with these keys, of any shape.
pub fn any_json(keys: &[String], depth: u32, random: &mut ChaCha8Rng) -> Value {
    match random.random_range(0..if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => json!(random.random::<bool>()),
        2 => json!(random.random_range(-5..100_i64)),
        3 => json!(f64::from_bits(random.random())),
        4 => json!(random.random::<f64>()),
        5 => match NUMBERS.choose(random).expect("there are numbers").parse::<f64>() {
            Ok(number) if random.random_bool(0.5) => json!(number),
            _ => json!(keys.choose(random).cloned().unwrap_or_default()),
        },
        6 => (0..random.random_range(0..6)).map(|_| any_json(keys, depth - 1, random)).collect(),
        _ => Value::Object(any_object(keys, depth - 1, random)),
    }
}

/// A JSON object with some of these keys.
pub fn any_object(keys: &[String], depth: u32, random: &mut ChaCha8Rng) -> Map<String, Value> {
    let mut object = Map::new();
    for _ in 0..random.random_range(0..4) {
        let key = keys.choose(random).cloned().unwrap_or_else(|| "key".to_owned());
        object.insert(key, any_json(keys, depth, random));
    }
    object
}
