//! Behaviour of the readers of a case, seen from outside.

mod case;
mod claims;
mod data;
mod ethics;
mod fields;
mod malformed;
mod scaffold;
mod scaffold_data;
