//! The double well at temperature 1.
use std::f64::consts::PI;

use epp::sdk::Trial;
use freeland_toys::DoubleWell;

use crate::quadrature::{marginal, points};

#[test]
fn free_energy_along_x1_is_the_quartic() {
    for (config, b, c, d) in [("{}", 6.0, 1.0, 1.0), (r#"{"b": 4, "c": -0.5, "d": 2.5}"#, 4.0, -0.5, 2.5)] {
        let trial = Trial::<DoubleWell>::create(config, None).unwrap();
        let x2 = points(-9.0, 9.0, 361);
        for x1 in points(-2.5, 2.5, 21) {
            let f = -marginal(&trial, 1.0, x1, &x2).ln();
            let expected = x1.powi(4) - b * x1 * x1 + c * x1 - 0.5 * (2.0 * PI / d).ln();
            assert!(
                (f - expected).abs() < 1e-12 * (1.0 + expected.abs()),
                "F({x1}) = {f}, expected {expected}"
            );
        }
    }
}

#[test]
fn an_open_valley_is_refused() {
    let error = Trial::<DoubleWell>::create(r#"{"d": 0}"#, None).unwrap_err();
    assert_eq!(error.code, epp::sys::E_BAD_CONFIG);
    assert!(error.text.starts_with("d:"), "{error}");
}
