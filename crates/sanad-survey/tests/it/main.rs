//! The crate from outside.

mod calibration;
mod coverage;
mod endorsement_file;
mod hand_computed;
