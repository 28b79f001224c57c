//! Does one kind of event feed another? Excitation models as pure functions from arrays and
//! settings to results.
//!
//! # What it does
//!
//! - [`continuous`]: multivariate Hawkes processes in continuous time with exponential kernels,
//!   exact likelihood in one pass over the events.
//! - [`discrete`]: the same for records dated by day, with a flexible background, counts, sizes,
//!   uncertain dates and places; tests, intervals, diagnosis of confounding, power, posterior.
//!
//! How well it does it is in `docs/cycle-calibration.md`.
//!
//! # What it does not do
//!
//! It reads no file and knows no case, place or organisation by name. It finds no cause: an
//! excitation coefficient says that one kind of event comes more often after another than the
//! background explains.

mod ends;
mod error;
mod goodness;
mod links;

pub mod continuous;
pub mod discrete;

pub use ends::LARGEST_FALL;
pub use error::Error;
pub use goodness::{KsTest, ks_exponential, ks_uniform};
pub use links::Links;
pub use sanad_numbers::{Matrix, spectral_radius};
