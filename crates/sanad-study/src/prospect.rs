//! The forecast of the briefing: provinces, districts, and how such forecasts did before.
//!
//! The model is tried before it is shown: five windows of a year, each forecast from the December
//! before, against two benchmarks. The page then prints the forecast with the scores, and for each
//! district what the model saved there, so that a reader sees where it is no better than the last
//! year.

use sanad_core::Estimate;
use sanad_numbers::{nearest_rank, smallest_covering};
use std::collections::BTreeMap;

use sanad_brief::DistrictMap;
use sanad_brief::section::forecast::{
    DistrictOutlook, Outlook as Content, ProvinceOutlook, Record, Skill,
};
use sanad_core::place::Level;
use sanad_core::{Month, Parts, Progress};
use sanad_forecast::score::{BootstrapSettings, Metric, Row, ScoreTable, paired};
use sanad_forecast::{Draws, Model, Request, outcomes, reconcile, sanad};
use sanad_store::{Observatory, Unit};

use super::outlook::Outlook;
use super::{Study, sources};
use crate::error::Result;
use crate::outcome::{Outcomes, Target, finest_unit, of_observatory};

/// Months ahead.
pub const STEPS: usize = 12;
/// Draws of each place and month: a chance of one half then has a standard error of 1.6 %.
pub const DRAWS: usize = 1000;
/// Seed of every draw here.
pub const SEED: u64 = 1;
/// The model that is tried and shown.
pub const MODEL: &str = "sanad";
/// Years whose forecasts are scored, each from the December before. Before the first of them ten
/// years of history are asked for.
const WINDOWS: usize = 5;
/// Months of history drawn before the forecast. The model sees the whole history.
const DRAWN_MONTHS: usize = 36;
/// What the model is compared with.
const REFERENCES: [&str; 2] = ["own-last-12", "smoothed-history"];
/// Scores of the page's record; lower is better for all of them.
const SCORES: [Metric; 4] = [Metric::Crps, Metric::Log1pCrps, Metric::Ign, Metric::Brier1];

/// Scores of one model, and its forecast where that was asked for.
struct ModelTrials {
    /// Scores of all windows.
    scores: ScoreTable,
    /// Draws at the end of the panel, which has no outcomes yet.
    latest: Option<Draws>,
}

/// Where the model is tried, and what came of it.
struct TriedYears {
    /// The first and the last month that were forecast and scored.
    tried_on: [Month; 2],
    /// Mean scores beside those of the references.
    record: Vec<Record>,
    /// What was saved in each place, by its position in the panel.
    skills: BTreeMap<usize, Skill>,
    /// Draws of the model at the end of the panel, where they were asked for.
    latest: Option<Draws>,
}

