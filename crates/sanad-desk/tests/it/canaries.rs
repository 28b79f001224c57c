//! Marked words in a file, a picture and a partner's table: found nowhere, while the desk runs, in
//! what it gives out, and after deletion and retention.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::civil::{Date, date};
use sanad_desk::attachment::{clean, seal_cleaned, seal_original};
use sanad_desk::ledger::Hash256;
use sanad_desk::partner::read_paper;
use sanad_desk::store::{DeskStore as _, FileChange, Founding, SqliteStore, StoredFile};
use sanad_desk::vault::{
    KeyPair, PasswordCost, PublicKey, Receipt, ReceiptKeys, SecretKey, TotpSecret, Wraps, code_at,
    random_bytes,
};
use sanad_desk::{DeskConfig, EntryHead, FileCourse, FileId, Role, SealedEntry, Stage, Step};

use crate::attachment::jpeg;
use crate::numbers::Numbers;
use crate::program::Serving;
use crate::server::browser::Browser;
use crate::server::filing;
use crate::store::{padding, places_of, random_hash};

/// What somebody might write: text, name, address, place, a receipt, a browser's name.
const MARKS: [&str; 7] = [
    "CANARYTEXT",
    "Canaryname Canaryson",
    "7 Canarystreet",
    "Canaryvillage",
    "CanaryAgent/5.0",
    "کینری کا خط",
    "CANARYANSWER",
];
const CONFIG: &str = include_str!("../../demo/desk.toml");
const FILED: Date = date(2026, 1, 5);
const FOLDER: &str = "SANAD_DESK_CANARIES";

fn marked_text() -> String {
    MARKS[..6].join(", ")
}

/// A JPEG whose metadata hold the marks, as a phone writes them.
fn marked_picture() -> Vec<u8> {
    let bytes = jpeg(&mut Numbers(9), 40, 40);
    let text = marked_text();
    let mut marked = bytes[..2].to_vec();
    marked.extend([0xff, 0xfe]);
    marked.extend((2 + text.len() as u16).to_be_bytes());
    marked.extend(text.as_bytes());
    marked.extend(&bytes[2..]);
    marked
}

/// A desk with what is needed to file at it.
struct CanaryDesk {
    config: DeskConfig,
    founding: Founding,
    store: SqliteStore,
}

impl CanaryDesk {
    fn begin(folder: &Path) -> CanaryDesk {
        let config = DeskConfig::read(CONFIG, "desk.toml").unwrap();
        let custodians: BTreeMap<String, PublicKey> = config
            .custodians
            .iter()
            .map(|name| (name.clone(), KeyPair::random().unwrap().public))
            .collect();
        let leaves = config.ledger_leaves;
        let mut founding = Founding::draw(&config.name, true, leaves, custodians).unwrap();
        founding.receipt_cost = PasswordCost::FOR_TESTS;
        std::fs::write(folder.join("desk.toml"), CONFIG).unwrap();
        let store = SqliteStore::create(&folder.join("desk.sqlite"), &founding).unwrap();
        CanaryDesk { config, founding, store }
    }

    /// A filing of a text, with its key and receipt.
    fn filing(&self, text: &str, author: Role) -> (FileChange, SecretKey, Receipt, ReceiptKeys) {
        let (receipt, key) = (Receipt::random().unwrap(), SecretKey::random().unwrap());
        let keys = receipt.keys(&self.founding.receipt_salt, self.founding.receipt_cost).unwrap();
        let id = FileId(random_bytes().unwrap());
        let mut wraps = Wraps::begin(&key, &id.0, &keys, &self.founding.custodians).unwrap();
        let seat = KeyPair::random().unwrap().public;
        wraps.add_seat(&key, &id.0, ("complaints-office", Role::Intake), &seat).unwrap();
        let channel = self.config.channel("complaints").unwrap();
        let course = FileCourse::begin(channel.kind, FILED, 2, &self.config.times);
        let file = StoredFile {
            id,
            lookup: keys.lookup,
            channel: channel.id.clone(),
            district: "upper-valley".to_owned(),
            filed_on: FILED,
            has_missed: false,
            course,
            assignee: None,
            closed_on: None,
            revision: 0,
            wraps,
        };
        let (entry, commitment) = entry(&file, &key, 1, author, "file", text);
        let change = FileChange {
            file,
            entries: vec![entry],
            attachments: vec![],
            commitments: vec![commitment],
            day: FILED,
        };
        (change, key, receipt, keys)
    }
}

