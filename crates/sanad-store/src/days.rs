//! Counts per day, kind and province: what excitation is estimated from, for a case to ship instead
//! of a source's rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use sanad_core::Month;
use sanad_core::event::{day_number, number_day};
use sanad_core::place::{Level, PlaceBook};
use sanad_core::source::Coverage;

use crate::checked::{check_keys, check_range, column_as};
use crate::engine::read_parquet;
use crate::error::{Error, Lack, Result};
use crate::import::{ImportReport, Incoming, Payload, Reading, read_whole, source_of};
use crate::observatory::{Observatory, Writer};
use crate::place_tables::{PLACED, PlaceTables};
use crate::snapshot::Snapshot;
use crate::table::Columns;
use crate::vintage::{IN_EFFECT, Vintage};

/// Which events are of a kind. What is empty or absent asks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KindOfEvent {
    /// Short name.
    pub id: String,
    /// UCDP's types of violence.
    pub violence: Vec<u8>,
    /// Numbers of which one must be side A.
    pub side_a: Vec<i64>,
    /// Numbers of which one must be a side.
    pub sides: Vec<i64>,
    /// Smallest share of side B in the best estimate of deaths.
    pub side_b_share_from: Option<f64>,
    /// Share of side B in the best estimate of deaths from which an event no longer counts.
    pub side_b_share_below: Option<f64>,
    /// Whether a civilian must have been killed.
    pub civilians_killed: bool,
}

/// Events of one kind in one province on one day, or on a day of one span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayCount {
    /// The kind.
    pub kind: String,
    /// First day on which they may have happened.
    pub from: NaiveDate,
    /// Last such day.
    pub to: NaiveDate,
    /// Province as the source names it; empty where none is known.
    pub place_id: String,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths_best: i64,
    /// Districts in which they were.
    pub districts: i64,
}

impl KindOfEvent {
    fn condition(&self) -> String {
        let list =
            |numbers: &[i64]| numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let mut all = vec!["TRUE".to_owned()];
        if !self.violence.is_empty() {
            let types: Vec<i64> = self.violence.iter().map(|&it| i64::from(it)).collect();
            all.push(format!("type_of_violence IN ({})", list(&types)));
        }
        if !self.side_a.is_empty() {
            all.push(format!("side_a_id IN ({})", list(&self.side_a)));
        }
        if !self.sides.is_empty() {
            let sides = list(&self.sides);
            all.push(format!("(side_a_id IN ({sides}) OR side_b_id IN ({sides}))"));
        }
        let share = "CAST(deaths_b AS DOUBLE) / GREATEST(deaths_best, 1)";
        all.extend(self.side_b_share_from.map(|from| format!("{share} >= {from:?}")));
        all.extend(self.side_b_share_below.map(|below| format!("{share} < {below:?}")));
        if self.civilians_killed {
            all.push("deaths_civilians > 0".to_owned());
        }
        all.join(" AND ")
    }
}

