//! The versions of the file's parts that are read: those that OpenMM 8.4 to 8.6 read, which write the last of each.

/// Kind, first and last version.
const VERSIONS: [(&str, i64, i64); 20] = [
    ("System", 1, 1),
    ("HarmonicBondForce", 1, 2),
    ("HarmonicAngleForce", 1, 2),
    ("PeriodicTorsionForce", 1, 2),
    ("RBTorsionForce", 1, 2),
    ("CMAPTorsionForce", 1, 2),
    ("NonbondedForce", 1, 4),
    ("GBSAOBCForce", 1, 2),
    ("CMMotionRemover", 1, 1),
    ("CustomBondForce", 1, 3),
    ("CustomAngleForce", 1, 3),
    ("CustomTorsionForce", 1, 3),
    ("CustomNonbondedForce", 1, 3),
    ("CustomExternalForce", 1, 1),
    ("CustomGBForce", 1, 2),
    ("Continuous1DFunction", 1, 2),
    ("Continuous2DFunction", 1, 2),
    ("Discrete1DFunction", 1, 1),
    ("Discrete2DFunction", 1, 1),
    ("Discrete3DFunction", 1, 1),
];

/// The version that `text` says, if it is one of `kind` that is read.
pub fn read(kind: &str, text: &str) -> Option<i64> {
    let version = text.parse().ok()?;
    VERSIONS
        .iter()
        .any(|&(name, first, last)| name == kind && (first..=last).contains(&version))
        .then_some(version)
}

/// The versions of `kind` that are read, in words.
pub fn all(kind: &str) -> String {
    let found = VERSIONS.iter().find(|(name, ..)| *name == kind);
    found.map_or("none".into(), |&(_, first, last)| {
        (first..=last).map(|version| version.to_string()).collect::<Vec<_>>().join(" or ")
    })
}
