//! Forecasts with and without the fronts' series: what they were made of, and whether those that a
//! case ships still belong to it.
//!
//! An ablation asks whether a front tells a forecast anything that violence's own past does not.
//! The same model is back-tested on the history alone, with the index of each front as a covariate,
//! and with all of them; what counts is the difference in CRPS by origin. It takes long, so that a
//! case ships the result, with the hashes of the indicators and counts that it was made from.

use std::collections::BTreeMap;

use sanad_case::ablation::Ablation;
use sanad_core::{Month, Progress};
use sanad_forecast::score::ScoreTable;
use sanad_forecast::{Model, Panel, Request, backtest};
use sanad_store::Observatory;

use super::fronts::{FrontIndex, FrontIndices};
use super::kinds::events_are_in_effect;
use crate::backtest::YearWindow;
use crate::error::Result;
use crate::outcome::{Outcomes, carried};
use crate::scoring::{self, Line, Named};

/// The forecast from the history of violence alone.
const ALONE: &str = "history alone";

/// Named series on the places and months of a panel, by front.
///
/// A series is places × months of the panel, row by row of places, without a gap: a model's
/// covariates may not be missing.
pub type FrontFeatures = BTreeMap<String, Vec<(String, Vec<f64>)>>;

/// A forecast's back-test with and without further series. A model that ignores covariates gives
/// the same scores every time.
#[derive(Clone, Copy)]
pub struct AblationTrial<'a> {
    /// The model, which takes all covariates that a panel has.
    pub model: &'a dyn Model,
    /// Steps, draws and seed of its forecasts.
    pub request: &'a Request,
    /// The windows that are forecast.
    pub windows: &'a [YearWindow],
}

/// Scores of the history alone, then of each front, then of all fronts where there are several.
/// Origins and cells are the same in all tables, so that they can be compared cell by cell.
#[derive(Debug, Clone)]
pub struct Ablated {
    /// `month_id` of the panel's first month.
    pub first_month_id: i32,
    /// What was added to the history, with the scores; the first is the history alone.
    pub scores: Vec<(String, ScoreTable)>,
}

/// Back-tests a model on the panel alone, with each front's series, and with all of them; `progress`
/// hears of each.
///
/// The progress is one step per panel, each named after what was added. Series enter a forecast
/// only up to its origin, as the history does.
///
/// # Errors
///
/// If a series is not as long as the panel, or the model cannot forecast from an origin.
pub fn run(
    trial: &AblationTrial<'_>,
    panel: &Panel,
    fronts: &FrontFeatures,
    progress: &dyn Progress,
) -> Result<Ablated> {
    let mut panels = vec![(ALONE.to_owned(), panel.clone())];
    for (front, series) in fronts {
        panels.push((front.clone(), with(panel, series)?));
    }
    if fronts.len() > 1 {
        let all: Vec<(String, Vec<f64>)> = fronts.values().flatten().cloned().collect();
        panels.push(("all fronts".to_owned(), with(panel, &all)?));
    }
    let origins: Vec<usize> = trial.windows.iter().map(|window| window.origin).collect();
    let mut scores = Vec::new();
    for (name, panel) in panels {
        progress.begin(&format!("back-test {} with {name}", trial.model.name()));
        let done = backtest(trial.model, &panel, &origins, trial.request)?.scores;
        progress.end(&format!("{} cells scored", done.rows().len()));
        scores.push((name, done));
    }
    Ok(Ablated { first_month_id: panel.month_id(0), scores })
}

/// The panel with further series beside its target. A series is named after its front.
fn with(panel: &Panel, series: &[(String, Vec<f64>)]) -> Result<Panel> {
    let mut panel = panel.clone();
    for (name, values) in series {
        panel = panel.with_covariate(name, values.clone())?;
    }
    Ok(panel)
}

/// Scores over all windows, each front's against the history alone. Below zero, the front saves
/// error. `seed` is that of the bootstrap over places.
///
/// # Errors
///
/// If two tables that are compared have no cell in common.
pub fn lines(ablated: &Ablated, seed: u64) -> Result<Vec<Line>> {
    let named: Vec<Named<'_>> =
        ablated.scores.iter().map(|(name, table)| Named { name, table }).collect();
    let mut lines: Vec<Line> = Vec::new();
    for (index, &one) in named.iter().enumerate() {
        let others = if index == 0 { &[][..] } else { &named[..1] };
        lines.extend(scoring::lines(one, others, "all", |_| true, seed)?);
    }
    Ok(lines)
}

