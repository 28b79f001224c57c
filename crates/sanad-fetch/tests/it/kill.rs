//! A process killed at any moment leaves a part and goes on from it.

use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_core::Silent;
use sanad_fetch::{Catalogue, ClientOptions, FetchRequest, FetchStatus, SystemClock, fetch};

use crate::server::{Server, file};
use crate::support::{Lab, TABLE, catalogue, table};

const URL: &str = "SANAD_FETCH_TEST_URL";
const FOLDER: &str = "SANAD_FETCH_TEST_FOLDER";

/// What the killed process runs: this test, in a process of its own.
#[test]
fn fetches_what_its_parent_says() {
    let (Ok(url), Ok(folder)) = (std::env::var(URL), std::env::var(FOLDER)) else { return };
    let catalogue = Catalogue::parse(&catalogue(&url, TABLE, "")).unwrap();
    let request = FetchRequest {
        catalogue: &catalogue,
        wishes: &["s".parse().unwrap()],
        into: folder.as_ref(),
        values: Default::default(),
        variable: &|_| None,
        today: NaiveDate::from_ymd_opt(2026, 11, 29).unwrap(),
        seed: 1,
        is_dry_run: false,
        max_bytes: None,
        client: ClientOptions::default(),
    };
    let _ = fetch(&request, &SystemClock, &Silent);
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
        let url = server.url("/data.csv");
        let lab = Lab::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::fetches_what_its_parent_says"])
            .env(URL, &url)
            .env(FOLDER, lab.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while server.asked().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(600));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(lab.finished().is_empty(), "{:?}", lab.finished());
        assert!(lab.path().join("s/data.csv.part").is_file());
        let (row, had) = lab.had(&catalogue(&url, TABLE, ""));
        assert!(had == bytes, "killed after {pause_at} bytes");
        let range = server.asked()[1].header("range").map(str::to_owned);
        let is_early = pause_at < 4 << 20;
        assert_eq!(range.is_none(), is_early, "{range:?}");
        assert_eq!(row.status, if is_early { FetchStatus::Fetched } else { FetchStatus::Resumed });
    }
}
