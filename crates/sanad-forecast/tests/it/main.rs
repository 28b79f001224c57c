//! Integration tests: laws of the scores, known answers, and what no model may do.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests read real data")]

mod data;
mod known_answers;
mod models;
mod scores;
