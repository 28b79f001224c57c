//! What an error says to do works when it is done.
//!
//! Every hint of the source is either applied by a test here or has a reason why it cannot be; a hint
//! that is neither turns [`every_hint_is_applied_or_says_why_not`] red.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{CASE, Lab, OBSERVATORY, PLACES, SANAD, events, header, quoted, row};

/// A hint's first words, and the tests below that apply it.
const APPLIED: &[(&str, fn())] = &[
    ("an import makes one: sanad import ucdp-ged", an_import_makes_an_observatory),
    ("name a folder that is empty", an_import_makes_an_observatory),
    ("rename the folder, or name another", an_import_makes_an_observatory),
    ("put the file itself into the folder", a_file_itself_replaces_a_link),
    ("wait for it to end, then try again", a_writer_that_waits_comes_to_its_turn),
    ("make it again: sanad counts", counts_are_made_again),
    ("a card is a TOML file with", a_card_with_the_fields_named_is_read),
    ("nothing was changed; leave out --strict", without_strict_what_is_sound_is_kept),
    ("nothing was changed; check that the file", a_file_is_read_as_its_own_format),
    ("write one SELECT", a_statement_is_written_from_the_list_of_columns),
    ("import a case first", a_case_gives_places),
    ("covered: {covered}; import a release", a_release_covers_the_month),
    ("import some: sanad import ucdp-ged", events_are_imported),
    ("use --date-rule end", counts_are_asked_by_the_last_day),
    ("did you mean {}?", a_name_that_was_offered_is_known),
    ("nothing was changed; sanad doctor", damage_is_repaired_as_doctor_says),
    ("sanad doctor --repair --observatory", damage_is_repaired_as_doctor_says),
    ("ask for less, or in parts", a_panel_is_asked_for_in_parts),
    ("check that the path is spelt right", a_path_is_spelt_right),
    ("import a release that covers {month}", days_lie_in_covered_months),
    ("ask for a coarser unit", a_coarser_unit_has_places),
    ("name a folder with a case.toml", a_folder_with_a_card_is_a_case),
    ("one table per constant", a_distribution_is_written_as_told),
    ("import the events, then name the observatory", events_lie_in_cells),
    ("write them and name the file in case.toml", a_case_gets_indicators),
    ("name a model in XMILE in case.toml", a_case_gets_a_model),
    ("declare them as [[intervention]]", a_case_gets_interventions),
    ("add the table [calibration]", a_case_gets_a_calibration),
    ("declare kinds of event in cycle.toml", a_case_gets_kinds_of_event),
    ("write it and name it in case.toml", a_case_gets_benchmarks),
    ("unset it for the machine's date", a_date_is_fixed_by_a_number),
    ("name what to draw: --keep", a_large_model_is_drawn_in_part),
    ("sanad model variables {} lists them", a_variable_is_found_in_the_list),
    ("did you mean {}?", a_name_that_was_offered_is_known),
];

/// Hints that no test applies, with the reason.
const REASONS: &[(&str, &str)] = &[
    (
        "name violence by country and month in case.toml",
        "trials are run again where none are shipped: it takes minutes",
    ),
    ("check the disk, then run sanad doctor", "a disk that fails: fault_tests of the store let it"),
    ("check who may read and write there", "tests may run as a user to whom nothing is forbidden"),
    ("make room on the disk, then try again", "a full disk: fault_tests of the store let it fill"),
    ("redirect it to a file, or use --out", "it needs a terminal; tests have none"),
    (
        "add [[update]] with source",
        "what it adds is fetched from a publisher: the tests of update do so on loopback",
    ),
    ("leave out --show models", "it needs a fit that fails on sound data"),
    (
        "sanad-cluster takes the same commands",
        "it builds a program with a query engine of its own: scripts/test-cluster does so, and runs it",
    ),
    (
        "declare them as [[kind]] in case.toml",
        "it needs a case with a cycle.toml and without kinds: what a kind must be is tried in sanad-case",
    ),
];

