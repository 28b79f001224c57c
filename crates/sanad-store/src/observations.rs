//! Observations as a table, and reading them back as of a day.
//!
//! An observation is a value of an indicator in a place over a period, as its source gives it: the
//! source's own code and name of the place are kept, and the place of the case is looked for when
//! they are read.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use sanad_core::Period;
use sanad_core::event::{day_number, number_day};
use sanad_core::observation::{GivenPlace, Observation, indicator_code};
use sanad_core::place::{Level, PlaceBook};

use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::snapshot::Snapshot;
use crate::table::Columns;

/// Which observations are asked for. What is empty or absent asks nothing. Conditions are joined by
/// and; `Default` asks for everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObservationRequest {
    /// Series of sources, such as `wgi`.
    pub series: Vec<String>,
    /// Codes of indicators. Compared by [`indicator_code`].
    pub indicators: Vec<String>,
    /// ISO 3166-1 alpha-3 codes of countries.
    pub countries: Vec<String>,
    /// How fine the place is.
    pub level: Option<Level>,
    /// First day that a period may touch.
    pub from: Option<NaiveDate>,
    /// Last day that a period may touch.
    pub to: Option<NaiveDate>,
    /// What was known on this day.
    pub as_of: Option<NaiveDate>,
}

/// An observation with its place in the case and the chain it came by.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The observation; its `source_row` is a row of the snapshot's file.
    pub observation: Observation,
    /// The place of the case that its source means, on the last day of the period. By the source's
    /// code if the case has a place of that id and level, else by its name. `None` for another
    /// country's places, for a name that the case does not have, and without a case.
    pub place_id: Option<String>,
    /// Series of the source.
    pub series: String,
    /// Version of the source.
    pub version: String,
    /// The snapshot that holds it. Its id.
    pub snapshot: String,
}

impl Observatory {
    /// The observations in effect, in order of series, indicator, place, partner, item and
    /// period.
    ///
    /// Of several versions of a series, the one that [`precedence`] puts first is in effect for an
    /// indicator in a place, over the years from the first to the last that it has of the
    /// indicator anywhere; elsewhere the next one is. So a value that a newer version has taken
    /// back does not return from an older one, and a newer version that covers less does not erase
    /// what only the older covers.
    ///
    /// [`precedence`]: sanad_core::source::Source::precedence
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn observations(&self, request: &ObservationRequest) -> Result<Vec<Observed>> {
        let mut by_series: BTreeMap<&str, Vec<&Snapshot>> = BTreeMap::new();
        for snapshot in self.holding("observation", request.as_of) {
            let series = &snapshot.source.id;
            if request.series.is_empty() || request.series.contains(series) {
                by_series.entry(series).or_default().push(snapshot);
            }
        }
        let placer = ObservationPlacer::of(self)?;
        let mut all = Vec::new();
        for (series, mut snapshots) in by_series {
            snapshots.sort_by(|a, b| a.source.precedence(&b.source));
            snapshots.reverse();
            let mut spoken = CoveredSpan::default();
            let mut found = Vec::new();
            for snapshot in snapshots {
                let rows = self.observations_of(snapshot, &request.indicators)?;
                let kept = spoken.add(&rows);
                let in_effect = rows.into_iter().zip(kept).filter(|(_, in_effect)| *in_effect);
                let is_wanted = in_effect.map(|(row, _)| row).filter(|row| request.asks(row));
                found.extend(is_wanted.map(|observation| Observed {
                    place_id: placer.place(&observation, series),
                    observation,
                    series: series.to_owned(),
                    version: snapshot.source.version.clone(),
                    snapshot: snapshot.id.clone(),
                }));
            }
            found.sort_by(|a, b| order(&a.observation).cmp(&order(&b.observation)));
            all.extend(found);
        }
        Ok(all)
    }

