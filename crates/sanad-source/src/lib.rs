//! Readers of foreign files: one module per public format, each turning bytes into records of
//! [`sanad_core`] and into diagnostics.
//!
//! - [`ged`]: the UCDP Georeferenced Event Dataset, annual and candidate releases, as CSV.
//! - [`boundaries`]: districts and provinces as GeoJSON with OCHA COD-AB or geoBoundaries
//!   attributes.
//! - [`country_months`]: violence by country and month that somebody has already summed, as CSV.
//! - [`wdi`], [`wgi`], [`vdem`]: indicators by country and year; [`districts`]: by district.
//! - [`stop`]: internet shutdowns; [`displacement`]: UNHCR's and IDMC's yearly tables.
//! - [`gdelt`], [`dyads`]: events between states, coded by machine; [`gdelt_months`]: their sums.
//! - [`ucdp_dyadic`]: pairs of warring parties by year.
//! - [`desk`]: counts that a desk for grievances, harm and warnings released.
//! - [`statements`]: coded messages of organisations.
//! - [`survey`]: respondents, by a map, of whom only estimates come out.
//! - [`table`]: any table, by a map; [`plain`]: the forms it is turned into.
//! - [`registry`]: every format with its word, its help and its publisher.
//! - [`sheet`]: tables of separated values; [`toml_text`]: where a hand-written file is wrong.
//!
//! Every row or entry becomes a record or a [`Diagnostic`](sanad_core::diagnostic::Diagnostic);
//! none disappears in silence and none makes a reader panic. An [`Error`] is what stops a whole
//! file; it says what was found, what was expected and what to do.
//!
//! What is deliberately absent: file paths, network, clock, global state. A caller opens the
//! file and adds its name to a message. No headline, article or text of a source is kept, only
//! the columns that records have. Nothing is repaired in silence and nothing is guessed: where a
//! value can be read in two ways, the row is left out and the diagnostic says so.

mod archive;
pub mod boundaries;
pub mod country_months;
pub mod desk;
pub mod displacement;
pub mod districts;
pub mod dyads;
mod error;
mod form;
mod format;
pub mod gdelt;
pub mod gdelt_months;
pub mod ged;
mod idmc_gidd;
mod number;
pub mod plain;
pub mod registry;
pub mod series;
pub mod sheet;
pub mod statements;
pub mod stop;
pub mod survey;
pub mod table;
pub mod toml_text;
pub mod ucdp_dyadic;
mod value;
pub mod vdem;
pub mod wdi;
pub mod wgi;
mod wgi_long;

pub use archive::{is_packed, member_name, unpacked};
pub use error::{Error, MissingColumn, Result};
pub use form::check_text;
pub use sheet::check_commas;
