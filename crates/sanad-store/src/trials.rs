//! Trials of a briefing's forecast on past years, which a case ships so that they need not be run again.

use sanad_case::trials::{Trials, read};
use sanad_core::source::Source;

use crate::as_it_came::{KeptTable, stage_table};
use crate::error::Result;
use crate::import::{ImportFile, ImportReport};
use crate::observatory::{Observatory, Writer};

/// The format's word, and the kind of what is kept of it.
pub(crate) const TRIALS: &str = "trials";
/// How trials are kept.
const TABLE: KeptTable = KeptTable { format: TRIALS, kind: TRIALS };

impl Observatory {
    /// The trials that the case ships; nothing when it ships none. Of several imports the last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`](crate::Error::Damaged) when the kept file is not as it was written.
    pub fn trials(&self) -> Result<Option<Trials>> {
        self.kept_table(TABLE, read)
    }
}

/// Stages trials as they came.
///
/// # Errors
///
/// As `stage_table`.
pub(crate) fn stage_trials(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    stage_table(writer, file, country, usual, (TABLE, read, |found| found.rows.len()))
}
