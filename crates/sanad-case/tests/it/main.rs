//! Behaviour of the readers of a case, seen from outside.

mod case;
mod claims;
mod ethics;
mod malformed;
