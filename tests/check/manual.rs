//! The chapter of the manual has the catalogue, as it is.

use freeland_loader::check::{Grade, catalogue};

#[test]
fn the_manual_lists_every_check() {
    let chapter = include_str!("../../host/book/src/plugin-check.md");
    let is_row =
        |line: &&str| ["| `library/", "| `evaluation/", "| `process/"].iter().any(|it| line.starts_with(it));
    let rows: Vec<&str> = chapter.lines().filter(is_row).collect();
    let expected: Vec<String> = catalogue()
        .map(|check| {
            let grade = match check.grade {
                Grade::Mandatory => "mandatory",
                Grade::Consistency => "consistency",
                Grade::Information => "information",
            };
            format!("| `{}` | {grade} | {} | {} |", check.id, check.title, check.applies)
        })
        .collect();
    assert_eq!(rows.len(), expected.len(), "expected:\n{}", expected.join("\n"));
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected);
    }
}
