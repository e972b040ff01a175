//! The polynomials against the standard library, on every instruction set that works here.
use freeland_molecular_mechanics::elementary::{angle, exp_minus, ln_of_two, tanh};
use freeland_molecular_mechanics::lanes::{Double, Machine, Real, Single};
use pulp::{Arch, Scalar, Simd, WithSimd};

/// Largest errors, relative to the value, or to 1 for tanh: exp, ln, tanh, angle.
struct Errors {
    double: bool,
}

impl WithSimd for Errors {
    type Output = [f64; 4];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 4] {
        if self.double { errors(Double(simd)) } else { errors(Single(simd)) }
    }
}

#[inline(always)]
fn errors<M: Machine>(m: M) -> [f64; 4] {
    let mut worst = [0f64; 4];
    let mut memory = [M::Real::default(); 16];
    for index in 0..4000 {
        let x = M::Real::of(80.0 * (f64::from(index) / 4000.0).powi(3));
        let y = M::Real::of(1e-6 + f64::from(index * 7919 % 4001) / 300.0);
        let turn = M::Real::of(6.2 * (f64::from(index) / 4000.0 - 0.5));
        let (sine, cosine) = (turn.as_f64().sin(), turn.as_f64().cos());
        let (sine, cosine) = (M::Real::of(sine), M::Real::of(cosine));
        let values = [
            (exp_minus(m, m.splat(x)), (-x.as_f64()).exp()),
            (ln_of_two(m, [m.splat(x), m.splat(y)])[1], y.as_f64().ln()),
            (tanh(m, m.splat(turn)), turn.as_f64().tanh()),
            (angle(m, m.splat(sine), m.splat(cosine)), sine.as_f64().atan2(cosine.as_f64())),
        ];
        for (function, (found, expected)) in values.into_iter().enumerate() {
            let stored: &mut [M::Stored] = bytemuck::cast_slice_mut(&mut memory[..M::LANES]);
            m.put(stored, 0, found);
            // ln vanishes at 1 and the angle at 0, where only the absolute error is small.
            let scale = if function == 0 { expected.abs() } else { expected.abs().max(1.0) };
            for found in &memory[..M::LANES] {
                worst[function] = worst[function].max((found.as_f64() - expected).abs() / scale);
            }
        }
    }
    worst
}

#[test]
fn errors_are_a_few_roundings() {
    for (double, rounding) in [(false, f64::from(f32::EPSILON)), (true, f64::EPSILON)] {
        for (name, worst) in [
            ("this machine", Arch::new().dispatch(Errors { double })),
            ("plain", Errors { double }.with_simd(Scalar)),
        ] {
            println!("{name}, double {double}: {worst:?} in roundings {:?}", worst.map(|w| w / rounding));
            // The argument of exp is multiplied by log2(e) first: its rounding grows with the argument.
            assert!(worst[0] < 60.0 * rounding, "exp");
            assert!(worst[1..].iter().all(|&error| error < 4.0 * rounding), "ln, tanh, angle");
        }
    }
}
