//! Forecasts of districts from the end of a gap in which only theatres were known, tried where
//! nothing was hidden in truth.
//!
//! The years of the gap are hidden before each origin; sums by theatre stay known, as a conflict's name
//! tells them. Districts forecast from these sums and from shares before the gap
//! ([`AfterGap`]) stand against each district's own last twelve known months. How the trial is judged
//! was written down before it was run: forecasts by district are shown only where they won.

use sanad_case::Theatre;
use sanad_case::gap_forecast::GapDistrict;
use sanad_core::place::PlaceBook;
use sanad_core::{Estimate, Month, Parts};
use sanad_forecast::gap::{AfterGap, BeforeGap, deal_out};
use sanad_forecast::score::{Ecdf, crps};
use sanad_forecast::{Benchmark, Draws, Model, Panel, Request, backtest_reporting, sanad};
use sanad_numbers::sorted_quantile;
use sanad_store::{ConflictRelease, Digest, Observatory};
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
pub(crate) const DECIDING: [&str; 2] = ["crps", "log1p_crps"];

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
    /// A row per district over all months forecast.
    pub districts: Vec<GapDistrict>,
}

/// What districts are forecast from where there is a gap: their own months, and the theatres' after them.
pub(crate) struct GapRecord {
    districts: Districts,
    theatres: Vec<Theatre>,
    levels: TheatreMonths,
    /// The last month in a row known by district.
    known: Month,
    /// The months that the case's source covers, ascending.
    covered: Vec<Month>,
}

impl GapRecord {
    /// Nothing where no month is known by theatre after the last one in a row known by district.
    pub(crate) fn read(observatory: &Observatory, threads: usize) -> Result<Option<Self>> {
        let (case, book) = (observatory.case()?, observatory.places()?);
        let covered = observatory.months_covered(&case.series(), case.gwno, None)?;
        let releases = observatory.conflict_counts(case.gwno, None)?;
        let (Some([_, known]), Some(levels)) =
            (coverage::unbroken(&covered), TheatreMonths::read(&releases, &case.theatres))
        else {
            return Ok(None);
        };
        if levels.months[1] <= known {
            return Ok(None);
        }
        let unit = finest_unit(&book);
        let outcomes = of_observatory(observatory, unit, Target::STATE_BASED, None, threads)?;
        let districts = Districts::of(&outcomes, &case.theatres, &book)?;
        Ok(Some(Self { districts, theatres: case.theatres, levels, known, covered }))
    }

    /// The last month known by theatre: the forecast begins with the next.
    pub(crate) const fn origin(&self) -> Month {
        self.levels.months[1]
    }

    /// The last month in a row known by district.
    pub(crate) const fn known(&self) -> Month {
        self.known
    }

    /// The release that the theatres' months are counted from.
    pub(crate) fn source(&self) -> &str {
        &self.levels.source
    }

    /// The years of a trial: those of the request, or the last ten whole ones known by district.
    pub(crate) fn tried_years(&self, request: &GapTrialRequest) -> Result<[i32; 2]> {
        request.years.map_or_else(|| last_years(&self.covered), Ok)
    }

    /// The title of a theatre; its id where the case has none of that id.
    pub(crate) fn title_of(&self, theatre: &str) -> String {
        let found = self.theatres.iter().find(|one| one.id == theatre);
        found.map_or_else(|| theatre.to_owned(), |one| one.title.clone())
    }

    /// SHA-256 of all that the forecast and its trial follow from, as text: months and deaths of each
    /// district with its theatre, and of each theatre.
    pub(crate) fn sha256(&self) -> String {
        let panel = &self.districts.panel;
        let mut text = format!("{} {} {}\n", panel.month_id(0), self.known, self.origin());
        for (position, place) in self.districts.places.iter().enumerate() {
            let theatre = &self.theatres[panel.groups()[position] as usize].id;
            text.push_str(&format!("{} {theatre}", place.id));
            for month in 0..panel.months() {
                match panel.value(position, month) {
                    Some(deaths) => text.push_str(&format!(" {deaths}")),
                    None => text.push_str(" -"),
                }
            }
            text.push('\n');
        }
        text.push_str(&format!("{:?}\n", self.levels.months));
        for (theatre, deaths) in self.theatres.iter().zip(&self.levels.deaths) {
            text.push_str(&format!("{} {deaths:?}\n", theatre.id));
        }
        Digest::from_bytes(text.as_bytes()).sha256
    }

