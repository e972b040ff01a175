//! What every transform and every flow must do.

use std::f64::consts::{PI, TAU};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::*;
use crate::space::Domain;

/// A round trip in f32 loses a few rounding errors of 1e-7 per layer, amplified where a spline is flat.
const ROUND_TRIP_F32: f64 = 1e-5;
/// The same in f64.
const ROUND_TRIP_F64: f64 = 1e-10;

fn normal(shape: &[i64], scale: f64, kind: Kind, seed: u64) -> Tensor {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let count = shape.iter().product::<i64>();
    let values: Vec<f64> =
        (0..count).map(|_| scale * rng.sample::<f64, _>(rand_distr::StandardNormal)).collect();
    Tensor::from_slice(&values).view(shape).to_kind(kind)
}

fn angles(rows: i64, columns: i64, kind: Kind, seed: u64) -> Tensor {
    wrap(&normal(&[rows, columns], 3.0, Kind::Double, seed)).to_kind(kind)
}

fn largest(x: &Tensor) -> f64 {
    x.abs().max().double_value(&[])
}

/// Every transform, with random parameters, over `d` columns; and whether it maps circles.
fn transforms(rows: i64, d: i64, kind: Kind) -> Vec<(&'static str, bool, Box<dyn Transform>)> {
    let random = |columns: i64, scale: f64, seed: u64| normal(&[rows, d, columns], 0.3 * scale, kind, seed);
    let line = |seed| LineSpline { raw: random(LineSpline::parameters(8), 1.0, seed), tail: 3.0 };
    let circle = |seed| CircleSpline { raw: random(CircleSpline::parameters(8), 1.0, seed) };
    let affine = |seed| Affine {
        shift: normal(&[rows, d], 1.0, kind, seed),
        log_scale: normal(&[rows, d], 0.5, kind, seed + 1),
    };
    let rotation = |seed| Rotation { angle: normal(&[rows, d], 2.0, kind, seed) };
    let lines: Vec<Box<dyn Transform>> = vec![Box::new(line(7)), Box::new(affine(8)), Box::new(line(10))];
    let circles: Vec<Box<dyn Transform>> =
        vec![Box::new(rotation(11)), Box::new(circle(12)), Box::new(rotation(13))];
    vec![
        ("affine", false, Box::new(affine(1))),
        ("line spline", false, Box::new(line(3))),
        ("lines composed", false, Box::new(Compose(lines))),
        ("rotation", true, Box::new(rotation(5))),
        ("circle spline", true, Box::new(circle(6))),
        ("circles composed", true, Box::new(Compose(circles))),
    ]
}

fn inputs(circle: bool, rows: i64, d: i64, kind: Kind) -> Tensor {
    if circle { angles(rows, d, kind, 20) } else { normal(&[rows, d], 2.0, kind, 20) }
}

#[test]
fn transforms_come_back() {
    for (kind, tolerance) in [(Kind::Float, ROUND_TRIP_F32), (Kind::Double, ROUND_TRIP_F64)] {
        for (name, circle, transform) in transforms(200, 3, kind) {
            let x = inputs(circle, 200, 3, kind);
            let (y, ladj) = transform.forward(&x);
            let (back, ladj_back) = transform.inverse(&y);
            let error = if circle { largest(&wrap(&(back - &x))) } else { largest(&(back - &x)) };
            println!("{name} {kind:?}: {error:.1e}, ladj {:.1e}", largest(&(&ladj + &ladj_back)));
            assert!(error < tolerance, "{name} {kind:?}: {error:e}");
            assert!(largest(&(ladj + ladj_back)) < 20.0 * tolerance, "{name} {kind:?}");
        }
    }
}

/// `ln |det dy/dx|` row by row, from one backward pass per output column.
fn ladj_by_autograd(x: &Tensor, map: &dyn Fn(&Tensor) -> Tensor) -> Tensor {
    let x = x.detach().set_requires_grad(true);
    let y = map(&x);
    let rows: Vec<Tensor> = (0..y.size()[1])
        .map(|column| {
            let total = y.select(1, column).sum(y.kind());
            Tensor::run_backward(&[total], &[&x], true, false).remove(0)
        })
        .collect();
    Tensor::stack(&rows, 1).slogdet().1
}

