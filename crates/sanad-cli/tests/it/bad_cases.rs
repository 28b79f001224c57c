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
        lab.remarked(name, "chronicle", "notes.toml");
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
