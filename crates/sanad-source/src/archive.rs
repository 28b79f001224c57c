//! Files as publishers ship them: packed with gzip, or a ZIP archive with one table inside.
//!
//! What comes out is bounded by a stated size and counted while it is unpacked, not by what an archive
//! says of itself: a small file can claim little and hold much. Names of members are only compared,
//! never used as paths; nothing is written.

use std::io::{Cursor, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};

/// The largest file that unpacking gives: seven times the events of all years and countries.
const UNPACKED_BYTES: u64 = 2 << 30;

/// The most members of an archive that are looked at.
const MEMBERS: usize = 10_000;

/// Endings of files that can be data. Archives hold code books and licences beside them.
const TABLES: [&str; 2] = ["csv", "tsv"];
/// Endings of data files that are no CSV.
const OTHERS: [&str; 6] = ["geojson", "json", "jsonl", "ndjson", "txt", "tab"];

/// Whether the first bytes of a file are those of an archive that [`unpacked`] opens.
#[must_use]
pub fn is_packed(start: &[u8]) -> bool {
    start.starts_with(b"\x1f\x8b") || start.starts_with(b"PK\x03\x04")
}

/// The bytes of a file, unpacked where it is packed with gzip or is a ZIP archive with one file of
/// data. An archive in an archive is opened too, once.
///
/// # Errors
///
/// [`Error::Form`] when the archive is cut short, damaged, locked, or a spreadsheet;
/// [`Error::Members`] when it holds no file of data or more than one; [`Error::TooLarge`] when more
/// than 2 GiB come out of it, however small it is.
///
/// ```
/// assert_eq!(sanad_source::unpacked(b"a,b\n".to_vec())?, b"a,b\n");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    unpacked_below(bytes, UNPACKED_BYTES)
}

/// The data of a file that may be packed, at most twice (a gzip file in a ZIP archive), never
/// more than the limit however far it would unpack.
fn unpacked_below(mut bytes: Vec<u8>, limit_bytes: u64) -> Result<Vec<u8>> {
    for _ in 0..2 {
        if bytes.starts_with(b"\x1f\x8b") {
            bytes = all_of(MultiGzDecoder::new(bytes.as_slice()), limit_bytes, "gzip")?;
        } else if bytes.starts_with(b"PK\x03\x04") {
            bytes = member(&bytes, limit_bytes)?;
        } else {
            break;
        }
    }
    Ok(bytes)
}

/// The name of the file of data in a ZIP archive; nothing for other bytes. Publishers say the version
/// there too.
#[must_use]
pub fn member_name(bytes: &[u8]) -> Option<String> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let names = names_of(&archive);
    data_member(&names).ok().map(|name| file_name(name).to_owned())
}

/// The names of an archive's members, of which only so many are read.
fn names_of(archive: &ZipArchive<Cursor<&[u8]>>) -> Vec<String> {
    let names = archive.file_names().take(MEMBERS);
    names.filter_map(|name| Some(name.ok()?.into_owned())).collect()
}

/// Everything that comes out of an archive.
fn all_of(packed: impl Read, limit_bytes: u64, kind: &str) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let found = if kind == "gzip" {
        "a gzip archive that is cut short or damaged"
    } else {
        "a ZIP archive that is cut short or damaged"
    };
    // A method of packing that cannot be unpacked shows when the first byte is asked for.
    packed.take(limit_bytes + 1).read_to_end(&mut out).map_err(|error| match error.kind() {
        ErrorKind::Unsupported => UNUSUAL,
        _ => damaged(found),
    })?;
    if out.len() as u64 > limit_bytes { Err(Error::TooLarge { limit_bytes }) } else { Ok(out) }
}

/// An archive whose packing is not known.
const UNUSUAL: Error = Error::Form {
    found: "a ZIP archive packed in an unusual way",
    expected: "one packed with deflate",
    advice: "unpack it first",
};

/// A file whose packing is broken.
const fn damaged(found: &'static str) -> Error {
    Error::Form { found, expected: "a whole one", advice: "obtain it again from its publisher" }
}

/// The one file of data in a ZIP archive.
fn member(bytes: &[u8], limit_bytes: u64) -> Result<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| of_zip(&error))?;
    let names = names_of(&archive);
    if names.iter().any(|name| name == "[Content_Types].xml" || name == "mimetype") {
        return Err(Error::Form {
            found: "a spreadsheet or another document of an office program",
            expected: "a table as text",
            advice: "save its sheet as CSV in UTF-8",
        });
    }
    let name = data_member(&names)?;
    let file = archive.by_name(name).map_err(|error| of_zip(&error))?;
    all_of(file, limit_bytes, "zip")
}

/// What the archive's reader says, in our words: a password, a method that is not known, damage.
fn of_zip(error: &ZipError) -> Error {
    let text = error.to_string().to_lowercase();
    if text.contains("password") || text.contains("encrypt") {
        return Error::Form {
            found: "a ZIP archive that is locked with a password",
            expected: "an open one",
            advice: "unpack it first",
        };
    }
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => UNUSUAL,
        _ => damaged("a ZIP archive that is cut short or damaged"),
    }
}

