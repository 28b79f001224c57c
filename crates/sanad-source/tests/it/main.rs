//! Behaviour of the readers, seen from outside.

mod boundaries;
mod case;
mod data;
mod ged;
mod malformed;
mod table;
