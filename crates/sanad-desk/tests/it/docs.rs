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
