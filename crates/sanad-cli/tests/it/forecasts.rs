//! `score`, `backtest` and `forecast` as a user meets them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Lab, OBSERVATORY, SANAD, header, row};

/// The folder of real data on forecasts, if this machine has it.
fn data(name: &str) -> Option<PathBuf> {
    let usual_folder = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or_else(usual_folder, PathBuf::from);
    let path = folder.join("forecast").join(name);
    if !path.is_file() {
        eprintln!("skipped: {name} is not on this machine (set SANAD_DATA to its folder)");
        return None;
    }
    Some(path)
}

/// Fields of CSV lines, by name.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap_or_else(|_| panic!("{name} is {:?}", row[name]))
}

/// Two places over ten years: one quiet, one with deaths every third month; one value missing.
fn series() -> String {
    let mut text = "month_id,country_id,ged_sb\n".to_owned();
    for month in 361..=480 {
        let deaths = if month % 3 == 0 { (month % 7).to_string() } else { "0".to_owned() };
        let quiet = if month == 370 { "" } else { "0" };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{month},7,{quiet}\n{month},12,{deaths}");
    }
    text
}

fn run(arguments: &[&str]) -> Output {
    Command::new(SANAD).args(arguments).output().expect("the program starts")
}

#[test]
fn entries_of_the_challenge_score_as_published() {
    let (Some(actuals), Some(draws)) = (
        data("cm_actuals_2019.parquet"),
        data("bodentien_rueter_cm_nbinom_test_window_2019.parquet"),
    ) else {
        return;
    };
    let [actuals, draws] = [actuals, draws].map(|path| path.to_string_lossy().into_owned());
    let output = run(&["score", "--actuals", &actuals, "--draws", &draws]);
    let scores = rows(&String::from_utf8_lossy(&output.stdout));
    let expected = [("crps", 9.343_750), ("ign", 0.554_286), ("mis_90", 100.236_475)];
    for (score, expected) in expected {
        let row = scores.iter().find(|row| row["score"] == score).expect("a row");
        assert!((number(row, "mean") - expected).abs() < 1e-6, "{score}: {row:?}");
    }
}

