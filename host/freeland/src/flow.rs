//! Conditional normalizing flows `p(x | s)`.
//!
//! [`ConditionalFlow`] owns the parameters; [`ConditionalFlow::at`] conditions it on coarse variables, and the result
//! draws, transforms and evaluates densities.
//!
//! ```no_run
//! use freeland::{config::flow::FlowConfig, space::Domain};
//! use freeland::flow::{ConditionalFlow, FlowShape};
//! use rand::SeedableRng;
//!
//! let shape = FlowShape {
//!     coarse: vec![Domain::Circle],
//!     coarse_ranges: vec![(-3.2, 3.2)],
//!     fine: vec![Domain::Line, Domain::Circle],
//! };
//! let flow = ConditionalFlow::new(&shape, &FlowConfig::default(), 1)?;
//! let s = flow.backend().tensor(ndarray::array![[0.1], [0.2], [0.3]].view());
//! let draw = flow.at(&s).propose(0.0, &mut rand_chacha::ChaCha8Rng::seed_from_u64(2));
//! println!("{:?}", draw.x);
//! # Ok::<(), freeland::flow::FlowError>(())
//! ```

mod affine;
mod checkpoint;
mod context;
mod coupling;
mod knots;
mod network;
mod proposal;
mod rotation;
mod shape;
mod spline;
mod transform;

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, nn};

use crate::config::flow::{AffineNets, Architecture, Device, FlowConfig, Precision};
use crate::device::{Backend, DeviceError};

pub use affine::Affine;
pub use checkpoint::CheckpointError;
pub use proposal::Draw;
pub use rotation::{Rotation, wrap};
pub use shape::{FlowError, FlowShape};
pub use spline::{CircleSpline, LineSpline};
pub use transform::{Compose, Transform};

use context::Context;
use coupling::{Coupling, Mask};
use network::Perceptron;
use proposal::Base;

/// The parameters of a conditional normalizing flow, and the maps they stand for.
///
/// A base variable `z` (standard normal on lines, uniform on circles) becomes `x = f(z; s)`.
pub struct ConditionalFlow {
    shape: FlowShape,
    config: FlowConfig,
    backend: Backend,
    store: nn::VarStore,
    context: Context,
    base: Base,
    layers: Layers,
}

enum Layers {
    Couplings(Vec<Coupling>),
    Affine { shift: Perceptron, log_scale: Perceptron },
}

impl ConditionalFlow {
    /// A flow that is the identity at the start.
    ///
    /// `seed` decides masks, seams and the initial hidden layers; libtorch's generator is not used.
    ///
    /// # Errors
    /// [`FlowError`] if the shape is not valid, the architecture cannot carry it, or there is no such device.
    pub fn new(shape: &FlowShape, config: &FlowConfig, seed: u64) -> Result<Self, FlowError> {
        shape.check(config)?;
        let backend = Backend::try_from(config)?;
        let mut store = nn::VarStore::new(backend.device);
        store.set_kind(backend.kind);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let context = Context::new(shape, config.harmonics, &backend);
        let layers = match &config.architecture {
            Architecture::Spline(spline) => {
                let masks = Mask::alternating(&shape.fine, spline.couplings, &mut rng);
                let couplings = masks.iter().enumerate().map(|(index, mask)| {
                    let path = store.root().sub("couplings").sub(index);
                    Coupling::new(&path, mask, context.width(), spline, &mut rng)
                });
                Layers::Couplings(couplings.collect())
            }
            Architecture::Affine(AffineNets { hidden, activation }) => {
                let (inputs, outputs) = (context.width(), shape.fine.len() as i64);
                let mut net = |name| {
                    Perceptron::new(&store.root().sub(name), inputs, hidden, outputs, *activation, &mut rng)
                };
                Layers::Affine { shift: net("shift"), log_scale: net("log-scale") }
            }
        };
        let base = Base::new(&shape.fine, &backend);
        Ok(Self { shape: shape.clone(), config: config.clone(), backend, store, context, base, layers })
    }

