//! Counts per place, month, type of violence and organisation, for a case to ship instead of a
//! source's rows. They let a case show its panel without the source's rows, and come back as events
//! of a place without coordinates: each row of counts is a record with `events` above one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt8Array, UInt32Array,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int32Type, Int64Type, UInt8Type};
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::source::Source;

use crate::checked::{check_keys, check_range, column_as};
use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::import::{ImportFile, ImportReport, Payload, Payloads, Reading, source_of};
use crate::observatory::{Observatory, Writer};
use crate::place_tables::{PLACED, PlaceTables};
use crate::read_file::read_whole;
use crate::table::{Columns, LocationRow, location_table};
use crate::vintage::{IN_EFFECT, Vintage};

impl Observatory {
    /// Counts the events of one country by the place that the source names (district where
    /// known, else province, else country), month of the last day, type of violence and sides.
    ///
    /// Columns: `month_id`, `day` (the first day of the part of the month in which the same places
    /// were in force), `place_id`, `type_of_violence`, `side_a_id`, `side_a`, `side_b_id`, `side_b`
    /// (names as the case has them), `events`, `deaths_low`, `deaths_best`, `deaths_high`,
    /// `deaths_civilians`. Rows come in the order of month, day, place, type and sides.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no events of the series or no places.
    pub fn counts(
        &self,
        series: &str,
        country: i32,
        as_of: Option<NaiveDate>,
        threads: usize,
    ) -> Result<RecordBatch> {
        let vintage = Vintage::new(self, series, as_of)?;
        let catalog = self.catalog(threads)?;
        PlaceTables::by_name(self, &vintage, as_of).register(&catalog)?;
        self.register_records(&catalog, "record", "event", &vintage.in_effect())?;
        let records = format!(
            "SELECT r.month_end, r.type_of_violence, r.side_a_id, r.side_a, r.side_b_id, \
             r.side_b, r.events, r.deaths_low, r.deaths_best, r.deaths_high, \
             r.deaths_civilians, p.place_no, GREATEST(p.from_day, CAST(CAST(date_trunc('month', \
             r.date_end) AS DATE) AS INT)) AS era FROM record r {IN_EFFECT} {PLACED} \
             WHERE r.country_id = {country}"
        );
        catalog.query(&format!(
            "SELECT month_end AS month_id, CAST(era AS DATE) AS day, place_id, type_of_violence, \
             side_a_id, MAX({}) AS side_a, side_b_id, MAX({}) AS side_b, SUM(events) AS events, \
             SUM(deaths_low) AS deaths_low, SUM(deaths_best) AS deaths_best, \
             SUM(deaths_high) AS deaths_high, SUM(deaths_civilians) AS deaths_civilians \
             FROM ({records}) r JOIN listed l ON r.place_no = l.place_no \
             LEFT JOIN actor_label aa ON aa.ucdp_id = side_a_id \
             LEFT JOIN actor_label ab ON ab.ucdp_id = side_b_id \
             GROUP BY month_end, era, place_id, type_of_violence, side_a_id, side_b_id ORDER BY month_id, day, place_id, type_of_violence, side_a_id, side_b_id",
            label_sql("aa", "side_a", "month_end"),
            label_sql("ab", "side_b", "month_end")
        ))
    }
}

/// The name of a side in `month`: the case's own, where `label` is its row of `actor_label`, else the
/// one under which it is kept.
pub(crate) fn label_sql(label: &str, side: &str, month: &str) -> String {
    format!("COALESCE({}, {})", dated_label_sql(label, month), unlisted_sql(side))
}

/// The case's name of an organisation in `month`, where `label` is a row with the columns of
/// `actor_label`. After the end of the actor it is the neutral one.
pub(crate) fn dated_label_sql(label: &str, month: &str) -> String {
    format!("CASE WHEN {month} > {label}.until_month THEN {label}.later ELSE {label}.label END")
}

