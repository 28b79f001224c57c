//! The pure libraries on arrays, without a case.

pub(crate) mod agreement;
pub(crate) mod excitation;
pub(crate) mod index;
pub(crate) mod intervention;
pub(crate) mod model;
pub(crate) mod scores;
