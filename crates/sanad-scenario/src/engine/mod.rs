//! Programs for blocks of members, and the machine that runs them.

pub(crate) mod block;
mod device;
pub(crate) mod kernel;
pub(crate) mod program;
pub(crate) mod special;
