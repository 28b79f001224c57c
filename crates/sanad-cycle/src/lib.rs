//! Does one kind of event feed another? Excitation models, interventions and the network of
//! organisations, as pure functions from arrays and settings to results.
//!
//! # What it does
//!
//! - [`continuous`]: multivariate Hawkes processes in continuous time with exponential kernels,
//!   exact likelihood in one pass over the events.
//! - [`discrete`]: the same for records dated by day, with a flexible background, counts, sizes,
//!   uncertain dates and places.

mod error;
mod goodness;
mod linalg;
mod links;
mod optimise;

pub mod continuous;
pub mod discrete;

pub use error::Error;
pub use goodness::{KsTest, ks_exponential, ks_uniform};
pub use linalg::{Matrix, spectral_radius};
pub use links::Links;
