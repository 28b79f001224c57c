//! Where the case's commitments and steps stand.
//!
//! A benchmark is a commitment or a step with an indicator, a target and perhaps a date. Its
//! readings are written in `benchmarks.toml`, counted from the events of a kind by year, or the values of
//! a series of observations about the country, such as what a desk released. Nothing
//! is judged here but whether the last reading is on the right side of the target, how old it is,
//! and whether the date has passed.

use std::collections::BTreeMap;

pub use sanad_brief::section::policy::Status;
use sanad_case::{
    BenchmarkSeries, Better, DeclaredBenchmark, Document, KindReading, read_benchmarks,
};
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_scenario::{Aim, on_track};
use sanad_store::{ObservationRequest, Observatory};

use super::kinds::Daily;
use crate::error::{Error, Result};

/// Years of events that a trend is drawn through. What lies before them enters no trend.
const YEARS: i32 = 10;
/// Months after which a reading of anything that goes up and down is too old to tell. What is
/// either so or not (unit `yes`) does not go stale: a law that was passed stays passed.
const OLD: i32 = 36;
/// Seed of the trend's draws. One seed for all benchmarks: each has draws of its own readings.
const SEED: u64 = 1;

/// One benchmark with what is known of it.
///
/// Values are in the unit that the benchmark declares. Readings after the month asked for are not
/// seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// What the case declares of it.
    pub declared: DeclaredBenchmark,
    /// Month and value of the declared baseline; of the first reading where none is declared;
    /// `None` where there is neither.
    pub baseline: Option<(Month, f64)>,
    /// The last month with a value, and the value. `None` where no data at hand measure the
    /// indicator.
    pub last: Option<(Month, f64)>,
    /// The last value with all events that are not told apart; nothing where none may be of the
    /// kind. A target of less is met only if this, where it is given, is met too.
    pub at_most: Option<f64>,
    /// Where it stands.
    pub status: Status,
    /// The chance that it is met when due, if the readings go on as they did. From 0 to 1, by a
    /// random walk with drift through the readings (`sanad_scenario::on_track`). `None` without a
    /// date ahead and with fewer than four readings.
    pub on_track: Option<f64>,
}

/// Every benchmark as it stands at the end of a month.
///
/// The order is that of `benchmarks.toml`. Days are counted only where a benchmark asks for events
/// of a kind; where they cannot be, that benchmark is unmeasurable.
///
/// # Errors
///
/// `Error::CaseLacks` without `benchmarks.toml`; `Error::Scenarios` for a benchmark that names a
/// record which the chronicle does not have; those of reading the observatory.
pub fn standings(observatory: &Observatory, as_of: Month, threads: usize) -> Result<Vec<Standing>> {
    let missing = Error::CaseLacks { missing: Document::Benchmarks.name() };
    let text = observatory.document(Document::Benchmarks)?.ok_or(missing)?;
    let declared = read_benchmarks(&text)?.benchmarks;
    let known: Vec<String> =
        observatory.chronicle()?.iter().map(|record| record.entry.id.clone()).collect();
    for benchmark in &declared {
        if let Some(unknown) = benchmark.records.iter().find(|id| !known.contains(id)) {
            let problem = format!("{}: the chronicle has no record {unknown}", benchmark.id);
            return Err(Error::Scenarios { problem });
        }
    }
    let daily = match declared.iter().any(|declared| declared.events_of_kind.is_some()) {
        true => Daily::read(observatory, threads)?,
        false => None,
    };
    let standing_of = |declared: DeclaredBenchmark| {
        let readings = readings(observatory, &declared, daily.as_ref())?;
        Ok(standing(declared, readings, daily.as_ref(), as_of))
    };
    declared.into_iter().map(standing_of).collect()
}

/// The readings of a benchmark, in the order of time.
fn readings(
    observatory: &Observatory,
    declared: &DeclaredBenchmark,
    daily: Option<&Daily>,
) -> Result<Vec<(Month, f64)>> {
    if let Some(series) = &declared.series {
        return observed(observatory, series);
    }
    Ok(match (&declared.events_of_kind, daily) {
        (Some(kind), Some(daily)) => events_by_year(daily, kind),
        _ => declared.readings.iter().map(|reading| (reading.when, reading.value)).collect(),
    })
}