#[test]
fn a_back_test_writes_draws_that_score_the_same() {
    let lab = Lab::bare();
    lab.write("series.csv", series());
    let done = lab.run(&[
        "backtest",
        "--series",
        "series.csv",
        "--windows",
        "2018..2019",
        "--model",
        "smoothed-history",
        "--draws",
        "50",
        "--out",
        "out",
        "--format",
        "csv",
    ]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let table = rows(&done.stdout);
    let own = |row: &&BTreeMap<String, String>| {
        row["forecast"] == "smoothed-history" && row["window"] == "2019" && row["score"] == "crps"
    };
    let tested = number(table.iter().find(own).expect("a row"), "mean");
    let scored = lab.run(&[
        "score",
        "--actuals",
        "series.csv",
        "--draws",
        "out/draws-smoothed-history-2019.parquet",
    ]);
    assert_eq!(scored.code, Some(0), "{}", scored.stderr);
    assert!(!scored.stderr.contains("left out"), "{}", scored.stderr);
    let again = number(&rows(&scored.stdout)[0], "mean");
    assert!((tested - again).abs() < 1e-12, "{tested} and {again}");
    let written = ["scores.csv", "places.csv", "hard-cases.csv", "report.html"];
    for file in written.into_iter().chain(["draws-smoothed-history-2018.parquet"]) {
        assert!(lab.path("out").join(file).is_file(), "{file}");
    }
}

#[test]
fn what_came_after_an_origin_does_not_reach_its_draws() {
    let lab = Lab::bare();
    lab.write("known.csv", series());
    let changed: String = series()
        .lines()
        .map(|line| match line.split_once(',') {
            // Training for 2018 ends in October 2017, month 454.
            Some((month, rest)) if month.parse::<i32>().is_ok_and(|month| month > 454) => {
                format!("{month},{},999\n", rest.split(',').next().unwrap_or_default())
            }
            _ => format!("{line}\n"),
        })
        .collect();
    lab.write("changed.csv", changed);
    let draws = |series: &str, out: &str| {
        let done = lab.run(&[
            "backtest",
            "--series",
            series,
            "--windows",
            "2018",
            "--draws",
            "40",
            "--out",
            out,
        ]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        std::fs::read(lab.path(out).join("draws-sanad-2018.parquet")).expect("draws")
    };
    assert!(draws("known.csv", "a") == draws("changed.csv", "b"));
}

#[test]
fn a_back_test_on_vintages_sees_only_what_had_been_published() {
    // The later version says otherwise about the past: deaths, and so draws, differ.
    let draws = |deaths_said_later: &str, vintages: bool| {
        let lab = Lab::bare();
        lab.write_case("case", &[]);
        let month = |at: usize| format!("{}-{:02}-10", 2015 + at / 12, 1 + at % 12);
        let version = |months: usize, best: &str| {
            let event = |at: usize| {
                let (id, day) = (at.to_string(), month(at));
                row(&[
                    ("id", &id),
                    ("date_start", &day),
                    ("date_end", &day),
                    ("deaths_a", "0"),
                    ("deaths_b", best),
                    ("best", best),
                    ("low", best),
                    ("high", best),
                ])
            };
            let rows: Vec<String> = (0..months).map(event).collect();
            header() + "\n" + &rows.join("\n") + "\n"
        };
        lab.write("GEDEvent_v19_1.csv", version(48, "4"));
        lab.write("GEDEvent_v21_1.csv", version(72, deaths_said_later));
        lab.write("early.toml", "version = \"19.1\"\nreleased = \"2019-06-01\"\n");
        lab.write("late.toml", "version = \"21.1\"\nreleased = \"2021-06-01\"\n");
        let into = ["--observatory", OBSERVATORY];
        let import = |arguments: &[&str]| {
            let done = lab.run(&[&["import"], arguments, &into].concat());
            assert_eq!(done.code, Some(0), "{}", done.stderr);
        };
        import(&["case", "case"]);
        import(&["ucdp-ged", "GEDEvent_v19_1.csv", "--card", "early.toml"]);
        import(&["ucdp-ged", "GEDEvent_v21_1.csv", "--card", "late.toml"]);
        let usual = ["backtest", "--unit", "adm2", "--windows", "2020", "--model"];
        let rest = ["smoothed-history", "--draws", "30", "--out", "out"];
        let flag: &[&str] = if vintages { &["--vintages"] } else { &[] };
        let done = lab.run(&[&usual[..], &rest, &into, flag].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let file = "draws-smoothed-history-2020.parquet";
        let drawn = std::fs::read(lab.path("out").join(file)).expect("draws");
        let score = rows(&std::fs::read_to_string(lab.path("out/scores.csv")).expect("scores"));
        (drawn, number(&score[0], "mean"))
    };
    let ((known, score), (again, other)) = (draws("4", true), draws("40", true));
    assert!(known == again, "a later version moved draws made before it");
    assert!(score != other, "the later version is what is scored against");
    assert!(draws("40", false).0 != again, "without vintages the later version is in effect");
}

#[test]
fn provinces_are_the_sums_of_their_districts_in_every_draw() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let case = case.to_string_lossy().into_owned();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let draws = |unit: &str| {
        let out = folder.path().join(format!("{unit}.csv")).to_string_lossy().into_owned();
        let done = run(&[
            "forecast",
            &case,
            "--unit",
            unit,
            "--steps",
            "1..2",
            "--draws",
            "20",
            "--model",
            "smoothed-history",
            "--out",
            &out,
        ]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        rows(&std::fs::read_to_string(out).expect("draws"))
    };
    let total = |rows: &[BTreeMap<String, String>], month: &str, draw: &str| -> f64 {
        let of = |row: &&BTreeMap<String, String>| row["month_id"] == month && row["draw"] == draw;
        rows.iter().filter(of).map(|row| number(row, "outcome")).sum()
    };
    let [districts, provinces, country] = ["adm2", "adm1", "country"].map(draws);
    assert_eq!(country.len(), 2 * 20);
    assert_eq!(country[0]["country_id"], "136");
    for row in &country {
        let whole = number(row, "outcome");
        assert_eq!(whole, total(&districts, &row["month_id"], &row["draw"]));
        assert_eq!(whole, total(&provinces, &row["month_id"], &row["draw"]));
    }
    let distinct: std::collections::BTreeSet<_> =
        country.iter().map(|row| &row["outcome"]).collect();
    assert!(distinct.len() > 5, "the draws differ: {distinct:?}");
}

#[test]
fn what_cannot_be_forecast_or_scored_is_refused_with_a_reason() {
    let lab = Lab::new();
    lab.write("series.csv", series());
    lab.write("negative.csv", "month_id,country_id,ged_sb\n1,7,3\n2,7,-1\n");
    lab.write("twice.csv", "month_id,country_id,ged_sb\n1,7,3\n1,7,4\n");
    lab.write("words.csv", "month_id,country_id,ged_sb\n1,7,3\n2,7,many\n");
    lab.write("iso.csv", "month_id,country_id,ged_sb\n2018-01,7,3\n");
    lab.write("unknown.csv", "month,region,ged_sb\n1,7,3\n");
    lab.write("empty.csv", "");
    lab.write("header.csv", "month_id,country_id,ged_sb\n");
    lab.write("not.parquet", "month_id");
    lab.write("uneven.csv", "month_id,country_id,draw,outcome\n361,7,0,1\n361,7,1,1\n361,12,0,1\n");
    lab.write("fraction.csv", "month_id,country_id,draw,outcome\n361,7,0,-2\n");
    lab.write("elsewhere.csv", "month_id,country_id,draw,outcome\n361,99,0,1\n");
    let backtest = |name: &str, series: &str, more: &[&str]| {
        let usual = ["backtest", "--series", series, "--windows", "2018", "--out", "out"];
        lab.refused(name, &[&usual[..], more].concat());
    };
    backtest("forecast-missing-file", "none.csv", &[]);
    for file in ["negative", "twice", "words", "iso", "unknown", "empty", "header"] {
        backtest(&format!("forecast-{file}"), &format!("{file}.csv"), &[]);
    }
    backtest("forecast-not-parquet", "not.parquet", &[]);
    backtest("forecast-unknown-model", "series.csv", &["--model", "oracle"]);
    backtest("forecast-no-steps", "series.csv", &["--steps", "0..3"]);
    backtest("forecast-no-draws", "series.csv", &["--draws", "0"]);
    backtest("forecast-unknown-target", "series.csv", &["--target", "deaths"]);
    backtest("forecast-both-subjects", "series.csv", &["--observatory", "observatory"]);
    let early = ["backtest", "--series", "series.csv", "--windows", "1980", "--out", "out"];
    lab.refused("forecast-window-too-early", &early);
    for draws in ["uneven", "fraction", "elsewhere", "empty", "series"] {
        let file = format!("{draws}.csv");
        let arguments = ["score", "--actuals", "series.csv", "--draws", file.as_str()];
        lab.refused(&format!("score-{draws}"), &arguments);
    }
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let cells = run(&["forecast", &case.to_string_lossy(), "--unit", "priogrid"]);
    assert_eq!(cells.status.code(), Some(1));
    let talk = String::from_utf8_lossy(&cells.stderr).into_owned();
    assert!(talk.contains("ready-made counts have no coordinates"), "{talk}");
    lab.refused("forecast-nothing-named", &["forecast"]);
    let grid = ["forecast", "--observatory", "observatory", "--unit", "village"];
    lab.refused("forecast-unknown-unit", &grid);
}

const ACTUALS: &str = "month_id,country_id,ged_sb\n457,1,1\n458,1,30\n";

/// The mean of each score of a file of draws, and what was said.
fn scored(name: &str, draws: &str) -> (BTreeMap<String, f64>, String) {
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    lab.write(name, draws);
    score_of(&lab, name)
}

fn score_of(lab: &Lab, name: &str) -> (BTreeMap<String, f64>, String) {
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", name]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let scores = rows(&done.stdout);
    (scores.iter().map(|row| (row["score"].clone(), number(row, "mean"))).collect(), done.stderr)
}

#[test]
fn draws_with_fractions_are_scored_as_they_are() {
    // E|X − 1| − ½ E|X − X′| over 0.4 and 1.6 is 0.6 − 0.3; over their rounded values it is 0.5.
    let text = "month_id,country_id,draw,outcome\n457,1,0,0.4\n457,1,1,1.6\n";
    let (scores, said) = scored("frac.csv", text);
    assert!((scores["crps"] - 0.3).abs() < 1e-12, "{scores:?}");
    assert!(said.contains("2 of 2 draws are no whole numbers"), "{said}");
    assert!(said.contains("need counts"), "{said}");
    // One draw of two is one death or more; as is one in ign's bin of one and two, of two and eleven.
    assert!((scores["brier_1"] - 0.25).abs() < 1e-12, "{scores:?}");
    assert!((scores["ign"] - (13.0_f64 / 2.0).log2()).abs() < 1e-12, "{scores:?}");
    assert!((scores["log1p_crps"] - 0.0).abs() > 0.1);
    // A file of Parquet gives the same.
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    let table = sanad_store::Columns::default()
        .int32("month_id", vec![457, 457])
        .float64("country_id", vec![1.0, 1.0])
        .int32("draw", vec![0, 1])
        .float64("outcome", vec![0.4, 1.6])
        .finish()
        .unwrap();
    sanad_store::export::write_file(&table, None, &lab.path("frac.parquet")).unwrap();
    assert_eq!(score_of(&lab, "frac.parquet").0, scores);
}

#[test]
fn actuals_that_are_no_counts_are_named() {
    let lab = Lab::bare();
    lab.write("draws.csv", "month_id,country_id,draw,outcome\n457,1,0,1\n458,1,0,1\n");
    let score = ["score", "--actuals", "act.csv", "--draws", "draws.csv"];
    lab.write("act.csv", ACTUALS);
    assert!(!lab.run(&score).stderr.contains("whole numbers"));
    lab.write("act.csv", "month_id,country_id,ged_sb\n457,1,0.7\n458,1,30\n459,1,NA\n");
    let said = lab.run(&score).stderr;
    assert!(said.contains("1 of 2 actuals are no whole numbers"), "{said}");
}

#[test]
fn a_table_with_other_separators_says_so() {
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    let draws = "month_id,country_id,draw,outcome\n457,1,0,1\n458,1,0,1\n";
    let score = ["score", "--actuals", "act.csv", "--draws", "draws.csv"];
    for (separator, name) in [(";", "semicolons"), ("\t", "tabulators"), ("|", "bars")] {
        lab.write("draws.csv", draws.replace(',', separator));
        let done = lab.run(&score);
        assert_eq!(done.code, Some(1));
        let said: String = done.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("with {name} between the fields")), "{said}");
        assert!(said.contains("save it with commas between the fields"), "{said}");
    }
    lab.write("draws.csv", draws);
    assert_eq!(lab.run(&score).code, Some(0));
}

#[test]
fn a_fraction_after_many_counts_does_not_change_what_came_before() {
    let mut text = "month_id,country_id,draw,outcome\n".to_owned();
    for draw in 0..20 {
        let _ = writeln!(text, "457,1,{draw},{}", draw % 3);
    }
    let whole = scored("whole.csv", &text);
    assert!(!whole.1.contains("whole numbers"), "{}", whole.1);
    for draw in 0..20 {
        let _ = writeln!(text, "458,1,{draw},{}.5", draw);
    }
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    lab.write("both.csv", text);
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", "both.csv", "--by", "month"]);
    let first = &rows(&done.stdout)[0];
    assert_eq!(number(first, "crps"), whole.0["crps"], "{first:?}");
    assert!(done.stderr.contains("20 of 40 draws"), "{}", done.stderr);
}

#[test]
fn a_draw_that_is_there_twice_is_an_error_with_its_row() {
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    let refused = |text: &str| {
        lab.write("draws.csv", text);
        let done = lab.run(&["score", "--actuals", "act.csv", "--draws", "draws.csv"]);
        assert_eq!(done.code, Some(1), "{}", done.stderr);
        done.stderr
    };
    let header = "month_id,country_id,draw,outcome\n";
    // The same in every place and month, so that the numbers of draws agree.
    let even =
        format!("{header}457,1,0,4\n457,1,1,2\n457,1,1,2\n458,1,0,1\n458,1,0,1\n458,1,1,1\n");
    let said = refused(&even);
    assert!(
        said.contains("row 4, column draw: place 1, month 457 has draw 1 a second time"),
        "{said}"
    );
    // In one place alone; numbers from 1; numbers that no program counts by.
    let said = refused(&format!("{header}457,1,1,4\n457,1,2,4\n458,1,1,4\n458,1,2,4\n458,1,2,4\n"));
    assert!(said.contains("row 6, column draw: place 1, month 458 has draw 2 a second"), "{said}");
    let said = refused(&format!("{header}457,1,9000000,4\n457,1,-7,4\n457,1,-7,4\n"));
    assert!(said.contains("row 4, column draw: place 1, month 457 has draw -7 a second"), "{said}");
    let said = refused(&format!("{header}457,1,0,4\n457,1,,4\n"));
    assert!(said.contains("row 3, column draw: no value"), "{said}");
    let said =
        refused(&header.replace("draw,", "draw_id,").replace("\n", "\n457,1,3,4\n457,1,3,5\n"));
    assert!(said.contains("row 3, column draw_id"), "{said}");
    // A place's number as a decimal is the same place.
    let said = refused(&format!("{header}457,1.0,0,4\n457, 1 ,0,4\n"));
    assert!(said.contains("row 3, column draw"), "{said}");
    let said = refused(&format!("{header}457,1,0,4\n457,1,1,NA\n"));
    assert!(said.contains("row 3, column outcome: no value"), "{said}");
}

#[test]
fn draws_of_months_that_the_actuals_do_not_know_are_not_scored() {
    let lab = Lab::bare();
    // The place and the month are known, each by itself; the month of the place is not.
    lab.write("act.csv", "month_id,country_id,ged_sb\n457,1,1\n457,2,2\n458,1,30\n");
    lab.write("draws.csv", "month_id,country_id,draw,outcome\n458,2,0,2\n");
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", "draws.csv"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
    assert!(done.stderr.contains("no draws for any place and month"), "{}", done.stderr);
}

#[test]
fn actuals_with_two_rows_for_a_place_and_month_are_refused() {
    let lab = Lab::bare();
    lab.write("act.csv", format!("{ACTUALS}457,1.00,1\n"));
    lab.write("draws.csv", "month_id,country_id,draw,outcome\n457,1,0,4\n");
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", "draws.csv"]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.stderr.contains("row 4: place 1 has a second row for month 457"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_table_for_a_spreadsheet_holds_no_formula_and_a_link_is_not_replaced() {
    let lab = Lab::bare();
    lab.write("act.csv", "month_id,place,ged_sb\n457,=1+1,1\n457,\"x\u{1b}[2J\ny\",1\n");
    let draws = "month_id,place,draw,outcome\n457,=1+1,0,4\n457,\"x\u{1b}[2J\ny\",0,4\n";
    lab.write("draws.csv", draws);
    let score = ["score", "--actuals", "act.csv", "--draws", "draws.csv", "--by", "place"];
    let run = |more: &[&str]| {
        let done = lab.run(&[&score[..], more].concat());
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        done.stdout
    };
    assert!(run(&["--format", "csv"]).contains("draws,=1+1,"));
    assert!(run(&["--format", "spreadsheet"]).contains("draws,'=1+1,"));
    run(&["--format", "spreadsheet", "--out", "safe.csv"]);
    let safe = std::fs::read_to_string(lab.path("safe.csv")).unwrap();
    assert!(safe.contains("draws,'=1+1,"), "{safe}");
    for format in ["table", "md"] {
        let shown = run(&["--format", format]);
        assert!(shown.contains("x\u{fffd}[2J y"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("safe.csv", lab.path("link.csv")).unwrap();
        let done = lab.run(&[&score[..], &["--out", "link.csv"]].concat());
        assert_eq!(done.code, Some(1));
        assert!(done.stderr.contains("link.csv is not written: it is a link"), "{}", done.stderr);
    }
}

#[test]
fn a_message_holds_nothing_that_a_terminal_would_obey() {
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    let name = "x\u{1b}]0;title\u{7}\u{202e}.csv";
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", name]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("x\u{fffd}]0;title\u{fffd}\u{fffd}.csv"), "{}", done.stderr);
    lab.write("draws.csv", "month_id,country_id,draw,out\u{1b}[31mcome\n457,1,0,4\n");
    let done = lab.run(&["score", "--actuals", "act.csv", "--draws", "draws.csv"]);
    assert!(done.stderr.contains("out\u{fffd}[31mcome"), "{}", done.stderr);
}

/// A full disk behind stderr is no reason to fail, nor is a reader that has gone.
#[cfg(target_os = "linux")]
#[test]
fn talk_that_cannot_be_written_is_dropped() {
    let lab = Lab::bare();
    lab.write("act.csv", ACTUALS);
    lab.write("draws.csv", "month_id,country_id,draw,outcome\n457,1,0,4\n");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(SANAD);
    command.args(["score", "--actuals", "act.csv", "--draws", "draws.csv"]);
    let done = command.current_dir(lab.path("")).stderr(full).output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&done.stdout).contains("crps"));
}
