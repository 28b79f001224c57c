//! `sanad fetch` and `sanad update`, against a server on loopback with a catalogue of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::{CASE, Lab, OBSERVATORY, events, header, row};

/// Answers requests for paths until the process ends; what has no answer is a 404.
fn serve(answers: Vec<(&'static str, Vec<u8>)>) -> (String, Arc<Mutex<Vec<String>>>) {
    serve_slowly(answers, Duration::ZERO)
}

/// The same, with a pause after each tenth of an answer.
fn serve_slowly(
    answers: Vec<(&'static str, Vec<u8>)>,
    pause: Duration,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let request = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&request);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that has seen enough hangs up, which is no failure of the server.
            let _ = answer(stream, &answers, pause, &log);
        }
    });
    (base, request)
}

fn answer(
    mut stream: TcpStream,
    answers: &[(&str, Vec<u8>)],
    pause: Duration,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let found = answers.iter().find(|(known, _)| *known == path);
    log.lock().expect("a lock").push(path);
    let (status, body) = found.map_or((404, &[][..]), |(_, body)| (200, body));
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    for piece in body.chunks(body.len().div_ceil(10).max(1)) {
        stream.write_all(piece)?;
        stream.flush()?;
        std::thread::sleep(pause);
    }
    Ok(())
}

fn archive(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("a member");
    writer.write_all(text.as_bytes()).expect("a member");
    writer.finish().expect("an archive").into_inner()
}

const PAGE: &str = "<a href=\"/ged/ged221-csv.zip\">CSV</a>\
    <a href=\"/candidateged/GEDEvent_v22_01_22_03.csv\">Q1</a>\
    <a href=\"/candidateged/GEDEvent_v22_0_4.csv\">April</a>";

/// A catalogue of the two series of UCDP, and of one that a person must get.
fn catalogue(base: &str) -> String {
    let source = |id: &str, rest: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\npublisher = \"p\"\nseries = \"ucdp-ged\"\nformat = \"ucdp-ged\"\ntitle = \"T\"\n\
             citation = \"Cited as asked (2099)\"\nlicence = \"CC-BY-4.0\"\nredistribution = \"with-attribution\"\n{rest}\n"
        )
    };
    let lookup = format!("[source.lookup]\nkind = \"ucdp-links\"\nurl = \"{base}/downloads/\"\n");
    let finals = "pattern = \"/ged/ged{version}-csv.zip\"\n";
    let candidates = "pattern = \"/candidateged/GEDEvent_v{version}.csv\"\nfinals = \"/ged/ged{version}-csv.zip\"\n";
    [
        "[[publisher]]\nid = \"p\"\nname = \"P\"\npage = \"https://example.org/get\"\n".to_owned(),
        source("annual", &format!("[source.expected]\nkind = \"zip\"\nmember = \"GEDEvent_v*.csv\"\n{lookup}{finals}")),
        source("candidate", &format!("[source.expected]\nkind = \"csv\"\ncolumns = [\"id\", \"best\"]\n{lookup}{candidates}")),
        source("asked-for", "access = \"person\"\nnote = \"A form asks who you are.\"\n"),
    ]
    .concat()
}

fn on(id: &str, day: &str, deaths: &str) -> String {
    row(&[
        ("id", id),
        ("date_start", day),
        ("date_end", day),
        ("best", deaths),
        ("deaths_a", "0"),
        ("deaths_b", deaths),
        ("high", "99"),
        ("low", "0"),
    ])
}

fn publisher() -> (String, Arc<Mutex<Vec<String>>>) {
    publisher_pausing(Duration::ZERO)
}

fn publisher_pausing(pause: Duration) -> (String, Arc<Mutex<Vec<String>>>) {
    let monthly = |rows: &[String]| [&[header()], rows].concat().join("\n").into_bytes();
    let answers = vec![
        ("/downloads/", PAGE.into()),
        ("/ged/ged221-csv.zip", archive("GEDEvent_v22_1.csv", &events(&[]))),
        ("/candidateged/GEDEvent_v22_01_22_03.csv", monthly(&[on("2000", "2022-02-10", "7")])),
        ("/candidateged/GEDEvent_v22_0_4.csv", monthly(&[on("2001", "2022-04-12", "11")])),
    ];
    serve_slowly(answers, pause)
}

/// A folder with a case that names what it is brought up to date from, and the catalogue of `base`.
fn lab(base: &str, sources: &[&str]) -> Lab {
    let lab = Lab::bare();
    let updates: String =
        sources.iter().map(|id| format!("[[update]]\nsource = \"{id}\"\n")).collect();
    lab.write_case("case", &[("case.toml", &format!("{CASE}{updates}"))]);
    lab.write("catalogue.toml", catalogue(base));
    lab
}

