//! The words that every other part of Sanad uses: months and periods, places with their history,
//! organisations and ties, sources and what they cover, records, diagnostics, and random streams.
//!
//! What is deliberately absent: files, network, clock, global state, hash-map order, and any
//! dependency on the other crates. Everything here is a value or a pure function of values.

pub mod actor;
pub mod chronicle;
pub mod country;
pub mod diagnostic;
mod error;
pub mod escape;
mod estimate;
pub mod event;
pub mod graphml;
pub mod missing;
pub mod observation;
pub mod place;
mod progress;
pub mod random;
pub mod side;
pub mod source;
pub mod statement;
mod time;
pub mod xml;

pub use error::{Error, PlaceProblem, Result};
pub use estimate::{Estimate, Verdict};
pub use progress::{Parts, Progress, Silent};
pub use time::{Month, Period, Precision};
