//! Reading an observatory changes none of its records, sources or states, and a case that is named with
//! it is not imported.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Lab, OBSERVATORY, events};

/// The reading commands, with a case that differs from the imported one where they take one.
const COMMANDS: &[&[&str]] = &[
    &["brief", "case", "--quick", "--out", "brief.html"],
    &["why", "case", "--unit", "adm2", "--place", "Hill", "--month", "2021-03"],
    &["network", "case"],
    &["forecast", "case", "--unit", "adm2", "--model", "zeros", "--draws", "10", "--steps", "1"],
    &[
        "backtest",
        "case",
        "--windows",
        "2022",
        "--train-end",
        "june",
        "--steps",
        "1..2",
        "--model",
        "zeros",
        "--draws",
        "10",
        "--out",
        "out",
    ],
    &["panel", "--unit", "adm1", "--from", "2021-01", "--to", "2021-12"],
    &["panel", "--unit", "priogrid", "--from", "2021-01", "--to", "2021-12"],
    &["sql", "SELECT * FROM events"],
    &["sql", "SELECT * FROM panel_adm2"],
    &["sql", "SELECT * FROM sources"],
    &["why", "--unit", "adm2", "--place", "Hill", "--month", "2021-03"],
    &["observations"],
    &["sources"],
    &["counts", "--country", "770", "--out", "counts.parquet"],
    &["doctor"],
    &["brief", "--quick", "--out", "brief.html"],
];

/// The analyses of a whole case, which the small one has no files for: they are asked of the case that is
/// shipped, each with its quickest options.
const ANALYSES: &[&[&str]] = &[
    &["claims", "--format", "csv"],
    &["cycle", "--kinds", "islamist-attacks,state-operations", "--format", "csv"],
    &["capability", "--format", "csv"],
    &["kinds", "--format", "csv"],
    &["interventions", "--id", "zarb-e-azb", "--format", "csv"],
    &["fronts", "--from", "2021-12", "--to", "2021-12"],
    &["narrative", "--format", "csv"],
    &["benchmarks", "--format", "csv"],
    &["scenario", "--members", "5", "--format", "csv"],
    &["levels", "--format", "csv"],
    &[
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
    ],
    &["ablation", "--windows", "2021", "--model", "zeros", "--draws", "5", "--steps", "1..2"],
    &["serve", "--listen", "127.0.0.1:0"],
];

/// Commands that no test here asks, with the reason.
const NOT_READING: [(&str, &str); 11] = [
    ("agreement", "reads a file of codings and no observatory"),
    ("case", "makes a folder of its own"),
    ("compact", "is asked to change the layout"),
    ("fetch", "writes into the folder that it is given"),
    ("import", "is asked to change the observatory"),
    ("model", "reads a model and no observatory"),
    ("moments", "reads a file of moments and no observatory"),
    (
        "publish",
        "writes into the folder that it is given; its own tests read an observatory with it",
    ),
    ("score", "reads files of draws and no observatory"),
    ("simulate", "reads a model and no observatory"),
    ("update", "is asked to change the observatory"),
];

