//! Expressions of custom forces, in a System of four atoms.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use freeland_loader::{Creation, Library};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::mutation::mutated;
use super::readers::exercise;
use super::{Attempts, Target, built, fresh};

pub fn target() -> Target {
    Target { name: "expression", most: u64::MAX, prepare: |folder| Box::new(Expressions::new(folder)) }
}

const SEEDS: &[&str] = &[
    "k*(r-r0)^2;r0=0.1",
    "select(step(r+s2-r1),0.5*(1/L-1/U+0.25*(r-s2^2/r)*(1/(U^2)-1/(L^2))+0.5*log(L/U)/r),0);U=r+s2;L=max(r1,D);D=abs(r-s2)",
    "k*min(d,2*pi-d)^2;d=abs(theta-1);pi=3.14159265",
    "1/(1/k-tanh(0.8*psi-0.1*psi^3)/r)+erfc(sinh(x)*cosh(y)^2.5);psi=acos(z)*k",
    "f(r)*sqrt(floor(r)+ceil(r))/recip(delta(r))-cube(square(-r))^-3^0.5;;",
    "a;a=b+b;b=c+c;c=d+d;d=e+e;e=r+k",
    "((((((r))))))--------r",
];

const TOKENS: &[&str] = &[
    "(",
    ")",
    "((((((((((((((((",
    "-",
    "----------------",
    "^",
    "^2^2^2^2^2",
    "*",
    "/",
    "+",
    ",",
    ";",
    "=",
    ";a=a*a+a",
    "a;a=b;b=a",
    "r",
    "k",
    "x",
    "theta",
    "sin(",
    "log(",
    "select(",
    "min(",
    "atan2(",
    "f(",
    "erf(",
    "step(",
    "1e",
    "1e5.3",
    ".",
    "0*",
    "/0",
    "1e-320",
];

/// What goes before and after an expression: bonds, torsions, pairs, places, and Born models.
const FORCES: [[&str; 2]; 5] = [
    [
        r#"type="CustomBondForce" version="3" usesPeriodic="0" energy=""#,
        r#""><PerBondParameters><Parameter name="k"/></PerBondParameters><GlobalParameters/><EnergyParameterDerivatives/><Bonds><Bond p1="0" p2="1" param1="3"/></Bonds></Force>"#,
    ],
    [
        r#"type="CustomTorsionForce" version="3" usesPeriodic="0" energy=""#,
        r#""><PerTorsionParameters><Parameter name="k"/></PerTorsionParameters><GlobalParameters/><EnergyParameterDerivatives/><Torsions><Torsion p1="0" p2="1" p3="2" p4="3" param1="3"/></Torsions></Force>"#,
    ],
    [
        r#"type="CustomNonbondedForce" version="3" method="0" cutoff="1" energy=""#,
        r#""><PerParticleParameters/><GlobalParameters><Parameter name="k" default="2"/></GlobalParameters><ComputedValues/><EnergyParameterDerivatives/><Particles><Particle/><Particle/><Particle/><Particle/></Particles><Exclusions/><Functions><Function name="f" type="Continuous1DFunction" version="2" min="0" max="1" periodic="0"><Values><Value v="1"/><Value v="2"/><Value v="0"/></Values></Function></Functions><InteractionGroups/></Force>"#,
    ],
    [
        r#"type="CustomExternalForce" version="1" energy=""#,
        r#""><PerParticleParameters/><GlobalParameters><Parameter name="k" default="2"/></GlobalParameters><Particles><Particle index="2"/></Particles></Force>"#,
    ],
    [
        r#"type="CustomGBForce" version="2" method="0" cutoff="1"><PerParticleParameters><Parameter name="s"/></PerParticleParameters><GlobalParameters><Parameter name="k" default="2"/></GlobalParameters><EnergyParameterDerivatives/><ComputedValues><Value name="V" type="2" expression="r*s1"/><Value name="x1" type="0" expression=""#,
        r#""/></ComputedValues><EnergyTerms><Term type="0" expression="x1*V"/></EnergyTerms><Particles><Particle param1="1"/><Particle param1="2"/><Particle param1="0.5"/><Particle param1="-1"/></Particles><Exclusions/><Functions/></Force>"#,
    ],
];

const HEAD: &str = r#"<System type="System" version="1"><PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors><Particles><Particle mass="12"/><Particle mass="12"/><Particle mass="12"/><Particle mass="12"/></Particles><Constraints/><Forces><Force forceGroup="0" name="it" "#;
const TAIL: &str = "</Forces></System>";

/// The first byte of an input says which force, the rest is the expression.
struct Expressions {
    library: Arc<Library>,
    seeds: Vec<Vec<u8>>,
    xml: PathBuf,
    pdb: PathBuf,
}

impl Expressions {
    fn new(folder: &Path) -> Self {
        let pdb = folder.join("four.pdb");
        let atom = |serial: usize| {
            let (x, y) = (serial as f64, (serial % 2) as f64);
            format!(
                "ATOM  {serial:5}  C   MOL A{serial:4}    {x:8.3}{y:8.3}{:8.3}  1.00  0.00           C\n",
                0.3 * x * x
            )
        };
        std::fs::write(&pdb, (1..=4).map(atom).collect::<String>() + "END\n").unwrap();
        Self {
            library: Library::open(&built("FREELAND_FUZZ_MOLECULE")).unwrap(),
            seeds: SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
            xml: folder.join("expression.xml"),
            pdb,
        }
    }
}

impl Attempts for Expressions {
    fn input(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let mut input = vec![random.random_range(0..FORCES.len()) as u8];
        match random.random_bool(0.2) {
            // One word again and again: deep, or long.
            true => {
                let word = TOKENS.choose(random).expect("there are words");
                input.extend(word.repeat(random.random_range(1..20_000)).bytes());
                input.extend(b"r");
            }
            false => input.extend(mutated(&self.seeds, TOKENS, random)),
        }
        input
    }

    fn attempt(&mut self, input: &[u8]) -> bool {
        let (index, bytes) = input.split_first().expect("input has its first byte");
        let text: String = String::from_utf8_lossy(bytes)
            .chars()
            .filter(|c| !c.is_control())
            .flat_map(|c| match c {
                '&' => "&amp;".chars().collect::<Vec<_>>(),
                '<' => "&lt;".chars().collect(),
                '"' => "&quot;".chars().collect(),
                c => vec![c],
            })
            .collect();
        let [before, after] = FORCES[usize::from(*index)];
        fresh(&self.xml, format!("{HEAD}{before}{text}{after}{TAIL}").as_bytes());
        let config = json!({ "system-xml": self.xml, "pdb": self.pdb, "threads": 1 });
        exercise(self.library.create("molecular-mechanics", &config, &Creation::default()))
    }
}
