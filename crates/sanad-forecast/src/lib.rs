//! Forecasts of counts by place and month as draws: models, back-tests and proper scores.
pub mod reconcile;
pub mod sanad;
pub mod score;

mod backtest;
mod benchmark;
mod draws;
mod ensemble;
mod error;
mod explain;
mod feature;
mod hurdle;
mod linear;
mod model;
mod panel;
mod regime_of_place;
mod switching;
mod weights;

pub use backtest::{Backtest, Window, backtest, backtest_as_of, outcomes};
pub use benchmark::Benchmark;
pub use draws::{Draws, OUTCOME_CAP, Request};
pub use ensemble::{Ensemble, EnsembleSettings, LearnedWeights};
pub use error::Error;
pub use explain::{Contribution, Explanation, mean_logs, shapley};
pub use hurdle::Hurdle;
pub use model::Model;
pub use switching::Switching;
pub use panel::{Covariate, Panel, Past};
