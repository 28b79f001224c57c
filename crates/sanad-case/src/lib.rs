//! What the folder of a case says: `case.toml`, places, actors, the chronicle with its ties,
//! claims, indicators, the cycle, the model's levers and scenarios, benchmarks, and the outline of
//! the briefing; the tables of our own making that a case ships; and the [scaffold] of a new one.
//!
//! Card, places and actors must be right as a whole: what is misspelt, unknown or contradictory
//! is an [`Error`] with file, line and field. A chronicle is read entry by entry: an entry that
//! cannot be a record becomes a diagnostic, and the others are kept.
//!
//! Dates are ISO 8601 at the precision known ([`Period`](sanad_core::Period)).
//!
//! What is deliberately absent: public formats (those are [`sanad_source`]'s), file paths, clock,
//! and any knowledge of a particular case.

pub mod ablation;
mod actors;
mod benchmarks;
mod card;
mod chronicle;
mod claims;
mod codebook;
pub mod conflict_counts;
mod cycle;
mod document;
mod error;
mod event_kinds;
mod families;
pub mod gap_forecast;
mod indicators;
pub mod month_series;
mod notes;
mod outline;
mod places;
mod position;
mod scaffold;
mod scenarios;
pub mod trials;

pub use actors::{DeclaredFamily, read_actors, read_families};
pub use benchmarks::{
    BenchmarkSeries, Benchmarks, DeclaredBenchmark, Reading, SetBy, read_benchmarks,
};
pub use card::{Case, DeclaredUpdate, Figure, Reference, Text, Theatre, check_theatres, read_case};
pub use chronicle::{Chronicle, read_chronicle};
pub use claims::{
    Claim, Claims, Concept, CountedSeries, Expects, Months, Prior, SeriesSource, Sign, Test,
    read_claims,
};
pub use codebook::{Code, Codebook, Measured, read_codebook};
pub use cycle::{
    ChronicleKind, Cycle, DeclaredIntervention, DeclaredKind, DeclaredRegion, Explore, NoDonors,
    read_cycle,
};
pub use document::Document;
pub use error::{Contradiction, Error, Result};
pub use event_kinds::{DeadBySide, EventKind, EventKinds, EventSides, KindReading, KindRule, Side};
pub use indicators::{
    AlternativeRules, ChronicleSelection, ChronicleSource, CountOf, DeclaredIndicator, DyadMeasure,
    DyadOf, GapRule, Indicators, JoinRule, MethodRules, Origin, OutlierRule, Pillar, Quantity,
    ScaleOf, ScaleRule, SeriesOf, Sides, SqlOf, Strain, UnitOfTime, WeightRule, read_indicators,
};
pub use outline::{Comparison, Marker, Outline, PeriodOf, RegionOf, read_outline};
pub use places::{Places, read_places};
pub use scaffold::{COUNTS_FILE, Placed, Scaffold, ScaffoldRequest, scaffold};
pub use scenarios::{
    Basis, Better, Calibration, Cost, DeclaredOutcome, DeclaredPrior, DeclaredScenario,
    DeclaredShock, HeldOutYears, LevelFault, Lever, LeverPeriod, Levers, Priors, Scenarios, Target,
    lever_and_element, read_levers, read_priors, read_scenarios,
};

/// What is wrong with types of violence that [`are_types_of_violence`] refuses.
const NOT_A_TYPE: &str = "violence is a list of UCDP's types: 1, 2 and 3";

/// Whether every number is one of UCDP's types of violence.
fn are_types_of_violence(types: &[u8]) -> bool {
    types.iter().all(|of| (1..=3).contains(of))
}
