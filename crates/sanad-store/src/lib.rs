//! The observatory on disk.
#![allow(clippy::disallowed_methods)]

mod ablation;
mod cache;
mod case;
mod checked;
mod chronicle;
mod compact;
mod contributions;
mod counts;
mod days;
mod disk;
pub mod doctor;
mod durable;
mod dyads;
mod engine;
mod ensemble;
mod error;
mod event_days;
pub mod export;
pub mod external;
#[cfg(test)]
mod fault_tests;
mod foreign;
mod geography;
mod guard;
mod hand_written;
mod hash;
mod import;
mod inside;
mod limits;
mod lineage;
mod observations;
mod observatory;
mod panel;
mod place_tables;
mod placing;
mod pointer;
mod record_files;
mod record_tables;
mod records;
mod series;
mod session;
mod shelf;
mod shipped;
mod snapshot;
mod sql;
mod state;
mod table;
mod tally;
mod unplaced;
mod verify;
mod vintage;

pub use cache::Manifest;
pub use compact::Compaction;
pub use days::{DayCount, EventRow, count_days, day_table};
pub use dyads::{DyadRequest, Dyadic};
pub use ensemble::{Ensemble, ensemble_table};
pub use error::{Error, Lack, Result};
pub use foreign::Coded;
pub use hash::Digest;
pub use import::{ImportReport, Incoming};
pub use limits::StatementLimits;
pub use observations::{ObservationRequest, Observed, observed_table};
pub use observatory::Observatory;
pub use panel::{Organisations, PanelRequest, measures};
pub use placing::{PlacesOf, Unit};
pub use series::SeriesOptions;
pub use shipped::{SHIPPED_FORMATS, check_card, check_shipped};
pub use snapshot::{RecordFile, Snapshot};
pub use sql::StatedValue;
pub use table::Columns;
pub use tally::{InEffect, NationalMonth, Tally};
pub use unplaced::{PlacingReport, UnknownName};

/// A table in memory: named columns of equal length.
pub type Table = datafusion::arrow::array::RecordBatch;
