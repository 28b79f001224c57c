//! Where files, their keys' wraps and the ledger are kept.
//!
//! [`DeskStore`] is the interface, [`SqliteStore`] what is there. Each call is one transaction:
//! when it returns, what it did is on the disk and in the ledger, and when it does not, nothing is.

mod schema;
mod sqlite;

use std::path::Path;

use jiff::civil::Date;

use crate::course::FileCourse;
use crate::entry::{FileId, SealedEntry};
use crate::ledger::{DayBatch, DayLine, EntryFault, Hash256, Ledger, LedgerEntry};
use crate::vault::Wraps;

pub use sqlite::SqliteStore;

/// A file as it is kept. Nothing in it is finer than a day, and nothing says who filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// What the receipt leads to: see [`ReceiptKeys`](crate::vault::ReceiptKeys).
    pub lookup: [u8; 32],
    /// The channel.
    pub channel: String,
    /// The district.
    pub district: String,
    /// The day of filing.
    pub filed_on: Date,
    /// Whether a deadline was ever missed.
    pub has_missed: bool,
    /// Where it stands.
    pub course: FileCourse,
    /// Who can open it.
    pub wraps: Wraps,
}

/// What became of a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// It is kept.
    Kept,
    /// It was kept before: the filer sent it twice, and nothing was doubled.
    KeptBefore,
}

/// What changes in a file, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file as it is afterwards.
    pub file: StoredFile,
    /// What is written into it.
    pub entries: Vec<SealedEntry>,
    /// What goes into the ledger, in order.
    pub commitments: Vec<Hash256>,
    /// The day.
    pub day: Date,
}

/// What an auditor sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerLedger {
    /// Every step in the order of entry.
    pub entries: Vec<LedgerEntry>,
    /// The leaves of each day that is closed.
    pub batches: Vec<(Date, DayBatch)>,
}

/// Why something could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused. The message of SQLite holds no content.
    #[error("the desk's database: {0}")]
    Database(#[from] rusqlite::Error),
    /// Something in the database is not what the desk writes.
    #[error("the desk's database holds something that the desk did not write: {0}")]
    Foreign(&'static str),
    /// The database is of a later program.
    #[error(
        "the desk's database has format {found} and this program reads up to {newest}: use a later program"
    )]
    Newer {
        /// The format found.
        found: u32,
        /// The newest that is known.
        newest: u32,
    },
    /// What was to be destroyed is out of the tables, but another process reads the write-ahead
    /// log, which still holds it.
    #[error(
        "deleted, but the database's log is in use by another process and still holds it: end that process and delete anything again"
    )]
    LogInUse,
    /// There is no such file.
    #[error("there is no such file, or it was deleted")]
    NoFile,
    /// The ledger does not hold.
    #[error("the ledger does not hold: {0}")]
    Ledger(#[from] EntryFault),
}

/// What keeps a desk.
pub trait DeskStore {
    /// Keeps a new file with its first entry. The same receipt twice is kept once.
    fn file(&mut self, filing: &FileChange) -> Result<Filing, StoreError>;

    /// The file of a receipt.
    fn find(&self, lookup: &[u8; 32]) -> Result<Option<StoredFile>, StoreError>;

    /// All files, in the order of their random ids.
    fn files(&self) -> Result<Vec<StoredFile>, StoreError>;

    /// The entries of a file in order.
    fn entries(&self, file: FileId) -> Result<Vec<SealedEntry>, StoreError>;

    /// Changes a file. Wraps that are not there any more are destroyed.
    fn change(&mut self, change: &FileChange) -> Result<(), StoreError>;

    /// Destroys a file with its key's wraps, and leaves one entry in the ledger.
    fn delete(&mut self, file: FileId, day: Date, tombstone: Hash256) -> Result<(), StoreError>;

    /// Closes a day of the public ledger over what waits, filled up with what `padding` gives.
    /// Does nothing when the day is closed already or is not the next.
    fn close_day(
        &mut self,
        day: Date,
        padding: &mut dyn FnMut() -> Hash256,
    ) -> Result<Option<DayLine>, StoreError>;

    /// The public ledger.
    fn ledger(&self) -> Result<Ledger, StoreError>;

    /// The inner ledger and the leaves of each day, for an auditor.
    fn inner_ledger(&self) -> Result<InnerLedger, StoreError>;

    /// Writes a copy of everything as it is now to a new file.
    fn back_up(&self, to: &Path) -> Result<(), StoreError>;
}
