//! The documents say what the code does.

use std::fs;
use std::path::Path;

fn document(name: &str) -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let text = fs::read_to_string(&path).unwrap_or_default();
    (path, text)
}

#[test]
fn the_tables_of_stages_in_the_docs_are_those_of_the_code() {
    let (path, text) = document("desk-states.md");
    let head = text.split_once("\n## ").map_or(text.as_str(), |(head, _)| head);
    let expected = format!("{}\n\n{}", head.trim_end(), sanad_desk::tables_as_markdown());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        fs::write(path, &expected).unwrap();
        return;
    }
    assert_eq!(text, expected, "INSTA_UPDATE=always cargo test -p sanad-desk docs rewrites it");
}

#[test]
fn every_document_of_the_desk_opens_with_the_missing_audit() {
    for name in ["desk.md", "desk-states.md", "desk-threats.md", "desk-server.md", "desk-matrix.md"]
    {
        let (_, text) = document(name);
        let first = text.lines().filter(|line| !line.is_empty()).nth(1).unwrap_or_default();
        let said = format!("{}.", sanad_desk::NO_AUDIT);
        assert_eq!(first.to_lowercase(), said.to_lowercase(), "{name}");
    }
}

#[test]
fn every_test_that_the_threats_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => code += &fs::read_to_string(path).unwrap(),
            }
        }
    }
    // What an observatory does with an export is tested where it is read.
    code += &fs::read_to_string(root.join("../sanad-source/src/desk.rs")).unwrap();
    let (_, text) = document("desk-threats.md");
    let named = text.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 3);
    let named: Vec<&str> = named.collect();
    assert!(named.len() > 10);
    for test in named {
        assert!(code.contains(&format!("fn {test}(")), "no test is called {test}");
    }
}