const UPDATE: [&str; 9] = [
    "update",
    "case",
    "--observatory",
    OBSERVATORY,
    "--catalogue",
    "catalogue.toml",
    "--quick",
    "--format",
    "csv",
];

#[test]
fn an_update_fetches_imports_and_briefs_with_the_new_month() {
    let (base, request) = publisher();
    let lab = lab(&base, &["annual", "candidate"]);
    let done = lab.run(&UPDATE);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(rows.len(), 4, "{}", done.stdout);
    assert_eq!(rows[0], "source,release,file,bytes,sha256,status,address");
    assert!(
        rows[3].starts_with("candidate,22.0.4,downloads/candidate/GEDEvent_v22_0_4.csv,"),
        "{}",
        rows[3]
    );
    let page = std::fs::read_to_string(lab.path("brief.html")).expect("a briefing");
    assert!(
        page.contains("April 2022") || page.contains("2022-04"),
        "the briefing does not reach the new month"
    );
    let panel = lab.done(&["panel", "--unit", "country", "--from", "2022-04", "--to", "2022-04"]);
    assert!(panel.contains(",1.0,11.0,"), "{panel}");
    let sources = lab.done(&["sources", "--format", "csv"]);
    assert!(sources.contains("22.0.4") && sources.contains("Cited as asked (2099)"), "{sources}");

    // A second time nothing is new, and the briefing is written all the same.
    let again = lab.run(&UPDATE);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(request.lock().expect("a lock").len(), 10);
}

#[test]
fn an_update_goes_on_without_a_source_and_fails_in_the_end() {
    let (base, _) = publisher();
    let lab = lab(&base, &["asked-for", "annual"]);
    let done = lab.run(&UPDATE);
    assert_eq!(done.code, Some(1));
    for words in [
        "A form asks who you are",
        "a person gets it from https://example.org/get",
        "1 of 2 files were not to be had",
    ] {
        assert!(done.stderr.contains(words), "{}", done.stderr);
    }
    assert!(lab.path("brief.html").is_file());
}

#[test]
fn an_update_of_a_case_that_names_nothing_says_what_to_write() {
    let lab = lab("http://127.0.0.1:1", &[]);
    let done = lab.run(&UPDATE);
    assert_eq!(done.code, Some(1));
    assert!(
        done.stderr.contains("says nothing under [[update]]")
            && done.stderr.contains("hint: add [[update]]"),
        "{}",
        done.stderr
    );
}

#[test]
fn what_is_no_data_is_never_imported() {
    let (base, _) = serve(vec![
        ("/downloads/", PAGE.into()),
        ("/ged/ged221-csv.zip", b"<html>We are down</html>".to_vec()),
    ]);
    let lab = lab(&base, &["annual"]);
    let done = lab.run(&UPDATE);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("a page of HTML"), "{}", done.stderr);
    assert!(!lab.path(OBSERVATORY).exists() && !lab.path("brief.html").exists());
}

#[test]
fn a_dry_run_of_the_shipped_catalogue_asks_nobody_and_shows_no_token() {
    let lab = Lab::bare();
    let fetch = [
        "fetch",
        "ucdp-ged",
        "ucdp-ged@26.1",
        "ucdp-ged-api@26.1",
        "idmc-gidd",
        "--country",
        "pak",
    ];
    let mut command =
        lab.command(&[&fetch[..], &["--into", "d", "--dry-run", "--format", "csv"]].concat());
    command.env("UCDP_API_TOKEN", "s3cret-token").env("IDMC_CLIENT_ID", "s3cret-token");
    let output = command.output().expect("the program starts");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    for address in [
        "https://ucdp.uu.se/downloads/",
        "https://ucdp.uu.se/downloads/ged/ged261-csv.zip",
        "https://ucdpapi.pcr.uu.se/api/gedevents/26.1?pagesize=1000&Country=770",
        "iso3__in=PAK",
    ] {
        assert!(stdout.contains(address), "{stdout}");
    }
    assert!(!format!("{stdout}{stderr}").contains("s3cret"));
    assert!(!lab.path("d").exists());
}

