//! The program: what it says, and with which exit code.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use jiff::civil::date;
use sanad_desk::NO_AUDIT;
use sanad_desk::ledger::{DayBatch, FEWEST_LEAVES, Hash256, Ledger};

const DEMO_CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/desk.toml");

/// Runs the program with words, and with a line for its standard input.
fn run_with(words: &[&dyn AsRef<OsStr>], line: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sanad-desk"))
        .args(words.iter().map(|word| word.as_ref()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end without reading.
    let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
    child.wait_with_output().unwrap()
}

fn run(words: &[&dyn AsRef<OsStr>]) -> Output {
    run_with(words, "")
}

/// What a run that has to succeed printed.
fn done(words: &[&dyn AsRef<OsStr>]) -> String {
    let output = run(words);
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a run that has to fail said.
fn refused(words: &[&dyn AsRef<OsStr>]) -> String {
    let output = run(words);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(output.stdout.is_empty());
    said(&output)
}

/// Words with more words after them.
fn joined<'a>(
    first: &[&'a dyn AsRef<OsStr>],
    more: &[&'a dyn AsRef<OsStr>],
) -> Vec<&'a dyn AsRef<OsStr>> {
    [first, more].concat()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_ledger_is_verified_without_an_account_and_a_cut_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut ledger = Ledger::new("Invented desk", FEWEST_LEAVES);
    let batch = DayBatch::fill(&[], &[Hash256([4; 32]); FEWEST_LEAVES]);
    ledger.append(date(2026, 1, 1), batch.root()).unwrap();
    let short = ledger.to_text();
    ledger.append(date(2026, 1, 2), batch.root()).unwrap();
    let head = ledger.head().to_hex();
    fs::write(&path, ledger.to_text()).unwrap();
    let printed = done(&[&"verify", &"--head", &head, &"--reaches", &"2026-01-02", &path]);
    assert_eq!(printed, format!("2 days, 0 proofs, head {head}\n"));
    fs::write(&path, short).unwrap();
    for options in [["--head", head.as_str()], ["--reaches", "2026-01-02"]] {
        let said = refused(&[&"verify", &options[0], &options[1], &path]);
        assert!(said.contains("it was cut off"), "{said}");
    }
}

#[test]
fn every_start_says_that_there_was_no_audit() {
    let output = run(&[&"check", &DEMO_CONFIG]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), format!("{NO_AUDIT}\n"));
}

#[test]
fn wrong_use_has_an_exit_code_of_its_own() {
    assert_eq!(run(&[&"forge"]).status.code(), Some(2));
    assert_eq!(run(&[&"check", &"/nowhere"]).status.code(), Some(1));
}

/// The public line of a new custodian's key.
fn custodian(folder: &Path, name: &str) -> String {
    let out = folder.join(format!("{name}.key"));
    let printed = done(&[&"custodian", &name, &"--out", &out]);
    let line = printed.lines().last().unwrap().trim().strip_prefix("--custodian ").unwrap();
    line.to_owned()
}

/// Begins a desk of the demonstration's desk.toml with three custodians.
fn initialise(data: &Path, keys: &[String]) {
    let mut words: Vec<&dyn AsRef<OsStr>> =
        vec![&"init", &"--data", &data, &"--config", &DEMO_CONFIG];
    for key in keys {
        words.extend([&"--custodian" as &dyn AsRef<OsStr>, key]);
    }
    done(&words);
}

/// A new desk of the demonstration's desk.toml, without files.
fn begun(folder: &Path) -> PathBuf {
    let data = folder.join("desk");
    let keys =
        ["custodian-one", "custodian-two", "custodian-three"].map(|name| custodian(folder, name));
    initialise(&data, &keys);
    data
}

#[test]
fn a_desk_begins_only_with_the_key_of_every_custodian_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("desk");
    let keys = ["custodian-one", "custodian-two", "custodian-three"]
        .map(|name| custodian(folder.path(), name));
    let init: [&dyn AsRef<OsStr>; 5] = [&"init", &"--data", &data, &"--config", &DEMO_CONFIG];
    let two = refused(&joined(&init, &[&"--custodian", &keys[0], &"--custodian", &keys[1]]));
    assert!(two.contains("the key of custodian custodian-three is missing"), "{two}");
    let same = format!("custodian-two={}", keys[0].split_once('=').unwrap().1);
    let shared = refused(&joined(&init, &[&"--custodian", &keys[0], &"--custodian", &same]));
    assert!(shared.contains("each needs an own"), "{shared}");
    let unknown = refused(&joined(&init, &[&"--custodian", &keys[0].replace("one", "nine")]));
    assert!(unknown.contains("no custodian \"custodian-nine\""), "{unknown}");
    assert!(!data.exists(), "nothing was begun");
    let all = joined(
        &init,
        &[&"--custodian", &keys[0], &"--custodian", &keys[1], &"--custodian", &keys[2]],
    );
    let printed = done(&all);
    assert!(printed.contains("complaints-office/intake"), "{printed}");
    assert!(refused(&all).contains("there is a desk in"), "once");
    #[cfg(unix)]
    for path in [&data, &data.join("desk.sqlite"), &data.join("desk.toml")] {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{} can be read by others", path.display());
    }
}

#[test]
fn seats_are_handed_over_by_those_who_hold_them_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = begun(folder.path());
    let user: [&dyn AsRef<OsStr>; 3] = [&"user", &"--data", &data];
    let seat = "complaints-office/intake";
    let printed =
        done(&joined(&user, &[&"add", &"ann", &"--seat", &seat, &"--seat", &"desk/auditor"]));
    let password = printed.lines().find_map(|line| line.trim().strip_prefix("password")).unwrap();
    let password = password.trim();
    assert_eq!(password.len(), 29, "{printed}");
    let second = joined(&user, &[&"add", &"ben", &"--seat", &seat]);
    assert!(refused(&second).contains("add --through NAME"));
    let through = [&second[..], &[&"--through", &"ann"]].concat();
    let wrong = run_with(&through, "a password that ann does not have\n");
    assert!(said(&wrong).contains("the password is wrong"), "{}", said(&wrong));
    let right = run_with(&through, &format!("{password}\n"));
    assert!(right.status.success(), "{}", said(&right));
    let list = done(&joined(&user, &[&"list"]));
    assert!(list.contains("ann: complaints-office/intake, desk/auditor"), "{list}");
    assert!(list.contains("ben: complaints-office/intake"), "{list}");
    assert!(
        list.contains("nobody holds complaints-office/remedy, so channel complaints"),
        "{list}"
    );
    assert!(
        done(&joined(&user, &[&"withdraw", &"ann", &"--seat", &seat])).contains("Others hold it")
    );
    assert!(done(&joined(&user, &[&"remove", &"ben"])).contains("off the staff"));
    for (words, reason) in [
        (["add", "cid", "--seat", "nowhere/intake"], "no body \"nowhere\""),
        (["add", "cid", "--seat", "desk/intake"], "name the body"),
        (["add", "cid", "--seat", "harm-board/auditor"], "works for the whole desk"),
        (["add", "Cid!", "--seat", "desk/auditor"], "is no name"),
    ] {
        let words = words.map(|word| Box::new(word) as Box<dyn AsRef<OsStr>>);
        let words: Vec<&dyn AsRef<OsStr>> = words.iter().map(|word| word.as_ref()).collect();
        let said = refused(&joined(&user, &words));
        assert!(said.contains(reason), "{said}");
    }
    // What was shown once is kept nowhere.
    for entry in fs::read_dir(&data).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(password.len()).any(|window| window == password.as_bytes()));
    }
}