/// The name of a side that the case does not list. Records of today hold none that may be a person's;
/// those of earlier programs do, so that a name that is not of a known kind gives way to its number.
pub(crate) fn unlisted_sql(side: &str) -> String {
    let kinds = ["Civilians", "Government of %", "UCDP actor %", "unlisted side %"];
    let is_kept: Vec<String> = kinds.iter().map(|kind| format!("{side} LIKE '{kind}'")).collect();
    format!(
        "CASE WHEN {side} = '' OR {} THEN {side} WHEN {side}_id IS NOT NULL \
         THEN 'UCDP actor ' || CAST({side}_id AS VARCHAR) \
         WHEN {side} IS NOT NULL THEN 'unlisted side' END",
        is_kept.join(" OR ")
    )
}

/// Stages counts that [`Observatory::counts`] made. The source is the one they were counted from,
/// as the card says.
pub(crate) fn stage_counts(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
) -> Result<ImportReport> {
    let (_, sha256) = read_whole(file.path)?;
    let counts = CountTable::read(file.path)?;
    let usual = Source {
        id: "counts".to_owned(),
        version: sha256[..8].to_owned(),
        title: "Counts of violence by place and month".to_owned(),
        citation: String::new(),
        licence: String::new(),
        url: String::new(),
        accessed: file.today,
        released: None,
        preliminary: false,
        date_rule: Some(DateRule::End),
        coverage: counts.coverage(country),
    };
    let source = source_of(file, usual)?;
    let series = source.id.clone();
    let deaths: i64 = counts.deaths_best();
    let rows = counts.rows() as u64;
    let reading = Reading {
        format: "counts",
        source,
        sha256,
        rows_read: rows,
        records_kept: rows,
        deaths_in: deaths,
        deaths_kept: deaths,
        diagnostics: Vec::new(),
    };
    writer.stage(file, reading, || counts.payloads(&series, country))
}

/// An error about a file of counts.
fn figures(path: &Path, problem: impl ToString) -> Error {
    Error::Figures { path: path.to_owned(), problem: problem.to_string() }
}

/// A table of counts whose columns have been checked. No cell is missing but those of sides, no
/// count is below zero, and no key comes twice.
pub(crate) struct CountTable {
    /// By name, in the types of [`COLUMNS`].
    columns: BTreeMap<&'static str, ArrayRef>,
    months: Vec<i32>,
    places: Vec<String>,
}

/// The columns that a file of counts must have, and what each is read as; further ones are passed
/// over.
const COLUMNS: [(&str, DataType); 13] = [
    ("month_id", DataType::Int32),
    ("day", DataType::Date32),
    ("place_id", DataType::Utf8),
    ("type_of_violence", DataType::UInt8),
    ("side_a_id", DataType::Int64),
    ("side_a", DataType::Utf8),
    ("side_b_id", DataType::Int64),
    ("side_b", DataType::Utf8),
    ("events", DataType::Int64),
    ("deaths_low", DataType::Int64),
    ("deaths_best", DataType::Int64),
    ("deaths_high", DataType::Int64),
    ("deaths_civilians", DataType::Int64),
];

