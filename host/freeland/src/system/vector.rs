//! Arithmetic of vectors in space.

/// A vector of three components, here always in nm, its inverse, or without unit.
pub(crate) type Vector = [f64; 3];

#[inline]
pub(crate) fn at(r: &[f64], atom: usize) -> Vector {
    [r[3 * atom], r[3 * atom + 1], r[3 * atom + 2]]
}

#[inline]
pub(crate) fn put(r: &mut [f64], atom: usize, v: Vector) {
    r[3 * atom..3 * atom + 3].copy_from_slice(&v);
}

/// Adds `k v` to row `atom` of `r`.
#[inline]
pub(crate) fn add_at(r: &mut [f64], atom: usize, k: f64, v: Vector) {
    for (component, value) in r[3 * atom..3 * atom + 3].iter_mut().zip(v) {
        *component += k * value;
    }
}

#[inline]
pub(crate) fn sub(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

#[inline]
pub(crate) fn scale(k: f64, a: Vector) -> Vector {
    [k * a[0], k * a[1], k * a[2]]
}

/// `a + k b`.
#[inline]
pub(crate) fn add_scaled(a: Vector, k: f64, b: Vector) -> Vector {
    [a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]]
}

#[inline]
pub(crate) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline]
pub(crate) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[inline]
pub(crate) fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}
