//! Bytes that are plainly of another kind of file.

use crate::error::{Error, Result};

/// First bytes, what they are the mark of, and what to do.
const MARKS: [(&[u8], &str, &str); 7] = [
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack it, or export the data as text"),
    (b"\x1f\x8b", "a gzip archive", "unpack it: gunzip FILE"),
    (b"BZh", "a bzip2 archive", "unpack it: bunzip2 FILE"),
    (b"PAR1", "a Parquet file", "export it as text"),
    (b"SQLite format 3", "a GeoPackage or SQLite database", "export the layer as text"),
    (b"\xff\xfe", UTF_16, RECODE),
    (b"\xfe\xff", UTF_16, RECODE),
];
/// What a file with that mark at its start is.
const UTF_16: &str = "UTF-16 text";
/// What to do with it.
const RECODE: &str = "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE";
/// What to do with a page of a web server in place of a file.
const WEB: &str = "download the data file itself; the server may have sent an error page";

/// Whether fields are a row of HXL tags (`#affected +killed`, `#date+start`) and nothing else. Some
/// may be empty.
pub(crate) fn are_tags<'f>(fields: impl Iterator<Item = &'f [u8]>) -> bool {
    let mut filled = fields.map(<[u8]>::trim_ascii).filter(|field| !field.is_empty()).peekable();
    filled.peek().is_some() && filled.all(is_tag)
}

/// `#` and a word, then words that begin with `+`.
fn is_tag(field: &[u8]) -> bool {
    let Some(rest) = field.strip_prefix(b"#") else { return false };
    let word = |part: &[u8]| {
        let part = part.trim_ascii();
        part.first().is_some_and(u8::is_ascii_alphabetic)
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    rest.split(|byte| *byte == b'+').all(word)
}

/// Refuses what cannot be text in UTF-8 of the kind `expected`, by its first bytes: archives,
/// spreadsheets, databases, pages of a web server, text in UTF-16.
///
/// ```
/// let refused = sanad_source::check_text(b"\x1f\x8b\x08", "a table").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "found a gzip archive, expected a table; unpack it: gunzip FILE"
/// );
/// assert!(sanad_source::check_text(b"month,deaths\n", "a table").is_ok());
/// ```
///
/// # Errors
///
/// [`Error::Empty`] without anything but blanks, [`Error::Form`] with what was found and what to do.
pub fn check_text(data: &[u8], expected: &'static str) -> Result<()> {
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data).trim_ascii_start();
    if text.is_empty() {
        return Err(Error::Empty { expected });
    }
    let form = |found, advice| Err(Error::Form { found, expected, advice });
    if let Some((_, found, advice)) = MARKS.iter().find(|(mark, ..)| data.starts_with(mark)) {
        return form(found, advice);
    }
    if data[..data.len().min(4)].contains(&0) {
        return form(UTF_16, RECODE);
    }
    if text.starts_with(b"<") {
        return form("a web page or XML", WEB);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_words() {
        let are = |fields: &[&str]| are_tags(fields.iter().map(|field| field.as_bytes()));
        assert!(are(&["#event+id", "", " #affected +killed + civilians"]));
        for fields in [&["#1"][..], &["#event", "x"], &["", ""], &["#"], &["#event+"]] {
            assert!(!are(fields), "{fields:?}");
        }
    }
}
