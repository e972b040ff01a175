//! Every file of tests/config/good reads, and is written so that it reads back equal; every file of tests/config/bad is
//! refused with the message in its last line, `#^ key: reason`.
//!
//! To see what a refusal says now, run with `--nocapture`; a new file needs nothing but to be there.

use std::path::{Path, PathBuf};

use freeland::config::Config;

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/config").join(name);
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    assert!(files.len() > 3, "{} holds files", folder.display());
    files
}

#[test]
fn good_files_read_and_read_back_equal() {
    for file in corpus("good") {
        let config = Config::read(&file).unwrap_or_else(|error| panic!("{error}"));
        let resolved = config.to_toml().unwrap();
        let again = Config::parse(&resolved, Path::new("config.toml"))
            .unwrap_or_else(|error| panic!("{error}\n{resolved}"));
        assert_eq!(config, again, "{}:\n{resolved}", file.display());
    }
}

#[test]
fn bad_files_are_refused_with_their_message() {
    let mut wrong = Vec::new();
    for file in corpus("bad") {
        let text = std::fs::read_to_string(&file).unwrap();
        let last = text.lines().next_back().unwrap_or_default();
        let expected = last.strip_prefix("#^ ").expect("the last line begins with #^");
        let found = match Config::read(&file) {
            Ok(_) => "it was accepted".to_owned(),
            Err(error) => error.to_string(),
        };
        // FILE:LINE: in front, the line being one of the file.
        let rest = found.strip_prefix(&format!("{}:", file.display())).unwrap_or(&found);
        let (line, message) = rest.split_once(": ").unwrap_or(("", rest));
        let line_exists = line.parse().is_ok_and(|line: usize| (1..=text.lines().count()).contains(&line));
        println!("{found}");
        if message != expected || !line_exists {
            wrong.push(format!("{}\n  expected: {expected}\n  found:    {found}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_error_points_at_the_line_of_its_key() {
    let line = |text: &str| {
        let error = Config::parse(text, Path::new("x.toml")).unwrap_err().to_string();
        error.split(':').nth(1).unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(line("temperature = 300\n"), 1);
    let start = "temperature = \"1 K\"\n[potential]\nplugin = \"x\"\n";
    let variables = "variables = [\n  \"phi\",\n  { torsion = \"psi\", bins = 1 },\n]\n";
    assert_eq!(line(&format!("{start}\n[coarse]\n{variables}")), 8);
    assert_eq!(line(&format!("{start}sha256 = \"1\"\n")), 4);
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::read(Path::new("nowhere/run.toml")).unwrap_err().to_string();
    assert!(error.starts_with("nowhere/run.toml: cannot be read: "), "{error}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/config/good");
    let config = Config::read(&folder.join("library-by-path.toml")).unwrap();
    let expected = std::path::absolute(&folder).unwrap().join("plugins/libmine.so");
    assert_eq!(config.potential.plugin, format!("{}#mueller-brown", expected.display()));
}
