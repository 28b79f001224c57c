//! Laws and known answers.

mod laws;
mod reference;
mod support;
mod tai;