#[test]
fn log_determinants_are_those_of_autograd() {
    for (name, circle, transform) in transforms(50, 3, Kind::Double) {
        let x = inputs(circle, 50, 3, Kind::Double);
        let (y, ladj) = transform.forward(&x);
        let error = largest(&(ladj - ladj_by_autograd(&x, &|x| transform.forward(x).0)));
        assert!(error < 1e-10, "{name}: {error:e}");
        let ladj = transform.inverse(&y).1;
        let error = largest(&(ladj - ladj_by_autograd(&y, &|y| transform.inverse(y).0)));
        assert!(error < 1e-10, "inverse of {name}: {error:e}");
    }
}

#[test]
fn splines_are_monotone_and_continuous() {
    let points = 20_001;
    let x = Tensor::linspace(-PI, PI, points, (Kind::Double, tch::Device::Cpu)).unsqueeze(0);
    for (name, circle, raw) in [("line", false, 23), ("circle", true, 24)] {
        let raw = normal(&[1, 1, raw], 1.5, Kind::Double, 30).expand([1, points, raw], false);
        let spline: Box<dyn Transform> =
            if circle { Box::new(CircleSpline { raw }) } else { Box::new(LineSpline { raw, tail: 3.0 }) };
        let (y, _) = spline.forward(&x);
        let step = y.narrow(1, 1, points - 1) - y.narrow(1, 0, points - 1);
        assert!(step.min().double_value(&[]) > 0.0, "{name} spline is monotone");
        // A jump would show as a step far above the steepest slope times the spacing.
        assert!(step.max().double_value(&[]) < 0.05, "{name} spline is continuous");
        let ends = [y.double_value(&[0, 0]), y.double_value(&[0, points - 1])];
        assert!(
            (ends[0] + PI).abs() < 1e-12 && (ends[1] - PI).abs() < 1e-12,
            "{name} spline keeps its ends: {ends:?}"
        );
    }
}

#[test]
fn slopes_agree_across_the_seam_and_at_the_tails() {
    let log_slope = |spline: &dyn Transform, at: f64| {
        let x = Tensor::from_slice(&[at]).view([1, 1]);
        spline.forward(&x).1.double_value(&[0])
    };
    let circle = CircleSpline { raw: normal(&[1, 1, 24], 1.5, Kind::Double, 31) };
    let difference = log_slope(&circle, -PI + 1e-9) - log_slope(&circle, PI - 1e-9);
    assert!(difference.abs() < 1e-6, "{difference:e}");
    let line = LineSpline { raw: normal(&[1, 1, 23], 1.5, Kind::Double, 31), tail: 3.0 };
    for end in [-3.0, 3.0] {
        assert!(log_slope(&line, end * (1.0 - 1e-9)).abs() < 1e-6);
        assert_eq!(log_slope(&line, end * (1.0 + 1e-9)), 0.0);
    }
}

/// A flow whose last layers are no longer zero.
fn perturbed(case: &Case, kind: Kind) -> ConditionalFlow {
    perturbed_by(0.08, case, kind)
}

fn perturbed_by(scale: f64, case: &Case, kind: Kind) -> ConditionalFlow {
    let flow = fresh(case, kind);
    tch::no_grad(|| {
        for (seed, mut parameter) in flow.parameters().into_iter().enumerate() {
            let noise = normal(&parameter.size(), scale, kind, 100 + seed as u64);
            let _ = parameter.g_add_(&noise);
        }
    });
    flow
}

fn fresh((coarse, fine, config): &Case, kind: Kind) -> ConditionalFlow {
    let shape = FlowShape {
        coarse: coarse.to_vec(),
        coarse_ranges: vec![(-2.0, 3.0); coarse.len()],
        fine: fine.to_vec(),
    };
    let mut config: FlowConfig = toml::from_str(config).unwrap();
    config.precision = if kind == Kind::Double { Precision::F64 } else { Precision::F32 };
    ConditionalFlow::new(&shape, &config, 5).unwrap()
}

use Domain::{Circle, Line};

const SMALL: &str = "couplings = 4\nhidden = [16]\nbins = 6\ntail = 4.0";