    /// The imports that hold records of `kind` and were known on `as_of`, newest import first.
    pub(crate) fn holding<'a>(
        &'a self,
        kind: &'a str,
        as_of: Option<NaiveDate>,
    ) -> impl Iterator<Item = &'a Snapshot> {
        self.snapshots().iter().rev().filter(move |snapshot| {
            snapshot.files.contains_key(kind)
                && as_of.is_none_or(|day| snapshot.source.known_from() <= day)
        })
    }

    /// All observations of a snapshot, of some indicators or all.
    fn observations_of(
        &self,
        snapshot: &Snapshot,
        indicators: &[String],
    ) -> Result<Vec<Observation>> {
        let (path, batch) = self.record_table(snapshot, "observation")?;
        read(&batch, indicators, &path)
    }
}

impl ObservationRequest {
    /// Observations of one indicator of one series.
    #[must_use]
    pub fn of_indicator(series: &str, indicator: &str) -> Self {
        Self {
            series: vec![series.to_owned()],
            indicators: vec![indicator.to_owned()],
            ..Self::default()
        }
    }

    /// Whether an observation meets the conditions on country, level and time; a period that begins
    /// before the first day and ends after it is among them.
    fn asks(&self, row: &Observation) -> bool {
        (self.countries.is_empty() || self.countries.contains(&row.place.iso3))
            && self.level.is_none_or(|level| level == row.place.level)
            && self.from.is_none_or(|from| from <= row.period.end())
            && self.to.is_none_or(|to| row.period.start() <= to)
    }
}

/// What observations of a series are sorted by.
type Order<'a> = (&'a str, Level, &'a GivenPlace, &'a str, &'a str, Period);

/// The key of an observation in that order.
fn order(row: &Observation) -> Order<'_> {
    let place = &row.place;
    (&row.indicator, place.level, place, &row.partner_iso3, &row.item, row.period)
}

/// What the versions looked at so far cover: an indicator in a place, and the stretches.
#[derive(Default)]
struct CoveredSpan {
    /// By indicator and place, first and last day of each version's stretch.
    spans: BTreeMap<(String, GivenPlace), Vec<(NaiveDate, NaiveDate)>>,
}

impl CoveredSpan {
    /// Adds a version's rows, and says of each whether no version before it covers its last day.
    fn add(&mut self, rows: &[Observation]) -> Vec<bool> {
        let mut whole: BTreeMap<&str, (NaiveDate, NaiveDate)> = BTreeMap::new();
        for row in rows {
            let (start, end) = (row.period.start(), row.period.end());
            let span = whole.entry(&row.indicator).or_insert((start, end));
            *span = (span.0.min(start), span.1.max(end));
        }
        let key = |row: &Observation| (row.indicator.clone(), row.place.clone());
        let in_effect: Vec<bool> = rows
            .iter()
            .map(|row| {
                let spans = self.spans.get(&key(row)).map_or(&[][..], Vec::as_slice);
                let end = row.period.end();
                !spans.iter().any(|&(from, to)| from <= end && end <= to)
            })
            .collect();
        for row in rows {
            let spans = self.spans.entry(key(row)).or_default();
            let span = whole[row.indicator.as_str()];
            if !spans.contains(&span) {
                spans.push(span);
            }
        }
        in_effect
    }
}

/// What a source's words for a place mean in the case. For one case, or none.
struct ObservationPlacer {
    book: PlaceBook,
    iso3: String,
    country: String,
}

impl ObservationPlacer {
    /// With the case of the observatory, if it holds one.
    fn of(observatory: &Observatory) -> Result<Self> {
        let book = observatory.places()?;
        let (iso3, country) = match observatory.newest_import("case") {
            Some(_) => observatory.case().map(|case| (case.iso3, case.country))?,
            None => Default::default(),
        };
        Ok(Self { book, iso3, country })
    }

    /// The place of the case on the last day of the period; see [`Observed::place_id`].
    fn place(&self, row: &Observation, series: &str) -> Option<String> {
        let given = &row.place;
        if self.iso3.is_empty() || given.iso3 != self.iso3 {
            return None;
        }
        match given.level {
            Level::Country => Some(self.country.clone()),
            level => {
                let day = row.period.end();
                let found = self.book.get(&given.code).filter(|place| place.level == level);
                let found = found.or_else(|| self.book.find(level, &given.name, series, day))?;
                Some(found.id.clone())
            }
        }
    }
}

