//! The newest twelve months at the levels at which they are known, and what may follow them.
//!
//! Counts by place often end earlier than counts for the country. So the first page of a briefing
//! takes the newest twelve months from the national series, says at which level each part of them
//! is known, and forecasts the country and its theatres from there. A theatre's months are those of
//! the conflicts that imply it, wherever they were fought. Which model is shown was decided
//! beforehand: the own one only where it beat every benchmark on past years of the country.

use std::collections::{BTreeMap, BTreeSet};

use sanad_brief::latest::{
    LatestOutlook, LatestPlace, LatestScore, LatestTheatre, LatestYear, Lead, LevelLine, Most,
};
use sanad_core::country::Country;
use sanad_core::event::DateRule;
use sanad_core::{Estimate, Month, Progress};
use sanad_forecast::{Draws, Panel, Request, reconcile, sanad};
use sanad_front::rates::BlockBootstrap;
use sanad_numbers::nearest_rank;
use sanad_store::{NationalMonth, Observatory, Table};

use crate::Study;
use crate::coverage::{self, stretches};
use crate::error::{Error, Result};
use crate::levels::{HitRate, KnownLevel, LevelsRequest, LevelsResult, levels};
use crate::outcome::{Outcomes, Place};
use crate::prospect::fan;
use crate::sources;
use crate::tables::trial_table;
use crate::trials::{self, CountryScore, FoundTrials, TrialRequest, try_on_years};

/// Months of the newest year.
const YEAR: i32 = 12;
/// Months forecast. They begin with the month after the last national one.
const STEPS: usize = 12;
/// Draws of a forecast. A chance of one half then has a standard error of 1.6 %.
const DRAWS: usize = 1000;
/// Seed of every draw here.
const SEED: u64 = 1;
/// Months of history drawn before a forecast. The models see the whole history, not these months
/// alone.
const DRAWN_MONTHS: usize = 60;
/// The product's own model.
const OWN: &str = "sanad";
/// The own model before the benchmarks that it has to beat. The order is that of the page's scores.
const TRIED: [&str; 3] = [OWN, "own-last-12", "smoothed-history"];
/// Years that models are tried on. They end with the last year of which every month is final.
const WINDOWS: i32 = 4;

/// Deaths in state-based violence by country and month, for the countries of the national series, from
/// the releases in effect; nothing where no release tells deaths by type.
///
/// Places are countries by their ISO 3166-1 alpha-3 code, in the order of these; the panel runs
/// from the first month of any to the last, and a month that a country does not have is NaN. Models
/// learn from all of them and are scored on one.
///
/// # Errors
///
/// Those of reading the observatory.
pub fn national_outcomes(observatory: &Observatory) -> Result<Option<Outcomes>> {
    let numbers: BTreeSet<i32> = observatory
        .known("country-months", None)
        .flat_map(|snapshot| snapshot.source.coverage.countries.clone())
        .collect();
    let mut known: Vec<(Country, BTreeMap<Month, f64>)> = Vec::new();
    for country in numbers.into_iter().filter_map(Country::of_gwno) {
        let Some(gwno) = country.gwno else { continue };
        let months = observatory.country_months((country.iso3, gwno), None)?.months;
        let deaths = |row: &NationalMonth| Some((row.month, row.deaths_by_type?[0] as f64));
        let deaths: BTreeMap<Month, f64> = months.iter().filter_map(deaths).collect();
        if !deaths.is_empty() {
            known.push((country, deaths));
        }
    }
    // Draws hang on the order of places; this is that of the published trial.
    known.sort_by_key(|(country, _)| country.iso3);
    let series: Vec<&BTreeMap<Month, f64>> = known.iter().map(|(_, deaths)| deaths).collect();
    let Some(panel) = panel(&series)? else { return Ok(None) };
    let place = |country: &Country| Place {
        id: country.iso3.to_owned(),
        name: country.name.to_owned(),
        within: None,
    };
    let places = known.iter().map(|(country, _)| place(country)).collect();
    Ok(Some(Outcomes { column: "place_id".to_owned(), places, panel }))
}

