//! One file, opened: by its filer with the receipt, or by somebody of the staff from a seat.
//!
//! Two things have to agree before anybody reads a file: the table of access ([`is_allowed`]) and a
//! wrap of the file's key that the reader can open. Neither is enough. A mistake in the table does
//! not open a closed file, for which no seat has a wrap; and a wrap that the next body holds from
//! the start opens nothing before the file gets there, because the table says so.
//!
//! A change is made from the file as it was read. If somebody else changed it in between, the store
//! refuses the second change, nothing is kept, and the answer says so: two officers never take two
//! steps from one stage.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{CaseChange, Office, OfficeFault, drop_wraps};
use crate::config::DeskConfig;
use crate::entry::{EntryHead, FileId, SealedEntry};
use crate::ledger::{Hash256, Proof, Statement, commitment, content_digest};
use crate::process::{Role, Stage, Step};
use crate::server::access::{Action, Relation, is_allowed};
use crate::staff::Seat;
use crate::store::{Opening, StoredFile};
use crate::vault::{ReceiptKeys, SecretKey, random_bytes};

/// An entry that was opened.
pub(crate) struct ReadEntry {
    /// What is not sealed of it.
    pub(crate) head: EntryHead,
    /// What was written.
    pub(crate) text: Zeroizing<String>,
    /// The day of the ledger that holds it; nothing while it waits.
    pub(crate) ledger_day: Option<Date>,
    /// What the ledger holds of it.
    statement: Statement,
    /// The salt of its commitment.
    salt: Hash256,
}

/// A file that was opened.
pub(crate) struct OpenedCase {
    /// The file.
    pub(crate) file: StoredFile,
    /// Its entries in order.
    pub(crate) entries: Vec<ReadEntry>,
    /// The days on which somebody of the staff opened it, each once, in order.
    pub(crate) opened_on: Vec<Date>,
    /// The role in which it was opened.
    pub(crate) role: Role,
    /// The file's key, for as long as the file is open here.
    pub(super) key: SecretKey,
}

impl OpenedCase {
    /// The number of the last entry; the next one is one higher.
    pub(super) fn last_number(&self) -> u32 {
        self.entries.last().map_or(0, |entry| entry.head.number)
    }
}

/// What is left of a file that was deleted: the statement that went into the ledger, and its salt.
pub(crate) struct Tombstone {
    /// The statement.
    pub(crate) statement: Statement,
    /// The salt of its commitment.
    pub(crate) salt: Hash256,
}

/// Somebody of the staff who is logged in.
pub(crate) struct Officer<'a> {
    /// The member's name.
    pub(crate) name: &'a str,
    /// The secret keys of the member's seats.
    pub(crate) seats: &'a BTreeMap<Seat, SecretKey>,
}

/// A step that somebody wants to take, with what belongs to it.
pub(crate) struct Resolve<'a> {
    /// The step.
    pub(crate) step: Step,
    /// What is written with it.
    pub(crate) text: &'a str,
    /// To whom the file is given, with [`Step::Assign`].
    pub(crate) assignee: Option<&'a str>,
}

/// Opens entries in order.
pub(super) fn read_entries(
    entries: &[SealedEntry],
    file: &StoredFile,
    key: &SecretKey,
) -> Result<Vec<ReadEntry>, OfficeFault> {
    let mut read = Vec::with_capacity(entries.len());
    for entry in entries {
        let opened = entry.open(key, file.id, file.course.kind)?;
        let (head, ledger_day) = (entry.head.clone(), None);
        let (text, statement, salt) = (opened.text, opened.statement, opened.salt);
        read.push(ReadEntry { head, text, ledger_day, statement, salt });
    }
    Ok(read)
}

impl Office {
    /// Opens all entries of a file, and finds for each the day of the ledger that holds it.
    fn opened(
        &mut self,
        file: StoredFile,
        key: SecretKey,
        role: Role,
    ) -> Result<OpenedCase, OfficeFault> {
        let sealed = self.store.entries(file.id)?;
        let mut entries = read_entries(&sealed, &file, &key)?;
        for entry in &mut entries {
            entry.ledger_day = self.ledger_day(&entry.statement, entry.salt);
        }
        let mut opened_on: Vec<Date> =
            self.store.openings(file.id)?.into_iter().map(|opening| opening.day).collect();
        opened_on.sort_unstable();
        opened_on.dedup();
        Ok(OpenedCase { file, entries, opened_on, role, key })
    }

    /// Opens the file of a receipt.
    pub(crate) fn open_own(&mut self, keys: &ReceiptKeys) -> Result<OpenedCase, OfficeFault> {
        let file = self.store.find(&keys.lookup)?.ok_or(OfficeFault::NoFile)?;
        let key = file.wraps.open_for_filer(&file.id.0, keys)?;
        self.opened(file, key, Role::Filer)
    }

