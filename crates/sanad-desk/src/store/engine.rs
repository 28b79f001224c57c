//! What a database has to do for the store: run statements with cells, in transactions.
//!
//! The statements of the store are written once, in the words that SQLite and PostgreSQL share,
//! with the places of cells as `?1`, `?2`, …

use std::path::Path;

use jiff::civil::Date;

use super::StoreError;
use crate::ledger::Hash256;
use crate::process::{Role, Stage};

/// What stands in one column of one row. A day is a text and a question a number, 0 or 1, in both
/// databases, so that the same bytes are kept and compared in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SqlCell {
    /// Nothing.
    Null,
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlAccess {
    /// To see one state of everything.
    Reading,
    /// To change something. One at a time may.
    Writing,
}

/// A connection to a database.
pub(super) trait Engine: Send {
    /// Begins a transaction.
    fn begin(&mut self, access: SqlAccess) -> Result<(), StoreError>;

    /// Ends it, so that what was written is on the disk when this returns.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Ends it, so that nothing was written.
    fn roll_back(&mut self) -> Result<(), StoreError>;

    /// Runs a statement and says how many rows it changed.
    fn execute(&mut self, sql: &str, cells: &[SqlCell]) -> Result<u64, StoreError>;

    /// Runs a query and gives its rows.
    fn query(&mut self, sql: &str, cells: &[SqlCell]) -> Result<Vec<SqlRow>, StoreError>;

    /// Takes what was destroyed out of where the database still holds it, as far as it can.
    fn scrub(&mut self) -> Result<(), StoreError>;

    /// Looks for damage.
    fn check_pages(&mut self) -> Result<(), StoreError>;

    /// Writes a copy of everything to a new SQLite database.
    fn back_up(&mut self, to: &Path) -> Result<(), StoreError>;
}

/// A row whose cells are taken one after the other.
pub(super) struct SqlRow {
    cells: std::vec::IntoIter<SqlCell>,
}

impl SqlRow {
    pub(super) fn new(cells: Vec<SqlCell>) -> SqlRow {
        SqlRow { cells: cells.into_iter() }
    }

    /// The next cell, whatever it holds.
    pub(super) fn cell(&mut self) -> Result<SqlCell, StoreError> {
        self.cells.next().ok_or(StoreError::Foreign("a row with too few columns"))
    }

    /// All cells that were not taken yet.
    pub(super) fn rest(self) -> Vec<SqlCell> {
        self.cells.collect()
    }

    /// A number that has to be there and to fit.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        self.optional_number()?.ok_or(StoreError::Foreign("no number where one has to be"))
    }

    /// A number that has to fit where there is one.
    pub(super) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            SqlCell::Null => Ok(None),
            SqlCell::Number(number) => match T::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(StoreError::Foreign("a number out of its range")),
            },
            _ => Err(StoreError::Foreign("something else than a number")),
        }
    }

    /// A question: 0 or another number.
    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.number::<i64>()? != 0)
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or(StoreError::Foreign("no text where one has to be"))
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.cell()? {
            SqlCell::Null => Ok(None),
            SqlCell::Text(text) => Ok(Some(text)),
            _ => Err(StoreError::Foreign("something else than a text")),
        }
    }

    /// Bytes that have to be there.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.cell()? {
            SqlCell::Bytes(bytes) => Ok(bytes),
            _ => Err(StoreError::Foreign("something else than bytes")),
        }
    }

    /// Bytes of one length.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        self.bytes()?.try_into().map_err(|_| StoreError::Foreign("bytes of another length"))
    }

    pub(super) fn hash(&mut self) -> Result<Hash256, StoreError> {
        self.array().map(Hash256)
    }

    /// A day as the desk writes it, `2026-03-02`.
    pub(super) fn day(&mut self) -> Result<Date, StoreError> {
        self.optional_day()?.ok_or(StoreError::Foreign("no day where one has to be"))
    }

    pub(super) fn optional_day(&mut self) -> Result<Option<Date>, StoreError> {
        let day = self.optional_text()?.map(|text| text.parse());
        day.transpose().map_err(|_| StoreError::Foreign("a day"))
    }

    pub(super) fn stage(&mut self) -> Result<Stage, StoreError> {
        Stage::from_word(&self.text()?).ok_or(StoreError::Foreign("a stage"))
    }

    pub(super) fn role(&mut self) -> Result<Role, StoreError> {
        Role::from_word(&self.text()?).ok_or(StoreError::Foreign("a role"))
    }
}

impl From<i64> for SqlCell {
    fn from(number: i64) -> SqlCell {
        SqlCell::Number(number)
    }
}

impl From<u32> for SqlCell {
    fn from(number: u32) -> SqlCell {
        SqlCell::Number(i64::from(number))
    }
}

impl From<bool> for SqlCell {
    fn from(flag: bool) -> SqlCell {
        SqlCell::Number(i64::from(flag))
    }
}

impl From<&str> for SqlCell {
    fn from(text: &str) -> SqlCell {
        SqlCell::Text(text.to_owned())
    }
}

impl From<String> for SqlCell {
    fn from(text: String) -> SqlCell {
        SqlCell::Text(text)
    }
}

impl From<&String> for SqlCell {
    fn from(text: &String) -> SqlCell {
        SqlCell::Text(text.clone())
    }
}

impl From<Date> for SqlCell {
    fn from(day: Date) -> SqlCell {
        SqlCell::Text(day.to_string())
    }
}

impl From<&[u8]> for SqlCell {
    fn from(bytes: &[u8]) -> SqlCell {
        SqlCell::Bytes(bytes.to_vec())
    }
}

impl From<&Vec<u8>> for SqlCell {
    fn from(bytes: &Vec<u8>) -> SqlCell {
        SqlCell::Bytes(bytes.clone())
    }
}

impl<const N: usize> From<[u8; N]> for SqlCell {
    fn from(bytes: [u8; N]) -> SqlCell {
        SqlCell::Bytes(bytes.to_vec())
    }
}

impl From<Hash256> for SqlCell {
    fn from(hash: Hash256) -> SqlCell {
        SqlCell::from(hash.0)
    }
}

impl<T: Into<SqlCell>> From<Option<T>> for SqlCell {
    fn from(value: Option<T>) -> SqlCell {
        value.map_or(SqlCell::Null, Into::into)
    }
}

/// Cells from values, in the order of the places of a statement.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { &[$($crate::store::engine::SqlCell::from($value)),*] };
}
pub(super) use cells;
