//! The places of a case and the names by which sources call them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_core::place::{Alias, Place, PlaceBook};
use serde::Deserialize;
use toml::Spanned;

use super::position;
use crate::error::{Error, Result};

const DOCUMENT: &str = "places.toml";

/// Places and aliases as listed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    /// Places, in the order of the file.
    pub places: Vec<Place>,
    /// Aliases, in the order of the file.
    pub aliases: Vec<Alias>,
    /// Words that a name may end with and mean the same, lower case; the general ones when absent.
    pub closing_words: Option<Vec<String>>,
    lines: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesDocument {
    closing_words: Option<Vec<String>>,
    #[serde(default)]
    place: Vec<Spanned<Place>>,
    #[serde(default)]
    alias: Vec<Spanned<Alias>>,
}

/// Reads `places.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]. Contradictions between entries come to
/// light in [`Places::into_book`].
///
/// ```
/// let text = "[[place]]\nid = \"XX\"\nname = \"Somewhere\"\nlevel = \"country\"";
/// let places = sanad_case::read_places(text)?;
/// let book = places.into_book("2022-09-09".parse().unwrap())?;
/// assert_eq!(book.get("XX").unwrap().name, "Somewhere");
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read_places(text: &str) -> Result<Places> {
    let document: PlacesDocument = position::parse(DOCUMENT, text)?;
    let closing_words = document.closing_words;
    let closing_words =
        closing_words.map(|words| words.iter().map(|word| word.to_lowercase()).collect());
    let mut read = Places { closing_words, ..Places::default() };
    let lines = position::Lines::new(text);
    for alias in document.alias {
        let line = lines.line(alias.span().start);
        let alias = alias.into_inner();
        read.lines.insert(alias.name.clone(), line);
        read.aliases.push(alias);
    }
    for place in document.place {
        let line = lines.line(place.span().start);
        let place = place.into_inner();
        // Of two places with one id the later line is shown, where the repetition stands.
        read.lines.insert(place.id.clone(), line);
        read.places.push(place);
    }
    Ok(read)
}

impl Places {
    /// Checks that the places agree with each other and builds a book of them; `current_on` is
    /// the day whose places count as today's.
    ///
    /// # Errors
    ///
    /// [`Error::Contradiction`] with the line of the entry concerned.
    pub fn into_book(self, current_on: NaiveDate) -> Result<PlaceBook> {
        let lines = self.lines;
        let (places, aliases) = (self.places, self.aliases);
        let book = match self.closing_words {
            Some(words) => PlaceBook::with_closing_words(places, aliases, words, current_on),
            None => PlaceBook::new(places, aliases, current_on),
        };
        book.map_err(|cause| {
            let line = match &cause {
                sanad_core::Error::Place { place, .. } => lines.get(place).copied(),
                _ => None,
            };
            let line = line.unwrap_or(1);
            Error::Contradiction { document: DOCUMENT, line, problem: cause.into() }
        })
    }
}