    /// Adds a text to the file of a receipt. The same text as the last one is not added again: a
    /// line that breaks makes filers send twice.
    pub(crate) fn add(
        &mut self,
        keys: &ReceiptKeys,
        text: &str,
        today: Date,
    ) -> Result<(), OfficeFault> {
        let case = self.open_own(keys)?;
        allow(&case.file, Role::Filer, Action::Add, Relation::Unassigned)?;
        let last = case.entries.iter().rev().find(|entry| entry.head.author == Role::Filer);
        if last.is_some_and(|entry| entry.head.deed == "add" && entry.text.as_str() == text) {
            return Ok(());
        }
        let mut change = CaseChange::begin(case.file.clone(), case.last_number(), today);
        change.write(&case.key, Role::Filer, "add", text)?;
        Ok(self.store.change(&change.change)?)
    }

    /// Accepts or appeals for the filer.
    pub(crate) fn take_own(
        &mut self,
        config: &DeskConfig,
        keys: &ReceiptKeys,
        resolve: &Resolve<'_>,
        today: Date,
    ) -> Result<(), OfficeFault> {
        let case = self.open_own(keys)?;
        self.take(config, case, Relation::Unassigned, resolve, today)
    }

    /// Deletes the file of a receipt.
    pub(crate) fn delete_own(
        &mut self,
        keys: &ReceiptKeys,
        today: Date,
    ) -> Result<Tombstone, OfficeFault> {
        let case = self.open_own(keys)?;
        let (salt, content_salt) = (random_bytes::<32>()?, random_bytes::<32>()?);
        let course = &case.file.course;
        let statement = Statement {
            kind: course.kind,
            stage: course.stage,
            deed: "delete".to_owned(),
            day: today,
            content: content_digest(&content_salt, ""),
        };
        self.store.delete(case.file.id, today, commitment(&salt, &statement))?;
        Ok(Tombstone { statement, salt: Hash256(salt) })
    }

    /// The proof of an entry of the own file; nothing while it waits for its day.
    pub(crate) fn prove_own(
        &mut self,
        keys: &ReceiptKeys,
        number: u32,
    ) -> Result<Option<Proof>, OfficeFault> {
        let case = self.open_own(keys)?;
        let entry = case.entries.iter().find(|entry| entry.head.number == number);
        let entry = entry.ok_or(OfficeFault::NoFile)?;
        Ok(self.proof(entry.salt, &entry.statement))
    }

    /// The files that an officer may open, and how each stands to the officer.
    pub(crate) fn files_for(
        &mut self,
        config: &DeskConfig,
        officer: &Officer<'_>,
    ) -> Result<Vec<(StoredFile, Role)>, OfficeFault> {
        let mut files = Vec::new();
        for file in self.store.files()? {
            if let Some((seat, _)) = self.seat_for(config, &file, officer, Action::Open)? {
                let role = seat.role;
                files.push((file, role));
            }
        }
        Ok(files)
    }

