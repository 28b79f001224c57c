//! The workbench in the browser and the interface for programs, over one observatory.
//!
//! [`Server`] listens and answers from an observatory: pages for people, useful without scripts and with
//! their whole state in the address, and tables for programs, the same as the command line prints. All
//! addresses stand in one list, from which the router, the description of the interface and the tests are
//! made. What takes time is computed once however many ask, off the threads that answer.
//!
//! ```no_run
//! use chrono::NaiveDate;
//! use sanad_web::{OpenObservatory, Server, Settings, asked_to_end};
//!
//! fn today() -> NaiveDate {
//!     NaiveDate::from_ymd_opt(2026, 1, 31).unwrap_or_default()
//! }
//!
//! let server = Server::bind(Settings::new(today))?;
//! println!("http://{}/", server.address());
//! let open = || {
//!     let observatory = sanad_store::Observatory::open("observatory")?;
//!     Ok(OpenObservatory { observatory, keep: None })
//! };
//! server.run(open, asked_to_end())?;
//! # Ok::<(), sanad_web::Error>(())
//! ```
//!
//! What is deliberately absent: any analysis (that is `sanad-study`'s), any writing of records, accounts,
//! cookies, scripts, and any request to elsewhere. What is computed is kept in memory; panels are kept by
//! the store under their key.

mod answer;
mod api;
mod documents;
mod edition;
mod error;
mod fault;
mod guard;
mod handler;
mod house;
mod jobs;
mod memo;
mod page;
mod query;
mod route;
mod routes;
mod scene;
mod server;

pub use edition::OpenObservatory;
pub use error::{Error, Result};
pub use house::Settings;
pub use server::{Server, asked_to_end};