/// Observations as a table. Empty texts are null; the period is written as its source has it and as
/// first and last day.
pub(crate) fn observation_table(rows: &[Observation]) -> Result<RecordBatch> {
    let text = |of: fn(&Observation) -> &String| {
        rows.iter().map(move |row| Some(of(row)).filter(|text| !text.is_empty()))
    };
    let days = |of: fn(Period) -> NaiveDate| {
        rows.iter().map(|row| day_number(of(row.period))).collect::<Vec<_>>()
    };
    let numbers = |of: fn(&Observation) -> Option<f64>| rows.iter().map(of).collect::<Vec<_>>();
    Columns::default()
        .text("indicator", text(|row| &row.indicator))
        .text("indicator_name", text(|row| &row.indicator_name))
        .text("unit", text(|row| &row.unit))
        .text("level", rows.iter().map(|row| Some(row.place.level.as_str())))
        .text("iso3", text(|row| &row.place.iso3))
        .text("place_code", text(|row| &row.place.code))
        .text("place_name", text(|row| &row.place.name))
        .text("within_name", text(|row| &row.place.within))
        .text("partner_iso3", text(|row| &row.partner_iso3))
        .text("item", text(|row| &row.item))
        .text("date", rows.iter().map(|row| Some(row.period.to_string())))
        .date("date_start", days(Period::start))
        .date("date_end", days(Period::end))
        .float64("value", numbers(|row| Some(row.value)))
        .float64("standard_error", numbers(|row| row.standard_error))
        .float64("low", numbers(|row| row.low))
        .float64("high", numbers(|row| row.high))
        .int64("source_row", rows.iter().map(|row| row.source_row as i64).collect::<Vec<_>>())
        .finish()
}

/// Observations with their place and chain as a table, for a person or another program. `place_id`
/// comes first, `source`, `version` and `snapshot` last.
///
/// # Errors
///
/// None that a caller could cause.
pub fn observed_table(rows: &[Observed]) -> Result<RecordBatch> {
    let plain: Vec<Observation> = rows.iter().map(|row| row.observation.clone()).collect();
    let table = observation_table(&plain)?;
    let mut columns = Columns::default().text("place_id", rows.iter().map(|r| r.place_id.as_ref()));
    for (field, array) in table.schema().fields().iter().zip(table.columns()) {
        columns = columns.add(field.name(), array.clone());
    }
    columns
        .text("source", rows.iter().map(|row| Some(&row.series)))
        .text("version", rows.iter().map(|row| Some(&row.version)))
        .text("snapshot", rows.iter().map(|row| Some(&row.snapshot)))
        .finish()
}

/// Rows of a table that [`observation_table`] made, of some indicators or all.
///
/// # Errors
///
/// [`Error::Damaged`] when a column is missing, or a row has no level, date or value.
fn read(batch: &RecordBatch, indicators: &[String], path: &Path) -> Result<Vec<Observation>> {
    let column = Reader { batch, path };
    let (indicator, name) = (column.texts("indicator")?, column.texts("indicator_name")?);
    let (unit, level) = (column.texts("unit")?, column.texts("level")?);
    let (iso3, code) = (column.texts("iso3")?, column.texts("place_code")?);
    let (place, within) = (column.texts("place_name")?, column.texts("within_name")?);
    let (partner, item) = (column.texts("partner_iso3")?, column.texts("item")?);
    let date = column.texts("date")?;
    let (value, error) = (column.numbers("value")?, column.numbers("standard_error")?);
    let (low, high) = (column.numbers("low")?, column.numbers("high")?);
    let rows = column.cast("source_row", &DataType::Int64)?;
    let rows = rows.as_primitive::<Int64Type>();
    let text = |column: &StringArray, at: usize| {
        if column.is_valid(at) { column.value(at).to_owned() } else { String::new() }
    };
    let number = |column: &Float64Array, at: usize| column.is_valid(at).then(|| column.value(at));
    let is_wanted = |at: &usize| {
        let code = indicator_code(indicator.value(*at));
        indicators.is_empty() || indicators.iter().any(|one| indicator_code(one) == code)
    };
    let row = |at: usize| {
        let damaged = |what: &str| Error::damaged(path, format!("row {at} has no {what}"));
        Ok(Observation {
            indicator: text(&indicator, at),
            indicator_name: text(&name, at),
            unit: text(&unit, at),
            place: GivenPlace {
                level: text(&level, at).parse().map_err(|_| damaged("level"))?,
                iso3: text(&iso3, at),
                code: text(&code, at),
                name: text(&place, at),
                within: text(&within, at),
            },
            partner_iso3: text(&partner, at),
            item: text(&item, at),
            period: text(&date, at).parse().map_err(|_| damaged("date"))?,
            value: number(&value, at).ok_or_else(|| damaged("value"))?,
            standard_error: number(&error, at),
            low: number(&low, at),
            high: number(&high, at),
            source_row: rows.value(at) as u64,
        })
    };
    (0..batch.num_rows()).filter(is_wanted).map(row).collect()
}