/// The forecast of the months after the last one counted; nothing when the record is too short
/// to try the model on. `progress` hears of every origin that the model is through with, and of every
/// benchmark.
///
/// `None` also where the case lists no places below the country, and where fewer than fifteen years
/// lie before the end of the months in a row. `map` decides which districts are told of and in
/// which order. `known` is the forecast itself where it was made already: of [`Target::STATE_BASED`] at
/// the finest places as known now, by [`MODEL`] with [`STEPS`], [`DRAWS`] and [`SEED`]. Without it the
/// same forecast is made here, with what the model learns on past years.
///
/// # Errors
///
/// What counting and forecasting give.
pub fn by_place(
    study: &Study,
    observatory: &Observatory,
    map: &DistrictMap,
    known: Option<&Outlook>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<Content>> {
    let unit = finest_unit(&study.book);
    let Some(model) = sanad::by_name(MODEL) else { return Ok(None) };
    if unit == Unit::Country {
        return Ok(None);
    }
    let request = Request::new(1..=STEPS, DRAWS, SEED)?;
    let made;
    let (outlook, trial) = match known {
        Some(outlook) => {
            let trial =
                try_model(model.as_ref(), study, &outlook.outcomes, &request, None, progress)?;
            (outlook, trial)
        }
        None => {
            let outcomes = of_observatory(observatory, unit, Target::STATE_BASED, None, threads)?;
            let last = outcomes.panel.months() - 1;
            let trial =
                try_model(model.as_ref(), study, &outcomes, &request, Some(last), progress)?;
            let Some(latest) = trial.as_ref().and_then(|trial| trial.latest.as_ref()) else {
                return Ok(None);
            };
            let past = outcomes.panel.up_to(last)?;
            let draws = reconcile::shuffle_by_history(&past, latest, &request)?;
            made = Outlook::from_draws(outcomes, draws, 1);
            (&made, trial)
        }
    };
    let Some(trial) = trial else { return Ok(None) };
    let origin = outlook.first_month().plus(-1);
    Ok(Some(Content {
        target: "deaths in state-based violence".to_owned(),
        source: sources::with_months(observatory, &study.case, [study.months[0], origin])?,
        recent_gaps: outlook.recent_gaps(),
        model: model.name(),
        draws: DRAWS,
        months: [origin.plus(1), origin.plus(STEPS as i32)],
        drawn_from: origin.plus(1 - DRAWN_MONTHS as i32),
        provinces: provinces(study, outlook)?,
        districts: districts(study, outlook, map, &trial.skills),
        record: trial.record,
        tried_on: trial.tried_on,
    }))
}

/// Tries the model on past years; nothing where the record is too short. With `latest`, the last month of
/// the panel, it also forecasts from there.
fn try_model(
    model: &dyn Model,
    study: &Study,
    of: &Outcomes,
    request: &Request,
    latest: Option<usize>,
    progress: &dyn Progress,
) -> Result<Option<TriedYears>> {
    // Windows are tried where every month that they forecast is covered: in the last months in a
    // row. The forecast itself begins after the last month covered.
    let Some(row_end) = of.panel.month_index(study.months[1].id()) else { return Ok(None) };
    // Ten years before the first origin, in months: the models take their habits from there.
    let Some(first) = row_end.checked_sub(STEPS * WINDOWS).filter(|&first| first >= 120) else {
        return Ok(None);
    };
    let origins: Vec<usize> = (first..row_end).step_by(STEPS).collect();
    let parts = Parts::new(progress, origins.len() + latest.iter().len() + REFERENCES.len());
    let tried = try_out(model, of, &origins, latest, request, &|| parts.done())?;
    let mut record = Vec::new();
    let mut skills = BTreeMap::new();
    for name in REFERENCES {
        let Some(reference) = sanad::by_name(name) else { continue };
        let other = try_out(reference.as_ref(), of, &origins, None, request, &|| ())?;
        parts.done();
        if name == REFERENCES[0] {
            skills = skill_by_place(&tried.scores, &other.scores);
        }
        record.extend(records(&tried.scores, &other.scores, name)?);
    }
    let tried_on = [first + 1, row_end].map(|index| Month::from_id(of.panel.month_id(index)));
    Ok(Some(TriedYears { tried_on, record, skills, latest: tried.latest }))
}

/// A fan per province: the sum of its districts' draws, after three years of what was recorded. A
/// month in which a district has no value has no sum.
fn provinces(study: &Study, outlook: &Outlook) -> Result<Vec<ProvinceOutlook>> {
    let (places, draws) = outlook.at(Unit::Adm1, &study.case.country, &study.book)?;
    let panel = &outlook.outcomes.panel;
    let first = panel.months() - DRAWN_MONTHS.min(panel.months());
    let observed = |province: &str| -> Vec<Option<f64>> {
        let members: Vec<usize> = (0..panel.places())
            .filter(|&at| {
                let place = &outlook.outcomes.places[at];
                place.id == province || place.within.as_deref() == Some(province)
            })
            .collect();
        (first..panel.months())
            .map(|month| members.iter().map(|&place| panel.value(place, month)).sum())
            .collect()
    };
    let listed = places.iter().enumerate().filter(|(_, place)| {
        study.book.get(&place.id).is_some_and(|known| known.level == Level::Adm1)
    });
    Ok(listed.map(|(at, place)| fan(&place.name, observed(&place.id), &draws, at)).collect())
}

/// One entry per district of the map, by name and province. `None` for a district that the forecast
/// does not have.
fn districts(
    study: &Study,
    outlook: &Outlook,
    map: &DistrictMap,
    skills: &BTreeMap<usize, Skill>,
) -> Vec<Option<DistrictOutlook>> {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (at, place) in outlook.outcomes.places.iter().enumerate() {
        let province = study.book.at_level(&place.id, Level::Adm1);
        if let Some(province) = province {
            known.insert((&province.name, &place.name), at);
        }
    }
    let district = |district: &sanad_brief::District| {
        let province = map.provinces.get(district.province)?;
        let &at = known.get(&(province.as_str(), district.name.as_str()))?;
        let skill = skills.get(&at).copied().unwrap_or(Skill::NothingToScore);
        Some(of_district(outlook, at, skill))
    };
    map.districts.iter().map(district).collect()
}

/// Forecasts of a model at every origin, scored by what came; the draws at `latest`, where nothing has come
/// yet, are kept. `after_each` is called after every forecast.
fn try_out(
    model: &dyn Model,
    of: &Outcomes,
    origins: &[usize],
    latest: Option<usize>,
    request: &Request,
    after_each: &dyn Fn(),
) -> Result<ModelTrials> {
    let all: Vec<usize> = origins.iter().copied().chain(latest).collect();
    let mut draws = model.forecast_windows(&of.panel, &all, request, after_each)?;
    let latest = latest.and_then(|_| draws.pop());
    let mut scores = ScoreTable::default();
    for (&origin, draws) in origins.iter().zip(&draws) {
        let observed = outcomes(&of.panel, origin, request);
        scores.append(ScoreTable::of_window(origin, 1, draws, &observed)?);
    }
    Ok(ModelTrials { scores, latest })
}

/// Mean scores of the model and their difference from another's over the cells that both have, with
/// a 90 % interval by resampled places.
fn records(own: &ScoreTable, other: &ScoreTable, against: &str) -> Result<Vec<Record>> {
    SCORES
        .into_iter()
        .map(|metric| {
            let difference = paired(own, other, metric, BootstrapSettings::default())?;
            Ok(Record {
                score: metric.name().to_owned(),
                against: against.to_owned(),
                mean: own.mean(metric),
                difference: difference.mean,
            })
        })
        .collect()
}

/// CRPS saved against the reference, by place, and the windows in which it was saved. Keys are
/// positions of places in the panel.
fn skill_by_place(own: &ScoreTable, other: &ScoreTable) -> BTreeMap<usize, Skill> {
    let own = sums(own);
    let other = sums(other);
    let mut places: BTreeMap<usize, Vec<[f64; 2]>> = BTreeMap::new();
    for (key, &score) in &own {
        if let Some(&reference) = other.get(key) {
            places.entry(key.0).or_default().push([score, reference]);
        }
    }
    places.into_iter().map(|(place, windows)| (place, skill(&windows))).collect()
}

/// From the summed CRPS of model and reference in each window. The share is 1 − Σ own / Σ
/// reference. Nothing can be saved where the reference made no error.
fn skill(windows: &[[f64; 2]]) -> Skill {
    let [own, reference] = [0, 1].map(|at| windows.iter().map(|w| w[at]).sum::<f64>());
    if reference <= 0.0 {
        return Skill::NothingToScore;
    }
    let better = windows.iter().filter(|[own, other]| own < other).count();
    Skill::Saved { share: 1.0 - own / reference, windows: [better, windows.len()] }
}

/// Summed CRPS by place and window. A window is named by its origin.
fn sums(table: &ScoreTable) -> BTreeMap<(usize, usize), f64> {
    let mut sums = BTreeMap::new();
    for row in table.rows() {
        let row: &Row = row;
        *sums.entry((row.place as usize, row.origin)).or_default() += row.scores.crps;
    }
    sums
}

/// One place's past and its forecast on one axis: `observed` first, `None` from there on, and the
/// median and the middle 50 and 90 % of the draws after it. Quantiles are counts that were drawn.
pub(crate) fn fan(
    name: &str,
    observed: Vec<Option<f64>>,
    draws: &Draws,
    place: usize,
) -> ProvinceOutlook {
    let past = observed.len();
    let sorted: Vec<Vec<u32>> = (0..draws.steps())
        .map(|step| {
            let mut cell = draws.cell(place, step).to_vec();
            cell.sort_unstable();
            cell
        })
        .collect();
    let at = |cell: &[u32], share: f64| smallest_covering(cell, share).map_or(f64::NAN, f64::from);
    let band = |low: f64, high: f64| {
        let future = sorted.iter().map(|cell| Some([at(cell, low), at(cell, high)]));
        std::iter::repeat_n(None, past).chain(future).collect()
    };
    let median = sorted.iter().map(|cell| Some(at(cell, 0.5)));
    ProvinceOutlook {
        name: name.to_owned(),
        median: std::iter::repeat_n(None, past).chain(median).collect(),
        bands: [band(0.25, 0.75), band(0.05, 0.95)],
        observed: observed.into_iter().chain(std::iter::repeat_n(None, sorted.len())).collect(),
    }
}

/// A district over all months forecast: the chance of a death, the mean of the draws' sums with
/// their 5 and 95 % quantiles, and what was recorded in as many months before; `None` where one of
/// these is not covered.
fn of_district(outlook: &Outlook, place: usize, skill: Skill) -> DistrictOutlook {
    let draws = &outlook.draws;
    let mut sums: Vec<u64> = (0..draws.draws())
        .map(|draw| (0..draws.steps()).map(|s| u64::from(draws.cell(place, s)[draw])).sum())
        .collect();
    sums.sort_unstable();
    let size = sums.len() as f64;
    let at = |share: f64| nearest_rank(&sums, share).map_or(f64::NAN, |sum| sum as f64);
    let mean = sums.iter().sum::<u64>() as f64 / size;
    let panel = &outlook.outcomes.panel;
    let before = panel.months().saturating_sub(draws.steps())..panel.months();
    DistrictOutlook {
        chance: sums.iter().filter(|&&sum| sum > 0).count() as f64 / size,
        deaths: Estimate { low: at(0.05), value: mean, high: at(0.95) },
        before: before.map(|month| panel.value(place, month)).sum(),
        skill,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skill_is_the_share_of_the_error_saved_and_nothing_where_there_was_none() {
        assert_eq!(skill(&[[0.0, 0.0], [0.1, 0.0]]), Skill::NothingToScore);
        let found = skill(&[[1.0, 2.0], [3.0, 2.0]]);
        assert_eq!(found, Skill::Saved { share: 0.0, windows: [1, 2] });
    }
}
