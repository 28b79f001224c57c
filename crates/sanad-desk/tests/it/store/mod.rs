//! What is kept: nothing lost or doubled by a kill, nothing readable on the disk, nothing left of
//! what was deleted. One suite runs over every database.

mod kill;
#[cfg(all(feature = "postgres", unix))]
mod postgres;
mod sqlite;
mod suite;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::{Date, Weekday, date};
use sanad_desk::ledger::{EntryChain, FEWEST_LEAVES, Hash256, Ledger};
use sanad_desk::store::{DeskStore, FileChange, Founding, InnerLedger, SqliteStore, StoredFile};
use sanad_desk::vault::{
    KeyPair, PasswordCost, PublicKey, Receipt, ReceiptKeys, SecretKey, Wraps, random_bytes,
};
use sanad_desk::{
    EntryHead, FileCourse, FileId, FileKind, Role, SealedEntry, Step, Times, WorkingDays,
};

pub(crate) const TODAY: Date = date(2026, 3, 2);

pub(crate) fn times() -> Times {
    let days = WorkingDays::new(&[Weekday::Monday, Weekday::Thursday], BTreeSet::new()).unwrap();
    Times { days, remind_before: 1, changed: BTreeMap::new() }
}

pub(crate) fn random_hash() -> Hash256 {
    Hash256(random_bytes().unwrap())
}

/// A padding of a day.
pub(crate) fn padding(leaves: usize) -> Vec<Hash256> {
    (0..leaves).map(|_| random_hash()).collect()
}

/// The founding of an invented desk whose receipts cost nothing.
pub(crate) fn founding() -> Founding {
    let custodians: BTreeMap<String, PublicKey> = ["ann", "ben"]
        .into_iter()
        .map(|name| (name.to_owned(), KeyPair::random().unwrap().public))
        .collect();
    let mut founding = Founding::draw("Invented desk", true, FEWEST_LEAVES, custodians).unwrap();
    founding.receipt_salt = [5; 16];
    founding.receipt_cost = PasswordCost::FOR_TESTS;
    founding
}

/// Where a desk is kept. Opening it a second time finds what was kept the first time.
pub(crate) trait Place {
    fn open(&self) -> Box<dyn DeskStore>;

    /// Waits until nothing works any more for a process that was killed.
    fn wait_for_the_killed(&self) {}
}

/// A desk in a folder.
pub(crate) struct SqlitePlace(pub(crate) PathBuf);

impl Place for SqlitePlace {
    fn open(&self) -> Box<dyn DeskStore> {
        Box::new(open(&self.0))
    }
}

/// The desk of a folder, begun where there is none.
pub(crate) fn open(folder: &Path) -> SqliteStore {
    let path = folder.join("desk.sqlite");
    match SqliteStore::open(&path) {
        Ok(store) => store,
        Err(sanad_desk::store::StoreError::NoDesk) => {
            SqliteStore::create(&path, &founding()).unwrap()
        }
        Err(error) => panic!("{error}"),
    }
}

/// A filer with what only a filer has, and the filing as it goes into the store.
pub(crate) struct Filer {
    pub(crate) receipt: Receipt,
    pub(crate) keys: ReceiptKeys,
    pub(crate) key: SecretKey,
    pub(crate) seat: KeyPair,
    pub(crate) filing: FileChange,
}

impl Filer {
    pub(crate) fn new(text: &str) -> Filer {
        let receipt = Receipt::random().unwrap();
        let keys = receipt.keys(&[5; 16], PasswordCost::FOR_TESTS).unwrap();
        let (key, seat) = (SecretKey::random().unwrap(), KeyPair::random().unwrap());
        let custodians: BTreeMap<String, PublicKey> = ["ann", "ben"]
            .into_iter()
            .map(|name| (name.to_owned(), KeyPair::random().unwrap().public))
            .collect();
        let id = FileId(random_bytes().unwrap());
        let mut wraps = Wraps::begin(&key, &id.0, &keys, &custodians).unwrap();
        wraps.add_seat(&key, &id.0, ("office", Role::Intake), &seat.public).unwrap();
        let course = FileCourse::begin(FileKind::Grievance, TODAY, 2, &times());
        let file = StoredFile {
            id,
            lookup: keys.lookup,
            channel: "complaints".to_owned(),
            district: "upper-valley".to_owned(),
            filed_on: TODAY,
            has_missed: false,
            course,
            assignee: None,
            closed_on: None,
            revision: 0,
            wraps,
        };
        let (entry, commitment) = entry(&key, &file, 1, "file", text);
        let filing = change_of(file, vec![entry], vec![commitment]);
        Filer { receipt, keys, key, seat, filing }
    }

    /// The next step, with a text.
    pub(crate) fn change(&self, stored: &StoredFile, text: &str) -> FileChange {
        let mut file = stored.clone();
        file.course.take(Step::Acknowledge, Role::Intake, TODAY, &times()).1.unwrap();
        let (entry, commitment) = entry(&self.key, &file, 2, "acknowledge", text);
        change_of(file, vec![entry], vec![commitment])
    }
}

pub(crate) fn entry(
    key: &SecretKey,
    file: &StoredFile,
    number: u32,
    deed: &str,
    text: &str,
) -> (SealedEntry, Hash256) {
    let head = EntryHead {
        number,
        author: Role::Filer,
        deed: deed.to_owned(),
        stage: file.course.stage,
        day: TODAY,
    };
    SealedEntry::seal(key, file.id, file.course.kind, head, text).unwrap()
}

/// A change without attachments.
pub(crate) fn change_of(
    file: StoredFile,
    entries: Vec<SealedEntry>,
    commitments: Vec<Hash256>,
) -> FileChange {
    FileChange { file, entries, attachments: Vec::new(), commitments, day: TODAY }
}

/// The inner and the public ledger hold, and hold each other.
pub(crate) fn check_ledgers(store: &mut dyn DeskStore) -> (u64, Ledger) {
    let InnerLedger { entries, batches } = store.inner_ledger().unwrap();
    let ledger = store.ledger().unwrap();
    let end = EntryChain::check(&entries, &batches, &ledger).unwrap();
    (end.number, Ledger::read(&ledger.to_text()).unwrap())
}

/// Every byte of every file of a folder.
fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(bytes_of(&path)),
            false => found.push((path.clone(), std::fs::read(path).unwrap())),
        }
    }
    found
}

pub(crate) fn places_of(marks: &[&[u8]], folder: &Path) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    for (path, bytes) in bytes_of(folder) {
        for (number, mark) in marks.iter().enumerate() {
            if bytes.windows(mark.len()).any(|window| window == *mark) {
                found.push((path.clone(), number));
            }
        }
    }
    found
}