fn source(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("a source file")
}

/// The texts in quotes in the functions `names` of a source file.
fn texts_in(code: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let start = code.find(&format!("fn {name}(")).expect("the function");
        let body = &code[start..];
        let indent = code[..start].rsplit('\n').next().expect("a line").len()
            - code[..start].rsplit('\n').next().expect("a line").trim_start().len();
        let end = body.find(&format!("\n{}}}", " ".repeat(indent))).expect("its end");
        found.extend(quoted(&body[..end]));
    }
    found
}

#[test]
fn every_hint_is_applied_or_says_why_not() {
    let mut hints = Vec::new();
    for (path, names) in [
        ("crates/sanad-store/src/error.rs", &["hint", "io_hint"][..]),
        ("crates/sanad-study/src/error.rs", &["hint", "way_to_have"]),
        ("crates/sanad-cli/src/error.rs", &["hint"]),
    ] {
        hints.extend(texts_in(&source(path), names));
    }
    // Words that join names, and what a case may lack, are no hints.
    hints.retain(|text| {
        text.contains(' ')
            && text.len() > 15
            && !text.starts_with("[calibration]")
            && !text.starts_with("model whose")
            && !["counts by", "counts of", "final national"].iter().any(|it| text.starts_with(it))
    });
    assert!(hints.len() > 30, "{hints:?}");
    let expected = || APPLIED.iter().map(|it| it.0).chain(REASONS.iter().map(|it| it.0));
    for hint in &hints {
        assert!(
            expected().any(|start| hint.starts_with(start)),
            "no test applies the hint {hint:?}"
        );
    }
    for start in expected() {
        assert!(hints.iter().any(|hint| hint.starts_with(start)), "no such hint: {start:?}");
    }
}

#[test]
fn hints_of_the_store_work_when_followed() {
    for (_, apply) in &APPLIED[..13] {
        apply();
    }
}

#[test]
fn hints_about_damage_names_and_paths_work_when_followed() {
    for (_, apply) in &APPLIED[13..19] {
        apply();
    }
}

#[test]
fn hints_of_studies_and_of_models_work_when_followed() {
    for (_, apply) in &APPLIED[19..] {
        apply();
    }
}

/// Runs a command that fails with this hint.
#[track_caller]
fn fails(lab: &Lab, arguments: &[&str], hint: &str) {
    let outcome = lab.run(arguments);
    assert!(matches!(outcome.code, Some(1 | 2)), "{arguments:?}: {}", outcome.stderr);
    assert!(outcome.stderr.contains(hint), "{arguments:?}: {}", outcome.stderr);
}

