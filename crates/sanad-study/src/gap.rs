//! Forecasts of districts from the end of a gap in which only theatres were known, tried where
//! nothing was hidden in truth.
//!
//! The years of the gap are hidden before each origin; sums by theatre stay known, as a conflict's name
//! tells them. Districts forecast from these sums and from shares before the gap
//! ([`AfterGap`]) stand against each district's own last twelve known months. How the trial is judged
//! was written down before it was run: forecasts by district are shown only where they won.

use sanad_case::Theatre;
use sanad_core::place::PlaceBook;
use sanad_core::{Month, Parts};
use sanad_forecast::gap::{AfterGap, BeforeGap, deal_out};
use sanad_forecast::score::{Ecdf, crps};
use sanad_forecast::{Benchmark, Draws, Model, Panel, Request, backtest_reporting, sanad};
use sanad_store::{ConflictRelease, Observatory};
use serde::{Deserialize, Serialize};

use crate::Progress;
use crate::coverage;
use crate::error::{Error, Result};
use crate::levels::{by_month, by_pair, is_by_pair};
use crate::outcome::{Outcomes, Place, Target, finest_unit, of_observatory};
use crate::scoring::{Line, Named, lines};

/// Months ahead that are scored: the year after the gap.
const STEPS: usize = 12;
/// What a district's forecast has to beat.
const REFERENCE: Benchmark = Benchmark::OwnLast { months: 12 };
/// UCDP's type of the violence that conflicts' names tell of.
const STATE_BASED: u8 = 1;
/// Years of a trial.
const TRIED_YEARS: i32 = 10;
/// Scores that decide: both have to be lower.
const DECIDING: [&str; 2] = ["crps", "log1p_crps"];

/// A trial of forecasts across a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapTrialRequest {
    /// First and last year forecast, each from the December before; the last ten whole years that are known by
    /// district when absent.
    #[serde(default)]
    pub years: Option<[i32; 2]>,
    /// Months hidden before each origin.
    pub gap_months: usize,
    /// Draws of each forecast.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for GapTrialRequest {
    /// The last ten years after four hidden ones, 1,000 draws.
    fn default() -> Self {
        Self { years: None, gap_months: 48, draws: 1_000, seed: 1 }
    }
}

/// What a trial of forecasts across a gap found.
#[derive(Debug, Clone, PartialEq)]
pub struct GapTrial {
    /// Scores over all windows and by year, of the forecast against the reference.
    pub lines: Vec<Line>,
    /// Places that were scored.
    pub places: usize,
    /// Whether the forecast won by the rule: mean CRPS and CRPS of logarithms both lower, and the 90 %
    /// interval of the difference in CRPS below zero.
    pub is_better: bool,
}

/// Hides months of districts before each origin and forecasts the year after.
///
/// # Errors
///
/// [`Error::NoMonths`] for a record without months by place; [`Error::Window`] for a year without its origin or
/// hidden months; those of reading the observatory and of the models.
pub fn gap_trial(
    observatory: &Observatory,
    request: &GapTrialRequest,
    threads: usize,
    progress: &dyn Progress,
) -> Result<GapTrial> {
    let (case, book) = (observatory.case()?, observatory.places()?);
    progress.begin("count deaths by place");
    let outcomes =
        of_observatory(observatory, finest_unit(&book), Target::STATE_BASED, None, threads)?;
    let groups = theatre_of_places(&outcomes, &case.theatres, &book);
    let panel = outcomes.panel.clone().with_groups(groups)?;
    progress.end(&format!("{} places", panel.places()));
    let [first, last] = match request.years {
        Some(years) => years,
        None => last_years(&observatory.months_covered(&case.series(), case.gwno, None)?)?,
    };
    let origins = (first..=last)
        .map(|year| origin(&panel, year, request.gap_months))
        .collect::<Result<Vec<usize>>>()?;
    let gap_months = request.gap_months;
    let model = AfterGap { model: sanad::ensemble()?, gap_months };
    let reference = BeforeGap { model: REFERENCE, gap_months };
    let asked = Request::new(1..=STEPS, request.draws, request.seed)?;
    progress.begin("forecast across the gap");
    let parts = Parts::new(progress, 2 * origins.len());
    let after_each = || parts.done();
    let tried = backtest_reporting(&model, &panel, &origins, &asked, &after_each)?;
    let known = backtest_reporting(&reference, &panel, &origins, &asked, &after_each)?;
    progress.end(&format!("{} windows", origins.len()));
    let names = [model.name(), reference.name()];
    let own = Named { name: &names[0], table: &tried.scores };
    let other = [Named { name: &names[1], table: &known.scores }];
    let mut found = lines(own, &other, "all", |_| true, request.seed)?;
    for (year, &origin) in (first..).zip(&origins) {
        let of_year = |row: &sanad_forecast::score::Row| row.origin == origin;
        found.extend(lines(own, &other, &year.to_string(), of_year, request.seed)?);
    }
    let is_better = is_better(&found);
    Ok(GapTrial { lines: found, places: panel.places(), is_better })
}

