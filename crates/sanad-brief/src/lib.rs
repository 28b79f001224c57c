//! The briefing a decision-maker reads: one self-contained HTML file.
//!
//! [`Briefing`] holds the numbers; [`render`] puts them into sentences, tables and figures.
//!
//! # How a page is made
//!
//! | part | where |
//! | --- | --- |
//! | the numbers, as `sanad-study` hands them over | [`Briefing`] and the data of its sections |
//! | what stands on the first page | [`section::lead`], from [`latest`] |
//! | figures | the drawing of each section, with the forms of `sanad_figure` |
//! | sentences | words made of numbers only; what is missing is said to be missing |
//! | the page | [`render`]; single parts for other doors in [`parts`] |
//! | the report of a back-test | [`evaluation::render`] |
//! | a page for each claim on trial | [`section::claims::claim_page`] and [`section::claims::index_page`] |
//!
//! Data know no drawing and no words; drawing and words read data. So a section can be changed in one
//! place, and a number can be shown by another door without the page.
//!
//! # What is not here
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
