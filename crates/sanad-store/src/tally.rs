//! Plain arrays for those who compute and draw: violence by place, month, type and sides. What a
//! panel is to a reader, a tally is to a program: no grid, no zeros, only what was recorded, by
//! sides.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, Int32Array, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Float64Type, Int32Type, Int64Type, UInt8Type};
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::source::{Source, effective_spans};

use crate::contributions::Contributions;
use crate::error::{Error, Missing, Result};
use crate::observatory::Observatory;
use crate::panel::PanelRequest;
use crate::snapshot::Snapshot;
use crate::vintage::Vintage;

/// Violence between the same sides, of one type, in one place and month. Months and places without
/// records have none, whether they are covered or not: ask [`Observatory::months_covered`].
///
/// Numbers are whole unless a record was shared out between places.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// The place; begins with `unplaced` for what cannot be placed at the unit asked for.
    pub place_id: String,
    /// The month.
    pub month: Month,
    /// UCDP's type of violence, 1 to 3.
    pub violence: u8,
    /// The source's number of side A; −1 where it gives none.
    pub side_a_id: i64,
    /// The source's number of side B; −1 where it gives none.
    pub side_b_id: i64,
    /// Events.
    pub events: f64,
    /// Deaths, best estimate.
    pub deaths_best: f64,
    /// Deaths, low estimate.
    pub deaths_low: f64,
    /// Deaths, high estimate.
    pub deaths_high: f64,
    /// Deaths of civilians.
    pub deaths_civilians: f64,
    /// The part of `deaths_best` that was shared out between places.
    pub shared_deaths_best: f64,
}

/// One month of a country in a series that is national from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NationalMonth {
    /// The month.
    pub month: Month,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths_best: i64,
    /// Deaths, high estimate, where the release has one.
    pub deaths_high: Option<i64>,
    /// Events of state-based, non-state and one-sided violence.
    pub events_by_type: [i64; 3],
    /// Deaths in them, best estimates, where the release tells them apart.
    pub deaths_by_type: Option<[i64; 3]>,
    /// Whether the release in effect is preliminary.
    pub is_preliminary: bool,
}

/// The national months of one country, from the releases in effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NationalSeries {
    /// The months, in order of time.
    pub months: Vec<NationalMonth>,
    /// The releases in effect, with the months that are taken from each, in order of time.
    pub releases: Vec<InEffect>,
    /// The day of an event by which it is counted; nothing where the releases do not say, or count
    /// by different days.
    pub date_rule: Option<DateRule>,
}

impl Observatory {
    /// Violence by place, month, type and sides, in that order. Only `organisations` of the request
    /// has no part in it.
    ///
    /// # Errors
    ///
    /// As [`panel`](Self::panel).
    pub fn tallies(&self, request: &PanelRequest, threads: usize) -> Result<Vec<Tally>> {
        let contributions = Contributions::new(self, request)?;
        let catalog = self.catalog(threads)?;
        contributions.register(&catalog)?;
        let scale = contributions.scale();
        let sums: Vec<String> =
            ["events", "deaths_best", "deaths_low", "deaths_high", "deaths_civilians"]
                .map(|name| format!("CAST(SUM({name} * weight) AS DOUBLE) / {scale}.0 AS {name}"))
                .to_vec();
        let batch = catalog.query(&format!(
            "SELECT place_id, month_id, type_of_violence, side_a_id, side_b_id, {}, \
             CAST(SUM(CASE WHEN shared THEN deaths_best * weight ELSE 0 END) AS DOUBLE) / \
             {scale}.0 AS shared_deaths_best \
             FROM contributions c JOIN listed l ON c.place_no = l.place_no \
             WHERE month_id BETWEEN {} AND {} \
             GROUP BY place_id, month_id, type_of_violence, side_a_id, side_b_id \
             ORDER BY place_id, month_id, type_of_violence, side_a_id, side_b_id",
            sums.join(", "),
            request.from.id(),
            request.to.id(),
        ))?;
        tallies_of(&batch).ok_or_else(|| Error::damaged(self.folder(), "a tally lacks a column"))
    }

    /// First and last month that some version of `series` covers. Of any country; months between
    /// may be covered by none.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no records of the series.
    pub fn covered_months(&self, series: &str) -> Result<(Month, Month)> {
        let vintage = Vintage::new(self, series, None)?;
        let first = vintage.effective_spans.iter().map(|span_in_effect| span_in_effect.from).min();
        let last = vintage.effective_spans.iter().map(|span_in_effect| span_in_effect.to).max();
        first.zip(last).ok_or(Error::Lacks { missing: Missing::Events })
    }

