//! Whether the footer and page headers of a Parquet file can be read in the time their bytes take.
//!
//! The footer of a file and the headers of its pages are structures of Thrift in its compact form
//! (Apache Thrift, "Thrift compact protocol encoding"; Apache Parquet, `parquet.thrift`). The library
//! that reads them skips what it does not know as often as a count in the file says, also where the
//! elements take no bytes or the file has ended: ten damaged bytes make it read 2³¹ times beyond the
//! end, and nothing can interrupt it. So the structures are walked here first. An element that takes
//! no byte, or one that is not there, is a contradiction, and so is a field of another type than
//! Parquet gives it, since from there on the two would read different bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};

use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::file::metadata::ParquetMetaData;

use crate::guard::{CONTRADICTS, guarded};

/// Opens a file whose footer and page headers contradict nothing, and reads its footer.
///
/// # Errors
///
/// What is wrong, in words: the headers, or what the library or the system says.
pub(crate) fn open(file: File) -> Result<ParquetRecordBatchReaderBuilder<File>, String> {
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => CONTRADICTS.to_owned(),
        _ => error.to_string(),
    };
    let contradicts = || CONTRADICTS.to_owned();
    let ours = file.try_clone().map_err(fault)?;
    check_footer(&ours).map_err(fault)?;
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(file));
    let builder = builder.ok_or_else(contradicts)?.map_err(|error| error.to_string())?;
    let pages = guarded(|| check_pages(ours, builder.metadata()));
    pages.ok_or_else(contradicts)?.map_err(fault)?;
    Ok(builder)
}

/// Types of Thrift's compact form, by their numbers. In a structure a truth value is its type alone.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// The deepest nesting that is followed. Parquet's own has five levels.
const DEEPEST: u8 = 32;

