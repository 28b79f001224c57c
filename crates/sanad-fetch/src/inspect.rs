//! Looks at what came, not only at its status.
//!
//! Twice: at the first bytes, before anything is written, and at the whole file, before it gets its
//! name. What differs in a way that importers know (tags below the header, lines above it, no header,
//! a byte-order mark) is noted; what is something else is refused.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::de::IgnoredAny;
use zip::ZipArchive;

use crate::catalogue::DEFAULT_MAX_BYTES;
use crate::expected::{Expectation, FileKind};
use crate::pattern::NamePattern;

/// Bytes at the beginning of a file in which a header is looked for.
const HEAD_BYTES: u64 = 1 << 20;
/// Bytes of the beginning of an answer that tell what it is.
pub(crate) const START_BYTES: usize = 4096;
/// The most members of an archive that are looked at.
const MEMBERS: usize = 10_000;
/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What the beginning of an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Nothing against it.
    Sound,
    /// Something else, in a few words.
    Strange(String),
    /// A pointer of Git LFS in place of the file.
    Pointer(LfsPointer),
}

/// What a pointer of Git LFS says of the file that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LfsPointer {
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// Looks at the first bytes of an answer.
///
/// ```
/// use sanad_fetch::{Expectation, Start, look_at_start};
///
/// let page = b"<!DOCTYPE html><html><body>Please log in</body></html>";
/// assert!(matches!(look_at_start(page, &Expectation::default()), Start::Strange(_)));
/// assert_eq!(look_at_start(b"id,year\n1,2099\n", &Expectation::default()), Start::Sound);
/// ```
#[must_use]
pub fn look_at_start(start: &[u8], expected: &Expectation) -> Start {
    if let Some(pointer) = lfs_pointer(start) {
        return Start::Pointer(pointer);
    }
    let text = start.strip_prefix(MARK).unwrap_or(start).trim_ascii_start();
    let strange = |found: &str| Start::Strange(found.to_owned());
    if text.is_empty() {
        return strange("nothing");
    }
    if expected.kind == FileKind::Page {
        return Start::Sound;
    }
    if is_html(text) {
        return strange("a page of HTML");
    }
    let is_json = matches!(text[0], b'{' | b'[');
    match expected.kind {
        FileKind::Zip if !start.starts_with(b"PK") => {
            strange(if is_json { "JSON" } else { "what is no ZIP archive" })
        }
        FileKind::Json | FileKind::Pages if !is_json => strange("what is no JSON"),
        FileKind::Csv if is_json => strange("JSON"),
        FileKind::Csv if start.starts_with(b"PK\x03\x04") => strange("a ZIP archive"),
        FileKind::Csv if start.contains(&0) => strange("what is no text"),
        _ => Start::Sound,
    }
}

fn is_html(text: &[u8]) -> bool {
    let start = &text[..text.len().min(1024)];
    let start = String::from_utf8_lossy(start).to_lowercase();
    let opens =
        ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| start.starts_with(tag));
    opens || (start.starts_with('<') && (start.contains("<html") || start.contains("<title")))
}

/// Reads a pointer of Git LFS (specification version 1): three lines of key and value.
pub(crate) fn lfs_pointer(start: &[u8]) -> Option<LfsPointer> {
    let text = core::str::from_utf8(start.get(..start.len().min(1024))?).ok()?;
    let mut lines = text.lines();
    lines.next().filter(|line| line.starts_with("version https://git-lfs.github.com/spec/"))?;
    let lines: Vec<&str> = lines.collect();
    let value = |key: &str| lines.iter().find_map(|line| line.strip_prefix(key));
    let sha256 = value("oid sha256:")?.trim().to_lowercase();
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(LfsPointer { sha256, bytes: value("size ")?.trim().parse().ok()? })
}

/// Looks at a whole file: notes for the user, or what was found in place of what was expected.
///
/// `is_length_known` says whether the server stated how long the file is. Where it did not, a table
/// is read to its end, because nothing else shows that it was cut.
pub(crate) fn look_at_file(
    path: &Path,
    expected: &Expectation,
    is_length_known: bool,
) -> io::Result<Result<Vec<String>, String>> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(START_BYTES as u64).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    if let Start::Strange(found) = look_at_start(&start, expected) {
        return Ok(Err(found));
    }
    Ok(match expected.kind {
        FileKind::Any | FileKind::Pages | FileKind::Page => Ok(Vec::new()),
        FileKind::Json => whole_json(file),
        FileKind::Zip => whole_archive(file, expected),
        FileKind::Csv if !is_length_known => {
            let mut head = Vec::new();
            file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
            file.seek(SeekFrom::Start(0))?;
            header(&head, expected).and_then(|notes| whole_rows(file, expected).map(|()| notes))
        }
        FileKind::Csv => {
            let mut head = Vec::new();
            file.take(HEAD_BYTES).read_to_end(&mut head)?;
            header(&head, expected)
        }
    })
}