#[track_caller]
fn works(lab: &Lab, arguments: &[&str]) -> String {
    let outcome = lab.run(arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
    outcome.stdout
}

const PANEL: [&str; 9] = [
    "panel",
    "--unit",
    "country",
    "--from",
    "2021-01",
    "--to",
    "2021-12",
    "--observatory",
    OBSERVATORY,
];

fn an_import_makes_an_observatory() {
    let lab = Lab::bare();
    lab.write("events.csv", events(&[]));
    lab.write("full/notes.txt", "mine");
    fails(&lab, &PANEL, "an import makes one");
    let into = |folder: &'static str| ["import", "ucdp-ged", "events.csv", "--observatory", folder];
    fails(&lab, &into("full"), "empty or does not exist");
    fails(&lab, &into("two\nlines"), "rename the folder, or name another");
    works(&lab, &into(OBSERVATORY));
    works(&lab, &PANEL);
}

#[cfg(unix)]
fn a_file_itself_replaces_a_link() {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    lab.write("actors.toml", fs::read(lab.path("case/actors.toml")).expect("actors"));
    fs::remove_file(lab.path("case/actors.toml")).expect("a file to remove");
    std::os::unix::fs::symlink("../actors.toml", lab.path("case/actors.toml")).expect("a link");
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    fails(&lab, &import, "put the file itself into the folder");
    fs::remove_file(lab.path("case/actors.toml")).expect("a link to remove");
    fs::copy(lab.path("actors.toml"), lab.path("case/actors.toml")).expect("a copy");
    works(&lab, &import);
}

#[cfg(not(unix))]
fn a_file_itself_replaces_a_link() {}

fn a_writer_that_waits_comes_to_its_turn() {
    let lab = Lab::new();
    lab.write("GEDEvent_v23_1.csv", events(&[]));
    let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory", OBSERVATORY];
    let lock = fs::File::options().write(true).open(lab.path("observatory/.lock"));
    let lock = lock.or_else(|_| fs::File::create(lab.path("observatory/.lock"))).expect("a lock");
    lock.lock().expect("the lock is free");
    fails(&lab, &import, "wait for it to end");
    drop(lock);
    works(&lab, &import);
}

const FIGURE: &str =
    "\n[[figure]]\nfile = \"counts.parquet\"\nformat = \"counts\"\ncard = \"counts.toml\"\n";

fn counts_are_made_again() {
    let lab = Lab::new();
    let card = "id = \"ucdp-ged\"\nversion = \"22.1\"\n";
    let with_figure = format!("{CASE}{FIGURE}");
    lab.write_case("other", &[("case.toml", &with_figure), ("counts.toml", card)]);
    lab.write("other/counts.parquet", "month,events\n");
    let import = ["import", "case", "other", "--observatory", "second"];
    fails(
        &lab,
        &import,
        "make it again: sanad counts --observatory DIR --country NUMBER --out FILE",
    );
    let out = ["--country", "770", "--out", "other/counts.parquet"];
    works(&lab, &[&["counts", "--observatory", OBSERVATORY][..], &out].concat());
    works(&lab, &import);
}

fn a_card_with_the_fields_named_is_read() {
    let lab = Lab::new();
    lab.write("more.csv", events(&[]));
    lab.write("card.toml", "version = 22.1\n");
    let import =
        ["import", "ucdp-ged", "more.csv", "--observatory", OBSERVATORY, "--card", "card.toml"];
    fails(&lab, &import, "a card is a TOML file with id, version, title, citation");
    let card = "id = \"ucdp-ged\"\nversion = \"23.1\"\ntitle = \"T\"\ncitation = \"C\"\n\
                licence = \"CC-BY-4.0\"\nurl = \"\"\naccessed = \"2026-01-01\"\n";
    lab.write("card.toml", card);
    works(&lab, &import);
}

fn without_strict_what_is_sound_is_kept() {
    let lab = Lab::new();
    lab.write("GEDEvent_v23_1.csv", events(&[row(&[("id", "2"), ("best", "many")])]));
    let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory", OBSERVATORY];
    fails(&lab, &[&import[..], &["--strict"]].concat(), "leave out --strict");
    works(&lab, &import);
}

fn a_file_is_read_as_its_own_format() {
    let lab = Lab::new();
    let wrong = row(&[("date_start", "never"), ("date_end", "never")]);
    lab.write("GEDEvent_v23_1.csv", format!("{}\n{wrong}\n", header()));
    let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory", OBSERVATORY];
    fails(&lab, &import, "check that the file is of the format it was given as");
    lab.write("GEDEvent_v23_1.csv", events(&[]));
    works(&lab, &import);
}

fn a_statement_is_written_from_the_list_of_columns() {
    let lab = Lab::new();
    let sql = |statement| ["sql", statement, "--observatory", OBSERVATORY, "--format", "csv"];
    let list = "SELECT table_name, column_name FROM information_schema.columns";
    fails(&lab, &sql("DROP TABLE events"), list);
    let listed = works(&lab, &sql(list));
    assert!(listed.lines().any(|line| line == "events,deaths_best"), "{listed}");
    works(&lab, &sql("SELECT deaths_best FROM events"));
}

fn a_case_gives_places() {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    lab.write("events.csv", events(&[]));
    works(&lab, &["import", "ucdp-ged", "events.csv", "--observatory", OBSERVATORY]);
    let panel = ["panel", "--unit", "adm1", "--from", "2021-01", "--to", "2021-12"];
    let panel = [&panel[..], &["--observatory", OBSERVATORY]].concat();
    fails(&lab, &panel, "import a case first: sanad import case FOLDER --observatory DIR");
    works(&lab, &["import", "case", "case", "--observatory", OBSERVATORY]);
    works(&lab, &panel);
}

fn a_release_covers_the_month() {
    let lab = Lab::new();
    let why = ["why", "--unit", "adm2", "--place", "Hill", "--month", "2023-05", "--observatory"];
    let why = [&why[..], &[OBSERVATORY]].concat();
    fails(&lab, &why, "import a release of ucdp-ged that holds 2023-05");
    let later = row(&[("id", "9"), ("date_start", "2023-05-02"), ("date_end", "2023-05-02")]);
    lab.write("GEDEvent_v24_1.csv", events(&[later]));
    works(&lab, &["import", "ucdp-ged", "GEDEvent_v24_1.csv", "--observatory", OBSERVATORY]);
    works(&lab, &why);
}

fn events_are_imported() {
    let lab = Lab::bare();
    lab.write_case("case", &[]);
    lab.write("events.csv", events(&[]));
    works(&lab, &["import", "case", "case", "--observatory", OBSERVATORY]);
    fails(&lab, &PANEL, "import some: sanad import ucdp-ged FILE --observatory DIR");
    works(&lab, &["sources", "--observatory", OBSERVATORY]);
    works(&lab, &["import", "ucdp-ged", "events.csv", "--observatory", OBSERVATORY]);
    works(&lab, &PANEL);
}

fn counts_are_asked_by_the_last_day() {
    let lab = Lab::new();
    let pakistan = root("cases/pakistan");
    works(&lab, &["import", "case", &pakistan, "--observatory", "second"]);
    let panel = ["panel", "--unit", "country", "--from", "2020-01", "--to", "2020-02"];
    let panel = [&panel[..], &["--observatory", "second", "--date-rule"]].concat();
    fails(&lab, &[&panel[..], &["start"]].concat(), "use --date-rule end");
    works(&lab, &[&panel[..], &["end"]].concat());
}

fn root(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    whole.to_string_lossy().into_owned()
}

fn a_name_that_was_offered_is_known() {
    let lab = Lab::new();
    let why = |place: &'static str| {
        let request = ["why", "--unit", "adm2", "--place", place, "--month", "2021-03"];
        [&request[..], &["--observatory", OBSERVATORY]].concat()
    };
    fails(&lab, &why("Hil"), "did you mean Hill (X11)?");
    works(&lab, &why("Hill"));
    works(&lab, &why("X11"));
    let model = root("cases/pakistan/model.xmile");
    let listed = works(&lab, &["model", "variables", &model, "--format", "csv"]);
    let plain = listed.lines().skip(1).find(|line| !line.contains('['));
    let name = plain.and_then(|line| line.split(',').next()).expect("a variable");
    let (cut, _) = name.split_at(name.len() - 1);
    let simulate = |name: &str| lab.run(&["simulate", &model, "--save", name]);
    let offered = simulate(cut).stderr;
    assert!(offered.contains("did you mean") && offered.contains(name), "{offered}");
    assert_eq!(simulate(name).code, Some(0));
}

