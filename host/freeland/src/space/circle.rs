//! Arithmetic on the circle.

use std::f64::consts::{PI, TAU};

/// The representative of `angle` (rad) in `[-pi, pi)`.
#[inline]
pub fn wrap(angle: f64) -> f64 {
    if (-PI..PI).contains(&angle) || angle.is_nan() {
        return angle;
    }
    let wrapped = angle - TAU * ((angle + PI) / TAU).floor();
    // Rounding may put the result on or past an end.
    if (-PI..PI).contains(&wrapped) { wrapped } else { -PI }
}

/// The representative of a difference of two angles (rad) that is nearest to zero.
#[inline]
pub fn nearest(difference: f64) -> f64 {
    difference - TAU * (difference / TAU).round()
}

/// Circular mean and circular standard deviation of angles, both in rad.
///
/// With `R` the length of the mean of `(cos, sin)`: mean `atan2(S, C)`, deviation `sqrt(-2 ln R)`, which is the usual
/// standard deviation where the spread is small, and infinite for a uniform distribution.
pub fn circular_mean_and_sd(angles: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut cosine, mut sine, mut count) = (0.0, 0.0, 0.0);
    for angle in angles {
        cosine += angle.cos();
        sine += angle.sin();
        count += 1.0;
    }
    let length = (f64::hypot(cosine, sine) / count).min(1.0);
    (sine.atan2(cosine), (-2.0 * length.ln()).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_the_half_open_interval() {
        assert_eq!(wrap(PI), -PI);
        assert_eq!(wrap(-PI), -PI);
        assert!((wrap(3.0 * PI + 0.25) - (-PI + 0.25)).abs() < 1e-12);
        assert!((wrap(-5.0) - (TAU - 5.0)).abs() < 1e-12);
        for k in -2000..2000 {
            let wrapped = wrap(0.017 * f64::from(k));
            assert!((-PI..PI).contains(&wrapped), "{wrapped}");
        }
        assert!(wrap(f64::NAN).is_nan());
    }

    #[test]
    fn the_mean_across_the_cut_is_on_the_cut() {
        let (mean, sd) = circular_mean_and_sd([PI - 0.1, -PI + 0.1].into_iter());
        assert!((mean.abs() - PI).abs() < 1e-12);
        assert!((sd - 0.1).abs() < 1e-3, "{sd}");
    }
}