    /// The forecast of every district.
    fn forecast(&self, request: &GapTrialRequest) -> Result<Option<GapForecast>> {
        let asked = Request::new(1..=STEPS, request.draws, request.seed)?;
        let panel = self.levels.panel()?;
        let sums = sanad::ensemble()?.forecast(&panel.up_to(panel.months() - 1)?, &asked)?;
        let Some(last) = self.districts.panel.month_index(self.known.id()) else { return Ok(None) };
        let past = self.districts.panel.up_to(last)?;
        let draws = deal_out(&sums, &past, &asked)?;
        let own = REFERENCE.forecast(&past, &asked)?;
        let origin = self.origin();
        let months: Vec<Month> = (1..=STEPS).map(|step| origin.plus(step as i32)).collect();
        Ok(Some(GapForecast {
            known_by_district: self.known,
            known_by_theatre: origin,
            source: self.levels.source.clone(),
            rows: self.districts.rows(&self.theatres, &months, [&draws, &own]),
            districts: self.districts.totals(&self.theatres, &months, &draws),
        }))
    }
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
    progress.begin("count deaths by place");
    let record = GapRecord::read(observatory, threads)?;
    let places = record.as_ref().map_or(0, |record| record.districts.places.len());
    progress.end(&format!("{places} districts"));
    let Some(record) = record else { return Ok(None) };
    progress.begin("forecast across the gap");
    let found = record.forecast(request)?;
    progress.end(&format!("{places} districts"));
    Ok(found)
}

/// The forecast of [`forecast_after_gap`], where its trial was won; `progress` is told why there is none.
///
/// # Errors
///
/// Those of [`gap_trial`] and [`forecast_after_gap`].
pub fn tried_forecast(
    observatory: &Observatory,
    request: &GapTrialRequest,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<GapForecast>> {
    if !gap_trial(observatory, request, threads, progress)?.is_better {
        progress.note("the forecast lost its trial, so that no district is forecast");
        return Ok(None);
    }
    let found = forecast_after_gap(observatory, request, threads, progress)?;
    match &found {
        Some(found) => progress.note(&format!(
            "districts are known to {}, theatres to {} ({}); the forecast won its trial",
            found.known_by_district, found.known_by_theatre, found.source
        )),
        None => progress.note("there is no gap in which only theatres are known"),
    }
    Ok(found)
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

    /// A row per district over all `months`: each draw's deaths are summed over them before anything is said
    /// of the draws.
    fn totals(&self, theatres: &[Theatre], months: &[Month], draws: &Draws) -> Vec<GapDistrict> {
        let (Some(&from), Some(&to)) = (months.first(), months.last()) else { return Vec::new() };
        let row = |(position, place): (usize, &Place)| {
            let mut sums = vec![0_u64; draws.cell(position, 0).len()];
            for step in 0..months.len() {
                for (sum, &deaths) in sums.iter_mut().zip(draws.cell(position, step)) {
                    *sum += u64::from(deaths);
                }
            }
            let number = sums.len().max(1) as f64;
            let chance_any = sums.iter().filter(|&&sum| sum > 0).count() as f64 / number;
            let mut sorted: Vec<f64> = sums.iter().map(|&sum| sum as f64).collect();
            sorted.sort_by(f64::total_cmp);
            let quantile = |level| sorted_quantile(&sorted, level);
            let deaths = Estimate {
                low: quantile(0.05),
                value: sums.iter().sum::<u64>() as f64 / number,
                high: quantile(0.95),
            };
            GapDistrict {
                place_id: place.id.clone(),
                place: place.name.clone(),
                theatre: theatres[self.panel.groups()[position] as usize].id.clone(),
                months: [from, to],
                chance_any,
                deaths,
            }
        };
        self.places.iter().enumerate().map(row).collect()
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
