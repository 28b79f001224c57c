//! The store through its public interface: known answers, places, conservation, versions,
//! readers beside a writer, and the same bits whatever the number of threads.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

mod conservation;
mod elsewhere;
mod known_answers;
mod large;
mod layout;
mod limits;
mod people;
mod places;
mod readers;
mod series;
mod sessions;
mod sources;
mod sql_tables;
mod support;
mod versions;
