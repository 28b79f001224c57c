//! Excitation between kinds of event whose moments are known.

use serde_json::Value;

use crate::support::Lab;

/// A hundred events of `spark`, ten units apart with a little jitter, each followed by one of
/// `fire` within one unit.
fn events() -> String {
    let mut table = "time,kind\n".to_owned();
    for number in 0..100_u32 {
        let time = 10.0 * f64::from(number) + f64::from(number * 7 % 13) / 4.0;
        let after = 0.1 + f64::from(number * 5 % 11) / 12.0;
        table.push_str(&format!("{time},spark\n{},fire\n", time + after));
    }
    table
}

fn link<'a>(rows: &'a [Value], from: &str, to: &str) -> &'a Value {
    rows.iter().find(|row| row["from"] == from && row["to"] == to).unwrap()
}

#[test]
fn moments_tell_which_kind_triggers_the_other() {
    let lab = Lab::bare();
    lab.write("events.csv", events());
    let done = lab.run(&["moments", "events.csv", "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(rows.len(), 4);
    let forward = link(&rows, "spark", "fire");
    let branching = forward["branching"].as_f64().unwrap();
    assert!(branching > 0.8, "{forward}");
    let half_life = forward["half_life"].as_f64().unwrap();
    assert!((0.1..2.0).contains(&half_life), "{forward}");
    let back = link(&rows, "fire", "spark");
    assert!(back["branching"].as_f64().unwrap() < 0.3 * branching, "{back}");
    assert!(done.stderr.contains("spectral radius"), "{}", done.stderr);
}

#[test]
fn a_half_life_that_is_known_is_not_estimated() {
    let lab = Lab::bare();
    lab.write("events.csv", events());
    let arguments = ["moments", "events.csv", "--half-life", "0.5", "--format", "json"];
    let done = lab.run(&arguments);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    let half_life = link(&rows, "spark", "fire")["half_life"].as_f64().unwrap();
    assert!((half_life - 0.5).abs() < 1e-9, "{half_life}");
}

#[test]
fn a_half_life_that_is_no_time_is_refused() {
    let lab = Lab::bare();
    lab.write("events.csv", events());
    for wrong in ["-1", "0", "nan", "inf"] {
        let done = lab.run(&["moments", "events.csv", &format!("--half-life={wrong}")]);
        assert!(matches!(done.code, Some(1 | 2)), "{wrong}: {}", done.stderr);
        assert!(done.stderr.contains("positive and finite"), "{wrong}: {}", done.stderr);
    }
}

#[test]
fn two_events_of_a_kind_at_one_moment_are_refused_with_what_to_do() {
    let lab = Lab::bare();
    lab.write("events.csv", "time,kind\n1,spark\n2,spark\n2,fire\n2,spark\n");
    let done = lab.run(&["moments", "events.csv"]);
    assert_eq!(done.code, Some(1));
    let (what, hint) = ("two events of the kind \"spark\" at 2", "`sanad cycle`");
    assert!(done.stderr.contains(what) && done.stderr.contains(hint), "{}", done.stderr);
    lab.write("events.csv", "time,kind\n1,spark\n2,\n");
    let done = lab.run(&["moments", "events.csv"]);
    assert!(done.stderr.contains("row 3, column kind: no value"), "{}", done.stderr);
}

#[test]
fn moments_that_are_no_numbers_are_refused_with_their_row() {
    let lab = Lab::bare();
    lab.write("events.csv", "time,kind\n1.5,spark\n-2,fire\n");
    let done = lab.run(&["moments", "events.csv"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("row 3, column time: found -2"), "{}", done.stderr);
}
