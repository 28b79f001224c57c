//! The workbench in the browser and the interface for programs, over one observatory.
//!
//! [`Server`] listens and answers from an observatory: pages for people, useful without scripts and with
//! their whole state in the address, and tables for programs, the same as the command line prints. All
//! addresses stand in one list, from which the router, the description of the interface and the tests are
//! made. What takes time is computed once however many ask, off the threads that answer.
//!
//! ```no_run
//! use chrono::NaiveDate;
//! use sanad_web::{OpenObservatory, Server, Settings, Today, asked_to_end};
//!
//! fn today() -> NaiveDate {
//!     NaiveDate::from_ymd_opt(2026, 1, 31).unwrap_or_default()
//! }
//!
//! let server = Server::bind(Settings::new(Today::ByClock(today)))?;
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
//! cookies, and any request to elsewhere. A script only spares a press of a button: what it does can be
//! done without it. What is computed is kept in memory; panels are kept by
//! the store under their key.
//!
//! # The way of a request
//!
//! `guard` lets through GET and HEAD for this host alone and puts the same headers on every answer.
//! `handler` reads the address into a checked `Query`, whose one canonical address is half of the
//! answer's key; the other half is the hash of the edition's imports. An answer under that key that
//! is kept is sent at once. Otherwise `jobs` computes it once on a thread of its pool, for however
//! many ask, while a page shows how far the work has come and a program is told to come again.
//! `edition` holds one state of the observatory with what was computed from it; when the
//! observatory changes, a new edition takes its place and requests under way finish with the old
//! one.
//!
//! # Without a server
//!
//! [`publish`] asks the same router for every page that another one leads to and writes a folder of
//! files, in which everything works but free questions.
//!
//! # What a page has to be
//!
//! Useful without a script, with its whole state in its address, and honest where data are missing:
//! a month that no release covers is called unknown, a case that lacks a file is told which, and
//! every number leads to the records behind it or to the table that holds it.

mod answer;
mod api;
mod column;
mod documents;
mod edition;
mod ensemble;
mod error;
mod fault;
mod figure_data;
mod guard;
mod handler;
mod house;
mod jobs;
mod memo;
mod page;
mod publish;
mod query;
mod route;
mod routes;
mod scene;
mod server;

pub use edition::OpenObservatory;
pub use error::{Error, Result};
pub use house::{Settings, Today};
pub use publish::{PublishSettings, Published, publish};
pub use sanad_listen::asked_to_end;
pub use server::Server;
