//! Boxes and parameters for which no potential is defined.
use crate::sdk::rows::Rows;
use crate::sdk::{Parameter, SampleStatus};

/// A box is flat where the volume is below this fraction of the product of its edges.
const FLAT: f64 = 1e-9;

/// What is wrong with a box, of whose rows those count whose bit is set in `periodic`.
pub(super) fn box_status(rows: &[f64], periodic: u32) -> Option<SampleStatus> {
    let counting = |k: &usize| periodic & (1 << k) != 0;
    let mut units = [[0.0; 3]; 3];
    let mut number = 0;
    for k in (0..3).filter(counting) {
        let row = [rows[3 * k], rows[3 * k + 1], rows[3 * k + 2]];
        if !row.iter().all(|value| value.is_finite()) {
            return Some(SampleStatus::NonFiniteInput);
        }
        // By the largest component first: squares of large or small numbers are not numbers.
        let largest = row.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        if largest == 0.0 {
            return Some(SampleStatus::OutsideDomain);
        }
        let row = row.map(|value| value / largest);
        let length = dot(row, row).sqrt();
        units[number] = row.map(|value| value / length);
        number += 1;
    }
    let [a, b, c] = units;
    let volume = match number {
        0 | 1 => 1.0,
        2 => dot(cross(a, b), cross(a, b)).sqrt(),
        _ => dot(cross(a, b), c),
    };
    (volume < FLAT).then_some(SampleStatus::OutsideDomain)
}

/// What is wrong with the parameters of one configuration.
pub(super) fn parameter_status<'a>(
    values: &[f64],
    parameters: impl Iterator<Item = &'a Parameter>,
) -> Option<SampleStatus> {
    if !values.iter().all(|value| value.is_finite()) {
        return Some(SampleStatus::NonFiniteInput);
    }
    let outside = |(value, parameter): (&f64, &Parameter)| {
        parameter.range.is_some_and(|[minimum, maximum]| !(minimum..=maximum).contains(value))
    };
    values.iter().zip(parameters).any(outside).then_some(SampleStatus::OutsideDomain)
}

/// Gives every configuration the status that `judge` finds in its row, unless it has one.
pub(super) fn settle(rows: &Rows<'_>, statuses: &mut [i32], judge: impl Fn(&[f64]) -> Option<SampleStatus>) {
    let mark = |status: &mut i32, found: SampleStatus| {
        // What is not finite goes before what is out of range.
        if *status == SampleStatus::Internal as i32 || found == SampleStatus::NonFiniteInput {
            *status = found as i32;
        }
    };
    if rows.stride == 0 {
        if let Some(found) = rows.row(0).filter(|_| !statuses.is_empty()).and_then(judge) {
            statuses.iter_mut().for_each(|status| mark(status, found));
        }
        return;
    }
    for (index, status) in statuses.iter_mut().enumerate() {
        if let Some(found) = rows.row(index).and_then(&judge) {
            mark(status, found);
        }
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_any_orientation_and_size_are_good_and_flat_or_left_handed_ones_are_not() {
        let cube = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        for scale in [1e-300, 1.0, 1e300] {
            assert_eq!(box_status(&cube.map(|value| value * scale), 7), None, "{scale}");
        }
        let turned = [0.0, 2.0, 0.0, -1.0, 0.0, 0.0, 0.5, 0.3, 3.0];
        assert_eq!(box_status(&turned, 7), None);
        let outside = Some(SampleStatus::OutsideDomain);
        assert_eq!(box_status(&turned.map(|value| -value), 7), outside);
        assert_eq!(box_status(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0], 7), outside);
        assert_eq!(box_status(&[0.0; 9], 1), outside);
        // The third row does not count.
        let slab = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, f64::NAN, 0.0, 0.0];
        assert_eq!(box_status(&slab, 3), None);
        assert_eq!(box_status(&slab, 7), Some(SampleStatus::NonFiniteInput));
        assert_eq!(box_status(&[1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0], 3), outside);
    }
}