    /// The flow at coarse variables `s [n, S]`, one row per sample, on the flow's [`Backend`]; `S` may be 0.
    ///
    /// # Panics
    /// If `s` has another number of columns than the shape.
    pub fn at(&self, s: &Tensor) -> ConditionedFlow<'_> {
        let columns = self.shape.coarse.len() as i64;
        assert_eq!(s.size().get(1), Some(&columns), "s must be [n, {columns}], is {:?}", s.size());
        let context = self.context.features(s);
        let transforms: Vec<Box<dyn Transform + '_>> = match &self.layers {
            Layers::Couplings(couplings) => {
                let at = |coupling| Box::new(Coupling::at(coupling, &context)) as Box<dyn Transform>;
                couplings.iter().map(at).collect()
            }
            Layers::Affine { shift, log_scale } => {
                vec![Box::new(Affine { shift: shift.apply(&context), log_scale: log_scale.apply(&context) })]
            }
        };
        ConditionedFlow { flow: self, rows: s.size()[0], transforms: Compose(transforms) }
    }

    /// Numbers of coarse and fine coordinates and where they live.
    pub fn shape(&self) -> &FlowShape {
        &self.shape
    }

    /// The configuration the flow was made from.
    pub fn config(&self) -> &FlowConfig {
        &self.config
    }

    /// Device and kind of the parameters.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The trainable parameters, always in the same order; the tensors share memory with the flow.
    pub fn parameters(&self) -> Vec<Tensor> {
        self.store.trainable_variables()
    }

    /// Writes parameters, masks, shape and configuration to a safetensors file, atomically.
    ///
    /// # Errors
    /// [`CheckpointError::Write`], naming the file.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        checkpoint::save(self, path)
    }

    /// Overwrites this flow's parameters with those of a file, in place: optimisers stay connected.
    ///
    /// # Errors
    /// [`CheckpointError`]; nothing is changed unless shape and configuration of the file equal those of this flow.
    pub fn restore(&mut self, path: &Path) -> Result<(), CheckpointError> {
        checkpoint::restore(self, path)
    }
}

/// Where a flow of this configuration lives.
impl TryFrom<&FlowConfig> for Backend {
    type Error = DeviceError;

    fn try_from(config: &FlowConfig) -> Result<Backend, DeviceError> {
        let kind = match config.precision {
            Precision::F32 => Kind::Float,
            Precision::F64 => Kind::Double,
        };
        match config.device {
            Device::Cpu => Ok(Backend::cpu(kind)),
            Device::Cuda(index) => Backend::cuda(index, kind),
        }
    }
}

/// A flow at given coarse variables, one row per sample.
///
/// Everything is differentiable in its input and in the parameters, unless said otherwise; wrap calls in
/// [`tch::no_grad`] where no gradient is needed.
pub struct ConditionedFlow<'a> {
    flow: &'a ConditionalFlow,
    rows: i64,
    transforms: Compose<Box<dyn Transform + 'a>>,
}

impl ConditionedFlow<'_> {
    /// Device and kind of the parameters.
    pub fn backend(&self) -> &Backend {
        &self.flow.backend
    }

    /// `z [n, D]` to `(x [n, D], ln |det dx/dz| [n])`.
    pub fn transform(&self, z: &Tensor) -> (Tensor, Tensor) {
        self.transforms.forward(z)
    }

    /// `x [n, D]` to `(z [n, D], ln |det dz/dx| [n])`. Angles may lie outside `[-pi, pi)`.
    pub fn inverse(&self, x: &Tensor) -> (Tensor, Tensor) {
        self.transforms.inverse(x)
    }

    /// One draw per row of `s`, without a graph; a `share` of them reaches beyond q, 0 for none.
    pub fn propose(&self, share: f64, rng: &mut ChaCha8Rng) -> Draw {
        let latent = self.flow.base.draw(self.rows as usize, share, rng);
        let z = self.backend().tensor(latent.z.view());
        let (x, log_q) = tch::no_grad(|| {
            let (x, ladj) = self.transform(&z);
            (Backend::array(&x), Backend::column(&(self.flow.base.log_prob(&z) - ladj)))
        });
        Draw { z, x, log_q, log_ratio: latent.log_ratio, in_q: latent.in_base }
    }

    /// `log q(x | s)`, `[n]`, for `x [n, D]`.
    pub fn log_prob(&self, x: &Tensor) -> Tensor {
        let (z, ladj) = self.inverse(x);
        self.flow.base.log_prob(&z) + ladj
    }

    /// The gradient of `log q(x | s)` in `x [n, D]`, with the parameters fixed; it carries no graph.
    pub fn log_prob_gradient(&self, x: &Tensor) -> Tensor {
        tch::with_grad(|| {
            let x = x.detach().set_requires_grad(true);
            let log_q = self.log_prob(&x);
            let total = log_q.sum(log_q.kind());
            Tensor::run_backward(&[total], &[&x], false, false).remove(0)
        })
    }
}

#[cfg(test)]
mod contract;