fn damage_is_repaired_as_doctor_says() {
    let lab = Lab::new();
    fs::remove_file(lab.path("observatory/CURRENT")).expect("a pointer");
    fails(&lab, &PANEL, "sanad doctor --observatory DIR says what is damaged");
    let doctor = ["doctor", "--observatory", OBSERVATORY];
    fails(&lab, &doctor, "sanad doctor --repair --observatory observatory");
    works(&lab, &["doctor", "--repair", "--observatory", OBSERVATORY]);
    works(&lab, &PANEL);
    // Records that are gone come back with their source.
    let records = lab.contents().into_keys().find(|path| {
        let path = path.to_string_lossy();
        path.contains("records/event") && path.ends_with(".parquet")
    });
    fs::remove_file(lab.path(records.expect("records").to_str().expect("a name"))).expect("a file");
    fails(&lab, &PANEL, "importing a source again restores its records");
    lab.write("GEDEvent_v22_1.csv", events(&[]));
    works(&lab, &["import", "ucdp-ged", "GEDEvent_v22_1.csv", "--observatory", OBSERVATORY]);
    works(&lab, &PANEL);
}

fn a_panel_is_asked_for_in_parts() {
    let lab = Lab::new();
    let panel = |to: &'static str| {
        [
            "panel",
            "--unit",
            "country",
            "--from",
            "0001-01",
            "--to",
            to,
            "--observatory",
            OBSERVATORY,
        ]
    };
    fails(&lab, &panel("9999-12"), "ask for less, or in parts");
    works(&lab, &panel("0100-12"));
}

