//! Reading one TOML file of a case.

use sanad_source::toml_text;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

pub(crate) use sanad_source::toml_text::{Lines, field, line, message};

/// Parses a whole document.
///
/// # Errors
///
/// [`Error::Empty`] for a document of blanks, [`Error::Toml`].
pub(crate) fn parse<T: DeserializeOwned>(document: &'static str, text: &str) -> Result<T> {
    if toml_text::is_blank(text) {
        return Err(Error::Empty { expected: "TOML in UTF-8" });
    }
    toml_text::parse(text).map_err(|problem| Error::Toml { document, problem })
}

/// A parser's error with its place in `text`.
pub(crate) fn wrong(document: &'static str, text: &str, error: &toml::de::Error) -> Error {
    Error::Toml { document, problem: toml_text::problem(text, error) }
}
