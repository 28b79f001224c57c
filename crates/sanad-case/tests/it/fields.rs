//! `cases/README.md` against the fields that the readers know, as their sources declare them.

#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The sources that declare what a file of a case holds, and the sections of the page that explain it.
/// Names after the colon are the only types of a source that count.
const EXPLAINED: [(&str, &str); 12] = [
    ("sanad-case/src/card.rs", "`case.toml`"),
    ("sanad-case/src/places.rs sanad-core/src/place.rs:Place,Alias,Successor", "`places.toml`"),
    ("sanad-case/src/actors.rs sanad-core/src/actor.rs:Actor", "`actors.toml`"),
    ("sanad-case/src/chronicle.rs sanad-core/src/chronicle.rs", "Chronicle"),
    ("sanad-case/src/cycle.rs", "`cycle.toml`"),
    ("sanad-case/src/indicators/mod.rs sanad-case/src/indicators/method.rs", "`indicators.toml`"),
    ("sanad-case/src/codebook.rs", "`codebook.toml`"),
    ("sanad-case/src/claims.rs", "`claims.toml`"),
    ("sanad-case/src/scenarios.rs:Priors,Calibration,Target,DeclaredPrior", "`priors.toml`"),
    ("sanad-case/src/scenarios.rs:Lever", "`levers.toml`"),
    (
        "sanad-case/src/scenarios.rs:Scenarios,DeclaredScenario,DeclaredOutcome,DeclaredShock",
        "`scenarios.toml`",
    ),
    ("sanad-case/src/benchmarks.rs", "`benchmarks.toml`"),
];
const OUTLINE: (&str, &str) = ("sanad-case/src/outline.rs", "`brief.toml`");

/// Fields of the types in a source that are read from a file: name, and whether it must be there.
fn fields(source: &str, types: &[&str]) -> BTreeMap<String, bool> {
    let (mut found, mut reads, mut inside) = (BTreeMap::new(), false, false);
    let (mut optional, mut all_optional, mut renamed) = (false, false, None);
    for line in source.lines().take_while(|line| !line.starts_with("mod tests")) {
        let text = line.trim();
        if line.starts_with("#[derive") {
            reads = text.contains("Deserialize");
        } else if let Some(name) = declared(line) {
            let name = name.split(['<', ' ', '(', ';']).next().unwrap_or_default();
            inside = reads && line.ends_with('{') && (types.is_empty() || types.contains(&name));
            (reads, all_optional, optional) = (false, optional, false);
        } else if line == "}" {
            inside = false;
        } else if text.starts_with("#[serde(") {
            optional |= text.contains("default");
            renamed = renamed.or_else(|| quoted_after(text, "rename = "));
        } else if let Some((name, kind)) = field(text) {
            let must = !optional && !all_optional && !kind.starts_with("Option<");
            let name = renamed.take().unwrap_or_else(|| name.to_owned());
            if inside {
                found.insert(name, must);
            }
            optional = false;
        }
    }
    found
}

/// The name of a type that begins on this line.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum "))
}

fn quoted_after(text: &str, key: &str) -> Option<String> {
    let rest = text.split(key).nth(1)?.strip_prefix('"')?;
    rest.split('"').next().map(str::to_owned)
}

/// Name and type of a field, if the line declares one.
fn field(text: &str) -> Option<(&str, &str)> {
    let (name, kind) = text.strip_prefix("pub ").unwrap_or(text).split_once(": ")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (name.bytes().all(plain) && !name.is_empty() && kind.ends_with(',')).then_some((name, kind))
}

/// The parts of the page under headings that begin with `title`.
fn sections(page: &str, title: &str) -> String {
    let mut text = String::new();
    let mut level = 0;
    for line in page.lines() {
        let depth = line.bytes().take_while(|&byte| byte == b'#').count();
        if depth > 0 && (level == 0 || depth <= level) {
            let is_meant = line.trim_start_matches('#').trim_start().starts_with(title);
            level = if is_meant { depth } else { 0 };
        }
        if level > 0 {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_page_lists_every_field_that_is_read_and_marks_those_that_must_be_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| fs::read_to_string(root.join(path)).expect(path);
    let page = read("cases/README.md");
    let mut wrong = Vec::new();
    let mut counted = 0;
    for (sources, title) in EXPLAINED.into_iter().chain([OUTLINE]) {
        let section = sections(&page, title);
        for source in sources.split(' ') {
            let (path, types) = source.split_once(':').unwrap_or((source, ""));
            let types: Vec<&str> = types.split(',').filter(|name| !name.is_empty()).collect();
            for (name, must) in fields(&read(&format!("crates/{path}")), &types) {
                counted += 1;
                let is_table = section.contains(&format!("[{name}]"))
                    || section.contains(&format!(".{name}]"));
                let is_marked = section.contains(&format!("`{name}` *"));
                if !is_table && !section.contains(&format!("`{name}`")) {
                    wrong.push(format!("{title} does not list {name} ({path})"));
                } else if must && !is_marked && !is_table {
                    wrong.push(format!("{title} does not mark {name} as needed ({path})"));
                }
            }
        }
    }
    assert!(counted > 150, "only {counted} fields were found in the sources");
    assert!(wrong.is_empty(), "{} of {counted}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_page_lists_every_means_of_attack() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("cases/README.md")).expect("cases/README.md");
    let section = sections(&page, "Chronicle");
    for means in sanad_core::event::Means::ALL {
        assert!(section.contains(&format!("`{means}`")), "cases/README.md does not list {means}");
    }
}
