//! Identifiers: when two spellings name the same thing.
//!
//! XMILE 1.0, section 3.2.2.2: case does not matter, and a run of spaces, non-breaking spaces,
//! newlines and underscores counts as one separator. Case folding here is Unicode simple
//! lower-casing, which agrees with the standard's collation rule for every script with case. The
//! spelling itself is kept wherever a name is shown; only comparisons use the canonical form.

/// The one spelling that stands for every equivalent spelling of `name`.
///
/// Quotation marks around the whole name fall away; inside, `\n` is a separator, and `\"` and `\\`
/// are the character itself. Separators at either end are dropped, so that a name of separators
/// alone becomes the empty text. A dot is kept: it qualifies a name with its module's, and the
/// parts of such a name are made canonical one by one where the dots may be quoted.
///
/// ```
/// use sanad_scenario::canonical_name;
/// assert_eq!(canonical_name("Birth Rate"), "birth_rate");
/// assert_eq!(canonical_name("\"birth\\nrate\""), "birth_rate");
/// assert_eq!(canonical_name("BIRTH___RATE"), "birth_rate");
/// ```
#[must_use]
pub fn canonical_name(name: &str) -> String {
    let name = name.trim();
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    let mut canonical = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    let mut pending_separator = false;
    while let Some(character) = characters.next() {
        let character = match (character, characters.peek()) {
            ('\\', Some('n')) => {
                characters.next();
                ' '
            }
            ('\\', Some('"' | '\\')) => characters.next().unwrap_or('\\'),
            _ => character,
        };
        if is_separator(character) {
            pending_separator = true;
            continue;
        }
        if pending_separator && !canonical.is_empty() {
            canonical.push('_');
        }
        pending_separator = false;
        canonical.extend(character.to_lowercase());
    }
    canonical
}

/// Whether `character` separates the words of an identifier.
pub(crate) fn is_separator(character: char) -> bool {
    matches!(character, '_' | '\u{a0}') || character <= ' '
}
