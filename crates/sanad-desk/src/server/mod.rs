//! The server: pages for filers, for staff and for everybody, in plain HTML that needs no script.
//!
//! From the outside in:
//!
//! - [`DeskServer`] listens, with bounds on connections, heads and waiting;
//! - `guard` refuses what is not for this desk and dresses every answer;
//! - `route` lists the addresses, `filer`, `staff`, `partner` and `public` answer them, `page` draws;
//! - [`form`] reads what is sent, strictly, and [`upload`] what is sent with a file;
//! - [`proof_of_work`] makes the puzzle of a form and knows its answer;
//! - [`access`] says who may do what with a file, as one table; `session` knows who is there;
//! - `office` does it: filing, steps, deadlines, proofs. It alone uses the store.
//!
//! **What is deliberately absent.** No line is written about any request. No cookie is set for
//! filers. No address, agent or time of a request is kept: sessions of staff hold a digest of the
//! browser's name in memory alone. No TLS: a proxy or an onion service before the desk has to
//! bring it, on the same machine. No page is kept ready: each is drawn when it is asked for.
//!
//! `docs/desk-server.md` is for operators, `docs/desk-matrix.md` the table of access.

pub mod access;
mod answer;
mod filer;
pub mod form;
mod guard;
mod house;
mod listen;
mod office;
mod page;
mod partner;
pub mod proof_of_work;
mod public;
mod route;
mod session;
mod staff;
pub mod upload;

pub use house::{DeskServerSettings, OpenedDesk, ServeError};
pub use listen::DeskServer;
pub(crate) use office::attached_text;
pub use sanad_listen::asked_to_end;
