//! The observatory on disk.
#![allow(clippy::disallowed_methods)]

mod ablation;
mod cache;
mod case;
mod checked;
mod chronicle;
mod contributions;
mod counts;
mod days;
mod durable;
mod dyads;
mod engine;
mod ensemble;
mod error;
mod event_days;
pub mod export;
pub mod external;
mod foreign;
mod geography;
mod guard;
mod hand_written;
mod hash;
mod import;
mod inside;
mod lineage;
mod observations;
mod observatory;
mod panel;
mod place_tables;
mod placing;
mod series;
mod session;
mod shipped;
mod sql;
mod state;
mod table;
mod tally;
mod vintage;

pub use cache::Manifest;
pub use days::{DayCount, KindOfEvent, day_table};
pub use dyads::{DyadFormat, DyadRequest, Dyadic};
pub use ensemble::{Ensemble, ensemble_table};
pub use error::{Error, Lack, Result};
pub use foreign::Coded;
pub use import::{ImportReport, Incoming, ged_citation};
pub use observations::{ObservationRequest, Observed, observed_table};
pub use observatory::Observatory;
pub use panel::{Organisations, PanelRequest, measures};
pub use placing::{PlacesOf, Unit};
pub use series::{SeriesFormat, SeriesOptions};
pub use shipped::{SHIPPED_FORMATS, check_card, check_shipped};
pub use sql::StatedValue;
pub use state::Snapshot;
pub use table::Columns;
pub use tally::{InEffect, NationalMonth, Tally};

/// A table in memory: named columns of equal length.
pub type Table = datafusion::arrow::array::RecordBatch;
