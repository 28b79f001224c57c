//! How many events of each kind a record has by year, how many cannot be told apart, and what bounds
//! the harm that the state did to civilians.
//!
//! A year is that of an event's last day. Three accounts are given of the same events: by kind,
//! where every event is in exactly one row; by kind of the cycle, with what is not told apart
//! beside it; and bounds on harm, because whose hand killed civilians in fighting is not in the
//! record.

use std::collections::BTreeMap;

use chrono::Datelike;
use sanad_case::EventKind;
use sanad_store::DayCount;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kinds::{Daily, with_civilians};

/// Which years are counted. A year is that of an event's last day. A year without an event is a row
/// of zeros; it is not asked here whether a release covers it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindYearsRequest {
    /// First year; that of the first event when `None`.
    pub from: Option<i32>,
    /// Last year; that of the last event when `None`.
    pub to: Option<i32>,
}

/// The record by year and kind, three tables. A row without a year sums all of them.
///
/// Rows are ordered by year, the sum over all years last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KindYears {
    /// Every event in exactly one row of its year. Eight rows a year, also for kinds without an
    /// event.
    pub events: Vec<EventsOfKind>,
    /// Kinds of the cycle with what is not told apart and may be of them. Kinds that the case takes
    /// from its chronicle have none.
    pub told: Vec<ToldOfKind>,
    /// Bounds on events in which the state harmed civilians.
    pub harm: Vec<HarmBounds>,
}

/// Events of one kind in a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventsOfKind {
    /// The year; all years when `None`.
    pub year: Option<i32>,
    /// The kind.
    pub kind: EventKind,
    /// Events.
    pub events: i64,
    /// Those of them that span a month or more and enter no day.
    pub remainders: i64,
    /// Deaths, best estimate. All dead of these events, of whatever side.
    pub deaths_best: i64,
    /// Share of the year's events, 0 to 1. It is 0 in a year without an event.
    pub share_of_events: f64,
}

/// Events of one kind of the cycle in a year, but for remainders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldOfKind {
    /// The year; all years when `None`.
    pub year: Option<i32>,
    /// Identifier of the kind in the case's cycle.
    pub kind: String,
    /// Events that the source tells to be of the kind.
    pub told: i64,
    /// Events that are not told apart and may be of the kind. An event may stand here for several
    /// kinds: rows do not add up to the record.
    pub not_told_apart: i64,
    /// Share that can be told, 0 to 1; nothing in a year without an event.
    pub share_told: Option<f64>,
}

/// Events in which civilians died by the own state, as three bounds, each within the next.
///
/// The truth of what the state did to civilians is not among the bounds where a source leaves
/// events out; they bound what the record holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HarmBounds {
    /// The year; all years when `None`.
    pub year: Option<i32>,
    /// One-sided violence by the state: the source ascribes the dead to it.
    pub ascribed: i64,
    /// The same and operations in which civilians died, by whatever hand. An operation is an event
    /// of the state against an organisation, by the case's rules.
    pub in_operations: i64,
    /// The same and all other fighting of the state in which civilians died. Attacks on the state
    /// and what is not told apart are added; the state is side A in all of them.
    pub in_any_fighting: i64,
    /// Best estimate of all deaths in the events of the widest bound. Of all sides, not of
    /// civilians alone.
    pub deaths_in_any_fighting: i64,
}

/// Events under one name in a year, those of them that span a month or more, and the dead.
#[derive(Default, Clone, Copy)]
struct Sum {
    events: i64,
    remainders: i64,
    deaths: i64,
}

impl Sum {
    /// Adds a row of the counts.
    fn add(&mut self, count: &DayCount) {
        self.events += count.events;
        self.deaths += count.deaths_best;
        self.remainders += if count.is_remainder() { count.events } else { 0 };
    }
}

/// Sums by name and year; `None` for the sum over all years. Names are kinds, kinds with civilian
/// dead, and kinds of the cycle with and without what is not told apart.
struct KindSums(BTreeMap<(String, Option<i32>), Sum>);

