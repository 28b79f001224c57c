//! Does one kind of event feed another? Excitation models, interventions and the network of
//! organisations, as pure functions from arrays and settings to results.
//!
//! # What it does
//!
//! - [`continuous`]: multivariate Hawkes processes in continuous time with exponential kernels,
//!   exact likelihood in one pass over the events.
//! - [`discrete`]: the same for records dated by day, with a flexible background, counts, sizes,
//!   uncertain dates and places; tests, intervals, diagnosis of confounding, power, posterior.
//! - [`intervention`]: interrupted time series of counts, synthetic control with placebos.
//! - [`association`]: a monthly count on earlier months of another, and means of two periods, with
//!   errors that allow for autocorrelation.
//! - [`saving`]: what further series save of a forecast's error.
//! - [`network`]: the organisations' network by month, coordinated days, GEXF and GraphML.
//! - [`benjamini_yekutieli`] and [`VerdictRule`]: from many tests to a verdict on each claim.
//!
//! How well it does it is in `docs/cycle-calibration.md`.
//!
//! # What it does not do
//!
//! It reads no file and knows no case, place or organisation by name. It finds no cause: an
//! excitation coefficient says that one kind of event comes more often after another than the
//! background explains. Nodes of a network are organisations; no person is one.

mod ends;
mod error;
mod goodness;
mod linalg;
mod links;
mod optimise;
mod saving;
mod verdict;

pub mod association;
pub mod continuous;
pub mod discrete;
pub mod intervention;
pub mod network;

pub use ends::LARGEST_FALL;
pub use error::Error;
pub use goodness::{KsTest, ks_exponential, ks_uniform};
pub use linalg::{Matrix, spectral_radius};
pub use links::Links;
pub use saving::{Saving, saving};
pub use verdict::{Finding, Verdict, VerdictRule, benjamini_yekutieli, power_at};
