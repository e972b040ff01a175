//! The networks that turn a context into the parameters of a transform.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch::nn::Path;

use crate::config::flow::Activation;
use crate::device::Backend;

/// `x Wᵀ + b`.
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// Weights and biases uniform within `1 / sqrt(inputs)`.
    fn uniform(path: &Path<'_>, inputs: i64, outputs: i64, rng: &mut ChaCha8Rng) -> Linear {
        let bound = 1.0 / (inputs.max(1) as f64).sqrt();
        let mut draw = |shape: &[i64]| {
            let count = shape.iter().product::<i64>();
            let values: Vec<f64> = (0..count).map(|_| rng.random_range(-bound..bound)).collect();
            Backend::from(path).vector(&values).view(shape)
        };
        let (weight, bias) = (draw(&[outputs, inputs]), draw(&[outputs]));
        Linear { weight: path.add("weight", weight, true), bias: path.add("bias", bias, true) }
    }

    fn zero(path: &Path<'_>, inputs: i64, outputs: i64) -> Linear {
        Linear { weight: path.zeros("weight", &[outputs, inputs]), bias: path.zeros("bias", &[outputs]) }
    }

    fn apply(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

fn activate(x: &Tensor, activation: Activation) -> Tensor {
    match activation {
        Activation::Relu => x.relu(),
        Activation::Silu => x.silu(),
    }
}

/// A residual network, `[n, inputs]` to `[n, outputs]`: linear, blocks `h + W₂ σ(W₁ σ(h))`, linear.
///
/// The last layer starts at zero, so that every output does.
pub struct ResidualNet {
    input: Linear,
    blocks: Vec<(Linear, Linear)>,
    output: Linear,
    activation: Activation,
}

impl ResidualNet {
    /// Adds the parameters under `path`.
    pub fn new(
        path: &Path<'_>,
        inputs: i64,
        (width, blocks): (i64, usize),
        outputs: i64,
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> ResidualNet {
        ResidualNet {
            input: Linear::uniform(&path.sub("input"), inputs, width, rng),
            blocks: (0..blocks)
                .map(|index| {
                    let block = path.sub("blocks").sub(index);
                    let first = Linear::uniform(&block.sub("first"), width, width, rng);
                    (first, Linear::uniform(&block.sub("second"), width, width, rng))
                })
                .collect(),
            output: Linear::zero(&path.sub("output"), width, outputs),
            activation,
        }
    }

    /// `[n, inputs]` to `[n, outputs]`.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        let block = |hidden: Tensor, (first, second): &(Linear, Linear)| {
            let inner = first.apply(&activate(&hidden, self.activation));
            hidden + second.apply(&activate(&inner, self.activation))
        };
        let hidden = self.blocks.iter().fold(self.input.apply(x), block);
        self.output.apply(&hidden)
    }
}

/// A plain multilayer perceptron, `[n, inputs]` to `[n, outputs]`, whose last layer starts at zero.
pub struct Perceptron {
    hidden: Vec<Linear>,
    output: Linear,
    activation: Activation,
}

impl Perceptron {
    /// Adds the parameters under `path`.
    pub fn new(
        path: &Path<'_>,
        inputs: i64,
        widths: &[usize],
        outputs: i64,
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> Perceptron {
        let mut last = inputs;
        let mut hidden = Vec::with_capacity(widths.len());
        for (index, width) in widths.iter().enumerate() {
            hidden.push(Linear::uniform(&path.sub("hidden").sub(index), last, *width as i64, rng));
            last = *width as i64;
        }
        Perceptron { hidden, output: Linear::zero(&path.sub("output"), last, outputs), activation }
    }

    /// `[n, inputs]` to `[n, outputs]`.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        let mut value = x.shallow_clone();
        for layer in &self.hidden {
            value = activate(&layer.apply(&value), self.activation);
        }
        self.output.apply(&value)
    }
}
