//! The arrows between the packages of the workspace.

/// What one package may depend on among the packages of the workspace.
pub struct Rule {
    pub package: &'static str,
    pub may_use: &'static [&'static str],
    /// In addition, for its tests alone.
    pub tests_may_use: &'static [&'static str],
}

/// Every package of the workspace has a line here. Never: freeland -> openmm, plugin -> host, plugin -> plugin,
/// loader -> libtorch.
pub const RULES: &[Rule] = &[
    Rule { package: "epp", may_use: &[], tests_may_use: &[] },
    Rule { package: "openmm-sys", may_use: &[], tests_may_use: &[] },
    Rule { package: "openmm", may_use: &["openmm-sys"], tests_may_use: &[] },
    Rule { package: "freeland-c", may_use: &["epp", "freeland-loader"], tests_may_use: &[] },
    Rule { package: "openmm-force", may_use: &["freeland-loader", "openmm-sys"], tests_may_use: &[] },
    Rule { package: "torch-ops", may_use: &[], tests_may_use: &[] },
    Rule { package: "freeland-python", may_use: &["freeland-loader"], tests_may_use: &[] },
    Rule { package: "freeland-molecule", may_use: &["epp"], tests_may_use: &[] },
    Rule { package: "freeland-toys", may_use: &["epp"], tests_may_use: &[] },
    Rule { package: "freeland-openmm", may_use: &["epp", "freeland-molecule", "openmm"], tests_may_use: &[] },
    // Its tests compare it with OpenMM; the plugin itself needs none.
    Rule {
        package: "freeland-molecular-mechanics",
        may_use: &["epp", "freeland-molecule"],
        tests_may_use: &["openmm"],
    },
    Rule { package: "epp-template-rust", may_use: &["epp"], tests_may_use: &[] },
    // Its benchmark calls a toy directly, to compare.
    Rule { package: "freeland-loader", may_use: &["epp"], tests_may_use: &["freeland-toys"] },
    Rule { package: "freeland-frames", may_use: &["freeland-molecule"], tests_may_use: &[] },
    Rule {
        package: "freeland",
        may_use: &["epp", "freeland-frames", "freeland-loader", "freeland-molecule", "torch-ops"],
        tests_may_use: &[],
    },
    Rule {
        package: "freeland-cli",
        may_use: &["epp", "freeland", "freeland-frames", "freeland-loader"],
        tests_may_use: &[],
    },
];

/// Packages below this folder exist for the tests and may use the contract and the loader.
const FOR_TESTS: &str = "tests/";

/// Packages that bring libtorch, and who may use them.
const LIBTORCH: &[&str] = &["tch", "torch-sys"];
const MAY_USE_LIBTORCH: &[&str] = &["torch-ops", "freeland", "freeland-cli"];

/// What the layers test reads of a `Cargo.toml`.
#[derive(Debug, PartialEq)]
pub struct Manifest {
    /// Folder below the workspace.
    pub folder: String,
    pub name: String,
    /// Of the package and of its build script, for every target.
    pub dependencies: Vec<String>,
    pub test_dependencies: Vec<String>,
}

impl Manifest {
    /// Reads `text`, the `Cargo.toml` of `folder`; `None` where it has no `[package]`.
    pub fn read(folder: &str, text: &str) -> Option<Manifest> {
        let (mut name, mut dependencies, mut test_dependencies) = (None, Vec::new(), Vec::new());
        let mut section = String::new();
        for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            if let Some(header) = line.strip_prefix('[') {
                section = header.trim_end_matches(']').to_owned();
                // [dependencies.name] instead of a line in [dependencies]
                if let Some((kind, dependency)) = section.rsplit_once('.')
                    && let Some(list) = list(kind, &mut dependencies, &mut test_dependencies)
                {
                    list.push(dependency.trim_matches('"').to_owned());
                }
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim().split('.').next().unwrap_or_default().trim_matches('"');
            if section == "package" && key == "name" {
                name = Some(value.trim().trim_matches('"').to_owned());
            }
            if let Some(list) = list(&section, &mut dependencies, &mut test_dependencies) {
                list.push(renamed(value).unwrap_or(key).to_owned());
            }
        }
        name.map(|name| Manifest { folder: folder.to_owned(), name, dependencies, test_dependencies })
    }
}

/// The list that a section such as `dependencies` or `target.'cfg(unix)'.dev-dependencies` fills.
fn list<'a>(
    section: &str,
    dependencies: &'a mut Vec<String>,
    test_dependencies: &'a mut Vec<String>,
) -> Option<&'a mut Vec<String>> {
    match section.rsplit('.').next() {
        Some("dependencies" | "build-dependencies") if section != "workspace.dependencies" => {
            Some(dependencies)
        }
        Some("dev-dependencies") => Some(test_dependencies),
        _ => None,
    }
}

