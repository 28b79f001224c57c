//! Sections of the briefing, one module each: what it holds, how it is drawn and what it says.

pub mod capability;
pub mod claims;
pub mod forecast;
pub mod fronts;
pub mod gap;
pub mod lead;
pub mod policy;
