//! What dated interventions left in the monthly record: an interrupted series for each region, and
//! for the regions that were meant, a comparison with districts that were not.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_cycle::intervention::{
    InterruptedFit, InterruptedSettings, RateRatio, SyntheticControl, interrupted_series,
    synthetic_control, time_placebos,
};
use sanad_source::case::{
    Document, Intervention, Interventions, Known, Region, read_interventions,
};
use sanad_store::{Observatory, PanelRequest, PlacesOf, Tally, Unit};

use super::Study;
use crate::error::{Error, Result};

/// Months after the start at which the change is read, beside the start itself.
pub(crate) const READ_AFTER_MONTHS: u32 = 12;
/// Months of a period in the comparison with untreated districts.
const PERIOD_MONTHS: usize = 3;
/// Events before the start that a district must have to stand in for what would have been.
const FEWEST_EVENTS: f64 = 8.0;
/// Events that a series must have for a change to be fitted.
const FEWEST_TO_FIT: u32 = 20;
/// Months that a placebo date leaves on either side.
const PLACEBO_MARGIN_MONTHS: usize = 18;

/// Placebo dates, and how many of them show a change as large in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placebos {
    pub(crate) dates: usize,
    pub(crate) as_large: usize,
}

/// The series of one region around one intervention.
#[derive(Debug, Clone)]
pub(crate) struct Interrupted {
    /// What is counted: `events` with an organisation as a side, `attacks` alone, or `all events`
    /// of the national series, which may go on for longer.
    pub(crate) measure: &'static str,
    pub(crate) months: [Month; 2],
    pub(crate) counted: Vec<f64>,
    /// Index of the first month after.
    pub(crate) start: usize,
    /// Nothing when there are too few events to fit.
    pub(crate) fit: Option<InterruptedFit>,
    pub(crate) placebos: Placebos,
}

/// A treated region against districts that were not.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    /// Names of the donors.
    pub(crate) donors: Vec<String>,
    /// Everything in shares of the unit's own mean before the start, by quarter.
    pub(crate) found: SyntheticControl,
    pub(crate) treated: Vec<f64>,
    /// Mean events a month before.
    pub(crate) mean_before: f64,
    pub(crate) dates: Placebos,
}

/// One intervention, region by region.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) intervention: Intervention,
    /// The months looked at: those declared, as far as the record covers them.
    pub(crate) months: [Month; 2],
    pub(crate) regions: Vec<(Region, Interrupted)>,
    pub(crate) controls: Vec<(Region, std::result::Result<Control, String>)>,
}

/// Monthly events with an organisation as a side, by today's place.
struct Counted {
    from: Month,
    months: usize,
    places: BTreeMap<String, Vec<f64>>,
    /// Events anywhere in the country.
    country: Vec<f64>,
}

impl Study {
    /// Looks at every declared intervention, or at the one called `id`.
    pub(crate) fn interventions(
        &self,
        observatory: &Observatory,
        id: Option<&str>,
        threads: usize,
    ) -> Result<Vec<Looked>> {
        let text = observatory.document(Document::Interventions)?;
        let text = text.ok_or(Error::CaseLacks { missing: "interventions" })?;
        let declared = read_interventions(&text, &Known::of(&self.book, &self.actors))?;
        let wanted: Vec<&Intervention> =
            declared.interventions.iter().filter(|it| id.is_none_or(|id| it.id == id)).collect();
        if let (Some(id), true) = (id, wanted.is_empty()) {
            return Err(Error::Option {
                option: "--id",
                found: id.to_owned(),
                expected: "the id of an intervention of the case",
            });
        }
        let counted = self.counted_by_place(observatory, threads)?;
        wanted.into_par_iter().map(|it| self.look(&declared, it, &counted)).collect()
    }

