//! Source cards: what the bytes of a file cannot tell, and how a corrected card takes the place of the
//! one before.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use sanad_core::event::DateRule;
use sanad_core::source::{Coverage, Source};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::read_file::read_small_text;
use crate::snapshot::Snapshot;

/// A source card as a file: every field that the file's bytes cannot tell. An unknown field is
/// refused, so that a misspelt one is not passed over.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    pub(crate) id: Option<String>,
    pub(crate) version: Option<String>,
    title: Option<String>,
    citation: Option<String>,
    licence: Option<String>,
    url: Option<String>,
    accessed: Option<NaiveDate>,
    released: Option<NaiveDate>,
    preliminary: Option<bool>,
    date_rule: Option<DateRule>,
    coverage: Option<Coverage>,
}

impl Card {
    /// Reads a card; an empty one where there is no file.
    ///
    /// # Errors
    ///
    /// [`Error::Card`] when it is not TOML of these fields, states nothing, or its coverage ends
    /// before it begins.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = read_small_text(path)?;
        let wrong = |problem: &str| Error::Card {
            path: path.to_owned(),
            problem: problem.trim_end().to_owned(),
        };
        let card: Self = toml::from_str(&text).map_err(|e| wrong(&e.to_string()))?;
        if card == Self::default() {
            return Err(wrong("it states nothing"));
        }
        let backwards = |coverage: &Coverage| {
            coverage.from.zip(coverage.to).is_some_and(|(from, to)| to < from)
        };
        if card.coverage.as_ref().is_some_and(backwards) {
            return Err(wrong("its coverage ends before it begins"));
        }
        Ok(card)
    }

    /// The source, with `usual` where the card is silent.
    pub(crate) fn or(self, usual: Source) -> Source {
        Source {
            id: self.id.unwrap_or(usual.id),
            version: self.version.unwrap_or(usual.version),
            title: self.title.unwrap_or(usual.title),
            citation: self.citation.unwrap_or(usual.citation),
            licence: self.licence.unwrap_or(usual.licence),
            url: self.url.unwrap_or(usual.url),
            accessed: self.accessed.unwrap_or(usual.accessed),
            released: self.released.or(usual.released),
            preliminary: self.preliminary.unwrap_or(usual.preliminary),
            date_rule: self.date_rule.or(usual.date_rule),
            coverage: self.coverage.unwrap_or(usual.coverage),
        }
    }
}

/// Settings with the card that was given, which is part of what an import is known by where the same
/// bytes are there under another one.
pub(crate) fn with_card(settings: String, card: &Path) -> Result<String> {
    let bytes = fs::read(card).map_err(|e| Error::io("read", card, e))?;
    let card = format!("{CARD}{}", &sha256(&bytes)[..12]);
    Ok(if settings.is_empty() { card } else { format!("{settings} {card}") })
}

/// Whether two imports are of the same bytes for one series, read alike, and only their cards say
/// different things: the later is a correction of the earlier, and takes its place.
pub(crate) fn is_under_other_card(known: &Snapshot, corrected: &Snapshot) -> bool {
    known.format == corrected.format
        && known.sha256 == corrected.sha256
        && known.source.id == corrected.source.id
        && settings_but_card(&known.settings) == settings_but_card(&corrected.settings)
}

/// What [`with_card`] put behind the settings of an import taken away again.
fn settings_but_card(settings: &str) -> &str {
    let (before, card) = settings.rsplit_once(CARD).unwrap_or((settings, ""));
    if card.contains(' ') { settings } else { before.trim_end() }
}

/// Begins the part of an import's settings that names its card.
const CARD: &str = "card ";
