//! The observatory on disk.
//!
//! An [`Observatory`] is a folder of Parquet files: what was imported, each import by itself
//! ([`Snapshot`]), and what was computed from it. It is opened as it is at one moment; what others
//! import later is seen when it is opened again.
//!
//! - Bringing in: [`Observatory::import_case`], [`import_ged`](Observatory::import_ged),
//!   [`import_series`](Observatory::import_series), [`import_table`](Observatory::import_table) and
//!   their kin read a file as one format, write its records and make them visible at once. A bad
//!   row is a diagnostic of the [`ImportReport`]; nothing is dropped without one.
//! - Asking: [`Observatory::panel`] counts violence by place and month, [`why`](Observatory::why)
//!   lists the records behind one of its numbers, [`sql`](Observatory::sql) answers a statement of
//!   the user's.
//! - Keeping: a computed table is kept under the hash of all it follows from ([`Manifest`]), and is
//!   computed again when that changes or the file is not as it was written.
//! - Caring: [`doctor`] examines and repairs, [`Observatory::compact`] merges small files.
//!
//! # Releases and days
//!
//! Publishers revise. Of several versions of a series, one is in effect for a country and month;
//! the others stay and can be asked for by the day on which they were known (`as_of`). A month that
//! no version covers has no number, and is never zero.
//!
//! # What it does not do
//!
//! It fetches nothing and prints nothing; it counts, and leaves every other analysis to others. It
//! reads the clock only to bound a user's statement and to tell an abandoned file from one that is
//! being written: days of imports are given by the caller.
//!
//! # Where plans run
//!
//! Plans run in this program. [`Observatory::executed_by`] gives them to a [`PlanRunner`] instead, such as a
//! cluster; answers are the same.
//!
//! # Threads and bits
//!
//! Functions that query take a number of threads, 0 for as many as the machine has. Sums are of
//! whole numbers, and rows come in a stated order, so that a result has the same bits on any
//! number.
#![allow(clippy::disallowed_methods)]

mod ablation;
mod answers;
mod as_it_came;
mod cache;
mod card;
mod case;
mod checked;
mod chronicle;
mod compact;
mod conflicts;
mod contributions;
mod counts;
mod days;
mod disk;
pub mod doctor;
mod durable;
mod dyads;
mod elsewhere;
mod engine;
mod ensemble;
mod error;
mod event_days;
mod event_files;
mod event_tables;
pub mod export;
pub mod external;
#[cfg(test)]
mod fault_tests;
mod foreign;
mod gap_forecast;
mod geography;
mod guard;
mod hand_written;
mod hash;
mod import;
mod inside;
mod large_import;
mod limits;
mod lineage;
mod means;
mod month_series;
mod new_case;
mod observations;
mod observatory;
mod panel;
mod parquet_form;
mod place_tables;
mod placing;
mod pointer;
mod read_file;
mod read_places;
mod record_files;
mod record_tables;
mod records;
mod repeated_ids;
mod scratch;
mod series;
mod session;
mod shared_columns;
mod shelf;
mod shipped;
mod snapshot;
mod sql;
mod state;
mod table;
mod tally;
mod trials;
mod unplaced;
mod verify;
mod view;
mod vintage;

pub use answers::{Answer, AnswerShelf, KeptQuestion};
pub use cache::Manifest;
pub use compact::Compaction;
pub use conflicts::ConflictRelease;
pub use days::{DayCount, EventRow, count_days, day_table};
pub use dyads::{DyadRequest, Dyadic};
pub use elsewhere::{PlanRunner, RunError};
pub use ensemble::{Ensemble, ensemble_table};
pub use error::{Error, Missing, Result};
pub use foreign::Coded;
pub use hash::Digest;
pub use import::{ImportFile, ImportReport};
pub use limits::StatementLimits;
pub use lineage::MonthRecords;
pub use means::MeansCount;
pub use new_case::{EventFile, place_folder, read_boundary_file, read_event_file, write_texts};
pub use observations::{ObservationRequest, Observed, observed_table};
pub use observatory::Observatory;
pub use panel::{Organisations, PanelRequest, measures};
pub use placing::{PlacesOf, Unit};
pub use scratch::ScratchFolder;
pub use series::SeriesOptions;
pub use shared_columns::SharedColumns;
pub use shipped::{SHIPPED_FORMATS, check_card, check_shipped};
pub use snapshot::{RecordFile, Snapshot};
pub use sql::StatedValue;
pub use table::Columns;
pub use tally::{InEffect, NationalMonth, NationalSeries, Tally};
pub use unplaced::{PlacingReport, UnknownName};
pub use view::{ColumnInfo, View};

/// A table in memory: named columns of equal length.
pub type Table = datafusion::arrow::array::RecordBatch;