fn a_path_is_spelt_right() {
    let lab = Lab::new();
    lab.write("GEDEvent_v23_1.csv", events(&[]));
    let import = |file: &'static str| ["import", "ucdp-ged", file, "--observatory", OBSERVATORY];
    fails(&lab, &import("GEDEvents_v23_1.csv"), "check that the path is spelt right");
    works(&lab, &import("GEDEvent_v23_1.csv"));
}

/// A copy of the shipped case in which `change` is made to a file.
fn changed(lab: &Lab, file: &str, change: impl Fn(&str) -> String) -> String {
    let from = PathBuf::from(root("cases/pakistan"));
    for entry in fs::read_dir(&from).expect("the case") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        lab.write(&format!("case/{name}"), fs::read(&path).expect("a file"));
    }
    let sound = fs::read_to_string(from.join(file)).expect("a text");
    let broken = change(&sound);
    assert_ne!(broken, sound, "{file} did not change");
    lab.write(&format!("case/{file}"), broken);
    sound
}

/// A command on a case fails with the hint while a file is changed, and works once it is as the hint
/// says, which is how the shipped case has it.
fn lacks(file: &str, change: impl Fn(&str) -> String, arguments: &[&str], hint: &str) {
    let lab = Lab::bare();
    let sound = changed(&lab, file, change);
    let arguments = [&arguments[..1], &["case"], &arguments[1..]].concat();
    fails(&lab, &arguments, hint);
    lab.write(&format!("case/{file}"), sound);
    works(&lab, &arguments);
}

