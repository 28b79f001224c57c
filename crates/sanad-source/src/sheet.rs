//! A table of comma-separated values with a header, row by row, for the smaller formats.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::escape::is_hidden;
use sanad_core::missing::is_missing_name;
use sanad_core::{Progress, Silent};

use crate::error::{Error, MissingColumn, Result};
use crate::form;
use crate::number::{NumberEvidence, NumberForm};
use crate::value::{DayEvidence, DayOrder, Value};

/// The longest row that is read.
const ROW_BYTES: usize = 16 << 20;

/// Stands on a line of its own after the last row. A quotation that is never closed swallows it.
const END: &[u8] = b"\n\x1aend of the file\x1a\n";

/// How many rows from the top on may stand above the header.
const ROWS_ABOVE: usize = 40;

/// What may stand between the fields of a publisher's table: the comma, and what spreadsheets put in
/// its place when they save it again.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A file of separated values.
///
/// Rows are counted from the top of the file, blank lines left out, so that a remark can be looked up
/// in it: lines above the header, the header and a row of tags count as well.
///
/// The bytes are in memory, or come from a reader `R` where the header was found in the file's beginning.
pub struct Sheet<'a, R = &'a [u8]> {
    data: &'a [u8],
    /// Bytes of the file, for progress.
    all_bytes: u64,
    separator: u8,
    quoted: bool,
    header: Vec<String>,
    reader: csv::Reader<std::io::Chain<R, &'static [u8]>>,
    /// A row that was read to see whether it holds tags.
    ahead: Option<csv::ByteRecord>,
    /// Rows above the first row of data: lines above the header, the header, a row of tags.
    rows_above: u64,
    rows_read: u64,
    ended: bool,
    diagnostics: Vec<Diagnostic>,
    forms: Option<Arc<[NumberEvidence]>>,
    /// Hears how many MiB of the table are read, and how many there are.
    progress: &'a dyn Progress,
    reported_mib: u64,
}

/// A row with as many fields as the header.
pub struct Row {
    fields: csv::ByteRecord,
    /// Number of the row, the first row of the file being row 1; blank lines do not count.
    pub number: u64,
    forms: Option<Arc<[NumberEvidence]>>,
}

impl<'a> Sheet<'a> {
    /// Reads the header, which is the first row. A row of HXL tags below it is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Form`], [`Error::RowTooLong`].
    pub fn open(data: &'a [u8], expected: &'static str, separator: u8) -> Result<Self> {
        Self::open_or(data, expected, separator, WITH_COMMAS)
    }

    /// As [`open`](Self::open); `advice` is what to do with a table of another separator.
    fn open_or(
        data: &'a [u8],
        expected: &'static str,
        separator: u8,
        advice: &'static str,
    ) -> Result<Self> {
        let mut sheet = Self::bare(data, expected, separator)?;
        let Some(fields) = sheet.raw()? else { return Err(Error::Empty { expected }) };
        sheet.begin(&fields)?;
        check_separator(&sheet.header, separator, expected, advice)?;
        Ok(sheet)
    }

