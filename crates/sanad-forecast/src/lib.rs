//! Forecasts of counts by place and month as draws: models, back-tests and proper scores.
//!
//! The crate takes arrays and settings and gives results. It was made for deaths in armed conflict,
//! where nine values in ten are zero and one in a hundred is a thousand times the median, but
//! nothing in it knows what is counted, or where.
//!
//! # What it does
//! * [`Panel`] holds counts by place and month, with gaps, neighbours, groups and covariates;
//!   [`Past`] is the only view of it that a model gets, and it ends at the origin.
//! * [`Model`]s turn a past into [`Draws`]: the [`Benchmark`]s, the [`Hurdle`] and [`Switching`]
//!   models, and an [`Ensemble`] whose weights are learned by proper scores on past windows only.
//!   [`sanad::by_name`] knows them all; `sanad` is the default.
//! * [`backtest`] rolls origins; [`backtest_as_of`] does so on the vintages known at each origin.
//! * [`score`] holds the scores of the VIEWS 2023/24 prediction challenge and others, calibration,
//!   paired differences with a block bootstrap over places, skill place by place, one model against
//!   another window by window, and what warnings are worth where it was quiet.
//! * [`reconcile`] makes districts move together and add up to their province within each draw.
//! * [`gap`] forecasts places from the end of months in which only sums over them were known.
//! * [`Model::explain`] splits a forecast's distance from a benchmark over the model's inputs.
//!
//! # What it does not do
//! * It reads no files, knows no clock and uses no network.
//! * It does not forecast onsets where a place and its like have never seen violence: such places
//!   get a small probability learned from all of them, no more.
//! * It does not say why violence happens; an explanation names inputs of a model, not causes.
//!
//! # Same bits
//! Draws come from counter-based streams keyed by seed, model, origin, place and step, and sums run
//! in a fixed order, so a result does not depend on the number of threads.
//!
//! ```
//! use sanad_forecast::score::Metric;
//! use sanad_forecast::{Benchmark, Panel, Request, backtest};
//!
//! // Two places, four years: one always quiet, one with a death every other month.
//! let series = |place: usize| (0..48).map(move |month| (place * (month % 2)) as f64);
//! let panel = Panel::new(121, 2, 48, (0..2).flat_map(series).collect())?;
//! let request = Request::new(1..=6, 200, 42)?;
//! let result = backtest(&Benchmark::OwnLast { months: 12 }, &panel, &[35, 41], &request)?;
//! assert_eq!(result.scores.rows().len(), 2 * 6 * 2);
//! // Half the draws are 0 and half are 1, whatever comes: CRPS 0.25 in the second place.
//! assert_eq!(result.scores.mean(Metric::Crps), 0.125);
//! # Ok::<(), sanad_forecast::Error>(())
//! ```

pub mod gap;
pub mod reconcile;
pub mod sanad;
pub mod score;

mod backtest;
mod benchmark;
mod draws;
mod ensemble;
mod error;
mod exciting;
mod explain;
mod feature;
mod forest;
mod hurdle;
mod level_errors;
mod linear;
mod model;
mod panel;
mod past_window;
mod recalibration;
mod regime_of_place;
mod spell;
mod switching;
mod weights;

pub use backtest::{Backtest, Window, backtest, backtest_as_of, backtest_reporting, outcomes};
pub use benchmark::Benchmark;
pub use draws::{Draws, MAX_CELLS, MAX_DRAWS, MAX_STEP, OUTCOME_CAP, Request};
pub use ensemble::{Ensemble, EnsembleSettings, LearnedWeights};
pub use error::Error;
pub use exciting::SelfExciting;
pub use explain::{Contribution, Explanation, mean_logs, shapley};
pub use forest::Forest;
pub use hurdle::Hurdle;
pub use level_errors::LevelErrors;
pub use model::Model;
pub use panel::{Covariate, Panel, Past};
pub use recalibration::{PoolStretch, RecalibrationSettings};
pub use spell::{SPELL_ENDS_AFTER_MONTHS, Spell, spells};
pub use switching::Switching;
