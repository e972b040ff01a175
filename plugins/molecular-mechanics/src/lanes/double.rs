//! Lanes of `f64`.
use super::{Lane, Machine, Real, operators};
use pulp::Simd;

#[expect(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "fitted coefficients, as they were fitted"
)]
impl Real for f64 {
    const EXP2: &'static [f64] = &[
        1.0,
        0.693_147_180_559_945_31,
        0.240_226_506_959_101_6,
        0.055_504_108_664_821_627,
        0.009_618_129_107_587_257,
        0.001_333_355_814_640_647,
        0.000_154_035_304_637_243_54,
        1.525_273_384_155_677_3e-5,
        1.321_543_253_591_237_6e-6,
        1.017_805_708_773_394_1e-7,
        7.074_194_297_288_521e-9,
        4.455_817_908_336_064_5e-10,
    ];
    const LN: &'static [f64] = &[
        2.0,
        0.666_666_666_666_666_6,
        0.400_000_000_000_074_94,
        0.285_714_285_688_191_27,
        0.222_222_226_769_295_4,
        0.181_817_737_380_163_06,
        0.153_871_609_261_340_8,
        0.132_487_630_834_601_16,
        0.132_621_036_740_218_09,
    ];
    const ATAN: &'static [f64] = &[
        1.0,
        -0.333_333_333_333_331_2,
        0.199_999_999_999_408_9,
        -0.142_857_142_792_502_45,
        0.111_111_107_449_196_58,
        -0.090_908_968_090_640_27,
        0.076_920_453_309_022_25,
        -0.066_629_518_136_291_9,
        0.058_468_782_973_308_725,
        -0.050_351_024_566_015_518,
        0.037_965_257_453_865_936,
        -0.017_805_397_205_419_445,
    ];
    const TINY_SQUARE: f64 = 1e-36;
    const COLLINEAR: f64 = 1e-22;
    const LARGEST_EXPONENT: f64 = 1000.0;

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }

    #[inline(always)]
    fn as_f64(self) -> f64 {
        self
    }
}

/// Lanes of `f64` on the instruction set `S`.
#[derive(Clone, Copy, Debug)]
pub struct Double<S>(pub S);

/// A register of `f64`.
#[derive(Clone, Copy)]
pub struct DoubleLane<S: Simd> {
    simd: S,
    value: S::f64s,
}

operators!(DoubleLane, add_f64s, sub_f64s, mul_f64s, div_f64s, neg_f64s);

impl<S: Simd> Machine for Double<S> {
    type Real = f64;
    type Lane = DoubleLane<S>;
    type Stored = S::f64s;
    const LANES: usize = S::F64_LANES;

    #[inline(always)]
    fn splat(self, value: f64) -> DoubleLane<S> {
        DoubleLane { simd: self.0, value: self.0.splat_f64s(value) }
    }

    #[inline(always)]
    fn get(self, memory: &[S::f64s], index: usize) -> DoubleLane<S> {
        DoubleLane { simd: self.0, value: memory[index] }
    }

    #[inline(always)]
    fn put(self, memory: &mut [S::f64s], index: usize, value: DoubleLane<S>) {
        memory[index] = value.value;
    }

    #[inline(always)]
    fn sum(self, value: DoubleLane<S>) -> f64 {
        self.0.reduce_sum_f64s(value.value)
    }
}

/// `1.5 * 2^20 + 1/2`: the floor of a number plus a half lies in the high word of the sum, its fraction in the low word.
const ROUNDER: f64 = 1_572_864.5;
/// What is left of it once the low word is cleared.
const ROUNDER_FLOOR: f64 = 1_572_864.0;
const HIGH_WORD: u64 = 0xffff_ffff_0000_0000;
/// Bits of `sqrt(1/2)`, so that mantissas begin there.
const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
const TWO_52: u64 = 0x4330_0000_0000_0000;

impl<S: Simd> DoubleLane<S> {
    #[inline(always)]
    fn with(self, value: S::f64s) -> Self {
        Self { simd: self.simd, value }
    }

