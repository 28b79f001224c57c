//! Trials of a briefing's forecast on past years: run, shipped by a case, or both compared.
//!
//! Trials are most of a briefing's time and change only when the record of past years does. A case may ship them;
//! they count only while the record, the models and the settings are those that they were made with.

use std::collections::BTreeMap;

use sanad_case::trials::{TrialRow, Trials};
use sanad_core::{Month, Parts, Progress};
use sanad_forecast::score::{Metric, ScoreTable};
use sanad_forecast::{Request, outcomes, sanad};
use sanad_store::{Digest, Observatory};

use crate::error::Result;
use crate::outcome::Outcomes;

/// Version of the models and of how they are scored, to be counted up when the same record comes to give
/// other scores.
const RULES: &str = "trials 1";
/// Months forecast from each origin, three to fourteen ahead, as the field's challenge of 2023/24 asks.
const FIRST_STEP: usize = 3;
const STEPS: usize = 12;
/// Draws of a forecast, and their seed.
const DRAWS: usize = 1000;
const SEED: u64 = 1;
/// Of how many windows a model has to win to be called better.
const WINDOWS_TO_WIN: usize = 3;
/// The command that writes what a case ships.
const RENEW: &str = "`sanad case trials CASE --out trials.csv`";

/// How a model did on one country's months.
#[derive(Debug, Clone, PartialEq)]
pub struct CountryScore {
    /// The model.
    pub model: String,
    /// The scored months, in order of origin and step.
    pub rows: Vec<TrialRow>,
}

impl CountryScore {
    /// The mean of a score over all months; not a number where there are none.
    pub(crate) fn mean(&self, score: fn(&TrialRow) -> f64) -> f64 {
        mean(self.rows.iter(), score)
    }

    /// The months that windows begin after, each once.
    fn origins(&self) -> Vec<Month> {
        let mut origins: Vec<Month> = self.rows.iter().map(|row| row.origin).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// Whether CRPS and CRPS of logarithms are both lower than the other's in the mean and in at least
    /// three of four windows.
    #[must_use]
    pub fn is_better_than(&self, other: &Self) -> bool {
        let origins = self.origins();
        let needed = WINDOWS_TO_WIN.min(origins.len());
        let scores: [fn(&TrialRow) -> f64; 2] = [|row| row.crps, |row| row.log1p_crps];
        scores.into_iter().all(|score| {
            let of_origin = |tried: &Self, origin: Month| {
                mean(tried.rows.iter().filter(|row| row.origin == origin), score)
            };
            let wins = origins.iter().filter(|&&at| of_origin(self, at) < of_origin(other, at));
            self.mean(score) < other.mean(score) && wins.count() >= needed
        })
    }
}

/// Σ score / n, summed in the order of the rows.
fn mean<'a>(rows: impl Iterator<Item = &'a TrialRow> + Clone, score: fn(&TrialRow) -> f64) -> f64 {
    let count = rows.clone().count() as f64;
    rows.map(score).sum::<f64>() / count
}

/// What is tried: models on the years of one place.
#[derive(Debug, Clone, Copy)]
pub struct TrialRequest<'a> {
    /// Deaths by place and month.
    pub outcomes: &'a Outcomes,
    /// Position of the place whose months are scored; the models learn from all places.
    pub home: usize,
    /// First and last year, each forecast in the October before.
    pub years: [i32; 2],
    /// Names of the models.
    pub models: &'a [&'a str],
}

