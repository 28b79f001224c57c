//! Laws and known answers.

mod laws;
mod support;
mod tai;
