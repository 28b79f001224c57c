//! Publishers' catalogue and downloads: what a source is called, where its releases are, under which
//! conditions, and how a file comes onto this disk whole or not at all.
//!
//! - [`Catalogue`] says where things are, in TOML, so that a changed address needs no new program.
//! - [`fetch`] asks, goes on where it stopped, and checks what came: a status of 200 says little.
//! - A finished file appears by one rename, with a card for `sanad import`. What came half is called
//!   `….part`, and no [`FileRow`] names it.
//! - A [`Secret`] goes to the one server that it is for, and into no file, message or log.
//!
//! What is deliberately absent: DataFusion, records and their meaning (those are
//! [`sanad_source`]'s), printing, and any request that nobody asked for. This is the only crate that
//! knows the network outside.
#![allow(clippy::disallowed_methods)]

mod attempt;
mod catalogue;
mod client;
mod clock;
mod download;
mod envelope;
mod error;
mod expected;
mod fetch;
mod inspect;
mod lookup;
mod pages;
mod pattern;
mod place;
mod plan;
mod retry;
mod secret;

pub use catalogue::{
    Access, Catalogue, DEFAULT_MAX_BYTES, DataPublisher, DataSet, KnownRelease, LargeFiles,
    Redistribution, TokenRule,
};
pub use client::ClientOptions;
pub use clock::{Clock, SystemClock};
pub use envelope::{Envelope, JsonPage, Next, PageProblem, PageRow};
pub use error::{Error, Meaning, Result};
pub use expected::{Expectation, FileKind};
pub use fetch::{FetchRequest, FetchStatus, FileRow, fetch};
pub use inspect::{LfsPointer, Start, look_at_start};
pub use lookup::{ListedFile, Lookup};
pub use plan::{Wish, country_values};
pub use secret::Secret;
