//! What OpenMM throws becomes an `Err` with its text, and nothing is broken afterwards.

use std::sync::Arc;

use openmm::{Context, Error, System, platform};

/// Two particles on a spring of 1000 kJ/mol/nm², 0.1 nm long; a second force with a global parameter.
const PAIR: &str = r#"<?xml version="1.0" ?>
<System openmmVersion="8.1" type="System" version="1">
  <PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors>
  <Particles><Particle mass="12"/><Particle mass="1"/></Particles>
  <Constraints/>
  <Forces>
    <Force forceGroup="0" name="spring" type="HarmonicBondForce" usesPeriodic="0" version="2">
      <Bonds><Bond d=".1" k="1000" p1="1" p2="0"/></Bonds>
    </Force>
    <Force energy="strength*x" forceGroup="1" name="field" type="CustomExternalForce" version="1">
      <PerParticleParameters/>
      <GlobalParameters><Parameter default="0" name="strength"/></GlobalParameters>
      <Particles><Particle index="0"/></Particles>
    </Force>
    <Force forceGroup="0" frequency="1" name="CMMotionRemover" type="CMMotionRemover" version="1"/>
  </Forces>
</System>"#;

fn pair() -> Context {
    Context::new(Arc::new(System::from_xml(PAIR).unwrap()), "Reference", &[]).unwrap()
}

#[test]
fn a_system_is_read() {
    let system = System::from_xml(PAIR).unwrap();
    assert_eq!(system.particles(), 2);
    assert_eq!(system.masses(), [12.0, 1.0]);
    assert!(system.constraints().is_empty());
    assert_eq!(system.virtual_sites(), [false, false]);
    assert!(!system.is_periodic().unwrap());
    assert_eq!(system.default_box()[1], [0.0, 2.0, 0.0]);
    assert_eq!(system.charges(), None);
    assert_eq!(system.direct_cutoff(), None);
    assert_eq!(system.harmonic_bonds(), [openmm::HeldPair { particles: [1, 0], length: 0.1 }]);
    assert!(!system.is_isotropic(), "a field is not");
    let forces = system.forces();
    let names: Vec<&str> = forces.iter().map(|force| force.name.as_str()).collect();
    assert_eq!(names, ["spring", "field", "CMMotionRemover"]);
    assert_eq!(forces[1].class.0, "CustomExternalForce");
    assert_eq!(forces[1].group, 1);
    assert!(forces[2].class.is_without_energy() && !forces[0].class.is_without_energy());
}

#[test]
fn energies_forces_groups_and_parameters() {
    let mut context = pair();
    context.set_positions(&[0.0, 0.0, 0.0, 0.3, 0.0, 0.0]).unwrap();
    let mut forces = [0.0; 6];
    let energy = context.energy_and_forces(&mut forces).unwrap();
    assert!((energy - 20.0).abs() < 1e-9);
    assert!((forces[0] - 200.0).abs() < 1e-9 && (forces[3] + 200.0).abs() < 1e-9);
    context.set_positions(&[0.5, 0.0, 0.0, 0.8, 0.0, 0.0]).unwrap();
    assert_eq!(context.parameters().unwrap()["strength"], 0.0);
    context.set_parameter("strength", 4.0).unwrap();
    assert!((context.energy_of_groups(1).unwrap() - 20.0).abs() < 1e-9);
    assert!((context.energy_of_groups(2).unwrap() - 2.0).abs() < 1e-9);
    assert!((context.energy().unwrap() - 22.0).abs() < 1e-9);
}

#[test]
fn text_that_is_no_system_is_refused() {
    for (xml, word) in [
        ("", "cannot read"),
        ("not XML at all", "cannot read"),
        ("<System", "cannot read"),
        (r#"<System type="System" version="999"/>"#, "version"),
        (r#"<Force type="HarmonicBondForce" version="2" forceGroup="0"><Bonds/></Force>"#, "cannot read"),
        (&PAIR.replace("HarmonicBondForce", "NoSuchForce"), "NoSuchForce"),
        (&PAIR.replace("k=\"1000\"", ""), "k"),
    ] {
        let Err(error) = System::from_xml(xml) else { panic!("read as a System: {xml}") };
        assert!(matches!(error, Error::System(_)));
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn an_index_out_of_range_is_an_error() {
    // A bond to a third particle: found when the Context is made.
    let system = System::from_xml(&PAIR.replace("p1=\"1\"", "p1=\"2\"")).unwrap();
    let error = Context::new(Arc::new(system), "Reference", &[]).err().unwrap();
    assert!(matches!(error, Error::Context { .. }), "{error}");

    let mut system = System::from_xml(PAIR).unwrap();
    assert_eq!(system.set_force_group(3, 0), Err(Error::NoSuchForce { index: 3, count: 3 }));
    assert!(matches!(system.set_force_group(0, 32), Err(Error::Call(_))));
    assert!(matches!(system.set_force_group(0, u32::MAX), Err(Error::Call(_))));
    system.set_force_group(0, 31).unwrap();
}

#[test]
fn a_context_survives_what_it_refuses() {
    let mut context = pair();
    let before = context.energy().unwrap_err();
    assert!(before.to_string().contains("positions"), "{before}");
    let wrong = context.set_positions(&[0.0; 5]).unwrap_err();
    assert!(wrong.to_string().contains("2 particles, found 5"), "{wrong}");
    context.set_positions(&[f64::NAN; 6]).unwrap();
    assert!(context.energy().is_err() || !context.energy().unwrap().is_finite());
    assert!(context.set_box([[1.0, 0.0, 0.0], [5.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).is_err());
    assert!(context.set_parameter("no such parameter", 1.0).is_err());
    assert!(context.energy_and_forces(&mut []).is_err());
    context.set_positions(&[0.0, 0.0, 0.0, 0.3, 0.0, 0.0]).unwrap();
    assert!(context.energy_and_forces(&mut [0.0; 5]).is_err());
    assert!((context.energy().unwrap() - 20.0).abs() < 1e-9);
}

#[test]
fn platforms_by_name() {
    assert!(platform::names().unwrap().contains(&"Reference".to_owned()));
    let error = platform::require("Abacus").unwrap_err();
    assert!(error.to_string().contains("no platform 'Abacus'; there are Reference"), "{error}");
    // Found beside libOpenMM, no environment variable needed.
    platform::require("CPU").unwrap();
    assert!(platform::property_names("CPU").unwrap().contains(&"Threads".to_owned()));
    let system = Arc::new(System::from_xml(PAIR).unwrap());
    let property = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    let error = Context::new(Arc::clone(&system), "CPU", &property("Colour", "red")).err().unwrap();
    assert!(error.to_string().contains("Colour"), "{error}");
    let mut context = Context::new(system, "CPU", &property("Threads", "1")).unwrap();
    context.set_positions(&[0.0, 0.0, 0.0, 0.3, 0.0, 0.0]).unwrap();
    assert!((context.energy().unwrap() - 20.0).abs() < 1e-4);
}

#[test]
fn the_version_is_told() {
    let version = openmm::version();
    assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{version}");
    assert!(platform::library_path().unwrap().is_absolute());
}
