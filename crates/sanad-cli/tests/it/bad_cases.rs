//! Hand-written files with slips of the hand.

use std::fs;

use crate::support::{CASE, Lab, OBSERVATORY, PLACES};

fn chronicle(name: &str, text: &str) -> Lab {
    let lab = Lab::new();
    lab.write("notes.toml", text);
    lab.refused(name, &["import", "chronicle", "notes.toml", "--observatory", OBSERVATORY]);
    lab
}

fn entry(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("id", "\"a\""),
        ("when", "\"2021-03\""),
        ("paragraph", "1"),
        ("summary", "\"A law is passed.\""),
        ("places", "[\"X1\"]"),
        ("by", "\"gov\""),
        ("act_kind", "\"law\""),
        ("effect", "\"tightens\""),
    ];
    let value = |name: &str, usual: &str| {
        let change = changes.iter().find(|(changed, _)| *changed == name);
        change.map_or_else(|| usual.to_owned(), |(_, value)| (*value).to_owned())
    };
    let lines: Vec<String> =
        usual.iter().map(|(name, usual)| format!("{name} = {}\n", value(name, usual))).collect();
    format!("[[act]]\n{}", lines.concat())
}

#[test]
fn chronicles_that_are_not_of_the_form_are_refused() {
    chronicle("chronicle-empty", "");
    chronicle("chronicle-not-toml", "On 4 March a law was passed.\n");
    chronicle("chronicle-unknown-kind", "[[rumour]]\nid = \"a\"\n");
    chronicle("chronicle-no-list", "act = 5\n");
    let lab = Lab::new();
    lab.write("notes.toml", [b"# caf", &[0xe9][..], b"\n"].concat());
    lab.refused(
        "chronicle-not-utf8",
        &["import", "chronicle", "notes.toml", "--observatory", OBSERVATORY],
    );
}

#[test]
fn a_chronicle_needs_a_case_to_refer_to() {
    let lab = Lab::bare();
    lab.write("notes.toml", entry(&[]));
    lab.refused(
        "chronicle-without-case",
        &["import", "chronicle", "notes.toml", "--observatory", OBSERVATORY],
    );
}

#[test]
fn entries_with_a_slip_are_left_out_and_told() {
    for (name, entries) in [
        ("chronicle-unknown-ids", vec![entry(&[("places", "[\"X9\"]"), ("by", "\"goverment\"")])]),
        (
            "chronicle-bad-dates",
            vec![
                entry(&[("when", "\"2021-02-30\"")]),
                entry(&[("id", "\"b\""), ("when", "\"2021-05/2021-03\"")]),
            ],
        ),
        ("chronicle-misspelt-field", vec![entry(&[]).replace("act_kind", "act_knd")]),
        ("chronicle-word-outside-list", vec![entry(&[("effect", "\"sideways\"")])]),
        ("chronicle-duplicate-ids", vec![entry(&[]), entry(&[])]),
    ] {
        let lab = Lab::new();
        let sound = entry(&[("id", "\"sound\"")]);
        lab.write("notes.toml", sound + &entries.join("\n"));
        lab.noted(name, "chronicle", "notes.toml");
    }
}

fn case(name: &str, changes: &[(&str, &str)]) {
    let lab = Lab::new();
    lab.write_case("other", changes);
    lab.refused(name, &["import", "case", "other", "--observatory", OBSERVATORY]);
}

#[test]
fn folders_that_are_no_case_are_refused() {
    let lab = Lab::new();
    lab.write("other/readme.txt", "nothing here");
    lab.refused("case-without-card", &["import", "case", "other", "--observatory", OBSERVATORY]);
    lab.refused(
        "case-is-a-file",
        &["import", "case", "other/readme.txt", "--observatory", OBSERVATORY],
    );
    lab.refused(
        "case-missing-folder",
        &["import", "case", "nowhere", "--observatory", OBSERVATORY],
    );
}

