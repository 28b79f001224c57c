//! The monthly series that tests of claims name.

use sanad_core::Month;
use sanad_source::case::{CountedSeries, Quantity, SeriesSource, Sides};
use sanad_store::Tally;

use crate::study::Study;

/// Monthly counts from a first month on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Monthly {
    pub(super) from: Month,
    pub(super) values: Vec<f64>,
}

impl Monthly {
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
    pub(super) fn counted_series(&self, declared: &CountedSeries) -> Monthly {
        match declared.source {
            SeriesSource::National => self.national_series(declared.quantity),
            SeriesSource::Places => {
                let mut values = vec![0.0; self.length()];
                for tally in self.provinces_now.iter().filter(|it| self.counts_in(declared, it)) {
                    values[self.at(tally.month)] += match declared.quantity {
                        Quantity::Deaths => tally.deaths_best,
                        Quantity::CivilianDeaths => tally.deaths_civilians,
                        _ => tally.events,
                    };
                }
                Monthly { from: self.months[0], values }
            }
        }
    }

    fn national_series(&self, quantity: Quantity) -> Monthly {
        let value = |row: &sanad_store::NationalMonth| match quantity {
            Quantity::Deaths => row.deaths_best as f64,
            _ => row.events as f64,
        };
        let from = self.national.first().map_or(self.months[0], |row| row.month);
        Monthly { from, values: self.national.iter().map(value).collect() }
    }

    fn counts_in(&self, declared: &CountedSeries, tally: &Tally) -> bool {
        let any = |list: &[String], id: &str| list.is_empty() || list.iter().any(|it| it == id);
        let violence = declared.violence.is_empty() || declared.violence.contains(&tally.violence);
        let families = declared.families.is_empty()
            || self.sides(tally).any(|side| declared.families.contains(&self.kind(side).1));
        let has = |ids: &[String]| self.sides(tally).any(|side| self.is_one_of(side, ids));
        let actors =
            (declared.actors.is_empty() || has(&declared.actors)) && !has(&declared.without_actors);
        violence
            && families
            && actors
            && any(&declared.places, &tally.place_id)
            && self.has_sides(declared.sides, tally)
    }

    fn is_one_of(&self, side: i64, actors: &[String]) -> bool {
        let listed = self.actors.iter().filter(|actor| actors.contains(&actor.id));
        listed.flat_map(|actor| &actor.ucdp_ids).any(|&number| number == side)
    }

    fn has_sides(&self, wanted: Option<Sides>, tally: &Tally) -> bool {
        let own = |side: i64| self.own_state.contains(&side);
        match wanted {
            None => true,
            Some(Sides::Organisation) => self.has_organisation(tally),
            Some(Sides::OwnState) if tally.violence == 3 => own(tally.side_a_id),
            Some(Sides::OwnState) => self.sides(tally).any(own),
            Some(Sides::OtherState) => {
                self.sides(tally).any(|side| self.is_state(side) && !own(side))
            }
            Some(Sides::NoState) => self.sides(tally).all(|side| !self.is_state(side)),
        }
    }
}