#[test]
fn wrong_use_of_fetch_says_what_would_be_right() {
    let lab = Lab::bare();
    lab.write("bad.toml", "[[publisher]]\n");
    for (arguments, words) in [
        (&["rumours"][..], "the catalogue has no source \"rumours\""),
        (&["ucdp-ged", "--country", "Narnia"], "expected an ISO 3166-1 code"),
        (&["geoboundaries", "--country", "PAK"], "--set level=VALUE"),
        (&["natural-earth@9"], "has no release \"9\""),
        (&["ucdp-ged", "--set", "level"], "expected NAME=VALUE"),
        (&["ucdp-ged", "--catalogue", "bad.toml"], "the catalogue cannot be used"),
    ] {
        let done = lab.run(&[&["fetch"], arguments, &["--into", "d", "--dry-run"]].concat());
        assert_eq!(done.code, Some(2), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(words), "{arguments:?}: {}", done.stderr);
    }
    let done =
        lab.run(&["fetch", "ucdp-ged", "--catalogue", "none.toml", "--into", "d", "--dry-run"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
}

/// Events and deaths of each version that an observatory holds; nothing where there is none.
fn held(lab: &Lab) -> Vec<String> {
    if !lab.path(OBSERVATORY).join("CURRENT").exists() {
        return Vec::new();
    }
    let sources = lab.done(&["sources", "--format", "csv"]);
    if !sources.contains("ucdp-ged") {
        return Vec::new();
    }
    let statement = "SELECT version, COUNT(*) AS events, SUM(deaths_best) AS deaths FROM events_all \
                     GROUP BY version ORDER BY version";
    lab.done(&["sql", statement, "--format", "csv"]).lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn an_update_killed_at_any_moment_imports_nothing_half_and_the_next_one_ends_the_same() {
    let rounds = std::env::var("SANAD_KILL_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: u32 = rounds.unwrap_or(8);
    let (base, _) = publisher_pausing(Duration::from_millis(20));
    let whole = lab(&base, &["annual", "candidate"]);
    let started = Instant::now();
    let done = whole.run(&UPDATE);
    let time = started.elapsed();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let expected = held(&whole);
    assert_eq!(expected.len(), 3, "{expected:?}");
    let page = std::fs::read_to_string(whole.path("brief.html")).expect("a briefing");
    let panel = ["panel", "--unit", "adm2", "--from", "2021-01", "--to", "2022-04"];
    let counted = whole.done(&panel);
    for round in 0..rounds {
        let part = (f64::from(round) + 0.5) / f64::from(rounds);
        let lab = interrupted_update(&base, time.mul_f64(part));
        for version in held(&lab) {
            assert!(expected.contains(&version), "round {round}: {version} is half");
        }
        let done = lab.run(&UPDATE);
        assert_eq!(done.code, Some(0), "round {round}: {}", done.stderr);
        assert_eq!(held(&lab), expected, "round {round}");
        assert_eq!(lab.done(&panel), counted, "round {round}");
        let again = std::fs::read_to_string(lab.path("brief.html")).expect("a briefing");
        assert!(again == page, "round {round}: another briefing");
    }
}

/// A folder in which an update was killed after `moment`, or earlier where it takes less than that now.
fn interrupted_update(base: &str, moment: Duration) -> Lab {
    let mut wait = moment;
    for _ in 0..12 {
        let lab = lab(base, &["annual", "candidate"]);
        let mut command = lab.command(&UPDATE);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(wait);
        let is_over = child.try_wait().expect("a child").is_some();
        // On Unix this is SIGKILL, which no program can catch.
        child.kill().expect("a child");
        child.wait().expect("a child");
        if !is_over {
            return lab;
        }
        wait = wait.mul_f64(0.8);
    }
    panic!("no update was killed on its way, from {moment:?} down to {wait:?}")
}

#[test]
fn a_token_stands_in_no_file_and_in_no_line() {
    const TOKEN: &str = "tOkEn99s3cret";
    let (base, request) = serve(vec![("/good.csv", b"id,best\n1,2\n".to_vec())]);
    let source = |id: &str, path: &str, carrier: &str| {
        format!(
            "[[publisher]]\nid = \"{id}\"\nname = \"P\"\npage = \"https://example.org/get\"\n\
             [publisher.token]\nvariable = \"UCDP_API_TOKEN\"\n{carrier}\npage = \"https://example.org/token\"\n\
             [[source]]\nid = \"{id}\"\npublisher = \"{id}\"\ntitle = \"T\"\ncitation = \"C\"\nlicence = \"CC-BY-4.0\"\n\
             redistribution = \"with-attribution\"\naccess = \"token\"\nurl = \"{base}{path}\"\n"
        )
    };
    let (header, query) = ("header = \"x-ucdp-access-token\"", "query = \"client_id\"");
    let lab = Lab::bare();
    let text = source("good", "/good.csv", header) + &source("gone", "/gone.csv", query);
    lab.write("catalogue.toml", text);
    let fetch = ["fetch", "good", "gone", "--into", "d", "--catalogue", "catalogue.toml"];
    let mut command = lab.command(&[&fetch[..], &["--format", "csv"]].concat());
    let output = command.env("UCDP_API_TOKEN", TOKEN).output().expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("good") && said.contains("404"), "{said}");
    assert!(
        request.lock().expect("a lock").iter().any(|path| path.contains(TOKEN)),
        "it was not sent"
    );
    assert!(!said.contains(TOKEN), "{said}");
    let files = lab.everything();
    assert!(files.len() > 3, "{:?}", files.keys());
    for (path, bytes) in files {
        let is_there = bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes());
        assert!(!is_there, "{} holds the token", path.display());
    }
}
