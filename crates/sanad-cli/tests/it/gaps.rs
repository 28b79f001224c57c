//! An observatory with a yearly release and monthly ones years later: the months between are unknown,
//! and nothing may take them for quiet.

use crate::support::{Lab, OBSERVATORY, Outcome, row};

/// A card that makes a file a release of its own with the months that it covers.
fn card(version: &str, from: &str, to: &str) -> String {
    format!(
        "version = \"{version}\"\n[coverage]\nfrom = \"{from}\"\nto = \"{to}\"\ncountries = [770]\n"
    )
}

/// Events of one release: one a month in Hill, with an id that begins with `first`.
fn release(first: i32, months: &[(i32, i32)]) -> String {
    let rows: Vec<String> = months
        .iter()
        .enumerate()
        .map(|(index, (year, month))| {
            let id = (first + index as i32).to_string();
            let day = format!("{year}-{month:02}-11");
            row(&[("id", &id), ("date_start", &day), ("date_end", &day)])
        })
        .collect();
    let mut lines: Vec<String> = vec![crate::support::header()];
    lines.extend(rows);
    lines.join("\n") + "\n"
}

/// Months of 2004 to 2021, then January and February 2026.
fn lab() -> Lab {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    let yearly: Vec<(i32, i32)> =
        (2004..2022).flat_map(|year| (1..=12).map(move |month| (year, month))).collect();
    lab.write("yearly.csv", release(1, &yearly));
    lab.write("yearly.toml", card("22.1", "2004-01", "2021-12"));
    lab.write("candidate.csv", release(10_000, &[(2026, 1), (2026, 2)]));
    lab.write("candidate.toml", card("26.0.2", "2026-01", "2026-02"));
    lab.done(&["import", "case", "case"]);
    lab.done(&["import", "ucdp-ged", "yearly.csv", "--card", "yearly.toml"]);
    lab.done(&["import", "ucdp-ged", "candidate.csv", "--card", "candidate.toml"]);
    lab
}

fn observe(lab: &Lab, command: &[&str]) -> Outcome {
    lab.run(&[command, &["--observatory", OBSERVATORY]].concat())
}

#[test]
fn the_newest_covered_months_lead_and_what_is_missing_stands_beside_them() {
    let lab = lab();
    let done = observe(&lab, &["brief", "--out", "brief.html"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let page = std::fs::read_to_string(lab.path("brief.html")).expect("a page");
    let first = page.split("<ol class=\"findings\">").nth(1).expect("sentences");
    let first = first.split("</li>").next().expect("a sentence");
    for expected in [
        "In January to February 2026",
        "UCDP GED 26.0.2 recorded, preliminarily, 2 events",
        "By place nothing covers March to December 2025",
    ] {
        assert!(first.contains(expected), "{expected} is not said first: {first}");
    }
}

#[test]
fn a_forecast_names_the_releases_it_was_made_from_and_compares_no_unknown_months() {
    let lab = lab();
    assert_eq!(observe(&lab, &["brief", "--out", "brief.html"]).code, Some(0));
    let page = std::fs::read_to_string(lab.path("brief.html")).expect("a page");
    let made = "UCDP GED 22.1 (2004-01 to 2021-12) and UCDP GED 26.0.2 (2026-01 to 2026-02)";
    // In the text of the section and below each of its figures.
    assert!(page.matches(made).count() >= 2, "the releases are not named");
    assert!(page.contains("for March 2026 to February 2027"));
    assert!(page.contains("There is no comparison: some of the months before the forecast"));
    assert!(!page.contains("Months before</th>"), "unknown months were compared");
    assert!(page.contains("10 of the twelve months before the forecast are covered by no version"));
    assert!(page.contains("January 2017 to December 2021, each year forecast"));
}

#[test]
fn why_tells_a_month_that_nothing_covers_from_one_in_which_nothing_was_recorded() {
    let lab = lab();
    let why = |place: &str, month: &str| {
        observe(&lab, &["why", "--unit", "adm2", "--place", place, "--month", month])
    };
    let uncovered = why("Hill", "2024-03");
    assert_eq!(uncovered.code, Some(1), "{}", uncovered.stderr);
    assert_eq!(uncovered.stdout, "");
    for expected in ["not covered", "2004-01 to 2021-12", "2026-01 to 2026-02", "import a release"]
    {
        assert!(uncovered.stderr.contains(expected), "{}", uncovered.stderr);
    }
    let quiet = why("Vale", "2021-05");
    assert_eq!(quiet.code, Some(0), "{}", quiet.stderr);
    assert!(quiet.stderr.contains("the month is covered, and nothing was recorded"));
    let busy = why("Hill", "2026-01");
    assert!(busy.stdout.contains("26.0.2") && !busy.stderr.contains("note"), "{}", busy.stderr);
}

#[test]
fn a_release_is_cited_as_its_makers_ask() {
    let lab = lab();
    let sources = observe(&lab, &["sources", "--format", "csv"]).stdout;
    let line = |version: &str| {
        sources.lines().find(|line| line.contains(version)).unwrap_or_default().to_owned()
    };
    assert!(line("22.1").contains("1989–2021"));
    assert!(line("26.0.2").contains("Candidate") && !line("26.0.2").contains("1989–2021"));
}

#[test]
fn a_case_alone_shows_the_shipped_rows_behind_a_number() {
    let lab = Lab::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan");
    let done =
        lab.run(&["why", root, "--unit", "adm1", "--place", "Balochistan", "--month", "2015-03"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("ucdp-ged-counts.parquet") && done.stdout.contains("22.1"));
    assert!(done.stderr.contains("single events need an import"), "{}", done.stderr);
    let neither = lab.run(&["why", "--unit", "adm1", "--place", "x", "--month", "2015-03"]);
    assert_eq!(neither.code, Some(2));
}