/// The index of each front on the places and months of `outcomes`, gaps filled from the past;
/// without fronts that have no value there. Places are matched by name, because indices are kept by
/// the name of the province; an outcome's place without an index gets the mean of the others until
/// it has one, and 0 where there is none at all (`outcome::carried`).
#[must_use]
pub fn front_features(indices: &FrontIndices, outcomes: &Outcomes) -> FrontFeatures {
    let grid = outcomes.panel.grid();
    let mut features = FrontFeatures::new();
    for (front, by_place) in indices {
        let mut values = vec![f64::NAN; grid.cells()];
        for (place, known) in outcomes.places.iter().enumerate() {
            let Some(found) = by_place.get(&known.name) else { continue };
            let last = found.from.plus(found.index.len() as i32 - 1);
            for (month, value) in Month::range(found.from, last).zip(&found.index) {
                if let (Some(month), Some(value)) = (outcomes.panel.month_index(month.id()), value)
                {
                    values[grid.cell(place, month)] = *value;
                }
            }
        }
        // A front without a value tells a model nothing.
        if values.iter().any(|value| !value.is_nan()) {
            let series = (front.clone(), carried(&values, grid.months));
            features.insert(front.clone(), vec![series]);
        }
    }
    features
}

/// The command that writes what a case ships. It stands in the sentences that say why no ablation
/// counts.
const RENEW: &str =
    "`sanad ablation --observatory DIR --without-counts --windows FIRST..LAST --out ablation.csv`";

/// What an ablation says of its indicators when those that count violent events were left out. A
/// verdict asks for it: an index that counts violence would repeat the history and call it a front.
pub const WITHOUT_COUNTS: &str = "without counts of violence";

/// Notes by which it is told whether an ablation belongs to the files at hand. The first is of
/// `indicators.toml`, the second of the events or, where none are in effect, of the counts.
const HASHES: [&str; 2] = ["indicators_sha256", "record_sha256"];

/// The name of the note on how much of a front's evidence its index rests on. The claims read it: a
/// front of which little is measured says little.
#[must_use]
pub fn told_note(front: &str) -> String {
    format!("told_{front}")
}

/// The mean share of each front's evidence at hand in these months, 0 to 1, over places and months, by name of
/// its note; none for a front that is measured in none of them.
#[must_use]
pub fn evidence_notes(indices: &FrontIndices, months: &[Month]) -> BTreeMap<String, String> {
    let mean = |by_place: &BTreeMap<String, FrontIndex>| {
        let shares: Vec<f64> = by_place
            .values()
            .flat_map(|index| months.iter().filter_map(|&month| index.evidence_in(month)))
            .collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    };
    let note = |(front, by_place): (&String, &BTreeMap<String, FrontIndex>)| {
        Some((told_note(front), format!("{:.3}", mean(by_place)?)))
    };
    indices.iter().filter_map(note).collect()
}

/// What forecasts and fronts of an observatory are made of.
///
/// `sources` lists the versions of publishers' data, joined by semicolons. A hash is empty where
/// the observatory has no such file.
///
/// # Errors
///
/// Those of reading the observatory.
pub fn notes(observatory: &Observatory) -> Result<BTreeMap<String, String>> {
    let record = if events_are_in_effect(observatory)? { "ucdp-ged" } else { "counts" };
    let hash = |format| observatory.newest_hash(format).unwrap_or_default().to_owned();
    let hashes = HASHES.into_iter().zip([hash("indicators"), hash(record)]);
    let sources = ("sources", observatory.foreign_sources().join("; "));
    Ok(hashes.chain([sources]).map(|(name, note)| (name.to_owned(), note)).collect())
}

/// The ablation that a case ships, or a sentence on why there is none that counts.
///
/// The sentence names what would be needed, as a test that cannot run does.
///
/// # Errors
///
/// Those of reading the observatory; an ablation that belongs to other files is no error but a
/// sentence.
pub fn shipped(observatory: &Observatory) -> Result<core::result::Result<Ablation, String>> {
    let Some(ablation) = observatory.ablation()? else {
        return Ok(Err(format!(
            "A back-test of forecasts with and without the front's series: run {RENEW} and ship it \
             with the case."
        )));
    };
    let now = notes(observatory)?;
    let differs =
        HASHES.iter().find(|&&name| now.get(name).is_none_or(|now| now != ablation.note(name)));
    Ok(match differs {
        None => Ok(ablation),
        Some(&name) => {
            let what = if name == HASHES[0] { "indicators" } else { "counts of violence" };
            Err(format!(
                "A back-test with the {what} at hand: the shipped one was made with others. Run {RENEW} \
                 and ship it with the case."
            ))
        }
    })
}