/// Tries models on past years. `progress` hears of every year of every model.
///
/// # Errors
///
/// Those of the models.
pub fn try_on_years(
    request: &TrialRequest<'_>,
    progress: &dyn Progress,
) -> Result<Vec<CountryScore>> {
    let panel = &request.outcomes.panel;
    let october = |year: i32| Month::new(year - 1, 10).and_then(|new| panel.month_index(new.id()));
    let [first, last] = request.years;
    let origins: Vec<usize> = (first..=last).filter_map(october).collect();
    let ahead = Request::new(FIRST_STEP..=FIRST_STEP + STEPS - 1, DRAWS, SEED)?;
    let parts = Parts::new(progress, request.models.len() * origins.len());
    let mut found = Vec::new();
    for &name in request.models {
        let Some(model) = sanad::by_name(name) else { continue };
        let draws = model.forecast_windows(panel, &origins, &ahead, &|| parts.done())?;
        let mut rows = Vec::new();
        for (&origin, draws) in origins.iter().zip(&draws) {
            let observed = outcomes(panel, origin, &ahead);
            let table = ScoreTable::of_window(origin, FIRST_STEP, draws, &observed)?;
            let home = table.rows().iter().filter(|row| row.place as usize == request.home);
            rows.extend(home.map(|row| TrialRow {
                model: name.to_owned(),
                origin: Month::from_id(panel.month_id(origin)),
                step: row.step,
                crps: Metric::Crps.of(&row.scores),
                log1p_crps: Metric::Log1pCrps.of(&row.scores),
                is_inside: Metric::Coverage90.of(&row.scores) > 0.5,
            }));
        }
        found.push(CountryScore { model: name.to_owned(), rows });
    }
    Ok(found)
}

/// What trials were made of and how: the record of all months up to the last one scored, models and settings.
#[must_use]
pub fn notes(request: &TrialRequest<'_>) -> BTreeMap<String, String> {
    let panel = &request.outcomes.panel;
    let december = Month::new(request.years[1], 12);
    let end = december.and_then(|month| panel.month_index(month.id()));
    let end = end.map_or(panel.months(), |index| index + 1);
    let mut record =
        format!("{} {end} {}\n", panel.month_id(0), request.outcomes.places[request.home].id);
    for (position, place) in request.outcomes.places.iter().enumerate() {
        record.push_str(&place.id);
        for month in 0..end {
            let value = panel.value(position, month).map_or("-".to_owned(), |v| v.to_string());
            record.push(' ');
            record.push_str(&value);
        }
        record.push('\n');
    }
    [
        ("record_sha256", Digest::from_bytes(record.as_bytes()).sha256),
        ("rules", RULES.to_owned()),
        ("years", format!("{}..{}", request.years[0], request.years[1])),
        ("models", request.models.join(" ")),
        ("draws", DRAWS.to_string()),
        ("seed", SEED.to_string()),
    ]
    .map(|(name, note)| (name.to_owned(), note))
    .into()
}

/// Trials, and why those that the case ships did not count, where it ships some.
pub(crate) struct FoundTrials {
    pub(crate) scores: Vec<CountryScore>,
    pub(crate) retried: Option<String>,
}

/// The trials that the case ships where they are those asked for, and else trials that are run now.
pub(crate) fn find(
    observatory: &Observatory,
    request: &TrialRequest<'_>,
    progress: &dyn Progress,
) -> Result<FoundTrials> {
    let now = notes(request);
    let retried = match observatory.trials()? {
        None => None,
        Some(shipped) => {
            match now.iter().find(|(name, note)| shipped.notes.get(*name) != Some(*note)) {
                None => {
                    let scores = scores_of(&shipped, request.models);
                    return Ok(FoundTrials { scores, retried: None });
                }
                Some((name, _)) => Some(format!(
                    "The trials that the case ships are not those of the files at hand ({name} differs), so \
                     the models were tried anew. Run {RENEW} and ship it with the case."
                )),
            }
        }
    };
    Ok(FoundTrials { scores: try_on_years(request, progress)?, retried })
}

/// The shipped scores of these models; without models that were not tried.
fn scores_of(shipped: &Trials, models: &[&str]) -> Vec<CountryScore> {
    let score =
        |model: &&str| CountryScore { model: (*model).to_owned(), rows: shipped.of_model(model) };
    models.iter().map(score).filter(|score| !score.rows.is_empty()).collect()
}