    /// Shifts the high words left by 20 bits, where the low words are zero. Shifts of 64 bits are not among the operations of
    /// `pulp`; registers of words hold the same bits, except on the plain machine, whose register is one number.
    #[inline(always)]
    fn words_left_20(self, mut bits: S::u64s) -> S::u64s {
        if size_of::<S::u32s>() == size_of::<S::u64s>() {
            let words: S::u32s = bytemuck::cast(bits);
            bytemuck::cast(self.simd.wrapping_dyn_shl_u32s(words, self.simd.splat_u32s(20)))
        } else {
            for number in bytemuck::cast_slice_mut::<_, u64>(std::slice::from_mut(&mut bits)) {
                *number <<= 20;
            }
            bits
        }
    }

    /// The same to the right, where nothing but the twelve highest bits is set.
    #[inline(always)]
    fn words_right_20(self, mut bits: S::u64s) -> S::u64s {
        if size_of::<S::u32s>() == size_of::<S::u64s>() {
            let words: S::u32s = bytemuck::cast(bits);
            bytemuck::cast(self.simd.wrapping_dyn_shr_u32s(words, self.simd.splat_u32s(20)))
        } else {
            for number in bytemuck::cast_slice_mut::<_, u64>(std::slice::from_mut(&mut bits)) {
                *number >>= 20;
            }
            bits
        }
    }
}

impl<S: Simd> Lane for DoubleLane<S> {
    type Mask = S::m64s;
    type Integer = S::u64s;

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.with(self.simd.mul_add_e_f64s(self.value, factor.value, addend.value))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(self.simd.sqrt_f64s(self.value))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.with(self.simd.abs_f64s(self.value))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.with(self.simd.max_f64s(self.value, other.value))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.with(self.simd.min_f64s(self.value, other.value))
    }

    #[inline(always)]
    fn less(self, other: Self) -> S::m64s {
        self.simd.less_than_f64s(self.value, other.value)
    }

    #[inline(always)]
    fn choose(mask: S::m64s, yes: Self, no: Self) -> Self {
        yes.with(yes.simd.select_f64s(mask, yes.value, no.value))
    }

    #[inline(always)]
    fn split_integer(self) -> (S::u64s, Self) {
        let simd = self.simd;
        let shifted = simd.add_f64s(self.value, simd.splat_f64s(ROUNDER));
        let high = simd.and_u64s(simd.transmute_u64s_f64s(shifted), simd.splat_u64s(HIGH_WORD));
        let whole = simd.sub_f64s(simd.transmute_f64s_u64s(high), simd.splat_f64s(ROUNDER_FLOOR));
        (high, self.with(simd.sub_f64s(self.value, whole)))
    }

    #[inline(always)]
    fn scale(self, power: S::u64s) -> Self {
        let simd = self.simd;
        let bits = simd.add_u64s(simd.transmute_u64s_f64s(self.value), self.words_left_20(power));
        self.with(simd.transmute_f64s_u64s(bits))
    }

    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let simd = self.simd;
        let bits = simd.transmute_u64s_f64s(self.value);
        let shifted = simd.add_u64s(bits, simd.splat_u64s(ONE - ROOT_HALF));
        // The exponent, alone in the high word, makes 2^52 + exponent * 2^32.
        let biased = self.words_right_20(simd.and_u64s(shifted, simd.splat_u64s(EXPONENT)));
        let biased = simd.transmute_f64s_u64s(simd.or_u64s(biased, simd.splat_u64s(TWO_52)));
        let exponent = simd.sub_f64s(biased, simd.splat_f64s(4_503_599_627_370_496.0));
        let exponent =
            simd.mul_add_e_f64s(exponent, simd.splat_f64s(1.0 / 4_294_967_296.0), simd.splat_f64s(-1023.0));
        let mantissa = simd.and_u64s(shifted, simd.splat_u64s(0x000f_ffff_ffff_ffff));
        let mantissa = simd.add_u64s(mantissa, simd.splat_u64s(ROOT_HALF));
        (self.with(exponent), self.with(simd.transmute_f64s_u64s(mantissa)))
    }
}
