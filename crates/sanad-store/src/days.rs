//! Events of a country with their sides and dead, from which kinds are told; and counts per day, kind
//! and province, for a case to ship instead of a source's rows.
//!
//! Which kind an event is, is not decided here: a caller with the case's sides tells kinds apart
//! and gives each event a name to be counted under ([`count_days`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use sanad_core::Month;
use sanad_core::event::{day_number, number_day};
use sanad_core::place::{Level, PlaceBook};
use sanad_core::source::Coverage;

use crate::checked::{check_keys, check_range, column_as};
use crate::engine::read_parquet;
use crate::error::{Error, Missing, Result};
use crate::import::{ImportFile, ImportReport, Payload, Reading, source_of};
use crate::observatory::{Observatory, Writer};
use crate::place_tables::{PLACED, PlaceTables};
use crate::read_file::read_whole;
use crate::snapshot::Snapshot;
use crate::table::Columns;
use crate::vintage::{IN_EFFECT, Vintage};

/// Days between the first and the last from which an event is the remainder of a report on a month
/// or more, and no event of a day. The first and the last of a calendar month are at most 30 days
/// apart, so that such a span is in more than one.
const REMAINDER_SPAN_DAYS: i64 = 31;
/// UCDP's precision of dates that span more than a month. Of its `date_prec`, 1 to 5.
const MORE_THAN_A_MONTH: u8 = 5;

/// One event of a country, with what its kind is decided by. Numbers of dead are zero where the
/// source gives none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// First day on which it may have happened.
    pub from: NaiveDate,
    /// Last such day.
    pub to: NaiveDate,
    /// UCDP's precision of the date, 1 (the day) to 5 (more than a month).
    pub date_prec: u8,
    /// UCDP's type of violence. 1 state-based, 2 non-state, 3 one-sided.
    pub violence: u8,
    /// Number of side A, if the source gives one.
    pub side_a_id: Option<i64>,
    /// Number of side B, if the source gives one.
    pub side_b_id: Option<i64>,
    /// Deaths of side A.
    pub deaths_a: i64,
    /// Deaths of side B.
    pub deaths_b: i64,
    /// Deaths of civilians.
    pub deaths_civilians: i64,
    /// Deaths of a side that is not known.
    pub deaths_unknown: i64,
    /// Deaths in all, best estimate.
    pub deaths_best: i64,
    /// The finest place that the source names.
    pub place_id: String,
}

impl EventRow {
    /// Whether it is what is left of a yearly or monthly report, and says nothing about days. By
    /// its precision, or because its days are 31 or more apart.
    #[must_use]
    pub fn is_remainder(&self) -> bool {
        self.date_prec == MORE_THAN_A_MONTH || is_remainder([self.from, self.to])
    }
}

/// Whether days span so much that what they date is the remainder of a report.
fn is_remainder([from, to]: [NaiveDate; 2]) -> bool {
    (to - from).num_days() >= REMAINDER_SPAN_DAYS
}

/// Events of one kind in one province on one day, or on a day of one span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayCount {
    /// The kind. A word of the caller's.
    pub kind: String,
    /// First day on which they may have happened.
    pub from: NaiveDate,
    /// Last such day.
    pub to: NaiveDate,
    /// Province as the source names it; empty where none is known.
    pub place_id: String,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate. Of all events of the row.
    pub deaths_best: i64,
    /// Districts in which they were. Only those that the source names count; zero where it names
    /// none.
    pub districts: i64,
}

impl DayCount {
    /// Whether its span is that of a remainder.
    #[must_use]
    pub fn is_remainder(&self) -> bool {
        is_remainder([self.from, self.to])
    }
}

impl Observatory {
    /// The events of one country, with their sides, their dead and the places that the source
    /// names. In a fixed order: by days, place, sides and dead. Of the releases in effect today;
    /// ready-made counts, which know no days, are left out where they are preliminary.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no events of the series or no places, or ready-made counts
    /// are in effect for a part of the country's months.
    pub fn country_events(
        &self,
        series: &str,
        country: i32,
        threads: usize,
    ) -> Result<Vec<EventRow>> {
        if !self.events_are_in_effect(series, country)? {
            return Err(Error::Lacks { missing: Missing::Events });
        }
        let vintage = Vintage::new(self, series, None)?;
        let catalog = self.catalog(threads)?;
        PlaceTables::by_name(self, &vintage, None).register(&catalog)?;
        let in_effect = vintage.in_effect().into_iter().filter(|one| one.format != "counts");
        self.register_records(&catalog, "record", "event", &in_effect.collect::<Vec<_>>())?;
        let dead = DEATHS.map(|name| format!("CAST({name} AS BIGINT) AS {name}")).join(", ");
        let batch = catalog.query(&format!(
            "SELECT date_start, date_end, CAST(date_prec AS BIGINT) AS date_prec, \
             CAST(type_of_violence AS BIGINT) AS type_of_violence, side_a_id, side_b_id, {dead}, place_id \
             FROM (SELECT r.*, p.place_no FROM record r {IN_EFFECT} {PLACED} \
             WHERE r.country_id = {country}) e JOIN listed l ON e.place_no = l.place_no \
             ORDER BY date_start, date_end, place_id, side_a_id, side_b_id, event_id"
        ))?;
        read_events(&batch).map_err(|problem| Error::damaged(self.folder(), problem))
    }

