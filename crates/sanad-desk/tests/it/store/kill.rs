//! Kills: the process that writes is ended in the middle of whatever it does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::civil::Date;
use sanad_desk::Stage;
use sanad_desk::ledger::{FEWEST_LEAVES, Hash256};
use sanad_desk::store::{
    AttachmentForm, DeskStore, FileChange, SealedAttachment, SqliteStore, StoreError,
};

use super::sqlite::make_first_format;
use super::{Filer, Place, SqlitePlace, TODAY, check_ledgers, padding, random_hash};
use crate::numbers::Numbers;

/// Where the killed process keeps its desk: a folder, or an address of a database.
const DESK: &str = "SANAD_DESK_KILLED";
/// The folder to which it backs up.
const BACKUPS: &str = "SANAD_DESK_KILLED_BACKUPS";

fn place(desk: &str) -> Box<dyn Place> {
    #[cfg(all(feature = "postgres", unix))]
    if desk.starts_with("postgres://") {
        return Box::new(super::postgres::PostgresPlace(desk.to_owned()));
    }
    Box::new(SqlitePlace(PathBuf::from(desk)))
}

/// What the killed process said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// It is kept.
    Kept,
    /// It is about to be deleted: it may be there or not.
    Going,
    /// It is deleted.
    Gone,
}

/// One call, so that a kill leaves a whole line or none.
fn say(word: &str, filing: &FileChange) {
    let line = format!("{word} {}\n", Hash256(filing.file.lookup).to_hex());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Files until it is killed, and says each receipt's lookup once it is kept. Run by the tests below
/// in a process of its own.
#[test]
#[ignore = "run by the tests that kill it"]
fn child_that_files_until_it_is_killed() {
    let Some(desk) = std::env::var_os(DESK) else { return };
    let backups = PathBuf::from(std::env::var_os(BACKUPS).unwrap());
    let mut store = place(desk.to_str().unwrap()).open();
    let mut day = store.ledger().unwrap().next_day().unwrap_or(TODAY);
    // Another order of deeds in each process, so that any of them may be the first.
    for number in std::process::id().. {
        let filing = filing(number % 3);
        store.file(&filing.filing).unwrap();
        // Sent again, as after a lost answer.
        store.file(&filing.filing).unwrap();
        say("kept", &filing.filing);
        do_something_else(store.as_mut(), number % 6, &filing, &backups, &mut day);
    }
}

/// A filing with some attachments.
fn filing(attachments: u32) -> Filer {
    let mut filer = Filer::new("invented");
    let attachment = |number| SealedAttachment {
        number,
        entry: 1,
        form: AttachmentForm::CleanedCopy,
        sealed: vec![number as u8; 40_000],
    };
    filer.filing.attachments = (1..=attachments).map(attachment).collect();
    filer
}

fn do_something_else(
    store: &mut dyn DeskStore,
    deed: u32,
    filer: &Filer,
    backups: &Path,
    day: &mut Date,
) {
    match deed {
        1 => store.change(&filer.change(&filer.filing.file, "invented")).unwrap(),
        2 => {
            store.close_day(*day, &padding(FEWEST_LEAVES)).unwrap().unwrap();
            *day = day.tomorrow().unwrap();
        }
        3 => {
            let path = backups.join("backup.sqlite");
            let _ = std::fs::remove_file(&path);
            store.back_up(&path).unwrap();
            // Its name says that it is whole.
            std::fs::rename(&path, backups.join("whole.sqlite")).unwrap();
        }
        4 => {
            let several = [filing(0), filing(1), filing(0)].map(|filer| filer.filing);
            store.file_all(&several).unwrap();
            several.iter().for_each(|filing| say("kept", filing));
        }
        5 => {
            say("going", &filer.filing);
            store.delete(filer.filing.file.id, TODAY, random_hash()).unwrap();
            say("gone", &filer.filing);
        }
        _ => {}
    }
}

/// When the child is killed.
enum Kill {
    /// So long after its start: while it opens, before or while it files.
    AfterStart(Duration),
    /// So long after its first acknowledged filing.
    AfterFirst(Duration),
}

/// Starts the child on a desk, kills it, and gives what it said last of each file.
fn killed(desk: &str, backups: &Path, kill: &Kill) -> BTreeMap<[u8; 32], Said> {
    let child = "store::kill::child_that_files_until_it_is_killed";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture"])
        .env(DESK, desk)
        .env(BACKUPS, backups)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            for (word, said) in
                [("kept ", Said::Kept), ("going ", Said::Going), ("gone ", Said::Gone)]
            {
                let lookup = line.split_once(word).map(|(_, text)| Hash256::from_hex(text));
                if let Some(Ok(lookup)) = lookup {
                    sender.send((lookup.0, said)).unwrap();
                }
            }
        }
    });
    let mut said = BTreeMap::new();
    match *kill {
        Kill::AfterStart(time) => std::thread::sleep(time),
        Kill::AfterFirst(time) => {
            said.extend([receiver.recv_timeout(Duration::from_secs(120)).unwrap()]);
            std::thread::sleep(time);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    said.extend(receiver.try_iter());
    said
}

/// What became of many rounds.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: usize,
    deleted: usize,
    backups: usize,
}