fn entry(
    file: &StoredFile,
    key: &SecretKey,
    number: u32,
    author: Role,
    deed: &str,
    text: &str,
) -> (SealedEntry, Hash256) {
    let stage = file.course.stage;
    let head = EntryHead { number, author, deed: deed.to_owned(), stage, day: FILED };
    SealedEntry::seal(key, file.id, file.course.kind, head, text).unwrap()
}

/// Files marked words in a process with temporary files of its own, and waits. Run by the test
/// below.
#[test]
#[ignore = "run by the test that looks for what it left"]
fn child_that_files_marked_words_and_waits() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut desk = CanaryDesk::begin(Path::new(&folder));
    let (mut filing, key, receipt, keys) = desk.filing(&marked_text(), Role::Filer);
    let (id, picture) = (filing.file.id, marked_picture());
    let copy = clean(&picture).unwrap();
    filing.attachments = vec![
        seal_cleaned(&key, id, 1, 1, &copy).unwrap(),
        seal_original(id, 2, 1, &picture, &keys, &desk.founding.custodians).unwrap(),
    ];
    desk.store.file(&filing).unwrap();
    let mut changed = filing.clone();
    changed.attachments.clear();
    let (_, reached) =
        changed.file.course.take(Step::Acknowledge, Role::Intake, FILED, &desk.config.times);
    reached.unwrap();
    let (answer, commitment) = entry(&changed.file, &key, 2, Role::Intake, "acknowledge", MARKS[6]);
    (changed.entries, changed.commitments) = (vec![answer], vec![commitment]);
    desk.store.change(&changed).unwrap();
    let table = format!(
        "channel,district,consent,text\n{}",
        format!("complaints,upper-valley,yes,\"{}\"\n", marked_text()).repeat(12)
    );
    let rows = read_paper(table.as_bytes(), &desk.config).unwrap();
    let filings: Vec<FileChange> =
        rows.iter().map(|row| desk.filing(&row.text, Role::Partner).0).collect();
    desk.store.file_all(&filings).unwrap();
    desk.store.close_day(FILED, &padding(desk.founding.leaves)).unwrap();
    println!("receipt {}", receipt.to_groups().as_str());
    println!("ready");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read(&mut [0]);
}

fn run(words: &[&str], folder: &Path) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_sanad-desk"))
        .args(words)
        .current_dir(folder)
        .env("TMPDIR", folder.join("tmp"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [output.stdout, output.stderr].concat()
}

/// Marks that are found in a folder, by the file that holds them.
fn found(folder: &Path, marks: &[&[u8]]) -> Vec<(PathBuf, usize)> {
    places_of(marks, folder)
}

#[test]
fn marked_words_are_in_no_database_log_backup_ledger_export_or_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, temporary) = (folder.path().join("desk"), folder.path().join("tmp"));
    std::fs::create_dir(&desk).unwrap();
    std::fs::create_dir(&temporary).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "canaries::child_that_files_marked_words_and_waits"])
        .args(["--ignored", "--nocapture"])
        .env(FOLDER, &desk)
        .env("TMPDIR", &temporary)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut output = child.stdout.take().unwrap();
    while !said.ends_with(b"ready\n") {
        let mut byte = [0];
        assert_eq!(output.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&said));
        said.push(byte[0]);
    }
    let said = String::from_utf8(said).unwrap();
    let receipt = said.split_once("receipt ").unwrap().1.lines().next().unwrap();
    let joined = receipt.replace(' ', "");
    let mut marks: Vec<&[u8]> = MARKS.iter().map(|mark| mark.as_bytes()).collect();
    marks.extend([receipt.as_bytes(), joined.as_bytes()]);
    // While the desk has its database open, with a log that is not empty.
    assert!(desk.join("desk.sqlite-wal").metadata().unwrap().len() > 0);
    assert_eq!(found(folder.path(), &marks), []);
    drop(child.stdin.take());
    let mut errors = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    child.wait().unwrap();
    for mark in &marks {
        assert!(!errors.windows(mark.len()).any(|window| window == *mark));
    }
    // In what the desk gives out.
    let printed = [
        run(&["export", "--data", "desk", "--to", "out", "--today", "2026-09-01"], folder.path()),
        run(&["backup", "--data", "desk", "--to", "backup"], folder.path()),
        run(&["restore", "--from", "backup", "--data", "again"], folder.path()),
    ];
    assert_eq!(found(folder.path(), &marks), []);
    for mark in &marks {
        assert!(!printed.concat().windows(mark.len()).any(|window| window == *mark));
    }
    // The search finds what is there.
    assert!(found(folder.path(), &[b"complaints", b"upper-valley"]).len() > 6);
    after_deletion_and_retention(folder.path());
}