    /// The counts per day that the case ships; empty when it ships none.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub fn shipped_day_counts(&self) -> Result<Vec<DayCount>> {
        let Some(snapshot) = self.newest_import("day-counts") else { return Ok(Vec::new()) };
        let (path, batch) = self.record_table(snapshot, "day_count")?;
        read(&batch, Some("districts")).map_err(|problem| Error::damaged(&path, problem))
    }

    /// Whether events one by one are in effect for every covered month of a country; where shipped
    /// counts are in effect for some, days cannot be counted from them. False as well where nothing
    /// covers the country.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there is nothing of the series.
    pub fn events_are_in_effect(&self, series: &str, country: i32) -> Result<bool> {
        let vintage = Vintage::new(self, series, None)?;
        let here = vintage
            .effective_spans
            .iter()
            .filter(|span_in_effect| span_in_effect.country == country);
        let here: Vec<&Snapshot> =
            here.map(|span_in_effect| vintage.snapshots[span_in_effect.source]).collect();
        // Preliminary counts stand for months that no release of events covers: they take no day from it.
        Ok(here.iter().any(|one| one.format != "counts")
            && here.iter().all(|one| one.format != "counts" || one.source.preliminary))
    }

    /// The months of `country` for which events one by one are in effect, ascending. Months of
    /// ready-made counts are not among them.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there is nothing of the series.
    pub fn months_of_events(&self, series: &str, country: i32) -> Result<Vec<Month>> {
        let vintage = Vintage::new(self, series, None)?;
        let here = vintage
            .effective_spans
            .iter()
            .filter(|span_in_effect| span_in_effect.country == country);
        let events = here
            .filter(|span_in_effect| vintage.snapshots[span_in_effect.source].format != "counts");
        let mut months: Vec<Month> = events
            .flat_map(|span_in_effect| Month::range(span_in_effect.from, span_in_effect.to))
            .collect();
        months.sort_unstable();
        months.dedup();
        Ok(months)
    }

    /// Whether the observatory holds events one by one, as opposed to ready-made counts. Of UCDP
    /// GED; tables read by a map do not count.
    #[must_use]
    pub fn holds_events(&self) -> bool {
        self.newest_import("ucdp-ged").is_some()
    }
}

/// Events by kind, days and province as named, with the number of districts that were named. Each
/// event comes with the name of one kind that it is counted under; it may come several times. In
/// the order of kind, days and province. An event of several days is one row of its span and not
/// spread over its days.
pub fn count_days<'a>(
    events: impl IntoIterator<Item = (String, &'a EventRow)>,
    book: &PlaceBook,
) -> Vec<DayCount> {
    type DayKey = (String, NaiveDate, NaiveDate, String);
    let mut sums: BTreeMap<DayKey, (i64, i64, BTreeSet<&str>)> = BTreeMap::new();
    for (kind, row) in events {
        let province = book.at_level(&row.place_id, Level::Adm1);
        let province = province.map_or_else(String::new, |place| place.id.clone());
        let sum = sums.entry((kind, row.from, row.to, province)).or_default();
        sum.0 += 1;
        sum.1 += row.deaths_best;
        if book.get(&row.place_id).is_some_and(|place| place.level == Level::Adm2) {
            sum.2.insert(&row.place_id);
        }
    }
    let counts = sums.into_iter().map(|((kind, from, to, place_id), sum)| DayCount {
        kind,
        from,
        to,
        place_id,
        events: sum.0,
        deaths_best: sum.1,
        districts: sum.2.len() as i64,
    });
    counts.collect()
}

/// Columns of deaths in the order of [`EventRow`].
const DEATHS: [&str; 5] =
    ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "deaths_best"];