/// The values of a series about the whole country, each in the last month of its period.
fn observed(observatory: &Observatory, series: &BenchmarkSeries) -> Result<Vec<(Month, f64)>> {
    let request = ObservationRequest {
        countries: vec![observatory.case()?.iso3],
        level: Some(Level::Country),
        ..ObservationRequest::of_indicator(&series.source, &series.indicator)
    };
    let item = series.item.as_deref().unwrap_or_default();
    let rows = observatory.observations(&request)?.into_iter().map(|row| row.observation);
    let own = rows.filter(|row| row.item == item && row.partner_iso3.is_empty());
    // Of two periods that end in one month the later row counts; a desk releases a quarter once.
    let by_month: BTreeMap<Month, f64> =
        own.map(|row| (Month::from_date(row.period.end()), row.value)).collect();
    Ok(by_month.into_iter().collect())
}

/// A commitment at a month: its indicator's reading against baseline, target and date.
///
/// The status follows in this order: a reading that is too old while the date has not passed; met;
/// overdue or open; and without a reading unmeasurable, overdue or not.
fn standing(
    declared: DeclaredBenchmark,
    readings: Vec<(Month, f64)>,
    daily: Option<&Daily>,
    as_of: Month,
) -> Standing {
    let aim = match declared.better {
        Better::Less => Aim::Less,
        Better::More => Aim::More,
    };
    let readings: Vec<_> = readings.into_iter().filter(|(when, _)| *when <= as_of).collect();
    let widest = declared.events_of_kind.as_ref().zip(daily).map(|(kind, daily)| {
        let all = KindReading::ALL.map(|reading| events_by_year(&daily.under(reading), kind));
        let known =
            |year: &Vec<(Month, f64)>| year.iter().rfind(|year| year.0 <= as_of).map(|year| year.1);
        all.iter().filter_map(known).fold(0.0, f64::max)
    });
    let at_most = widest.filter(|most| readings.last().is_some_and(|(_, value)| most > value));
    let reached = |value: f64| match aim {
        Aim::Less => at_most.unwrap_or(value) <= declared.target,
        Aim::More => value >= declared.target,
    };
    let passed = declared.due.is_some_and(|due| due < as_of);
    let last = readings.last().copied();
    let old = |when: Month| declared.unit != "yes" && as_of.id() - when.id() > OLD;
    let status = match (last, passed) {
        (Some((when, _)), false) if old(when) => Status::Stale,
        (Some((_, value)), _) if reached(value) => Status::Met,
        (Some(_), true) => Status::Overdue,
        (Some(_), false) => Status::Open,
        (None, true) => Status::OverdueUnmeasurable,
        (None, false) => Status::Unmeasurable,
    };
    let years = |month: Month| f64::from(month.id()) / 12.0;
    let points: Vec<(f64, f64)> = readings.iter().map(|(at, value)| (years(*at), *value)).collect();
    let ahead = declared.due.filter(|_| !passed);
    let on_track = ahead.and_then(|due| on_track(&points, years(due), declared.target, aim, SEED));
    let given = declared.baseline.as_ref().map(|reading| (reading.when, reading.value));
    let baseline = given.or_else(|| readings.first().copied());
    Standing { baseline, last, at_most, status, on_track, declared }
}

/// Events of a kind in each of the last years of the record, dated to the year's end. A year with a
/// month that nothing covers has no reading: it is unknown, not quiet.
///
/// The last year is that of the cycle's last day. Kinds from the chronicle are known in every year,
/// because the case itself keeps them.
fn events_by_year(daily: &Daily, kind: &str) -> Vec<(Month, f64)> {
    let last = daily.cycle.to;
    let to = chrono::Datelike::year(&last);
    let mut years: BTreeMap<i32, f64> = (to - YEARS + 1..=to).map(|year| (year, 0.0)).collect();
    for count in daily.counts.iter().filter(|count| count.kind == kind) {
        if let Some(sum) = years.get_mut(&chrono::Datelike::year(&count.to)) {
            *sum += count.events as f64;
        }
    }
    let from_chronicle =
        daily.cycle.kinds.iter().any(|it| it.id == kind && it.from_chronicle.is_some());
    let known = years.into_iter().filter(|(year, _)| from_chronicle || daily.covers_year(*year));
    known.filter_map(|(year, sum)| Some((Month::new(year, 12)?, sum))).collect()
}