fn without_line(start: &'static str) -> impl Fn(&str) -> String {
    move |text| {
        let lines = text.lines().filter(|line| !line.starts_with(start));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

fn without_tables(name: &'static str) -> impl Fn(&str) -> String {
    move |text| {
        let mut inside = false;
        let mut kept = String::new();
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.trim_start_matches('[').starts_with(name);
            }
            if !inside {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    }
}

/// The cycle of two kinds and few years: a hint is as true of it, and the rest would take twenty times as long.
const SHORT_CYCLE: [&str; 5] =
    ["cycle", "--kinds", "islamist-attacks,state-operations", "--from", "2016"];

fn days_lie_in_covered_months() {
    let beyond = |text: &str| {
        let to = text.lines().find(|line| line.starts_with("to = ")).expect("a last day");
        text.replacen(to, "to = \"2024-12-31\"", 1)
    };
    lacks(
        "cycle.toml",
        beyond,
        &SHORT_CYCLE,
        "or declare days in the case that lie in covered months",
    );
}

fn a_coarser_unit_has_places() {
    let lab = Lab::bare();
    let districts = PLACES.find("\n[[place]]\nid = \"X11\"").expect("a district");
    lab.write_case("case", &[("places.toml", &PLACES[..districts])]);
    let rows: Vec<String> = (1..=60)
        .map(|number: i32| {
            let day = format!("{}-{:02}-03", 2016 + (number - 1) / 12, (number - 1) % 12 + 1);
            row(&[("id", &number.to_string()), ("date_start", &day), ("date_end", &day)])
        })
        .collect();
    lab.write("GEDEvent_v21_1.csv", format!("{}\n{}\n", header(), rows.join("\n")));
    for (format, file) in [("case", "case"), ("ucdp-ged", "GEDEvent_v21_1.csv")] {
        lab.done(&["import", format, file]);
    }
    let backtest = |unit: &'static str| {
        let request = ["backtest", "--unit", unit, "--windows", "2020", "--model", "zeros"];
        [&request[..], &["--draws", "10", "--out", "out", "--observatory", OBSERVATORY]].concat()
    };
    fails(&lab, &backtest("adm2"), "ask for a coarser unit");
    works(&lab, &backtest("adm1"));
}

fn a_folder_with_a_card_is_a_case() {
    let lab = Lab::new();
    lab.write("empty/notes.txt", "none");
    let why = |case: &'static str| {
        let request = ["why", case, "--unit", "adm2", "--place", "Hill", "--month", "2021-03"];
        [&request[..], &["--observatory", OBSERVATORY]].concat()
    };
    fails(&lab, &why("empty"), "name a folder with a case.toml in it");
    lab.write_case("case", &[]);
    works(&lab, &why("case"));
}

fn a_distribution_is_written_as_told() {
    let lab = Lab::bare();
    let model = root("cases/pakistan/model.xmile");
    let listed = works(&lab, &["model", "variables", &model, "--format", "csv"]);
    let is_constant = |line: &&str| !line.contains('[') && !line.ends_with(',');
    let constant = listed.lines().skip(1).find(is_constant).expect("a constant");
    let name = constant.split(',').next().expect("a name");
    lab.write("vary.toml", "harm = 3\n");
    let simulate = ["simulate", &model, "--members", "3", "--vary", "vary.toml"];
    fails(&lab, &simulate, "[name] with distribution = \"uniform\", low and high");
    let text = format!("[{name:?}]\ndistribution = \"uniform\"\nlow = 0.1\nhigh = 0.2\n");
    lab.write("vary.toml", text);
    works(&lab, &simulate);
}

fn events_lie_in_cells() {
    let lab = Lab::bare();
    let pakistan = root("cases/pakistan");
    let usual = ["--unit", "priogrid", "--steps", "1", "--model", "zeros", "--draws", "10"];
    let alone = [&["forecast", &pakistan][..], &usual].concat();
    fails(&lab, &alone, "import the events, then name the observatory: sanad import ucdp-ged FILE");
    let years = (0..36).map(|number| {
        let day = format!("{}-{:02}-03", 2019 + number / 12, number % 12 + 1);
        row(&[("id", &(number + 1).to_string()), ("date_start", &day), ("date_end", &day)])
    });
    let lines: Vec<String> = std::iter::once(header()).chain(years).collect();
    lab.write("GEDEvent_v22_1.csv", lines.join("\n") + "\n");
    works(&lab, &["import", "ucdp-ged", "GEDEvent_v22_1.csv", "--observatory", OBSERVATORY]);
    works(&lab, &[&alone[..], &["--observatory", OBSERVATORY]].concat());
}

fn a_case_gets_indicators() {
    let hint = "indicators = \"indicators.toml\"";
    lacks("case.toml", without_line("indicators ="), &["fronts"], hint);
}

fn a_case_gets_a_model() {
    let run = ["scenario", "--members", "5"];
    lacks("case.toml", without_line("model ="), &run, "under [files]: model = \"model.xmile\"");
}

fn a_case_gets_interventions() {
    let hint = "declare them as [[intervention]] in the case's cycle.toml";
    lacks("cycle.toml", without_tables("intervention"), &["interventions"], hint);
}

