//! Flows on disk: one safetensors file, whose metadata says what the flow is.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::config::flow::FlowConfig;
use crate::write::{WriteError, atomically};

use super::{ConditionalFlow, FlowShape};

const VERSION: u32 = 1;
const KEY: &str = "freeland-flow";

/// A checkpoint that could not be written, read or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file could not be read.
    #[error("flow checkpoint {path}: cannot read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is cut off, or is not a checkpoint.
    #[error(
        "flow checkpoint {path}: truncated or not a flow checkpoint: {reason}; use an earlier checkpoint"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by another version of the format.
    #[error("flow checkpoint {path}: format version {found}, this program reads {VERSION}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file holds another flow than the one it is read into.
    #[error("flow checkpoint {path}: {what} differs: expected {expected}, found {found}")]
    Different {
        /// The file.
        path: PathBuf,
        /// The first thing that differs.
        what: String,
        /// What the program needs.
        expected: String,
        /// What the file holds.
        found: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    version: u32,
    shape: FlowShape,
    config: FlowConfig,
}

/// Reads the version by itself, so that a newer file is recognised whatever else it says.
#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

pub fn save(flow: &ConditionalFlow, path: &Path) -> Result<(), CheckpointError> {
    let metadata = Metadata { version: VERSION, shape: flow.shape.clone(), config: flow.config.clone() };
    let text = serde_json::to_string(&metadata).expect("plain structs of numbers and text");
    let variables: BTreeMap<String, Tensor> = flow.store.variables().into_iter().collect();
    let bytes: Vec<(&String, Dtype, Vec<usize>, Vec<u8>)> = variables
        .iter()
        .map(|(name, tensor)| {
            let tensor = tensor.to_device(tch::Device::Cpu).contiguous();
            let count = tensor.numel();
            let mut bytes = vec![0u8; count * tensor.kind().elt_size_in_bytes()];
            tensor.copy_data_u8(&mut bytes, count);
            (name, dtype(tensor.kind()), tensor.size().iter().map(|size| *size as usize).collect(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).expect("as many bytes as the shape says");
        (name.as_str(), view)
    });
    let metadata = Some(HashMap::from([(KEY.to_owned(), text)]));
    let file = safetensors::serialize(views, &metadata).expect("names are unique and views are consistent");
    Ok(atomically(path, &file)?)
}

pub fn restore(flow: &mut ConditionalFlow, path: &Path) -> Result<(), CheckpointError> {
    let bytes = read(path)?;
    let (metadata, tensors) = parse(path, &bytes)?;
    let compare = |what: &str, expected: String, found: String| {
        if expected == found {
            return Ok(());
        }
        Err(CheckpointError::Different { path: path.to_owned(), what: what.to_owned(), expected, found })
    };
    let (mine, theirs) = (&flow.shape, &metadata.shape);
    compare("domains of the coarse variables", format!("{:?}", mine.coarse), format!("{:?}", theirs.coarse))?;
    compare(
        "ranges of the coarse variables",
        format!("{:?}", mine.coarse_ranges),
        format!("{:?}", theirs.coarse_ranges),
    )?;
    compare("number of fine coordinates", mine.fine.len().to_string(), theirs.fine.len().to_string())?;
    compare("domains of the fine coordinates", format!("{:?}", mine.fine), format!("{:?}", theirs.fine))?;
    let text =
        |config: &FlowConfig| toml::to_string(config).expect("a flat table").trim().replace('\n', ", ");
    // A flow may go on on another device.
    let theirs = FlowConfig { device: flow.config.device, ..metadata.config };
    compare("the [flow] section", text(&flow.config), text(&theirs))?;
    copy(path, &tensors, flow)
}

fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    fs::read(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })
}

fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<(Metadata, SafeTensors<'a>), CheckpointError> {
    let damaged = |reason: String| CheckpointError::Damaged { path: path.to_owned(), reason };
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let text = text.ok_or_else(|| damaged(format!("its metadata lack the key '{KEY}'")))?;
    let version: VersionOnly = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    if version.version != VERSION {
        return Err(CheckpointError::Version { path: path.to_owned(), found: version.version });
    }
    let metadata = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    Ok((metadata, tensors))
}