/// Rows of a table of events.
///
/// # Errors
///
/// A sentence about the column that is missing or of another type, or about a value that is missing.
fn read_events(batch: &RecordBatch) -> core::result::Result<Vec<EventRow>, String> {
    let column = |name: &str, kind: &DataType| {
        let column = batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?;
        column_as(name, column, kind)
    };
    let numbers = |name: &str| {
        let column = column(name, &DataType::Int64)?;
        Ok::<_, String>(column.as_primitive::<Int64Type>().clone())
    };
    let days = |name: &str| {
        let column = column(name, &DataType::Date32)?;
        Ok::<_, String>(column.as_primitive::<Date32Type>().clone())
    };
    let (from, to) = (days("date_start")?, days("date_end")?);
    let (prec, violence) = (numbers("date_prec")?, numbers("type_of_violence")?);
    let (a, b) = (numbers("side_a_id")?, numbers("side_b_id")?);
    let dead = DEATHS.map(numbers);
    // An import writes these for every event: what is not there is damage, and no zero.
    let known = |column: &Int64Array, name: &str, row: usize| {
        let value = column.is_valid(row).then(|| column.value(row));
        value.ok_or_else(|| format!("row {}, column {name}: no value", row + 1))
    };
    let deaths = |at: usize, row: usize| {
        let column = dead[at].as_ref().map_err(Clone::clone)?;
        known(column, DEATHS[at], row)
    };
    let small = |column: &Int64Array, name: &str, row: usize| {
        let value = known(column, name, row)?;
        u8::try_from(value).map_err(|_| format!("row {}, column {name}: found {value}", row + 1))
    };
    let side = |column: &Int64Array, row: usize| column.is_valid(row).then(|| column.value(row));
    let places = column("place_id", &DataType::Utf8)?;
    let places = places.as_string::<i32>();
    let one = |row: usize| {
        Ok(EventRow {
            from: number_day(from.value(row)),
            to: number_day(to.value(row)),
            date_prec: small(&prec, "date_prec", row)?,
            violence: small(&violence, "type_of_violence", row)?,
            side_a_id: side(&a, row),
            side_b_id: side(&b, row),
            deaths_a: deaths(0, row)?,
            deaths_b: deaths(1, row)?,
            deaths_civilians: deaths(2, row)?,
            deaths_unknown: deaths(3, row)?,
            deaths_best: deaths(4, row)?,
            place_id: places.value(row).to_owned(),
        })
    };
    (0..batch.num_rows()).map(one).collect()
}

/// Rows of a table of day counts. `districts` names the column of districts, if there is one;
/// without it they are zero.
///
/// # Errors
///
/// A sentence about the column or row that is at fault.
fn read(
    batch: &RecordBatch,
    districts: Option<&str>,
) -> core::result::Result<Vec<DayCount>, String> {
    let column = |name: &str, kind: &DataType| {
        let column =
            batch.column_by_name(name).ok_or_else(|| format!("it has no column {name}"))?;
        let column = column_as(name, column, kind)?;
        if column.null_count() > 0 {
            return Err(format!("column {name} has empty cells"));
        }
        check_range(name, &column)?;
        Ok(column)
    };
    let texts = |name: &str| column(name, &DataType::Utf8);
    let (kind, place) = (texts("kind")?, texts("place_id")?);
    let (kind, place) = (kind.as_string::<i32>(), place.as_string::<i32>());
    let (from, to) =
        (column("date_start", &DataType::Date32)?, column("date_end", &DataType::Date32)?);
    let (from, to) = (from.as_primitive::<Date32Type>(), to.as_primitive::<Date32Type>());
    let (events, deaths) =
        (column("events", &DataType::Int64)?, column("deaths_best", &DataType::Int64)?);
    let (events, deaths) = (events.as_primitive::<Int64Type>(), deaths.as_primitive::<Int64Type>());
    let hit = districts.map(|name| column(name, &DataType::Int64)).transpose()?;
    let hit = hit.as_ref().map(|column| column.as_primitive::<Int64Type>());
    let row = |at: usize| DayCount {
        kind: kind.value(at).to_owned(),
        from: number_day(from.value(at)),
        to: number_day(to.value(at)),
        place_id: place.value(at).to_owned(),
        events: events.value(at),
        deaths_best: deaths.value(at),
        districts: hit.map_or(0, |column| column.value(at)),
    };
    let rows: Vec<DayCount> = (0..batch.num_rows()).map(row).collect();
    match rows.iter().find(|row| row.to < row.from || row.events < 0) {
        Some(row) => {
            Err(format!("a row of {} ends before it begins, or counts below zero", row.from))
        }
        None => Ok(rows),
    }
}

