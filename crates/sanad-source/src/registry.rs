//! The formats that can be imported: one line each, from the module that reads it.
//!
//! An importer takes its word, its help, the data set that a file belongs to and how that is cited
//! from here. A new format is a module with its `FORMAT` and a line in [`FORMATS`]; a new layout of
//! a format that is read already is a module with its [`TableLayout`] and a line in that format.

pub use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};

/// Every format, in the order in which an importer lists them.
pub const FORMATS: &[&SourceFormat] = &[
    &crate::ged::FORMAT,
    &crate::boundaries::FORMAT,
    &crate::wgi::FORMAT,
    &crate::vdem::FORMAT,
    &crate::wdi::FORMAT,
    &crate::stop::FORMAT,
    &crate::districts::FORMAT,
    &crate::displacement::IDMC,
    &crate::displacement::UNHCR,
    &crate::ucdp_dyadic::FORMAT,
    &crate::country_months::FORMAT,
    &crate::gdelt_months::FORMAT,
    &crate::plain::FORMAT,
    &crate::statements::FORMAT,
    &crate::table::FORMAT,
    &crate::survey::FORMAT,
    &crate::gdelt::FORMAT,
    &crate::dyads::FORMAT,
    &crate::desk::FORMAT,
];

/// The format with an importer's word.
///
/// ```
/// let wgi = sanad_source::registry::format("wgi").unwrap();
/// assert!(wgi.publication.citation.starts_with("Kaufmann"));
/// assert!(sanad_source::registry::format("rumours").is_none());
/// ```
#[must_use]
pub fn format(word: &str) -> Option<&'static SourceFormat> {
    FORMATS.iter().copied().find(|format| format.word == word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_differ_and_every_format_says_what_it_is_and_how_it_is_cited() {
        let words: BTreeSet<&str> = FORMATS.iter().map(|format| format.word).collect();
        assert_eq!(words.len(), FORMATS.len());
        for format in FORMATS {
            assert!(!format.help.is_empty() && !format.help.ends_with('.'), "{}", format.word);
            assert!(!format.publication.title.is_empty(), "{}", format.word);
            assert!(!format.publication.citation.is_empty(), "{}", format.word);
            if let Content::Series { layouts, .. } = format.content {
                assert!(
                    layouts.iter().all(|layout| !layout.known_by.is_empty()),
                    "{}",
                    format.word
                );
            }
        }
    }

    #[test]
    fn the_page_on_sources_has_a_row_for_every_format() {
        let page = include_str!("../../../docs/sources.md");
        for format in FORMATS {
            let word = format!("`{}`", format.word);
            let row =
                |line: &str| line.starts_with('|') && line[..line.len().min(60)].contains(&word);
            assert!(page.lines().any(row), "docs/sources.md has no row for {word}");
        }
    }
}