/// Coarse domains, fine domains and configuration.
type Case = (&'static [Domain], &'static [Domain], &'static str);

const FLOWS: &[Case] = &[
    (&[Circle, Circle], &[Line, Circle, Line, Line, Circle, Line, Line], SMALL),
    (&[Line], &[Line, Line, Line], SMALL),
    (&[], &[Line, Circle], SMALL),
    (&[Circle, Line], &[Circle, Circle, Circle], SMALL),
    (&[], &[Line, Line], SMALL),
    (&[Line], &[Line], "couplings = 1\nhidden = [16, 16]\nactivation = \"relu\""),
    (&[], &[Circle], "couplings = 2\nhidden = [8]"),
    (&[Line], &[Line], "kind = \"affine\""),
    (&[], &[Line, Line], "kind = \"affine\"\nhidden = [8]"),
];

fn coarse(case: &Case, rows: i64, kind: Kind) -> Tensor {
    angles(rows, case.0.len() as i64, kind, 50)
}

fn fine_difference(case: &Case, one: &Tensor, other: &Tensor) -> f64 {
    let difference = one - other;
    let column = |index: usize| difference.select(1, index as i64);
    let errors = case.1.iter().enumerate().map(|(index, domain)| match domain {
        Line => largest(&column(index)),
        Circle => largest(&wrap(&column(index))),
    });
    errors.fold(0.0, f64::max)
}

#[test]
fn flows_start_as_the_identity() {
    for case in FLOWS {
        let flow = fresh(case, Kind::Double);
        let flow = flow.at(&coarse(case, 100, Kind::Double));
        let z = flow.propose(0.0, &mut ChaCha8Rng::seed_from_u64(1)).z;
        let (x, ladj) = flow.transform(&z);
        assert!(fine_difference(case, &x, &z) < 1e-12, "{case:?}");
        assert!(largest(&ladj) < 1e-12, "{case:?}");
    }
}

#[test]
fn flows_come_back_and_know_their_density() {
    for (kind, tolerance) in [(Kind::Float, ROUND_TRIP_F32), (Kind::Double, ROUND_TRIP_F64)] {
        for case in FLOWS {
            let flow = perturbed(case, kind);
            let flow = flow.at(&coarse(case, 200, kind));
            let z = flow.propose(0.0, &mut ChaCha8Rng::seed_from_u64(1)).z;
            let (x, ladj) = flow.transform(&z);
            let (back, _) = flow.inverse(&x);
            let error = fine_difference(case, &back, &z) / largest(&x).max(1.0);
            assert!(error < tolerance, "{case:?} {kind:?}: {error:e}");
            assert!(largest(&ladj) > 1e-2, "{case:?}: the weights were perturbed");
            // Widened draws as well: `log_q` is the density of the flow alone.
            let draw = flow.propose(0.3, &mut ChaCha8Rng::seed_from_u64(2));
            let log_q = Backend::column(&flow.log_prob(&flow.backend().tensor(draw.x.view())));
            for (found, expected) in draw.log_q.iter().zip(&log_q) {
                let error = (found - expected).abs() / expected.abs().max(1.0);
                assert!(error < 50.0 * tolerance, "{case:?} {kind:?}: {error:e}");
            }
        }
    }
}

#[test]
fn log_determinants_of_flows_are_those_of_autograd() {
    for case in FLOWS {
        let flow = perturbed(case, Kind::Double);
        let flow = flow.at(&coarse(case, 20, Kind::Double));
        let z = flow.propose(0.0, &mut ChaCha8Rng::seed_from_u64(1)).z;
        let (x, ladj) = flow.transform(&z);
        let error = largest(&(ladj - ladj_by_autograd(&z, &|z| flow.transform(z).0)));
        assert!(error < 1e-10, "{case:?}: {error:e}");
        let ladj = flow.inverse(&x).1;
        let error = largest(&(ladj - ladj_by_autograd(&x, &|x| flow.inverse(x).0)));
        assert!(error < 1e-10, "{case:?}: {error:e}");
    }
}

#[test]
fn densities_integrate_to_one() {
    for case in FLOWS.iter().filter(|case| case.1.len() <= 2) {
        // Mild weights: a grid must resolve the density.
        let flow = perturbed_by(0.03, case, Kind::Double);
        let grid = |domain: &Domain| -> (Vec<f64>, f64) {
            let (low, high) = if *domain == Circle { (-PI, PI) } else { (-9.0, 9.0) };
            let points = if case.1.len() == 1 { 20_000 } else { 400 };
            let step = (high - low) / points as f64;
            ((0..points).map(|index| low + (index as f64 + 0.5) * step).collect(), step)
        };
        let axes: Vec<(Vec<f64>, f64)> = case.1.iter().map(grid).collect();
        let mut rows: Vec<Vec<f64>> = vec![vec![]];
        for (values, _) in &axes {
            rows = rows
                .iter()
                .flat_map(|row| values.iter().map(|value| [row.as_slice(), &[*value]].concat()))
                .collect();
        }
        let cell: f64 = axes.iter().map(|(_, step)| step).product();
        let x = flow.backend().vector(&rows.concat()).view([rows.len() as i64, case.1.len() as i64]);
        let s = coarse(case, 1, Kind::Double).expand([rows.len() as i64, case.0.len() as i64], false);
        let total =
            tch::no_grad(|| flow.at(&s).log_prob(&x).exp().sum(Kind::Double).double_value(&[])) * cell;
        // The midpoint rule meets kinks of the density at the tails.
        assert!((total - 1.0).abs() < 1e-3, "{case:?}: {total}");
    }
}

#[test]
fn densities_depend_on_the_coarse_variables() {
    for case in FLOWS.iter().filter(|case| !case.0.is_empty()) {
        let flow = perturbed(case, Kind::Double);
        let x = angles(50, case.1.len() as i64, Kind::Double, 3);
        let s = coarse(case, 50, Kind::Double);
        let difference = flow.at(&s).log_prob(&x) - flow.at(&(&s + 0.5)).log_prob(&x);
        assert!(largest(&difference) > 1e-2, "{case:?}");
        // A whole turn of the circles changes nothing.
        if case.0.iter().all(|domain| *domain == Circle) {
            let difference = flow.at(&s).log_prob(&x) - flow.at(&(&s + TAU)).log_prob(&x);
            assert!(largest(&difference) < 1e-10, "{case:?}");
        }
    }
}

#[test]
fn densities_are_periodic_in_circles() {
    let case = &FLOWS[3];
    let flow = perturbed(case, Kind::Double);
    let flow = flow.at(&coarse(case, 50, Kind::Double));
    let x = angles(50, 3, Kind::Double, 3);
    assert!(largest(&(flow.log_prob(&x) - flow.log_prob(&(&x + TAU)))) < 1e-10);
    let edge = |at: f64| x.slice_scatter(&Tensor::full([50, 1], at, (Kind::Double, x.device())), 1, 1, 2, 1);
    let jump = largest(&(flow.log_prob(&edge(-PI + 1e-9)) - flow.log_prob(&edge(PI - 1e-9))));
    assert!(jump < 1e-6, "{jump:e}");
}

#[test]
fn the_gradient_of_log_prob_is_that_of_finite_differences() {
    let case = &FLOWS[0];
    let flow = perturbed(case, Kind::Double);
    let flow = flow.at(&coarse(case, 20, Kind::Double));
    let x = flow.transform(&flow.propose(0.0, &mut ChaCha8Rng::seed_from_u64(4)).z).0;
    let gradient = flow.log_prob_gradient(&x);
    let direction = normal(&x.size(), 1.0, Kind::Double, 9);
    let step = 1e-6;
    let difference =
        (flow.log_prob(&(&x + &direction * step)) - flow.log_prob(&(&x - &direction * step))) / (2.0 * step);
    let expected = (gradient * direction).sum_dim_intlist([1i64].as_slice(), false, Kind::Double);
    assert!(largest(&(difference - expected)) < 1e-5);
}

#[test]
fn the_same_seed_gives_the_same_flow() {
    let values = |flow: &ConditionalFlow| -> Vec<f64> {
        let all: Vec<Tensor> = flow.parameters().iter().map(|parameter| parameter.flatten(0, -1)).collect();
        Vec::try_from(Tensor::cat(&all, 0).to_kind(Kind::Double)).unwrap()
    };
    let case = &FLOWS[0];
    assert_eq!(values(&fresh(case, Kind::Float)), values(&fresh(case, Kind::Float)));
}

/// Value, log-derivative, and the gradients of a random loss in the input and the parameters.
fn all_of(x: &Tensor, raw: &Tensor, map: &dyn Fn(&Tensor, &Tensor) -> (Tensor, Tensor)) -> [Tensor; 4] {
    let (x, raw) = (x.detach().set_requires_grad(true), raw.detach().set_requires_grad(true));
    let (y, ladj) = map(&x, &raw);
    let loss = (&y * normal(&y.size(), 1.0, y.kind(), 60)).sum(y.kind())
        + (&ladj * normal(&ladj.size(), 1.0, y.kind(), 61)).sum(y.kind());
    let mut gradients = Tensor::run_backward(&[loss], &[&x, &raw], false, false);
    let grad_raw = gradients.remove(1);
    [y.detach(), ladj.detach(), gradients.remove(0), grad_raw]
}

/// A map of inputs and raw parameters.
type Map = Box<dyn Fn(&Tensor, &Tensor) -> (Tensor, Tensor)>;

#[test]
fn fused_splines_are_those_of_plain_operators() {
    let line = |raw: &Tensor| LineSpline { raw: raw.shallow_clone(), tail: 3.0 };
    let circle = |raw: &Tensor| CircleSpline { raw: raw.shallow_clone() };
    let pairs: [(&str, bool, Map, Map); 4] = [
        (
            "line",
            false,
            Box::new(move |x, raw| line(raw).forward(x)),
            Box::new(move |x, raw| line(raw).knots().forward(x)),
        ),
        (
            "line inverse",
            false,
            Box::new(move |x, raw| line(raw).inverse(x)),
            Box::new(move |x, raw| line(raw).knots().inverse(x)),
        ),
        (
            "circle",
            true,
            Box::new(move |x, raw| circle(raw).forward(x)),
            Box::new(move |x, raw| circle(raw).knots().forward(x)),
        ),
        (
            "circle inverse",
            true,
            Box::new(move |x, raw| circle(raw).inverse(x)),
            Box::new(move |x, raw| circle(raw).knots().inverse(x)),
        ),
    ];
    // Errors are relative to the largest entry, and a spline with slope 0.01 amplifies rounding a hundredfold.
    for (kind, tolerance) in [(Kind::Double, 1e-11), (Kind::Float, 1e-4)] {
        for (name, is_circle, fused, plain) in &pairs {
            for bins in [2, 5, 8] {
                let parameters =
                    if *is_circle { CircleSpline::parameters(bins) } else { LineSpline::parameters(bins) };
                // One column more than needed: the parameters are a strided view, as in a coupling.
                let raw =
                    normal(&[101, 7, parameters + 1], 0.7, kind, 40 + bins as u64).narrow(2, 0, parameters);
                let x = inputs(*is_circle, 101, 7, kind);
                let (one, other) = (all_of(&x, &raw, fused.as_ref()), all_of(&x, &raw, plain.as_ref()));
                for (what, (one, other)) in
                    ["y", "ladj", "grad x", "grad raw"].iter().zip(one.iter().zip(&other))
                {
                    let error = largest(&(one - other)) / largest(other).max(1.0);
                    assert!(error < tolerance, "{name}, {bins} bins, {kind:?}: {what} {error:e}");
                }
            }
        }
    }
}

#[test]
fn rows_do_not_depend_on_their_neighbours() {
    let raw = normal(&[300, 7, 23], 1.0, Kind::Float, 40);
    let x = inputs(false, 300, 7, Kind::Float);
    let whole = LineSpline { raw: raw.shallow_clone(), tail: 3.0 }.forward(&x);
    let part = LineSpline { raw: raw.narrow(0, 13, 50), tail: 3.0 }.forward(&x.narrow(0, 13, 50));
    assert!(whole.0.narrow(0, 13, 50).equal(&part.0) && whole.1.narrow(0, 13, 50).equal(&part.1));
}