/// What a connection tells besides what somebody writes.
const TOLD: [&str; 5] = [
    "CANARYAGENT/5.0",
    "203.0.113.77",
    "canary-referrer.example",
    "Canary holiday.jpg",
    "PLANTEDPLACE",
];

#[test]
fn what_comes_over_the_line_is_in_no_file_of_a_serving_desk_and_what_is_deleted_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (serving, ann) = Serving::begin_with_ann(folder.path());
    let address = serving.address.parse().unwrap();
    let mut filer = Browser::new(address);
    // The lines that a browser and a proxy before the desk would send besides.
    filer.agent = format!(
        "{}\r\nX-Forwarded-For: {}\r\nForwarded: for={}\r\nReferer: https://{}/",
        TOLD[0], TOLD[1], TOLD[1], TOLD[2]
    );
    let receipt = filer.get("/en/file/complaints").hidden("receipt");
    let text = marked_text();
    let sent = filer.post("/en/file/complaints", &filing(&receipt, &text));
    assert_eq!(sent.status, 200, "{}", sent.body);
    let mut picture = marked_picture();
    picture.splice(2..2, [&[0xff, 0xfe, 0, 14], TOLD[4].as_bytes()].concat());
    let lines = [("receipt", receipt.as_str()), ("original", "yes")];
    let attached = filer.post_file("/en/receipt/attach", &lines, &picture);
    assert!(attached.body.contains("The original, sealed"), "{}", attached.body);
    let mut officer = Browser::new(address);
    officer.agent = filer.agent.clone();
    let secret = TotpSecret::from_base32(&ann.secret).unwrap();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let code = code_at(&secret, seconds.as_secs());
    let token = officer.get("/staff").hidden("form");
    let fields = [
        ("form", token.as_str()),
        ("name", "ann"),
        ("password", ann.password.as_str()),
        ("code", code.as_str()),
    ];
    assert_eq!(officer.post("/staff/login", &fields).status, 303);
    let list = officer.get("/staff").body;
    let (_, rest) = list.split_once("href=\"/staff/file/").unwrap();
    let file = format!("/staff/file/{}", &rest[..32]);
    let page = officer.get(&file);
    assert!(page.body.contains(MARKS[0]), "{}", page.body);
    assert_eq!(officer.get(&format!("{file}/picture/1")).status, 200);
    let note = [("form", page.hidden("form")), ("text", MARKS[6].to_owned())];
    let note = note.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(officer.post(&format!("{file}/note"), &note).status, 303);

    let joined = receipt.replace(' ', "");
    let mut marks: Vec<&[u8]> = MARKS.iter().chain(&TOLD).map(|mark| mark.as_bytes()).collect();
    marks.extend([
        receipt.as_bytes(),
        joined.as_bytes(),
        ann.password.as_bytes(),
        ann.secret.as_bytes(),
    ]);
    let desk = folder.path().join("desk");
    assert!(desk.join("desk.sqlite-wal").metadata().unwrap().len() > 0, "the log is looked at");
    assert_eq!(found(folder.path(), &marks), []);
    std::fs::write(folder.path().join("ledger.txt"), filer.get("/ledger.txt").bytes).unwrap();
    std::fs::write(folder.path().join("counts.csv"), filer.get("/counts.csv").bytes).unwrap();
    run(&["backup", "--data", "desk", "--to", "backup"], folder.path());
    run(&["export", "--data", "desk", "--to", "out"], folder.path());
    assert_eq!(found(folder.path(), &marks), []);
    // Deleted: neither a wrap nor what was sealed is left, with the desk running and after its end.
    std::fs::remove_dir_all(folder.path().join("backup")).unwrap();
    let sealed = sealed_of(&desk);
    assert!(sealed.len() > 10, "{}", sealed.len());
    let sealed: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
    assert!(!found(&desk, &sealed).is_empty(), "the search finds what is there");
    let delete = [("receipt", receipt.as_str()), ("sure", "yes")];
    assert_eq!(filer.post("/en/receipt/delete", &delete).status, 200);
    assert_eq!(found(folder.path(), &sealed), []);
    drop(serving);
    assert_eq!(found(folder.path(), &sealed), []);
    assert_eq!(found(folder.path(), &marks), []);
}

