//! Proper scores of draws, their summaries, and comparisons that carry an interval.
//!
//! The three scores of the VIEWS 2023/24 prediction challenge (CRPS, ignorance, mean interval
//! score) are computed as its evaluation does; the others stand beside them because those three
//! are ruled by a few large wars and by the many country-months at zero.
//!
//! | score | what it sees | trap |
//! | --- | --- | --- |
//! | CRPS | the whole distribution, in deaths | ten wars make most of the mean |
//! | IGN | the bin the outcome fell in | depends on the number of draws |
//! | MIS | the 5 % and 95 % quantiles | 90 % here; the challenge's script defaults to 95 % |
//! | log1p-CRPS | the whole distribution, in relative terms | small places weigh as much as wars |
//! | Brier | P(≥ 1), P(≥ 25) | blind to size |

mod calibration;
mod cell;
mod compare;
mod ecdf;
mod hard_case;
mod table;
mod window;

pub use calibration::{PitHistogram, Reliability, ReliabilityBin};
pub(crate) use cell::crps_of_sorted;
pub use cell::{
    COVERAGE_LEVELS, CellScores, IGN_EDGES, QUANTILE_LEVELS, TAIL_THRESHOLD, crps, crps_sample,
    ign_bin, ignorance, interval_score,
};
pub(crate) use compare::index_below;
pub use compare::{
    BootstrapMean, BootstrapSettings, PlaceSkill, mean_interval, paired, skill_by_place,
};
pub use ecdf::{Ecdf, Tally};
pub use hard_case::{HardCases, QUIET_MONTHS, WarnedEvent, WarningScore, hard_cases, is_hard_case};
pub use table::{Metric, Row, ScoreTable, score_draws, score_values};
pub use window::{PlacePart, WindowComparison, compare_windows, mean_ratio, place_parts};