/// The demonstration, made once for all tests that read it.
static DEMO: LazyLock<PathBuf> = LazyLock::new(|| {
    let _ = &*DEMO_PRINTED;
    demo_folder()
});

/// What making it printed.
static DEMO_PRINTED: LazyLock<String> = LazyLock::new(|| {
    let _ = fs::remove_dir_all(demo_folder());
    done(&[&"demo", &"--data", &demo_folder()])
});

fn demo_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("desk-demonstration")
}

#[test]
fn the_demonstration_goes_the_whole_way_and_its_mark_is_in_every_row() {
    let export = DEMO.join("export");
    let counts = fs::read_to_string(export.join("counts.csv")).unwrap();
    let rows: Vec<&str> = counts.lines().skip(1).collect();
    assert!(rows.len() > 10, "{counts}");
    assert!(rows.iter().all(|row| row.ends_with(",invented")), "{counts}");
    for row in &rows {
        let files: u64 = row.rsplit(',').nth(1).unwrap().parse().unwrap();
        assert!(files >= 10, "{row}");
    }
    assert!(rows.iter().any(|row| row.starts_with("2026-Q1")), "{counts}");
    assert!(rows.iter().any(|row| row.starts_with("2026-Q2")), "{counts}");
    let card = fs::read_to_string(export.join("card.toml")).unwrap();
    assert!(card.contains("id = \"desk-invented\"") && card.contains("INVENTED"), "{card}");
    // The observatory is tested with the same bytes: see `crates/sanad-cli/tests/it/desk.rs`.
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/export");
    for (name, text) in [("counts.csv", &counts), ("card.toml", &card)] {
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            fs::create_dir_all(&shipped).unwrap();
            fs::write(shipped.join(name), text).unwrap();
        }
        let kept = fs::read_to_string(shipped.join(name)).unwrap_or_default();
        assert!(
            kept == *text,
            "{name}: INSTA_UPDATE=always cargo test -p sanad-desk demonstration rewrites it"
        );
    }
    let ledger = export.join("ledger.txt");
    let printed = done(&[&"verify", &ledger, &"--reaches", &"2026-06-30"]);
    assert!(printed.starts_with("181 days, 0 proofs"), "{printed}");
    // The verifier in Python says the same line, where there is one.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/desk-verify.py");
    match Command::new("python3").arg(script).arg(&ledger).output() {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), printed),
        Err(_) => println!("skipped: there is no python3"),
    }
    assert!(refused(&[&"demo", &"--data", &*DEMO]).contains("there already"));
}