impl KindSums {
    /// The sum of a name in a year, or over all years; zero where nothing was counted.
    fn get(&self, name: &str, year: Option<i32>) -> Sum {
        self.0.get(&(name.to_owned(), year)).copied().unwrap_or_default()
    }
}

/// The record by year and kind.
///
/// # Errors
///
/// [`Error::CaseLacks`] where the days at hand were counted without kinds of event.
pub fn kind_years(daily: &Daily, request: KindYearsRequest) -> Result<KindYears> {
    let is_event = |name: &str| EventKind::ALL.iter().any(|kind| kind.as_str() == name);
    let years: Vec<i32> = daily
        .counts
        .iter()
        .filter(|count| is_event(&count.kind))
        .map(|count| count.to.year())
        .collect();
    let missing = Error::CaseLacks { missing: "counts by kind of event" };
    let (first, last) = years.iter().min().zip(years.iter().max()).ok_or(missing)?;
    let (from, to) = (request.from.unwrap_or(*first), request.to.unwrap_or(*last));
    let mut sums = KindSums(BTreeMap::new());
    for count in &daily.counts {
        let year = count.to.year();
        if (from..=to).contains(&year) {
            for year in [Some(year), None] {
                sums.0.entry((count.kind.clone(), year)).or_default().add(count);
            }
        }
    }
    let rows: Vec<Option<i32>> = (from..=to).map(Some).chain([None]).collect();
    Ok(KindYears {
        events: rows.iter().flat_map(|&year| events_of(&sums, year)).collect(),
        told: rows.iter().flat_map(|&year| told_of(daily, &sums, year)).collect(),
        harm: rows.iter().map(|&year| harm_of(&sums, year)).collect(),
    })
}

/// Events of each kind that the source's sides and dead tell.
fn events_of(sums: &KindSums, year: Option<i32>) -> Vec<EventsOfKind> {
    let all: i64 = EventKind::ALL.iter().map(|kind| sums.get(kind.as_str(), year).events).sum();
    let row = |kind: EventKind| {
        let sum = sums.get(kind.as_str(), year);
        EventsOfKind {
            year,
            kind,
            events: sum.events,
            remainders: sum.remainders,
            deaths_best: sum.deaths,
            share_of_events: sum.events as f64 / all.max(1) as f64,
        }
    };
    EventKind::ALL.into_iter().map(row).collect()
}

/// Of each kind that the case declares, how much can be told. What may be of the kind is the count
/// with the rest less the count without.
fn told_of(daily: &Daily, sums: &KindSums, year: Option<i32>) -> Vec<ToldOfKind> {
    let kinds = daily.cycle.kinds.iter().filter(|kind| kind.from_chronicle.is_none());
    let row = |kind: &sanad_case::DeclaredKind| {
        let told = sums.get(&kind.id, year).events;
        let with_rest = sanad_case::DeclaredKind::id_with_rest(&kind.id);
        let rest = (sums.get(&with_rest, year).events - told).max(0);
        ToldOfKind {
            year,
            kind: kind.id.clone(),
            told,
            not_told_apart: rest,
            share_told: (told + rest > 0).then(|| told as f64 / (told + rest) as f64),
        }
    };
    kinds.map(row).collect()
}

/// The three bounds of harm by the state.
fn harm_of(sums: &KindSums, year: Option<i32>) -> HarmBounds {
    let civilians = |kind: EventKind| sums.get(&with_civilians(kind), year);
    let ascribed = sums.get(EventKind::HarmByState.as_str(), year);
    let operations = civilians(EventKind::Operation);
    let others = [EventKind::Attack, EventKind::NotToldApart].map(civilians);
    let in_operations = ascribed.events + operations.events;
    HarmBounds {
        year,
        ascribed: ascribed.events,
        in_operations,
        in_any_fighting: in_operations + others.iter().map(|other| other.events).sum::<i64>(),
        deaths_in_any_fighting: ascribed.deaths
            + operations.deaths
            + others.iter().map(|other| other.deaths).sum::<i64>(),
    }
}