/// The type of a field that Parquet knows. A structure and a list of structures have known fields of
/// their own: a slice of them, numbered from one. Of others nothing is asked but that they can be
/// skipped.
#[derive(Clone, Copy)]
enum Known {
    Value(u8),
    Structure(&'static [Known]),
    List(&'static [Known]),
}

const TRUTH: Known = Known::Value(TRUE);
const SHORT: Known = Known::Value(I16);
const NUMBER: Known = Known::Value(I32);
const LONG: Known = Known::Value(I64);
const TEXT: Known = Known::Value(BINARY);
const ANY: Known = Known::Structure(&[]);
const VALUES: Known = Known::List(&[]);

const STATISTICS: &[Known] = &[TEXT, TEXT, LONG, LONG, TEXT, TEXT, TRUTH, TRUTH];
const DATA_PAGE: &[Known] = &[NUMBER, NUMBER, NUMBER, NUMBER, Known::Structure(STATISTICS)];
const DICTIONARY_PAGE: &[Known] = &[NUMBER, NUMBER, TRUTH];
const DATA_PAGE_V2: &[Known] =
    &[NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, TRUTH, Known::Structure(STATISTICS)];
/// The header of a page. Its third field says how many bytes follow it.
const PAGE: &[Known] = &[
    NUMBER,
    NUMBER,
    NUMBER,
    NUMBER,
    Known::Structure(DATA_PAGE),
    ANY,
    Known::Structure(DICTIONARY_PAGE),
    Known::Structure(DATA_PAGE_V2),
];

const NAMED_TEXTS: Known = Known::List(&[TEXT, TEXT]);
const SORTING: Known = Known::List(&[NUMBER, TRUTH, TRUTH]);
const ENCODINGS: Known = Known::List(&[NUMBER, NUMBER, NUMBER]);
const SCHEMA: Known =
    Known::List(&[NUMBER, NUMBER, NUMBER, TEXT, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, ANY]);
const COLUMN: Known = Known::Structure(&[
    NUMBER,
    VALUES,
    VALUES,
    NUMBER,
    LONG,
    LONG,
    LONG,
    NAMED_TEXTS,
    LONG,
    LONG,
    LONG,
    Known::Structure(STATISTICS),
    ENCODINGS,
    LONG,
    NUMBER,
    ANY,
    ANY,
]);
const CHUNKS: Known = Known::List(&[TEXT, LONG, COLUMN, LONG, NUMBER, LONG, NUMBER, ANY, TEXT]);
const GROUPS: Known = Known::List(&[CHUNKS, LONG, LONG, SORTING, LONG, LONG, SHORT]);
/// The footer of a file.
const FOOTER: &[Known] = &[NUMBER, SCHEMA, LONG, GROUPS, NAMED_TEXTS, TEXT, VALUES, ANY, TEXT];

/// Walks the footer. What is no Parquet file at all is left to the library, which says so.
fn check_footer(mut file: &File) -> io::Result<()> {
    /// The length of the structure and the mark behind it.
    const TAIL: u64 = 8;
    let length = file.seek(SeekFrom::End(0))?;
    if length < TAIL {
        return Ok(());
    }
    file.seek(SeekFrom::Start(length - TAIL))?;
    let mut tail = [0; TAIL as usize];
    file.read_exact(&mut tail)?;
    let [a, b, c, d, mark @ ..] = tail;
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    if mark != *b"PAR1" || size > length - TAIL {
        return Ok(());
    }
    file.seek(SeekFrom::Start(length - TAIL - size))?;
    Walker { input: BufReader::new(file), left: size }.structure(FOOTER, DEEPEST).map(drop)
}

/// Walks the headers of all pages, as the library will: from where the footer says that a column
/// chunk begins, page by page. Where the next one begins is what the header before it says.
fn check_pages(file: File, metadata: &ParquetMetaData) -> io::Result<()> {
    let mut input = BufReader::new(file);
    let length = input.seek(SeekFrom::End(0))?;
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let (start, mut left) = column.byte_range();
        let mut at = input.seek(SeekFrom::Start(start))?;
        while left > 0 && at < length {
            let mut walker = Walker { input: &mut input, left: length - at };
            let size = walker.structure(PAGE, DEEPEST)?;
            let head = length - at - walker.left;
            let size = size.and_then(|size| u64::try_from(size).ok()).ok_or_else(contradiction)?;
            let Some(rest) = left.checked_sub(head + size) else { break };
            (left, at) = (rest, at + head + size);
            input.seek_relative(size.cast_signed())?;
        }
    }
    Ok(())
}

/// A structure that contradicts itself or the file.
fn contradiction() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// A walk through Thrift's compact form.
struct Walker<R> {
    input: R,
    /// Bytes that may still be read.
    left: u64,
}

impl<R: io::BufRead> Walker<R> {
    /// Walks a structure; gives its third field, where that is a number.
    fn structure(&mut self, known: &[Known], deeper: u8) -> io::Result<Option<i64>> {
        let deeper = deeper.checked_sub(1).ok_or_else(contradiction)?;
        let (mut number, mut third) = (0_i16, None);
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Ok(third);
            }
            number = match i16::from(head >> 4) {
                0 => i16::try_from(self.signed()?).map_err(|_| contradiction())?,
                step => number.checked_add(step).ok_or_else(contradiction)?,
            };
            let field = usize::try_from(number).ok().and_then(|at| known.get(at.checked_sub(1)?));
            match field {
                Some(Known::Value(I32)) if kind == I32 && number == 3 => {
                    third = Some(self.signed()?)
                }
                Some(Known::Value(TRUE)) if matches!(kind, TRUE | FALSE) => {}
                Some(Known::Value(known)) if kind == *known => self.skip(kind, deeper)?,
                Some(Known::Structure(known)) if kind == STRUCT => {
                    self.structure(known, deeper)?;
                }
                Some(Known::List(known)) if kind == LIST => self.list(known, deeper)?,
                Some(_) => return Err(contradiction()),
                None => self.skip(kind, deeper)?,
            }
        }
    }

    /// Walks a list; its structures have the fields that are `known`.
    fn list(&mut self, known: &[Known], deeper: u8) -> io::Result<()> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        let count = match u64::from(head >> 4) {
            15 => self.unsigned()?,
            count => count,
        };
        self.check_count(count, kind)?;
        if !known.is_empty() && count > 0 && kind != STRUCT {
            return Err(contradiction());
        }
        for _ in 0..count {
            match kind {
                STRUCT => drop(self.structure(known, deeper)?),
                _ => self.skip(kind, deeper)?,
            }
        }
        Ok(())
    }

    /// Walks past a value of a type.
    fn skip(&mut self, kind: u8, deeper: u8) -> io::Result<()> {
        let deeper = deeper.checked_sub(1).ok_or_else(contradiction)?;
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.byte().map(drop),
            I16 | I32 | I64 => self.unsigned().map(drop),
            DOUBLE => self.pass(8),
            UUID => self.pass(16),
            BINARY => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            LIST | SET => self.list(&[], deeper),
            MAP => self.map(deeper),
            STRUCT => self.structure(&[], deeper).map(drop),
            _ => Err(contradiction()),
        }
    }

    /// Walks a map.
    fn map(&mut self, deeper: u8) -> io::Result<()> {
        let count = self.unsigned()?;
        if count == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        let (key, value) = (kinds >> 4, kinds & 0x0f);
        self.check_count(count, key)?;
        self.check_count(count, value)?;
        for _ in 0..count {
            self.skip(key, deeper)?;
            self.skip(value, deeper)?;
        }
        Ok(())
    }

    /// Refuses more elements than bytes are left, and truth values: the library takes no byte for
    /// those, and no list of them belongs here.
    fn check_count(&self, count: u64, kind: u8) -> io::Result<()> {
        let takes_none = matches!(kind, TRUE | FALSE) && count > 0;
        if count > self.left || takes_none { Err(contradiction()) } else { Ok(()) }
    }

    /// Passes over bytes that must be there.
    fn pass(&mut self, count: u64) -> io::Result<()> {
        self.left = self.left.checked_sub(count).ok_or_else(contradiction)?;
        let passed = io::copy(&mut self.input.by_ref().take(count), &mut io::sink())?;
        if passed == count { Ok(()) } else { Err(contradiction()) }
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.left = self.left.checked_sub(1).ok_or_else(contradiction)?;
        let byte = *self.input.fill_buf()?.first().ok_or_else(contradiction)?;
        self.input.consume(1);
        Ok(byte)
    }

    /// A number of seven bits a byte, the lowest first.
    fn unsigned(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(contradiction())
    }

    /// A number whose lowest bit is its sign.
    fn signed(&mut self) -> io::Result<i64> {
        let number = self.unsigned()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external::{ColumnKind, External};

    /// A list of 2³¹ − 1 numbers of eight bytes, as an unlisted ninth field, in place of the first
    /// page's header.
    const ENDLESS: [u8; 7] = [0x99, 0xf7, 0xff, 0xff, 0xff, 0xff, 0x07];

    fn walk(bytes: &[u8], known: &[Known]) -> io::Result<Option<i64>> {
        Walker { input: bytes, left: bytes.len() as u64 }.structure(known, DEEPEST)
    }

    fn written() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        let table = crate::Columns::default()
            .text("place", (0..500).map(|row| Some(if row % 3 == 0 { "a" } else { "b" })))
            .int64("deaths", (0..500).map(|row| Some(row % 7)).collect::<Vec<_>>())
            .float64("share", (0..500).map(|row| Some(f64::from(row) / 9.0)).collect::<Vec<_>>())
            .finish()
            .unwrap();
        crate::export::write_file(&table, None, &path).unwrap();
        std::fs::read(&path).unwrap()
    }

    fn opened(bytes: &[u8]) -> Result<usize, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        std::fs::write(&path, bytes).unwrap();
        let table = External::open(&path).map_err(|error| error.to_string())?;
        let read = table.read(&[ColumnKind::Texts("place"), ColumnKind::Numbers("deaths")]);
        Ok(read.map_err(|error| error.to_string())?[0].texts().len())
    }

    #[test]
    fn a_page_whose_header_counts_what_is_not_there_is_refused_at_once() {
        let mut bytes = written();
        assert_eq!(opened(&bytes), Ok(500));
        bytes[4..4 + ENDLESS.len()].copy_from_slice(&ENDLESS);
        let said = opened(&bytes).unwrap_err();
        assert!(said.contains(CONTRADICTS), "{said}");
    }

    #[test]
    fn every_byte_of_a_file_can_be_changed_and_reading_ends() {
        let bytes = written();
        for at in (0..bytes.len()).step_by(3) {
            for length in [1, ENDLESS.len()] {
                let mut damaged = bytes.clone();
                let end = damaged.len().min(at + length);
                damaged[at..end].copy_from_slice(&ENDLESS[..end - at]);
                drop(opened(&damaged));
            }
        }
    }

    #[test]
    fn elements_that_take_no_bytes_or_are_not_there_are_contradictions() {
        // The third field of a page is 5; a list of two numbers that is not known is passed over.
        let sound = [0x15, 0, 0x25, 10, 0x69, 0x25, 2, 4, 0];
        assert_eq!(walk(&sound, PAGE).unwrap(), Some(5));
        let many = |kind: u8| [0x99, 0xf0 | kind, 0xff, 0xff, 0xff, 0xff, 0x07, 0];
        for kind in 0..16 {
            assert!(walk(&many(kind), PAGE).is_err(), "{kind}");
        }
        let deep = [0x99].iter().chain([0x19; 99].iter()).copied().collect::<Vec<u8>>();
        // Truth values in a list; a map of them; a known field of another type; an endless number.
        for wrong in [&[0x99, 0x11, 0][..], &[0x9b, 9, 0x11, 0], &[0x18, 0, 0], &[0x15; 1], &deep] {
            assert!(walk(wrong, PAGE).is_err(), "{wrong:?}");
        }
        assert!(
            walk(&[0x15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0], PAGE).is_err()
        );
    }
}