#[test]
fn a_stranger_gets_in_at_a_demonstration_and_sees_that_everything_is_invented() {
    use crate::server::browser::Browser;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("desk");
    fs::create_dir(&data).unwrap();
    for file in ["desk.sqlite", "desk.toml", "people.txt"] {
        fs::copy(DEMO.join(file), data.join(file)).unwrap();
    }
    let serving = Serving::over(&data);
    let mut browser = Browser::new(serving.address.parse().unwrap());
    let start = browser.get("/").body;
    assert!(start.contains("This desk is invented"), "{start}");
    let people = fs::read_to_string(data.join("people.txt")).unwrap();
    assert!(people.starts_with("INVENTED, for demonstration"), "{people}");
    for (name, seat) in [("intake", "complaints-office/intake"), ("auditor", "desk/auditor")] {
        let line = people.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        let password = line.split(' ').nth(1).unwrap();
        let code = done(&[&"code", &"--data", &data, &name]);
        let token = browser.get("/staff").hidden("form");
        let fields = [
            ("form", token.as_str()),
            ("name", name),
            ("password", password),
            ("code", code.trim()),
        ];
        let reply = browser.post("/staff/login", &fields);
        assert_eq!(reply.status, 303, "{}", reply.body);
        let list = browser.get("/staff").body;
        assert!(list.contains(seat) && list.contains("This desk is invented"), "{list}");
        browser.cookies.clear();
        if name == "auditor" {
            let rows = list.matches("/openings").count();
            assert!(rows > 300, "{rows} files");
        }
    }
    // A filer of the demonstration comes back, and reads what is marked.
    let mut opened = 0;
    for receipt in DEMO_PRINTED.lines().filter(|line| line.trim().len() == 24) {
        let page = browser.post("/en/receipt", &[("receipt", receipt.trim())]);
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("INVENTED, for demonstration: what an invented person wrote"));
        opened += 1;
    }
    assert_eq!(opened, 2);
    drop(serving);
    // Codes of a real desk come from elsewhere.
    let text = fs::read_to_string(data.join("desk.toml")).unwrap();
    fs::write(data.join("desk.toml"), text.replace("invented = true", "invented = false")).unwrap();
    assert!(refused(&[&"code", &"--data", &data, &"intake"]).contains("another device"));
}

#[test]
fn a_quarter_is_exported_once_and_not_before_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let (data, to) = (copied_demo(folder.path()), folder.path().join("again"));
    let export = [&"export" as &dyn AsRef<OsStr>, &"--data", &data, &"--to", &to, &"--today"];
    let again = done(&[&export[..], &[&"2026-09-01"]].concat());
    assert!(again.contains("2 quarters released, 0 of them now"), "{again}");
    let counts = |folder: &Path| fs::read(folder.join("counts.csv")).unwrap();
    assert_eq!(counts(&to), counts(&DEMO.join("export")), "the same bytes");
    // The third quarter ends on 30 September; its counts fall due 60 days later, on 29 November.
    let early = done(&[&export[..], &[&"2026-11-28"]].concat());
    assert!(early.contains("2 quarters released"), "{early}");
    let due = done(&[&export[..], &[&"2026-11-29"]].concat());
    assert!(due.contains("3 quarters released, 1 of them now"), "{due}");
}

