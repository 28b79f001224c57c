//! Programs for blocks of members, and the machine that runs them.
//!
//! A [`program`] is a list of instructions on registers, made for the outputs of one simulation. A
//! [`block`] runs it for a fixed number of members side by side ([`kernel`]), with what cannot run
//! across lanes done member by member: functions of the moment ([`special`]), conveyors and queues
//! ([`device`]). Derivatives come from a pass back over the same instructions ([`reverse`]).

pub(crate) mod block;
mod device;
pub(crate) mod kernel;
pub(crate) mod logarithm;
pub(crate) mod program;
pub(crate) mod reverse;
pub(crate) mod special;
