//! Districts forecast across a gap of years, which a case ships because they take longer than a whole briefing.

use sanad_case::gap_forecast::{ShippedGapForecast, read};
use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::import::{
    ImportFile, ImportReport, Payload, Reading, hand_written, read_whole, source_of,
};
use crate::observatory::{Observatory, Writer};

/// The format's word.
pub(crate) const GAP_FORECAST: &str = "gap-forecast";
/// The kind of what is kept of it.
const KIND: &str = "gap_forecast";

impl Observatory {
    /// The districts that the case ships, forecast across a gap; nothing when it ships none.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub fn gap_forecast(&self) -> Result<Option<ShippedGapForecast>> {
        let Some(snapshot) = self.newest_import(GAP_FORECAST) else { return Ok(None) };
        let path = self.record_path(snapshot, KIND)?;
        let bytes = std::fs::read(&path).map_err(|e| Error::kept(&path, e))?;
        read(&bytes).map(Some).map_err(|e| Error::damaged(&path, e))
    }
}

/// Stages districts as they came.
pub(crate) fn stage_gap_forecast(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (bytes, sha256) = read_whole(file.path)?;
    let found = read(&bytes).map_err(|e| hand_written(file.path, e))?;
    let mut source = usual(&sha256);
    source.coverage = Coverage { countries: vec![country], inferred: true, ..Coverage::default() };
    let rows = found.rows.len() as u64;
    let reading = Reading::as_it_came(GAP_FORECAST, source_of(file, source)?, sha256, rows);
    writer.stage(file, reading, || Ok(vec![(KIND, Payload::Bytes("csv", bytes))]))
}