    fn counted_by_place(&self, observatory: &Observatory, threads: usize) -> Result<Counted> {
        let series = self.case.event_source.clone().unwrap_or_else(|| "ucdp-ged".to_owned());
        let request = PanelRequest {
            places_of: PlacesOf::Current,
            series,
            ..PanelRequest::new(Unit::Adm2, self.months[0], self.months[1])
        };
        let districts = observatory.tallies(&request, threads)?;
        let months = self.length();
        let mut counted = Counted {
            from: self.months[0],
            months,
            places: BTreeMap::new(),
            country: vec![0.0; months],
        };
        let mut add = |tally: &Tally, into_country: bool| {
            let at = (tally.month.id() - counted.from.id()) as usize;
            if into_country {
                counted.country[at] += tally.events;
            }
            let series = counted.places.entry(tally.place_id.clone());
            series.or_insert_with(|| vec![0.0; months])[at] += tally.events;
        };
        let with_organisation = |tally: &&Tally| self.has_organisation(tally);
        self.provinces_now.iter().filter(with_organisation).for_each(|tally| add(tally, true));
        let below = |tally: &&Tally| {
            self.book.get(&tally.place_id).is_some_and(|place| place.level == Level::Adm2)
        };
        let fine = districts.iter().filter(with_organisation).filter(below);
        fine.for_each(|tally| add(tally, false));
        Ok(counted)
    }

    fn look(
        &self,
        declared: &Interventions,
        intervention: &Intervention,
        counted: &Counted,
    ) -> Result<Looked> {
        let last = counted.from.plus(counted.months as i32 - 1);
        let months = [intervention.from.max(counted.from), intervention.to.min(last)];
        let start = first_month_after(intervention);
        let of = |region: &Region| {
            let events = enough(months, start).then(|| self.region(region, counted, months));
            let attacks = self.attacks(declared, region, months);
            let whole = [intervention.from, intervention.to];
            let national = self.is_national(region).then(|| self.all_events(whole)).flatten();
            [("events", months, events), ("attacks", months, attacks)]
                .into_iter()
                .chain(national.map(|(months, series)| ("all events", months, Some(series))))
                .filter(|(_, months, _)| enough(*months, start))
                .filter_map(|(measure, months, series)| {
                    Some((region.clone(), interrupted(measure, months, series?, start)))
                })
                .collect::<Vec<_>>()
        };
        let regions = declared.regions.par_iter().flat_map_iter(of).collect();
        let controls = intervention
            .treated
            .iter()
            .filter_map(|id| declared.region(id))
            .map(|region| {
                let found = self.control(declared, intervention, region, counted, months);
                (region.clone(), found)
            })
            .collect();
        Ok(Looked { intervention: intervention.clone(), months, regions, controls })
    }

    fn is_national(&self, region: &Region) -> bool {
        let whole =
            |id: &String| self.book.get(id).is_some_and(|place| place.level == Level::Country);
        region.places.iter().any(whole)
    }

    /// Events of the national series between two months, as far as it goes.
    fn all_events(&self, [from, to]: [Month; 2]) -> Option<([Month; 2], Vec<f64>)> {
        let inside = self.national.iter().filter(|row| from <= row.month && row.month <= to);
        let series: Vec<f64> = inside.clone().map(|row| row.events as f64).collect();
        let months = [inside.clone().next()?.month, inside.clone().next_back()?.month];
        let whole = months[1].id() - months[0].id() + 1 == series.len() as i32;
        whole.then_some((months, series))
    }

    /// Events of a region by month.
    fn region(&self, region: &Region, counted: &Counted, months: [Month; 2]) -> Vec<f64> {
        let at = |month: Month| (month.id() - counted.from.id()) as usize;
        let none = vec![0.0; counted.months];
        let of = |id: &String| -> &[f64] {
            let whole = self.book.get(id).is_some_and(|place| place.level == Level::Country);
            if whole { &counted.country } else { counted.places.get(id).unwrap_or(&none) }
        };
        (at(months[0])..=at(months[1]))
            .map(|month| {
                let sum = |ids: &[String]| ids.iter().map(|id| of(id)[month]).sum::<f64>();
                (sum(&region.places) - sum(&region.without)).max(0.0)
            })
            .collect()
    }

