//! The texts of the desk's pages in three languages, in one place.
//!
//! [`Phrases`] are sentences, [`words`] the names of kinds, stages, steps and roles, and
//! [`NOT_PROTECTED`] the list that stands on the page on which people write. Pages are built
//! elsewhere and hold no text of their own for filers. Pages of staff are in English alone.
//!
//! The Urdu and the Pashto have **not been reviewed by a reader of the language**. Every page in
//! them says so, in that language and in English.

mod language;
mod phrases;
mod unprotected;
pub mod words;

pub use language::{Language, WritingDirection};
pub use phrases::Phrases;
pub(crate) use unprotected::not_protected;
pub use unprotected::{NOT_PROTECTED, not_protected_as_markdown};
