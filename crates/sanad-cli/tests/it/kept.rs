//! Answers that are kept: the same bytes as computed ones, never about other files, never damaged.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Lab, OBSERVATORY, Outcome, row};

/// What is said when the files of a case are read, and never when an answer was kept.
const COMPUTED: &str = "read the case's files";

const OF_CASE: [&str; 8] =
    ["why", "pakistan", "--unit", "adm1", "--place", "Sindh", "--month", "2019-05"];

const OF_RECORDS: [&str; 9] =
    ["why", "--observatory", OBSERVATORY, "--unit", "adm2", "--place", "X11", "--month", "2021-03"];

/// A folder with a copy of the shipped case.
fn with_shipped_case() -> Lab {
    let lab = Lab::bare();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    for entry in fs::read_dir(case).expect("the shipped case") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_str().expect("a plain name");
        lab.write(&format!("pakistan/{name}"), fs::read(&path).expect("a readable file"));
    }
    lab
}

fn ask(lab: &Lab, arguments: &[&str]) -> Outcome {
    let outcome = lab.run(arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome
}

/// Files of kept answers under a folder.
fn answers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(answers(&path));
        } else if path.ends_with("answer.parquet") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_second_answer_about_a_case_is_the_first_without_reading_the_case() {
    let lab = with_shipped_case();
    let first = ask(&lab, &OF_CASE);
    assert!(first.stderr.contains(COMPUTED), "{}", first.stderr);
    for format in ["table", "csv", "json", "md"] {
        let with_format = [&OF_CASE[..], &["--format", format]].concat();
        let kept = ask(&lab, &with_format);
        assert!(!kept.stderr.contains(COMPUTED), "{format}: {}", kept.stderr);
        fs::rename(lab.path("cache"), lab.path("away")).unwrap();
        let computed = ask(&lab, &with_format);
        assert!(computed.stderr.contains(COMPUTED), "{format}: {}", computed.stderr);
        assert_eq!(kept.stdout, computed.stdout, "{format}");
        assert!(computed.stderr.ends_with(&kept.stderr), "the notes are said again");
        fs::remove_dir_all(lab.path("cache")).unwrap();
        fs::rename(lab.path("away"), lab.path("cache")).unwrap();
    }
    assert_eq!(ask(&lab, &OF_CASE).stdout, first.stdout);
    let other = [&OF_CASE[..6], &["--month", "2019-06"]].concat();
    assert!(ask(&lab, &other).stderr.contains(COMPUTED), "another question is another answer");
}

#[test]
fn an_answer_about_a_case_that_changed_or_that_is_damaged_is_computed_again() {
    let lab = with_shipped_case();
    let first = ask(&lab, &OF_CASE);
    let kept = answers(&lab.path("cache"));
    let [kept] = kept.as_slice() else { panic!("one answer is kept: {kept:?}") };
    let mut bytes = fs::read(kept).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(kept, bytes).unwrap();
    let again = ask(&lab, &OF_CASE);
    assert!(again.stderr.contains(COMPUTED), "a damaged answer is noticed: {}", again.stderr);
    assert_eq!(again.stdout, first.stdout);
    assert!(!ask(&lab, &OF_CASE).stderr.contains(COMPUTED), "and kept once more");

    let card = fs::read_to_string(lab.path("pakistan/brief.toml")).unwrap();
    lab.write("pakistan/brief.toml", card + "\n# A remark.\n");
    assert!(ask(&lab, &OF_CASE).stderr.contains(COMPUTED), "any file of the case counts");
}

#[test]
fn an_answer_about_an_observatory_changes_no_record_and_ends_with_the_next_import() {
    let lab = Lab::new();
    let records = |lab: &Lab| {
        let mut all = lab.contents();
        let computed =
            ["derived", "results", "answers"].map(|name| Path::new(OBSERVATORY).join(name));
        all.retain(|path, _| !computed.iter().any(|folder| path.starts_with(folder)));
        all
    };
    let before = records(&lab);
    let first = ask(&lab, &OF_RECORDS);
    assert_eq!(answers(&lab.path(OBSERVATORY)).len(), 1);
    assert_eq!(ask(&lab, &OF_RECORDS).stdout, first.stdout);
    assert!(records(&lab) == before, "reading writes no record");
    fs::remove_dir_all(lab.path(OBSERVATORY).join("answers")).unwrap();
    assert_eq!(ask(&lab, &OF_RECORDS).stdout, first.stdout);

    let more = crate::support::events(&[row(&[("id", "1001"), ("best", "9"), ("high", "9")])]);
    lab.write("GEDEvent_v23_1.csv", more);
    lab.done(&["import", "ucdp-ged", "GEDEvent_v23_1.csv"]);
    let later = ask(&lab, &OF_RECORDS);
    assert_ne!(later.stdout, first.stdout, "an import makes another answer");
}

#[test]
fn a_record_that_is_damaged_is_not_hidden_by_a_kept_answer() {
    let lab = Lab::new();
    ask(&lab, &OF_RECORDS);
    let records = lab.contents();
    let record =
        records.keys().find(|path| path.to_string_lossy().contains("records/event")).unwrap();
    let mut bytes = records[record].clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    lab.write(record.to_str().unwrap(), bytes);
    let outcome = lab.run(&OF_RECORDS);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
}

#[test]
fn a_panel_has_the_same_bytes_in_every_form_when_it_is_computed_and_when_it_was_kept() {
    let computed = |ending: &str| {
        let lab = Lab::new();
        let months = ["--from", "2021-01", "--to", "2021-12"];
        let file = |number: u8| format!("panel{number}.{ending}");
        let panel = |out: &str| {
            let words = ["panel", "--unit", "adm2", "--out", out, "--observatory", OBSERVATORY];
            ask(&lab, &[&words[..], &months].concat());
            fs::read(lab.path(out)).expect("a panel")
        };
        (panel(&file(1)), panel(&file(2)))
    };
    for ending in ["csv", "json", "parquet", "arrow"] {
        let (first, second) = computed(ending);
        assert_eq!(first, second, "{ending}");
    }
}
