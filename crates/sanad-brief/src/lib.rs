//! The briefing a decision-maker reads: one self-contained HTML file.
//!
//! [`Briefing`] holds the numbers; [`render`] puts them into sentences, tables and figures.
//!
//! What is deliberately absent: any computation of a statistic (numbers come with their
//! intervals), any file, network or clock, and any knowledge of a particular case.

mod content;
mod drawing;
pub mod evaluation;
mod fans;
pub mod latest;
mod page;
pub mod parts;
pub mod section;
mod skeleton;
mod text;
mod words;

pub use content::*;
pub use page::render;

/// What can go wrong with a briefing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A figure's data do not fit its form.
    #[error("a figure cannot be drawn")]
    Figure(#[from] sanad_figure::Error),
}

/// The result of this crate's fallible functions.
pub type Result<T> = core::result::Result<T, Error>;