/// So many rounds of filing and killing over one desk. `between` is done before each round.
fn kill_rounds(desk: &str, rounds: u64, seed: u64, between: &mut dyn FnMut(u64)) -> Tally {
    let backups = tempfile::tempdir().unwrap();
    let (mut numbers, mut said, mut tally) = (Numbers(seed), BTreeMap::new(), Tally::default());
    for round in 0..rounds {
        between(round);
        let time = Duration::from_millis(numbers.below(150));
        let kill = if round % 4 == 0 { Kill::AfterStart(time) } else { Kill::AfterFirst(time) };
        said.extend(killed(desk, backups.path(), &kill));
        place(desk).wait_for_the_killed();
        let mut store = place(desk).open();
        check_round(store.as_mut(), &said, round);
        let whole = backups.path().join("whole.sqlite");
        if whole.exists() {
            tally.backups += 1;
            let mut copy = SqliteStore::open(&whole).unwrap();
            copy.check_pages().unwrap();
            let (here, there) = (store.ledger().unwrap(), check_ledgers(&mut copy).1);
            assert!(
                here.to_text().starts_with(&there.to_text()),
                "round {round}: the backup's head"
            );
            std::fs::remove_file(whole).unwrap();
        }
    }
    tally.acknowledged = said.values().filter(|said| **said == Said::Kept).count();
    tally.deleted = said.values().filter(|said| **said == Said::Gone).count();
    tally
}

/// What has to hold after every kill.
fn check_round(store: &mut dyn DeskStore, said: &BTreeMap<[u8; 32], Said>, round: u64) {
    let files = store.files().unwrap();
    let kept: BTreeSet<[u8; 32]> = files.iter().map(|file| file.lookup).collect();
    assert_eq!(kept.len(), files.len(), "round {round}: doubled");
    for (lookup, said) in said {
        match said {
            Said::Kept => assert!(kept.contains(lookup), "round {round}: lost"),
            Said::Gone => assert!(!kept.contains(lookup), "round {round}: came back"),
            Said::Going => {}
        }
    }
    // Kept but not yet acknowledged: at most the three that are filed together, in each round.
    let unsaid = kept.iter().filter(|lookup| !said.contains_key(*lookup)).count();
    assert!(unsaid <= 3 * (round as usize + 1), "round {round}: {unsaid}");
    let mut steps = 0;
    for file in &files {
        let entries = store.entries(file.id).unwrap();
        assert_eq!(entries.len(), 1 + usize::from(file.course.stage != Stage::Filed));
        assert_eq!(file.wraps.0.len(), 3, "filer, custodians and seat");
        let numbers: Vec<u32> =
            store.attachments(file.id).unwrap().iter().map(|one| one.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
        steps += entries.len() as u64;
    }
    // A deleted file leaves its filing and its tombstone in the ledger.
    let gone = said.values().filter(|said| **said == Said::Gone).count() as u64;
    let lookups_going = said.iter().filter(|(_, said)| **said == Said::Going);
    let gone_unsaid = lookups_going.filter(|(lookup, _)| !kept.contains(*lookup)).count() as u64;
    let expected = steps + 2 * (gone + gone_unsaid);
    assert_eq!(check_ledgers(store).0, expected, "round {round}: one step for each deed");
}

#[test]
fn no_acknowledged_filing_is_lost_or_doubled_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let tally = kill_rounds(folder.path().to_str().unwrap(), 24, 7, &mut |_| {});
    assert!(tally.acknowledged > 24 && tally.backups > 0, "the kills came too early: {tally:?}");
}

