//! Behaviour of the readers, seen from outside.

mod bad_tables;
mod boundaries;
mod case;
mod claims;
mod data;
mod ethics;
mod ged;
mod malformed;
mod table;