fn whole_json(file: File) -> Result<Vec<String>, String> {
    let read = serde_json::from_reader::<_, IgnoredAny>(io::BufReader::new(file));
    read.map(|_| Vec::new()).map_err(|error| format!("JSON that is cut short or broken ({error})"))
}

fn csv_reader<R: Read>(bytes: R, expected: &Expectation) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(expected.separator())
        .from_reader(bytes)
}

/// Whether the last row of a table has as many fields as those before it.
fn whole_rows(file: File, expected: &Expectation) -> Result<(), String> {
    let mut widest = 0;
    let mut last = 0;
    for record in csv_reader(file, expected).into_byte_records() {
        last = record.map_err(|error| format!("a table that cannot be read ({error})"))?.len();
        widest = widest.max(last);
    }
    if last < widest { Err("a table whose last row is cut short".to_owned()) } else { Ok(()) }
}

/// Finds the header by its content: it may stand below lines of other text, have tags under it, or
/// be missing.
fn header(head: &[u8], expected: &Expectation) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    let text = head.strip_prefix(MARK).unwrap_or(head);
    if text.len() < head.len() {
        notes.push("begins with a byte-order mark".to_owned());
    }
    let within = expected.header_within.unwrap_or(1);
    let mut records = csv_reader(text, expected).into_byte_records().map_while(Result::ok);
    let mut first_length = None;
    for skipped in 0..within {
        let Some(record) = records.next() else { break };
        first_length.get_or_insert(record.len());
        if is_header(&record, expected) {
            if skipped > 0 {
                notes.push(format!("{skipped} lines stand above the header"));
            }
            let below = records.next();
            if below.is_some_and(|row| row.iter().find(|cell| !cell.is_empty()).is_some_and(is_tag))
            {
                notes.push("a row of HXL tags stands below the header".to_owned());
            }
            return Ok(notes);
        }
    }
    match first_length {
        None => Err("an empty table".to_owned()),
        _ if expected.columns.is_empty() => Ok(notes),
        Some(length) if expected.fields == Some(length) => {
            notes.push("has no header; columns go by their official order".to_owned());
            Ok(notes)
        }
        Some(_) => Err("a table without these columns".to_owned()),
    }
}

fn is_tag(cell: &[u8]) -> bool {
    cell.starts_with(b"#")
}

fn is_header(record: &csv::ByteRecord, expected: &Expectation) -> bool {
    let named = |column: &String| {
        record.iter().any(|cell| cell.trim_ascii().eq_ignore_ascii_case(column.as_bytes()))
    };
    !expected.columns.is_empty() && expected.columns.iter().all(named)
}

/// Unpacks every member into nothing, which checks their sums, and looks at the one with the data.
fn whole_archive(file: File, expected: &Expectation) -> Result<Vec<String>, String> {
    let broken = |error: &dyn core::fmt::Display| {
        format!("a ZIP archive that is cut short or damaged ({error})")
    };
    let mut archive = ZipArchive::new(file).map_err(|error| broken(&error))?;
    if archive.len() > MEMBERS {
        return Err(format!("a ZIP archive with more than {MEMBERS} members"));
    }
    let names: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let wanted = wanted_member(&names, expected)?;
    let mut notes = Vec::new();
    let mut left_bytes = DEFAULT_MAX_BYTES;
    for name in &names {
        let mut member = archive.by_name(name).map_err(|error| broken(&error))?;
        let mut head = Vec::new();
        member.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|error| broken(&error))?;
        let rest = io::copy(&mut member.take(left_bytes), &mut io::sink());
        let unpacked = rest.map_err(|error| broken(&error))? + head.len() as u64;
        left_bytes =
            left_bytes.checked_sub(unpacked).filter(|left| *left > 0).ok_or_else(|| {
                format!("a ZIP archive that unpacks to more than {DEFAULT_MAX_BYTES} bytes")
            })?;
        if Some(name) == wanted.as_ref() {
            notes = header(&head, expected).map_err(|found| format!("{found} in the archive"))?;
        }
    }
    Ok(notes)
}

