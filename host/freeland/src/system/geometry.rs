//! Distances, angles and torsions of positions, and their gradients.

use super::vector::{Vector, add_at, add_scaled, at, cross, dot, norm, scale, sub};

/// Distance of atoms `i` and `j` of `r`, in the unit of `r`.
#[inline]
pub(crate) fn distance(r: &[f64], i: usize, j: usize) -> f64 {
    norm(sub(at(r, i), at(r, j)))
}

/// Angle at atom `j` between `i` and `k`, rad, in `[0, pi]`.
#[inline]
pub(crate) fn angle(r: &[f64], i: usize, j: usize, k: usize) -> f64 {
    let a = sub(at(r, i), at(r, j));
    let b = sub(at(r, k), at(r, j));
    norm(cross(a, b)).atan2(dot(a, b))
}

/// Torsion `i-j-k-l`, rad, in `[-pi, pi]`, with the IUPAC sign (0 is cis).
#[inline]
pub(crate) fn torsion(r: &[f64], i: usize, j: usize, k: usize, l: usize) -> f64 {
    let b1 = sub(at(r, j), at(r, i));
    let b2 = sub(at(r, k), at(r, j));
    let b3 = sub(at(r, l), at(r, k));
    let n1 = cross(b1, b2);
    let n2 = cross(b2, b3);
    (norm(b2) * dot(b1, n2)).atan2(dot(n1, n2))
}

/// Adds `factor` times the gradient of the distance `i`-`j` to `gradient` (`[atoms][3]`).
pub(crate) fn add_distance_gradient(r: &[f64], [i, j]: [usize; 2], factor: f64, gradient: &mut [f64]) {
    let d = sub(at(r, i), at(r, j));
    let inverse = factor / norm(d);
    add_at(gradient, i, inverse, d);
    add_at(gradient, j, -inverse, d);
}

/// Adds `factor` times the gradient of the angle `i-j-k` to `gradient` (`[atoms][3]`).
pub(crate) fn add_angle_gradient(r: &[f64], [i, j, k]: [usize; 3], factor: f64, gradient: &mut [f64]) {
    let a = sub(at(r, i), at(r, j));
    let b = sub(at(r, k), at(r, j));
    let normal = cross(a, b);
    let sine = norm(normal);
    let normal = scale(1.0 / sine, normal);
    // Moving `i` by `normal x a / |a|^2` opens the angle by minus one per unit of rotation about `normal`.
    let along_i: Vector = scale(-1.0 / dot(a, a), cross(normal, a));
    let along_k: Vector = scale(1.0 / dot(b, b), cross(normal, b));
    add_at(gradient, i, factor, along_i);
    add_at(gradient, k, factor, along_k);
    add_at(gradient, j, -factor, add_scaled(along_i, 1.0, along_k));
}

/// Adds `factor` times the gradient of the torsion `i-j-k-l` to `gradient` (`[atoms][3]`).
///
/// Source: Blondel and Karplus, J. Comput. Chem. 17, 1132 (1996), which has no singularity at 0 and pi.
pub(crate) fn add_torsion_gradient(r: &[f64], [i, j, k, l]: [usize; 4], factor: f64, gradient: &mut [f64]) {
    let f = sub(at(r, i), at(r, j));
    let g = sub(at(r, j), at(r, k));
    let h = sub(at(r, l), at(r, k));
    let a = cross(f, g);
    let b = cross(h, g);
    let g_norm = norm(g);
    let (a_squared, b_squared) = (dot(a, a), dot(b, b));
    let on_i = scale(-g_norm / a_squared, a);
    let on_l = scale(g_norm / b_squared, b);
    let shift = add_scaled(scale(dot(f, g) / (a_squared * g_norm), a), -dot(h, g) / (b_squared * g_norm), b);
    add_at(gradient, i, factor, on_i);
    add_at(gradient, l, factor, on_l);
    add_at(gradient, j, -factor, add_scaled(on_i, -1.0, shift));
    add_at(gradient, k, -factor, add_scaled(on_l, 1.0, shift));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torsions_have_the_iupac_sign() {
        // Looking from the second atom to the third, the far bond is turned clockwise by 90 degrees.
        let r = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0];
        assert!((torsion(&r, 0, 1, 2, 3) - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }
}