/// A panel of monthly series; a month that a series does not have is missing. `None` where no
/// series has a month.
fn panel(series: &[&BTreeMap<Month, f64>]) -> Result<Option<Panel>> {
    let months = || series.iter().flat_map(|of_place| of_place.keys().copied());
    let Some((first, last)) = months().min().zip(months().max()) else { return Ok(None) };
    let values = series.iter().flat_map(|of_place| {
        Month::range(first, last).map(|month| of_place.get(&month).copied().unwrap_or(f64::NAN))
    });
    let length = usize::try_from(last.id() - first.id() + 1).unwrap_or(0);
    Ok(Some(Panel::new(first.id(), series.len(), length, values.collect())?))
}

/// What the first pages say, without what may come.
///
/// Levels are listed only where there is a newest year to list them for.
pub(crate) fn lead(study: &Study, observatory: &Observatory, threads: usize) -> Result<Lead> {
    let known = levels(observatory, &LevelsRequest::default(), threads)?;
    let latest = latest_year(study, &known);
    let levels = if latest.is_some() { level_lines(&known) } else { Vec::new() };
    Ok(Lead { latest, levels, outlook: None })
}

/// The newest twelve national months, where they are later than the counts by place in a row.
/// `None` where they are not later, and where one of the twelve is not covered. Deaths by type are
/// `None` where one month does not tell types apart.
fn latest_year(study: &Study, known: &LevelsResult) -> Option<LatestYear> {
    let rows = &study.national.months;
    let last = rows.last()?.month;
    if last <= study.months[1] {
        return None;
    }
    let first = last.plus(1 - YEAR);
    let year: Vec<&NationalMonth> = rows.iter().filter(|row| first <= row.month).collect();
    if year.len() != YEAR as usize {
        return None;
    }
    let preliminary = year.iter().find(|row| row.is_preliminary).map(|row| row.month);
    let by_type = year.iter().map(|row| row.deaths_by_type).try_fold([0; 3], |sum, deaths| {
        let deaths = deaths?;
        Some([sum[0] + deaths[0], sum[1] + deaths[1], sum[2] + deaths[2]])
    });
    let placed: Vec<Month> = known
        .months
        .iter()
        .filter(|account| account.level >= KnownLevel::Province)
        .map(|account| account.month)
        .collect();
    let inside: Vec<Month> = placed.iter().copied().filter(|month| first <= *month).collect();
    Some(LatestYear {
        country: study.case.title.clone(),
        months: [first, last],
        source: national_source_of(study, [first, last]),
        preliminary_from: preliminary,
        counts_by: day_word(study.national.date_rule),
        events: year.iter().map(|row| row.events).sum(),
        deaths: year.iter().map(|row| row.deaths_best).sum(),
        by_type,
        change: change_of_latest(rows).map(|ratio| [ratio.low, ratio.value, ratio.high]),
        most: most(rows),
        theatres: latest_theatres(study, known, [first, last]),
        by_place: stretches(&inside),
        by_place_before: placed.iter().copied().filter(|month| *month < first).max(),
    })
}

/// The releases that tell these months, with their versions.
fn national_source_of(study: &Study, months: [Month; 2]) -> String {
    let here: Vec<_> = study
        .national
        .releases
        .iter()
        .filter(|release| release.months[0] <= months[1] && months[0] <= release.months[1])
        .cloned()
        .collect();
    sources::labels(&here)
}

