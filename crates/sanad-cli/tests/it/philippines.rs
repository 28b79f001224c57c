//! The case of the Philippines as it is shipped: what it answers is known, and every command either works on it
//! or names what it lacks.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{Lab, OBSERVATORY};

/// The folder of the case.
fn case() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/philippines");
    folder.to_str().expect("a path").to_owned()
}

/// A folder with an observatory that holds the case.
fn lab() -> Lab {
    let lab = Lab::bare();
    lab.done(&["import", "case", &case()]);
    lab
}

/// The sum of a column of numbers of a table printed as CSV; names hold no commas there.
fn sum(csv: &str, column: &str) -> f64 {
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    let behind = header.split(',').rev().position(|name| name == column).expect("the column");
    lines.filter_map(|line| line.rsplit(',').nth(behind)?.parse::<f64>().ok()).sum()
}

#[test]
fn its_counts_hold_every_event_and_every_death_of_the_file_at_every_level() {
    let lab = lab();
    for unit in ["country", "adm1", "adm2"] {
        let period = ["--from", "1989-01", "--to", "2021-12", "--format", "csv"];
        let panel = lab.done(&[&["panel", "--unit", unit][..], &period].concat());
        assert!((sum(&panel, "events") - 4_035.0).abs() < 1e-6, "{unit}");
        assert!((sum(&panel, "deaths_best") - 20_511.0).abs() < 1e-6, "{unit}");
    }
}

#[test]
fn its_briefing_calls_places_what_the_case_calls_them() {
    let lab = Lab::bare();
    let done = lab.run(&["brief", &case(), "--quick", "--out", "brief.html"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("88 provinces"), "{}", done.stderr);
    let page = std::fs::read_to_string(lab.path("brief.html")).expect("a page");
    for words in [
        "counted by province",
        "the province with most was",
        "One tile per province, regions kept together",
        "by region of its day",
        "compare a region with itself",
    ] {
        assert!(page.contains(words), "the page does not say {words:?}");
    }
    // The chronicle writes of districts of an election, and a region of the capital is called so.
    for strange in
        ["by district", "per district", "each district", "district with most", "districts that the"]
    {
        assert!(!page.contains(strange), "the page says {strange:?}");
    }
}

/// Commands that the case has all they need for.
const WORKING: [&[&str]; 17] = [
    &["brief", "CASE", "--quick", "--out", "brief.html"],
    &["network", "CASE"],
    &["why", "CASE", "--unit", "adm2", "--place", "Sulu", "--month", "2000-09"],
    &["levels", "CASE"],
    &["forecast", "CASE", "--unit", "country", "--steps", "1..2", "--draws", "100"],
    &["forecast", "CASE", "--unit", "adm1", "--steps", "1..2", "--draws", "100"],
    &["forecast", "CASE", "--unit", "adm2", "--steps", "1..2", "--draws", "100"],
    &[
        "backtest",
        "CASE",
        "--unit",
        "country",
        "--steps",
        "1..2",
        "--windows",
        "2019..2020",
        "--out",
        "tried",
    ],
    &["ablation", "CASE", "--windows", "2019..2020", "--draws", "100"],
    &[
        "panel",
        "--unit",
        "adm1",
        "--from",
        "2020-01",
        "--to",
        "2021-12",
        "--observatory",
        OBSERVATORY,
    ],
    &[
        "panel",
        "--unit",
        "priogrid",
        "--from",
        "2020-01",
        "--to",
        "2021-12",
        "--observatory",
        OBSERVATORY,
    ],
    &["sql", "SELECT count(*) AS n FROM acts", "--observatory", OBSERVATORY],
    &["sources", "--observatory", OBSERVATORY],
    &["observations", "--observatory", OBSERVATORY],
    &["counts", "--country", "840", "--out", "counts.parquet", "--observatory", OBSERVATORY],
    &["doctor", "--observatory", OBSERVATORY],
    &["compact", "--observatory", OBSERVATORY],
];

/// Commands that want what the case does not have, and the file that they name.
const IN_WANT: [(&[&str], &str); 10] = [
    (&["claims", "CASE"], "claims.toml"),
    (&["cycle", "CASE"], "cycle.toml"),
    (&["capability", "CASE"], "cycle.toml"),
    (&["kinds", "CASE"], "cycle.toml"),
    (&["interventions", "CASE"], "cycle.toml"),
    (&["fronts", "CASE"], "indicators.toml"),
    (&["narrative", "CASE"], "codebook.toml"),
    (&["benchmarks", "CASE"], "benchmarks.toml"),
    (&["calibrate", "CASE"], "model.xmile"),
    (&["scenario", "CASE"], "model.xmile"),
];

/// Commands that are not about a case: files of others, a server, the network, the making of a case;
/// and the one that asks for every page of one, which takes minutes.
const NOT_OF_A_CASE: [&str; 10] = [
    "agreement",
    "score",
    "simulate",
    "model",
    "moments",
    "serve",
    "fetch",
    "import",
    "case",
    "publish",
];

#[test]
fn every_command_works_on_it_or_names_the_file_that_it_wants() {
    let (lab, case) = (lab(), case());
    let with_case = |command: &[&str]| -> Vec<String> {
        command
            .iter()
            .map(|word| if *word == "CASE" { case.clone() } else { (*word).to_owned() })
            .collect()
    };
    let run = |command: &[&str]| {
        let words = with_case(command);
        lab.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for command in WORKING {
        let done = run(command);
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
    }
    for (command, file) in IN_WANT {
        let done = run(command);
        assert_eq!(done.code, Some(1), "{command:?}: {}", done.stderr);
        assert!(
            done.stderr.contains("hint: ") && done.stderr.contains(file),
            "{command:?}: {}",
            done.stderr
        );
    }
    let update = run(&["update", "CASE", "--dry-run", "--observatory", OBSERVATORY]);
    assert!(update.stderr.contains("[[update]]") || update.code == Some(0), "{}", update.stderr);
    // No command is forgotten: the list is that of the program itself.
    let tried: BTreeSet<&str> = WORKING
        .iter()
        .map(|command| command[0])
        .chain(IN_WANT.iter().map(|(command, _)| command[0]))
        .chain(NOT_OF_A_CASE)
        .chain(["update", "help"])
        .collect();
    let help = lab.run(&["--help"]).stdout;
    let listed = help
        .split("Commands:")
        .nth(1)
        .and_then(|rest| rest.split("Options:").next())
        .expect("a list");
    let listed: BTreeSet<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(listed.len() > 30, "{listed:?}");
    assert_eq!(listed.symmetric_difference(&tried).collect::<Vec<_>>(), Vec::<&&str>::new());
}