    /// Reads the header, which is the first row that has all columns of one of `known`; says which.
    /// Lines above it are passed over, and fields may be separated by commas, semicolons or
    /// tabulators. Where no row is such a header, the first one is taken for it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub(crate) fn open_known(
        data: &'a [u8],
        expected: &'static str,
        known: &[&[&str]],
    ) -> Result<(Self, Option<usize>)> {
        form::check_text(data, expected)?;
        for separator in SEPARATORS {
            let mut sheet = Self::unread(data, separator, true);
            for _ in 0..ROWS_ABOVE {
                // A row that is no row here may be one with another separator.
                let Ok(Some(fields)) = sheet.raw() else { break };
                if let Some(layout) = known.iter().position(|names| has_all(&fields, names)) {
                    sheet.begin(&fields)?;
                    sheet.judge_numbers()?;
                    return Ok((sheet, Some(layout)));
                }
            }
        }
        Ok((Self::open(data, expected, b',')?, None))
    }

    /// Reads the header of a table that a map describes: the first row that has all `columns`, or else
    /// the first row.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub(crate) fn open_below(
        data: &'a [u8],
        expected: &'static str,
        separator: u8,
        columns: &[&str],
    ) -> Result<Self> {
        let mut sheet = Self::bare(data, expected, separator)?;
        for _ in 0..ROWS_ABOVE {
            let Ok(Some(fields)) = sheet.raw() else { break };
            if has_all(&fields, columns) {
                sheet.begin(&fields)?;
                return Ok(sheet);
            }
        }
        Self::open_or(data, expected, separator, save_with(separator))
    }

    /// Looks at every cell of a table that a spreadsheet saved with another separator: it may have
    /// changed the form of numbers too.
    fn judge_numbers(&mut self) -> Result<()> {
        if self.separator == b',' {
            return Ok(());
        }
        let mut all = vec![NumberEvidence::default(); self.header.len()];
        self.each_row(|row| {
            for (column, evidence) in all.iter_mut().enumerate() {
                evidence.add(row.number, row.bytes(column));
            }
        })?;
        self.forms = Some(all.into());
        Ok(())
    }

    /// Calls `each` with every row of data, without moving on.
    ///
    /// # Errors
    ///
    /// [`Error::RowTooLong`].
    pub(crate) fn each_row(&self, mut each: impl FnMut(&Row)) -> Result<()> {
        let mut again = Self::unread(self.data, self.separator, self.quoted);
        for _ in 0..self.rows_above {
            again.raw()?;
        }
        (again.rows_above, again.rows_read) = (self.rows_above, 0);
        while let Some(row) = again.any_row()? {
            each(&row);
        }
        Ok(())
    }

    /// The order of day and month in columns of days.
    ///
    /// # Errors
    ///
    /// [`Error::DateOrder`] when it cannot be told and a cell needs it.
    pub(crate) fn day_orders<const N: usize>(&self, columns: [usize; N]) -> Result<[DayOrder; N]> {
        let mut evidence: [DayEvidence; N] = core::array::from_fn(|_| DayEvidence::default());
        self.each_row(|row| {
            for (evidence, column) in evidence.iter_mut().zip(columns) {
                evidence.add(row.number, row.bytes(column));
            }
        })?;
        let name = |column: usize| self.header.get(column).map_or("", String::as_str);
        let named: Vec<(&str, &DayEvidence)> =
            columns.into_iter().map(name).zip(&evidence).collect();
        let orders = DayEvidence::orders(&named)?;
        Ok(core::array::from_fn(|at| orders[at]))
    }

    /// A file without a header.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Form`].
    pub(crate) fn bare(data: &'a [u8], expected: &'static str, separator: u8) -> Result<Self> {
        form::check_text(data, expected)?;
        // Tables that publishers separate by tabs use no quotation marks.
        Ok(Self::unread(data, separator, separator != b'\t'))
    }

    /// A table before its header is read.
    fn unread(data: &'a [u8], separator: u8, quoted: bool) -> Self {
        let bytes = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        Self { data: bytes, ..Self::over(bytes, bytes.len() as u64, separator, quoted) }
    }

    /// What a reader of the same file from its top has to know of its beginning.
    pub(crate) fn head(&self) -> SheetHead {
        SheetHead {
            separator: self.separator,
            quoted: self.quoted,
            header: self.header.clone(),
            rows_above: self.rows_above,
        }
    }
}

/// The header of a table and where its rows begin, found in the beginning of a file.
#[derive(Debug, Clone)]
pub(crate) struct SheetHead {
    separator: u8,
    quoted: bool,
    header: Vec<String>,
    rows_above: u64,
}

impl<'a, R: Read> Sheet<'a, R> {
    /// The rows below a header that is known, of a file of `bytes` bytes that is read from its top.
    ///
    /// # Errors
    ///
    /// [`Error::RowTooLong`], [`Error::Read`].
    pub(crate) fn below(head: &SheetHead, reader: R, bytes: u64) -> Result<Self> {
        let mut sheet = Self::over(reader, bytes, head.separator, head.quoted);
        for _ in 0..head.rows_above {
            sheet.raw()?;
        }
        sheet.header.clone_from(&head.header);
        (sheet.rows_above, sheet.rows_read) = (head.rows_above, 0);
        Ok(sheet)
    }

