//! The default model: what won on the windows 2000 to 2017, and nothing that lost.

use crate::benchmark::Benchmark;
use crate::ensemble::{Ensemble, EnsembleSettings};
use crate::error::Error;
use crate::exciting::SelfExciting;
use crate::forest::Forest;
use crate::hurdle::Hurdle;
use crate::model::Model;
use crate::switching::Switching;

/// The components of the default ensemble: smoothed own history at three half-lives, and the
/// hurdle model pooled over all places and by regime.
#[must_use]
pub fn components() -> Vec<Box<dyn Model>> {
    let smoothed = |half_life_months| -> Box<dyn Model> {
        Box::new(Benchmark::SmoothedHistory { half_life_months, months: 120, cv: 0.5 })
    };
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