#[test]
fn the_warnings_of_the_demonstration_are_scored_from_its_released_counts_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.csv");
    let mut text = "district,month,deaths\n".to_owned();
    for district in ["upper-valley", "lower-valley", "river-plain", "salt-hills"] {
        for (year, month) in (2025..=2027).flat_map(|year| (1..=12).map(move |month| (year, month)))
        {
            let deaths = if (year, month) == (2026, 8) { 7 } else { 0 };
            text += &format!("{district},{year}-{month:02},{deaths}\n");
        }
    }
    fs::write(&record, text).unwrap();
    let counts = DEMO.join("export/counts.csv");
    let printed = done(&[&"score", &counts, &record, &"--warnings-at", &"ombuds-office"]);
    assert!(printed.starts_with("INVENTED, for demonstration"), "{printed}");
    assert!(
        printed.contains("\nombuds-office: ") && printed.contains("share borne out 1.00"),
        "{printed}"
    );
    let without = done(&[&"score", &counts, &record]);
    assert!(without.contains("there is nothing to score"), "{without}");
    let wrong = refused(&[&"score", &record, &counts]);
    assert!(wrong.contains("the table of counts has no column"), "{wrong}");
}

/// A copy of the demonstration that a test may change.
fn copied_demo(folder: &Path) -> PathBuf {
    let (backup, data) = (folder.join("backup"), folder.join("desk"));
    done(&[&"backup", &"--data", &*DEMO, &"--to", &backup]);
    done(&[&"restore", &"--from", &backup, &"--data", &data]);
    data
}

#[test]
fn a_demonstration_cannot_be_turned_into_a_real_desk() {
    let folder = tempfile::tempdir().unwrap();
    let data = copied_demo(folder.path());
    let path = data.join("desk.toml");
    let text = fs::read_to_string(&path).unwrap();
    for (line, other) in [
        ("invented = true", "invented = false"),
        ("name = \"Demonstration desk (invented)\"", "name = \"A desk\""),
        ("\"custodian-two\", ", ""),
        ("leaves = 1024", "leaves = 512"),
    ] {
        assert!(text.contains(line));
        fs::write(&path, text.replacen(line, other, 1)).unwrap();
        let said = refused(&[&"export", &"--data", &data, &"--to", &folder.path().join("out")]);
        assert!(said.contains("which cannot be changed"), "{said}");
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn what_is_past_its_time_is_destroyed_and_what_stays_is_said_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let data = copied_demo(folder.path());
    let retention = [&"retention" as &dyn AsRef<OsStr>, &"--data", &data, &"--today"];
    let soon = done(&[&retention[..], &[&"2026-06-30"]].concat());
    assert!(soon.starts_with("0 destroyed"), "{soon}");
    let numbers = |text: &str| -> Vec<u64> {
        let words = text.lines().map(|line| line.split(' ').next().unwrap().parse());
        words.map_while(Result::ok).collect()
    };
    let trial = done(&[&retention[..], &[&"2027-12-31", &"--trial"]].concat());
    let late = done(&[&retention[..], &[&"2027-12-31"]].concat());
    assert_eq!(numbers(&trial), numbers(&late));
    let [destroyed, open, in_time, not_counted] = numbers(&late)[..] else { panic!("{late}") };
    assert!(destroyed > 10 && open > 10 && in_time == 0 && not_counted == 0, "{late}");
    let after = done(&[&retention[..], &[&"2027-12-31"]].concat());
    assert_eq!(numbers(&after), [0, open, 0, 0]);
    // Released counts stay as they were.
    let to = folder.path().join("again");
    done(&[&"export", &"--data", &data, &"--to", &to, &"--today", &"2026-09-01"]);
    let counts = |folder: &Path| fs::read(folder.join("counts.csv")).unwrap();
    assert_eq!(counts(&to), counts(&DEMO.join("export")));
}

#[test]
fn a_backup_gives_the_same_head_and_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (backup, data) = (folder.path().join("backup"), folder.path().join("desk"));
    let made = done(&[&"backup", &"--data", &*DEMO, &"--to", &backup]);
    let restored = done(&[&"restore", &"--from", &backup, &"--data", &data]);
    let numbers = |text: &str| text.lines().next().unwrap().split_once(": ").unwrap().1.to_owned();
    assert_eq!(numbers(&made), numbers(&restored));
    let ledger = fs::read_to_string(DEMO.join("export/ledger.txt")).unwrap();
    let head = ledger.lines().last().unwrap().rsplit(' ').next().unwrap();
    assert!(restored.contains(head), "{restored}");
    assert!(refused(&[&"restore", &"--from", &backup, &"--data", &data]).contains("there already"));
    let there = folder.path().join("there");
    for (file, place) in [("desk.sqlite", 9_000), ("desk.toml", 40), ("backup.txt", 60)] {
        let path = backup.join(file);
        let whole = fs::read(&path).unwrap();
        for bytes in [changed(&whole, place), whole[..whole.len() - 1].to_vec()] {
            fs::write(&path, bytes).unwrap();
            let said = refused(&[&"restore", &"--from", &backup, &"--data", &there]);
            assert!(said.contains("damaged") || said.contains("not a whole backup"), "{said}");
            assert!(!there.exists(), "nothing is left in its place");
        }
        fs::write(&path, whole).unwrap();
    }
    fs::remove_file(backup.join("backup.txt")).unwrap();
    let said = refused(&[&"restore", &"--from", &backup, &"--data", &there]);
    assert!(said.contains("is not a whole backup"), "{said}");
}