/// The name of the member that is data: the only one, or the only one that is no companion of
/// another (the World Bank's `Metadata_…`, UNHCR's `footnotes.csv`, what a system hides), or the
/// only table.
fn data_member(names: &[String]) -> Result<&str> {
    let data: Vec<&String> = names.iter().filter(|name| is_data(name)).collect();
    let main: Vec<&String> = data.iter().copied().filter(|name| !is_companion(name)).collect();
    let tables: Vec<&String> = main.iter().copied().filter(|name| ends_in(name, &TABLES)).collect();
    let only = [&data, &main, &tables].into_iter().find(|list| list.len() == 1);
    match only {
        Some(list) => Ok(list[0]),
        None => {
            let shown = if data.is_empty() { names.iter().collect() } else { data.clone() };
            let clean = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
            let short = |name: &&String| name.chars().take(60).map(clean).collect::<String>();
            Err(Error::Members { found: shown.iter().take(6).map(short).collect() })
        }
    }
}

/// A member's name without its folders.
fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Whether a name has one of these endings.
fn ends_in(name: &str, endings: &[&str]) -> bool {
    let ending = file_name(name).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}

/// Whether a member can be the data: not hidden, not a leftover of a Mac, and with a known
/// ending.
fn is_data(name: &str) -> bool {
    let hidden = name.starts_with("__MACOSX/") || file_name(name).starts_with('.');
    let packed = ends_in(name, &["gz", "zip"]);
    !hidden && (packed || ends_in(name, &TABLES) || ends_in(name, &OTHERS))
}

/// Whether a member only describes the data, as the World Bank's metadata do.
fn is_companion(name: &str) -> bool {
    let name = file_name(name).to_ascii_lowercase();
    ["metadata_", "footnotes", "readme", "licen", "codebook"].iter().any(|it| name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_are_unpacked_and_damage_is_told() {
        for packed in [gzip(&[b'x'; 1000]), zipped(&[("data/A.CSV", &[b'x'; 1000])])] {
            assert!(is_packed(&packed));
            assert_eq!(unpacked(packed.clone()).unwrap(), [b'x'; 1000]);
            assert!(unpacked(packed[..packed.len() - 9].to_vec()).unwrap_err().is_form());
            assert!(unpacked_below(packed, 999).unwrap_err().is_limit());
        }
        let twice = zipped(&[("a.csv.gz", &gzip(b"a,b\n"))]);
        assert_eq!(unpacked(twice).unwrap(), b"a,b\n");
    }

    #[test]
    fn an_archive_that_is_locked_or_packed_in_another_way_is_not_called_damaged() {
        let archive = zipped(&[("a.csv", b"a,b\n")]);
        // Entry by entry and in the list at the end: the bit that says locked, and the method of packing.
        let marked = |flag: u8, method: u8| {
            let mut bytes = archive.clone();
            for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
                let place = bytes.windows(4).position(|four| four == mark).unwrap();
                bytes[place + flags] |= flag;
                bytes[place + flags + 2] = method;
            }
            unpacked(bytes).unwrap_err().to_string()
        };
        assert!(marked(1, 8).contains("locked with a password"), "{}", marked(1, 8));
        assert!(marked(0, 97).contains("packed in an unusual way"), "{}", marked(0, 97));
    }

    #[test]
    fn a_small_archive_of_a_large_file_is_refused_before_it_fills_memory() {
        let bomb = gzip(&vec![0; 16 << 20]);
        assert!(bomb.len() < 1 << 16);
        assert!(unpacked_below(bomb.clone(), 1 << 20).unwrap_err().is_limit());
        let outer = zipped(&[("a.csv.gz", &bomb)]);
        assert!(unpacked_below(outer, 1 << 20).unwrap_err().is_limit());
    }

    #[test]
    fn the_data_of_an_archive_are_told_from_what_lies_beside_them() {
        let name = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            data_member(&names).map(str::to_owned).map_err(|error| error.to_string())
        };
        for (names, expected) in [
            (&["GEDEvent_v26_1.csv"][..], "GEDEvent_v26_1.csv"),
            (&["__MACOSX/._a.csv", "a.csv", "code book.pdf"], "a.csv"),
            (
                &["Metadata_Country_X.csv", "API_X_DS2.csv", "Metadata_Indicator_X.csv"],
                "API_X_DS2.csv",
            ),
            (&["population.csv", "footnotes.csv"], "population.csv"),
            (&["notes.txt", "x/data.tsv"], "x/data.tsv"),
            (&["README.txt", "ngecEvents.DV.2023.txt"], "ngecEvents.DV.2023.txt"),
            (&["footnotes.csv"], "footnotes.csv"),
        ] {
            assert_eq!(name(names).unwrap(), expected);
        }
        let several = name(&["xx_admin1.geojson", "xx_admin2.geojson"]).unwrap_err();
        assert!(several.contains("xx_admin1.geojson, xx_admin2.geojson"), "{several}");
        assert!(name(&["a.pdf"]).is_err() && name(&[]).is_err());
    }

    #[test]
    fn a_spreadsheet_is_no_archive_of_tables() {
        let sheet = zipped(&[("[Content_Types].xml", b"<"), ("xl/a.csv", b"a")]);
        assert!(unpacked(sheet).unwrap_err().to_string().contains("CSV"));
    }

    #[test]
    fn no_byte_of_an_archive_can_be_changed_so_that_it_panics() {
        let packed = zipped(&[("a.csv", b"a,b\n1,2\n")]);
        for at in 0..packed.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = packed.clone();
                changed[at] = byte;
                let _ = unpacked(changed);
            }
            let _ = unpacked(packed[..at].to_vec());
        }
    }
}
