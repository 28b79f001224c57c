//! Counts that are released, and the attacker that they have to withstand.
//!
//! The files of a quarter are counted once, a fixed number of days after its end, and never again:
//! there is no second count of the same files to take the first from. They are cut into parts that
//! do not overlap ([`ReleasedPart`]): a district of a body where it has ten files or more, else the
//! rest of the body's districts together, else the body, else all the small bodies together, else
//! the desk. A breakdown of a part (by kind, stage or promptness) is shown whole or not at all:
//! only when every class has ten or more. That is complementary suppression taken to its end, and
//! it makes the proof short: see [`publish`].
//!
//! [`attack`] computes what can be learned from any set of published sums.

pub mod attack;
mod counts;
mod publish;
mod schedule;

pub use counts::{Breakdown, CountedFile, StageClass};
pub use publish::{PartName, PublishedBreakdown, ReleasedPart, publish, to_csv};
pub use schedule::{NoQuarter, Quarter, release_day};
