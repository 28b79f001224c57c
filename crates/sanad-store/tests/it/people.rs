//! What the project ships names organisations and states, never persons.

use std::collections::BTreeSet;
use std::path::Path;

use sanad_store::Observatory;

#[test]
fn the_sides_of_shipped_counts_have_the_names_that_the_case_gives_them() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let folder = tempfile::tempdir().unwrap();
    let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
    observatory.import_case(&case, true, "2026-01-01".parse().unwrap()).unwrap();
    let listed: BTreeSet<String> =
        observatory.actors().unwrap().iter().map(|actor| actor.label().to_owned()).collect();
    let sides = observatory
        .sql("SELECT side_a AS side FROM counts UNION SELECT side_b FROM counts", 1)
        .unwrap();
    let mut text = Vec::new();
    sanad_store::export::write(&sides, sanad_store::export::Format::Json, &mut text).unwrap();
    let sides: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    assert!(sides.len() > 50, "{}", sides.len());
    for side in sides.iter().filter_map(|row| row["side"].as_str()) {
        assert!(side == "Civilians" || listed.contains(side), "{side} is not a name of the case");
    }
}
