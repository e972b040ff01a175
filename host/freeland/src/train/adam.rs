//! Adam over a list of tensors.
use tch::Tensor;

const BETA: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// The optimiser of Kingma and Ba (arXiv:1412.6980). tch has it too, but cannot save its moments, and a resumed run has
/// to go on with the same bits.
#[derive(Debug)]
pub struct Adam {
    parameters: Vec<Tensor>,
    state: AdamState,
}

/// First and second moments of each parameter, and the number of steps.
#[derive(Debug)]
pub struct AdamState {
    /// Running means of gradients.
    pub first: Vec<Tensor>,
    /// Running means of squared gradients.
    pub second: Vec<Tensor>,
    /// Steps so far.
    pub steps: i64,
}

impl Adam {
    /// An optimiser of the given leaves.
    pub fn new(parameters: Vec<Tensor>) -> Self {
        let zeros = || parameters.iter().map(|p| p.detach().zeros_like()).collect();
        let state = AdamState { first: zeros(), second: zeros(), steps: 0 };
        Self { parameters, state }
    }

    /// Moments and step count, for checkpoints.
    pub fn state(&self) -> &AdamState {
        &self.state
    }

    /// Goes on from a checkpoint, whose tensors have the shapes of the parameters.
    pub fn restore(&mut self, state: AdamState) {
        self.state = state;
    }

    /// One step down the gradient of a scalar, the norm of all its components together clipped to `max_norm`. A gradient
    /// that is not finite makes no step.
    pub fn descend(&mut self, loss: &Tensor, learning_rate: f64, max_norm: f64) {
        loss.backward();
        tch::no_grad(|| {
            let gradients: Vec<Tensor> = self.parameters.iter().map(Tensor::grad).collect();
            let squares: Vec<Tensor> =
                gradients.iter().filter(|g| g.defined()).map(|g| g.square().sum(tch::Kind::Double)).collect();
            let norm = Tensor::stack(&squares, 0).sum(tch::Kind::Double).sqrt().double_value(&[]);
            if norm.is_finite() {
                self.update(&gradients, learning_rate, (max_norm / norm).min(1.0));
            }
            for mut gradient in gradients.into_iter().filter(|g| g.defined()) {
                let _ = gradient.zero_();
            }
        });
    }

    fn update(&mut self, gradients: &[Tensor], learning_rate: f64, scale: f64) {
        let state = &mut self.state;
        state.steps += 1;
        let correction = |beta: f64| 1.0 - beta.powi(state.steps.min(i32::MAX.into()) as i32);
        let rate = learning_rate * correction(BETA.1).sqrt() / correction(BETA.0);
        let epsilon = EPSILON * correction(BETA.1).sqrt();
        for (k, gradient) in gradients.iter().enumerate().filter(|(_, g)| g.defined()) {
            let gradient = gradient * scale;
            let (first, second) = (&mut state.first[k], &mut state.second[k]);
            let _ = first.g_mul_scalar_(BETA.0).g_add_(&(&gradient * (1.0 - BETA.0)));
            let _ = second.g_mul_scalar_(BETA.1).g_add_(&(gradient.square() * (1.0 - BETA.1)));
            let _ = self.parameters[k].g_sub_(&(&*first / (second.sqrt() + epsilon) * rate));
        }
    }
}
