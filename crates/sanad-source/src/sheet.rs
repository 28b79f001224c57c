//! A table of comma-separated values with a header, row by row, for the smaller formats.

use std::borrow::Cow;

use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::escape::is_hidden;

use crate::error::{Error, MissingColumn, Result};
use crate::form;

/// The longest row that is read.
const ROW_BYTES: usize = 16 << 20;

/// Stands on a line of its own after the last row. A quotation that is never closed swallows it.
const END: &[u8] = b"\n\x1aend of the file\x1a\n";

/// A file of separated values.
pub struct Sheet<'a> {
    header: Vec<String>,
    reader: csv::Reader<std::io::Chain<&'a [u8], &'static [u8]>>,
    rows_read: u64,
    ended: bool,
    remarks: Vec<Diagnostic>,
}

/// A row with as many fields as the header.
pub struct Row {
    fields: csv::ByteRecord,
    /// Number of the row, the header being row 1; blank lines do not count.
    pub number: u64,
}

impl<'a> Sheet<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Form`], [`Error::RowTooLong`].
    pub fn open(data: &'a [u8], expected: &'static str, separator: u8) -> Result<Self> {
        let mut sheet = Self::bare(data, expected, separator)?;
        let Some(fields) = sheet.raw()? else { return Err(Error::Empty { expected }) };
        sheet.rows_read = 0;
        sheet.header = fields.iter().map(|name| text(name).trim().to_owned()).collect();
        if sheet.header.len() == 1
            && let Some(found) = other_separator(&sheet.header[0], separator)
        {
            let advice = "save it with commas between the fields";
            return Err(Error::Form { found, expected, advice });
        }
        Ok(sheet)
    }

    /// A file without a header.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Form`].
    pub(crate) fn bare(data: &'a [u8], expected: &'static str, separator: u8) -> Result<Self> {
        form::check(data, expected)?;
        let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        let mut builder = csv::ReaderBuilder::new();
        // Tables that are separated by tabs use no quotation marks.
        builder.delimiter(separator).quoting(separator != b'\t');
        let reader =
            builder.flexible(true).has_headers(false).from_reader(std::io::Read::chain(data, END));
        let (header, remarks) = (Vec::new(), Vec::new());
        Ok(Self { header, reader, rows_read: 0, ended: false, remarks })
    }

    /// Names of the columns, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The column named `name`, whatever its case.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|have| have.eq_ignore_ascii_case(name))
    }

    /// The columns with these names.
    ///
    /// # Errors
    ///
    /// [`Error::OtherTable`] when most are missing, [`Error::MissingColumns`],
    /// [`Error::DuplicateColumns`] when one of them occurs twice.
    pub fn require<const N: usize>(
        &self,
        names: [&'static str; N],
        expected: &'static str,
    ) -> Result<[usize; N]> {
        let mut at = [0; N];
        let mut missing = Vec::new();
        for (position, name) in at.iter_mut().zip(names) {
            match self.find(name) {
                Some(column) => *position = column,
                None => missing.push(MissingColumn {
                    name: name.into(),
                    nearest: nearest(name, &self.header, &names),
                }),
            }
        }
        if missing.len() * 2 > N {
            return Err(Error::OtherTable { found: excerpt(&self.header), expected });
        }
        if !missing.is_empty() {
            return Err(Error::MissingColumns { missing });
        }
        let doubled = self.doubled(names);
        if doubled.is_empty() { Ok(at) } else { Err(Error::DuplicateColumns { names: doubled }) }
    }

    /// Those of `names` that occur more than once in the header.
    pub(crate) fn doubled<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
        let count =
            |name: &str| self.header.iter().filter(|it| it.eq_ignore_ascii_case(name)).count();
        names.into_iter().filter(|name| count(name) > 1).map(str::to_owned).collect()
    }

    /// The next row as it stands, whatever its width.
    fn raw(&mut self) -> Result<Option<csv::ByteRecord>> {
        let mut fields = csv::ByteRecord::new();
        let more = self.reader.read_byte_record(&mut fields).map_err(|cause| Error::Read {
            read_bytes: cause.position().map_or(0, csv::Position::byte),
            cause: cause.into(),
        })?;
        if !more || self.ended {
            return Ok(None);
        }
        if fields.len() == 1 && &fields[0] == END.trim_ascii() {
            self.ended = true;
            return Ok(None);
        }
        if fields.as_slice().len() > ROW_BYTES {
            return Err(Error::RowTooLong { row: self.rows_read + 2, limit_bytes: ROW_BYTES });
        }
        self.rows_read += 1;
        Ok(Some(fields))
    }

    /// The next row, whatever its width, and whether it is whole: a row that a quotation left open
    /// has swallowed the rest of the file is not.
    ///
    /// # Errors
    ///
    /// [`Error::RowTooLong`].
    pub fn any_row(&mut self) -> Result<Option<Row>> {
        let first = u64::from(!self.header.is_empty());
        while let Some(fields) = self.raw()? {
            let number = self.rows_read + first;
            let end = END.trim_ascii();
            if fields.iter().next_back().is_some_and(|last| last.trim_ascii_end().ends_with(end)) {
                let expected = "a quotation that is closed";
                let found = "a quotation that is left open";
                self.reject(number, found, expected);
                continue;
            }
            return Ok(Some(Row { fields, number }));
        }
        Ok(None)
    }

    /// The next row that has as many fields as the header; others become diagnostics.
    ///
    /// # Errors
    ///
    /// [`Error::RowTooLong`].
    pub(crate) fn row(&mut self) -> Result<Option<Row>> {
        while let Some(row) = self.any_row()? {
            if row.fields.len() == self.header.len() {
                return Ok(Some(row));
            }
            self.misfit(&row);
        }
        Ok(None)
    }

    /// Remarks that a row has another number of fields than the header.
    pub(crate) fn misfit(&mut self, row: &Row) {
        let found = format!("{} fields", row.fields.len());
        let expected = format!("{} fields, as in the header", self.header.len());
        self.reject(row.number, &found, &expected);
    }

    fn reject(&mut self, number: u64, found: &str, expected: &str) {
        let issue = Issue::FieldCount;
        self.remarks.push(Diagnostic::rejected(number, "", issue, found, expected));
    }

    /// Rows read, and all remarks in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`Error::HeaderOnly`] when no row followed the header.
    pub(crate) fn finish(self, remarks: Vec<Diagnostic>) -> Result<(u64, Vec<Diagnostic>)> {
        if self.rows_read == 0 && !self.header.is_empty() {
            return Err(Error::HeaderOnly { columns: self.header.len() });
        }
        let mut all = self.remarks;
        all.extend(remarks);
        all.sort_by_key(|remark| remark.row);
        Ok((self.rows_read, all))
    }
}

