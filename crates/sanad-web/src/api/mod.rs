//! The interface for programs: each address gives one table, the same as the command line prints.
//!
//! A function here takes a scene, asks the edition for what it needs and lays it out with
//! `sanad_study::tables` or the store. It computes no statistic. What the case or its record does
//! not have is a fault of the kind `NotFound` that says what is missing.

pub(crate) mod analyses;
pub(crate) mod codebook;
pub(crate) mod records;
pub(crate) mod violence;
