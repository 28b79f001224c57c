//! Who may do what: every cell of the matrix, asked of the server.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_desk::server::access::{
    Action, Relation, actions, is_for_filers, is_open_to, matrix_as_markdown, stages_of,
};
use sanad_desk::store::{DeskStore as _, FileChange, StoredFile};
use sanad_desk::{FileKind, Role, Stage, TRANSITIONS};

use super::browser::{Browser, Reply};
use super::{TestDesk, demo_config};
use crate::attachment::png;

#[test]
fn the_matrix_in_the_docs_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/desk-matrix.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let head = text.split_once("\n## ").map_or(text.as_str(), |(head, _)| head);
    let expected = format!("{}\n\n{}", head.trim_end(), matrix_as_markdown());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        std::fs::write(path, &expected).unwrap();
        return;
    }
    assert!(text == expected, "INSTA_UPDATE=always cargo test -p sanad-desk matrix rewrites it");
}

/// The rules once more, written from the other side: what is listed here is allowed.
fn expected(role: Role, action: Action, kind: FileKind, stage: Stage, relation: Relation) -> bool {
    let is_free = relation == Relation::Unassigned || relation == Relation::OwnAssignment;
    let works = match role {
        Role::Intake | Role::Remedy => is_free || relation == Relation::OthersAssignment,
        Role::Investigator => is_free,
        _ => false,
    };
    let has_arrow = |step| {
        let is_it = |arrow: &&sanad_desk::Transition| {
            (arrow.kind, arrow.from, arrow.step, arrow.actor) == (kind, stage, step, role)
        };
        TRANSITIONS.iter().any(|arrow| is_it(&arrow))
    };
    match (role, action) {
        (Role::Filer, Action::ReadOwn | Action::Prove | Action::Delete) => true,
        (Role::Filer, Action::Add) => stage != Stage::Closed,
        (Role::Filer, Action::Take(step)) => has_arrow(step),
        (Role::Auditor, Action::ReadOpenings) => true,
        (Role::Custodian, Action::ReadRecovery) => true,
        (_, Action::Open | Action::Note) => works && stage != Stage::Closed,
        (_, Action::Take(step)) => works && has_arrow(step),
        _ => false,
    }
}

/// One file of a kind that is put into every state.
struct Subject {
    channel: &'static str,
    receipt: String,
    file: StoredFile,
}

impl Subject {
    fn file(desk: &TestDesk, channel: &'static str) -> Subject {
        let known: Vec<_> = desk.store().files().unwrap().iter().map(|file| file.id).collect();
        let receipt = desk.file(channel, "an invented text");
        let files = desk.store().files().unwrap();
        let file = files.into_iter().find(|file| !known.contains(&file.id)).unwrap();
        // There has to be a picture, or none can be shown.
        let lines = [("receipt", receipt.as_str())];
        let reply = desk.browser().post_file("/en/receipt/attach", &lines, &picture());
        assert_eq!(reply.status, 200, "{}", reply.body);
        Subject { channel, receipt, file }
    }

    /// Puts the file into a state, with all its wraps: nothing but the table is to refuse.
    fn put(&self, desk: &TestDesk, stage: Stage, assignee: Option<&str>) {
        let mut store = desk.store();
        let mut file = self.file.clone();
        file.revision = store.find_by_id(file.id).unwrap().unwrap().revision;
        file.course.stage = stage;
        file.assignee = assignee.map(str::to_owned);
        let day = file.filed_on;
        let change =
            FileChange { file, entries: vec![], attachments: vec![], commitments: vec![], day };
        store.change(&change).unwrap();
    }

    fn address(&self) -> String {
        let digits: String = self.file.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("/staff/file/{digits}")
    }
}

/// Who asks for a role: a name, and nothing for a filer and for the clock, who do not log in.
fn name_of(role: Role, channel: &str, relation: Relation) -> Option<String> {
    let is_other = relation == Relation::OtherBody;
    let body = match (channel, is_other) {
        ("complaints", false) | ("warnings", true) => "",
        ("harm", false) | ("complaints", true) => "harm-",
        _ => "ombuds-",
    };
    match role {
        Role::Filer | Role::Clock => None,
        Role::Intake | Role::Investigator | Role::Remedy => {
            Some(format!("{body}{}", role.as_str()))
        }
        Role::Partner | Role::Custodian | Role::Auditor => Some(role.as_str().to_owned()),
    }
}

/// An invented picture, always the same.
fn picture() -> Vec<u8> {
    png(4, 4, &[90; 48])
}

/// Asks a server for a cell.
fn ask(browser: &mut Browser, role: Role, subject: &Subject, address: &str, token: &str) -> Reply {
    let (method, address) = address.split_once(' ').unwrap();
    let address = address.replace("/staff/file/ID", &subject.address()).replace("LANG", "en");
    if method == "GET" {
        return browser.get(&address);
    }
    let assignee = if address.ends_with("/assign") { assignee_of(subject.channel) } else { "" };
    if address.starts_with("/staff") {
        let mut fields = vec![("form", token), ("text", "an invented text")];
        if address.contains("/step/") {
            fields.push(("assignee", assignee));
        }
        return browser.post(&address, &fields);
    }
    // Who has no receipt sends a wrong one.
    let receipt = if role == Role::Filer { subject.receipt.as_str() } else { "1" };
    let mut fields = vec![("receipt", receipt)];
    if address.ends_with("/attach") {
        return browser.post_file(&address, &fields, &picture());
    }
    match address.rsplit('/').next().unwrap() {
        "add" | "appeal" => fields.push(("text", "an invented text")),
        "proof" => fields.push(("entry", "1")),
        "picture" => fields.push(("number", "1")),
        "delete" => fields.push(("sure", "yes")),
        _ => {}
    }
    browser.post(&address, &fields)
}

