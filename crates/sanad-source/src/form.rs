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
const UTF_16: &str = "UTF-16 text";
const RECODE: &str = "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE";
const WEB: &str = "download the data file itself; the server may have sent an error page";

/// Refuses what cannot be text in UTF-8 of the kind `expected`.
pub(crate) fn check(data: &[u8], expected: &'static str) -> Result<()> {
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
