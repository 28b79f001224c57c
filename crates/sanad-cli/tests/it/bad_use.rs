//! Commands that ask for what cannot be had: exit code 2 where no observatory could have it, 1
//! where this one lacks it.

use crate::support::{Lab, OBSERVATORY, events};

fn run(name: &str, code: i32, arguments: &[&str]) {
    let lab = Lab::new();
    assert_eq!(lab.run(arguments).code, Some(code), "{name}");
    lab.refused(name, arguments);
}

/// A panel of districts in 2021 with more options.
fn panel(name: &str, code: i32, more: &[&str]) {
    let usual = ["panel", "--observatory", OBSERVATORY];
    run(name, code, &[&usual[..], more].concat());
}

#[test]
fn wrong_use_ends_with_exit_code_2() {
    run("use-unknown-command", 2, &["pannel"]);
    run(
        "use-no-observatory",
        2,
        &["panel", "--unit", "adm2", "--from", "2021-01", "--to", "2021-12"],
    );
    run("use-unknown-format", 2, &["import", "acled", "x.csv", "--observatory", OBSERVATORY]);
    run("use-no-file", 2, &["import", "ucdp-ged", "--observatory", OBSERVATORY]);
    let year = ["--from", "2021-01", "--to", "2021-12"];
    panel("use-unknown-unit", 2, &[&["--unit", "village"][..], &year].concat());
    panel("use-bad-month", 2, &["--unit", "adm2", "--from", "2021-13", "--to", "2021-12"]);
    panel("use-months-backwards", 2, &["--unit", "adm2", "--from", "2021-12", "--to", "2021-01"]);
    let districts = [&["--unit", "adm2"][..], &year].concat();
    panel("use-bad-day", 2, &[&districts[..], &["--as-of", "2021-02-30"]].concat());
    panel("use-bad-rule", 2, &[&districts[..], &["--date-rule", "middle"]].concat());
    panel("use-bad-organisations", 2, &[&districts[..], &["--organisation", "TTP"]].concat());
    panel("use-unknown-ending", 2, &[&districts[..], &["--out", "panel.xlsx"]].concat());
    panel("use-too-many-threads", 2, &[&districts[..], &["--threads", "1000000"]].concat());
    panel("use-cluster", 2, &[&districts[..], &["--cluster", "http://localhost:50050"]].concat());
    let why = ["why", "--observatory", OBSERVATORY, "--unit", "adm2", "--month", "2021-03"];
    let measure = ["--place", "Hill", "--measure", "injuries"];
    run("use-unknown-measure", 2, &[&why[..], &measure].concat());
}

#[test]
fn a_date_that_is_no_number_of_seconds_is_wrong_use() {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    for wrong in ["yesterday", ""] {
        let output = lab.command(&import).env("SOURCE_DATE_EPOCH", wrong).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{talk}");
        assert!(talk.contains(&format!("SOURCE_DATE_EPOCH: found {wrong:?}, expected ")), "{talk}");
        assert!(talk.contains("hint: unset it"), "{talk}");
    }
}

#[test]
fn an_import_bears_the_day_of_the_variable() {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    let output = lab.command(&import).env("SOURCE_DATE_EPOCH", "1767225600").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sources = lab.done(&["sources", "--format", "csv"]);
    assert!(sources.contains(",2026-01-01,"), "{sources}");
}

#[test]
fn one_card_does_not_describe_two_files() {
    let lab = Lab::new();
    lab.write("a.csv", events(&[]));
    lab.write("b.csv", events(&[]));
    lab.write("card.toml", "version = \"23.1\"\n");
    let import = ["import", "ucdp-ged", "a.csv", "b.csv", "--card", "card.toml"];
    lab.refused(
        "use-one-card-for-two-files",
        &[&import[..], &["--observatory", OBSERVATORY]].concat(),
    );
}

#[test]
fn what_this_observatory_lacks_ends_with_exit_code_1() {
    let districts = ["--unit", "adm2", "--from", "2021-01", "--to", "2021-12"];
    panel("lacks-series", 1, &[&districts[..], &["--source", "acled"]].concat());
    panel("lacks-events-on-that-day", 1, &[&districts[..], &["--as-of", "1999-01-01"]].concat());
    let why = ["why", "--observatory", OBSERVATORY, "--unit", "adm2", "--month", "2021-03"];
    run("lacks-place", 1, &[&why[..], &["--place", "Hil"]].concat());
    let lab = Lab::bare();
    lab.write("GEDEvent_v22_1.csv", events(&[]));
    let import = ["import", "ucdp-ged", "GEDEvent_v22_1.csv", "--observatory", OBSERVATORY];
    assert_eq!(lab.run(&import).code, Some(0));
    let panel = ["panel", "--observatory", OBSERVATORY];
    lab.refused("lacks-places", &[&panel[..], &districts].concat());
}

#[test]
fn statements_that_are_no_query_are_refused() {
    for (name, statement) in [
        ("sql-not-sql", "how many events?"),
        ("sql-unknown-table", "SELECT * FROM evnts"),
        ("sql-unknown-column", "SELECT deaths FROM events"),
        ("sql-drops", "DROP TABLE events"),
        ("sql-writes", "COPY (SELECT 1) TO 'stolen.csv'"),
        ("sql-creates", "CREATE TABLE mine AS SELECT 1"),
        ("sql-sets", "SET datafusion.execution.batch_size = 1"),
        ("sql-outside-file", "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'"),
        ("sql-empty", ""),
        ("sql-two-statements", "SELECT 1; SELECT 2"),
    ] {
        run(name, 1, &["sql", statement, "--observatory", OBSERVATORY]);
    }
}

#[test]
fn folders_that_are_no_observatory_are_refused() {
    let lab = Lab::new();
    lab.write("thesis/chapter.md", "text");
    lab.write("GEDEvent_v23_1.csv", events(&[]));
    let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory"];
    let sources = ["sources", "--observatory"];
    lab.refused("folder-missing", &[&sources[..], &["nowhere"]].concat());
    lab.refused("folder-of-other-files", &[&sources[..], &["thesis"]].concat());
    lab.refused("folder-of-other-files-import", &[&import[..], &["thesis"]].concat());
    lab.refused("folder-is-a-file", &[&import[..], &["GEDEvent_v23_1.csv"]].concat());
}