/// The newest months by theatre, with how often the name of a conflict gave the right one. A
/// theatre of which some month is not covered is left out.
fn latest_theatres(study: &Study, known: &LevelsResult, months: [Month; 2]) -> Vec<LatestTheatre> {
    let right = |id: &str| {
        let rates: Vec<&HitRate> =
            known.hit_rates.iter().filter(|hit_rate| hit_rate.theatre == id).collect();
        // The longest stretch says most.
        rates.into_iter().max_by_key(|rate| rate.months[1].id() - rate.months[0].id())
    };
    let series = theatre_series(study);
    let of = |(at, theatre): (usize, &sanad_case::Theatre)| {
        let deaths: Vec<f64> = Month::range(months[0], months[1])
            .filter_map(|month| series[at].get(&month).copied())
            .collect();
        (deaths.len() == YEAR as usize).then(|| LatestTheatre {
            title: theatre.title.clone(),
            deaths: deaths.iter().sum(),
            right: right(&theatre.id).map(|right| (right.events, right.months)),
        })
    };
    study.case.theatres.iter().enumerate().filter_map(of).collect()
}

/// Deaths in state-based violence of each theatre's conflicts by month, wherever they were fought.
/// One map per theatre, in the case's order. A month that a release covers and lists no count for
/// had no death; releases that count by day, or inside the country alone, are left out.
fn theatre_series(study: &Study) -> Vec<BTreeMap<Month, f64>> {
    let mut series = vec![BTreeMap::new(); study.case.theatres.len()];
    for release in study.conflicts.iter().filter(|conflict| crate::levels::is_by_month(conflict)) {
        for (theatre, deaths) in study.case.theatres.iter().zip(&mut series) {
            for month in Month::range(release.months[0], release.months[1]) {
                deaths.entry(month).or_insert(0.0);
            }
            let counts = release.counts.iter();
            for count in counts.filter(|count| theatre.conflicts.contains(&count.conflict)) {
                *deaths.entry(count.month).or_insert(0.0) += count.deaths_best as f64;
            }
        }
    }
    series
}

/// What a forecast of the country's months is tried on: its place among those of `national`, and
/// the last years that are final; nothing where there are none. A year counts as final where its
/// December is.
fn trial_request<'a>(study: &Study, national: &'a Outcomes) -> Option<TrialRequest<'a>> {
    let home = national.places.iter().position(|place| place.id == study.case.iso3)?;
    let last_final = study.national.months.iter().rfind(|row| !row.is_preliminary)?;
    let last_year = last_final.month.plus(1).year() - 1;
    let years = [last_year + 1 - WINDOWS, last_year];
    Some(TrialRequest { outcomes: national, home, years, models: &TRIED })
}

/// Trials of the forecast on past years, run now, with what they were made of; nothing where the record is
/// too short for them.
///
/// The table is what a case ships as its trials: a row per model, year and month, and the notes by
/// which it can be told later whether they still hold.
///
/// # Errors
///
/// Those of reading the observatory and of the models.
pub fn trials(
    study: &Study,
    observatory: &Observatory,
    progress: &dyn Progress,
) -> Result<Option<Table>> {
    let Some(national) = national_outcomes(observatory)? else { return Ok(None) };
    let Some(request) = trial_request(study, &national) else { return Ok(None) };
    trial_table(&try_on_years(&request, progress)?, trials::notes(&request)).map(Some)
}

