//! Lines, columns and fields of a text from its byte offsets.

use core::ops::Range;

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
pub(super) fn parse<T: DeserializeOwned>(document: &'static str, text: &str) -> Result<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::Empty { expected: "TOML in UTF-8" });
    }
    toml::from_str(text).map_err(|cause| wrong(document, text, cause))
}

/// A parser's error with its place in `text`.
pub(super) fn wrong(document: &'static str, text: &str, cause: toml::de::Error) -> Error {
    let offset = cause.span().map_or(0, |span: Range<usize>| span.start);
    let what = cause.message().lines().collect::<Vec<_>>().join(", ");
    let message = match field(text, offset) {
        Some(field) if !what.contains(&format!("`{field}`")) => format!("field {field}: {what}"),
        _ => what,
    };
    Error::Toml {
        document,
        line: line(text, offset),
        column: column(text, offset),
        message,
        cause: Box::new(cause),
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