/// What a district may expect in a month after the gap.
#[derive(Debug, Clone, PartialEq)]
pub struct DistrictMonth {
    /// The district, by id.
    pub place_id: String,
    /// Its name.
    pub place: String,
    /// The theatre it lies in, by id.
    pub theatre: String,
    /// The month.
    pub month: Month,
    /// Deaths: mean of the draws.
    pub mean: f64,
    /// Deaths: ends of the central 90 % of the draws.
    pub interval: [f64; 2],
    /// Share of draws with a death, 0 to 1.
    pub chance_any: f64,
    /// Deaths recorded in the month, where a release at hand knows it by district.
    pub recorded: Option<f64>,
    /// CRPS of the draws, and of the district's own last twelve known months, where recorded.
    pub crps: Option<[f64; 2]>,
}

/// Districts forecast from the last month that is known by theatre.
#[derive(Debug, Clone, PartialEq)]
pub struct GapForecast {
    /// The last month in a row known by district.
    pub known_by_district: Month,
    /// The last month known by theatre: the forecast begins with the next.
    pub known_by_theatre: Month,
    /// The release that the theatres' months are counted from.
    pub source: String,
    /// A row per district and month, by district.
    pub rows: Vec<DistrictMonth>,
}

/// Forecasts the districts of the case's theatres over a gap in which months are known by theatre alone;
/// nothing where there is no such gap.
///
/// Theatres' months are state-based deaths in the conflicts that imply them, wherever they were fought.
///
/// # Errors
///
/// Those of reading the observatory; [`Error::Window`] for a request without a draw.
pub fn forecast_after_gap(
    observatory: &Observatory,
    request: &GapTrialRequest,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<GapForecast>> {
    let (case, book) = (observatory.case()?, observatory.places()?);
    progress.begin("count deaths by place");
    let unit = finest_unit(&book);
    let outcomes = of_observatory(observatory, unit, Target::STATE_BASED, None, threads)?;
    progress.end(&format!("{} places", outcomes.places.len()));
    let covered = observatory.months_covered(&case.series(), case.gwno, None)?;
    let releases = observatory.conflict_counts(case.gwno, None)?;
    let (Some([_, known]), Some(levels)) =
        (coverage::unbroken(&covered), TheatreMonths::read(&releases, &case.theatres))
    else {
        return Ok(None);
    };
    let origin = levels.months[1];
    if origin <= known {
        return Ok(None);
    }
    let asked = Request::new(1..=STEPS, request.draws, request.seed)?;
    progress.begin("forecast across the gap");
    let panel = levels.panel()?;
    let sums = sanad::ensemble()?.forecast(&panel.up_to(panel.months() - 1)?, &asked)?;
    let districts = Districts::of(&outcomes, &case.theatres, &book)?;
    let Some(last) = districts.panel.month_index(known.id()) else { return Ok(None) };
    let past = districts.panel.up_to(last)?;
    let draws = deal_out(&sums, &past, &asked)?;
    let own = REFERENCE.forecast(&past, &asked)?;
    let months: Vec<Month> = (1..=STEPS).map(|step| origin.plus(step as i32)).collect();
    let rows = districts.rows(&case.theatres, &months, [&draws, &own]);
    progress.end(&format!("{} districts", districts.places.len()));
    Ok(Some(GapForecast {
        known_by_district: known,
        known_by_theatre: origin,
        source: levels.source,
        rows,
    }))
}

/// State-based deaths by theatre and month, from the names of conflicts.
struct TheatreMonths {
    /// First and last month.
    months: [Month; 2],
    /// By theatre, then month.
    deaths: Vec<Vec<f64>>,
    source: String,
}

impl TheatreMonths {
    /// From the first stretch of final months; nothing without one, or without theatres.
    fn read(releases: &[ConflictRelease], theatres: &[Theatre]) -> Option<Self> {
        let release = by_pair(releases).next().filter(|_| !theatres.is_empty())?;
        let of_theatre = |theatre: &Theatre| {
            by_month(release, |count| {
                let is_its = is_by_pair(count)
                    && count.violence == STATE_BASED
                    && theatre.conflicts.contains(&count.conflict);
                is_its.then_some(count.deaths_best as f64)
            })
        };
        let deaths = theatres.iter().map(of_theatre).collect();
        Some(Self { months: release.months, deaths, source: release.label.clone() })
    }

    /// The theatres as the places of a panel.
    fn panel(&self) -> Result<Panel> {
        let [from, to] = self.months;
        let months = Month::range(from, to).count();
        Ok(Panel::new(from.id(), self.deaths.len(), months, self.deaths.concat())?)
    }
}

/// The districts of the theatres, each in the group of its own.
struct Districts {
    places: Vec<Place>,
    panel: Panel,
}

impl Districts {
    /// The districts that lie in a theatre.
    fn of(outcomes: &Outcomes, theatres: &[Theatre], book: &PlaceBook) -> Result<Self> {
        let all = theatre_of_places(outcomes, theatres, book);
        let kept: Vec<usize> =
            (0..all.len()).filter(|&place| (all[place] as usize) < theatres.len()).collect();
        let whole = &outcomes.panel;
        let values = kept
            .iter()
            .flat_map(|&place| (0..whole.months()).map(move |month| whole.value(place, month)))
            .map(|value| value.unwrap_or(f64::NAN))
            .collect();
        let panel = Panel::new(whole.month_id(0), kept.len(), whole.months(), values)?
            .with_groups(kept.iter().map(|&place| all[place]).collect())?;
        Ok(Self { places: kept.iter().map(|&at| outcomes.places[at].clone()).collect(), panel })
    }

    /// A row per district and month, from the draws and those of the reference.
    fn rows(
        &self,
        theatres: &[Theatre],
        months: &[Month],
        [draws, own]: [&Draws; 2],
    ) -> Vec<DistrictMonth> {
        let mut rows = Vec::new();
        for (at, place) in self.places.iter().enumerate() {
            for (step, &month) in months.iter().enumerate() {
                let ecdf = Ecdf::from_draws(draws.cell(at, step));
                let recorded = self
                    .panel
                    .month_index(month.id())
                    .and_then(|month| self.panel.value(at, month));
                let score =
                    |draws: &Draws, seen| crps(&Ecdf::from_draws(draws.cell(at, step)), seen);
                let cell = draws.cell(at, step);
                let number = cell.len().max(1) as f64;
                rows.push(DistrictMonth {
                    place_id: place.id.clone(),
                    place: place.name.clone(),
                    theatre: theatres[self.panel.groups()[at] as usize].id.clone(),
                    month,
                    mean: cell.iter().map(|&x| f64::from(x)).sum::<f64>() / number,
                    interval: [ecdf.quantile(0.05), ecdf.quantile(0.95)],
                    chance_any: cell.iter().filter(|&&x| x > 0).count() as f64 / number,
                    recorded,
                    crps: recorded.map(|seen| [score(draws, seen), score(own, seen)]),
                });
            }
        }
        rows
    }
}

/// The last years of the months in a row by district.
fn last_years(covered: &[Month]) -> Result<[i32; 2]> {
    let [_, to] = coverage::unbroken(covered).ok_or(Error::NoMonths)?;
    let last = to.plus(1).year() - 1;
    Ok([last + 1 - TRIED_YEARS, last])
}

/// The theatre of each place by position among the case's; those of none are a group of their own.
fn theatre_of_places(outcomes: &Outcomes, theatres: &[Theatre], book: &PlaceBook) -> Vec<u32> {
    let holds = |theatre: &Theatre, id: &str| {
        let place = book.get(id);
        let within = place.and_then(|place| place.within.as_deref());
        [Some(id), within]
            .into_iter()
            .flatten()
            .any(|id| theatre.provinces.iter().any(|it| it == id))
    };
    let group = |id: &str| theatres.iter().position(|theatre| holds(theatre, id));
    let places = outcomes.places.iter();
    places
        .map(|place| {
            let own = group(&place.id).or_else(|| group(place.within.as_deref()?));
            own.unwrap_or(theatres.len()) as u32
        })
        .collect()
}

/// The December before a year, where the panel has the months that are hidden before it.
fn origin(panel: &Panel, year: i32, gap_months: usize) -> Result<usize> {
    let december = Month::new(year - 1, 12);
    let found = december.and_then(|month| panel.month_index(month.id()));
    found.filter(|&origin| origin > gap_months).ok_or_else(|| Error::Window {
        year,
        problem: format!("it needs {gap_months} months to hide before the December before it"),
    })
}

/// The rule that was written down before the trial was run.
fn is_better(lines: &[Line]) -> bool {
    let difference = |score: &str| {
        let mut of_all = lines.iter().filter(|line| line.window == "all");
        of_all.find(|line| line.score == score).and_then(|line| line.difference)
    };
    let both_lower = DECIDING
        .iter()
        .all(|score| difference(score).is_some_and(|difference| difference.mean.value < 0.0));
    both_lower && difference(DECIDING[0]).is_some_and(|difference| difference.mean.high < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_core::Estimate;
    use sanad_forecast::score::BootstrapMean;

    fn line(score: &'static str, mean: f64, upper: f64) -> Line {
        Line {
            forecast: "a".to_owned(),
            window: "all".to_owned(),
            score,
            cells: 1,
            mean: None,
            against: Some("b".to_owned()),
            difference: Some(BootstrapMean {
                mean: Estimate::new(mean - 1.0, mean, upper),
                share_negative: 0.5,
                places: 3,
            }),
        }
    }

    #[test]
    fn the_years_tried_are_the_last_whole_ones_before_a_gap() {
        let months =
            |from: &str, to: &str| Month::range(from.parse().unwrap(), to.parse().unwrap());
        let covered: Vec<Month> =
            months("1989-01", "2021-12").chain(months("2026-01", "2026-02")).collect();
        assert_eq!(last_years(&covered).unwrap(), [2012, 2021]);
        let cut: Vec<Month> = months("1989-01", "2021-06").collect();
        assert_eq!(last_years(&cut).unwrap(), [2011, 2020]);
        assert!(last_years(&[]).is_err());
    }

    #[test]
    fn a_forecast_wins_only_with_both_scores_and_an_interval_below_zero() {
        let won = |crps, upper, logs| {
            is_better(&[line("crps", crps, upper), line("log1p_crps", logs, logs + 1.0)])
        };
        assert!(won(-0.5, -0.1, -0.2));
        assert!(!won(-0.5, 0.1, -0.2));
        assert!(!won(-0.5, -0.1, 0.2));
        assert!(!won(0.5, 0.6, -0.2));
        assert!(!is_better(&[]));
    }
}
