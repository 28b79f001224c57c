//! Results of the analyses as tables, each with the columns that every door shows.
//!
//! A name ends in the unit of what it holds, an interval in its bounds; what is not known is null.
//!
//! Functions lay results out as they are; those of draws, of members and of networks sum these up
//! on the way. Columns are the same in every door; the web's codebook says of each what it means.

mod ablation;
mod agreement;
mod benchmarks;
mod calibration;
mod capability;
mod chronicle;
mod claims;
mod cycle;
mod forecast;
mod gap;
mod interventions;
mod levels;
mod moments;
mod narrative;
mod network;
mod scenarios;
mod simulation;
mod trials;

pub use ablation::ablation_table;
pub use agreement::agreement_table;
pub use benchmarks::benchmark_table;
pub use calibration::check_table;
pub use capability::{capability_table, dated_tie_table, means_table};
pub use chronicle::chronicle_table;
pub use claims::claim_table;
pub use cycle::{explored_table, kind_table, link_table, model_table, whole_table};
pub use forecast::forecast_table;
pub use gap::{gap_forecast_table, gap_table};
pub use interventions::{change_table, control_table, mean_table, start_table};
pub use levels::{hit_rate_table, level_month_table, stretch_table};
pub use moments::moments_table;
pub use narrative::narrative_table;
pub use network::{organisation_table, tie_month_table};
pub use scenarios::{influence_table, scenario_table};
pub use simulation::{learnt_table, path_table, quantile_table};
pub use trials::trial_table;
