//! What the desk does: it takes filings, lets steps be taken, keeps the calendar, and gives proofs.
//!
//! The office is the only part of the server that uses the store. It knows nothing of requests and
//! pages, and asks nobody for the time: days come as arguments.

mod attaching;
mod calendar;
mod case;
mod content;
mod filing;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::entry::{EntryHead, SealedEntry};
use crate::ledger::{DayBatch, Hash256, Ledger, Proof, Statement, commitment};
use crate::process::{Role, Step};
use crate::server::proof_of_work::Puzzle;
use crate::staff::Seat;
use crate::store::{DeskStore, FileChange, StoreError, StoredFile};
use crate::upkeep::UpkeepError;
use crate::vault::{PublicKey, SecretKey, VaultError};

pub(crate) use attaching::attached_text;
pub(super) use attaching::{PictureDraft, picture_mark};
pub(super) use case::{Officer, OpenedCase, ReadEntry, Resolve, Tombstone, body_of};
pub(super) use content::{AttachedCopy, AttachedParts, FiledContent, When};
use filing::TakenToday;
pub(super) use filing::{Backing, FilingDraft, Received, Rules};

/// Why the office did not do something. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfficeFault {
    /// The channel took as many filings today as it takes in a day.
    #[error("the channel is full for today")]
    Full,
    /// There is no such file, or the receipt or the seat does not open it.
    #[error("there is no such file")]
    NoFile,
    /// The step is not one of the stage, or not for this role.
    #[error("the step cannot be taken now")]
    NotNow,
    /// The member may not do this with this file.
    #[error("this is not for this seat")]
    NotAllowed,
    /// The store or the vault failed.
    #[error("the desk has a fault: {0}")]
    Broken(String),
}

impl From<StoreError> for OfficeFault {
    /// Faults keep their message for whoever runs the desk, and never what was being written.
    fn from(error: StoreError) -> OfficeFault {
        match error {
            StoreError::NoFile => OfficeFault::NoFile,
            StoreError::ChangedMeanwhile => OfficeFault::NotNow,
            error => OfficeFault::Broken(error.to_string()),
        }
    }
}

impl From<UpkeepError> for OfficeFault {
    /// Faults keep their message for whoever runs the desk, and never what was being written.
    fn from(error: UpkeepError) -> OfficeFault {
        OfficeFault::Broken(error.to_string())
    }
}

impl From<VaultError> for OfficeFault {
    /// Faults keep their message for whoever runs the desk, and never what was being written.
    fn from(error: VaultError) -> OfficeFault {
        match error {
            VaultError::NotOpened => OfficeFault::NoFile,
            error => OfficeFault::Broken(error.to_string()),
        }
    }
}

/// The desk at work, over its store.
pub(crate) struct Office {
    /// Where everything is kept.
    store: Box<dyn DeskStore>,
    /// The last day whose duties are done.
    begun: Option<Date>,
    /// Filings of the day by channel. Deleting a file gives no place back.
    taken: BTreeMap<String, TakenToday>,
    /// Puzzles whose answer was used today: a file that is deleted gives no answer back either.
    solved: BTreeSet<Puzzle>,
    /// Attachments of the day by channel.
    attached: BTreeMap<String, u64>,
    /// What is public of the ledger, and the leaves from which proofs are made.
    ledger: Ledger,
    /// The leaves of each closed day.
    batches: BTreeMap<Date, DayBatch>,
}

impl Office {
    /// The office over a store.
    pub(super) fn open(mut store: Box<dyn DeskStore>) -> Result<Office, StoreError> {
        let ledger = store.ledger()?;
        let mut office = Office {
            store,
            begun: None,
            taken: BTreeMap::new(),
            solved: BTreeSet::new(),
            attached: BTreeMap::new(),
            ledger,
            batches: BTreeMap::new(),
        };
        office.read_ledger()?;
        Ok(office)
    }

    /// Reads the ledger and its leaves anew.
    fn read_ledger(&mut self) -> Result<(), StoreError> {
        self.ledger = self.store.ledger()?;
        self.batches = self.store.inner_ledger()?.batches.into_iter().collect();
        Ok(())
    }

