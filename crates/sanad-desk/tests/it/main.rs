//! Behaviour of the desk from outside.

#![allow(clippy::disallowed_methods, reason = "tests make and read files of their own")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

mod attachment;
mod canaries;
mod config;
mod course;
mod docs;
mod ledger;
mod numbers;
mod partner;
mod program;
mod release;
mod server;
mod store;
mod vault;
