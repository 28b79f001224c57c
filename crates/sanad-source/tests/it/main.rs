//! Behaviour of the readers, seen from outside.

mod ethics;
