//! Behaviour of the crate as a whole, against outside references.

mod reference;