    /// The months of `country` (Gleditsch–Ward number) that some version of `series` known on
    /// `as_of` covers, ascending; with everything known when `as_of` is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when nothing of the series was known, or nothing covers the country.
    pub fn months_covered(
        &self,
        series: &str,
        country: i32,
        as_of: Option<NaiveDate>,
    ) -> Result<Vec<Month>> {
        let vintage = Vintage::new(self, series, as_of)?;
        let here = vintage
            .effective_spans
            .iter()
            .filter(|span_in_effect| span_in_effect.country == country);
        let mut months: Vec<Month> = here
            .flat_map(|span_in_effect| Month::range(span_in_effect.from, span_in_effect.to))
            .collect();
        months.sort_unstable();
        months.dedup();
        if months.is_empty() { Err(Error::Lacks { missing: Missing::Events }) } else { Ok(months) }
    }

    /// The versions of `series` in effect for `country` (Gleditsch–Ward number) from `from` to
    /// `to`, each with the months that its counts are taken for, in order of time. Months that none
    /// covers are in no stretch. A version may have several stretches.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when nothing of the series was known.
    pub fn in_effect(
        &self,
        series: &str,
        country: i32,
        [from, to]: [Month; 2],
        as_of: Option<NaiveDate>,
    ) -> Result<Vec<InEffect>> {
        let vintage = Vintage::new(self, series, as_of)?;
        let here = vintage
            .effective_spans
            .iter()
            .filter(|span_in_effect| span_in_effect.country == country);
        let stretches =
            here.filter(|span_in_effect| span_in_effect.from <= to && from <= span_in_effect.to);
        Ok(stretches
            .map(|span_in_effect| {
                let source = &vintage.snapshots[span_in_effect.source].source;
                InEffect {
                    label: shown(source),
                    is_preliminary: source.preliminary,
                    months: [span_in_effect.from.max(from), span_in_effect.to.min(to)],
                }
            })
            .collect())
    }

    /// Series and version of the last import of a format, if there is one. By the order of imports.
    #[must_use]
    pub fn label_of(&self, format: &str) -> Option<String> {
        self.newest_import(format).map(|snapshot| shown(&snapshot.source))
    }

    /// The national months of the case's country, from the releases in effect.
    ///
    /// # Errors
    ///
    /// As [`country_months`](Self::country_months), and as [`case`](Self::case).
    pub fn national_months(&self) -> Result<NationalSeries> {
        let case = self.case()?;
        self.country_months((&case.iso3, case.gwno), None)
    }

    /// The months of `country` (ISO 3166-1 alpha-3 code and Gleditsch–Ward number) in series that
    /// know no places, as known on `as_of`. Each month is taken from one release: a final one before a
    /// preliminary one, then the later version. Empty when there are none.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn country_months(
        &self,
        (iso3, gwno): (&str, i32),
        as_of: Option<NaiveDate>,
    ) -> Result<NationalSeries> {
        let known: Vec<&Snapshot> = self.known("country-months", as_of).collect();
        let sources: Vec<&Source> = known.iter().map(|one| &one.source).collect();
        let mut series = NationalSeries::default();
        let mut rules = BTreeSet::new();
        for span_in_effect in effective_spans(&sources)
            .into_iter()
            .filter(|span_in_effect| span_in_effect.country == gwno)
        {
            let release = known[span_in_effect.source];
            let mut months = self.months_of_release(release, iso3)?;
            months.retain(|row| span_in_effect.from <= row.month && row.month <= span_in_effect.to);
            series.months.append(&mut months);
            rules.insert(release.source.date_rule);
            series.releases.push(InEffect {
                label: shown(&release.source),
                is_preliminary: release.source.preliminary,
                months: [span_in_effect.from, span_in_effect.to],
            });
        }
        series.months.sort_by_key(|row| row.month);
        series.date_rule = if rules.len() == 1 { rules.pop_first().flatten() } else { None };
        Ok(series)
    }

    /// The rows of one release about one country. Of all its months, also those in which another
    /// release is in effect.
    fn months_of_release(&self, snapshot: &Snapshot, iso3: &str) -> Result<Vec<NationalMonth>> {
        let (path, batch) = self.record_table(snapshot, "country_month")?;
        let country = batch
            .column_by_name("country_iso3")
            .and_then(|column_by_name| column_by_name.as_string_opt::<i32>());
        let rows = NationalColumns::of(&batch).zip(country);
        let (columns, country) =
            rows.ok_or_else(|| Error::damaged(&path, "a column is missing"))?;
        let here = (0..batch.num_rows()).filter(|&row| country.value(row) == iso3);
        Ok(here.map(|row| columns.month(row, snapshot.source.preliminary)).collect())
    }
}