/// The commands that the program lists.
fn listed_commands() -> Vec<String> {
    let help = Lab::bare().run(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let lines = list.expect("a list of commands").lines();
    // A name stands two blanks in; what its meaning goes on with stands further in.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|it| !it.starts_with(' ')));
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    names.map(first).filter(|name| name != "help").collect()
}

#[test]
fn every_command_is_asked_here_or_reads_no_observatory() {
    let asked = || COMMANDS.iter().chain(ANALYSES).map(|command| command[0]);
    let listed = listed_commands();
    assert!(listed.len() > 30, "{listed:?}");
    for name in &listed {
        let excused = NOT_READING.iter().any(|(other, _)| other == name);
        let is_asked = asked().any(|other| other == name);
        assert!(is_asked != excused, "{name} is in none of the lists, or in two");
    }
    for name in asked().chain(NOT_READING.map(|excused| excused.0)) {
        assert!(listed.iter().any(|other| other == name), "there is no command {name}");
    }
}

/// Runs a command that serves until its address is said, asks for a page, and ends it.
fn serve(lab: &Lab, command: &[&str]) {
    use std::io::{BufRead as _, Read as _, Write as _};
    let mut child = lab
        .command(command)
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut said = String::new();
    let talk = child.stderr.take().expect("a pipe");
    std::io::BufReader::new(talk).read_line(&mut said).expect("a line");
    let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let ask = |address: &str| {
        let mut stream = std::net::TcpStream::connect(address).expect("a server");
        let head = format!("GET /sources HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("a question");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer).expect("an answer")
    };
    // While a page is computed the server says so, and is asked again.
    let begun = std::time::Instant::now();
    let mut answer = address.map(ask);
    while answer.as_ref().is_some_and(|answer| answer.starts_with("HTTP/1.1 202"))
        && begun.elapsed().as_secs() < 120
    {
        std::thread::sleep(std::time::Duration::from_millis(200));
        answer = address.map(ask);
    }
    child.kill().and_then(|()| child.wait()).expect("the end of the server");
    let answer = answer.expect("an address");
    assert!(answer.starts_with("HTTP/1.1 200"), "{said}{answer}");
}

#[test]
fn no_analysis_changes_what_was_imported() {
    let lab = Lab::bare();
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan");
    lab.done(&["import", "case", case]);
    let before = imported(&lab);
    for command in ANALYSES {
        let asked = [command, &["--observatory", OBSERVATORY][..]].concat();
        if command[0] == "serve" {
            serve(&lab, &asked);
        } else {
            let (code, _, talk) = ask(&lab, command);
            assert_eq!(code, Some(0), "{command:?}: {talk}");
        }
        assert!(imported(&lab) == before, "{command:?} changed what was imported");
    }
}

/// An observatory with a case and events, and beside it another state of the case.
fn lab() -> Lab {
    let lab = Lab::new();
    let renamed = crate::support::PLACES.replace("Vale", "Dale");
    lab.write_case("case", &[("places.toml", &renamed)]);
    let later = |id: &str, day: &str| {
        crate::support::row(&[("id", id), ("date_start", day), ("date_end", day)])
    };
    let more = events(&[later("2", "2021-08-01"), later("3", "2022-10-01")]);
    lab.write("GEDEvent_v23_1.csv", more);
    lab.done(&["import", "ucdp-ged", "GEDEvent_v23_1.csv"]);
    lab
}

/// What an import writes: all but what is computed.
fn imported(lab: &Lab) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = lab.contents();
    let computed = ["derived", "results", "answers"].map(|name| Path::new(OBSERVATORY).join(name));
    all.retain(|path, _| !computed.iter().any(|folder| path.starts_with(folder)));
    all
}

fn ask(lab: &Lab, command: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [command, &["--observatory", OBSERVATORY]].concat();
    let done = lab
        .command(&arguments)
        .env("XDG_CACHE_HOME", lab.path("cache"))
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn no_reading_command_changes_what_was_imported() {
    let lab = lab();
    let before = imported(&lab);
    for command in COMMANDS {
        let (code, _, talk) = ask(&lab, command);
        assert_eq!(code, Some(0), "{command:?}: {talk}");
        assert!(imported(&lab) == before, "{command:?} changed what was imported");
    }
}

#[test]
fn a_case_that_is_named_counts_for_the_command_and_for_no_other() {
    let lab = lab();
    let why = |more: &[&str]| {
        ask(
            &lab,
            &[&["why"], more, &["--unit", "adm2", "--place", "Dale", "--month", "2021-03"]]
                .concat(),
        )
    };
    assert_eq!(why(&["case"]).0, Some(0), "{}", why(&["case"]).2);
    let (code, _, talk) = why(&[]);
    assert!(code == Some(1) && talk.contains("no place \"Dale\""), "{talk}");
}

/// Takes the right to write away from a folder and all in it, or gives it back.
fn set_read_only(folder: &Path, read_only: bool) {
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        let mut rights = fs::metadata(&path).expect("a file").permissions();
        rights.set_readonly(read_only);
        if !read_only || !path.is_dir() {
            fs::set_permissions(&path, rights.clone()).expect("our own file");
        }
        if path.is_dir() {
            paths.extend(
                fs::read_dir(&path).expect("a folder").flatten().map(|flatten| flatten.path()),
            );
            fs::set_permissions(&path, rights).expect("our own folder");
        }
    }
}

#[test]
fn every_reading_command_works_on_a_folder_that_may_not_be_written_to() {
    let lab = lab();
    let folder = lab.path(OBSERVATORY);
    let before = lab.contents();
    set_read_only(&folder, true);
    let is_bound = fs::write(folder.join("probe"), "").is_err();
    let answers: Vec<_> = COMMANDS.iter().map(|command| ask(&lab, command)).collect();
    set_read_only(&folder, false);
    if !is_bound {
        eprintln!("skipped: this user may write to read-only folders");
        return;
    }
    for (command, (code, _, talk)) in COMMANDS.iter().zip(answers) {
        assert_eq!(code, Some(0), "{command:?}: {talk}");
    }
    assert!(lab.contents() == before, "a read-only folder changed");
}

#[test]
fn the_list_of_sources_fits_a_hundred_columns_and_the_file_has_all_of_it() {
    let lab = lab();
    let card = format!(
        "version = \"22.1-with-a-long-name\"\ntitle = \"{}\"\nlicence = \"{}\"\n\
         citation = \"{}\"\n",
        "long title ".repeat(30),
        "a licence of many words ".repeat(9),
        "a citation ".repeat(40),
    );
    lab.write("card.toml", card);
    lab.write("more.csv", events(&[crate::support::row(&[("id", "77")])]));
    lab.done(&["import", "ucdp-ged", "more.csv", "--card", "card.toml"]);
    let list = lab.done(&["sources"]);
    for line in list.lines() {
        assert!(line.chars().count() <= 100, "{} letters: {line}", line.chars().count());
    }
    assert!(list.contains("22.1-with-a…"), "{list}");
    let whole = lab.done(&["sources", "--format", "csv"]);
    assert!(
        whole.contains("22.1-with-a-long-name")
            && whole.contains(&"a citation ".repeat(40).trim().to_owned())
    );
}

#[test]
fn sql_writes_the_file_that_out_names_in_its_form() {
    let lab = lab();
    for (file, begins) in
        [("t.csv", "n\n"), ("t.json", "[{"), ("t.md", "| n |"), ("t.parquet", "PAR1")]
    {
        let done = lab.done(&["sql", "SELECT COUNT(*) AS n FROM events", "--out", file]);
        assert_eq!(done, "");
        let bytes = fs::read(lab.path(file)).expect("a file");
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
    }
    let (code, _, talk) = ask(&lab, &["sql", "SELECT 1", "--out", "t.xlsx"]);
    assert!(code == Some(2) && talk.contains(".parquet"), "{talk}");
}

#[test]
fn every_column_of_the_fronts_and_of_the_network_is_defined_below_the_table() {
    let lab = Lab::bare();
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan");
    for command in [
        &["network", case][..],
        &["network", case, "--month", "2020-01"],
        &["fronts", case, "--from", "2021-11", "--to", "2021-12"],
        &["fronts", case, "--why", "Sindh", "2019-05"],
        &["fronts", case, "--indicators"],
    ] {
        let done = lab.run(&[command, &["--format", "md"]].concat());
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
        let header = done.stdout.lines().next().expect("a header");
        for column in header.split('|').map(str::trim).filter(|name| !name.is_empty()) {
            let defined = format!("- `{column}`: ");
            assert!(done.stdout.contains(&defined), "{command:?}: {column} is not defined");
        }
    }
}
