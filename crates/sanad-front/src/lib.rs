//! Composite indices with intervals: the OECD/JRC handbook as code.
//!
//! Arrays and settings in, results out. A [`Panel`] holds places × months × indicators with gaps
//! and with what is known of the errors; a [`Framework`] says how indicators stand under pillars
//! and pillars under fronts; a [`Method`] picks one alternative for each step of the handbook
//! (OECD/JRC 2008, *Handbook on Constructing Composite Indicators: Methodology and User Guide*).
//!
//! - [`index()`] gives the index of every pillar, front and overall on 0–100, the evidence share
//!   of each, and contributions that add up to it.
//! - [`intervals`] adds the interval from a Monte-Carlo run over the errors of the indicators and
//!   over declared alternatives of the method.
//! - [`sensitivity()`] tells which of these moves which place's value and rank (Sobol indices).
//!
//! Useful on their own: [`sobol`] (variance-based sensitivity of any model), [`pca`], [`bod`],
//! [`outrank`], [`em`], [`treat`] and [`normalise`] (the handbook's steps on plain slices).
//!
//! Higher means more of what the indicators measure; an indicator of [`Direction::Negative`] is
//! turned around first.
//!
//! # What it does not do
//! It reads no file and asks no clock; it does not choose indicators, collect them or judge
//! whether they measure what their names say; a carried value is carried within the limit that
//! the caller declares. It does not model dependence between the errors of different indicators,
//! nor revise a yardstick once fitted: sampled values are read on the scale that the reference
//! values set.
//!
//! # Same bits
//! Every draw comes from a counter-based stream keyed by place, month and indicator; sums run in
//! a fixed order. Results do not depend on the number of threads.
#![warn(missing_docs)]

mod aggregate;
mod alternatives;
pub mod bod;
pub mod em;
mod error;
mod fast;
mod fill;
mod framework;
mod index;
mod interval;
mod linear;
mod method;
mod monte_carlo;
pub mod normalise;
pub mod outrank;
mod panel;
pub mod pca;
pub mod points;
mod quantile;
pub mod rates;
mod recipe;
mod sample;
mod sensitivity;
pub mod sobol;
pub mod treat;

pub use error::{Error, Result};
pub use framework::{Direction, Framework, FrameworkBuilder, Group, Indicator, Node, Transform};
pub use index::{Change, Contribution, Index, Origin, index};
pub use interval::{Alternatives, Intervals, NoisyEnds, Uncertainty, intervals};
pub use method::{Aggregation, Imputation, Method, Normalisation, Treatment, Weighting};
pub use panel::Panel;
pub use sensitivity::{Factor, Quantity, Question, Sensitivity, sensitivity};
