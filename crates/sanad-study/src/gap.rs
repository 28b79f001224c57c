//! Forecasts of districts from the end of a gap in which only theatres were known, tried where
//! nothing was hidden in truth.
//!
//! The years of the gap are hidden before each origin; sums by theatre stay known, as a conflict's name
//! tells them. Districts forecast from these sums and from shares before the gap
//! ([`AfterGap`]) stand against each district's own last twelve known months. How the trial is judged
//! was written down before it was run: forecasts by district are shown only where they won.

use sanad_case::Theatre;
use sanad_core::Month;
use sanad_core::place::PlaceBook;
use sanad_forecast::gap::{AfterGap, BeforeGap};
use sanad_forecast::{Benchmark, Model, Panel, Request, backtest, sanad};
use sanad_store::Observatory;
use serde::{Deserialize, Serialize};

use crate::Progress;
use crate::error::{Error, Result};
use crate::outcome::{Outcomes, Target, finest_unit, of_observatory};
use crate::scoring::{Line, Named, lines};

/// Months ahead that are scored: the year after the gap.
const STEPS: usize = 12;
/// What a district's forecast has to beat.
const REFERENCE: Benchmark = Benchmark::OwnLast { months: 12 };
/// Scores that decide: both have to be lower.
const DECIDING: [&str; 2] = ["crps", "log1p_crps"];

/// A trial of forecasts across a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapTrialRequest {
    /// First and last year forecast, each from the December before.
    pub years: [i32; 2],
    /// Months hidden before each origin.
    pub gap_months: usize,
    /// Draws of each forecast.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
}

impl Default for GapTrialRequest {
    /// 2012 to 2021 after four hidden years, 1,000 draws.
    fn default() -> Self {
        Self { years: [2012, 2021], gap_months: 48, draws: 1_000, seed: 1 }
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
/// [`Error::Window`] for a year without its origin or hidden months; those of reading the observatory.
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
    let origins = (request.years[0]..=request.years[1])
        .map(|year| origin(&panel, year, request.gap_months))
        .collect::<Result<Vec<usize>>>()?;
    let gap_months = request.gap_months;
    let model = AfterGap { model: sanad::ensemble()?, gap_months };
    let reference = BeforeGap { model: REFERENCE, gap_months };
    let asked = Request::new(1..=STEPS, request.draws, request.seed)?;
    progress.begin("forecast across the gap");
    let tried = backtest(&model, &panel, &origins, &asked)?;
    progress.advance(1, 2);
    let known = backtest(&reference, &panel, &origins, &asked)?;
    progress.end(&format!("{} windows", origins.len()));
    let names = [model.name(), reference.name()];
    let own = Named { name: &names[0], table: &tried.scores };
    let other = [Named { name: &names[1], table: &known.scores }];
    let mut found = lines(own, &other, "all", |_| true, request.seed)?;
    for (year, &origin) in (request.years[0]..).zip(&origins) {
        let of_year = |row: &sanad_forecast::score::Row| row.origin == origin;
        found.extend(lines(own, &other, &year.to_string(), of_year, request.seed)?);
    }
    let is_better = is_better(&found);
    Ok(GapTrial { lines: found, places: panel.places(), is_better })
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
        .all(|score| difference(score).is_some_and(|difference| difference.mean < 0.0));
    both_lower && difference(DECIDING[0]).is_some_and(|difference| difference.upper < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_forecast::score::Interval;

    fn line(score: &'static str, mean: f64, upper: f64) -> Line {
        Line {
            forecast: "a".to_owned(),
            window: "all".to_owned(),
            score,
            cells: 1,
            mean: None,
            against: Some("b".to_owned()),
            difference: Some(Interval { mean, lower: mean - 1.0, upper }),
        }
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