#[test]
fn cases_that_contradict_themselves_are_refused_whole() {
    case("case-missing-field", &[("case.toml", "id = \"x\"\ntitle = \"X\"\n")]);
    case("case-bad-day", &[("case.toml", &CASE.replace("2022-01-01", "2022-01-41"))]);
    case(
        "case-reaching-outside",
        &[("case.toml", &format!("{CASE}places = \"../../etc/passwd\"\n"))],
    );
    case("case-missing-chronicle", &[("case.toml", &format!("{CASE}chronicle = [\"no.toml\"]\n"))]);
    case(
        "case-place-within-nowhere",
        &[("places.toml", &PLACES.replace("within = \"X1\"", "within = \"X7\""))],
    );
    case("case-place-twice", &[("places.toml", &PLACES.replace("id = \"X12\"", "id = \"X11\""))]);
    let uneven = "valid_to = \"2020-01-01\"\nsuccessors = [{ place = \"X12\", share = 0.5 }]\n";
    case(
        "case-uneven-shares",
        &[(
            "places.toml",
            &PLACES.replacen("within = \"X1\"\n", &format!("within = \"X1\"\n{uneven}"), 1),
        )],
    );
    case("case-misspelt-level", &[("places.toml", &PLACES.replacen("\"adm2\"", "\"adm3\"", 1))]);
    case("case-actors-empty", &[("actors.toml", "")]);
}

const FIGURE: &str =
    "\n[[figure]]\nfile = \"counts.parquet\"\nformat = \"counts\"\ncard = \"counts.toml\"\n";

#[test]
fn figures_that_are_no_counts_are_refused_with_the_whole_case() {
    let with_figure = format!("{CASE}{FIGURE}");
    let card = "id = \"ucdp-ged\"\nversion = \"22.1\"\n";
    case(
        "figures-not-parquet",
        &[("case.toml", &with_figure), ("counts.toml", card), ("counts.parquet", "month,events\n")],
    );
    case("figures-missing", &[("case.toml", &with_figure), ("counts.toml", card)]);
    case(
        "figures-unknown-format",
        &[
            ("case.toml", &with_figure.replace("format = \"counts\"", "format = \"guesses\"")),
            ("counts.toml", card),
            ("counts.parquet", ""),
        ],
    );
    let lab = Lab::new();
    let other = lab.command(&[
        "sql",
        "SELECT 1 AS month_id",
        "--format",
        "parquet",
        "--observatory",
        OBSERVATORY,
    ]);
    let bytes = { other }.output().unwrap().stdout;
    lab.write_case("other", &[("case.toml", &with_figure), ("counts.toml", card)]);
    fs::write(lab.path("other/counts.parquet"), &bytes).unwrap();
    lab.refused(
        "figures-other-columns",
        &["import", "case", "other", "--observatory", OBSERVATORY],
    );
    fs::write(lab.path("other/counts.parquet"), &bytes[..bytes.len() - 20]).unwrap();
    lab.refused("figures-truncated", &["import", "case", "other", "--observatory", OBSERVATORY]);
}

/// The message of importing a case whose counts are what `statement` gives.
fn importing_counts(statement: &str) -> String {
    let lab = Lab::new();
    let query = ["sql", statement, "--format", "parquet", "--observatory", OBSERVATORY];
    let bytes = lab.command(&query).output().unwrap().stdout;
    let with_figure = format!("{CASE}{FIGURE}");
    let card = "id = \"ucdp-ged\"\nversion = \"22.1\"\n";
    lab.write_case("other", &[("case.toml", &with_figure), ("counts.toml", card)]);
    fs::write(lab.path("other/counts.parquet"), &bytes).unwrap();
    let done = lab.run(&["import", "case", "other", "--observatory", OBSERVATORY]);
    if done.code == Some(0) { String::new() } else { done.stderr }
}

