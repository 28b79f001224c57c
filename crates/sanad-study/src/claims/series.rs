//! The monthly series that tests of claims name.

use sanad_case::conflict_counts::ConflictCount;
use sanad_case::{CountedSeries, Quantity, SeriesSource};
use sanad_core::Month;
use sanad_store::Tally;

use crate::Study;
use crate::levels::{by_month, by_pair, is_by_pair};

/// Monthly counts from a first month on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClaimMonths {
    pub(super) from: Month,
    pub(super) values: Vec<f64>,
}

impl ClaimMonths {
    /// Values of the months `from` to `to`, both included; nothing where some month is not covered.
    pub(super) fn between(&self, from: Month, to: Month) -> Option<&[f64]> {
        let first = usize::try_from(from.id() - self.from.id()).ok()?;
        let last = usize::try_from(to.id() - self.from.id()).ok()?;
        self.values.get(first..=last)
    }

    pub(super) fn last(&self) -> Month {
        self.from.plus(self.values.len() as i32 - 1)
    }
}

impl Study {
    /// Counts a declared series over all months that its source covers.
    pub(super) fn counted_series(&self, declared: &CountedSeries) -> ClaimMonths {
        match declared.source {
            SeriesSource::Shipped => {
                let shipped = self.shipped_series.iter().find(|(it, _)| it.id == declared.id);
                shipped
                    .map_or(ClaimMonths { from: self.months[0], values: Vec::new() }, |(it, _)| {
                        ClaimMonths { from: it.from, values: it.values.clone() }
                    })
            }
            SeriesSource::National => self.national_series(declared.quantity),
            SeriesSource::Pairs => self.pair_series(declared),
            SeriesSource::Places => {
                let mut values = vec![0.0; self.length()];
                for tally in self
                    .provinces_now
                    .iter()
                    .filter(|provinces_now| self.counts_in(declared, provinces_now))
                {
                    values[self.at(tally.month)] += match declared.quantity {
                        Quantity::Deaths => tally.deaths_best,
                        Quantity::CivilianDeaths => tally.deaths_civilians,
                        _ => tally.events,
                    };
                }
                ClaimMonths { from: self.months[0], values }
            }
        }
    }

    fn national_series(&self, quantity: Quantity) -> ClaimMonths {
        let value = |row: &sanad_store::NationalMonth| match quantity {
            Quantity::Deaths => row.deaths_best as f64,
            _ => row.events as f64,
        };
        let run = self.national_run();
        let from = run.first().map_or(self.months[0], |row| row.month);
        ClaimMonths { from, values: run.iter().map(value).collect() }
    }

    /// Counts by pair of sides, of the first stretch of final months that the case ships. A month in which
    /// no such pair is listed had none.
    fn pair_series(&self, declared: &CountedSeries) -> ClaimMonths {
        let Some(release) = by_pair(&self.conflicts).next() else {
            return ClaimMonths { from: self.months[0], values: Vec::new() };
        };
        let values = by_month(release, |count| {
            self.is_pair_of(declared, count).then(|| match declared.quantity {
                Quantity::Deaths => count.deaths_best as f64,
                _ => count.events as f64,
            })
        });
        ClaimMonths { from: release.months[0], values }
    }

    fn is_pair_of(&self, declared: &CountedSeries, count: &ConflictCount) -> bool {
        let sides = [count.side_a.as_str(), count.side_b.as_str()];
        let mut actors = self.actors.iter().filter(|actor| sides.contains(&actor.id.as_str()));
        let names = |list: &[String]| list.iter().any(|id| sides.contains(&id.as_str()));
        is_by_pair(count)
            && (declared.violence.is_empty() || declared.violence.contains(&count.violence))
            && (declared.families.is_empty()
                || actors.any(|actor| declared.families.contains(&actor.family)))
            && (declared.actors.is_empty() || names(&declared.actors))
            && !names(&declared.without_actors)
    }

    fn counts_in(&self, declared: &CountedSeries, tally: &Tally) -> bool {
        let (actors, places) = (&declared.actors, &declared.places);
        self.has_sides(declared.sides, tally)
            && (declared.violence.is_empty() || declared.violence.contains(&tally.violence))
            && self.has_family(&declared.families, tally)
            && (actors.is_empty() || self.has_actor(actors, tally))
            && !self.has_actor(&declared.without_actors, tally)
            && (places.is_empty() || places.contains(&tally.place_id))
    }
}
