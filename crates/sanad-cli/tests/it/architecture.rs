//! The crates as `crates/edges.toml` allows them: what uses what, downwards only, and no large
//! circle of files within a crate.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most files that may use one another in a circle.
const LARGEST_CIRCLE: usize = 3;

/// A crate and the crates of the workspace that it uses.
#[derive(Debug, Clone, PartialEq)]
struct Crate {
    name: String,
    uses: BTreeSet<String>,
}

/// A circle of files that is known and is to go.
struct KnownCircle {
    in_crate: String,
    files: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn edges_file() -> toml::Table {
    let text = fs::read_to_string(root().join("crates/edges.toml")).unwrap();
    text.parse().unwrap()
}

fn tables<'a>(file: &'a toml::Table, name: &str) -> &'a [toml::Value] {
    file.get(name).and_then(toml::Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(table: &toml::Value, name: &str) -> String {
    table[name].as_str().unwrap().to_owned()
}

fn texts(table: &toml::Value, name: &str) -> BTreeSet<String> {
    table[name].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// The crates of `crates/edges.toml`, in its order.
fn allowed() -> Vec<Crate> {
    let file = edges_file();
    let read = |table| Crate { name: text(table, "name"), uses: texts(table, "uses") };
    tables(&file, "crate").iter().map(read).collect()
}

/// The circles that `crates/edges.toml` knows. Each says why it is there.
fn known_circles() -> Vec<KnownCircle> {
    let file = edges_file();
    let read = |table| {
        assert!(!text(table, "reason").is_empty(), "a circle without a reason: {table}");
        KnownCircle { in_crate: text(table, "crate"), files: texts(table, "files") }
    };
    tables(&file, "circle").iter().map(read).collect()
}

/// The crates of the workspace as cargo sees them, by name.
fn used() -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    let uses = |package: &serde_json::Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let of_the_crate = dependencies.filter(|dependency| dependency["kind"] != "dev");
        of_the_crate.map(name).filter(|used| members.contains(used)).collect()
    };
    packages.iter().map(|package| Crate { name: name(package), uses: uses(package) }).collect()
}

/// What two lists of crates do not agree on, in sentences.
fn disagreements(allowed: &[Crate], used: &[Crate]) -> Vec<String> {
    let allowed: BTreeMap<&str, &Crate> =
        allowed.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let used: BTreeMap<&str, &Crate> =
        used.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let mut found = Vec::new();
    for (name, entry) in &used {
        let Some(listed) = allowed.get(name) else {
            found.push(format!(
                "{name} is not listed; it would be [[crate]] name = {name:?} uses = {:?}",
                entry.uses
            ));
            continue;
        };
        for other in entry.uses.difference(&listed.uses) {
            found.push(format!("{name} uses {other}, which its line does not allow"));
        }
        for other in listed.uses.difference(&entry.uses) {
            found.push(format!("{name} may use {other} but does not: strike it out"));
        }
    }
    let gone = allowed.keys().filter(|name| !used.contains_key(*name));
    found.extend(gone.map(|name| format!("{name} is listed but is no crate of the workspace")));
    found
}

/// Crates that are listed twice, and uses of a crate that does not stand below.
fn upward(allowed: &[Crate]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, entry) in allowed.iter().enumerate() {
        if allowed[..index].iter().any(|above| above.name == entry.name) {
            found.push(format!("{} is listed twice", entry.name));
        }
        let below: BTreeSet<&str> =
            allowed[index + 1..].iter().map(|below| below.name.as_str()).collect();
        let not_below = entry.uses.iter().filter(|other| !below.contains(other.as_str()));
        found.extend(not_below.map(|other| format!("{} uses {other}, not below it", entry.name)));
    }
    found
}

/// Circles of more than [`LARGEST_CIRCLE`] files that are not known, and known ones that are gone.
fn unknown_circles(circles: &[(String, BTreeSet<String>)], known: &[KnownCircle]) -> Vec<String> {
    let large = || circles.iter().filter(|(_, files)| files.len() > LARGEST_CIRCLE);
    let belongs = |(name, files): &(String, BTreeSet<String>), known: &KnownCircle| {
        *name == known.in_crate && files.is_subset(&known.files)
    };
    let new = large().filter(|circle| !known.iter().any(|known| belongs(circle, known)));
    let gone = known.iter().filter(|known| !large().any(|circle| belongs(circle, known)));
    new.map(|(name, files)| format!("{name}: these files use one another in a circle: {files:?}"))
        .chain(gone.map(|known| {
            format!("{}: the circle {:?} is gone: strike it out", known.in_crate, known.files)
        }))
        .collect()
}

#[test]
fn crates_use_what_the_list_of_edges_allows_and_no_more() {
    let found = disagreements(&allowed(), &used());
    assert!(found.is_empty(), "crates/edges.toml and the crates differ:\n{}", found.join("\n"));
}

#[test]
fn crates_use_only_what_stands_below_them() {
    let found = upward(&allowed());
    assert!(found.is_empty(), "crates/edges.toml:\n{}", found.join("\n"));
}

#[test]
fn no_crate_has_a_new_circle_of_more_than_three_files() {
    let mut circles = Vec::new();
    for entry in used() {
        let files = modules::files(&root().join("crates").join(&entry.name).join("src"));
        assert!(!files.is_empty(), "{} has no files", entry.name);
        let found = modules::circles(&files);
        circles.extend(found.into_iter().map(|circle| (entry.name.clone(), circle)));
    }
    let found = unknown_circles(&circles, &known_circles());
    assert!(found.is_empty(), "circles against crates/edges.toml:\n{}", found.join("\n"));
}

#[test]
fn an_edge_that_is_not_listed_or_not_used_or_leads_up_is_told() {
    let entry = |name: &str, uses: &[&str]| Crate {
        name: name.to_owned(),
        uses: uses.iter().map(|&used| used.to_owned()).collect(),
    };
    let allowed = [entry("top", &["middle"]), entry("middle", &["top"]), entry("gone", &[])];
    let used = [entry("top", &["middle", "new"]), entry("middle", &[]), entry("new", &[])];
    assert_eq!(
        disagreements(&allowed, &used),
        [
            "middle may use top but does not: strike it out",
            "new is not listed; it would be [[crate]] name = \"new\" uses = {}",
            "top uses new, which its line does not allow",
            "gone is listed but is no crate of the workspace",
        ]
    );
    assert_eq!(upward(&allowed), ["middle uses top, not below it"]);
}

#[test]
fn a_circle_is_told_when_it_is_new_or_grows_or_is_gone() {
    let names = |files: &[&str]| files.iter().map(|&file| file.to_owned()).collect::<BTreeSet<_>>();
    let known = |files: &[&str]| [KnownCircle { in_crate: "a".to_owned(), files: names(files) }];
    let found = [("a".to_owned(), names(&["1", "2", "3", "4"]))];
    assert!(unknown_circles(&found, &known(&["1", "2", "3", "4", "5"])).is_empty());
    assert_eq!(unknown_circles(&found, &[]).len(), 1);
    assert_eq!(unknown_circles(&[], &known(&["1", "2", "3", "4"])).len(), 1);
    assert_eq!(unknown_circles(&found, &known(&["1", "2", "3", "5"])).len(), 2);
    let small = [("a".to_owned(), names(&["1", "2", "3"]))];
    assert!(unknown_circles(&small, &[]).is_empty());
}
