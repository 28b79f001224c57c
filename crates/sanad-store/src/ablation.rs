//! Forecasts with and without the series of fronts, which a case ships so that claims can be judged
//! without running a back-test again.

use sanad_case::ablation::{Ablation, read};
use sanad_core::source::Source;

use crate::as_it_came::{KeptTable, stage_table};
use crate::error::Result;
use crate::hand_written::BY_HAND;
use crate::import::{ImportFile, ImportReport};
use crate::observatory::{Observatory, Writer};

/// How an ablation is kept.
const TABLE: KeptTable = KeptTable { format: "ablation", kind: "ablation" };

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
    /// [`Error::Damaged`](crate::Error::Damaged) when the kept file is not as it was written.
    pub fn ablation(&self) -> Result<Option<Ablation>> {
        self.kept_table(TABLE, read)
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

/// Stages forecasts with and without fronts as they came.
///
/// # Errors
///
/// As `stage_table`.
pub(crate) fn stage_ablation(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    stage_table(writer, file, country, usual, (TABLE, read, |found| found.rows.len()))
}