fn changed(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] ^= 1;
    bytes
}

#[test]
fn two_custodians_open_a_file_and_the_filer_sees_that_they_did() {
    use sanad_desk::attachment::seal_original;
    use sanad_desk::store::{DeskStore as _, FileChange, SqliteStore, StoredFile};
    use sanad_desk::vault::{Receipt, SecretKey, Wraps, random_bytes};
    use sanad_desk::{DeskFolder, EntryHead, FileCourse, FileId, Role, SealedEntry};
    let folder = tempfile::tempdir().unwrap();
    let (names, mut passwords, mut keys) =
        (["custodian-one", "custodian-two", "custodian-three"], Vec::new(), Vec::new());
    for name in names {
        let out = folder.path().join(format!("{name}.key"));
        let printed = done(&[&"custodian", &name, &"--out", &out]);
        let lines: Vec<&str> = printed.lines().map(str::trim).collect();
        passwords.push(format!("{}\n", lines[3]));
        keys.push(lines.last().unwrap().strip_prefix("--custodian ").unwrap().to_owned());
    }
    let data = folder.path().join("desk");
    initialise(&data, &keys);
    // A file without a wrap to any seat, as a closed one.
    let config = DeskFolder::new(&data).config().unwrap();
    let mut store = SqliteStore::open(&data.join("desk.sqlite")).unwrap();
    let founding = store.founding().unwrap();
    let (receipt, key) = (Receipt::random().unwrap(), SecretKey::random().unwrap());
    let receipt = receipt.keys(&founding.receipt_salt, founding.receipt_cost).unwrap();
    let (id, day) = (FileId(random_bytes().unwrap()), date(2026, 1, 5));
    let channel = config.channel("complaints").unwrap();
    let file = StoredFile {
        id,
        lookup: receipt.lookup,
        channel: channel.id.clone(),
        district: "upper-valley".to_owned(),
        filed_on: day,
        has_missed: false,
        course: FileCourse::begin(channel.kind, day, 2, &config.times),
        assignee: None,
        closed_on: None,
        revision: 0,
        wraps: Wraps::begin(&key, &id.0, &receipt, &founding.custodians).unwrap(),
    };
    let head = EntryHead {
        number: 1,
        author: Role::Filer,
        deed: "file".to_owned(),
        stage: file.course.stage,
        day,
    };
    let (entry, commitment) =
        SealedEntry::seal(&key, id, channel.kind, head, "an invented grievance").unwrap();
    let (entries, commitments) = (vec![entry], vec![commitment]);
    let original = seal_original(id, 1, 1, b"a film", &receipt, &founding.custodians).unwrap();
    let attachments = vec![original];
    store.file(&FileChange { file, entries, attachments, commitments, day }).unwrap();
    drop(store);
    let hex: String = id.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let key_file = |name: &str| folder.path().join(format!("{name}.key"));
    let (one, two, three) = (key_file(names[0]), key_file(names[1]), key_file(names[2]));
    let (lent, other) = (folder.path().join("lent"), folder.path().join("other"));
    let lend: [&dyn AsRef<OsStr>; 5] = [&"lend", &"--data", &data, &"--file", &hex];
    let to_two: [&dyn AsRef<OsStr>; 6] =
        [&"--key", &one, &"--with", &"custodian-two", &"--out", &lent];
    let wrong = run_with(&joined(&lend, &to_two), &passwords[1]);
    assert!(said(&wrong).contains("the password is wrong"), "{}", said(&wrong));
    assert!(!lent.exists());
    assert!(run_with(&joined(&lend, &to_two), &passwords[0]).status.success());
    let back = joined(&lend, &[&"--key", &two, &"--with", &"custodian-one", &"--out", &other]);
    assert!(said(&run_with(&back, &passwords[1])).contains("lends: custodian-one"));
    // What was lent opens for nobody else, the first custodian included.
    let recover: [&dyn AsRef<OsStr>; 6] =
        [&"recover", &"--data", &data, &"--lent", &lent, &"--key"];
    for (path, password) in [(&one, &passwords[0]), (&three, &passwords[2])] {
        let refused = run_with(&joined(&recover, &[path]), password);
        assert!(said(&refused).contains("this was lent to custodian-two"), "{}", said(&refused));
    }
    let opened = run_with(&joined(&recover, &[&two]), &passwords[1]);
    assert!(opened.status.success(), "{}", said(&opened));
    assert!(String::from_utf8_lossy(&opened.stdout).contains("an invented grievance"));
    let mut store = SqliteStore::open(&data.join("desk.sqlite")).unwrap();
    let entries = store.entries(id).unwrap();
    let seen = entries[1].open(&key, id, channel.kind).unwrap();
    assert_eq!(
        seen.text.as_str(),
        "The custodians custodian-one and custodian-two opened this file."
    );
    assert_eq!(store.inner_ledger().unwrap().entries.len(), 2, "a step of the ledger");
    drop(store);

    // The original opens with the file, and this is written down too.
    let (again, film) = (folder.path().join("again"), folder.path().join("film"));
    let with_original: [&dyn AsRef<OsStr>; 8] =
        [&"--key", &one, &"--with", &"custodian-two", &"--attachment", &"1", &"--out", &again];
    assert!(run_with(&joined(&lend, &with_original), &passwords[0]).status.success());
    let recover: [&dyn AsRef<OsStr>; 7] =
        [&"recover", &"--data", &data, &"--lent", &again, &"--key", &two];
    let nowhere = run_with(&recover, &passwords[1]);
    assert!(said(&nowhere).contains("say where with --original"), "{}", said(&nowhere));
    // What names the original is damaged: that is not taken for a file without one.
    let (damaged, whole) = (folder.path().join("damaged"), fs::read_to_string(&again).unwrap());
    fs::write(&damaged, whole.replace("attachment ", "attachmen ")).unwrap();
    let from_damaged: [&dyn AsRef<OsStr>; 7] =
        [&"recover", &"--data", &data, &"--lent", &damaged, &"--key", &two];
    let refused = run_with(&from_damaged, &passwords[1]);
    assert!(said(&refused).contains("is nothing that was lent"), "{}", said(&refused));
    let opened = run_with(&joined(&recover, &[&"--original", &film]), &passwords[1]);
    assert!(opened.status.success(), "{}", said(&opened));
    assert_eq!(fs::read(&film).unwrap(), b"a film");
    let mut store = SqliteStore::open(&data.join("desk.sqlite")).unwrap();
    let entries = store.entries(id).unwrap();
    assert_eq!(entries.len(), 3, "what was refused is not written down");
    let seen = entries[2].open(&key, id, channel.kind).unwrap();
    assert!(seen.text.ends_with("opened this file and a sealed original in it."));
}