/// The wraps, the sealed entries and attachments (of each the first bytes), the id and the lookup of
/// the one file of a desk.
fn sealed_of(desk: &Path) -> Vec<Vec<u8>> {
    let mut store = SqliteStore::open(&desk.join("desk.sqlite")).unwrap();
    let file = store.files().unwrap().remove(0);
    let mut sealed: Vec<Vec<u8>> = file.wraps.0.values().cloned().collect();
    sealed.extend([file.id.0.to_vec(), file.lookup.to_vec()]);
    let entries = store.entries(file.id).unwrap().into_iter().map(|entry| entry.sealed);
    let attachments = store.attachments(file.id).unwrap().into_iter().map(|one| one.sealed);
    sealed.extend(entries.chain(attachments).map(|bytes| bytes[..64].to_vec()));
    sealed
}

/// Of what is deleted, and of what retention destroys, no key, sealed text or id is left either.
fn after_deletion_and_retention(folder: &Path) {
    let desk = folder.join("desk");
    for other in ["backup", "again"] {
        std::fs::remove_dir_all(folder.join(other)).unwrap();
    }
    let mut store = SqliteStore::open(&desk.join("desk.sqlite")).unwrap();
    let files = store.files().unwrap();
    assert_eq!(files.len(), 13);
    let closed = &files[0];
    let mut change = FileChange {
        file: closed.clone(),
        entries: vec![],
        attachments: vec![],
        commitments: vec![random_hash()],
        day: FILED,
    };
    change.file.course.stage = Stage::Closed;
    change.file.course.deadline = None;
    change.file.wraps.close();
    store.change(&change).unwrap();
    let mut kept = Vec::new();
    for file in &files[..2] {
        kept.extend(file.wraps.0.values().cloned());
        kept.extend([file.id.0.to_vec(), file.lookup.to_vec()]);
        kept.extend(
            store.entries(file.id).unwrap().into_iter().map(|entry| entry.sealed[..64].to_vec()),
        );
        let attachments = store.attachments(file.id).unwrap();
        kept.extend(attachments.into_iter().map(|one| one.sealed[..64].to_vec()));
    }
    store.delete(files[1].id, FILED, random_hash()).unwrap();
    drop(store);
    let today = ["retention", "--data", "desk", "--today", "2027-12-31"];
    let printed = String::from_utf8(run(&today, folder)).unwrap();
    assert!(printed.contains("1 destroyed"), "{printed}");
    let marks: Vec<&[u8]> = kept.iter().map(Vec::as_slice).collect();
    assert_eq!(found(folder, &marks), []);
    let mut store = SqliteStore::open(&desk.join("desk.sqlite")).unwrap();
    assert_eq!(store.files().unwrap().len(), 11);
    assert!(store.find(&files[0].lookup).unwrap().is_none());
}
