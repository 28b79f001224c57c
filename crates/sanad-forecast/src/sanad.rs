//! The default model: what won on the windows 2000 to 2017, and nothing that lost.

use crate::benchmark::Benchmark;
use crate::ensemble::{Ensemble, EnsembleSettings};
use crate::error::Error;
use crate::exciting::SelfExciting;
use crate::forest::Forest;
use crate::hurdle::Hurdle;
use crate::level_errors::LevelErrors;
use crate::model::Model;
use crate::recalibration::RecalibrationSettings;
use crate::switching::Switching;

/// Ten years of own history, smoothed, at a half-life.
fn smoothed(half_life_months: f64) -> Box<dyn Model> {
    Box::new(Benchmark::SmoothedHistory { half_life_months, months: 120, cv: 0.5 })
}

/// The components of the default ensemble: smoothed own history at three half-lives, and the
/// hurdle model pooled over all places and by regime.
#[must_use]
pub fn components() -> Vec<Box<dyn Model>> {
    vec![
        smoothed(2.0),
        smoothed(6.0),
        smoothed(18.0),
        Box::new(Hurdle::default()),
        Box::new(Hurdle { by_regime: false, ..Hurdle::default() }),
    ]
}

/// The default ensemble.
///
/// # Errors
/// Never with the settings given here.
pub fn ensemble() -> Result<Ensemble, Error> {
    Ensemble::new("sanad", components(), EnsembleSettings::default())
}

/// The names of [`candidate`].
pub const CANDIDATES: [&str; 7] = [
    "recalibrated",
    "recalibrated-two-sided",
    "recalibrated-states",
    "pool-own",
    "pool-half-lives",
    "pool-no-place",
    "war-errors",
];

/// A change of the default that was tried and is kept to be looked at again, by name: see
/// [`CANDIDATES`] and `docs/forecast-log.md`. Names joined by `+` are changes made together. `None`
/// for another name.
///
/// ```
/// use sanad_forecast::{Model, sanad};
///
/// assert_eq!(sanad::candidate("recalibrated+war-errors").unwrap().name(), "recalibrated+war-errors");
/// assert!(sanad::candidate("better").is_none());
/// ```
#[must_use]
pub fn candidate(name: &str) -> Option<Ensemble> {
    let mut components = components();
    let mut settings = EnsembleSettings::default();
    let plain = RecalibrationSettings::default();
    for change in name.split('+') {
        match change {
            "recalibrated" => settings.recalibration = Some(plain),
            "recalibrated-two-sided" => {
                settings.recalibration = Some(RecalibrationSettings { two_sided: true, ..plain });
            }
            "recalibrated-states" => {
                settings.recalibration = Some(RecalibrationSettings { also_low: true, ..plain });
            }
            "pool-own" => components.push(Box::new(Benchmark::OwnLast { months: 12 })),
            "pool-half-lives" => components.extend([smoothed(1.0), smoothed(3.0)]),
            "pool-no-place" => settings.own_weights_at_war = false,
            "war-errors" => components.push(Box::new(LevelErrors::default())),
            _ => return None,
        }
    }
    Ensemble::new(name, components, settings).ok()
}

/// Every model by name: `sanad`, `hurdle`, `hurdle-pooled`, `switching`,
/// `self-exciting`, `forest` and the benchmarks.
///
/// ```
/// use sanad_forecast::sanad;
///
/// assert_eq!(sanad::by_name("hurdle").unwrap().name(), "hurdle");
/// assert!(sanad::by_name("oracle").is_none());
/// assert_eq!(sanad::by_name("zeros+hurdle").unwrap().name(), "zeros+hurdle");
/// ```
///
/// Names joined by `+` are a pool of those models with weights learned as the default's are, and
/// `smoothed-history-18` is that benchmark at a half-life of 18 months.
#[must_use]
pub fn by_name(name: &str) -> Option<Box<dyn Model>> {
    if name.contains('+') {
        let parts = name.split('+').map(|part| by_name(part.trim())).collect::<Option<Vec<_>>>()?;
        return Some(Box::new(Ensemble::new(name, parts, EnsembleSettings::default()).ok()?));
    }
    if let Some(half_life) = name.strip_prefix("smoothed-history-") {
        let half_life_months = half_life.parse().ok().filter(|&parse| parse > 0.0)?;
        return Some(Box::new(Benchmark::SmoothedHistory {
            half_life_months,
            months: 120,
            cv: 0.5,
        }));
    }
    match name {
        "sanad" => Some(Box::new(ensemble().ok()?)),
        "hurdle" => Some(Box::new(Hurdle::default())),
        "hurdle-pooled" => Some(Box::new(Hurdle { by_regime: false, ..Hurdle::default() })),
        "switching" => Some(Box::new(Switching::default())),
        "self-exciting" => Some(Box::new(SelfExciting::default())),
        "forest" => Some(Box::new(Forest::default())),
        _ => Benchmark::by_name(name).map(|benchmark| Box::new(benchmark) as Box<dyn Model>),
    }
}

/// The names [`by_name`] knows.
#[must_use]
pub fn names() -> Vec<String> {
    let learned = ["sanad", "hurdle", "hurdle-pooled", "switching", "self-exciting", "forest"]
        .map(str::to_owned);
    learned.into_iter().chain(Benchmark::ALL.iter().map(Model::name)).collect()
}
