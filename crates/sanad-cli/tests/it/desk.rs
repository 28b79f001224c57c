//! From a desk's export into an observatory and a front: the desk's demonstration, whose mark is not lost
//! on the way.
//!
//! The files are those that `sanad-desk demo` writes; a test of the desk holds them to its program.

use serde_json::Value;

use crate::support::{CASE, Lab, PLACES, events};

const COUNTS: &str = include_str!("../../../sanad-desk/demo/export/counts.csv");
const CARD: &str = include_str!("../../../sanad-desk/demo/export/card.toml");

/// The invented districts of the demonstration as places of the small country.
fn places() -> String {
    let mut places = PLACES
        .replace("\"Hill\"", "\"Upper Valley (invented)\"")
        .replace("\"Vale\"", "\"Lower Valley (invented)\"");
    for (id, name) in [("X13", "River Plain (invented)"), ("X14", "Salt Hills (invented)")] {
        places.push_str(&format!(
            "\n[[place]]\nid = \"{id}\"\nname = \"{name}\"\nlevel = \"adm2\"\nwithin = \"X1\"\n"
        ));
    }
    places
}

/// A front that reads how many files the complaints office received, by the code and the source that are
/// given.
fn indicators(code: &str, source: &str) -> String {
    format!(
        r#"
evidence_floor = 0.5
reference = "2026-01/2026-12"
chronicle_covers = "2026-01/2026-12"
spread_within = 0.2
weight_spread = 0.2
draws = 20
seed = 1

[[pillar]]
id = "redress"
front = "governance"
title = "Redress"

[[indicator]]
id = "files"
pillar = "redress"
title = "files at the complaints office"
strain = "lowers"
unit_of_place = "adm2"
unit_of_time = "month"
release_lag_months = 2
max_age_months = 12
scale = "linear"
goalposts = [0.0, 200.0]
assumed_error = 1.0
reason = "R."
source = "{source}"
citation = "C."
series = {{ indicator = "{code}", items = ["complaints-office"] }}
"#
    )
}

fn lab_with(code: &str, source: &str) -> Lab {
    let lab = Lab::bare();
    let case = CASE.replace("XXX", "PAK").replace("2022-01-01", "2026-01-01");
    let case = format!("{case}indicators = \"indicators.toml\"\n");
    let indicators = indicators(code, source);
    let places = places();
    let files =
        [("case.toml", &*case), ("places.toml", &*places), ("indicators.toml", &*indicators)];
    lab.write_case("case", &files);
    lab.write("counts.csv", COUNTS);
    lab.write("card.toml", CARD);
    lab.write("GEDEvent_v22_1.csv", events(&[]));
    lab.done(&["import", "case", "case"]);
    lab.done(&["import", "ucdp-ged", "GEDEvent_v22_1.csv"]);
    lab.done(&["import", "desk", "counts.csv", "--card", "card.toml"]);
    lab
}

fn rows(lab: &Lab, arguments: &[&str]) -> Vec<Value> {
    let text = lab.done(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&text).expect("rows of JSON")
}

#[test]
fn an_export_of_a_desk_becomes_observations_that_say_in_code_name_and_source_that_they_are_invented()
 {
    let lab = lab_with("invented_desk_files", "desk-invented");
    let observations = rows(&lab, &["observations"]);
    assert!(observations.len() > 10, "{}", observations.len());
    for one in &observations {
        let text = |column: &str| one[column].as_str().unwrap_or_default().to_owned();
        assert!(text("indicator").starts_with("invented_desk_"), "{one}");
        assert!(one.to_string().contains("INVENTED"), "{one}");
        assert!(one.to_string().contains("desk-invented"), "{one}");
    }
    let named = |name: &str| observations.iter().any(|one| one.to_string().contains(name));
    assert!(named("Upper Valley (invented)") && named("\"complaints-office\""));
    // A card that was changed by hand hides nothing.
    let bare = CARD.replace(" (INVENTED, for demonstration)", "").replace("desk-invented", "desk");
    let other = Lab::bare();
    other.write("counts.csv", COUNTS);
    other.write("card.toml", bare);
    other.done(&["import", "desk", "counts.csv", "--card", "card.toml"]);
    for one in rows(&other, &["observations"]) {
        let text = one.to_string();
        assert!(one["indicator"].as_str().unwrap().starts_with("invented_desk_"), "{one}");
        assert!(text.contains("INVENTED"), "{one}");
    }
}

#[test]
fn a_front_reads_what_a_desk_released_and_one_that_asks_for_real_counts_reads_nothing_invented() {
    let marked = lab_with("invented_desk_files", "desk-invented");
    let real = lab_with("desk_files", "desk");
    let share = |lab: &Lab| {
        let asked = ["fronts", "--unit", "adm2", "--from", "2026-06", "--to", "2026-12"];
        let rows = rows(lab, &asked);
        rows.iter()
            .filter(|row| row["node"] == "governance")
            .filter_map(|row| row["evidence_share"].as_f64())
            .fold(0.0_f64, f64::max)
    };
    assert!(share(&marked) > 0.99, "a district with counts has all of its evidence");
    assert!(share(&real) == 0.0, "nothing invented is read in place of something real");
}
