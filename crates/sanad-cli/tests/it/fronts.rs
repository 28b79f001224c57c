//! The three fronts from declared indicators: of the first case, and of a small one that shows
//! when a value may enter.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{CASE, Lab, SANAD};

const INDICATORS: &str = r#"
evidence_floor = 0.5
reference = "2020-01/2023-12"
chronicle_covers = "2020-01/2024-12"
spread_within = 0.2
weight_spread = 0.2
draws = 100
seed = 1

[[pillar]]
id = "justice"
front = "governance"
title = "Justice"

[[indicator]]
id = "law"
pillar = "justice"
title = "rule of law"
strain = "lowers"
unit_of_place = "country"
unit_of_time = "year"
release_lag_months = 9
max_age_months = 24
scale = "linear"
goalposts = [0.0, 10.0]
reason = "R."
source = "own"
citation = "C."
series = { indicator = "law" }

[[indicator]]
id = "asked"
pillar = "justice"
title = "asked in SQL"
unit_of_place = "country"
unit_of_time = "year"
release_lag_months = 0
max_age_months = 12
scale = "linear"
goalposts = [0.0, 10.0]
reason = "R."
source = "own"
citation = "C."

[indicator.sql]
tables = ["observations"]
statement = "SELECT date_start AS date_from, date_end AS date_to, value FROM observations WHERE indicator = 'other'"
"#;

const CARD: &str = "id = \"own\"\nversion = \"1\"\ntitle = \"Own\"\ncitation = \"Own\"\nlicence = \"CC0-1.0\"\nurl = \"https://example.org\"\naccessed = \"2024-01-01\"\n";

/// A small case with a yearly series of 2021 and 2022.
fn lab() -> Lab {
    let lab = Lab::new();
    let case = CASE.replace("XXX", "PAK");
    let case = format!("{case}indicators = \"indicators.toml\"\n");
    lab.write_case("case", &[("case.toml", &case), ("indicators.toml", INDICATORS)]);
    lab.write(
        "own.csv",
        "indicator,date,value,standard_error,iso3\nlaw,2021,4,0.5,PAK\nlaw,2022,6,0.5,PAK\n\
         other,2022,3,0.5,PAK\n",
    );
    lab.write("own.toml", CARD);
    for arguments in [
        &["import", "case", "case"][..],
        &["import", "observations", "own.csv", "--card", "own.toml"],
    ] {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--observatory", crate::support::OBSERVATORY]);
        let done = lab.run(&arguments);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
    }
    lab
}

fn fronts(lab: &Lab, more: &[&str]) -> Vec<Value> {
    let mut arguments =
        vec!["fronts", "--observatory", crate::support::OBSERVATORY, "--format", "json"];
    arguments.extend(more);
    let done = lab.run(&arguments);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

fn row<'a>(rows: &'a [Value], month: &str, node: &str) -> &'a Value {
    rows.iter().find(|row| row["month"] == month && row["node"] == node).expect("a row")
}

#[test]
fn a_yearly_value_enters_when_it_is_released_and_widens_as_it_ages() {
    let lab = lab();
    let rows = fronts(&lab, &["--from", "2022-01"]);
    assert!(row(&rows, "2022-08", "law")["index"].is_null());
    let first = row(&rows, "2022-09", "law");
    assert_eq!((first["value"].as_f64(), first["age_months"].as_i64()), (Some(4.0), Some(9)));
    // Lower means more strain: 4 of 10 is a score of 60.
    assert!((first["index"].as_f64().unwrap() - 60.0).abs() < 1e-9);
    let next = row(&rows, "2023-09", "law");
    assert_eq!((next["value"].as_f64(), next["age_months"].as_i64()), (Some(6.0), Some(9)));
    let width = |month: &str| {
        let front = row(&rows, month, "governance");
        front["high_90"].as_f64().unwrap() - front["low_90"].as_f64().unwrap()
    };
    assert!(width("2022-09") < width("2022-11") && width("2023-09") < width("2024-06"));
    // A country stands for its province with a fifth of the scale as its error: ±33 points.
    assert!(width("2022-09") > 50.0, "{}", width("2022-09"));
    let share = |month: &str| row(&rows, month, "governance")["evidence_share"].as_f64();
    assert_eq!(
        (share("2022-09"), share("2022-12"), share("2024-12")),
        (Some(0.5), Some(1.0), Some(0.5))
    );
    // The year after the last release plus its age limit nothing is left to say.
    assert!(row(&rows, "2022-08", "governance")["index"].is_null());
}

