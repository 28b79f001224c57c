//! Periods compared by region.

use sanad_brief::{Comparison, Measured};
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_cycle::intervention::{InterruptedSettings, interrupted_series};
use sanad_front::rates::BlockBootstrap;
use sanad_source::case::PeriodOf;
use sanad_store::Tally;

use super::Study;
use super::violence::measured;

impl Study {
    pub(super) fn comparisons(&self) -> Vec<Comparison> {
        self.outline.comparisons.iter().map(|declared| self.compare(declared)).collect()
    }

    fn compare(&self, declared: &sanad_source::case::Comparison) -> Comparison {
        let bootstrap = BlockBootstrap::default();
        let region = |of: fn(&Tally) -> f64| {
            let periods = |place: &str| {
                let mean = |period| bootstrap.mean(&self.monthly(place, period, of)?).map(measured);
                declared.periods.iter().map(mean).collect::<Vec<Option<Measured>>>()
            };
            declared.regions.iter().map(|region| periods(&region.place)).collect()
        };
        let ratio = |place: &str| {
            let (first, last) = (declared.periods.first()?, declared.periods.last()?);
            let before = self.monthly(place, first, |tally| tally.events)?;
            let after = self.monthly(place, last, |tally| tally.events)?;
            bootstrap.ratio(&before, &after).map(measured)
        };
        let change = |place: &str| self.change_of_level(place, &declared.periods);
        Comparison {
            id: declared.id.clone(),
            title: declared.title.clone(),
            note: declared.note.clone(),
            periods: declared.periods.iter().map(|period| period.label.clone()).collect(),
            regions: declared.regions.iter().map(|region| region.label.clone()).collect(),
            attacks: region(|tally| tally.events),
            deaths: region(|tally| tally.deaths_best),
            ratios: declared.regions.iter().map(|region| ratio(&region.place)).collect(),
            changes: declared.regions.iter().map(|region| change(&region.place)).collect(),
        }
    }

    /// The rate just after the first period over the rate just before its end, by an interrupted
    /// series over all periods.
    fn change_of_level(&self, place: &str, periods: &[PeriodOf]) -> Option<Measured> {
        let (first, last) = (periods.first()?, periods.last()?);
        let whole = PeriodOf { to: last.to, ..first.clone() };
        let counts = self.monthly(place, &whole, |tally| tally.events)?;
        let counts: Vec<u32> = counts.iter().map(|count| count.round() as u32).collect();
        let settings = InterruptedSettings {
            start: usize::try_from(first.to.id() - first.from.id() + 1).ok()?,
            periods_per_year: 12.0,
            harmonics: 1,
        };
        // A region with too few events to fit has no such number; the table says so.
        let level = interrupted_series(&counts, settings).ok()?.level;
        Some(Measured { low: level.interval.0, value: level.estimate, high: level.interval.1 })
    }

    /// Events with an organisation as a side, by month of a period, in a place of its day.
    /// Nothing when the count does not cover the period.
    fn monthly(&self, place: &str, period: &PeriodOf, of: fn(&Tally) -> f64) -> Option<Vec<f64>> {
        if period.from < self.months[0] || self.months[1] < period.to {
            return None;
        }
        let level = self.book.get(place)?.level;
        let tallies =
            if level == Level::Adm2 { &self.districts_then } else { &self.provinces_then };
        let length = usize::try_from(period.to.id() - period.from.id() + 1).ok()?;
        let mut months = vec![0.0; length];
        let inside = |month: Month| period.from <= month && month <= period.to;
        for tally in tallies.iter().filter(|tally| inside(tally.month)) {
            let here = level == Level::Country || tally.place_id == place;
            if here && self.has_organisation(tally) {
                months[(tally.month.id() - period.from.id()) as usize] += of(tally);
            }
        }
        Some(months)
    }
}
