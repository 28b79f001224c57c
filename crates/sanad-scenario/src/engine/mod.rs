//! Programs for blocks of members, and the machine that runs them.

pub(crate) mod block;
pub(crate) mod kernel;
pub(crate) mod program;
mod special;
