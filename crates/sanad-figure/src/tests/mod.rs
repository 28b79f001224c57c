//! Tests over all forms: goldens, laws, and that nothing leaves the paper.
mod bounds;
mod golden;
mod laws;
pub(crate) mod samples;
