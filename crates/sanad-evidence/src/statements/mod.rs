//! Measures of the narrative front, on counts and codes alone.
//!
//! No text enters: a statement is a date, a speaker, an audience and a set of coded frames, and
//! even those arrive here as numbers.
//!
//! - [`mix`]: how diverse a mix of frames, languages or audiences is.
//! - [`synchrony`]: whether two organisations' mixes move together more than chance.
//! - [`claims`]: claimed against recorded events, and shares, with exact intervals.
//! - [`coordination`]: days on which several places were hit, against chance.
//! - [`agreement`]: Krippendorff's alpha of the coders, with bootstrap intervals.

pub mod agreement;
mod beta;
pub mod claims;
pub mod coordination;
pub mod mix;
pub mod synchrony;
