//! The briefing of the first case, from a bare clone: whole, self-contained, the same every time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Lab, SANAD, header, row};

fn case_of_pakistan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan")
}

fn brief(out: &Path, more: &[&str]) -> Output {
    Command::new(SANAD)
        .arg("brief")
        .arg(case_of_pakistan())
        .args(["--out"])
        .arg(out)
        .args(more)
        .output()
        .expect("the program starts")
}

/// The values of every attribute `name` in a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    let rest = page.split(opening.as_str()).skip(1);
    rest.map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

#[test]
fn a_bare_clone_gives_a_briefing_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("brief.html");
    let output = brief(&path, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty(), "stdout is for data");
    let steps = String::from_utf8_lossy(&output.stderr).lines().count();
    assert!(steps >= 6, "a line per step, found {steps}");

    let page = fs::read_to_string(&path).unwrap();
    for forbidden in ["<script", "<link", "<iframe", "<img", "@import", "url(http", "NaN", " inf "]
    {
        assert!(!page.contains(forbidden), "the page contains {forbidden}");
    }
    for address in ["src", "href", "xlink:href"].iter().flat_map(|name| attributes(&page, name)) {
        assert!(
            address.starts_with('#') || address.starts_with("data:text/csv"),
            "the page leads elsewhere: {}",
            address.chars().take(60).collect::<String>()
        );
    }
    let ids = attributes(&page, "id");
    let mut distinct = ids.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(ids.len(), distinct.len(), "an id occurs twice");
    let figures = page.matches("<figure").count();
    assert!(figures >= 7, "{figures} figures");
    assert_eq!(page.matches("href=\"data:text/csv").count(), figures, "every figure has its data");
}

#[test]
fn the_briefing_has_the_same_bytes_on_one_thread_and_on_two() {
    let folder = tempfile::tempdir().unwrap();
    let read = |threads: &str| {
        let path = folder.path().join(threads);
        // What --quick leaves out has tests of its own, where it is computed.
        assert!(brief(&path, &["--quick", "--threads", threads]).status.success());
        fs::read(path).unwrap()
    };
    assert!(read("1") == read("2"));
}

#[test]
fn a_folder_that_is_no_case_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(SANAD).arg("brief").arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(talk.contains("is not a case: it has no file case.toml"), "{talk}");
    assert!(talk.contains("hint: "), "{talk}");
}

/// A monthly release of the world, two years after the case's own counts end.
#[test]
fn months_beyond_a_gap_and_other_countries_do_not_enter_the_figures() {
    let lab = Lab::bare();
    let event = |id: &str, (country, gwno): (&str, &str), deaths: &str| {
        let when = [("date_start", "2023-10-05"), ("date_end", "2023-10-05")];
        let place =
            [("adm_1", "Sindh"), ("adm_2", "Thatta"), ("latitude", "24.7"), ("longitude", "67.9")];
        let size = ["best", "high", "low", "deaths_unknown"].map(|name| (name, deaths));
        let sides = [("deaths_a", "0"), ("deaths_b", "0")];
        let of = [("id", id), ("country", country), ("country_id", gwno)];
        row(&[&of[..], &when, &place, &size, &sides].concat())
    };
    let rows = [event("1", ("Pakistan", "770"), "3"), event("2", ("India", "750"), "9000")];
    lab.write("GEDEvent_v23_0_10.csv", [&[header()], &rows[..]].concat().join("\n"));
    lab.done(&["import", "case", case_of_pakistan().to_str().unwrap()]);
    lab.done(&["import", "ucdp-ged", "GEDEvent_v23_0_10.csv"]);
    lab.done(&["brief", "--quick", "--out", "brief.html"]);
    let page = fs::read_to_string(lab.path("brief.html")).unwrap();
    assert!(page.contains("In 2021, the last twelve months"), "the last covered year leads");
    assert!(page.contains("448 deaths") && !page.contains("9,003") && !page.contains("9,000"));
    assert!(
        page.contains(
            "Counts by place are held for October 2023, January to February 2026 as well"
        )
    );
}