#[test]
fn what_was_not_known_on_a_day_does_not_enter() {
    let lab = lab();
    let rows = fronts(&lab, &["--as-of", "2020-01-01"]);
    assert!(rows.iter().all(|row| row["index"].is_null() && row["evidence_share"] == 0.0));
}

#[test]
fn contributions_of_a_place_sum_to_its_index() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let run = |more: &[&str]| -> Vec<Value> {
        let output = Command::new(SANAD)
            .arg("fronts")
            .arg(&case)
            .args(["--format", "json"])
            .args(more)
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let parts = run(&["--why", "Balochistan", "2019-06"]);
    for front in ["narrative", "governance", "regional"] {
        let of_front: Vec<&Value> = parts.iter().filter(|row| row["front"] == front).collect();
        let sum: f64 = of_front.iter().map(|row| row["amount"].as_f64().unwrap()).sum();
        let index = of_front[0]["front_index"].as_f64().unwrap();
        assert!((sum - index).abs() < 1e-9, "{front}: {sum} against {index}");
    }
    let rows = run(&["--from", "2019-06", "--to", "2019-06"]);
    for row in rows.iter().filter(|row| row["level"] != "indicator") {
        let (low, high) = (row["low_90"].as_f64(), row["high_90"].as_f64());
        match row["index"].as_f64() {
            Some(index) => assert!(low.unwrap() <= index && index <= high.unwrap(), "{row}"),
            None => assert!(low.is_none() && row["evidence_share"].as_f64().unwrap() < 0.25),
        }
    }
}

#[test]
fn a_place_that_is_not_there_is_wrong_use() {
    let lab = lab();
    let base = ["fronts", "--observatory", crate::support::OBSERVATORY, "--why"];
    for place in [["Nowhere", "2021-01"], ["North", "someday"]] {
        let done = lab.run(&[&base[..], &place[..]].concat());
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        assert!(done.stderr.contains("expected"), "{}", done.stderr);
    }
}

#[test]
fn months_that_are_not_measured_are_refused_or_said_and_never_left_off_in_silence() {
    let lab = lab();
    let ask = |more: &[&str]| {
        lab.run(&[&["fronts", "--observatory", crate::support::OBSERVATORY], more].concat())
    };
    let beyond = ask(&["--from", "2024-01", "--to", "2026-02"]);
    assert_eq!(beyond.code, Some(0), "{}", beyond.stderr);
    assert!(beyond.stderr.contains("the fronts end in 2024-12"), "{}", beyond.stderr);
    for (more, option) in [
        (&["--why", "North", "2026-02"][..], "--why"),
        (&["--sensitivity", "2026-02"], "--sensitivity"),
        (&["--from", "2026-01"], "--from"),
        (&["--to", "1950-01"], "--to"),
    ] {
        let begun = std::time::Instant::now();
        let refused = ask(more);
        assert_eq!(refused.code, Some(2), "{more:?}: {}", refused.stderr);
        let said = format!("{option}: found {}", more[more.len() - 1]);
        assert!(refused.stderr.contains(&said), "{more:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("to 2024-12, the months that are measured"), "{more:?}");
        // Before anything is measured.
        assert!(!refused.stderr.contains("measure the fronts"), "{more:?}: {}", refused.stderr);
        assert!(begun.elapsed().as_secs() < 20, "{more:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn an_index_of_fronts_names_those_that_it_is_made_of() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let output = Command::new(SANAD)
        .args(["fronts", case.to_str().unwrap(), "--from", "2005-01", "--to", "2021-12"])
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let of_fronts: std::collections::BTreeMap<(String, String), Vec<String>> = rows
        .iter()
        .filter(|row| row["level"] == "front" && row["index"].is_f64())
        .fold(Default::default(), |mut found: std::collections::BTreeMap<_, Vec<String>>, row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            found.entry((text("place_id"), text("month"))).or_default().push(text("node"));
            found
        });
    let mut compositions = std::collections::BTreeSet::new();
    for row in rows.iter().filter(|row| row["level"] == "overall") {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let mut named: Vec<String> = text("composition").split('+').map(str::to_owned).collect();
        named.retain(|name| !name.is_empty());
        named.sort();
        let mut present =
            of_fronts.get(&(text("place_id"), text("month"))).cloned().unwrap_or_default();
        present.sort();
        assert_eq!(named, present, "{} {}", text("place_id"), text("month"));
        assert_eq!(row["index"].is_f64(), !named.is_empty(), "{row}");
        compositions.insert(named);
    }
    assert!(!compositions.is_empty());
}
