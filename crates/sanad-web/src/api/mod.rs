//! The interface for programs: each address gives one table, the same as the command line prints.

pub(crate) mod analyses;
pub(crate) mod codebook;
pub(crate) mod records;
pub(crate) mod violence;
