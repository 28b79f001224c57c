//! Behaviour of the crate as a whole, against outside references.

mod discrete;
mod reference;
