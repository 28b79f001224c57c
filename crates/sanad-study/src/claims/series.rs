//! The monthly series that tests of claims name.
//!
//! A series is declared in `claims.toml` with its source: counts by place, national releases,
//! counts by pair of sides, or a series that the case ships. A value stands for every month from
//! the first to the last; a series of which no value is at hand is empty, and its test then says
//! what it lacks.

use sanad_case::conflict_counts::ConflictCount;
use sanad_case::{CountedSeries, Quantity, SeriesSource};
use sanad_core::Month;
use sanad_store::Tally;

use crate::Study;
use crate::levels::{by_month, by_pair, is_by_pair};
use crate::violence::national_run;

/// Monthly counts from a first month on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClaimMonths {
    pub(super) from: Month,
    pub(super) values: Vec<f64>,
}

impl ClaimMonths {
    /// Values of the months `from` to `to`, both included; nothing where some month is not covered.
    /// One value a month, in order of time.
    pub(super) fn between(&self, from: Month, to: Month) -> Option<&[f64]> {
        let first = usize::try_from(from.id() - self.from.id()).ok()?;
        let last = usize::try_from(to.id() - self.from.id()).ok()?;
        self.values.get(first..=last)
    }

    /// The last month.
    pub(super) fn last(&self) -> Month {
        self.from.plus(self.values.len() as i32 - 1)
    }
}

/// Counts a declared series over all months that its source covers. Counts by place are on today's
/// provinces. Deaths of civilians are known by place alone: a case that asks for them of pairs is
/// refused when it is read, and of national months events are counted.
pub(crate) fn counted_series(study: &Study, declared: &CountedSeries) -> ClaimMonths {
    match declared.source {
        SeriesSource::Shipped => {
            let shipped = study.shipped_series.iter().find(|(it, _)| it.id == declared.id);
            shipped.map_or(ClaimMonths { from: study.months[0], values: Vec::new() }, |(it, _)| {
                ClaimMonths { from: it.from, values: it.values.clone() }
            })
        }
        SeriesSource::National => national_series(study, declared.quantity),
        SeriesSource::Pairs => pair_series(study, declared),
        SeriesSource::Places => {
            let mut values = vec![0.0; study.length()];
            for tally in study
                .provinces_now
                .iter()
                .filter(|provinces_now| counts_in(study, declared, provinces_now))
            {
                values[study.month_index(tally.month)] += match declared.quantity {
                    Quantity::Deaths => tally.deaths_best,
                    Quantity::CivilianDeaths => tally.deaths_civilians,
                    _ => tally.events,
                };
            }
            ClaimMonths { from: study.months[0], values }
        }
    }
}

/// Events or deaths of the country by month, from national releases. Only the latest run of months
/// without a gap is used (`violence::national_run`).
fn national_series(study: &Study, quantity: Quantity) -> ClaimMonths {
    let value = |row: &sanad_store::NationalMonth| match quantity {
        Quantity::Deaths => row.deaths_best as f64,
        _ => row.events as f64,
    };
    let run = national_run(study);
    let from = run.first().map_or(study.months[0], |row| row.month);
    ClaimMonths { from, values: run.iter().map(value).collect() }
}

/// Counts by pair of sides, of the first stretch of final months that the case ships. A month in which
/// no such pair is listed had none.
fn pair_series(study: &Study, declared: &CountedSeries) -> ClaimMonths {
    let Some(release) = by_pair(&study.conflicts).next() else {
        return ClaimMonths { from: study.months[0], values: Vec::new() };
    };
    let values = by_month(release, |count| {
        is_pair_of(study, declared, count).then_some(match declared.quantity {
            Quantity::Deaths => count.deaths_best as f64,
            _ => count.events as f64,
        })
    });
    ClaimMonths { from: release.months[0], values }
}

/// Whether a count is of a pair of sides that a series counts.
fn is_pair_of(study: &Study, declared: &CountedSeries, count: &ConflictCount) -> bool {
    let sides = [count.side_a.as_str(), count.side_b.as_str()];
    let mut actors = study.actors.iter().filter(|actor| sides.contains(&actor.id.as_str()));
    let names = |list: &[String]| list.iter().any(|id| sides.contains(&id.as_str()));
    is_by_pair(count)
        && (declared.violence.is_empty() || declared.violence.contains(&count.violence))
        && (declared.families.is_empty()
            || actors.any(|actor| declared.families.contains(&actor.family)))
        && (declared.actors.is_empty() || names(&declared.actors))
        && !names(&declared.without_actors)
}

/// Whether an event is one of those that a series counts.
fn counts_in(study: &Study, declared: &CountedSeries, tally: &Tally) -> bool {
    let (actors, places) = (&declared.actors, &declared.places);
    study.parties.has_sides(declared.sides, tally)
        && (declared.violence.is_empty() || declared.violence.contains(&tally.violence))
        && study.parties.has_family(&declared.families, tally)
        && (actors.is_empty() || study.parties.has_actor(actors, tally))
        && !study.parties.has_actor(&declared.without_actors, tally)
        && (places.is_empty() || places.contains(&tally.place_id))
}
