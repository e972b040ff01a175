//! Lanes of `f32`.
use super::{Lane, Machine, Real, operators};
use pulp::Simd;

#[expect(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "fitted coefficients, as they were fitted"
)]
impl Real for f32 {
    const EXP2: &'static [f32] =
        &[1.0, 0.693_147_2, 0.240_226_51, 0.055_503_27, 0.009_618_057, 0.001_340_042_8, 0.000_154_614_45];
    const LN: &'static [f32] = &[2.0, 0.666_668_15, 0.399_748_5, 0.299_243_9];
    const ATAN: &'static [f32] =
        &[1.0, -0.333_333_07, 0.199_981_83, -0.142_395_33, 0.105_698_29, -0.060_263_05];
    const TINY_SQUARE: f32 = 1e-24;
    const COLLINEAR: f32 = 1e-14;
    const LARGEST_EXPONENT: f32 = 126.0;

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }

    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

/// Lanes of `f32` on the instruction set `S`.
#[derive(Clone, Copy, Debug)]
pub struct Single<S>(pub S);

/// A register of `f32`.
#[derive(Clone, Copy)]
pub struct SingleLane<S: Simd> {
    simd: S,
    value: S::f32s,
}

operators!(SingleLane, add_f32s, sub_f32s, mul_f32s, div_f32s, neg_f32s);

impl<S: Simd> Machine for Single<S> {
    type Real = f32;
    type Lane = SingleLane<S>;
    type Stored = S::f32s;
    const LANES: usize = S::F32_LANES;

    #[inline(always)]
    fn splat(self, value: f32) -> SingleLane<S> {
        SingleLane { simd: self.0, value: self.0.splat_f32s(value) }
    }

    #[inline(always)]
    fn get(self, memory: &[S::f32s], index: usize) -> SingleLane<S> {
        SingleLane { simd: self.0, value: memory[index] }
    }

    #[inline(always)]
    fn put(self, memory: &mut [S::f32s], index: usize, value: SingleLane<S>) {
        memory[index] = value.value;
    }

    #[inline(always)]
    fn sum(self, value: SingleLane<S>) -> f32 {
        self.0.reduce_sum_f32s(value.value)
    }
}

/// `1.5 * 2^23`: a number added to it leaves its nearest integer in the low bits.
const ROUNDER: f32 = 12_582_912.0;
/// Bits of `sqrt(1/2)`, so that mantissas begin there.
const ROOT_HALF: u32 = 0x3f35_04f3;

impl<S: Simd> SingleLane<S> {
    #[inline(always)]
    fn with(self, value: S::f32s) -> Self {
        Self { simd: self.simd, value }
    }
}

impl<S: Simd> Lane for SingleLane<S> {
    type Mask = S::m32s;
    type Integer = S::u32s;

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.with(self.simd.mul_add_e_f32s(self.value, factor.value, addend.value))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(self.simd.sqrt_f32s(self.value))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.with(self.simd.abs_f32s(self.value))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.with(self.simd.max_f32s(self.value, other.value))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.with(self.simd.min_f32s(self.value, other.value))
    }

    #[inline(always)]
    fn less(self, other: Self) -> S::m32s {
        self.simd.less_than_f32s(self.value, other.value)
    }

    #[inline(always)]
    fn choose(mask: S::m32s, yes: Self, no: Self) -> Self {
        yes.with(yes.simd.select_f32s(mask, yes.value, no.value))
    }

    #[inline(always)]
    fn split_integer(self) -> (S::u32s, Self) {
        let simd = self.simd;
        let rounder = simd.splat_f32s(ROUNDER);
        let shifted = simd.add_f32s(self.value, rounder);
        let whole = simd.sub_f32s(shifted, rounder);
        (simd.transmute_u32s_f32s(shifted), self.with(simd.sub_f32s(self.value, whole)))
    }

    #[inline(always)]
    fn scale(self, power: S::u32s) -> Self {
        let simd = self.simd;
        let exponent = simd.wrapping_dyn_shl_u32s(power, simd.splat_u32s(23));
        let bits = simd.add_u32s(simd.transmute_u32s_f32s(self.value), exponent);
        self.with(simd.transmute_f32s_u32s(bits))
    }

    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let simd = self.simd;
        let bits = simd.transmute_u32s_f32s(self.value);
        let shifted = simd.add_u32s(bits, simd.splat_u32s(0x3f80_0000 - ROOT_HALF));
        // 2^23 with the exponent in its low bits is an integer-valued float.
        let biased = simd.wrapping_dyn_shr_u32s(shifted, simd.splat_u32s(23));
        let biased = simd.transmute_f32s_u32s(simd.or_u32s(biased, simd.splat_u32s(0x4b00_0000)));
        let exponent = simd.sub_f32s(biased, simd.splat_f32s(8_388_608.0 + 127.0));
        let mantissa = simd.and_u32s(shifted, simd.splat_u32s(0x007f_ffff));
        let mantissa = simd.add_u32s(mantissa, simd.splat_u32s(ROOT_HALF));
        (self.with(exponent), self.with(simd.transmute_f32s_u32s(mantissa)))
    }
}
