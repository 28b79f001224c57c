//! Kills: the process that writes is ended in the middle of whatever it does.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sanad_desk::Stage;
use sanad_desk::ledger::Hash256;
use sanad_desk::store::DeskStore as _;

use super::{Filer, TODAY, check_ledgers, open, padding};
use crate::numbers::Numbers;

/// Files until it is killed, and says each receipt's lookup once it is kept. Run by the test below
/// in a process of its own.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_files_until_it_is_killed() {
    let Some(folder) = std::env::var_os("SANAD_DESK_KILLED") else { return };
    let folder = PathBuf::from(folder);
    let mut store = open(&folder);
    let mut day = store.ledger().unwrap().next_day().unwrap_or(TODAY);
    for number in 0_u32.. {
        let filer = Filer::new("invented");
        store.file(&filer.filing).unwrap();
        // Sent again, as after a lost answer.
        store.file(&filer.filing).unwrap();
        // One call, so that a kill leaves a whole line or none.
        let line = format!("kept {}\n", Hash256(filer.keys.lookup).to_hex());
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        match number % 4 {
            1 => store.change(&filer.change(&filer.filing.file, "invented")).unwrap(),
            2 => {
                store.close_day(day, &mut padding).unwrap().unwrap();
                day = day.tomorrow().unwrap();
            }
            3 => {
                let backup = folder.join("backup.sqlite");
                let _ = std::fs::remove_file(&backup);
                store.back_up(&backup).unwrap();
            }
            _ => {}
        }
    }
}

/// When the child is killed.
enum Kill {
    /// So long after its start: while it opens or migrates, before or while it files.
    AfterStart(Duration),
    /// So long after its first acknowledged filing.
    AfterFirst(Duration),
}

/// Starts the child on a folder, kills it, and gives what it said was kept.
fn killed(folder: &Path, kill: &Kill) -> Vec<[u8; 32]> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::kill::child_that_files_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env("SANAD_DESK_KILLED", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let lookup = line.split_once("kept ").map(|(_, text)| Hash256::from_hex(text));
            if let Some(Ok(lookup)) = lookup {
                sender.send(lookup.0).unwrap();
            }
        }
    });
    let mut kept = Vec::new();
    match *kill {
        Kill::AfterStart(time) => std::thread::sleep(time),
        Kill::AfterFirst(time) => {
            kept.push(receiver.recv_timeout(Duration::from_secs(60)).unwrap());
            std::thread::sleep(time);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    kept.extend(receiver.try_iter());
    kept
}

/// So many rounds of filing and killing over one desk. Returns how many filings were acknowledged.
fn kill_rounds(rounds: u64, seed: u64) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (mut numbers, mut acknowledged) = (Numbers(seed), BTreeSet::new());
    for round in 0..rounds {
        let time = Duration::from_millis(numbers.below(250));
        let kill = if round % 4 == 0 { Kill::AfterStart(time) } else { Kill::AfterFirst(time) };
        for lookup in killed(folder.path(), &kill) {
            assert!(acknowledged.insert(lookup));
        }
        let mut store = open(folder.path());
        let files = store.files().unwrap();
        let kept: BTreeSet<[u8; 32]> = files.iter().map(|file| file.lookup).collect();
        assert_eq!(kept.len(), files.len(), "round {round}: doubled");
        assert!(acknowledged.is_subset(&kept), "round {round}: lost");
        // A filing that was kept but not yet acknowledged: at most one in each round.
        assert!(kept.len() - acknowledged.len() <= round as usize + 1, "round {round}");
        let mut steps = 0;
        for file in &files {
            let entries = store.entries(file.id).unwrap();
            assert_eq!(entries.len(), 1 + usize::from(file.course.stage != Stage::Filed));
            assert_eq!(file.wraps.0.len(), 3, "filer, custodians and seat");
            steps += entries.len() as u64;
        }
        assert_eq!(check_ledgers(&mut store).0, steps, "round {round}: one step for each entry");
    }
    acknowledged.len()
}

#[test]
fn no_acknowledged_filing_is_lost_or_doubled_when_the_process_is_killed() {
    let acknowledged = kill_rounds(24, 7);
    assert!(
        acknowledged > 24,
        "{acknowledged} filings were acknowledged: the kills came too early"
    );
}

#[test]
#[ignore = "an hour; SANAD_DESK_ROUNDS sets the rounds"]
fn no_acknowledged_filing_is_lost_or_doubled_in_ten_thousand_kills() {
    let rounds = std::env::var_os("SANAD_DESK_ROUNDS").and_then(|text| text.to_str()?.parse().ok());
    for seed in 0..rounds.unwrap_or(10_000_u64).div_ceil(100) {
        kill_rounds(100, 1_000 + seed);
    }
}
