//! Conditional normalizing flows `p(x | s)`.
//!
//! [`ConditionalFlow`] owns the parameters; [`ConditionalFlow::at`] conditions it on coarse variables, and the result
//! draws, transforms and evaluates densities.
//!
//! ```no_run
//! use freeland::{config::flow::FlowConfig, space::Domain};
//! use freeland::device::Backend;
//! use freeland::flow::{ConditionalFlow, FlowShape};
//! use rand::SeedableRng;
//!
//! let shape = FlowShape {
//!     coarse: vec![Domain::Circle],
//!     coarse_ranges: vec![(-3.2, 3.2)],
//!     fine: vec![Domain::Line, Domain::Circle],
//! };
//! let backend = Backend::cpu(tch::Kind::Float);
//! let flow = ConditionalFlow::new(&shape, &FlowConfig::default(), &backend, 1)?;
//! let s = backend.matrix(&[0.1, 0.2, 0.3], 3, 1);
//! let (x, log_q) = flow.at(&s).sample(&mut rand_chacha::ChaCha8Rng::seed_from_u64(2));
//! # Ok::<(), freeland::flow::FlowError>(())
//! ```

mod affine;
mod base;
mod checkpoint;
mod context;
mod coupling;
mod knots;
mod network;
mod rotation;
mod shape;
mod spline;
mod transform;

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, nn};

use crate::config::flow::{AffineNets, Architecture, FlowConfig, Precision};
use crate::device::Backend;

pub use affine::Affine;
pub use base::Base;
pub use checkpoint::CheckpointError;
pub use rotation::{Rotation, wrap};
pub use shape::{FlowError, FlowShape};
pub use spline::{CircleSpline, LineSpline};
pub use transform::{Compose, Inverse, Transform};

use context::Context;
use coupling::{Coupling, Mask};
use network::Perceptron;

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
    /// `seed` decides masks, seams and the initial hidden layers; libtorch's generator is not used. The kind of the
    /// backend counts, not `config.precision`; [`Precision`] converts into a kind for [`Backend::open`].
    ///
    /// # Errors
    /// [`FlowError`] if the shape is not valid or the architecture cannot carry it.
    pub fn new(
        shape: &FlowShape,
        config: &FlowConfig,
        backend: &Backend,
        seed: u64,
    ) -> Result<Self, FlowError> {
        shape.check(config)?;
        let mut store = nn::VarStore::new(backend.device);
        store.set_kind(backend.kind);
        let options = (backend.kind, backend.device);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let context = Context::new(shape, config.harmonics, options);
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
        let base = Base::new(&shape.fine, options);
        Ok(Self {
            shape: shape.clone(),
            config: config.clone(),
            backend: *backend,
            store,
            context,
            base,
            layers,
        })
    }

    /// The flow at coarse variables `s [n, S]`, one row per sample; `S` may be 0. Any floating-point kind is accepted.
    ///
    /// # Panics
    /// If `s` has another number of columns than the shape.
    pub fn at(&self, s: &Tensor) -> ConditionedFlow<'_> {
        let columns = self.shape.coarse.len() as i64;
        assert_eq!(s.size().get(1), Some(&columns), "s must be [n, {columns}], is {:?}", s.size());
        let s = s.to_device(self.backend.device).to_kind(self.backend.kind);
        let context = self.context.features(&s);
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

    /// The store behind [`Self::parameters`], for tch's optimisers; it also holds masks and seams, which are not trained.
    pub fn variables(&self) -> &nn::VarStore {
        &self.store
    }

    /// Writes parameters, masks, shape and configuration to a safetensors file, atomically.
    ///
    /// # Errors
    /// [`CheckpointError::Write`], naming the file.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        checkpoint::save(self, path)
    }

    /// Makes the flow that [`Self::save`] wrote.
    ///
    /// # Errors
    /// [`CheckpointError`], if the file cannot be read, is damaged, or is of another version or precision.
    pub fn load(path: &Path, backend: &Backend) -> Result<Self, CheckpointError> {
        checkpoint::load(path, backend)
    }

    /// Overwrites this flow's parameters with those of a file, in place: optimisers stay connected.
    ///
    /// # Errors
    /// [`CheckpointError`]; nothing is changed unless shape and configuration of the file equal those of this flow.
    pub fn restore(&mut self, path: &Path) -> Result<(), CheckpointError> {
        checkpoint::restore(self, path)
    }
}

impl From<Precision> for Kind {
    fn from(precision: Precision) -> Kind {
        match precision {
            Precision::F32 => Kind::Float,
            Precision::F64 => Kind::Double,
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
    /// `z [n, D]` to `(x [n, D], ln |det dx/dz| [n])`.
    pub fn transform(&self, z: &Tensor) -> (Tensor, Tensor) {
        self.transforms.forward(z)
    }

    /// `x [n, D]` to `(z [n, D], ln |det dz/dx| [n])`. Angles may lie outside `[-pi, pi)`.
    pub fn inverse(&self, x: &Tensor) -> (Tensor, Tensor) {
        self.transforms.inverse(x)
    }

    /// Draws of the base, one per row of `s`, `[n, D]`.
    pub fn latent(&self, rng: &mut ChaCha8Rng) -> Tensor {
        self.flow.base.draw(self.rows as usize, rng)
    }

    /// One draw per row of `s`, `(x [n, D], log q(x | s) [n])`, without a graph.
    pub fn sample(&self, rng: &mut ChaCha8Rng) -> (Tensor, Tensor) {
        tch::no_grad(|| {
            let z = self.latent(rng);
            let (x, ladj) = self.transform(&z);
            (x, self.flow.base.log_prob(&z) - ladj)
        })
    }

    /// `log q(x | s)`, `[n]`, for `x [n, D]`.
    pub fn log_prob(&self, x: &Tensor) -> Tensor {
        let (z, ladj) = self.inverse(x);
        self.flow.base.log_prob(&z) + ladj
    }

    /// `log q(x | s) [n]` and its gradient in `x [n, D]`, with the parameters fixed; neither carries a graph.
    pub fn log_prob_and_gradient(&self, x: &Tensor) -> (Tensor, Tensor) {
        tch::with_grad(|| {
            let x = x.detach().set_requires_grad(true);
            let log_q = self.log_prob(&x);
            let total = log_q.sum(log_q.kind());
            let gradient = Tensor::run_backward(&[total], &[&x], false, false).remove(0);
            (log_q.detach(), gradient)
        })
    }
}

#[cfg(test)]
mod contract;
