//! Trials of a briefing's forecast on past years, which a case ships so that they need not be run again.

use sanad_case::trials::{Trials, read};
use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::import::{
    ImportFile, ImportReport, Payload, Reading, hand_written, read_whole, source_of,
};
use crate::observatory::{Observatory, Writer};

/// The format's word, and the kind of what is kept of it.
pub(crate) const TRIALS: &str = "trials";

impl Observatory {
    /// The trials that the case ships; nothing when it ships none. Of several imports the last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub fn trials(&self) -> Result<Option<Trials>> {
        let Some(snapshot) = self.newest_import(TRIALS) else { return Ok(None) };
        let path = self.record_path(snapshot, TRIALS)?;
        let bytes = std::fs::read(&path).map_err(|e| Error::kept(&path, e))?;
        read(&bytes).map(Some).map_err(|e| Error::damaged(&path, e))
    }
}

/// Stages trials as they came. They cover the case's country and no months.
pub(crate) fn stage_trials(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (bytes, sha256) = read_whole(file.path)?;
    let trials = read(&bytes).map_err(|e| hand_written(file.path, e))?;
    let mut source = usual(&sha256);
    source.coverage = Coverage { countries: vec![country], inferred: true, ..Coverage::default() };
    let rows = trials.rows.len() as u64;
    let reading = Reading::as_it_came(TRIALS, source_of(file, source)?, sha256, rows);
    writer.stage(file, reading, || Ok(vec![(TRIALS, Payload::Bytes("csv", bytes))]))
}