/// The columns of a table of national months.
struct NationalColumns<'a> {
    month: &'a Int32Array,
    events: &'a Int64Array,
    deaths_best: &'a Int64Array,
    deaths_high: &'a Int64Array,
    events_by_type: [&'a Int64Array; 3],
    /// Missing in tables that were kept before deaths by type were read.
    deaths_by_type: Option<[&'a Int64Array; 3]>,
}

impl<'a> NationalColumns<'a> {
    /// The columns of a table; nothing where one is missing that always was there.
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let whole = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let deaths = || {
            Some([
                whole("state_based_deaths")?,
                whole("non_state_deaths")?,
                whole("one_sided_deaths")?,
            ])
        };
        Some(Self {
            month: batch.column_by_name("month_id")?.as_primitive_opt::<Int32Type>()?,
            events: whole("events")?,
            deaths_best: whole("deaths_best")?,
            deaths_high: whole("deaths_high")?,
            events_by_type: [
                whole("state_based_events")?,
                whole("non_state_events")?,
                whole("one_sided_events")?,
            ],
            deaths_by_type: deaths(),
        })
    }

    /// The month of a row.
    fn month(&self, row: usize, is_preliminary: bool) -> NationalMonth {
        let deaths = self.deaths_by_type.filter(|columns| columns[0].is_valid(row));
        NationalMonth {
            month: Month::from_id(self.month.value(row)),
            events: self.events.value(row),
            deaths_best: self.deaths_best.value(row),
            deaths_high: self.deaths_high.is_valid(row).then(|| self.deaths_high.value(row)),
            events_by_type: self.events_by_type.map(|column| column.value(row)),
            deaths_by_type: deaths.map(|columns| columns.map(|column| column.value(row))),
            is_preliminary,
        }
    }
}

/// A version of a series, and the months for which its counts are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InEffect {
    /// Series and version for people: "UCDP GED 22.1".
    pub label: String,
    /// Whether the publisher calls it preliminary.
    pub is_preliminary: bool,
    /// First and last month.
    pub months: [Month; 2],
}

/// Series and version for people: "UCDP GED 22.1", "UCDP country months 26.1". Words of up to
/// four letters are taken for acronyms.
pub(crate) fn shown(source: &Source) -> String {
    let word = |word: &str| if word.len() <= 4 { word.to_uppercase() } else { word.to_owned() };
    let words: Vec<String> = source.id.split('-').map(word).collect();
    format!("{} {}", words.join(" "), source.version)
}

/// Rows of the plan's answer; nothing where a column is missing or of another type.
fn tallies_of(batch: &RecordBatch) -> Option<Vec<Tally>> {
    let place = batch.column_by_name("place_id")?.as_string_opt::<i32>()?;
    let month = batch.column_by_name("month_id")?.as_primitive_opt::<Int32Type>()?;
    let violence = batch.column_by_name("type_of_violence")?.as_primitive_opt::<UInt8Type>()?;
    let side = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let (side_a, side_b) = (side("side_a_id")?, side("side_b_id")?);
    let sum = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Float64Type>();
    let (events, best, low) = (sum("events")?, sum("deaths_best")?, sum("deaths_low")?);
    let (high, civilians) = (sum("deaths_high")?, sum("deaths_civilians")?);
    let shared = sum("shared_deaths_best")?;
    let row = |row| Tally {
        place_id: place.value(row).to_owned(),
        month: Month::from_id(month.value(row)),
        violence: violence.value(row),
        side_a_id: if side_a.is_valid(row) { side_a.value(row) } else { -1 },
        side_b_id: if side_b.is_valid(row) { side_b.value(row) } else { -1 },
        events: events.value(row),
        deaths_best: best.value(row),
        deaths_low: low.value(row),
        deaths_high: high.value(row),
        deaths_civilians: civilians.value(row),
        shared_deaths_best: shared.value(row),
    };
    Some((0..batch.num_rows()).map(row).collect())
}