    /// A table before anything of it is read.
    fn over(reader: R, all_bytes: u64, separator: u8, quoted: bool) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(separator).quoting(quoted);
        let reader = builder.flexible(true).has_headers(false).from_reader(reader.chain(END));
        Self {
            data: &[],
            all_bytes,
            separator,
            quoted,
            header: Vec::new(),
            reader,
            ahead: None,
            rows_above: 0,
            rows_read: 0,
            ended: false,
            diagnostics: Vec::new(),
            forms: None,
            progress: &Silent,
            reported_mib: 0,
        }
    }

    /// Takes the row read last for the header, and passes over rows of tags below it.
    fn begin(&mut self, fields: &csv::ByteRecord) -> Result<()> {
        self.header = fields.iter().map(|name| text(name.trim_ascii()).into_owned()).collect();
        self.rows_above = self.rows_read;
        self.rows_read = 0;
        loop {
            match self.raw()? {
                Some(row) if form::are_tags(row.iter()) => self.rows_above += 1,
                row => {
                    self.ahead = row;
                    break;
                }
            }
        }
        self.rows_read = 0;
        Ok(())
    }

    /// Whether the form of numbers is taken from the cells of each column.
    pub(crate) const fn judges_numbers(&self) -> bool {
        self.forms.is_some()
    }

    /// From here on `progress` hears how many MiB of the table are read.
    pub(crate) fn report_to(&mut self, progress: &'a dyn Progress) {
        self.progress = progress;
    }

    fn report(&mut self) {
        let mib = self.reader.position().byte() >> 20;
        if mib != self.reported_mib {
            self.reported_mib = mib;
            self.progress.advance(mib as usize, (self.all_bytes >> 20) as usize + 1);
        }
    }

    /// Rows above the first row of data: lines above the header, the header, rows of tags.
    pub(crate) const fn rows_above(&self) -> u64 {
        self.rows_above
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
        let count = |name: &str| {
            self.header.iter().filter(|header| header.eq_ignore_ascii_case(name)).count()
        };
        names.into_iter().filter(|name| count(name) > 1).map(str::to_owned).collect()
    }

    /// The next row as it stands, whatever its width.
    fn raw(&mut self) -> Result<Option<csv::ByteRecord>> {
        if let Some(fields) = self.ahead.take() {
            self.rows_read += 1;
            return Ok(Some(fields));
        }
        let mut fields = csv::ByteRecord::new();
        let more = self.reader.read_byte_record(&mut fields).map_err(|cause| Error::Read {
            read_bytes: cause.position().map_or(0, csv::Position::byte),
            cause: cause.into(),
        })?;
        if !more || self.ended {
            return Ok(None);
        }
        self.report();
        if fields.len() == 1 && &fields[0] == END.trim_ascii() {
            self.ended = true;
            return Ok(None);
        }
        if fields.as_slice().len() > ROW_BYTES {
            let row = self.rows_above + self.rows_read + 1;
            return Err(Error::RowTooLong { row, limit_bytes: ROW_BYTES });
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
        while let Some(fields) = self.raw()? {
            let number = self.rows_above + self.rows_read;
            let end = END.trim_ascii();
            if fields.iter().next_back().is_some_and(|last| last.trim_ascii_end().ends_with(end)) {
                let expected = "a quotation that is closed";
                let found = "a quotation that is left open";
                self.reject(number, found, expected);
                continue;
            }
            let forms = self.forms.clone();
            return Ok(Some(Row { fields, number, forms }));
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
            if self.fits(&row) {
                return Ok(Some(row));
            }
            self.misfit(&row);
        }
        Ok(None)
    }

    /// Whether a row has as many fields as the header, empty ones at the end aside.
    #[must_use]
    pub fn fits(&self, row: &Row) -> bool {
        let (fields, header) = (row.fields.len(), self.header.len());
        match fields.cmp(&header) {
            core::cmp::Ordering::Equal => true,
            core::cmp::Ordering::Less => self.header[fields..].iter().all(String::is_empty),
            core::cmp::Ordering::Greater => (header..fields).all(|at| row.bytes(at).is_empty()),
        }
    }

    /// Remarks that a row has another number of fields than the header.
    pub(crate) fn misfit(&mut self, row: &Row) {
        let found = format!("{} fields", row.fields.len());
        let expected = format!("{} fields, as in the header", self.header.len());
        self.reject(row.number, &found, &expected);
    }

    /// Leaves a row out that has another number of fields than the header.
    fn reject(&mut self, number: u64, found: &str, expected: &str) {
        let issue = Issue::FieldCount;
        self.diagnostics.push(Diagnostic::rejected(number, "", issue, found, expected));
    }

    /// The remarks on rows with another number of fields so far, each handed out once.
    pub(crate) fn take_remarks(&mut self) -> Vec<Diagnostic> {
        core::mem::take(&mut self.diagnostics)
    }

    /// Rows read, and all remarks in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`Error::HeaderOnly`] when no row followed the header.
    pub(crate) fn finish(self, diagnostics: Vec<Diagnostic>) -> Result<(u64, Vec<Diagnostic>)> {
        if self.rows_read == 0 && !self.header.is_empty() {
            return Err(Error::HeaderOnly { columns: self.header.len() });
        }
        let mut all = self.diagnostics;
        all.extend(diagnostics);
        all.sort_by_key(|diagnostic| diagnostic.row);
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

    /// A field that holds a name or another free word, as [`text`](Self::text); empty where it holds a
    /// [word for nothing](is_missing_name) as programs write it.
    pub(crate) fn name(&self, column: usize) -> Cow<'_, str> {
        let text = self.text(column);
        if is_missing_name(&text) { Cow::Borrowed("") } else { text }
    }

    /// A field as text, with replacement characters for what is not UTF-8.
    pub fn text(&self, column: usize) -> Cow<'_, str> {
        text(self.bytes(column))
    }

    /// The number in a field of a publisher's table: as publishers write in English, or in the form
    /// that a spreadsheet gave the column when it saved the table again.
    ///
    /// # Errors
    ///
    /// [`Error::NumberForm`] when the cell needs a form and the column does not tell which.
    pub(crate) fn decimal(&self, column: usize, name: &str) -> Result<Value<f64>> {
        let bytes = self.bytes(column);
        let form = match self.forms.as_ref().and_then(|forms| Some((forms, forms.get(column)?))) {
            Some((all, evidence)) if bytes.iter().any(|byte| matches!(byte, b',' | b'.')) => {
                let mut others = all.iter().filter_map(NumberEvidence::settled);
                let first = others.next();
                evidence.form(name, first.filter(|form| others.all(|other| other == *form)))?
            }
            _ => NumberForm::ENGLISH,
        };
        Ok(form.read(bytes))
    }

    /// Whether it holds HXL tags and nothing else.
    pub(crate) fn is_tags(&self) -> bool {
        form::are_tags(self.fields.iter())
    }

    /// Whether every field is empty.
    pub(crate) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim_ascii().is_empty())
    }

    /// Notes, for the columns given, that what is not UTF-8 was kept with replacement characters.
    pub(crate) fn note_bad_text(
        &self,
        columns: &[(usize, &str)],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for &(column, name) in columns {
            if core::str::from_utf8(self.bytes(column)).is_err() {
                let (found, expected) = (self.text(column), "text in UTF-8");
                diagnostics.push(Diagnostic::noted(
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

/// Whether a row has all `names` as fields, whatever their case.
fn has_all(fields: &csv::ByteRecord, names: &[&str]) -> bool {
    let has = |name: &&str| {
        fields.iter().any(|field| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    names.iter().all(has)
}

/// Bytes as text, what is no UTF-8 replaced.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What to do with a table of another separator where nothing but a comma is read.
const WITH_COMMAS: &str = "save it with commas between the fields";

/// Refuses the header of a table with commas whose one field holds another separator. `expected` is
/// what a file of this kind is, such as "a table with a header".
///
/// ```
/// let header = ["month;deaths".to_owned()];
/// let refused = sanad_source::check_commas(&header, "a table with a header").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "found a table with semicolons between the fields, expected a table with a header; save it \
///      with commas between the fields"
/// );
/// assert!(sanad_source::check_commas(&["month".to_owned()], "a table with a header").is_ok());
/// ```
///
/// # Errors
///
/// [`Error::Form`] with the separator that was found and what to do.
pub fn check_commas(header: &[String], expected: &'static str) -> Result<()> {
    check_separator(header, b',', expected, WITH_COMMAS)
}

/// Refuses a header whose one field holds another separator than `separator`.
fn check_separator(
    header: &[String],
    separator: u8,
    expected: &'static str,
    advice: &'static str,
) -> Result<()> {
    let others = [
        (b',', "a table with commas between the fields"),
        (b';', "a table with semicolons between the fields"),
        (b'\t', "a table with tabulators between the fields"),
        (b'|', "a table with bars between the fields"),
    ];
    let [only] = header else { return Ok(()) };
    let is_there = |byte: &u8| *byte != separator && only.as_bytes().contains(byte);
    match others.into_iter().find(|(byte, _)| is_there(byte)) {
        Some((_, found)) => Err(Error::Form { found, expected, advice }),
        None => Ok(()),
    }
}

/// What to do with a table that has another separator than the one of its map.
const fn save_with(separator: u8) -> &'static str {
    match separator {
        b';' => {
            "say which separator it has in the map, or save it with semicolons between the fields"
        }
        b'\t' => {
            "say which separator it has in the map, or save it with tabulators between the fields"
        }
        b'|' => "say which separator it has in the map, or save it with bars between the fields",
        _ => "say which separator it has in the map, or save it with commas between the fields",
    }
}

/// The first names of a header, for a message.
pub(crate) fn excerpt(names: &[String]) -> Vec<String> {
    /// Names listed in a message at most.
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

/// Changes of one letter that lead from one name to the other (V. I. Levenshtein 1966), for hints
/// in messages; [`usize::MAX`] for names so long that nobody misspelt them.
pub(crate) fn edits(left: &str, right: &str) -> usize {
    if right.len() > 60 { usize::MAX } else { strsim::levenshtein(left, right) }
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
        let (read, diagnostics) = sheet.finish(Vec::new()).unwrap();
        (kept, read, diagnostics)
    }

    #[test]
    fn every_row_is_kept_or_remarked_upon() {
        let (kept, read, diagnostics) = rows("a,b\n1,2\n\n3\n4,5,6\r\n\"7,7\",8");
        assert_eq!(kept, [["1", "2"], ["7,7", "8"]]);
        assert_eq!(read, 4);
        assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.row).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn a_row_of_tags_is_none_of_the_data_and_counts_as_a_row_of_the_file() {
        let (kept, read, diagnostics) = rows("a,b\n#date+year,#affected +killed\n1,2\n3\n");
        assert_eq!((kept.len(), read, diagnostics[0].row), (1, 2, 4));
        let (kept, ..) = rows("a,b\n#1,2\n#date,text\n");
        assert_eq!(kept, [["#1", "2"], ["#date", "text"]]);
    }

    #[test]
    fn a_known_header_is_found_below_other_lines_and_between_other_separators() {
        let known: [&[&str]; 2] = [&["year", "value"], &["Year", "Code"]];
        for (text, layout, rows_above) in [
            ("year,value\n1,2\n", 0, 1),
            ("Notes\n\n\"From, or so\",\n\nCODE,Year,\n1,2,\n", 1, 3),
            ("\u{feff}value;year\n1,5;2\n", 0, 1),
            ("Made by us\nvalue\tyear\n1,5\t2\n", 0, 2),
        ] {
            let (mut sheet, found) = Sheet::open_known(text.as_bytes(), "a table", &known).unwrap();
            assert_eq!(found, Some(layout), "{text}");
            assert_eq!(sheet.row().unwrap().unwrap().number, rows_above + 1, "{text}");
        }
        let (sheet, found) = Sheet::open_known(b"a,b\n1,2\n", "a table", &known).unwrap();
        assert_eq!((sheet.header().len(), found), (2, None));
    }

    #[test]
    fn a_quotation_left_open_is_told() {
        let (kept, read, diagnostics) = rows("a,b\n1,2\n3,\"4\n5,6\n");
        assert_eq!((kept.len(), read, diagnostics.len()), (1, 2, 1));
        assert_eq!(diagnostics[0].expected, "a quotation that is closed");
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
