//! Counts by conflict and period, without places, which a case ships. They have no place, so that
//! no panel counts them.

use std::path::Path;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Date32Type, Int32Type, Int64Type};
use sanad_case::conflict_counts::{Area, ConflictCount, read};
use sanad_core::Month;
use sanad_core::chronicle::KnownIds;
use sanad_core::event::{day_number, number_day};
use sanad_core::source::{Coverage, Source, effective_spans};

use crate::error::{Error, Result};
use crate::import::{ImportFile, ImportReport, Payload, Reading, hand_written, source_of};
use crate::observatory::{Observatory, Writer};
use crate::read_file::read_whole;
use crate::snapshot::Snapshot;
use crate::table::Columns;
use crate::tally::shown;

/// The word of the format.
pub(crate) const CONFLICT_COUNTS: &str = "conflict-counts";
/// The kind of record, which names the table.
const KIND: &str = "conflict_count";

/// A release of counts by conflict, with the counts for which it is in effect. A series of several
/// releases has an entry for each stretch of months.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictRelease {
    /// Series and version for people: "UCDP conflict months 26.1".
    pub label: String,
    /// The release's card.
    pub source: Source,
    /// First and last month for which it is in effect.
    pub months: [Month; 2],
    /// Its counts in those months, in order of period, conflict and sides.
    pub counts: Vec<ConflictCount>,
}

impl Observatory {
    /// Counts by conflict for `country` (Gleditsch–Ward number), known on `as_of`: one entry for each
    /// stretch of months of each series, by series and in order of time. No count is taken from two
    /// releases of one series.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn conflict_counts(
        &self,
        country: i32,
        as_of: Option<NaiveDate>,
    ) -> Result<Vec<ConflictRelease>> {
        let known: Vec<&Snapshot> = self.known(CONFLICT_COUNTS, as_of).collect();
        let mut series: Vec<&str> = known.iter().map(|one| one.source.id.as_str()).collect();
        series.sort_unstable();
        series.dedup();
        let mut found = Vec::new();
        for id in series {
            let releases: Vec<&Snapshot> =
                known.iter().copied().filter(|one| one.source.id == id).collect();
            let sources: Vec<&Source> = releases.iter().map(|one| &one.source).collect();
            for span_in_effect in effective_spans(&sources)
                .into_iter()
                .filter(|span_in_effect| span_in_effect.country == country)
            {
                let release = releases[span_in_effect.source];
                let mut counts = self.counts_of_release(release)?;
                counts.retain(|count| {
                    span_in_effect.from <= count.month && count.month <= span_in_effect.to
                });
                counts.sort();
                let months = [span_in_effect.from, span_in_effect.to];
                let (label, source) = (shown(&release.source), release.source.clone());
                found.push(ConflictRelease { label, source, months, counts });
            }
        }
        Ok(found)
    }

    /// All counts of a release, also those of months in which another is in effect.
    fn counts_of_release(&self, snapshot: &Snapshot) -> Result<Vec<ConflictCount>> {
        let (path, batch) = self.record_table(snapshot, KIND)?;
        from_table(&batch)
            .ok_or_else(|| Error::damaged(&path, "a column is missing or not of its kind"))
    }
}

/// Counts as a table: a missing day, conflict or side is null.
fn table(counts: &[ConflictCount]) -> Result<RecordBatch> {
    let text = |of: fn(&ConflictCount) -> &str| {
        counts.iter().map(move |count| Some(of(count)).filter(|text| !text.is_empty()))
    };
    let day = |count: &ConflictCount| count.day.map(day_number);
    Columns::default()
        .int32("month_id", counts.iter().map(|count| count.month.id()).collect::<Vec<_>>())
        .text("month", counts.iter().map(|count| Some(count.month.to_string())))
        .date("date", counts.iter().map(day).collect::<Vec<_>>())
        .text("area", counts.iter().map(|count| Some(count.area.as_str())))
        .int64(
            "type_of_violence",
            counts.iter().map(|count| i64::from(count.violence)).collect::<Vec<_>>(),
        )
        .text("conflict", text(|count| &count.conflict))
        .text("side_a", text(|count| &count.side_a))
        .text("side_b", text(|count| &count.side_b))
        .int64("events", counts.iter().map(|count| count.events).collect::<Vec<_>>())
        .int64("deaths_best", counts.iter().map(|count| count.deaths_best).collect::<Vec<_>>())
        .finish()
}

/// Counts of a table that [`table`] made; nothing where a column is missing, of another type, or
/// holds a word for an area that is none.
fn from_table(batch: &RecordBatch) -> Option<Vec<ConflictCount>> {
    let whole = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let month = batch.column_by_name("month_id")?.as_primitive_opt::<Int32Type>()?;
    let day = batch.column_by_name("date")?.as_primitive_opt::<Date32Type>()?;
    let (area, conflict) = (text("area")?, text("conflict")?);
    let (side_a, side_b) = (text("side_a")?, text("side_b")?);
    let (violence, events, deaths) =
        (whole("type_of_violence")?, whole("events")?, whole("deaths_best")?);
    let named = |column: &datafusion::arrow::array::StringArray, row: usize| {
        if column.is_valid(row) { column.value(row).to_owned() } else { String::new() }
    };
    let row = |row: usize| {
        Some(ConflictCount {
            month: Month::from_id(month.value(row)),
            day: day.is_valid(row).then(|| number_day(day.value(row))),
            area: Area::from_word(area.value(row))?,
            violence: u8::try_from(violence.value(row)).ok()?,
            conflict: named(conflict, row),
            side_a: named(side_a, row),
            side_b: named(side_b, row),
            events: events.value(row),
            deaths_best: deaths.value(row),
        })
    };
    (0..batch.num_rows()).map(row).collect()
}

/// Reads a file of counts by conflict; any side will do where no case is at hand.
pub(crate) fn read_shipped(
    path: &Path,
    known: Option<&KnownIds>,
) -> Result<(Vec<ConflictCount>, String)> {
    let (bytes, sha256) = read_whole(path)?;
    let is_actor = |id: &str| known.is_none_or(|known| known.actors.contains(id));
    Ok((read(&bytes, is_actor).map_err(|e| hand_written(path, e))?, sha256))
}

/// Stages counts by conflict.
pub(crate) fn stage_conflict_counts(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    known: &KnownIds,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (counts, sha256) = read_shipped(file.path, Some(known))?;
    let mut source = usual(&sha256);
    source.coverage = Coverage {
        from: counts.iter().map(|count| count.month).min(),
        to: counts.iter().map(|count| count.month).max(),
        countries: vec![country],
        inferred: true,
    };
    let deaths = counts.iter().map(|count| count.deaths_best).sum();
    let reading = Reading {
        format: CONFLICT_COUNTS,
        source: source_of(file, source)?,
        sha256,
        rows_read: counts.len() as u64,
        records_kept: counts.len() as u64,
        deaths_in: deaths,
        deaths_kept: deaths,
        diagnostics: Vec::new(),
    };
    writer.stage(file, reading, || Ok(vec![(KIND, Payload::Table(table(&counts)?))]))
}
