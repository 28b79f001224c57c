//! Where files, their keys' wraps, the staff and the ledger are kept.
//!
//! [`DeskStore`] is the one interface. [`SqliteStore`] keeps a desk in one file;
//! with the feature `postgres` there is a `PostgresStore` as well. Each call is one
//! transaction: when it returns, what it did is on the disk and in the ledger, and when it does
//! not, nothing is. Calls block: from asynchronous code, make them on a thread of their own.

mod engine;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod schema;
mod sql;
mod sqlite;

use std::path::Path;

use jiff::civil::Date;

use crate::entry::{FileId, SealedEntry};
use crate::ledger::{DayLine, Hash256, Ledger};

pub use error::StoreError;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresEngine, PostgresStore};
pub use records::{
    AttachmentForm, FileChange, Filing, Founding, InnerLedger, KeptRelease, Opening,
    SealedAttachment, StoredFile,
};
pub use sql::SqlStore;
pub use sqlite::{SqliteEngine, SqliteStore};

use crate::staff::{Member, Seat, SeatKey};

/// What keeps a desk. Reading takes the store mutably too, because a connection does one thing at
/// a time.
pub trait DeskStore: Send {
    /// What was drawn when the desk began.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoDesk`].
    fn founding(&mut self) -> Result<Founding, StoreError>;

    /// Keeps a new file with its first entry and attachments. The same receipt twice is kept once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; then nothing was kept, and the filer may send it again.
    fn file(&mut self, filing: &FileChange) -> Result<Filing, StoreError>;

    /// Keeps several new files, all of them or none: what a partner brings at once. Says of each in
    /// order what became of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; then none was kept.
    fn file_all(&mut self, filings: &[FileChange]) -> Result<Vec<Filing>, StoreError>;

    /// The file of a receipt.
    fn find(&mut self, lookup: &[u8; 32]) -> Result<Option<StoredFile>, StoreError>;

    /// The file of an id.
    fn find_by_id(&mut self, file: FileId) -> Result<Option<StoredFile>, StoreError>;

    /// All files, in the order of their random ids.
    fn files(&mut self) -> Result<Vec<StoredFile>, StoreError>;

    /// How many files a channel took on a day, less those that were deleted.
    fn filings_on(&mut self, channel: &str, day: Date) -> Result<u64, StoreError>;

    /// How many entries of a deed were written on a day into the files of a channel.
    fn deeds_on(&mut self, channel: &str, deed: &str, day: Date) -> Result<u64, StoreError>;

    /// The entries of a file in order.
    fn entries(&mut self, file: FileId) -> Result<Vec<SealedEntry>, StoreError>;

    /// The attachments of a file in order.
    fn attachments(&mut self, file: FileId) -> Result<Vec<SealedAttachment>, StoreError>;

    /// One attachment of a file.
    fn attachment(
        &mut self,
        file: FileId,
        number: u32,
    ) -> Result<Option<SealedAttachment>, StoreError>;

    /// The numbers of the sealed originals of a file, without their bytes.
    fn originals(&mut self, file: FileId) -> Result<Vec<u32>, StoreError>;

    /// Changes a file that has not been changed since it was read. Wraps that are not there any
    /// more are destroyed. Afterwards its `revision` is one higher.
    ///
    /// # Errors
    ///
    /// [`StoreError::ChangedMeanwhile`] and [`StoreError::NoFile`].
    fn change(&mut self, change: &FileChange) -> Result<(), StoreError>;

    /// Destroys a file with its key's wraps, and leaves one entry in the ledger.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoFile`].
    fn delete(&mut self, file: FileId, day: Date, tombstone: Hash256) -> Result<(), StoreError>;

    /// Records that a member of the staff opened a file. It goes with the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] for a file that is not there: nobody opens what is not recorded.
    fn note_opening(&mut self, opening: &Opening) -> Result<(), StoreError>;

    /// Who opened a file on which days.
    fn openings(&mut self, file: FileId) -> Result<Vec<Opening>, StoreError>;

    /// Closes a day of the public ledger over what waits, filled up with a padding of random hashes,
    /// one for every leaf. Does nothing when the day is closed already or is not the next.
    ///
    /// # Errors
    ///
    /// [`StoreError::Padding`] for another number of hashes.
    fn close_day(&mut self, day: Date, padding: &[Hash256]) -> Result<Option<DayLine>, StoreError>;

    /// The public ledger.
    ///
    /// # Errors
    ///
    /// [`StoreError::Foreign`] for days with a gap.
    fn ledger(&mut self) -> Result<Ledger, StoreError>;

    /// The inner ledger and the leaves of each day, for an auditor.
    fn inner_ledger(&mut self) -> Result<InnerLedger, StoreError>;

    /// The seats that have a key.
    fn seats(&mut self) -> Result<Vec<SeatKey>, StoreError>;

    /// Keeps a new seat with its key. A seat that is there is not changed.
    fn keep_seat(&mut self, seat: &SeatKey) -> Result<(), StoreError>;

    /// Everybody on the staff, by name.
    fn members(&mut self) -> Result<Vec<Member>, StoreError>;

    /// One of the staff.
    fn member(&mut self, name: &str) -> Result<Option<Member>, StoreError>;

    /// Keeps a member of the staff as given, in place of one of the same name.
    fn keep_member(&mut self, member: &Member) -> Result<(), StoreError>;

    /// Takes somebody off the staff. Seats stay.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoMember`].
    fn remove_member(&mut self, name: &str) -> Result<(), StoreError>;

    /// Takes one seat from a member.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoMember`] where the member does not hold it.
    fn withdraw_seat(&mut self, name: &str, seat: &Seat) -> Result<(), StoreError>;

    /// Records a login by the step of its code, and forgets failures before it. False, and nothing
    /// recorded, when that step or a later one was used before: a code is good once, also when two
    /// come at the same time.
    fn note_login(&mut self, name: &str, step: u64) -> Result<bool, StoreError>;

    /// Records a failed login and gives their number since the last good one.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoMember`].
    fn note_failure(&mut self, name: &str) -> Result<u32, StoreError>;

    /// What was released, by quarter.
    fn releases(&mut self) -> Result<Vec<KeptRelease>, StoreError>;

    /// Keeps a release for ever. False, and nothing changed, when its quarter was released before:
    /// no quarter is counted twice.
    fn keep_release(&mut self, release: &KeptRelease) -> Result<bool, StoreError>;

    /// Takes what was destroyed out of where the database still holds it, as far as it can.
    /// [`DeskStore::change`] and [`DeskStore::delete`] do it themselves where it is cheap.
    ///
    /// # Errors
    ///
    /// [`StoreError::LogInUse`] where another process reads the log of SQLite.
    fn scrub(&mut self) -> Result<(), StoreError>;

    /// Looks through the database for damage, as far as it can tell.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    fn check_pages(&mut self) -> Result<(), StoreError>;

    /// Writes a copy of everything as it is now to a new SQLite database, in one file.
    fn back_up(&mut self, to: &Path) -> Result<(), StoreError>;
}
