//! The default model: what won on the windows 2000 to 2017, and nothing that lost.

use crate::benchmark::Benchmark;
use crate::ensemble::{Ensemble, EnsembleSettings};
use crate::error::Error;
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

/// Every model by name: `sanad`, `hurdle`, `hurdle-pooled`, `switching` and the benchmarks.
///
/// ```
/// use sanad_forecast::sanad;
///
/// assert_eq!(sanad::by_name("hurdle").unwrap().name(), "hurdle");
/// assert!(sanad::by_name("oracle").is_none());
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<Box<dyn Model>> {
    match name {
        "sanad" => Some(Box::new(ensemble().ok()?)),
        "hurdle" => Some(Box::new(Hurdle::default())),
        "hurdle-pooled" => Some(Box::new(Hurdle { by_regime: false, ..Hurdle::default() })),
        "switching" => Some(Box::new(Switching::default())),
        _ => Benchmark::by_name(name).map(|benchmark| Box::new(benchmark) as Box<dyn Model>),
    }
}

/// The names [`by_name`] knows.
#[must_use]
pub fn names() -> Vec<String> {
    let learned = ["sanad", "hurdle", "hurdle-pooled", "switching"].map(str::to_owned);
    learned.into_iter().chain(Benchmark::ALL.iter().map(Model::name)).collect()
}