fn assignee_of(channel: &str) -> &'static str {
    match channel {
        "complaints" => "investigator",
        "harm" => "harm-investigator",
        _ => "ombuds-investigator",
    }
}

/// Everybody who asks, logged in, with the secret of the session.
fn everybody(desk: &TestDesk) -> BTreeMap<String, (Browser, String)> {
    let mut browsers = BTreeMap::new();
    for (name, _) in super::PEOPLE {
        let mut browser = desk.logged_in(name);
        let token = browser.get("/staff").hidden("form");
        browsers.insert(name.to_owned(), (browser, token));
    }
    browsers
}

/// Asks about one kind of file in every state, and counts.
struct Questions<'a> {
    desk: &'a TestDesk,
    kind: FileKind,
    channel: &'static str,
    browsers: BTreeMap<String, (Browser, String)>,
    nobody: Browser,
    asked: usize,
    allowed: usize,
}

impl Questions<'_> {
    fn who_is_given_the_file(&self, relation: Relation) -> Option<&'static str> {
        match relation {
            Relation::OwnAssignment => Some(assignee_of(self.channel)),
            Relation::OthersAssignment => Some("second-investigator"),
            Relation::Unassigned | Relation::OtherBody => None,
        }
    }

    /// Asks one cell and says whether it was allowed.
    fn ask(
        &mut self,
        subject: &Subject,
        (address, action): &(String, Action),
        role: Role,
        (stage, relation): (Stage, Relation),
    ) -> bool {
        let (browser, token) = match name_of(role, self.channel, relation) {
            None => (&mut self.nobody, ""),
            Some(name) => {
                let (browser, token) = self.browsers.get_mut(&name).unwrap();
                (browser, token.as_str())
            }
        };
        let reply = ask(browser, role, subject, address, token);
        let may = is_open_to(address, role, *action, self.kind, stage, relation);
        let cell = format!("{address} {role:?} {:?} {stage:?} {relation:?}", self.kind);
        let is_own_address = is_for_filers(address) == (role == Role::Filer);
        let also = is_own_address && expected(role, *action, self.kind, stage, relation);
        assert_eq!(may, also, "{cell}: the table and the rules differ");
        let is_refused = [401, 403, 404, 409, 422].contains(&reply.status);
        let is_done = [200, 303].contains(&reply.status);
        assert!(is_done == may && is_refused != may, "{cell}: {}", reply.status);
        self.asked += 1;
        self.allowed += usize::from(may);
        may
    }

    /// Every action but deletion, on one file whose first entry is in the ledger.
    fn ask_about(&mut self, subject: &Subject) {
        for relation in Relation::ALL {
            let assignee = self.who_is_given_the_file(relation);
            for stage in stages_of(self.kind) {
                subject.put(self.desk, stage, assignee);
                for question in actions().iter().filter(|(_, action)| *action != Action::Delete) {
                    for &role in Role::ALL {
                        if self.ask(subject, question, role, (stage, relation)) {
                            subject.put(self.desk, stage, assignee);
                        }
                    }
                }
            }
        }
    }

    /// Deletion, of a new file each time.
    fn ask_about_deletion(&mut self) {
        let deletion = actions().into_iter().find(|(_, action)| *action == Action::Delete).unwrap();
        for relation in Relation::ALL {
            for stage in stages_of(self.kind) {
                let subject = Subject::file(self.desk, self.channel);
                subject.put(self.desk, stage, self.who_is_given_the_file(relation));
                // The filer comes last.
                for &role in Role::ALL.iter().rev() {
                    self.ask(&subject, &deletion, role, (stage, relation));
                }
            }
        }
    }
}

/// Asks every cell of one kind and gives how many there are and how many are allowed.
fn ask_all(kind: FileKind, channel: &'static str) -> (usize, usize) {
    // Every question about deletion has a file of its own.
    let mut config = demo_config();
    for channel in &mut config.channels {
        channel.plain_a_day = channel.filings_a_day;
    }
    let desk = TestDesk::with(config);
    let subject = Subject::file(&desk, channel);
    // The first entry has to be in the ledger, or there is no proof to download.
    desk.set_day("2026-03-03");
    let (browsers, nobody) = (everybody(&desk), desk.browser());
    let mut questions =
        Questions { desk: &desk, kind, channel, browsers, nobody, asked: 0, allowed: 0 };
    questions.ask_about(&subject);
    questions.ask_about_deletion();
    let cells = Relation::ALL.len() * stages_of(kind).len() * actions().len() * Role::ALL.len();
    assert_eq!(questions.asked, cells, "every cell was asked");
    (questions.asked, questions.allowed)
}

#[test]
fn every_cell_of_a_grievance_is_allowed_or_refused_as_the_matrix_says() {
    let (asked, allowed) = ask_all(FileKind::Grievance, "complaints");
    println!("{asked} cells, {allowed} allowed");
}

#[test]
fn every_cell_of_a_report_of_harm_is_allowed_or_refused_as_the_matrix_says() {
    let (asked, allowed) = ask_all(FileKind::Harm, "harm");
    println!("{asked} cells, {allowed} allowed");
}

#[test]
fn every_cell_of_a_warning_is_allowed_or_refused_as_the_matrix_says() {
    let (asked, allowed) = ask_all(FileKind::Warning, "warnings");
    println!("{asked} cells, {allowed} allowed");
}
