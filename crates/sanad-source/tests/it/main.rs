//! Behaviour of the readers, seen from outside.

mod bad_tables;
mod boundaries;
mod columns;
mod data;
mod ged;
mod malformed;
mod table;
mod variants;
