//! A process killed at any moment leaves a part and goes on from it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_core::Silent;
use sanad_fetch::{Catalogue, ClientOptions, FetchRequest, FetchStatus, SystemClock, fetch};

use crate::server::{Asked, Reply, Server, file};
use crate::support::{Lab, TABLE, catalogue, table};

const CATALOGUE: &str = "SANAD_FETCH_TEST_CATALOGUE";
const FOLDER: &str = "SANAD_FETCH_TEST_FOLDER";
const PROXY: &str = "SANAD_FETCH_TEST_PROXY";

/// What a process of its own runs: this test, which fetches what its parent says and leaves what came of it
/// in `row.txt`.
#[test]
fn fetches_what_its_parent_says() {
    let (Ok(text), Ok(folder)) = (std::env::var(CATALOGUE), std::env::var(FOLDER)) else { return };
    let catalogue = Catalogue::parse(&text).unwrap();
    let request = FetchRequest {
        catalogue: &catalogue,
        wishes: &["s".parse().unwrap()],
        into: folder.as_ref(),
        values: Default::default(),
        variable: &|name| std::env::var(name).ok(),
        today: NaiveDate::from_ymd_opt(2026, 11, 29).unwrap(),
        seed: 1,
        is_dry_run: false,
        max_bytes: None,
        client: ClientOptions { proxy: std::env::var(PROXY).ok() },
    };
    let row = fetch(&request, &SystemClock, &Silent).unwrap().remove(0);
    let error = row.error.as_ref().map_or_else(String::new, ToString::to_string);
    let hint = row.error.as_ref().and_then(sanad_fetch::Error::hint).unwrap_or_default();
    let said = format!("{}\n{error}\n{hint}\n", row.status.as_str());
    std::fs::write(Path::new(&folder).join("row.txt"), said).unwrap();
}

/// Starts a process that fetches the source `s` of a catalogue into a folder.
pub(crate) fn start(catalogue: &str, folder: &Path, variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "kill::fetches_what_its_parent_says"])
        .env(CATALOGUE, catalogue)
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for (name, value) in variables {
        command.env(if *name == "proxy" { PROXY } else { name }, value);
    }
    command.spawn().unwrap()
}

#[test]
fn a_killed_process_goes_on_where_it_was_and_nothing_half_has_the_name() {
    // Several flushes long, and sent in halves with a pause in which the process is killed.
    let bytes = table(350_000);
    assert!(bytes.len() > 11 << 19);
    for pause_at in [1 << 20, 5 << 20] {
        let sent = bytes.clone();
        let server = Server::start(move |asked| {
            let reply = file(asked, &sent, "\"one\"");
            let is_first = asked.before == 0;
            if is_first { reply.pausing(pause_at, Duration::from_secs(4)) } else { reply }
        });
        let text = catalogue(&server.url("/data.csv"), TABLE, "");
        let lab = Lab::new();
        let mut child = start(&text, lab.path(), &[]);
        while server.asked().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(600));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(lab.finished().is_empty(), "{:?}", lab.finished());
        assert!(lab.path().join("s/data.csv.part").is_file());
        let (row, had) = lab.had(&text);
        assert!(had == bytes, "killed after {pause_at} bytes");
        assert_eq!(row.status, FetchStatus::Resumed);
        let from = first_byte(&server.asked()[1]);
        assert!(from >= pause_at as u64 / 2, "it began again at byte {from} of {pause_at}");
    }
}

/// The first byte that a request asks for.
fn first_byte(asked: &Asked) -> u64 {
    let range = asked.header("range").unwrap_or("bytes=0-");
    range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap()
}

/// Kills a process again and again, later each time, until one comes to its end. What has the file's name must
/// be whole at every moment.
fn killed_until_done(lab: &Lab, text: &str, whole: &[u8]) -> usize {
    for round in 0_usize..80 {
        let mut child = start(text, lab.path(), &[]);
        std::thread::sleep(Duration::from_millis(60 + 15 * round as u64));
        let is_over = child.try_wait().unwrap().is_some();
        // On Unix this is SIGKILL, which no program can catch.
        let _ = child.kill();
        child.wait().unwrap();
        for path in lab.finished() {
            assert!(std::fs::read(&path).unwrap() == whole, "{} is half", path.display());
        }
        if is_over && lab.path().join("row.txt").is_file() {
            return round;
        }
    }
    panic!("no process came to its end");
}

#[test]
fn killed_at_many_points_of_a_slow_transfer_a_file_is_the_same_in_the_end() {
    let bytes = table(130_000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| {
        file(asked, &sent, "\"one\"").slowly(32 << 10, Duration::from_millis(12))
    });
    let lab = Lab::new();
    let text = catalogue(&server.url("/data.csv"), TABLE, "");
    let kills = killed_until_done(&lab, &text, &bytes);
    assert!(kills > 2, "only {kills} kills came in time");
    let (row, had) = lab.had(&text);
    assert_eq!((row.status, had == bytes), (FetchStatus::Unchanged, true));
    let firsts: Vec<u64> = server
        .asked()
        .iter()
        .filter(|asked| asked.header("if-none-match").is_none())
        .map(first_byte)
        .collect();
    assert!(firsts.is_sorted(), "a later process began before an earlier one: {firsts:?}");
    assert!(firsts.last() > Some(&0), "{firsts:?}");
}

#[test]
fn killed_at_many_points_pages_are_the_same_table_in_the_end() {
    const PAGES: u64 = 30;
    let server = Server::start_knowing(|asked, base| {
        std::thread::sleep(Duration::from_millis(15));
        let page: u64 = asked.path.split_once("page=").map_or(0, |(_, page)| page.parse().unwrap());
        let next =
            if page + 1 < PAGES { format!("{base}/api?page={}", page + 1) } else { String::new() };
        Reply::ok(format!(
            "{{\"TotalCount\":{PAGES},\"NextPageUrl\":\"{next}\",\"Result\":[{{\"id\":{page}}}]}}"
        ))
    });
    let expected = "file = \"rows.csv\"\n[source.expected]\nkind = \"pages\"\nenvelope = \"ucdp\"\nunique = \"id\"\n";
    let text = catalogue(&server.url("/api"), expected, "");
    let whole: String =
        core::iter::once("id\n".to_owned()).chain((0..PAGES).map(|id| format!("{id}\n"))).collect();
    let lab = Lab::new();
    let kills = killed_until_done(&lab, &text, whole.as_bytes());
    assert!(kills > 2, "only {kills} kills came in time");
    assert!(lab.had(&text).1 == whole.as_bytes());
}
