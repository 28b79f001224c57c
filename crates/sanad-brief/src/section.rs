//! Sections of the briefing that hold their own content, drawings, words and markup.

pub mod claims;
