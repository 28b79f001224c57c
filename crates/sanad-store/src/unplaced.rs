//! What of an imported file found no place in the case, and by which names. Placing here is by
//! names alone, as it is where a case has no boundaries: a name that a polygon would have rescued
//! is still worth adding to the case.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Date32Type, Int64Type, UInt8Type};
use sanad_core::event::number_day;
use sanad_core::place::{Level, Location, Method, PlaceBook, Reach};

use crate::error::{Error, Result};
use crate::event_tables::EVENT_FORMATS;
use crate::observatory::Observatory;
use crate::snapshot::Snapshot;

/// How much of a file's events in the case's country found a place. Pairs are events first, deaths
/// (best estimate) second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlacingReport {
    /// Events in the country, and deaths in them.
    pub total: [i64; 2],
    /// Of these, events and deaths whose source names a place and that found none.
    pub unplaced: [i64; 2],
    /// The names that no place of the case has, those with most deaths first.
    pub names: Vec<UnknownName>,
}

/// A name of a place in a source that no place of the case has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The name as the source spells it. Of the province where the source names one, else of the
    /// district.
    pub name: String,
    /// Events that it is the first unknown name of, and deaths in them.
    pub size: [i64; 2],
    /// The place of the case with the name most like it, by id and name, if one is like it.
    pub nearest: Option<[String; 2]>,
}

/// Names at least this alike (Jaro and Winkler, 0 to 1) are offered as the same place. High enough
/// that most offers are another spelling; a person decides.
const ALIKE: f64 = 0.85;

impl Observatory {
    /// How much of a snapshot of events found a place of the case by the names that the source gives;
    /// nothing where no case is imported or the snapshot holds no events of its country.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn placing_report(&self, snapshot: &Snapshot) -> Result<Option<PlacingReport>> {
        let book = self.places()?;
        let is_events = EVENT_FORMATS.contains(&snapshot.format.as_str());
        if book.is_empty() || !is_events {
            return Ok(None);
        }
        let rows = self.query_events(
            &format!(
                "SELECT adm1, adm2, where_prec, date_end, COUNT(*) AS events, \
                 CAST(SUM(deaths_best) AS BIGINT) AS deaths FROM events \
                 WHERE snapshot = '{}' AND country_id = {} \
                 GROUP BY adm1, adm2, where_prec, date_end ORDER BY adm1, adm2, where_prec, date_end",
                snapshot.id.replace('\'', "''"),
                self.case()?.gwno
            ),
            0,
        )?;
        let report = report(&rows, &snapshot.source.id, &book);
        let report = report.ok_or_else(|| Error::damaged(self.folder(), "a column is missing"))?;
        Ok(Some(report).filter(|report| report.total[0] > 0))
    }
}

/// The report on grouped events; nothing where a column is missing.
fn report(rows: &RecordBatch, source: &str, book: &PlaceBook) -> Option<PlacingReport> {
    let text = |name: &str| rows.column_by_name(name)?.as_string_opt::<i32>();
    let (adm1, adm2) = (text("adm1")?, text("adm2")?);
    let precision = rows.column_by_name("where_prec")?.as_primitive_opt::<UInt8Type>()?;
    let days = rows.column_by_name("date_end")?.as_primitive_opt::<Date32Type>()?;
    let number = |name: &str| rows.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let (events, deaths) = (number("events")?, number("deaths")?);
    let mut report = PlacingReport::default();
    let mut names: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for row in 0..rows.num_rows() {
        let size = [events.value(row), deaths.value(row)];
        add(&mut report.total, size);
        let name =
            |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        let (first, second) = (name(adm1), name(adm2));
        let reach = Reach::of_where_prec(precision.value(row)).unwrap_or(Reach::Country);
        let location = Location {
            source,
            adm1: first.as_deref(),
            adm2: second.as_deref(),
            reach,
            polygon: None,
        };
        let day = number_day(days.value(row));
        let named = first.as_ref().or(second.as_ref()).filter(|_| reach > Reach::Country);
        let Some(named) = named else { continue };
        if book.resolve(&location, day).method == Method::Unplaced {
            add(&mut report.unplaced, size);
            add(names.entry(named.clone()).or_default(), size);
        }
    }
    let mut unknown: Vec<UnknownName> = names
        .into_iter()
        .map(|(name, size)| UnknownName { nearest: nearest(&name, book), name, size })
        .collect();
    unknown.sort_by(|a, b| b.size[1].cmp(&a.size[1]).then(a.name.cmp(&b.name)));
    report.names = unknown;
    Some(report)
}

/// Adds events and deaths.
fn add(sum: &mut [i64; 2], more: [i64; 2]) {
    sum[0] += more[0];
    sum[1] += more[1];
}

/// The place below the country whose name is most like `name`. Upper and lower case are the same.
fn nearest(name: &str, book: &PlaceBook) -> Option<[String; 2]> {
    let folded = name.to_lowercase();
    let below = book.iter().filter(|place| place.level != Level::Country);
    let alike =
        below.map(|place| (strsim::jaro_winkler(&folded, &place.name.to_lowercase()), place));
    let best = alike.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some([best.1.id.clone(), best.1.name.clone()])
}
