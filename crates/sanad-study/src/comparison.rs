//! Periods compared by region.
//!
//! A comparison is declared in `brief.toml`: periods of months and regions, which are the country,
//! provinces or districts. A number here is a rate per month, so that periods of different length
//! compare; a change is given twice, as the plain ratio of means and as a break of an interrupted
//! series that takes trend and season into account. Neither says that one thing caused the other.

use sanad_brief::{ComparedKind, Comparison};
use sanad_case::{DeclaredKind, PeriodOf};
use sanad_core::Estimate;
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_evidence::intervention::{InterruptedSettings, interrupted_series};
use sanad_front::rates::BlockBootstrap;
use sanad_store::Tally;

use super::Study;
use super::interventions::enough;
use super::kinds::Daily;

/// Every comparison of periods that the case declares.
pub(crate) fn comparisons(study: &Study) -> Vec<Comparison> {
    study.outline.comparisons.iter().map(|declared| compare(study, declared)).collect()
}

/// Events and deaths per month by region and period, with intervals by resampled blocks of months.
/// The first and the last period are the two that ratios and changes compare. What the counts do
/// not cover is `None` for that region and period, and no zero.
fn compare(study: &Study, declared: &sanad_case::Comparison) -> Comparison {
    let bootstrap = BlockBootstrap::default();
    let region = |of: fn(&Tally) -> f64| {
        let periods = |place: &str| {
            let mean = |period| bootstrap.mean(&monthly(study, place, period, of)?);
            declared.periods.iter().map(mean).collect::<Vec<Option<Estimate>>>()
        };
        declared.regions.iter().map(|region| periods(&region.place)).collect()
    };
    let ratio = |place: &str| {
        let (first, last) = (declared.periods.first()?, declared.periods.last()?);
        let before = monthly(study, place, first, |tally| tally.events)?;
        let after = monthly(study, place, last, |tally| tally.events)?;
        bootstrap.ratio(&before, &after)
    };
    let change = |place: &str| change_of_level(study, place, &declared.periods);
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
        kinds: kinds_apart(study, declared),
    }
}

/// The kinds that the case looks at around the intervention of the same name.
///
/// An intervention and a comparison belong together where their identifiers are equal. A kind of
/// which some events cannot be told apart is given twice, without and with them.
fn kinds_apart(study: &Study, declared: &sanad_case::Comparison) -> Vec<ComparedKind> {
    let Some(daily) = &study.daily else { return Vec::new() };
    let Some(around) =
        daily.cycle.interventions.iter().find(|intervention| intervention.id == declared.id)
    else {
        return Vec::new();
    };
    let bootstrap = BlockBootstrap::default();
    let of = |(counted, title): (String, String)| {
        let mean = |place: &str, period: &PeriodOf| {
            bootstrap.mean(&monthly_of_kind(study, &counted, place, period)?)
        };
        let change = |place: &str| {
            let (first, last) = (declared.periods.first()?, declared.periods.last()?);
            let whole = PeriodOf { to: last.to, ..first.clone() };
            level_after(&monthly_of_kind(study, &counted, place, &whole)?, first)
        };
        let places = || declared.regions.iter().map(|region| region.place.as_str());
        ComparedKind {
            title,
            means: places()
                .map(|place| declared.periods.iter().map(|period| mean(place, period)).collect())
                .collect(),
            changes: places().map(change).collect(),
        }
    };
    let kinds = daily.cycle.kinds.iter().filter(|kind| around.kinds.contains(&kind.id));
    kinds.flat_map(|kind| bounds_of(daily, kind)).map(of).collect()
}

/// Events of one kind by month of a period, in the country or a province.
///
/// An event counts in the month of its last day. `None` for a district, because kinds are counted
/// by province, and for a period that reaches beyond the days of the cycle.
fn monthly_of_kind(study: &Study, kind: &str, place: &str, period: &PeriodOf) -> Option<Vec<f64>> {
    let daily = study.daily.as_ref()?;
    let level = study.book.get(place)?.level;
    let covered = Month::from_date(daily.cycle.from) <= period.from
        && period.to <= Month::from_date(daily.cycle.to);
    if level == Level::Adm2 || !covered {
        return None;
    }
    let length = usize::try_from(period.to.id() - period.from.id() + 1).ok()?;
    let mut months = vec![0.0; length];
    let here = |id: &str| level == Level::Country || id == place;
    let counts = daily.counts.iter().filter(|count| count.kind == kind && here(&count.place_id));
    for count in counts {
        let at = usize::try_from(Month::from_date(count.to).id() - period.from.id());
        if let Some(month) = at.ok().and_then(|at| months.get_mut(at)) {
            *month += count.events as f64;
        }
    }
    Some(months)
}

/// The rate just after the first period over the rate just before its end, by an interrupted series
/// over all periods. The interval holds 95 %. The months between the periods are part of the
/// series.
fn change_of_level(study: &Study, place: &str, periods: &[PeriodOf]) -> Option<Estimate> {
    let (first, last) = (periods.first()?, periods.last()?);
    let whole = PeriodOf { to: last.to, ..first.clone() };
    let counts = monthly(study, place, &whole, |tally| tally.events)?;
    level_after(&counts, first)
}

/// Events with an organisation as a side, by month of a period, in a place of its day. Nothing when
/// the count does not cover the period. An event without an organisation as a side, such as one
/// between states, is left out here, so that columns of events and deaths speak of the same events.
fn monthly(
    study: &Study,
    place: &str,
    period: &PeriodOf,
    of: fn(&Tally) -> f64,
) -> Option<Vec<f64>> {
    if period.from < study.months[0] || study.months[1] < period.to {
        return None;
    }
    let level = study.book.get(place)?.level;
    let tallies = if level == Level::Adm2 { &study.districts_then } else { &study.provinces_then };
    let length = usize::try_from(period.to.id() - period.from.id() + 1).ok()?;
    let mut months = vec![0.0; length];
    let inside = |month: Month| period.from <= month && month <= period.to;
    for tally in tallies.iter().filter(|tally| inside(tally.month)) {
        let here = level == Level::Country || tally.place_id == place;
        if here && study.parties.has_organisation(tally) {
            months[(tally.month.id() - period.from.id()) as usize] += of(tally);
        }
    }
    Some(months)
}

/// The rate just after the first period over the rate just before its end; nothing for a region
/// with too few events to fit. One harmonic a year takes up the season.
fn level_after(counts: &[f64], first: &PeriodOf) -> Option<Estimate> {
    let counts: Vec<u32> = counts.iter().map(|count| count.round() as u32).collect();
    // The break lies between the last month of the first period and the next.
    let settings = InterruptedSettings {
        start: usize::try_from(first.to.id() - first.from.id() + 1).ok()?,
        periods_per_year: 12.0,
        harmonics: 1,
    };
    if !enough(&counts, settings.start) {
        return None;
    }
    let level = interrupted_series(&counts, settings).ok()?.level;
    Some(level.ratio)
}

/// The names that a kind is counted under, with their titles: what can be told of it, and that with all
/// events that are not told apart where there are any.
fn bounds_of(daily: &Daily, kind: &DeclaredKind) -> Vec<(String, String)> {
    let told = (kind.id.clone(), kind.title.clone());
    let days = [daily.cycle.from, daily.cycle.to];
    let rest = kind.may_hold_rest() && daily.told_share(&kind.id, days).rest > 0;
    let with_rest = rest.then(|| {
        let title = format!("{}, with all that is not told apart", kind.title);
        (DeclaredKind::id_with_rest(&kind.id), title)
    });
    core::iter::once(told).chain(with_rest).collect()
}
