//! Forecasts with and without the series of fronts, which a case ships so that claims can be judged
//! without running a back-test again.

use sanad_case::ablation::{Ablation, read};
use sanad_core::source::{Coverage, Source};

use crate::error::{Error, Result};
use crate::hand_written::BY_HAND;
use crate::import::{
    ImportFile, ImportReport, Payload, Reading, hand_written, read_whole, source_of,
};
use crate::observatory::{Observatory, Writer};

/// Formats that follow from other files, or that a forecast does not use. Their sources are no
/// sources of a forecast.
const ASIDE: [&str; 9] = [
    "ablation",
    crate::trials::TRIALS,
    crate::gap_forecast::GAP_FORECAST,
    "ensemble",
    "day-counts",
    "country-months",
    "conflict-counts",
    "month-series",
    "boundaries",
];

impl Observatory {
    /// The ablation that the case ships; nothing when it ships none. Of several imports the last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub fn ablation(&self) -> Result<Option<Ablation>> {
        let Some(snapshot) = self.newest_import("ablation") else { return Ok(None) };
        let path = self.record_path(snapshot, "ablation")?;
        let bytes = std::fs::read(&path).map_err(|e| Error::kept(&path, e))?;
        read(&bytes).map(Some).map_err(|e| Error::damaged(&path, e))
    }

    /// Sources of others that records and indicators come from, each once with its version. As
    /// "series version", in alphabetical order; what the case's own people wrote is left out.
    #[must_use]
    pub fn foreign_sources(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .snapshots()
            .iter()
            .filter(|snapshot| {
                !ASIDE.contains(&snapshot.format.as_str()) && snapshot.source.citation != BY_HAND
            })
            .map(|snapshot| format!("{} {}", snapshot.source.id, snapshot.source.version))
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Stages an ablation as it came. It covers the case's country and no months.
///
/// # Errors
///
/// [`Error::Case`] when the file is no ablation; otherwise as any staging.
pub(crate) fn stage_ablation(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (bytes, sha256) = read_whole(file.path)?;
    let ablation = read(&bytes).map_err(|e| hand_written(file.path, e))?;
    let mut source = usual(&sha256);
    source.coverage = Coverage { countries: vec![country], inferred: true, ..Coverage::default() };
    let rows = ablation.rows.len() as u64;
    let reading = Reading::as_it_came("ablation", source_of(file, source)?, sha256, rows);
    writer.stage(file, reading, || Ok(vec![("ablation", Payload::Bytes("csv", bytes))]))
}
