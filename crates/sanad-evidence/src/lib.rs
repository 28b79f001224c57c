//! What a record says of a claim: associations, interventions, networks and statements, measured
//! with intervals, and the rule that turns tests into verdicts.
//!
//! # What it does
//!
//! - [`association`]: a monthly count on earlier months of another, and means of two periods, with
//!   errors that allow for autocorrelation.
//! - [`intervention`]: interrupted time series of counts, synthetic control with placebos.
//! - [`saving`]: what further series save of a forecast's error.
//! - [`network`]: the organisations' network by month, coordinated days, GEXF and GraphML.
//! - [`statements`]: diversity and synchrony of coded statements, claimed against recorded events,
//!   agreement of coders.
//! - [`poisson_interval`], [`wilson_interval`], [`days_by_chance`]: counts and shares with their intervals,
//!   coordination by chance.
//! - [`benjamini_yekutieli`] and [`VerdictRule`]: from many tests to a verdict on each claim.
//!
//! # What it does not do
//!
//! It reads no file and knows no case, place or organisation by name. It finds no cause: an
//! association is one in time, and what else happened at an intervention is in its estimate too.
//! Nodes of a network are organisations; no person is one.

mod coordinated;
mod error;
mod rate;
mod saving;
mod verdict;

pub mod association;
pub mod intervention;
pub mod network;
pub mod statements;

pub use coordinated::coordinated_days;
pub use error::{Error, Result};
pub use rate::{DaysByChance, days_by_chance, poisson_interval, wilson_interval};
pub use saving::{Saving, saving};
pub use verdict::{Finding, VerdictRule, benjamini_yekutieli, holm, is_likely_too_large, power_at};
