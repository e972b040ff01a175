//! Gradients of the operators against finite differences, and what they refuse.

use std::panic::catch_unwind;

use tch::{Kind, Tensor};
use torch_ops::{Direction, Ends, Spline};

/// Rounding makes central differences with this step off by about 1e-9, the third derivative by 2e-13 times itself.
const STEP: f64 = 1e-6;
const TOLERANCE: f64 = 1e-6;

/// Numbers that look random, the same in every run.
fn numbers(shape: &[i64], scale: f64, seed: f64) -> Tensor {
    let count = shape.iter().product::<i64>();
    let values: Vec<f64> =
        (0..count).map(|index| scale * ((index as f64 + seed) * 12.9898).sin() * 1.5).collect();
    Tensor::from_slice(&values).view(shape)
}

/// Largest difference between the gradient of `loss` and central differences in every entry of `x`.
fn gradient_error(x: &Tensor, loss: &dyn Fn(&Tensor) -> Tensor) -> f64 {
    let leaf = x.detach().set_requires_grad(true);
    let gradient = Tensor::run_backward(&[loss(&leaf)], &[&leaf], false, false).remove(0).flatten(0, -1);
    let flat = x.flatten(0, -1);
    let count = flat.size()[0];
    let errors = (0..count).map(|index| {
        let moved = |by: f64| {
            let values = flat.copy();
            drop(values.get(index).g_add_scalar_(by));
            loss(&values.view(x.size().as_slice())).double_value(&[])
        };
        let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        (difference - gradient.double_value(&[index])).abs()
    });
    errors.fold(0.0, f64::max)
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let spline = splines()[0];
    let outcome = catch_unwind(|| {
        spline.apply(&numbers(&[2, 3], 1.0, 1.0), &numbers(&[2, 3, 9], 1.0, 1.0), Direction::Forward)
    });
    assert!(
        outcome.err().unwrap().downcast::<String>().unwrap().contains("raw is [2, 3, 14], got [2, 3, 9]")
    );
}

#[test]
fn second_derivatives_are_refused() {
    let x = numbers(&[2, 3], 1.0, 1.0).set_requires_grad(true);
    let (y, _) = splines()[0].apply(&x, &numbers(&[2, 3, 14], 1.0, 2.0), Direction::Forward);
    assert!(Tensor::f_run_backward(&[y.sum(Kind::Double)], &[&x], true, true).is_err());
}

fn splines() -> [Spline; 2] {
    let spline =
        Spline { bins: 5, half_width: 2.0, ends: Ends::Tails, smallest_bin: 1e-3, smallest_slope: 1e-3 };
    [spline, Spline { ends: Ends::Matched, ..spline }]
}

#[test]
fn splines_have_the_gradients_of_finite_differences() {
    for spline in splines() {
        let parameters = if spline.ends == Ends::Tails { 14 } else { 15 };
        // Some inputs lie in the tails, where there are any.
        let x = numbers(&[9, 3], if spline.ends == Ends::Tails { 1.6 } else { 1.2 }, 1.0);
        let raw = numbers(&[9, 3, parameters], 0.7, 2.0);
        let (weights, weight) = (numbers(&[9, 3], 1.0, 5.0), numbers(&[9], 1.0, 6.0));
        for direction in [Direction::Forward, Direction::Inverse] {
            let loss = |x: &Tensor, raw: &Tensor| {
                let (y, ladj) = spline.apply(x, raw, direction);
                (y * &weights).sum(Kind::Double) + (ladj * &weight).sum(Kind::Double)
            };
            let error = gradient_error(&x, &|x| loss(x, &raw));
            assert!(error < TOLERANCE, "{:?} {direction:?} in x: {error:e}", spline.ends);
            let error = gradient_error(&raw, &|raw| loss(&x, raw));
            assert!(error < TOLERANCE, "{:?} {direction:?} in raw: {error:e}", spline.ends);
        }
    }
}

#[test]
fn a_missing_number_stays_visible() {
    let raw = numbers(&[2, 3, 14], 0.7, 2.0);
    let x = Tensor::from_slice(&[0.0, f64::NAN, 1.0, 0.0, 0.5, 1.0]).view([2, 3]);
    let (y, _) = splines()[0].apply(&x, &raw, Direction::Forward);
    assert!(y.double_value(&[0, 1]).is_nan() && y.double_value(&[1, 1]).is_finite());
}