/// Columns of a kept table, by name. Each method is [`Error::Damaged`] where the column is missing
/// or cannot be what is wanted.
pub(crate) struct Reader<'a> {
    pub(crate) batch: &'a RecordBatch,
    pub(crate) path: &'a Path,
}

impl Reader<'_> {
    /// A column as a type.
    pub(crate) fn cast(
        &self,
        name: &str,
        kind: &DataType,
    ) -> Result<datafusion::arrow::array::ArrayRef> {
        let missing = || Error::damaged(self.path, format!("it has no column {name}"));
        let column = self.batch.column_by_name(name).ok_or_else(missing)?;
        cast(column, kind).map_err(|e| Error::damaged(self.path, e))
    }

    /// A column of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<StringArray> {
        Ok(self.cast(name, &DataType::Utf8)?.as_string::<i32>().clone())
    }

    /// A column of numbers of double precision.
    pub(crate) fn numbers(&self, name: &str) -> Result<Float64Array> {
        Ok(self.cast(name, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
    }

    /// A column of days.
    pub(crate) fn days(&self, name: &str) -> Result<Vec<Option<NaiveDate>>> {
        let column = self.cast(name, &DataType::Date32)?;
        let days = column.as_primitive::<Date32Type>();
        Ok(days.iter().map(|day| day.map(number_day)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(indicator: &str, iso3: &str, year: i32, value: f64) -> Observation {
        Observation {
            indicator: indicator.to_owned(),
            indicator_name: "A name".to_owned(),
            unit: "0 to 1".to_owned(),
            place: GivenPlace::country(iso3, iso3, ""),
            partner_iso3: String::new(),
            item: String::new(),
            period: Period::year(year).unwrap(),
            value,
            standard_error: Some(0.1),
            low: None,
            high: Some(2.0),
            source_row: 7,
        }
    }

    #[test]
    fn a_table_gives_its_rows_back() {
        let day = |text: &str| text.parse().unwrap();
        let span = Period::between(day("2020-01-03"), day("2020-02-01")).unwrap();
        let rows =
            vec![row("a", "PAK", 2020, 1.5), Observation { period: span, ..row("b", "", 1, 0.0) }];
        let table = observation_table(&rows).unwrap();
        assert_eq!(read(&table, &[], Path::new("x")).unwrap(), rows);
        assert_eq!(read(&table, &["b".to_owned()], Path::new("x")).unwrap(), rows[1..]);
    }

    #[test]
    fn a_newer_version_speaks_over_its_years_and_an_older_one_beyond_them() {
        let newer = [row("a", "PAK", 2001, 1.0), row("a", "IND", 2002, 1.0)];
        let older = [
            row("a", "PAK", 2000, 9.0),
            row("a", "PAK", 2001, 9.0),
            row("a", "PAK", 2002, 9.0),
            row("a", "IRN", 2001, 9.0),
            row("b", "PAK", 2001, 9.0),
        ];
        let mut spoken = CoveredSpan::default();
        assert_eq!(spoken.add(&newer), [true, true]);
        // 2002 is a year that the newer version covers, and has no value for: it stays without one.
        assert_eq!(spoken.add(&older), [true, false, false, true, true]);
    }
}