#[test]
fn a_real_desk_goes_by_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("desk.toml");
    let text = fs::read_to_string(DEMO_CONFIG).unwrap();
    fs::write(&config, text.replace("invented = true", "invented = false")).unwrap();
    let keys = ["custodian-one", "custodian-two", "custodian-three"]
        .map(|name| custodian(folder.path(), name));
    let data = folder.path().join("desk");
    done(&[
        &"init",
        &"--data",
        &data,
        &"--config",
        &config,
        &"--custodian",
        &keys[0],
        &"--custodian",
        &keys[1],
        &"--custodian",
        &keys[2],
    ]);
    let out = folder.path().join("out");
    for words in
        [["retention", "--trial"].map(OsStr::new), [OsStr::new("export"), OsStr::new("--to")]]
    {
        let mut words: Vec<&dyn AsRef<OsStr>> = words.iter().map(|word| word as _).collect();
        if words.len() == 2 && words[1].as_ref() == OsStr::new("--to") {
            words.push(&out);
        }
        words.extend([&"--data" as &dyn AsRef<OsStr>, &data, &"--today", &"2030-01-01"]);
        let said = refused(&words);
        assert!(said.contains("a real one goes by the clock"), "{said}");
    }
}

#[test]
fn the_memory_of_the_running_program_cannot_be_dumped() {
    // The program waits for a password; meanwhile its limits are read.
    let folder = tempfile::tempdir().unwrap();
    let data = begun(folder.path());
    let seat = "complaints-office/intake";
    done(&[&"user", &"--data", &data, &"add", &"ann", &"--seat", &seat]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_sanad-desk"))
        .args([OsStr::new("user"), OsStr::new("--data"), data.as_os_str()])
        .args(["add", "ben", "--seat", seat, "--through", "ann"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains("password of ann") {
        let mut byte = [0];
        assert_eq!(std::io::Read::read(&mut stderr, &mut byte).unwrap(), 1);
        heard.push(byte[0]);
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id()));
    // A process that cannot be dumped belongs, in /proc, to the administrator alone.
    let owner = fs::metadata(format!("/proc/{}/mem", child.id()));
    drop(child.stdin.take());
    child.wait().unwrap();
    match limits {
        Ok(limits) => {
            let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            let numbers: Vec<&str> = line.split_whitespace().skip(4).collect();
            assert_eq!(numbers, ["0", "0", "bytes"]);
            #[cfg(unix)]
            assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner.unwrap()), 0);
        }
        Err(_) => println!("skipped: this system has no /proc"),
    }
}