    /// Attacks in a region's provinces by month; nothing where they are not counted by day over all
    /// the months, or the region is no sum of provinces.
    fn attacks(
        &self,
        declared: &Interventions,
        region: &Region,
        [from, to]: [Month; 2],
    ) -> Option<Vec<f64>> {
        let daily = self.daily.as_ref()?;
        let covered = Month::of(daily.cycle.from) <= from && to <= Month::of(daily.cycle.to);
        if !covered || region.provinces.is_empty() {
            return None;
        }
        let mut months = vec![0.0; usize::try_from(to.id() - from.id() + 1).ok()?];
        for count in &daily.counts {
            let at = usize::try_from(Month::of(count.from).id() - from.id()).ok();
            let here = region.provinces.contains(&count.place_id);
            if let Some(month) = at.and_then(|at| months.get_mut(at))
                && here
                && declared.attacks.contains(&count.kind)
            {
                *month += count.events as f64;
            }
        }
        Some(months)
    }

    /// A treated region against districts outside of it and of the regions it reached as well.
    fn control(
        &self,
        declared: &Interventions,
        intervention: &Intervention,
        region: &Region,
        counted: &Counted,
        months: [Month; 2],
    ) -> std::result::Result<Control, String> {
        let before = first_month_after(intervention).id() - months[0].id();
        let periods_before = usize::try_from(before).unwrap_or(0) / PERIOD_MONTHS;
        // Whole quarters on either side of the start.
        let skipped = usize::try_from(before).unwrap_or(0) % PERIOD_MONTHS;
        let quarters = |series: &[f64]| -> Vec<f64> {
            let whole = series[skipped..].chunks_exact(PERIOD_MONTHS);
            whole.map(|quarter| quarter.iter().sum()).collect()
        };
        let reached = |place: &str| {
            let regions = intervention.no_donors.iter().chain(&intervention.treated);
            regions.filter_map(|id| declared.region(id)).any(|region| {
                let within = self.book.get(place).and_then(|it| it.within.as_ref());
                let named = |id: &String| id == place || within == Some(id);
                region.places.iter().any(named) && !region.without.iter().any(|id| id == place)
            })
        };
        let district = |id: &str| {
            self.book.get(id).is_some_and(|place| place.level == Level::Adm2) && !reached(id)
        };
        let one = |id: &str| Region {
            id: String::new(),
            title: String::new(),
            places: vec![id.to_owned()],
            without: Vec::new(),
            provinces: Vec::new(),
        };
        let mut donors = Vec::new();
        let mut names = Vec::new();
        let mut offer = |name: &str, region: &Region| {
            let series = quarters(&self.region(region, counted, months));
            let events: f64 = series.iter().take(periods_before).sum();
            if events >= FEWEST_EVENTS {
                donors.push(against_own_mean(&series, periods_before));
                names.push(name.to_owned());
            }
        };
        for (id, series) in counted.places.iter().filter(|(id, _)| district(id)) {
            if is_whole(series) {
                offer(self.book.get(id).map_or(id, |place| &place.name), &one(id));
            }
        }
        // A city that the source does not divide stands in as the one region that it is.
        for region in &declared.regions {
            if region.places.len() > 1 && region.places.iter().all(|id| district(id)) {
                offer(&region.title, region);
            }
        }
        let series = quarters(&self.region(region, counted, months));
        let treated = against_own_mean(&series, periods_before);
        let found = synthetic_control(&treated, &donors, periods_before)
            .map_err(|error| format!("{}: {error}", donors_found(donors.len())))?;
        let margin = PLACEBO_MARGIN_MONTHS / PERIOD_MONTHS;
        let dates: Vec<usize> = (margin..periods_before.saturating_sub(margin)).collect();
        let others = time_placebos(&treated, &donors, periods_before, &dates)
            .map_err(|error| error.to_string())?;
        let own = found.gap_after / found.gap_before.max(1e-12);
        let as_large = others.iter().filter(|it| it.ratio >= own).count();
        let sum: f64 = series.iter().take(periods_before).sum();
        Ok(Control {
            donors: names,
            mean_before: sum / (periods_before * PERIOD_MONTHS).max(1) as f64,
            dates: Placebos { dates: others.len(), as_large },
            treated,
            found,
        })
    }
}

fn donors_found(donors: usize) -> String {
    format!("{donors} districts with at least {FEWEST_EVENTS} events before it")
}

/// A month that the intervention began in the second half of counts as before.
fn first_month_after(intervention: &Intervention) -> Month {
    use chrono::Datelike;
    let month = Month::of(intervention.day);
    if intervention.day.day() > 15 { month.plus(1) } else { month }
}

