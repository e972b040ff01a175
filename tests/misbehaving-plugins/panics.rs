//! The part of `panics.c` that is in Rust.

/// Looks for a place that is not there.
#[no_mangle]
pub extern "C" fn panicking_energy(x: f64, y: f64) -> f64 {
    let table = vec![x, y];
    table[table.len() + usize::from(x.is_finite())]
}
