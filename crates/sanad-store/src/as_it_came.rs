//! Tables that a case ships and that are kept as they came: rows without deaths, for the case's country
//! and no months.

use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::import::{ImportFile, ImportReport, Payload, Reading, hand_written, source_of};
use crate::observatory::{Observatory, Writer};
use crate::read_file::read_whole;

/// A format whose files are kept as they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptTable {
    /// The word by which a case's card calls the format.
    pub(crate) format: &'static str,
    /// The kind of what is kept, part of the kept file's name.
    pub(crate) kind: &'static str,
}

/// How the bytes of such a table are read.
type ReadTable<T> = fn(&[u8]) -> core::result::Result<T, sanad_case::Error>;

impl Observatory {
    /// What was imported last of a format; nothing where nothing was.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub(crate) fn kept_table<T>(&self, table: KeptTable, read: ReadTable<T>) -> Result<Option<T>> {
        let Some(snapshot) = self.newest_import(table.format) else { return Ok(None) };
        let path = self.record_path(snapshot, table.kind)?;
        let bytes = std::fs::read(&path).map_err(|e| Error::kept(&path, e))?;
        read(&bytes).map(Some).map_err(|e| Error::damaged(&path, e))
    }
}

/// Stages a table as it came. `rows` counts the rows of what was read.
///
/// # Errors
///
/// [`Error::Case`] when the file cannot be read as the table that it should be; otherwise as any staging.
pub(crate) fn stage_table<T>(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
    (table, read, rows): (KeptTable, ReadTable<T>, fn(&T) -> usize),
) -> Result<ImportReport> {
    let (bytes, sha256) = read_whole(file.path)?;
    let found = read(&bytes).map_err(|e| hand_written(file.path, e))?;
    let mut source = usual(&sha256);
    source.coverage = Coverage { countries: vec![country], inferred: true, ..Coverage::default() };
    let rows = rows(&found) as u64;
    let reading = Reading::as_it_came(table.format, source_of(file, source)?, sha256, rows);
    writer.stage(file, reading, || Ok(vec![(table.kind, Payload::Bytes("csv", bytes))]))
}