/// The forecast of the months after the newest, for the country and its theatres. `progress` hears of
/// every year that a model was tried on.
///
/// `None` where no release tells deaths by type, the country is not among the national series, or
/// no trial could be run. Shown is the own model where it is better than every benchmark by
/// `CountryScore::is_better_than`, and else the benchmark with the lowest mean CRPS; the own total
/// is given beside it.
///
/// # Errors
///
/// Those of reading the observatory and of the models.
pub(crate) fn outlook(
    study: &Study,
    observatory: &Observatory,
    progress: &dyn Progress,
) -> Result<Option<LatestOutlook>> {
    let Some(national) = national_outcomes(observatory)? else { return Ok(None) };
    let Some(request) = trial_request(study, &national) else { return Ok(None) };
    let FoundTrials { scores: tried, retried } = trials::find(observatory, &request, progress)?;
    let [own, benchmarks @ ..] = tried.as_slice() else { return Ok(None) };
    let is_better = benchmarks.iter().all(|benchmark| own.is_better_than(benchmark));
    let crps = |score: &CountryScore| score.mean(|row| row.crps);
    let best = benchmarks.iter().min_by(|x, y| crps(x).total_cmp(&crps(y)));
    let shown = match best {
        Some(benchmark) if !is_better => benchmark.model.as_str(),
        _ => OWN,
    };
    let drawn = LatestDraws::new(&national, shown)?;
    let mut places = vec![drawn.outlook_of(request.home, KnownLevel::Country)];
    if let Some(theatres) = theatre_outcomes(study)? {
        let drawn = LatestDraws::new(&theatres, shown)?;
        let known = 0..theatres.places.len();
        places.extend(known.map(|index| drawn.outlook_of(index, KnownLevel::Theatre)));
    }
    let origin = last_month(&national);
    Ok(Some(LatestOutlook {
        target: "deaths in state-based violence".to_owned(),
        source: national_source_of(study, [origin.plus(1 - DRAWN_MONTHS as i32), origin]),
        months: [origin.plus(1), origin.plus(STEPS as i32)],
        drawn_from: origin.plus(1 - DRAWN_MONTHS as i32),
        shown: shown.to_owned(),
        own: OWN.to_owned(),
        scores: tried.iter().map(score_line).collect(),
        tried_on: request.years,
        retried,
        is_better,
        places,
    }))
}

/// The theatres' months as one panel; `None` where no theatre has a month. They are forecast by
/// themselves, not as parts of the country: a conflict's deaths may lie abroad.
fn theatre_outcomes(study: &Study) -> Result<Option<Outcomes>> {
    let series = theatre_series(study);
    let Some(panel) = panel(&series.iter().collect::<Vec<_>>())? else { return Ok(None) };
    let place = |theatre: &sanad_case::Theatre| Place {
        id: theatre.id.clone(),
        name: theatre.title.clone(),
        within: Some(study.case.country.clone()),
    };
    let places = study.case.theatres.iter().map(place).collect();
    Ok(Some(Outcomes { column: "place_id".to_owned(), places, panel }))
}

/// Draws of the newest months of all places, by the model shown and, where that is another, by the own.
struct LatestDraws<'a> {
    /// The series behind the draws.
    outcomes: &'a Outcomes,
    /// Draws of the model that the page shows.
    shown: Draws,
    /// Draws of the own model; `None` where it is the one shown.
    own: Option<Draws>,
}

impl<'a> LatestDraws<'a> {
    /// Draws of all places by the model `shown`.
    fn new(outcomes: &'a Outcomes, shown: &str) -> Result<Self> {
        let own = (shown != OWN).then(|| latest_draws(outcomes, OWN)).transpose()?;
        Ok(Self { outcomes, shown: latest_draws(outcomes, shown)?, own })
    }

    /// The forecast of the country or of one theatre. The sum of the months before is `None` where
    /// one of them is not covered.
    fn outlook_of(&self, place: usize, level: KnownLevel) -> LatestPlace {
        let panel = &self.outcomes.panel;
        let months = panel.months();
        let observed = |from: usize| (from..months).map(|month| panel.value(place, month));
        let past = observed(months.saturating_sub(DRAWN_MONTHS)).collect();
        let path = fan(&self.outcomes.places[place].name, past, &self.shown, place);
        LatestPlace {
            level: level.as_str(),
            before: observed(months.saturating_sub(STEPS)).sum(),
            total: totals(&self.shown, place),
            own_total: self.own.as_ref().map(|draws| totals(draws, place)),
            name: path.name,
            observed: path.observed,
            median: path.median,
            bands: path.bands,
        }
    }
}

/// The rows of the months in a row that end with the last, and whether these are all.
fn last_run(rows: &[NationalMonth]) -> (&[NationalMonth], bool) {
    let months: Vec<Month> = rows.iter().map(|row| row.month).collect();
    let first = coverage::last_run(&months);
    (&rows[first..], first == 0)
}