/// The member with the data, where the catalogue names it: exactly one of them must have the name.
fn wanted_member(names: &[String], expected: &Expectation) -> Result<Option<String>, String> {
    let Some(pattern) = &expected.member else { return Ok(None) };
    let pattern = NamePattern::new(pattern);
    let file_name = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let is_hidden = |name: &str| name.starts_with("__MACOSX/") || file_name(name).starts_with('.');
    let mut found =
        names.iter().filter(|name| !is_hidden(name) && pattern.matches(&file_name(name)));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(Some(only.clone())),
        (None, _) => Err("a ZIP archive without that file".to_owned()),
        (Some(_), Some(_)) => Err("a ZIP archive with several such files".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(columns: &[&str], within: usize, fields: Option<usize>) -> Expectation {
        Expectation {
            kind: FileKind::Csv,
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            header_within: Some(within),
            fields,
            ..Expectation::default()
        }
    }

    #[test]
    fn what_is_no_data_shows_in_its_first_bytes() {
        let zip = Expectation { kind: FileKind::Zip, ..Expectation::default() };
        let json = Expectation { kind: FileKind::Json, ..Expectation::default() };
        let table = csv(&[], 1, None);
        for (expected, start, found) in [
            (&zip, &b"<html><title>x</title>"[..], "HTML"),
            (&zip, b"{\"message\":\"no\"}", "JSON"),
            (&zip, b"id,year", "no ZIP"),
            (&json, b"<?xml version=\"1.0\"?>\n<html>", "HTML"),
            (&json, b"Bad Request", "no JSON"),
            (&table, b"[{\"message\":[]}]", "JSON"),
            (&table, b"PK\x03\x04", "ZIP"),
            (&table, b"", "nothing"),
            (&table, b"\xef\xbb\xbf  \n", "nothing"),
        ] {
            let Start::Strange(words) = look_at_start(start, expected) else {
                panic!("{start:?} passed")
            };
            assert!(words.contains(found), "{words}");
        }
        assert_eq!(look_at_start(b"\xef\xbb\xbfid,year", &table), Start::Sound);
    }

    #[test]
    fn a_pointer_says_which_file_it_stands_for() {
        let text = format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 123456\n",
            "0".repeat(64)
        );
        let Start::Pointer(pointer) = look_at_start(text.as_bytes(), &Expectation::default())
        else {
            panic!("no pointer")
        };
        assert_eq!(pointer.bytes, 123_456);
        assert!(
            lfs_pointer(b"version https://git-lfs.github.com/spec/v1\noid sha256:zz\nsize 1\n")
                .is_none()
        );
    }

    #[test]
    fn a_header_is_found_by_content_or_known_to_be_missing() {
        let ged = csv(&["id", "date_start"], 1, Some(3));
        assert_eq!(header(b"id,DATE_START,best\n1,2,3\n", &ged), Ok(vec![]));
        assert!(header(b"\xef\xbb\xbfid,date_start,best\n", &ged).unwrap()[0].contains("mark"));
        assert!(header(b"1,2099-01-01,3\n", &ged).unwrap()[0].contains("no header"));
        assert!(header(b"id,date_start\n#event,#date\n", &ged).unwrap()[0].contains("HXL"));
        assert!(header(b"event_id_cnty,event_date\n", &ged).unwrap_err().contains("without"));
        let bank = csv(&["Country Code", "Indicator Code"], 3, None);
        let lines = b"\"Data Source\",\"WDI\",\n\n\"Last Updated\",\"2099\",\n\nCountry Name,Country Code,Indicator Name,Indicator Code,\n";
        assert!(header(lines, &bank).unwrap()[0].contains("2 lines"));
        assert!(header(b"", &bank).unwrap_err().contains("empty"));
    }

    #[test]
    fn the_member_is_the_only_one_of_its_name() {
        let expected =
            Expectation { member: Some("V-Dem-*.csv".to_owned()), ..Expectation::default() };
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let sound = names(&[
            "a/V-Dem-CY-Full+Others-v16.csv",
            "code book.pdf",
            "__MACOSX/a/V-Dem-x.csv",
            "a/.V-Dem-y.csv",
        ]);
        assert_eq!(wanted_member(&sound, &expected).unwrap().as_deref(), Some(sound[0].as_str()));
        assert!(wanted_member(&names(&["x.pdf"]), &expected).is_err());
        assert!(wanted_member(&names(&["V-Dem-1.csv", "V-Dem-2.csv"]), &expected).is_err());
    }
}