/// Day counts as a table. Columns: `kind`, `date_start`, `date_end`, `place_id`, `events`,
/// `deaths_best`, `districts`.
///
/// # Errors
///
/// None that a caller could cause.
pub fn day_table(rows: &[DayCount]) -> Result<RecordBatch> {
    let days = |of: fn(&DayCount) -> NaiveDate| {
        rows.iter().map(|row| day_number(of(row))).collect::<Vec<i32>>()
    };
    let numbers = |of: fn(&DayCount) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    Columns::default()
        .text("kind", rows.iter().map(|row| Some(&row.kind)))
        .date("date_start", days(|row| row.from))
        .date("date_end", days(|row| row.to))
        .text("place_id", rows.iter().map(|row| Some(&row.place_id)))
        .int64("events", numbers(|row| row.events))
        .int64("deaths_best", numbers(|row| row.deaths_best))
        .int64("districts", numbers(|row| row.districts))
        .finish()
}

/// Reads a file of day counts.
///
/// # Errors
///
/// [`Error::Figures`] when it is no such table, or counts something twice.
pub(crate) fn read_shipped(path: &Path) -> Result<Vec<DayCount>> {
    let wrong = |problem: String| Error::Figures { path: path.to_owned(), problem };
    let table = read_parquet(path).map_err(|e| wrong(e.to_string()))?;
    let rows = read(&table, Some("districts")).map_err(wrong)?;
    let key = |row: &DayCount| (row.kind.clone(), row.from, row.to, row.place_id.clone());
    check_keys("kind, days and place", rows.iter().map(key)).map_err(wrong)?;
    Ok(rows)
}

/// Stages day counts that [`count_days`] made. They cover the months from the first to the last
/// that their last days fall into.
pub(crate) fn stage_day_counts(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> sanad_core::source::Source,
) -> Result<ImportReport> {
    let (_, sha256) = read_whole(file.path)?;
    let rows = read_shipped(file.path)?;
    let mut source = usual(&sha256);
    source.coverage = Coverage {
        from: rows.iter().map(|row| Month::from_date(row.to)).min(),
        to: rows.iter().map(|row| Month::from_date(row.to)).max(),
        countries: vec![country],
        inferred: true,
    };
    let deaths = rows.iter().map(|row| row.deaths_best).sum();
    let reading = Reading {
        format: "day-counts",
        source: source_of(file, source)?,
        sha256,
        rows_read: rows.len() as u64,
        records_kept: rows.len() as u64,
        deaths_in: deaths,
        deaths_kept: deaths,
        diagnostics: Vec::new(),
    };
    writer.stage(file, reading, || Ok(vec![("day_count", Payload::Table(day_table(&rows)?))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spans_a_month_or_more_is_a_remainder() {
        let day = |month, day| NaiveDate::from_ymd_opt(2014, month, day).unwrap();
        let event = |to, date_prec| EventRow {
            from: day(1, 1),
            to,
            date_prec,
            violence: 1,
            side_a_id: Some(142),
            side_b_id: None,
            deaths_a: 0,
            deaths_b: 0,
            deaths_civilians: 0,
            deaths_unknown: 0,
            deaths_best: 0,
            place_id: "PK".to_owned(),
        };
        assert!(!event(day(1, 31), 4).is_remainder());
        assert!(event(day(1, 31), 5).is_remainder() && event(day(2, 1), 4).is_remainder());
        let book = PlaceBook::default();
        let (long, short) = (event(day(12, 31), 5), event(day(1, 1), 1));
        let named = [("a", &long), ("a", &short), ("a", &short), ("b", &short)];
        let counts = count_days(named.map(|(kind, event)| (kind.to_owned(), event)), &book);
        let rows: Vec<_> = counts
            .iter()
            .map(|count| (count.kind.as_str(), count.is_remainder(), count.events))
            .collect();
        assert_eq!(rows, [("a", false, 2), ("a", true, 1), ("b", false, 1)]);
    }

    #[test]
    fn a_table_gives_its_rows_back_and_faults_are_told() {
        let day = |day| NaiveDate::from_ymd_opt(2014, 6, day).unwrap();
        let row = DayCount {
            kind: "attacks".to_owned(),
            from: day(15),
            to: day(16),
            place_id: "PK5".to_owned(),
            events: 2,
            deaths_best: 7,
            districts: 1,
        };
        let rows = vec![row.clone()];
        assert_eq!(read(&day_table(&rows).unwrap(), Some("districts")).unwrap(), rows);
        let backwards = day_table(&[DayCount { to: day(1), ..row }]).unwrap();
        let fault = read(&backwards, Some("districts")).unwrap_err();
        assert!(fault.contains("ends before it begins"), "{fault}");
        let narrow = Columns::default().text("kind", [Some("a")]).finish().unwrap();
        assert_eq!(read(&narrow, None).unwrap_err(), "it has no column place_id");
    }
}
