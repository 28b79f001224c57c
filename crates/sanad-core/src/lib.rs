//! The words every other part of Sanad speaks.
#![warn(missing_docs)]

pub mod random;