#[test]
fn counts_with_a_fraction_or_a_repeated_key_are_refused_with_their_rows() {
    let row = |deaths: &str| {
        format!(
            "SELECT 493 AS month_id, DATE '2021-01-01' AS day, 'X1' AS place_id, \
             1 AS type_of_violence, 1 AS side_a_id, 'Civilians' AS side_a, 2 AS side_b_id, \
             'Civilians' AS side_b, 1 AS events, 1 AS deaths_low, {deaths} AS deaths_best, \
             9 AS deaths_high, 0 AS deaths_civilians"
        )
    };
    assert_eq!(importing_counts(&row("3")), "");
    assert_eq!(importing_counts(&row("CAST(3 AS DOUBLE)")), "");
    for (deaths, said) in [
        ("2.5", "row 1, column deaths_best: found 2.5, expected a whole number"),
        ("CAST(2.5 AS REAL)", "row 1, column deaths_best: found 2.5, expected a whole number"),
        ("CAST(2.5 AS DECIMAL(9, 2))", "row 1, column deaths_best: found 2.5"),
        ("'2.5'", "row 1, column deaths_best: found a value that is no Int64"),
        ("-3", "row 1, column deaths_best: found -3, expected 0 to"),
        ("9000000000000000000", "row 1, column deaths_best: found 9000000000000000000"),
    ] {
        let message = importing_counts(&row(deaths));
        assert!(message.contains(said), "{deaths}: {message}");
    }
    let twice = importing_counts(&format!("{} UNION ALL {}", row("3"), row("4")));
    assert!(twice.contains("rows 1 and 2 have the same month, day, place"), "{twice}");
}

#[cfg(unix)]
#[test]
fn a_file_of_a_case_that_leads_out_of_its_folder_is_refused() {
    let lab = Lab::new();
    lab.write_case("other", &[]);
    let import = ["import", "case", "other", "--observatory", OBSERVATORY];
    let secret = lab.path("secret.toml");
    fs::rename(lab.path("other/places.toml"), &secret).unwrap();
    std::os::unix::fs::symlink(&secret, lab.path("other/places.toml")).unwrap();
    let done = lab.run(&import);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("places.toml leads out of its folder"), "{}", done.stderr);
    fs::remove_file(lab.path("other/places.toml")).unwrap();
    fs::rename(&secret, lab.path("other/the-places.toml")).unwrap();
    std::os::unix::fs::symlink("the-places.toml", lab.path("other/places.toml")).unwrap();
    assert_eq!(lab.run(&import).code, Some(0));
    for name in ["../secret.toml", "/etc/passwd", "a/../../secret.toml"] {
        lab.write(
            "other/case.toml",
            CASE.replacen("id =", &format!("places = \"{name}\"\nid ="), 1),
        );
        let done = lab.run(&import);
        assert_eq!(done.code, Some(1));
        assert!(done.stderr.contains("expected the name of a file"), "{}", done.stderr);
    }
}

#[test]
fn a_state_that_names_files_outside_of_the_observatory_is_refused() {
    // A state of the first layout: its bytes have no checksum that would tell of the change before.
    const STATE: &str = r#"layout = 1
generation = 1
[[snapshot]]
id = "x-case-1"
format = "case"
file = "case.toml"
sha256 = "00"
imported = "2026-01-01"
rows_read = 1
records_kept = 1
deaths_in = 0
deaths_kept = 0
[snapshot.files]
case = "records/x.toml"
[snapshot.source]
id = "x-case"
version = "1"
title = "X"
citation = ""
licence = ""
url = ""
accessed = "2026-01-01"
preliminary = false
[snapshot.source.coverage]
countries = []
inferred = false
"#;
    for outside in ["../records/", "/records/"] {
        let lab = Lab::bare();
        lab.write(&format!("{OBSERVATORY}/CURRENT"), "1\n");
        let state = STATE.replace("\"records/", &format!("\"{outside}"));
        lab.write(&format!("{OBSERVATORY}/states/00000001.toml"), state);
        let done = lab.run(&["sources", "--observatory", OBSERVATORY]);
        assert_eq!(done.code, Some(1), "{}", done.stdout);
        assert!(done.stderr.contains("leads out of its folder"), "{}", done.stderr);
    }
}
