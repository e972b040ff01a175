//! One change of a serialised System, and what a refusal of it has to name.
use crate::tree::Tree;

/// A changed file.
pub struct Change {
    /// Where and what, for messages.
    pub what: String,
    /// One of these must stand in a refusal.
    pub names: Vec<String>,
    pub text: String,
}

/// Every change of a System, one at a time.
pub fn changes(system: &Tree) -> Vec<Change> {
    let mut changes = Vec::new();
    for path in system.paths(3) {
        let mut original = system.clone();
        let here = original.at(&path).clone();
        let place = place(system, &path);
        let mut add = |what: &str, names: &[&str], edit: &dyn Fn(&mut Tree)| {
            let mut changed = system.clone();
            edit(&mut changed);
            if changed != *system {
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                changes.push(Change { what: format!("{place}: {what}"), names, text: changed.write() });
            }
        };
        for (index, (name, value)) in here.attributes.iter().enumerate() {
            for other in others(name, value) {
                add(&format!("{name}=\"{value}\" to \"{other}\""), &[name], &|tree| {
                    tree.at(&path).attributes[index].1 = other.clone();
                });
            }
            add(&format!("without {name}"), &[name], &|tree| {
                tree.at(&path).attributes.remove(index);
            });
        }
        add("an unknown attribute", &["unheard"], &|tree| {
            tree.at(&path).attributes.push(("unheard".into(), "1".into()));
        });
        add("an unknown element", &["Unheard"], &|tree| {
            let unknown = Tree { name: "Unheard".into(), attributes: Vec::new(), children: Vec::new() };
            tree.at(&path).children.push(unknown);
        });
        let Some((&last, parents)) = path.split_last() else { continue };
        add("removed", &[&here.name], &|tree| {
            tree.at(parents).children.remove(last);
        });
        add("repeated", &[&here.name], &|tree| tree.at(parents).children.insert(last, here.clone()));
        add("renamed", &["Unheard"], &|tree| tree.at(&path).name = "Unheard".into());
    }
    changes
}

/// The names of the elements down a path, with their places.
fn place(system: &Tree, path: &[usize]) -> String {
    let mut tree = system;
    let mut names = vec![tree.name.clone()];
    for &place in path {
        tree = &tree.children[place];
        let kind = tree.attributes.iter().find(|(name, _)| name == "type").map(|(_, value)| value.as_str());
        names.push(format!("{}[{place}]", kind.unwrap_or(&tree.name)));
    }
    names.join("/")
}

/// Values to put in the place of `value`.
fn others(name: &str, value: &str) -> Vec<String> {
    let mut others = Vec::new();
    if let Ok(whole) = value.parse::<i64>() {
        others.extend([whole + 1, whole - 1].map(|other| other.to_string()));
    }
    if let Ok(number) = value.parse::<f64>() {
        others.extend([format!("{}", number * 1.03 + 0.004), format!("{}", -number - 0.01), "nan".into()]);
    } else {
        others.push(format!("{value}x"));
        others.push(String::new());
        if name == "expression" || name == "energy" {
            others.extend(expressions(value));
        }
    }
    others.push("many".into());
    others
}

/// The expression with one of its numbers or operators changed.
fn expressions(text: &str) -> Vec<String> {
    let mut others = vec![format!("2*({text}")];
    for (from, to) in
        [("+", "-"), ("-", "+"), ("*", "/"), ("0.5", "0.6"), ("^2", "^3"), ("tanh", "sin"), ("step(", "abs(")]
    {
        for (place, _) in text.match_indices(from) {
            others.push(format!("{}{to}{}", &text[..place], &text[place + from.len()..]));
        }
    }
    others
}