impl CountTable {
    /// Reads a Parquet file of counts.
    ///
    /// # Errors
    ///
    /// [`Error::Figures`] when it is none, with row and column where that can be said.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let table = read_parquet(path).map_err(|e| match e {
            Error::Damaged { problem, .. } => figures(path, problem),
            Error::Query { source } => figures(path, source),
            other => other,
        })?;
        Self::of(path, &table)
    }

    /// Checks a table; `path` is for messages.
    fn of(path: &Path, batch: &RecordBatch) -> Result<Self> {
        let mut columns = BTreeMap::new();
        for (name, kind) in COLUMNS {
            let column = batch.column_by_name(name).ok_or_else(|| {
                figures(path, format!("it has no column {name}, expected one of {kind}"))
            })?;
            let column = column_as(name, column, &kind).map_err(|e| figures(path, e))?;
            if column.null_count() > 0 && !name.starts_with("side_") {
                return Err(figures(path, format!("column {name} has empty cells")));
            }
            check_range(name, &column).map_err(|e| figures(path, e))?;
            columns.insert(name, column);
        }
        let months = columns["month_id"].as_primitive::<Int32Type>().values().to_vec();
        let places = columns["place_id"].as_string::<i32>().iter().flatten();
        let places = places.map(str::to_owned).collect();
        let counts = Self { columns, months, places };
        check_keys("month, day, place, type of violence and sides", counts.keys())
            .map_err(|e| figures(path, e))?;
        Ok(counts)
    }

    /// What each row counts. Month, day, place, type of violence and the two sides, by number or
    /// else by name.
    fn keys(&self) -> impl Iterator<Item = impl Ord> + '_ {
        let numbers = |name: &str| self.columns[name].as_primitive::<Int64Type>();
        let names = |name: &str| self.columns[name].as_string::<i32>();
        let days = self.columns["day"].as_primitive::<Date32Type>().values();
        let types = self.columns["type_of_violence"].as_primitive::<UInt8Type>().values();
        (0..self.rows()).map(move |row| {
            let side = |id: &str, name: &str| {
                let (ids, names) = (numbers(id), names(name));
                // Where a source gives no number, its name is what there is.
                let name = (ids.is_null(row) && names.is_valid(row)).then(|| names.value(row));
                (ids.is_valid(row).then(|| ids.value(row)), name.map(str::to_owned))
            };
            let sides = (side("side_a_id", "side_a"), side("side_b_id", "side_b"));
            (self.months[row], days[row], self.places[row].clone(), types[row], sides)
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.months.len()
    }

    /// Deaths of all rows, best estimates.
    fn deaths_best(&self) -> i64 {
        self.columns["deaths_best"].as_primitive::<Int64Type>().values().iter().sum()
    }

    /// From the first month that is counted to the last; months between without a row are covered,
    /// too.
    fn coverage(&self, country: i32) -> sanad_core::source::Coverage {
        sanad_core::source::Coverage {
            from: self.months.iter().min().map(|&id| Month::from_id(id)),
            to: self.months.iter().max().map(|&id| Month::from_id(id)),
            countries: vec![country],
            inferred: true,
        }
    }

    /// The counts in the form of an event table: one row with `events` above one. The table of
    /// locations has one row for each place, without coordinates or names and known to the
    /// district.
    fn payloads(&self, series: &str, country: i32) -> Result<Payloads> {
        let mut known: BTreeMap<&str, i64> = BTreeMap::new();
        let mut locations = Vec::new();
        for place in &self.places {
            known.entry(place).or_insert_with(|| {
                let mut row = LocationRow {
                    id: 0,
                    country_id: country,
                    adm1: String::new(),
                    adm2: String::new(),
                    where_prec: 3,
                    latitude: f64::NAN,
                    longitude: f64::NAN,
                    place_id: Some(place.clone()),
                };
                row.identify(series);
                let id = row.id;
                locations.push(row);
                id
            });
        }
        let rows = self.rows();
        let column = |name: &str| self.columns[name].clone();
        let numbers = Int64Array::from_iter_values(0..rows as i64);
        let months = || self.months.clone();
        let location_ids: Vec<i64> = self.places.iter().map(|p| known[p.as_str()]).collect();
        let batch = Columns::default()
            .add("event_id", Arc::new(numbers))
            .add("source_row", Arc::new(UInt32Array::from_iter_values(1..=rows as u32)))
            .add("date_start", column("day"))
            .add("date_end", column("day"))
            .int32("month_start", months())
            .int32("month_end", months())
            .add("type_of_violence", column("type_of_violence"))
            .add("side_a_id", column("side_a_id"))
            .add("side_a", column("side_a"))
            .add("side_b_id", column("side_b_id"))
            .add("side_b", column("side_b"))
            .int32("country_id", vec![country; rows])
            .int64("location_id", location_ids)
            .add("where_prec", Arc::new(UInt8Array::from(vec![None; rows])))
            .add("events", column("events"))
            .add("deaths_low", column("deaths_low"))
            .add("deaths_best", column("deaths_best"))
            .add("deaths_high", column("deaths_high"))
            .add("deaths_civilians", column("deaths_civilians"))
            .finish()?;
        Ok(vec![
            ("location", Payload::Table(location_table(&locations)?)),
            ("event", Payload::Table(batch)),
        ])
    }
}
