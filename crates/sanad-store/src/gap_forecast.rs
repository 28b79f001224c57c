//! Districts forecast across a gap of years, which a case ships because they take longer than a whole briefing.

use sanad_case::gap_forecast::{ShippedGapForecast, read};
use sanad_core::source::Source;

use crate::as_it_came::{KeptTable, stage_table};
use crate::error::Result;
use crate::import::{ImportFile, ImportReport};
use crate::observatory::{Observatory, Writer};

/// The format's word.
pub(crate) const GAP_FORECAST: &str = "gap-forecast";
/// How districts are kept.
const TABLE: KeptTable = KeptTable { format: GAP_FORECAST, kind: "gap_forecast" };

impl Observatory {
    /// The districts that the case ships, forecast across a gap; nothing when it ships none.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`](crate::Error::Damaged) when the kept file is not as it was written.
    pub fn gap_forecast(&self) -> Result<Option<ShippedGapForecast>> {
        self.kept_table(TABLE, read)
    }
}

/// Stages districts as they came.
///
/// # Errors
///
/// As `stage_table`.
pub(crate) fn stage_gap_forecast(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    stage_table(writer, file, country, usual, (TABLE, read, |found| found.rows.len()))
}