/// Copies every tensor of the file into the variable of the same name; checks all of them first.
fn copy(path: &Path, tensors: &SafeTensors<'_>, flow: &ConditionalFlow) -> Result<(), CheckpointError> {
    let different = |what: String, expected: String, found: String| CheckpointError::Different {
        path: path.to_owned(),
        what,
        expected,
        found,
    };
    let variables: BTreeMap<String, Tensor> = flow.store.variables().into_iter().collect();
    if tensors.len() != variables.len() {
        return Err(different(
            "number of tensors".into(),
            variables.len().to_string(),
            tensors.len().to_string(),
        ));
    }
    let mut pairs = Vec::with_capacity(variables.len());
    for (name, variable) in variables {
        let view = tensors
            .tensor(&name)
            .map_err(|_| different(format!("tensor '{name}'"), "a tensor".into(), "none".into()))?;
        let found: Vec<i64> = view.shape().iter().map(|size| *size as i64).collect();
        if found != variable.size() {
            return Err(different(
                format!("shape of '{name}'"),
                format!("{:?}", variable.size()),
                format!("{found:?}"),
            ));
        }
        if view.dtype() != dtype(variable.kind()) {
            let expected = format!("{:?}", dtype(variable.kind()));
            return Err(different(format!("precision of '{name}'"), expected, format!("{:?}", view.dtype())));
        }
        pairs.push((Tensor::from_data_size(view.data(), &found, variable.kind()), variable));
    }
    tch::no_grad(|| {
        for (value, mut variable) in pairs {
            variable.copy_(&value);
        }
    });
    Ok(())
}

fn dtype(kind: Kind) -> Dtype {
    match kind {
        Kind::Float => Dtype::F32,
        Kind::Double => Dtype::F64,
        Kind::Int64 => Dtype::I64,
        other => unreachable!("a flow holds no tensors of kind {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::space::Domain;

    fn flow(fine: usize, config: &str, seed: u64) -> ConditionalFlow {
        let mut domains = vec![Domain::Line; fine];
        domains[0] = Domain::Circle;
        let shape =
            FlowShape { coarse: vec![Domain::Circle], coarse_ranges: vec![(-4.0, 4.0)], fine: domains };
        let config = toml::from_str(&format!("hidden = [8]\ncouplings = 2\n{config}")).unwrap();
        let flow = ConditionalFlow::new(&shape, &config, seed).unwrap();
        tch::no_grad(|| {
            flow.parameters().iter_mut().for_each(|parameter| drop(parameter.g_add_scalar_(0.03)))
        });
        flow
    }

    fn draws(flow: &ConditionalFlow) -> Array2<f64> {
        let s = flow.backend().tensor(array![[0.1], [1.0], [-2.0]].view());
        flow.at(&s).propose(0.0, &mut ChaCha8Rng::seed_from_u64(3)).x
    }

    #[test]
    fn a_saved_flow_is_restored_with_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flow.safetensors");
        let saved = flow(4, "", 1);
        saved.save(&path).unwrap();
        let first = fs::read(&path).unwrap();
        let mut other = flow(4, "", 2);
        assert_ne!(draws(&saved), draws(&other));
        other.restore(&path).unwrap();
        assert_eq!(draws(&saved), draws(&other));
        other.save(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), first, "the same flow is the same file");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn another_flow_is_refused_by_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flow.safetensors");
        flow(4, "", 1).save(&path).unwrap();
        let message = |mut flow: ConditionalFlow| {
            let before = draws(&flow);
            let error = flow.restore(&path).unwrap_err();
            assert!(matches!(error, CheckpointError::Different { .. }), "{error}");
            assert_eq!(draws(&flow), before, "nothing is changed");
            error.to_string()
        };
        let text = message(flow(5, "", 1));
        assert!(text.contains("number of fine coordinates differs: expected 5, found 4"), "{text}");
        for config in ["bins = 4", "precision = \"f64\""] {
            let text = message(flow(4, config, 1));
            assert!(text.contains("the [flow] section differs"), "{text}");
        }
    }

    #[test]
    fn a_truncated_or_foreign_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flow.safetensors");
        let mut flow = flow(4, "", 1);
        flow.save(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        for length in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            let error = flow.restore(&path).unwrap_err();
            assert!(matches!(error, CheckpointError::Damaged { .. }), "{length}: {error}");
        }
        let one = || [("a", TensorView::new(Dtype::U8, vec![1], &[7]).unwrap())];
        fs::write(&path, safetensors::serialize(one(), &None).unwrap()).unwrap();
        let error = flow.restore(&path).unwrap_err();
        assert!(error.to_string().contains("lack the key 'freeland-flow'"), "{error}");
        let newer = Some(HashMap::from([(KEY.to_owned(), "{\"version\": 9, \"new\": 1}".to_owned())]));
        fs::write(&path, safetensors::serialize(one(), &newer).unwrap()).unwrap();
        let error = flow.restore(&path).unwrap_err();
        assert!(matches!(error, CheckpointError::Version { found: 9, .. }), "{error}");
        let missing = flow.restore(&folder.path().join("none")).unwrap_err();
        assert!(matches!(missing, CheckpointError::Read { .. }), "{missing}");
    }
}
