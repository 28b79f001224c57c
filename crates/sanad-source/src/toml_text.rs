//! Hand-written TOML: what is wrong with a document, with its line, column and field.

use serde::de::DeserializeOwned;
use thiserror::Error as ThisError;

/// What is wrong with a TOML document, and where.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, with the field, in one line.
    pub message: String,
}

/// Line of a byte offset, from 1.
#[must_use]
pub fn line(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', before(text, offset).as_bytes()).count()
}

/// The lines of a document, for finding those of many byte offsets.
///
/// ```
/// let lines = sanad_source::toml_text::Lines::new("a = 1\nb = 2\n");
/// assert_eq!((lines.line(0), lines.line(6)), (1, 2));
/// ```
#[derive(Debug, Clone)]
pub struct Lines {
    /// Byte offsets of the ends of lines, ascending.
    ends: Vec<usize>,
}

impl Lines {
    /// Finds where the lines of `text` end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect() }
    }

    /// Line of a byte offset, from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        1 + self.ends.partition_point(|&end| end < offset)
    }
}

/// Column of a byte offset, in characters from 1.
fn column(text: &str, offset: usize) -> usize {
    let before = before(text, offset);
    1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count())
}

/// The text before an offset, cut at a letter's border.
fn before(text: &str, offset: usize) -> &str {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The key of the line in which `offset` lies, if it has one.
#[must_use]
pub fn field(text: &str, offset: usize) -> Option<&str> {
    let start = before(text, offset).rfind('\n').map_or(0, |newline| newline + 1);
    let (key, _) = text[start..].lines().next()?.split_once('=')?;
    let key = key.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!key.is_empty() && key.bytes().all(plain)).then_some(key)
}

/// Whether a document holds nothing but blanks and a byte order mark.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}

/// Parses a whole document, with or without a byte order mark.
///
/// # Errors
///
/// The first thing that is no TOML or does not fit `T`.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Card {
///     year: u16,
/// }
///
/// let problem = sanad_source::toml_text::parse::<Card>("year = \"x\"\n").unwrap_err();
/// assert_eq!((problem.line, problem.column), (1, 8));
/// assert!(problem.message.starts_with("field year:"));
/// ```
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, TomlProblem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str(text).map_err(|cause| problem(text, &cause))
}

/// A parser's error with its place in `text`.
#[must_use]
pub fn problem(text: &str, error: &toml::de::Error) -> TomlProblem {
    let span = error.span().unwrap_or(0..0);
    let what = message(text, error);
    let named = what.starts_with("missing field") || what.starts_with("unknown field");
    let message = match field(text, span.start).filter(|_| !named) {
        Some(field) => format!("field {field}: {what}"),
        None => what,
    };
    TomlProblem { line: line(text, span.start), column: column(text, span.start), message }
}

/// What a parser says, in one line; what it says of dates does not tell what it wants.
#[must_use]
pub fn message(text: &str, error: &toml::de::Error) -> String {
    /// Messages of the reader of dates that say nothing to somebody who wrote a case.
    const OF_DATES: [&str; 5] = [
        "input is out of range",
        "input contains invalid characters",
        "premature end of input",
        "trailing input",
        "formatted date string",
    ];
    let said = error.message();
    match error.span().and_then(|span| text.get(span)) {
        Some(found) if OF_DATES.iter().any(|words| said.contains(words)) => {
            format!(
                "found {}, expected a date in quotation marks such as \"2018-05-31\"",
                found.trim()
            )
        }
        _ => said.lines().collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_lines_columns_and_fields() {
        let text = "a = 1\nname = \"é\"\n[[x]]\n";
        let at = text.find('"').unwrap();
        assert_eq!((line(text, at), column(text, at), field(text, at)), (2, 8, Some("name")));
        assert_eq!(field(text, text.find('[').unwrap()), None);
        assert_eq!(line(text, 999), 4);
        let lines = Lines::new(text);
        assert!((0..30).all(|offset| lines.line(offset) == line(text, offset)));
    }
}
