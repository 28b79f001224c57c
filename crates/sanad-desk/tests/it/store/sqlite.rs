//! The suite over SQLite, and what can be seen of SQLite on the disk.

use sanad_desk::store::{DeskStore as _, SqliteStore, StoreError};
use sanad_desk::{FileKind, Stage};

use super::suite::suite_over;
use super::{
    Filer, Place, SqlitePlace, TODAY, change_of, check_ledgers, open, places_of, random_hash,
};

fn in_a_folder(test: impl FnOnce(&dyn Place)) {
    let folder = tempfile::tempdir().unwrap();
    test(&SqlitePlace(folder.path().to_owned()));
}

suite_over!(in_a_folder);

#[test]
fn marked_words_are_found_nowhere_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let text = "CANARYTEXT of Canaryname from Canaryvillage, کینری";
    let filer = Filer::new(text);
    store.file(&filer.filing).unwrap();
    let stored = store.find(&filer.keys.lookup).unwrap().unwrap();
    store.change(&filer.change(&stored, "CANARYANSWER")).unwrap();
    let spaced = filer.receipt.to_groups();
    let joined = spaced.replace(' ', "");
    let marks: [&[u8]; 9] = [
        b"CANARYTEXT",
        b"Canaryname",
        b"Canaryvillage",
        "کینری".as_bytes(),
        b"CANARYANSWER",
        spaced.as_bytes(),
        joined.as_bytes(),
        filer.key.bytes(),
        filer.seat.secret.bytes(),
    ];
    store.back_up(&folder.path().join("backup.sqlite")).unwrap();
    std::fs::write(folder.path().join("ledger"), store.ledger().unwrap().to_text()).unwrap();
    // The log is there too: filing does not empty it.
    let second = Filer::new(text);
    store.file(&second.filing).unwrap();
    assert!(folder.path().join("desk.sqlite-wal").metadata().unwrap().len() > 0);
    assert_eq!(places_of(&marks, folder.path()), []);
    // The search finds what is there: the channel is not sealed.
    assert!(places_of(&[b"complaints"], folder.path()).len() >= 2);
    let entries = store.entries(stored.id).unwrap();
    assert_eq!(entries[0].sealed.len(), second.filing.entries[0].sealed.len(), "sizes are blurred");
}

#[test]
fn of_a_deleted_file_neither_wraps_nor_content_nor_id_are_left_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let (deleted, kept) = (Filer::new("to be deleted"), Filer::new("to be kept"));
    store.file(&deleted.filing).unwrap();
    store.file(&kept.filing).unwrap();
    let file = &deleted.filing.file;
    let mut marks: Vec<&[u8]> = file.wraps.0.values().map(Vec::as_slice).collect();
    marks.extend([file.lookup.as_slice(), &file.id.0, &deleted.filing.entries[0].sealed[..64]]);
    assert!(!places_of(&marks, folder.path()).is_empty(), "they were there");
    store.delete(file.id, TODAY, random_hash()).unwrap();
    assert_eq!(places_of(&marks, folder.path()), []);
    assert!(store.find(&file.lookup).unwrap().is_none());
    assert!(matches!(store.delete(file.id, TODAY, random_hash()), Err(StoreError::NoFile)));
    assert!(store.find(&kept.keys.lookup).unwrap().is_some());
    assert_eq!(check_ledgers(&mut store).0, 3, "the tombstone is a step like any other");
}

#[test]
fn closing_a_file_leaves_no_wrap_to_a_seat_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let filer = Filer::new("to be closed");
    store.file(&filer.filing).unwrap();
    let mut file = filer.filing.file.clone();
    let holder = file.wraps.0.keys().find(|holder| format!("{holder:?}").contains("office"));
    let seat_wrap = file.wraps.0[holder.unwrap()].clone();
    file.wraps.close();
    store.change(&change_of(file, vec![], vec![random_hash()])).unwrap();
    assert_eq!(places_of(&[&seat_wrap], folder.path()), []);
    assert!(store.find(&filer.keys.lookup).unwrap().is_some());
}

#[test]
fn a_database_of_a_later_program_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.sqlite");
    drop(open(folder.path()));
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = SqliteStore::open(&path);
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, newest: 3 })));
}

/// The tables of the first format, as the first program made them.
const FIRST_FORMAT: &str = "
    CREATE TABLE desk (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL) STRICT;
    CREATE TABLE file (
        id BLOB PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, channel TEXT NOT NULL,
        district TEXT NOT NULL, filed_on TEXT NOT NULL, has_missed INTEGER NOT NULL,
        kind TEXT NOT NULL, stage TEXT NOT NULL, rung INTEGER NOT NULL, rungs INTEGER NOT NULL,
        day TEXT NOT NULL, due TEXT, remind_on TEXT, is_reminded INTEGER, is_missed INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE wrap (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, holder TEXT NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (file, holder)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entry (
        file BLOB NOT NULL REFERENCES file ON DELETE CASCADE, number INTEGER NOT NULL,
        author TEXT NOT NULL, deed TEXT NOT NULL, stage TEXT NOT NULL, day TEXT NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (file, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE step (
        number INTEGER PRIMARY KEY, day TEXT NOT NULL, commitment BLOB NOT NULL,
        hash BLOB NOT NULL, published TEXT
    ) STRICT;
    CREATE INDEX step_waiting ON step (number) WHERE published IS NULL;
    CREATE TABLE day (
        day TEXT PRIMARY KEY, root BLOB NOT NULL, leaves BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO desk VALUES (1, 'Invented desk');
    INSERT INTO file VALUES (
        x'01010101010101010101010101010101',
        x'0202020202020202020202020202020202020202020202020202020202020202', 'complaints',
        'upper-valley', '2026-03-02', 0, 'harm', 'filed', 0, 2, '2026-03-02', '2026-03-09',
        '2026-03-05', 0, 0
    );
    INSERT INTO wrap VALUES (x'01010101010101010101010101010101', 'filer', x'03');
    PRAGMA user_version = 1;
";

/// A desk as the first program left it.
pub(super) fn make_first_format(path: &std::path::Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(FIRST_FORMAT).unwrap();
}

#[test]
fn a_desk_of_the_first_format_becomes_one_of_the_newest_and_counts_as_invented() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.sqlite");
    make_first_format(&path);
    let mut store = SqliteStore::open(&path).unwrap();
    let founding = store.founding().unwrap();
    assert_eq!((founding.name.as_str(), founding.is_invented), ("Invented desk", true));
    assert_ne!(founding.receipt_salt, [0; 16]);
    assert_eq!(founding.leaves, 256);
    let file = store.find(&[2; 32]).unwrap().unwrap();
    assert_eq!((file.course.kind, file.course.stage), (FileKind::Harm, Stage::Filed));
    assert_eq!((file.wraps.0.len(), file.revision, file.assignee), (1, 0, None));
    assert!(matches!(SqliteStore::create(&path, &super::founding()), Err(StoreError::DeskExists)));
}

#[test]
fn a_folder_without_a_desk_is_not_turned_into_one_by_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.sqlite");
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::NoDesk)));
    assert!(!path.exists());
}
