//! Bytes that are plainly of another kind of file.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// The largest file that unpacking gives.
const UNPACKED_BYTES: u64 = 2 << 30;

/// The bytes of a file, unpacked where they are a gzip archive.
///
/// # Errors
///
/// [`Error::Form`] when the archive is cut short or damaged, [`Error::TooLarge`] when more than
/// 2 GiB come out of it.
///
/// ```
/// assert_eq!(sanad_source::unpacked(b"a,b\n".to_vec())?, b"a,b\n");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    unpacked_below(bytes, UNPACKED_BYTES)
}

fn unpacked_below(bytes: Vec<u8>, limit_bytes: u64) -> Result<Vec<u8>> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(bytes.as_slice()).take(limit_bytes + 1).read_to_end(&mut out);
    read.map_err(|_| Error::Form {
        found: "a gzip archive that is cut short or damaged",
        expected: "a whole one",
        advice: "obtain it again from its publisher",
    })?;
    if out.len() as u64 > limit_bytes { Err(Error::TooLarge { limit_bytes }) } else { Ok(out) }
}

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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn archives_are_unpacked_and_damage_is_told() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&[b'x'; 1000]).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(unpacked(packed.clone()).unwrap(), [b'x'; 1000]);
        assert!(unpacked(packed[..packed.len() - 9].to_vec()).unwrap_err().is_form());
        assert!(unpacked_below(packed, 999).unwrap_err().is_limit());
    }
}
