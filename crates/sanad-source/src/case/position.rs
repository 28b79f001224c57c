//! Lines, columns and fields of a text from its byte offsets.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// Line of a byte offset, from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', before(text, offset).as_bytes()).count()
}

/// Column of a byte offset, in characters from 1.
fn column(text: &str, offset: usize) -> usize {
    let before = before(text, offset);
    1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count())
}

fn before(text: &str, offset: usize) -> &str {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The key of the line in which `offset` lies, if it has one.
pub(super) fn field(text: &str, offset: usize) -> Option<&str> {
    let start = before(text, offset).rfind('\n').map_or(0, |at| at + 1);
    let (key, _) = text[start..].lines().next()?.split_once('=')?;
    let key = key.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!key.is_empty() && key.bytes().all(plain)).then_some(key)
}

/// Parses a whole document.
pub(crate) fn parse<T: DeserializeOwned>(document: &'static str, text: &str) -> Result<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::Empty { expected: "TOML in UTF-8" });
    }
    toml::from_str(text).map_err(|cause| wrong(document, text, cause))
}

/// A parser's error with its place in `text`.
pub(super) fn wrong(document: &'static str, text: &str, error: toml::de::Error) -> Error {
    let span = error.span().unwrap_or(0..0);
    let what = message(text, &error);
    let named = what.starts_with("missing field") || what.starts_with("unknown field");
    let message = match field(text, span.start).filter(|_| !named) {
        Some(field) => format!("field {field}: {what}"),
        None => what,
    };
    Error::Toml {
        document,
        line: line(text, span.start),
        column: column(text, span.start),
        message,
    }
}

/// What a parser says, in one line; what it says of dates does not tell what it wants.
pub(super) fn message(text: &str, error: &toml::de::Error) -> String {
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
    }
}