/// The package behind `name = { package = "other" }`.
fn renamed(value: &str) -> Option<&str> {
    value.split("package").nth(1)?.split('"').nth(1)
}

/// Dependencies between `manifests` that the rules forbid.
pub fn violations(manifests: &[Manifest]) -> Vec<String> {
    let mut found = Vec::new();
    for manifest in manifests {
        let place = format!("{}/Cargo.toml", manifest.folder);
        let rule = RULES.iter().find(|rule| rule.package == manifest.name);
        let for_tests = manifest.folder.starts_with(FOR_TESTS);
        if rule.is_none() && !for_tests {
            found.push(format!(
                "{place}: package '{}' is not in the table of tests/layers/packages.rs; give it a line there and in the book",
                manifest.name
            ));
            continue;
        }
        let (may_use, tests_may_use) = rule
            .map_or((&["epp", "freeland-loader"][..], &[][..]), |rule| (rule.may_use, rule.tests_may_use));
        let all = manifest
            .dependencies
            .iter()
            .map(|dependency| (dependency, false))
            .chain(manifest.test_dependencies.iter().map(|dependency| (dependency, true)));
        for (dependency, in_tests) in all {
            let dependency = dependency.as_str();
            let is_ours = manifests.iter().any(|other| other.name == dependency);
            let allowed = may_use.contains(&dependency) || in_tests && tests_may_use.contains(&dependency);
            if is_ours && dependency != manifest.name && !allowed {
                found.push(format!("{place}: '{}' must not depend on '{dependency}'", manifest.name));
            }
            if LIBTORCH.contains(&dependency) && !MAY_USE_LIBTORCH.contains(&manifest.name.as_str()) {
                found.push(format!(
                    "{place}: '{}' must not need libtorch, and does by '{dependency}'",
                    manifest.name
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, name: &str, dependencies: &str) -> Manifest {
        let text = format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}");
        Manifest::read(folder, &text).expect("has a package")
    }

    fn of(manifest: Manifest) -> Vec<String> {
        let others = RULES.iter().map(|rule| package("somewhere", rule.package, ""));
        let changed = manifest.name.clone();
        violations(&others.filter(|other| other.name != changed).chain([manifest]).collect::<Vec<_>>())
    }

    #[test]
    fn every_form_of_a_dependency_is_read() {
        let text = "[package]\nname = \"a\" # a\n[dependencies]\nb.workspace = true\nc = { version = \"1\" }\n\
                    x = { package = \"d\", version = \"1\" }\n[dependencies.e]\nversion = \"1\"\n\
                    [target.'cfg(unix)'.build-dependencies]\nf = \"1\"\n[dev-dependencies]\n# g = \"1\"\nh = \"1\"\n\
                    [features]\ni = []\n";
        let manifest = Manifest::read("some", text).expect("has a package");
        assert_eq!(manifest.dependencies, ["b", "c", "d", "e", "f"]);
        assert_eq!(manifest.test_dependencies, ["h"]);
        assert_eq!(Manifest::read("", "[workspace]\n[workspace.dependencies]\na = \"1\"\n"), None);
    }

    #[test]
    fn allowed_arrows_pass() {
        assert!(
            of(package("host/freeland", "freeland", "epp.workspace = true\ntch = \"1\"\nserde = \"1\""))
                .is_empty()
        );
        assert!(
            of(package("tests/misbehaving-plugins", "misbehaving", "epp = { path = \"../..\" }")).is_empty()
        );
    }

    #[test]
    fn forbidden_arrows_are_named() {
        for (folder, name, dependency) in [
            ("host/freeland", "freeland", "openmm"),
            ("host/loader", "freeland-loader", "tch"),
            ("plugins/toys", "freeland-toys", "freeland"),
            ("plugins/toys", "freeland-toys", "freeland-loader"),
            ("plugins/molecular-mechanics", "freeland-molecular-mechanics", "freeland-openmm"),
            ("tests/misbehaving-plugins", "misbehaving", "freeland"),
        ] {
            let found = of(package(folder, name, &format!("{dependency}.workspace = true")));
            assert_eq!(found.len(), 1, "{name} -> {dependency}: {found:?}");
            assert!(found[0].contains(folder) && found[0].contains(dependency), "{found:?}");
        }
    }

    #[test]
    fn what_tests_may_use_the_package_itself_may_not() {
        let text = "[package]\nname = \"freeland-molecular-mechanics\"\n[dev-dependencies]\nopenmm = \"1\"\n";
        let folder = "plugins/molecular-mechanics";
        assert!(of(Manifest::read(folder, text).expect("has a package")).is_empty());
        let text = text.replace("dev-dependencies", "dependencies");
        assert_eq!(of(Manifest::read(folder, &text).expect("has a package")).len(), 1);
    }

    #[test]
    fn an_unknown_package_is_refused() {
        assert_eq!(of(package("host/extra", "freeland-extra", "")).len(), 1);
    }
}