/// A server of an invented desk, in a process of its own.
pub(crate) struct Serving {
    child: std::process::Child,
    /// Where it answers.
    pub(crate) address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one member of the staff of a new desk has, who holds every seat of every body.
pub(crate) struct Ann {
    pub(crate) password: String,
    pub(crate) secret: String,
}

impl Serving {
    fn begin(folder: &Path) -> Serving {
        let data = begun(folder);
        Serving::hire(&data);
        Serving::over(&data)
    }

    /// A new desk in a folder, with the one member of its staff.
    pub(crate) fn begin_with_ann(folder: &Path) -> (Serving, Ann) {
        let data = begun(folder);
        let ann = Serving::hire(&data);
        (Serving::over(&data), ann)
    }

    fn hire(data: &Path) -> Ann {
        let mut words: Vec<Box<dyn AsRef<OsStr>>> =
            vec![Box::new("user"), Box::new("--data"), Box::new(data.to_owned())];
        words.extend([Box::new("add") as Box<dyn AsRef<OsStr>>, Box::new("ann")]);
        for body in ["complaints-office", "harm-board", "ombuds-office"] {
            for role in ["intake", "investigator", "remedy"] {
                words.push(Box::new("--seat"));
                words.push(Box::new(format!("{body}/{role}")));
            }
        }
        let words: Vec<&dyn AsRef<OsStr>> = words.iter().map(|word| word.as_ref()).collect();
        let printed = done(&words);
        let after = |word: &str| {
            let line = printed.lines().find_map(|line| line.trim().strip_prefix(word));
            line.unwrap().trim().to_owned()
        };
        Ann { password: after("password"), secret: after("second factor") }
    }

