//! Why something could not be kept or found.

use crate::ledger::EntryFault;

/// Why something could not be kept or found. No message holds content.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused. The message is the database's own, without the values of a row.
    #[error("the desk's database: {0}")]
    Database(String),
    /// Something in the database is not what the desk writes.
    #[error("the desk's database holds something that the desk did not write: {0}")]
    Foreign(&'static str),
    /// The database's own search for damage found some.
    #[error("the desk's database is damaged: {0}")]
    Damaged(String),
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
    /// There is no desk where one has to be.
    #[error("there is no desk here: begin one with `sanad-desk init`")]
    NoDesk,
    /// There is a desk where one was to be begun.
    #[error("there is a desk here already; nothing was changed")]
    DeskExists,
    /// What was to be destroyed is out of the tables, but another process reads the write-ahead
    /// log, which still holds it.
    #[error(
        "deleted, but the database's log is in use by another process and still holds it: end that process and delete anything again"
    )]
    LogInUse,
    /// The database does not promise that what it acknowledged survives.
    #[error("this database is not safe for a desk: {0}")]
    Unsafe(&'static str),
    /// There is no such file.
    #[error("there is no such file, or it was deleted")]
    NoFile,
    /// There is no such member of the staff.
    #[error("there is nobody of this name")]
    NoMember,
    /// Somebody else changed the file since it was read. Nothing was changed.
    #[error("somebody else changed this file in the meantime; read it again")]
    ChangedMeanwhile,
    /// A day of the ledger was to be filled up with another number of hashes than it has leaves.
    #[error(
        "a day of the ledger has {expected} leaves, and {found} random hashes were given for it"
    )]
    Padding {
        /// How many were given.
        found: usize,
        /// How many a day has.
        expected: usize,
    },
    /// The ledger does not hold.
    #[error("the ledger does not hold: {0}")]
    Ledger(#[from] EntryFault),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Database(error.to_string())
    }
}