/// The rounds that the environment asks for.
fn asked_rounds(usual: u64) -> u64 {
    let rounds = std::env::var_os("SANAD_DESK_ROUNDS").and_then(|text| text.to_str()?.parse().ok());
    rounds.unwrap_or(usual)
}

#[test]
#[ignore = "an hour or two; SANAD_DESK_ROUNDS sets the rounds, SANAD_DESK_SEED the first seed"]
fn no_acknowledged_filing_is_lost_or_doubled_in_ten_thousand_kills() {
    let seed = std::env::var_os("SANAD_DESK_SEED").and_then(|text| text.to_str()?.parse().ok());
    let mut total = Tally::default();
    for series in 0..asked_rounds(10_000).div_ceil(50) {
        let folder = tempfile::tempdir().unwrap();
        let seed = seed.unwrap_or(1_000_u64) + series;
        let tally = kill_rounds(folder.path().to_str().unwrap(), 50, seed, &mut |_| {});
        total.acknowledged += tally.acknowledged;
        total.deleted += tally.deleted;
        total.backups += tally.backups;
        println!("{} rounds: {total:?}", 50 * (series + 1));
    }
}

#[cfg(all(feature = "postgres", unix))]
mod over_postgres {
    use super::super::postgres::{SERVER, Server};
    use super::{Tally, asked_rounds, kill_rounds};

    /// Rounds over one database of a server of their own, which every eighth round is killed too.
    fn postgres_rounds(rounds: u64, seed: u64) -> Option<Tally> {
        SERVER.as_ref()?;
        let server = Server::start()?;
        let url = server.database();
        let mut crash = |round: u64| {
            if round % 8 == 7 {
                server.crash();
            }
        };
        Some(kill_rounds(&url, rounds, seed, &mut crash))
    }

    #[test]
    fn no_acknowledged_filing_is_lost_or_doubled_in_postgres_when_either_side_is_killed() {
        match postgres_rounds(17, 8) {
            Some(tally) => assert!(tally.acknowledged > 8, "the kills came too early: {tally:?}"),
            None => println!("skipped: PostgreSQL (initdb, postgres) is not installed"),
        }
    }

    #[test]
    #[ignore = "an hour; SANAD_DESK_ROUNDS sets the rounds"]
    fn no_acknowledged_filing_is_lost_or_doubled_in_a_thousand_kills_of_postgres() {
        let mut total = Tally::default();
        for series in 0..asked_rounds(1_000).div_ceil(50) {
            let Some(tally) = postgres_rounds(50, 5_000 + series) else {
                println!("skipped: PostgreSQL (initdb, postgres) is not installed");
                return;
            };
            total.acknowledged += tally.acknowledged;
            total.deleted += tally.deleted;
            total.backups += tally.backups;
            println!("{} rounds: {total:?}", 50 * (series + 1));
        }
    }
}

/// Opens a desk, which brings it to the newest format. Run by the test below.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_migrates_until_it_is_killed() {
    let Some(desk) = std::env::var_os(DESK) else { return };
    drop(SqliteStore::open(Path::new(&desk)));
    std::io::stdout().write_all(b"migrated\n").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

fn migration_rounds(rounds: u64, seed: u64) -> [u64; 4] {
    let (mut numbers, mut found_in_format) = (Numbers(seed), [0; 4]);
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.sqlite");
        make_first_format(&path);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::kill::child_that_migrates_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(DESK, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(numbers.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        let format: u32 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        drop(connection);
        found_in_format[format as usize] += 1;
        let mut store = SqliteStore::open(&path).unwrap_or_else(|error: StoreError| {
            panic!("round {round}: {error}");
        });
        assert_eq!(store.files().unwrap().len(), 1, "round {round}");
        assert_eq!(store.founding().unwrap().name, "Invented desk", "round {round}");
        store.check_pages().unwrap();
    }
    found_in_format
}

#[test]
fn a_desk_that_is_killed_while_it_changes_its_format_has_one_format_or_the_next() {
    let found = migration_rounds(20, 3);
    assert_eq!(found[0], 0);
    assert_eq!(found[1] + found[2] + found[3], 20);
}

#[test]
#[ignore = "minutes; SANAD_DESK_ROUNDS sets the rounds"]
fn a_desk_that_is_killed_a_thousand_times_while_it_changes_its_format_is_whole() {
    let rounds = asked_rounds(1_000);
    let found = migration_rounds(rounds, 4);
    println!("{rounds} rounds: {:?} in the first, second and third format", &found[1..]);
}
