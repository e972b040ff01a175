//! Safetensors made from good ones that are still safetensors: arrays cut, lengthened, swapped, of another precision or
//! shape, gone, and with numbers that programs stumble over.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

const DOUBLES: &[f64] = &[
    0.0,
    -0.0,
    -1.0,
    0.5,
    1.0,
    3.0,
    63.0,
    64.0,
    1e3,
    1e9,
    1e18,
    -1e18,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN_POSITIVE,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// One array, as the file has it.
#[derive(Debug, Clone)]
struct Array {
    name: String,
    dtype: String,
    shape: Vec<u64>,
    bytes: Vec<u8>,
}

impl Array {
    fn size(&self) -> usize {
        if self.dtype == "F32" { 4 } else { 8 }
    }

    fn flatten(&mut self) {
        self.shape = vec![(self.bytes.len() / self.size()) as u64];
    }
}

/// Changes a good file in a few places; all lengths in its header are right.
pub fn mutated_arrays(file: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let (metadata, mut arrays) = read(file);
    for _ in 0..random.random_range(1..=3) {
        if !arrays.is_empty() {
            change(&mut arrays, random);
        }
    }
    write(metadata, &arrays)
}

fn change(arrays: &mut Vec<Array>, random: &mut ChaCha8Rng) {
    let (chosen, other) = (random.random_range(0..arrays.len()), random.random_range(0..arrays.len()));
    let array = &mut arrays[chosen];
    let size = array.size();
    let numbers = array.bytes.len() / size;
    match random.random_range(0..16) {
        // A number here and there, or from somewhere to the end.
        0..=9 if numbers > 0 => {
            let from = random.random_range(0..numbers);
            let to = if random.random_bool(0.2) { numbers } else { from + 1 };
            let value = *DOUBLES.choose(random).expect("there are numbers");
            for place in array.bytes[from * size..to * size].chunks_exact_mut(size) {
                match size {
                    4 => place.copy_from_slice(&(value as f32).to_le_bytes()),
                    _ => place.copy_from_slice(&value.to_le_bytes()),
                }
            }
        }
        // Shorter, empty, longer.
        10 => {
            let keep = if random.random_bool(0.3) { 0 } else { random.random_range(0..=numbers) };
            array.bytes.truncate(keep * size);
            array.flatten();
        }
        11 => {
            let more = random.random_range(1..=(numbers + 8).min(512));
            array.bytes.extend(std::iter::repeat_n(0, more * size));
            array.flatten();
        }
        12 => {
            array.dtype =
                ["F64", "F32", "I64", "U8", "BF16"].choose(random).expect("there are some").to_string();
            let size = match array.dtype.as_str() {
                "U8" => 1,
                "BF16" => 2,
                _ => array.size(),
            };
            array.bytes.truncate(array.bytes.len() / size * size);
            array.shape = vec![(array.bytes.len() / size) as u64];
        }
        13 => array.shape.insert(random.random_range(0..=array.shape.len()), 1),
        14 => {
            let (bytes, shape) = (array.bytes.clone(), array.shape.clone());
            (arrays[other].bytes, arrays[other].shape) = (bytes, shape);
            arrays[other].dtype = arrays[chosen].dtype.clone();
        }
        _ => drop(arrays.remove(chosen)),
    }
}

fn read(file: &[u8]) -> (Option<Value>, Vec<Array>) {
    let length = u64::from_le_bytes(file[..8].try_into().expect("eight bytes")) as usize;
    let header: Map<String, Value> = serde_json::from_slice(&file[8..8 + length]).expect("a good file");
    let number = |value: &Value| value.as_u64().expect("a good file");
    let mut arrays = Vec::new();
    for (name, array) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        let offsets = [0, 1].map(|end| 8 + length + number(&array["data_offsets"][end]) as usize);
        arrays.push(Array {
            name: name.clone(),
            dtype: array["dtype"].as_str().expect("a good file").to_owned(),
            shape: array["shape"].as_array().expect("a good file").iter().map(number).collect(),
            bytes: file[offsets[0]..offsets[1]].to_vec(),
        });
    }
    (header.get("__metadata__").cloned(), arrays)
}

fn write(metadata: Option<Value>, arrays: &[Array]) -> Vec<u8> {
    let mut header: Map<String, Value> =
        metadata.into_iter().map(|value| ("__metadata__".to_owned(), value)).collect();
    let mut data = Vec::new();
    for array in arrays {
        let begin = data.len();
        data.extend_from_slice(&array.bytes);
        let offsets = [begin, data.len()];
        let entry = json!({ "dtype": array.dtype, "shape": array.shape, "data_offsets": offsets });
        header.insert(array.name.clone(), entry);
    }
    let header = serde_json::to_vec(&header).expect("numbers and text");
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

#[test]
fn what_is_not_changed_is_as_it_was() {
    let arrays = [
        Array { name: "a".to_owned(), dtype: "F64".to_owned(), shape: vec![2], bytes: vec![7; 16] },
        Array { name: "b".to_owned(), dtype: "F32".to_owned(), shape: vec![1, 1], bytes: vec![9; 4] },
    ];
    let metadata = Some(json!({ "key": "value" }));
    let file = write(metadata.clone(), &arrays);
    let (again, read) = read(&file);
    assert_eq!(again, metadata);
    assert_eq!(write(again, &read), file);
}