impl Observatory {
    /// Counts the events of one country by kind, day and province. An event may be of
    /// several kinds.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no events of the series or no places, or ready-made counts
    /// speak for a part of the country's months.
    pub fn day_counts(
        &self,
        series: &str,
        country: i32,
        kinds: &[KindOfEvent],
        threads: usize,
    ) -> Result<Vec<DayCount>> {
        if !self.events_speak(series, country)? {
            return Err(Error::Lacks { missing: Lack::Events });
        }
        let vintage = Vintage::new(self, series, None)?;
        let catalog = self.catalog(threads)?;
        PlaceTables::by_name(self, &vintage, None).register(&catalog)?;
        let in_effect = vintage.in_effect().into_iter().filter(|one| one.format != "counts");
        self.register_records(&catalog, "record", "event", &in_effect.collect::<Vec<_>>())?;
        let events = format!(
            "SELECT r.date_start, r.date_end, r.type_of_violence, r.side_a_id, r.side_b_id, \
             r.deaths_b, r.deaths_best, r.deaths_civilians, p.place_no \
             FROM record r {IN_EFFECT} {PLACED} WHERE r.country_id = {country}"
        );
        let selects: Vec<String> = kinds
            .iter()
            .map(|kind| {
                format!(
                    "SELECT '{}' AS kind, date_start, date_end, place_id, \
                     COUNT(*) AS events, SUM(CAST(deaths_best AS BIGINT)) AS deaths_best \
                     FROM ({events}) e JOIN listed l ON e.place_no = l.place_no WHERE {} \
                     GROUP BY date_start, date_end, place_id",
                    kind.id.replace('\'', ""),
                    kind.condition()
                )
            })
            .collect();
        if selects.is_empty() {
            return Ok(Vec::new());
        }
        let batch = catalog.query(&format!(
            "{} ORDER BY kind, date_start, date_end, place_id",
            selects.join(" UNION ALL ")
        ))?;
        let rows = read(&batch, None).map_err(|problem| Error::damaged(self.folder(), problem))?;
        Ok(by_province(&rows, &self.places()?))
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

    /// Whether events one by one speak for every covered month of a country; where ready-made counts
    /// speak for some, days cannot be counted from them.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there is nothing of the series.
    pub fn events_speak(&self, series: &str, country: i32) -> Result<bool> {
        let vintage = Vintage::new(self, series, None)?;
        let here = vintage.reigns.iter().filter(|reign| reign.country == country);
        let here: Vec<&Snapshot> = here.map(|reign| vintage.snapshots[reign.source]).collect();
        // Preliminary counts stand for months that no release of events covers: they take no day from it.
        Ok(here.iter().any(|one| one.format != "counts")
            && here.iter().all(|one| one.format != "counts" || one.source.preliminary))
    }

    /// The months of `country` for which events one by one are in effect, ascending.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there is nothing of the series.
    pub fn months_of_events(&self, series: &str, country: i32) -> Result<Vec<Month>> {
        let vintage = Vintage::new(self, series, None)?;
        let here = vintage.reigns.iter().filter(|reign| reign.country == country);
        let events = here.filter(|reign| vintage.snapshots[reign.source].format != "counts");
        let mut months: Vec<Month> =
            events.flat_map(|reign| Month::range(reign.from, reign.to)).collect();
        months.sort_unstable();
        months.dedup();
        Ok(months)
    }

    /// Whether the observatory holds events one by one, as opposed to ready-made counts.
    #[must_use]
    pub fn holds_events(&self) -> bool {
        self.newest_import("ucdp-ged").is_some()
    }
}

/// Rows by province as named, with the number of districts that were named.
fn by_province(rows: &[DayCount], book: &PlaceBook) -> Vec<DayCount> {
    type Key = (String, NaiveDate, NaiveDate, String);
    let mut sums: BTreeMap<Key, (i64, i64, BTreeSet<&str>)> = BTreeMap::new();
    for row in rows {
        let province = book.at_level(&row.place_id, Level::Adm1);
        let province = province.map_or_else(String::new, |place| place.id.clone());
        let sum = sums.entry((row.kind.clone(), row.from, row.to, province)).or_default();
        sum.0 += row.events;
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

/// Rows of a table of day counts.
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

/// Day counts as a table.
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
pub(crate) fn read_shipped(path: &Path) -> Result<Vec<DayCount>> {
    let wrong = |problem: String| Error::Figures { path: path.to_owned(), problem };
    let table = read_parquet(path).map_err(|e| wrong(e.to_string()))?;
    let rows = read(&table, Some("districts")).map_err(wrong)?;
    let key = |row: &DayCount| (row.kind.clone(), row.from, row.to, row.place_id.clone());
    check_keys("kind, days and place", rows.iter().map(key)).map_err(wrong)?;
    Ok(rows)
}

/// Stages day counts that [`Observatory::day_counts`] made.
pub(crate) fn stage_day_counts(
    writer: &mut Writer<'_>,
    file: &Incoming<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> sanad_core::source::Source,
) -> Result<ImportReport> {
    let (_, sha256) = read_whole(file.path)?;
    let rows = read_shipped(file.path)?;
    let mut source = usual(&sha256);
    source.coverage = Coverage {
        from: rows.iter().map(|row| Month::of(row.to)).min(),
        to: rows.iter().map(|row| Month::of(row.to)).max(),
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
    fn a_rule_asks_only_what_it_names() {
        assert_eq!(KindOfEvent::default().condition(), "TRUE");
        let rule = KindOfEvent {
            violence: vec![1],
            side_a: vec![142],
            sides: vec![5, 6],
            side_b_share_from: Some(0.5),
            civilians_killed: true,
            ..KindOfEvent::default()
        };
        assert_eq!(
            rule.condition(),
            "TRUE AND type_of_violence IN (1) AND side_a_id IN (142) AND (side_a_id IN (5, 6) OR \
             side_b_id IN (5, 6)) AND CAST(deaths_b AS DOUBLE) / GREATEST(deaths_best, 1) >= 0.5 \
             AND deaths_civilians > 0"
        );
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