fn a_case_gets_a_calibration() {
    let fit = [
        "calibrate",
        "--members",
        "20",
        "--rounds",
        "1",
        "--searches",
        "1",
        "--settling",
        "1",
        "--tolerance",
        "1000",
    ];
    let lab = Lab::bare();
    let sound = changed(&lab, "priors.toml", without_tables("calibration"));
    // Scenarios that move levers in months need the table as well, and would say so first.
    let scenarios = fs::read_to_string(root("cases/pakistan/scenarios.toml")).expect("scenarios");
    lab.write("case/scenarios.toml", without_line("schedule =")(&scenarios));
    let arguments = [&fit[..1], &["case"], &fit[1..]].concat();
    fails(&lab, &arguments, "add the table [calibration]");
    lab.write("case/priors.toml", sound);
    works(&lab, &arguments);
}

fn a_case_gets_kinds_of_event() {
    let hint = "declare kinds of event in cycle.toml, named under [files] in case.toml";
    lacks("case.toml", without_line("cycle ="), &SHORT_CYCLE, hint);
}

fn a_case_gets_benchmarks() {
    let hint = "under [files]: benchmarks = \"benchmarks.toml\"";
    lacks("case.toml", without_line("benchmarks ="), &["benchmarks"], hint);
}

fn a_date_is_fixed_by_a_number() {
    let lab = Lab::new();
    lab.write("GEDEvent_v23_1.csv", events(&[]));
    let import = ["import", "ucdp-ged", "GEDEvent_v23_1.csv", "--observatory", OBSERVATORY];
    let run = |value: Option<&str>| {
        let mut command = lab.command(&import);
        match value {
            Some(value) => command.env("SOURCE_DATE_EPOCH", value),
            None => command.env_remove("SOURCE_DATE_EPOCH"),
        };
        command.output().expect("the program starts")
    };
    let refused = run(Some("yesterday"));
    let talk = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(talk.contains("set a number, such as 1767225600 for 2026-01-01"), "{talk}");
    assert!(run(Some("1767225600")).status.success());
    assert!(run(None).status.success(), "{SANAD}");
}

/// A model with more variables than a diagram shows.
fn large_model() -> String {
    let one = |number: usize| {
        format!(
            "<stock name=\"S{number}\"><eqn>1</eqn><inflow>f{number}</inflow></stock>\
             <flow name=\"f{number}\"><eqn>S{number} * 0.1</eqn></flow>"
        )
    };
    let all: String = (0..400).map(one).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xmile version=\"1.0\" \
         xmlns=\"http://docs.oasis-open.org/xmile/ns/XMILE/v1.0\"><header><vendor>x</vendor>\
         <product version=\"1\">x</product></header><sim_specs><start>0</start><stop>4</stop>\
         <dt>1</dt></sim_specs><model><variables>{all}</variables></model></xmile>"
    )
}

fn a_large_model_is_drawn_in_part() {
    let lab = Lab::bare();
    lab.write("model.xmile", large_model());
    let graph = ["model", "graph", "model.xmile", "--out", "model.svg"];
    fails(&lab, &graph, "name what to draw: --keep NAME,NAME; or write .graphml");
    works(&lab, &[&graph[..], &["--keep", "S1,f1"]].concat());
    works(&lab, &["model", "graph", "model.xmile", "--out", "model.graphml"]);
}

fn a_variable_is_found_in_the_list() {
    let lab = Lab::bare();
    lab.write("model.xmile", large_model());
    let simulate = |name: &'static str| ["simulate", "model.xmile", "--save", name];
    fails(&lab, &simulate("grievances"), "sanad model variables model.xmile lists them");
    let listed = works(&lab, &["model", "variables", "model.xmile", "--format", "csv"]);
    assert!(listed.lines().any(|line| line.starts_with("S1,")), "{listed}");
    works(&lab, &simulate("S1"));
}