/// Deaths in the newest twelve months against the twelve before; nothing where one of these is not
/// covered. The interval holds 95 % and comes from resampled blocks of three months.
fn change_of_latest(rows: &[NationalMonth]) -> Option<Estimate> {
    let (run, _) = last_run(rows);
    let deaths: Vec<f64> = run.iter().map(|row| row.deaths_best as f64).collect();
    let end = deaths.len();
    let (before, after) = (deaths.get(end.checked_sub(24)?..end - 12)?, &deaths[end - 12..]);
    BlockBootstrap::default().ratio(before, after)
}

/// The last month of the last earlier twelve with at least as many deaths, without overlap, among
/// months in a row. Beyond a gap nothing can be said: months there may have had more.
fn most(rows: &[NationalMonth]) -> Most<Month> {
    let (run, is_whole) = last_run(rows);
    let sum = |end: usize| run[end + 1 - 12..=end].iter().map(|row| row.deaths_best).sum::<i64>();
    if run.len() < 12 {
        return Most::NotKnown;
    }
    let last = run.len() - 1;
    let earlier = 11..(last + 1).saturating_sub(12);
    let found = earlier.rev().find(|&end| sum(end) >= sum(last));
    match found {
        Some(end) => Most::Since(run[end].month),
        None if is_whole => Most::OfSeries,
        None => Most::NotKnown,
    }
}

/// Draws of the months after the last one, which move together as they did before.
///
/// The draws of each place are reordered by the Schaake shuffle, so that a sum over months or
/// places can be taken draw by draw.
fn latest_draws(outcomes_of: &Outcomes, model: &str) -> Result<Draws> {
    let request = Request::new(1..=STEPS, DRAWS, SEED)?;
    let past = outcomes_of.panel.up_to(outcomes_of.panel.months() - 1)?;
    let Some(model) = sanad::by_name(model) else {
        return Err(Error::Request {
            field: "model",
            found: model.to_owned(),
            expected: "a model",
        });
    };
    let each = model.forecast(&past, &request)?;
    Ok(reconcile::shuffle_by_history(&past, &each, &request)?)
}

/// Quantiles of the sum over all steps at 5, 25, 50, 75 and 95 %. Each is a sum that was drawn: the
/// order statistic nearest to the place (n − 1)·p.
fn totals(draws: &Draws, place: usize) -> [f64; 5] {
    let mut sums: Vec<u64> = (0..draws.draws())
        .map(|draw| (0..draws.steps()).map(|step| u64::from(draws.cell(place, step)[draw])).sum())
        .collect();
    sums.sort_unstable();
    [0.05, 0.25, 0.5, 0.75, 0.95]
        .map(|share| nearest_rank(&sums, share).map_or(f64::NAN, |sum| sum as f64))
}

/// How a model did on past years, as the page lists it. Coverage is that of the central 90 %.
fn score_line(score: &CountryScore) -> LatestScore {
    let inside = score.rows.iter().filter(|row| row.is_inside).count();
    LatestScore {
        model: score.model.clone(),
        crps: score.mean(|row| row.crps),
        log_crps: score.mean(|row| row.log1p_crps),
        inside: [inside, score.rows.len()],
    }
}

/// The last month of a series.
fn last_month(outcomes_of: &Outcomes) -> Month {
    Month::from_id(outcomes_of.panel.month_id(outcomes_of.panel.months() - 1))
}

/// Since when each level is known by which source, as the page lists it. A stretch without an event
/// at its level is left out.
fn level_lines(known: &LevelsResult) -> Vec<LevelLine> {
    let shown = known.stretches.iter().filter(|stretch| stretch.known.events > 0.0);
    shown
        .map(|stretch| LevelLine {
            level: stretch.level.as_str(),
            months: stretch.months,
            source: stretch.source.clone(),
            counts_by: day_word(stretch.date_rule),
            is_preliminary: stretch.is_preliminary,
            what: stretch.what.clone(),
            deaths: stretch.known.deaths,
        })
        .collect()
}

