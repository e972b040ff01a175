//! Named arrays in a safetensors file: what a checkpoint keeps beside its JSON.
//!
//! Nothing in such a file is compressed, so that reading it never takes more memory than the file has bytes.
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use tch::{Kind, Tensor};
use thiserror::Error;

use crate::dynamics::Numbers;

/// Why a file of arrays is of no use.
#[derive(Debug, Error)]
pub enum ArraysError {
    /// It is cut off, or something else.
    #[error("no safetensors: {0}")]
    File(#[from] safetensors::SafeTensorError),
    /// Something is not there.
    #[error("it has no array '{name}'")]
    Missing {
        /// The array.
        name: String,
    },
    /// Something is there in another form.
    #[error("its array '{name}' has {found}, expected {expected}")]
    Other {
        /// The array.
        name: String,
        /// What there must be.
        expected: String,
        /// What there is.
        found: String,
    },
}

impl ArraysError {
    /// An array with the wrong contents.
    pub fn other(name: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Other { name: name.to_owned(), expected: expected.into(), found: found.into() }
    }
}

/// The arrays of a file.
#[derive(Debug)]
pub struct Arrays<'a>(SafeTensors<'a>);

impl<'a> Arrays<'a> {
    /// Finds the arrays in a file's bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ArraysError> {
        Ok(Self(SafeTensors::deserialize(bytes)?))
    }

    /// An array in double precision and one dimension.
    pub fn doubles(&self, name: &str) -> Result<Vec<f64>, ArraysError> {
        let view = self.flat(name, Dtype::F64)?;
        let (numbers, _) = view.data().as_chunks();
        Ok(numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    /// An array in single precision and one dimension.
    pub fn singles(&self, name: &str) -> Result<Vec<f32>, ArraysError> {
        let view = self.flat(name, Dtype::F32)?;
        let (numbers, _) = view.data().as_chunks();
        Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// An array of the shape and precision of `like`, on its device.
    pub fn tensor_like(&self, name: &str, like: &Tensor) -> Result<Tensor, ArraysError> {
        let shape: Vec<usize> = like.size().iter().map(|size| *size as usize).collect();
        let dtype = match like.kind() {
            Kind::Double => Dtype::F64,
            _ => Dtype::F32,
        };
        let view = self.view(name)?;
        if view.shape() != shape || view.dtype() != dtype {
            return Err(ArraysError::other(name, form(dtype, &shape), form(view.dtype(), view.shape())));
        }
        Ok(Tensor::from_data_size(view.data(), &like.size(), like.kind()).to_device(like.device()))
    }

    /// Names and arrays, all of them in double precision and one dimension.
    pub fn all_doubles(&self) -> Result<Numbers, ArraysError> {
        self.0.names().into_iter().map(|name| Ok((name.clone(), self.doubles(name)?))).collect()
    }

    fn flat(&self, name: &str, dtype: Dtype) -> Result<TensorView<'_>, ArraysError> {
        let view = self.view(name)?;
        if view.dtype() != dtype || view.shape().len() != 1 {
            let expected = format!("one dimension of {dtype:?}");
            return Err(ArraysError::other(name, expected, form(view.dtype(), view.shape())));
        }
        Ok(view)
    }

    fn view(&self, name: &str) -> Result<TensorView<'_>, ArraysError> {
        self.0.tensor(name).map_err(|_| ArraysError::Missing { name: name.to_owned() })
    }
}

fn form(dtype: Dtype, shape: &[usize]) -> String {
    format!("shape {shape:?} of {dtype:?}")
}

/// The file that [`Arrays::all_doubles`] reads; the same numbers are the same bytes.
pub fn to_bytes(numbers: &Numbers) -> Vec<u8> {
    let flat: Vec<(&String, Vec<u8>)> = numbers
        .iter()
        .map(|(name, values)| (name, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = flat.iter().map(|(name, bytes)| {
        let shape = vec![bytes.len() / size_of::<f64>()];
        (name.as_str(), TensorView::new(Dtype::F64, shape, bytes).expect("eight bytes for every number"))
    });
    safetensors::serialize(views, &None).expect("names are unique and views are consistent")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_writing_and_reading() {
        let numbers = Numbers::from([
            ("a".to_owned(), vec![1.5, f64::NAN, -0.0, f64::MIN_POSITIVE]),
            ("empty".to_owned(), Vec::new()),
        ]);
        let bytes = to_bytes(&numbers);
        let read = Arrays::parse(&bytes).unwrap().all_doubles().unwrap();
        let bits = |numbers: &Numbers| -> Vec<(String, Vec<u64>)> {
            let bits = |values: &Vec<f64>| values.iter().map(|value| value.to_bits()).collect();
            numbers.iter().map(|(name, values)| (name.clone(), bits(values))).collect()
        };
        assert_eq!(bits(&read), bits(&numbers));
        assert_eq!(to_bytes(&read), bytes);
    }

    #[test]
    fn what_is_missing_or_different_is_named() {
        let bytes = to_bytes(&Numbers::from([("a".to_owned(), vec![1.0, 2.0])]));
        let arrays = Arrays::parse(&bytes).unwrap();
        assert_eq!(arrays.doubles("b").unwrap_err().to_string(), "it has no array 'b'");
        let found = arrays.singles("a").unwrap_err().to_string();
        assert_eq!(found, "its array 'a' has shape [2] of F64, expected one dimension of F32");
        let like = Tensor::zeros([1, 2], (Kind::Double, tch::Device::Cpu));
        let found = arrays.tensor_like("a", &like).unwrap_err().to_string();
        assert_eq!(found, "its array 'a' has shape [2] of F64, expected shape [1, 2] of F64");
        assert!(Arrays::parse(&bytes[..bytes.len() - 1]).is_err());
    }
}
