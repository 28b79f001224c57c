//! Counts by month that a case ships for the tests of its claims.

use sanad_case::month_series::{MonthSeries, read};
use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::import::{ImportFile, ImportReport, Payload, Reading, hand_written, source_of};
use crate::observatory::{Observatory, Writer};
use crate::read_file::read_whole;

/// The word for the format.
pub(crate) const FORMAT: &str = "month-series";

impl Observatory {
    /// The series by month that the case ships, each with its source and version; of each id the
    /// one that was imported last. The text beside each is "series version" of its source. Newest
    /// imports come first.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn month_series(&self) -> Result<Vec<(MonthSeries, String)>> {
        let mut found: Vec<(MonthSeries, String)> = Vec::new();
        for snapshot in self.snapshots().iter().rev().filter(|snapshot| snapshot.format == FORMAT) {
            let path = self.record_path(snapshot, "month_series")?;
            let bytes = std::fs::read(&path).map_err(|e| Error::kept(&path, e))?;
            let label = format!("{} {}", snapshot.source.id, snapshot.source.version);
            for series in read(&bytes).map_err(|e| Error::damaged(&path, e))? {
                if found.iter().all(|(known, _)| known.id != series.id) {
                    found.push((series, label.clone()));
                }
            }
        }
        Ok(found)
    }
}

/// Stages series as they came. They cover the months from the first value to the last, with gaps
/// within.
pub(crate) fn stage_month_series(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (bytes, sha256) = read_whole(file.path)?;
    let series = read(&bytes).map_err(|e| hand_written(file.path, e))?;
    let mut source = usual(&sha256);
    let last =
        |month_series: &MonthSeries| month_series.from.plus(month_series.values.len() as i32 - 1);
    source.coverage = Coverage {
        from: series.iter().map(|series| series.from).min(),
        to: series.iter().map(last).max(),
        countries: vec![country],
        inferred: true,
    };
    let rows = series.iter().map(|series| series.values.len() as u64).sum();
    let reading = Reading::as_it_came(FORMAT, source_of(file, source)?, sha256, rows);
    writer.stage(file, reading, || Ok(vec![("month_series", Payload::Bytes("csv", bytes))]))
}
