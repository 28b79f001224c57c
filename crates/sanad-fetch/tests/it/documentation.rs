//! `docs/fetching.md` against the fields that the catalogue's reader knows, and against the catalogue.

use std::fs;
use std::path::Path;

use sanad_fetch::Catalogue;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fields of the types that are read from a catalogue, and the words of its enums of kinds.
fn fields(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut reads, mut inside, mut renamed) = (false, false, None);
    for line in source.lines().take_while(|line| !line.starts_with("mod tests")) {
        let text = line.trim();
        if line.starts_with("#[derive") {
            reads = text.contains("Deserialize");
        } else if line.starts_with("pub struct ") || line.starts_with("pub enum ") {
            (inside, reads) = (reads && line.ends_with('{'), false);
        } else if line == "}" {
            inside = false;
        } else if let Some(name) = text.split("rename = \"").nth(1) {
            renamed = name.split('"').next().map(str::to_owned);
        } else if let Some((name, _)) = text.trim_start_matches("pub ").split_once(": ") {
            let is_plain = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit());
            if inside && is_plain && text.ends_with(',') {
                found.push(renamed.take().unwrap_or_else(|| name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_page_explains_every_field_of_a_catalogue() {
    let page = read("docs/fetching.md");
    let mut counted = 0;
    for file in ["catalogue.rs", "expected.rs", "lookup.rs"] {
        for name in fields(&read(&format!("crates/sanad-fetch/src/{file}"))) {
            counted += 1;
            let is_explained = page.contains(&format!("`{name}`"))
                || page.contains(&format!("[{name}]"))
                || page.contains(&format!(".{name}]"));
            assert!(is_explained, "docs/fetching.md does not explain {name} ({file})");
        }
    }
    assert!(counted > 45, "only {counted} fields were found");
}

#[test]
fn the_page_lists_every_source_and_every_token_and_says_what_was_tried() {
    let page = read("docs/fetching.md");
    let catalogue = Catalogue::shipped().unwrap();
    for data_set in &catalogue.sources {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", data_set.id)));
        let row = row.unwrap_or_else(|| panic!("docs/fetching.md has no row for {}", data_set.id));
        assert!(row.contains(&data_set.licence), "{}: {}", data_set.id, data_set.licence);
        assert_eq!(row.ends_with("| yes |"), data_set.tried, "{row}");
    }
    for publisher in &catalogue.publishers {
        let Some(rule) = &publisher.token else { continue };
        assert!(page.contains(&format!("`{}`", rule.variable)), "{}", rule.variable);
    }
}