    /// The officer's seat from which something may be done with a file.
    fn seat_for<'a>(
        &mut self,
        config: &DeskConfig,
        file: &StoredFile,
        officer: &Officer<'a>,
        action: Action,
    ) -> Result<Option<(&'a Seat, Relation)>, OfficeFault> {
        let body = body_of(config, file);
        for seat in officer.seats.keys() {
            let relation = self.relation(file, body, seat, officer.name)?;
            let FileStanding { kind, stage } = FileStanding::of(file);
            if is_allowed(seat.role, action, kind, stage, relation) {
                return Ok(Some((seat, relation)));
            }
        }
        Ok(None)
    }

    /// How a file stands to a seat. A file that is given to somebody who does not investigate for
    /// its body any more is given to nobody.
    fn relation(
        &mut self,
        file: &StoredFile,
        body: &str,
        seat: &Seat,
        name: &str,
    ) -> Result<Relation, OfficeFault> {
        if seat.body != body {
            return Ok(Relation::OtherBody);
        }
        let Some(assignee) = &file.assignee else { return Ok(Relation::Unassigned) };
        if assignee == name && seat.role == Role::Investigator {
            return Ok(Relation::OwnAssignment);
        }
        let investigates = self.investigators(body)?.contains(assignee);
        Ok(if investigates { Relation::OthersAssignment } else { Relation::Unassigned })
    }

    /// The names of those who investigate for a body.
    pub(crate) fn investigators(&mut self, body: &str) -> Result<Vec<String>, OfficeFault> {
        let seat = Seat { body: body.to_owned(), role: Role::Investigator };
        let members = self.store.members()?.into_iter();
        Ok(members
            .filter(|member| member.seats.contains_key(&seat))
            .map(|member| member.name)
            .collect())
    }

    /// Opens a file from a seat of an officer, and records that it was opened.
    pub(crate) fn open_from_seat(
        &mut self,
        config: &DeskConfig,
        id: FileId,
        officer: &Officer<'_>,
        action: Action,
        today: Date,
    ) -> Result<(OpenedCase, Relation), OfficeFault> {
        let file = self.store.find_by_id(id)?.ok_or(OfficeFault::NoFile)?;
        let Some((seat, relation)) = self.seat_for(config, &file, officer, action)? else {
            // Who may read the file is told that the step is not one of its stage: it was taken by
            // somebody else, or by a second press of the button. Nobody else is told anything.
            let reads = self.seat_for(config, &file, officer, Action::Open)?.is_some();
            return Err(if reads { OfficeFault::NotNow } else { OfficeFault::NotAllowed });
        };
        let secret = officer.seats.get(seat).ok_or(OfficeFault::NotAllowed)?;
        let key = file.wraps.open_for_seat(&id.0, (&seat.body, seat.role), secret)?;
        // Recorded before anything is shown: what cannot be recorded is not opened.
        let member = officer.name.to_owned();
        self.store.note_opening(&Opening { file: id, member, day: today })?;
        Ok((self.opened(file, key, seat.role)?, relation))
    }

    /// Takes a step from a seat.
    pub(crate) fn take_from_seat(
        &mut self,
        config: &DeskConfig,
        id: FileId,
        officer: &Officer<'_>,
        resolve: &Resolve<'_>,
        today: Date,
    ) -> Result<(), OfficeFault> {
        let action = Action::Take(resolve.step);
        let (case, relation) = self.open_from_seat(config, id, officer, action, today)?;
        if resolve.step == Step::Assign {
            let body = body_of(config, &case.file).to_owned();
            let assignee = resolve.assignee.ok_or(OfficeFault::NotNow)?;
            if !self.investigators(&body)?.iter().any(|name| name == assignee) {
                return Err(OfficeFault::NotNow);
            }
        }
        self.take(config, case, relation, resolve, today)
    }

    /// Writes to the filer without a step.
    pub(crate) fn note_from_seat(
        &mut self,
        config: &DeskConfig,
        id: FileId,
        officer: &Officer<'_>,
        text: &str,
        today: Date,
    ) -> Result<(), OfficeFault> {
        let (case, _) = self.open_from_seat(config, id, officer, Action::Note, today)?;
        let mut change = CaseChange::begin(case.file.clone(), case.last_number(), today);
        change.write(&case.key, case.role, "note", text)?;
        Ok(self.store.change(&change.change)?)
    }

    /// Takes a step and writes what belongs to it. Days that pass with it were let pass before,
    /// when the day began.
    fn take(
        &mut self,
        config: &DeskConfig,
        mut case: OpenedCase,
        relation: Relation,
        resolve: &Resolve<'_>,
        today: Date,
    ) -> Result<(), OfficeFault> {
        allow(&case.file, case.role, Action::Take(resolve.step), relation)?;
        let (number, rung) = (case.last_number(), case.file.course.rung);
        let (_, reached) = case.file.course.take(resolve.step, case.role, today, &config.times);
        reached.map_err(|_| OfficeFault::NotNow)?;
        if let (Step::Assign, Some(name)) = (resolve.step, resolve.assignee) {
            case.file.assignee = Some(name.to_owned());
        }
        // Another body looks, or another person of the same body: nobody is bound any more.
        if case.file.course.rung != rung || resolve.step == Step::Appeal {
            case.file.assignee = None;
        }
        let ladder =
            config.channel(&case.file.channel).map_or(&[][..], |channel| config.ladder(channel));
        drop_wraps(&mut case.file, ladder);
        let mut change = CaseChange::begin(case.file, number, today);
        change.write(&case.key, case.role, resolve.step.as_str(), resolve.text)?;
        Ok(self.store.change(&change.change)?)
    }
}

/// What the table of access asks of a file.
struct FileStanding {
    /// The kind of file.
    kind: crate::process::FileKind,
    /// The stage that it is in now.
    stage: Stage,
}

impl FileStanding {
    /// The kind and the stage of a file.
    fn of(file: &StoredFile) -> FileStanding {
        FileStanding { kind: file.course.kind, stage: file.course.stage }
    }
}

/// Refuses what the table of access does not allow. The caller has opened the file already, so that
/// the refusal may say that it is the stage.
pub(super) fn allow(
    file: &StoredFile,
    role: Role,
    action: Action,
    relation: Relation,
) -> Result<(), OfficeFault> {
    let FileStanding { kind, stage } = FileStanding::of(file);
    if is_allowed(role, action, kind, stage, relation) { Ok(()) } else { Err(OfficeFault::NotNow) }
}

/// The body that a file is with; an empty word where the channel is gone from `desk.toml`.
pub(crate) fn body_of<'a>(config: &'a DeskConfig, file: &StoredFile) -> &'a str {
    let ladder = config.channel(&file.channel).map_or(&[][..], |channel| config.ladder(channel));
    ladder.get(file.course.rung).or(ladder.last()).map_or("", String::as_str)
}