/// The day by which a source dates what lasted for several. `None` where it is not known, and where
/// an event is spread over its days.
const fn day_word(rule: Option<DateRule>) -> Option<&'static str> {
    match rule {
        Some(DateRule::Start) => Some("first"),
        Some(DateRule::End) => Some("last"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chrono::NaiveDate;

    use super::*;
    use crate::Silent;

    /// Months of a national series: `[from, to]` with so many deaths each.
    fn rows(runs: &[(&str, &str, i64)]) -> Vec<NationalMonth> {
        let of_run = |&(from, to, deaths): &(&str, &str, i64)| {
            let months = Month::range(from.parse().unwrap(), to.parse().unwrap());
            months.map(move |month| NationalMonth {
                month,
                events: 1,
                deaths_best: deaths,
                deaths_high: None,
                events_by_type: [1, 0, 0],
                deaths_by_type: None,
                is_preliminary: false,
            })
        };
        runs.iter().flat_map(of_run).collect()
    }

    #[test]
    fn the_newest_year_is_compared_with_months_in_a_row_and_with_none_beyond_a_gap() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let whole = rows(&[
            ("2020-01", "2020-12", 9),
            ("2021-01", "2021-12", 2),
            ("2022-01", "2022-12", 4),
        ]);
        assert!((change_of_latest(&whole).unwrap().value - 2.0).abs() < 1e-9);
        // Four months of nine and eight of two are more than twelve of four; three and nine are not.
        assert_eq!(most(&whole), Most::Since(month("2021-08")));
        assert_eq!(most(&whole[12..]), Most::OfSeries);
        let gap = rows(&[("2020-01", "2021-06", 9), ("2022-01", "2022-12", 4)]);
        assert_eq!(change_of_latest(&gap), None, "the twelve months before are not all covered");
        assert_eq!(most(&gap), Most::NotKnown);
        let longer = rows(&[("2018-01", "2018-12", 9), ("2021-01", "2022-12", 4)]);
        assert!((change_of_latest(&longer).unwrap().value - 1.0).abs() < 1e-9);
        assert_eq!(most(&longer), Most::Since(month("2021-12")));
        assert_eq!(most(&rows(&[("2022-01", "2022-05", 1)])), Most::NotKnown);
    }

    /// The benchmarks are tried as a whole, and the own model on the last year alone: the rest takes minutes.
    #[test]
    fn trials_that_the_case_ships_are_what_the_models_give() {
        let folder = tempfile::tempdir().unwrap();
        let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let day = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        observatory.import_case(&case, false, day).unwrap();
        let study = Study::read(&observatory, 1, &Silent).unwrap();
        let national = national_outcomes(&observatory).unwrap().unwrap();
        let request = trial_request(&study, &national).unwrap();
        let shipped = observatory.trials().unwrap().expect("the case ships trials");
        assert_eq!(shipped.notes, trials::notes(&request), "write cases/pakistan/trials.csv anew");

        let benchmarks = TrialRequest { models: &TRIED[1..], ..request };
        for score in try_on_years(&benchmarks, &Silent).unwrap() {
            assert_eq!(score.rows, shipped.of_model(&score.model), "{}", score.model);
        }
        let last = TrialRequest { models: &TRIED[..1], years: [request.years[1]; 2], ..request };
        let own = try_on_years(&last, &Silent).unwrap().remove(0);
        let origin = own.rows[0].origin;
        let expected = shipped.of_model(OWN).into_iter().filter(|row| row.origin == origin);
        assert_eq!(own.rows, expected.collect::<Vec<_>>());

        let found = trials::find(&observatory, &request, &Silent).unwrap();
        assert!(found.retried.is_none() && found.scores.len() == TRIED.len());
        let found = trials::find(&observatory, &benchmarks, &Silent).unwrap();
        assert!(found.retried.unwrap().contains("(models differs)"), "others are tried anew");
        assert_eq!(found.scores.len(), benchmarks.models.len());
    }
}