impl Row {
    /// How many fields it has.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field's bytes without blanks around them; empty where the row is too short.
    pub(crate) fn bytes(&self, column: usize) -> &[u8] {
        self.fields.get(column).unwrap_or_default().trim_ascii()
    }

    /// A field as text, with replacement characters for what is not UTF-8.
    pub fn text(&self, column: usize) -> Cow<'_, str> {
        text(self.bytes(column))
    }

    /// Whether every field is empty.
    pub(crate) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim_ascii().is_empty())
    }

    /// Notes, for the columns given, that what is not UTF-8 was kept with replacement characters.
    pub(crate) fn note_bad_text(&self, columns: &[(usize, &str)], remarks: &mut Vec<Diagnostic>) {
        for &(column, name) in columns {
            if core::str::from_utf8(self.bytes(column)).is_err() {
                let (found, expected) = (self.text(column), "text in UTF-8");
                remarks.push(Diagnostic::noted(
                    self.number,
                    name,
                    Issue::BadText,
                    &found,
                    expected,
                ));
            }
        }
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn other_separator(header: &str, separator: u8) -> Option<&'static str> {
    let others = [
        (b',', "a table with commas between the fields"),
        (b';', "a table with semicolons between the fields"),
        (b'\t', "a table with tabulators between the fields"),
    ];
    let found =
        others.iter().find(|(byte, _)| *byte != separator && header.as_bytes().contains(byte));
    found.map(|(_, name)| *name)
}

/// The first names of a header, for a message.
pub(crate) fn excerpt(names: &[String]) -> Vec<String> {
    const NAMES: usize = 6;
    let clean = |letter: char| if is_hidden(letter) { '\u{fffd}' } else { letter };
    let shorten = |name: &String| name.chars().take(24).map(clean).collect::<String>();
    let mut shown: Vec<String> =
        names.iter().take(NAMES).map(|name| format!("{:?}", shorten(name))).collect();
    if names.len() > NAMES {
        shown.push(format!("{} more", names.len() - NAMES));
    }
    shown
}

/// The name nearest to `wanted` among those not `taken`, if it is near enough to be a misspelling.
pub(crate) fn nearest(wanted: &str, names: &[String], taken: &[&str]) -> Option<String> {
    let wanted = wanted.to_lowercase();
    let free = names.iter().filter(|name| !taken.iter().any(|one| one.eq_ignore_ascii_case(name)));
    let near = free.map(|name| (edits(&wanted, &name.to_lowercase()), name)).min()?;
    let limit = (wanted.len() / 3).max(1);
    (near.0 <= limit && !near.1.is_empty()).then(|| near.1.chars().take(40).collect())
}

/// Levenshtein's distance, given up early for very long names.
pub(crate) fn edits(left: &str, right: &str) -> usize {
    if right.len() > 60 {
        return usize::MAX;
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<Vec<String>>, u64, Vec<Diagnostic>) {
        let mut sheet = Sheet::open(text.as_bytes(), "a table", b',').unwrap();
        let mut kept = Vec::new();
        while let Some(row) = sheet.row().unwrap() {
            kept.push((0..row.len()).map(|at| row.text(at).into_owned()).collect());
        }
        let (read, remarks) = sheet.finish(Vec::new()).unwrap();
        (kept, read, remarks)
    }

    #[test]
    fn every_row_is_kept_or_remarked_upon() {
        let (kept, read, remarks) = rows("a,b\n1,2\n\n3\n4,5,6\r\n\"7,7\",8");
        assert_eq!(kept, [["1", "2"], ["7,7", "8"]]);
        assert_eq!(read, 4);
        assert_eq!(remarks.iter().map(|it| it.row).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn a_quotation_left_open_is_told() {
        let (kept, read, remarks) = rows("a,b\n1,2\n3,\"4\n5,6\n");
        assert_eq!((kept.len(), read, remarks.len()), (1, 2, 1));
        assert_eq!(remarks[0].expected, "a quotation that is closed");
    }

    #[test]
    fn a_header_alone_is_no_table() {
        let sheet = Sheet::open(b"a,b\n", "a table", b',').unwrap();
        assert!(sheet.finish(Vec::new()).unwrap_err().is_empty());
        assert!(Sheet::open(b" \n", "a table", b',').err().unwrap().is_empty());
    }

    #[test]
    fn distances_are_counted_in_edits() {
        assert_eq!(edits("best", "best"), 0);
        assert_eq!(edits("latitude", "lattitude"), 1);
        assert_eq!(edits("low", "high"), 4);
    }
}
