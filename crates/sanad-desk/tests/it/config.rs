//! What `desk.toml` may say, and what is answered when it says something else.

use std::collections::BTreeSet;

use sanad_desk::{ConfigError, DeskConfig, Role};

const DEMO: &str = include_str!("../../demo/desk.toml");

fn faults(text: &str) -> Vec<String> {
    match DeskConfig::read(text, "desk.toml") {
        Err(ConfigError::Faults { faults, .. }) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

/// The demonstration with one piece of text exchanged.
fn changed(from: &str, to: &str) -> String {
    assert!(DEMO.contains(from), "{from}");
    DEMO.replacen(from, to, 1)
}

#[test]
fn the_demonstration_can_be_read_and_says_that_it_is_invented() {
    let config = DeskConfig::read(DEMO, "desk.toml").unwrap();
    assert!(config.is_invented);
    assert_eq!(config.channels.len(), 3);
    let channel = config.channel("complaints").unwrap();
    assert_eq!(config.ladder(channel), ["complaints-office", "ombuds-office"]);
}

#[test]
fn a_fault_says_where_what_was_found_what_was_expected_and_what_to_do() {
    let text = changed("body = \"complaints-office\"", "body = \"nobody\"");
    assert_eq!(
        faults(&text),
        ["channel \"complaints\".body: found \"nobody\", expected the id of a declared body, or \
          nobody would receive. To mend it: declare it as a [[body]]."]
    );
    let error = DeskConfig::read(&text, "desk.toml").unwrap_err().to_string();
    assert!(error.starts_with("desk.toml has 1 fault(s):\n  channel"), "{error}");
}

#[test]
fn text_that_is_no_such_file_is_answered_with_line_and_column() {
    let error = DeskConfig::read("[desk]\nname = 3\n", "desk.toml").unwrap_err().to_string();
    assert!(error.starts_with("desk.toml cannot be read: TOML parse error at line 2"), "{error}");
    let misspelt = changed("zone =", "zoen =");
    let error = DeskConfig::read(&misspelt, "desk.toml").unwrap_err().to_string();
    assert!(error.contains("zoen"), "{error}");
}

#[test]
fn each_way_to_be_wrong_is_found() {
    let wrong = [
        ("zone = \"Asia/Karachi\"", "zone = \"Nowhere\"", "desk.zone"),
        ("\"custodian-one\", \"custodian-two\", \"custodian-three\"", "\"a\"", "desk.custodians"),
        ("\"custodian-two\"", "\"custodian-one\"", "desk.custodians"),
        ("\"monday\"", "\"Moonday\"", "calendar.weekdays"),
        ("\"2026-03-23\"", "\"2026-02-30\"", "calendar.holidays"),
        ("id = \"lower-valley\"", "id = \"upper-valley\"", "district \"upper-valley\""),
        ("id = \"lower-valley\"", "id = \"Lower Valley\"", "district \"Lower Valley\""),
        ("escalates_to = \"ombuds-office\"", "escalates_to = \"none\"", "escalates_to"),
        ("escalates_to = \"ombuds-office\"", "escalates_to = \"complaints-office\"", "circle"),
        ("kind = \"harm\"", "kind = \"harms\"", "channel \"harm\".kind"),
        ("kind = \"grievance\"", "kind = \"grievance\"\nmatter = \"taxes\"", "complaints\".matter"),
        ("kind = \"harm\"", "kind = \"harm\"\nmatter = \"land\"", "harm\".matter"),
        ("languages = [\"en\", \"ur\"]", "languages = [\"fr\"]", "languages"),
        ("languages = [\"en\", \"ur\"]", "languages = []", "languages"),
        ("filings_a_day = 200", "filings_a_day = 0", "filings_a_day"),
        ("plain_a_day = 50", "plain_a_day = 0", "plain_a_day"),
        ("plain_a_day = 50", "plain_a_day = 201", "plain_a_day"),
        ("inquiry = 30", "inquiry = 0", "working_days.grievance.inquiry"),
        ("inquiry = 30", "paid = 30", "working_days.grievance.paid"),
        ("smallest_count = 10", "smallest_count = 5", "release.smallest_count"),
        ("closed_days = 365", "closed_days = 0", "retention.closed_days"),
        ("leaves = 1024", "leaves = 1000", "ledger.leaves"),
        ("leaves = 1024", "leaves = 32768", "ledger.leaves"),
        ("leaves = 1024", "leaves = 256", "400 or more, as many as the open channels take"),
        ("[ledger]\nleaves = 1024\n", "", "ledger.leaves: found \"256\""),
        ("name = \"Demonstration desk (invented)\"", "name = \"two\\nlines\"", "desk.name"),
    ];
    for (from, to, place) in wrong {
        let found = faults(&changed(from, to));
        assert!(found.iter().any(|fault| fault.contains(place)), "{to}: {found:?}");
    }
}

#[test]
fn every_fault_of_a_file_is_reported_at_once() {
    let text = changed("zone = \"Asia/Karachi\"", "zone = \"Nowhere\"")
        .replace("smallest_count = 10", "smallest_count = 1");
    assert_eq!(faults(&text).len(), 2);
}

#[test]
fn a_channel_lacks_every_seat_of_its_ladder_that_nobody_holds() {
    let config = DeskConfig::read(DEMO, "desk.toml").unwrap();
    let channel = config.channel("complaints").unwrap();
    let all: BTreeSet<(String, Role)> =
        config.lacks(channel, &BTreeSet::new()).into_iter().collect();
    // Two bodies, each with intake, investigator and remedy.
    assert_eq!(all.len(), 6);
    assert_eq!(config.lacks(channel, &all), []);
    for seat in &all {
        let mut others = all.clone();
        others.remove(seat);
        assert_eq!(config.lacks(channel, &others), std::slice::from_ref(seat));
    }
}