    /// What is public of the ledger.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The store, for what needs no rule: members of the staff, openings, releases.
    pub(super) fn store(&mut self) -> &mut dyn DeskStore {
        self.store.as_mut()
    }

    /// The proof that a statement is in the ledger; nothing while it waits for its day.
    fn proof(&self, salt: Hash256, statement: &Statement) -> Option<Proof> {
        let ledger_day = self.ledger_day(statement, salt)?;
        let (place, path) = self.batches.get(&ledger_day)?.path(commitment(&salt.0, statement))?;
        Some(Proof { statement: statement.to_text(), salt, ledger_day, place, path })
    }

    /// The day of the ledger that holds a statement.
    fn ledger_day(&self, statement: &Statement, salt: Hash256) -> Option<Date> {
        let committed = commitment(&salt.0, statement);
        // What waits goes into a later day's line, never into an earlier one.
        let mut days = self.batches.range(statement.day..);
        days.find(|(_, batch)| batch.leaves().binary_search(&committed).is_ok())
            .map(|(day, _)| *day)
    }
}

/// A change of one file that is being put together.
struct CaseChange {
    /// What will be kept, all at once or not at all.
    change: FileChange,
    /// The number of the next entry.
    next: u32,
}

impl CaseChange {
    /// A change of a file that has entries up to a number.
    fn begin(file: StoredFile, entries: u32, day: Date) -> CaseChange {
        let change = FileChange {
            file,
            entries: Vec::new(),
            attachments: Vec::new(),
            commitments: Vec::new(),
            day,
        };
        CaseChange { change, next: entries + 1 }
    }

    /// The head of the next entry. Its stage is the one that the file is in after the change.
    fn head(&mut self, author: Role, deed: &str, day: Date) -> EntryHead {
        let number = self.next;
        self.next += 1;
        let stage = self.change.file.course.stage;
        EntryHead { number, author, deed: deed.to_owned(), stage, day }
    }

    /// Writes an entry that is sealed with the file's key.
    fn write(
        &mut self,
        key: &SecretKey,
        author: Role,
        deed: &str,
        text: &str,
    ) -> Result<(), VaultError> {
        let head = self.head(author, deed, self.change.day);
        let file = &self.change.file;
        let (entry, committed) = SealedEntry::seal(key, file.id, file.course.kind, head, text)?;
        self.change.entries.push(entry);
        self.change.commitments.push(committed);
        Ok(())
    }

    /// Writes what a day brought about, for which nobody was there with a key.
    fn write_event(&mut self, deed: &str, day: Date) -> Result<(), VaultError> {
        let head = self.head(Role::Clock, deed, day);
        let (entry, committed) = SealedEntry::record(self.change.file.course.kind, head)?;
        self.change.entries.push(entry);
        self.change.commitments.push(committed);
        Ok(())
    }
}

/// The seats that hold a key to a file of a ladder of bodies, from a rung upwards.
///
/// The bodies that a file can climb to have a wrap from the start, because a deadline that passes
/// is noticed by the clock, which has no key to wrap with.
fn seats_from<'a>(
    ladder: &'a [String],
    rung: usize,
    seats: &'a BTreeMap<Seat, PublicKey>,
) -> impl Iterator<Item = (&'a Seat, &'a PublicKey)> {
    let bodies = &ladder[rung.min(ladder.len())..];
    seats.iter().filter(move |(seat, _)| {
        let is_reader = matches!(seat.role, Role::Intake | Role::Investigator | Role::Remedy);
        is_reader && bodies.contains(&seat.body)
    })
}

/// Drops the wraps to seats of bodies below a rung, and to all seats of a file that is closed.
fn drop_wraps(file: &mut StoredFile, ladder: &[String]) {
    if file.course.stage == crate::process::Stage::Closed {
        file.wraps.close();
        return;
    }
    file.wraps.drop_below(ladder, file.course.rung);
}

/// The step of a word that a role may ask for.
pub(super) fn step_named(word: &str) -> Option<Step> {
    Step::from_word(word).filter(|step| *step != Step::Lapse)
}
