//! From a desk's export into an observatory and a front: the desk's demonstration, whose mark is not lost
//! on the way.
//!
//! The files are those that `sanad-desk demo` writes; a test of the desk holds them to its program.

use serde_json::Value;

use crate::support::{CASE, Lab, events};

const COUNTS: &str = include_str!("../../../sanad-desk/demo/export/counts.csv");
const CARD: &str = include_str!("../../../sanad-desk/demo/export/card.toml");

/// The invented districts of the demonstration as places of an invented case.
const PLACES: &str = r#"
[[place]]
id = "X"
name = "Country of X"
level = "country"
gwno = 770

[[place]]
id = "X1"
name = "North"
level = "adm1"
within = "X"

[[place]]
id = "X11"
name = "Upper Valley (invented)"
level = "adm2"
within = "X1"

[[place]]
id = "X12"
name = "Lower Valley (invented)"
level = "adm2"
within = "X1"

[[place]]
id = "X13"
name = "River Plain (invented)"
level = "adm2"
within = "X1"

[[place]]
id = "X14"
name = "Salt Hills (invented)"
level = "adm2"
within = "X1"
"#;

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
    let files = [("case.toml", &*case), ("places.toml", PLACES), ("indicators.toml", &*indicators)];
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

/// Invented counts of a body that receives complaints about detention alone, and of one that receives
/// harm.
const WHOLE_COUNTRY: &str = "\
quarter,body,body_name,district,district_name,breakdown,class,files,status
2026-Q1,detention-review,Detention Review (invented),all districts,,stage,open,10,invented
2026-Q1,detention-review,Detention Review (invented),all districts,,stage,answered,14,invented
2026-Q1,detention-review,Detention Review (invented),all districts,,stage,closed,16,invented
2026-Q2,detention-review,Detention Review (invented),all districts,,stage,open,12,invented
2026-Q2,detention-review,Detention Review (invented),all districts,,stage,answered,20,invented
2026-Q2,detention-review,Detention Review (invented),all districts,,stage,closed,28,invented
2026-Q2,harm-board,Civilian Harm Board (invented),all districts,,promptness,all deadlines kept,45,invented
2026-Q2,harm-board,Civilian Harm Board (invented),all districts,,promptness,a deadline missed,15,invented
2026-Q2,harm-board,Civilian Harm Board (invented),all districts,,compensation,no compensation decided,30,invented
2026-Q2,harm-board,Civilian Harm Board (invented),all districts,,compensation,compensation decided,10,invented
2026-Q2,harm-board,Civilian Harm Board (invented),all districts,,compensation,compensation paid,30,invented
";

/// A benchmark that is read from a series of a desk.
fn benchmark(id: &str, (source, indicator, body): (&str, &str, &str)) -> String {
    format!(
        r#"
[[benchmark]]
id = "{id}"
title = "T"
front = "governance"
paragraph = 28
indicator = "share of files"
unit = "share"
better = "more"
target = 0.78
due = "2026-12"
due_set_by = "case"
series = {{ source = "{source}", indicator = "{indicator}", item = "{body}" }}
"#
    )
}

#[test]
fn benchmarks_read_detentions_answered_harm_acknowledged_in_time_and_compensation_paid() {
    let invented = "desk-invented";
    let benchmarks = [
        benchmark("detentions", (invented, "invented_desk_answered_share", "detention-review")),
        benchmark("acknowledged", (invented, "invented_desk_on_time_share", "harm-board")),
        benchmark("paid", (invented, "invented_desk_compensation_paid_share", "harm-board")),
        benchmark("real", ("desk", "desk_answered_share", "detention-review")),
    ];
    let lab = Lab::bare();
    let case = CASE.replace("XXX", "PAK").replace("2022-01-01", "2026-01-01");
    let case = format!("{case}\n[files]\nbenchmarks = \"benchmarks.toml\"\n");
    let benchmarks = benchmarks.concat();
    let files = [("case.toml", &*case), ("places.toml", PLACES), ("benchmarks.toml", &*benchmarks)];
    lab.write_case("case", &files);
    lab.write("counts.csv", WHOLE_COUNTRY);
    lab.write("card.toml", CARD);
    lab.done(&["import", "case", "case"]);
    lab.done(&["import", "desk", "counts.csv", "--card", "card.toml"]);
    let standings = |as_of: &str| -> Vec<(String, String, Option<f64>)> {
        let rows = rows(&lab, &["benchmarks", "--as-of", as_of]);
        let text = |row: &Value, column: &str| row[column].as_str().unwrap_or("").to_owned();
        rows.iter()
            .map(|row| (text(row, "benchmark"), text(row, "status"), row["last"].as_f64()))
            .collect()
    };
    let standing = |id: &str, status: &str, last| (id.to_owned(), status.to_owned(), last);
    assert_eq!(
        standings("2026-09"),
        [
            standing("detentions", "met", Some(0.8)),
            standing("acknowledged", "open", Some(0.75)),
            standing("paid", "open", Some(0.75)),
            standing("real", "unmeasurable", None),
        ]
    );
    // Before the second quarter was over, the first was the last.
    assert_eq!(standings("2026-05")[0], standing("detentions", "open", Some(0.75)));
    assert_eq!(standings("2026-05")[1], standing("acknowledged", "unmeasurable", None));
}
