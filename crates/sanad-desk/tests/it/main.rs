//! Behaviour of the desk from outside.

mod config;
mod course;
mod docs;
mod ledger;
mod numbers;
mod release;