    /// Serves the desk of a folder. What it says is in files beside the folder, and its temporary
    /// files would be there too.
    pub(crate) fn over(data: &Path) -> Serving {
        let beside = data.parent().unwrap();
        let (errors, temporary) = (beside.join("errors.txt"), beside.join("temporary"));
        fs::create_dir_all(&temporary).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sanad-desk"))
            .args([OsStr::new("serve"), OsStr::new("--data"), data.as_os_str()])
            .args(["--listen", "127.0.0.1:0"])
            .env("TMPDIR", temporary)
            .stdin(Stdio::null())
            .stdout(fs::File::create(beside.join("printed.txt")).unwrap())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        // A desk that was down for half a year has its days to close first.
        for _ in 0..1_200 {
            let said = fs::read_to_string(&errors).unwrap();
            let address = said.split_once("http://").and_then(|(_, rest)| rest.split_once('/'));
            if let Some((address, _)) = address {
                return Serving { child, address: address.to_owned() };
            }
            assert!(child.try_wait().unwrap().is_none(), "{said}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the server does not say where it is");
    }

    /// Sends a request and gives the answer with its head.
    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut line = std::net::TcpStream::connect(&self.address).unwrap();
        write!(
            line,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
             Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len(),
            address = self.address,
        )
        .unwrap();
        let mut answer = Vec::new();
        std::io::Read::read_to_end(&mut line, &mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// How often a word stands in the memory of the process; nothing where it cannot be read.
    fn count_in_memory(&self, word: &[u8]) -> Option<usize> {
        let id = self.child.id();
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).ok()?;
        let memory = fs::File::open(format!("/proc/{id}/mem")).ok()?;
        let mut count = 0;
        for line in maps.lines() {
            let (range, rest) = line.split_once(' ')?;
            let (from, to) = range.split_once('-')?;
            let from = u64::from_str_radix(from, 16).ok()?;
            let to = u64::from_str_radix(to, 16).ok()?;
            if !rest.starts_with('r') || line.ends_with(']') && line.contains("[v") {
                continue;
            }
            let mut bytes = vec![0; (to - from) as usize];
            if std::os::unix::fs::FileExt::read_exact_at(&memory, &mut bytes, from).is_ok() {
                count += bytes.windows(word.len()).filter(|window| *window == word).count();
            }
        }
        Some(count)
    }
}

/// `/dev/full` is of Linux alone.
#[test]
fn talk_that_cannot_be_written_is_dropped_and_a_result_that_cannot_be_is_an_error() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/desk.toml");
    let check = |command: &mut Command| command.arg("check").arg(&config).output().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_sanad-desk"));
    let quiet = check(program.stderr(full.try_clone().unwrap()));
    assert_eq!(quiet.status.code(), Some(0));
    let mut program = Command::new(env!("CARGO_BIN_EXE_sanad-desk"));
    let lost = check(program.stdout(full));
    assert_eq!(lost.status.code(), Some(1));
    let said = String::from_utf8(lost.stderr).unwrap();
    assert!(said.contains("cannot be written on the standard output"), "{said}");
}

#[test]
fn what_was_filed_is_not_in_the_memory_of_the_server_after_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::begin(folder.path());
    let page = serving.ask("GET", "/en/file/complaints", "");
    let receipt = page.split_once("name=\"receipt\" value=\"").unwrap().1;
    let receipt = receipt.split_once('"').unwrap().0.replace(' ', "+");
    let text = "CANARYMEMORY+from+Canaryvillage";
    let form =
        format!("receipt={receipt}&noted=yes&year=&month=&day=&district=upper-valley&text={text}");
    let answer = serving.ask("POST", "/en/file/complaints", &form);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Received"), "{answer}");
    let mut picture = crate::attachment::jpeg(&mut crate::numbers::Numbers(5), 64, 64);
    picture.splice(2..2, [&[0xff, 0xfe, 0, 15], b"CANARYPICTURE".as_slice()].concat());
    let mut browser = crate::server::browser::Browser::new(serving.address.parse().unwrap());
    let digits = receipt.replace('+', " ");
    let lines = [("receipt", digits.as_str()), ("original", "yes")];
    let attached = browser.post_file("/en/receipt/attach", &lines, &picture);
    assert!(attached.body.contains("The original, sealed"), "{}", attached.body);
    // What is there is found: the desk's name is in every page.
    match serving.count_in_memory(b"Demonstration desk") {
        Some(found) => assert!(found > 0),
        None => {
            println!("skipped: only the administrator can read the memory of the desk");
            return;
        }
    }
    // A thread may still be giving back what the last answer took.
    std::thread::sleep(std::time::Duration::from_millis(500));
    for word in ["CANARYMEMORY", "Canaryvillage", "CANARYPICTURE", "Canary holiday"] {
        assert_eq!(serving.count_in_memory(word.as_bytes()), Some(0), "{word}");
    }
}
