//! The template does what it says.
use epp::sdk::Trial;
use epp_template_rust::Trap;

#[test]
fn energy_and_gradient() {
    let trap = Trial::<Trap>::create(r#"{"stiffness": 2.0}"#, None).unwrap();
    let results = trap.evaluate(&[1.0, 2.0, -3.0]).unwrap();
    assert_eq!((results.energies, results.gradients), (vec![14.0], vec![2.0, 4.0, -6.0]));
}

#[test]
fn the_stiffness_is_needed() {
    let error = Trial::<Trap>::create("{}", None).unwrap_err();
    assert!(error.text.contains("missing field `stiffness`"), "{error}");
}