/// Whether a district's events are its own, and not for the most part its share of a larger place's.
fn is_whole(series: &[f64]) -> bool {
    let (all, shares) = series.iter().filter(|&&value| value > 0.0).fold((0, 0), |sums, value| {
        (sums.0 + 1, sums.1 + usize::from((value - value.round()).abs() > 1e-6))
    });
    2 * shares <= all
}

/// A series in shares of its own mean over the periods before.
fn against_own_mean(series: &[f64], before: usize) -> Vec<f64> {
    let mean = series.iter().take(before).sum::<f64>() / before.max(1) as f64;
    series.iter().map(|value| if mean > 0.0 { value / mean } else { 0.0 }).collect()
}

/// Whether eight months lie on either side of the start.
fn enough(months: [Month; 2], start: Month) -> bool {
    start.id() - months[0].id() >= 8 && months[1].id() - start.id() + 1 >= 8
}

fn interrupted(
    measure: &'static str,
    months: [Month; 2],
    counted: Vec<f64>,
    start: Month,
) -> Interrupted {
    let start = usize::try_from(start.id() - months[0].id()).unwrap_or(0);
    let counts: Vec<u32> = counted.iter().map(|value| value.round() as u32).collect();
    let settings = InterruptedSettings { start, periods_per_year: 12.0, harmonics: 1 };
    let enough = counts.iter().sum::<u32>() >= FEWEST_TO_FIT;
    let fit = interrupted_series(&counts, settings).ok().filter(|_| enough);
    let placebos = fit.as_ref().map_or(Placebos { dates: 0, as_large: 0 }, |fit| {
        placebos(&counts, settings, &fit.change_at(READ_AFTER_MONTHS))
    });
    Interrupted { measure, months, counted, start, fit, placebos }
}

/// The same at other dates, on the months before the start only, in units of their standard errors.
fn placebos(counts: &[u32], settings: InterruptedSettings, found: &RateRatio) -> Placebos {
    let size = |ratio: &RateRatio| ratio.estimate.ln() / (ratio.interval.1 / ratio.interval.0).ln();
    let before = &counts[..settings.start.min(counts.len())];
    let last = (before.len() + 1).saturating_sub(PLACEBO_MARGIN_MONTHS);
    let changes: Vec<f64> = (PLACEBO_MARGIN_MONTHS..last)
        .filter_map(|start| {
            let fit = interrupted_series(before, InterruptedSettings { start, ..settings }).ok()?;
            Some(size(&fit.change_at(READ_AFTER_MONTHS)))
        })
        .collect();
    let own = size(found);
    let as_large =
        changes.iter().filter(|&&other| if own < 0.0 { other <= own } else { other >= own });
    Placebos { dates: changes.len(), as_large: as_large.count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(months: i32) -> [Month; 2] {
        [Month::from_id(101), Month::from_id(100 + months)]
    }

    #[test]
    fn a_fall_at_the_date_is_seen_and_dates_before_it_show_none_as_large() {
        let counted: Vec<f64> = (0..100)
            .map(|month| f64::from(20 + month * 7 % 5) * if month >= 60 { 0.3 } else { 1.0 })
            .collect();
        let found = interrupted("events", span(100), counted, Month::from_id(161));
        let level = found.fit.unwrap().level;
        assert!(level.interval.1 < 0.5 && level.interval.0 > 0.15, "{level:?}");
        assert!(found.placebos.dates > 10);
        assert_eq!(found.placebos.as_large, 0);
    }

    #[test]
    fn a_region_without_events_has_no_fit() {
        assert!(interrupted("events", span(60), vec![0.0; 60], Month::from_id(131)).fit.is_none());
    }

    #[test]
    fn shares_of_a_larger_place_are_no_events_of_ones_own() {
        assert!(is_whole(&[0.0, 2.0, 1.0, 0.5]));
        assert!(!is_whole(&[0.0, 0.37, 0.185, 1.0]));
    }

    #[test]
    fn a_series_against_its_own_mean_has_mean_one_before() {
        assert_eq!(against_own_mean(&[2.0, 4.0, 6.0], 2), [2.0 / 3.0, 4.0 / 3.0, 2.0]);
        assert_eq!(against_own_mean(&[0.0, 0.0, 6.0], 2), [0.0, 0.0, 0.0]);
    }
}
