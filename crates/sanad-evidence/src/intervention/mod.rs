//! What changed at a dated intervention: interrupted time series and synthetic control.
//!
//! Neither makes a cause out of a date: what else happened at that time is in the estimate too.
//! Placebos in place and in time come with the synthetic control; for an interrupted series run it
//! at other dates.

mod interrupted;
mod synthetic;

pub use interrupted::{InterruptedFit, InterruptedSettings, RateRatio, interrupted_series};
pub use synthetic::{Placebo, SyntheticControl, synthetic_control, time_placebos};
