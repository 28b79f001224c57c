//! Tables that others made: columns of a CSV or Parquet file, batch by batch.
//!
//! For files that are read once and not kept, such as forecasts to score and series to forecast.
//! Nothing is trusted: a column is asked for by name and kind, values are checked row by row, and
//! what a small Parquet file may unfold into is bounded.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use sanad_core::diagnostic::number_excerpt;
use sanad_core::missing::is_missing;

use crate::engine::{TABLE_BYTES, too_large_inside};
use crate::error::{Error, Result};
use crate::guard::{CONTRADICTS, guarded};
use crate::parquet_form;
use crate::read_file::{foreign, open_file};

/// What a file from outside is, for messages.
const EXPECTED: &str = "a table with a header";

/// Rows handed over at a time. 65,536; fewer at the end.
const BATCH_ROWS: usize = 1 << 16;

/// What a column is to be read as. With the column's name as the file spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind<'a> {
    /// Numbers; an empty field and [words for nothing](is_missing) are missing.
    Numbers(&'a str),
    /// Texts. Numbers and dates become texts; a missing value is the empty text.
    Texts(&'a str),
}

impl<'a> ColumnKind<'a> {
    /// The column's name.
    const fn name(self) -> &'a str {
        match self {
            Self::Numbers(name) | Self::Texts(name) => name,
        }
    }
}

/// A part of a column. Rows that follow one another.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Numbers; missing ones are NaN.
    Numbers(Vec<f64>),
    /// Texts; missing ones are empty.
    Texts(Vec<String>),
}

impl Part {
    /// The numbers, if the column was asked for as such; otherwise none.
    #[must_use]
    pub fn numbers(&self) -> &[f64] {
        match self {
            Self::Numbers(values) => values,
            Self::Texts(_) => &[],
        }
    }

    /// The texts, if the column was asked for as such; otherwise none.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Texts(values) => values,
            Self::Numbers(_) => &[],
        }
    }
}

impl Part {
    /// How much memory it takes.
    fn bytes(&self) -> usize {
        match self {
            Self::Numbers(values) => size_of_val(values.as_slice()),
            Self::Texts(values) => {
                size_of_val(values.as_slice()) + values.iter().map(String::len).sum::<usize>()
            }
        }
    }
}

/// The most rows that a table may have: the draws of a forecast for every cell of a continent have
/// fewer. A small file can hold a value that is repeated a billion times. 2²⁸, some 268 millions.
const MOST_ROWS: usize = 1 << 28;

/// A CSV file with a header, or a Parquet file. Only its columns are known until it is
/// [scanned](Self::scan) or [read](Self::read).
#[derive(Debug)]
pub struct External {
    path: PathBuf,
    columns: Vec<String>,
    /// Whether it is read as Parquet.
    parquet: bool,
}

impl External {
    /// Looks at a file's columns. A name that ends in `.parquet` is read as Parquet, any other as
    /// CSV.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be read, [`Error::Table`] when it is no table of that form.
    pub fn open(path: &Path) -> Result<Self> {
        let parquet = path.extension().is_some_and(|ending| ending == "parquet");
        let columns = if parquet {
            let builder = parquet_builder(path)?;
            builder.schema().fields().iter().map(|field| field.name().clone()).collect()
        } else {
            check_form(path)?;
            let mut reader = csv_reader(path)?;
            let header = reader.headers().map_err(|e| csv_error(path, &e))?;
            header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect()
        };
        let table = Self { path: path.to_owned(), columns, parquet };
        if table.columns.iter().all(|name| name.trim().is_empty()) {
            return Err(table.wrong("it has no columns, expected a header and rows"));
        }
        if !parquet {
            sanad_source::check_commas(&table.columns, EXPECTED).map_err(|e| foreign(path, e))?;
        }
        Ok(table)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the columns. In the order of the file; a byte order mark at the beginning is no
    /// part of the first.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The first of `names` that the file has. Letter by letter. For a column that publishers call
    /// by different names.
    #[must_use]
    pub fn first_of<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| self.columns.iter().any(|column| column == name))
    }

    /// An error about this file. For a caller that finds a value wrong which is right as a number
    /// or text.
    #[must_use]
    pub fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::Table { path: self.path.clone(), problem: problem.into() }
    }

    /// Hands over the wanted columns batch by batch, with the number of the batch's first row (the
    /// header is row 1). Parts come in the order of `wanted`. An error of `each` ends the scan.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] with row and column for a value that is not a number where one is wanted,
    /// and for a column that is missing; whatever `each` gives.
    pub fn scan(
        &self,
        wanted: &[ColumnKind<'_>],
        mut each: impl FnMut(usize, &[Part]) -> Result<()>,
    ) -> Result<()> {
        for column in wanted {
            let found = self.columns.iter().filter(|name| *name == column.name()).count();
            if found > 1 {
                let name = column.name();
                return Err(
                    self.wrong(format!("column {name} is there {found} times, expected once"))
                );
            }
            if found == 0 {
                let found = self.columns.join(", ");
                let name = column.name();
                return Err(self.wrong(format!("it has no column {name}; found {found}")));
            }
        }
        if self.parquet {
            self.scan_parquet(wanted, &mut each)
        } else {
            self.scan_csv(wanted, &mut each)
        }
    }

    /// Whole columns. In the order of `wanted`, each as long as the file has rows.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan), and [`Error::Table`] where they take more memory than four gibibytes.
    pub fn read(&self, wanted: &[ColumnKind<'_>]) -> Result<Vec<Part>> {
        self.read_below(wanted, TABLE_BYTES)
    }

    /// As [`read`](Self::read), with another bound on the memory that the columns take.
    fn read_below(&self, wanted: &[ColumnKind<'_>], limit_bytes: usize) -> Result<Vec<Part>> {
        let empty = |column: &ColumnKind<'_>| match column {
            ColumnKind::Numbers(_) => Part::Numbers(Vec::new()),
            ColumnKind::Texts(_) => Part::Texts(Vec::new()),
        };
        let mut all: Vec<Part> = wanted.iter().map(empty).collect();
        let mut held = 0;
        self.scan(wanted, |_, batch| {
            held += batch.iter().map(Part::bytes).sum::<usize>();
            if held > limit_bytes {
                return Err(too_large_inside(&self.path, limit_bytes));
            }
            for (whole, part) in all.iter_mut().zip(batch) {
                match (whole, part) {
                    (Part::Numbers(whole), Part::Numbers(part)) => whole.extend(part),
                    (Part::Texts(whole), Part::Texts(part)) => whole.extend_from_slice(part),
                    _ => {}
                }
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Refuses a table of more rows than any that is read here has.
    fn check_rows(&self, rows: usize) -> Result<()> {
        if rows > MOST_ROWS {
            return Err(self.wrong(format!("it has more than {MOST_ROWS} rows, expected fewer")));
        }
        Ok(())
    }

    /// Scans a Parquet file; columns that are not wanted are not unpacked.
    fn scan_parquet(
        &self,
        wanted: &[ColumnKind<'_>],
        each: &mut impl FnMut(usize, &[Part]) -> Result<()>,
    ) -> Result<()> {
        let builder = parquet_builder(&self.path)?;
        let names = wanted.iter().map(|column| column.name());
        let mask = ProjectionMask::columns(builder.parquet_schema(), names);
        let contradicts = || self.wrong(CONTRADICTS);
        let build = || builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        let mut reader = guarded(build).ok_or_else(contradicts)??;
        let mut row = 2;
        while let Some(batch) = guarded(|| reader.next()).ok_or_else(contradicts)? {
            let batch = batch.map_err(|e| self.wrong(e.to_string()))?;
            let parts = guarded(|| self.parts(wanted, &batch, row)).ok_or_else(contradicts)??;
            self.check_rows(row + batch.num_rows())?;
            each(row, &parts)?;
            row += batch.num_rows();
        }
        Ok(())
    }

    /// The wanted columns of a batch whose first row is `row`.
    fn parts(
        &self,
        wanted: &[ColumnKind<'_>],
        batch: &RecordBatch,
        row: usize,
    ) -> Result<Vec<Part>> {
        let part = |column: &ColumnKind<'_>| {
            let array = batch.column_by_name(column.name()).ok_or_else(|| {
                self.wrong(format!("column {} is nested, expected plain values", column.name()))
            })?;
            self.part(*column, array, row)
        };
        wanted.iter().map(part).collect()
    }

    /// One column of a batch; texts that are numbers are read as such where numbers are wanted.
    fn part(&self, column: ColumnKind<'_>, array: &ArrayRef, row: usize) -> Result<Part> {
        let name = column.name();
        let dates = temporal_texts(array)?;
        let array = dates.as_ref().unwrap_or(array);
        match column {
            ColumnKind::Texts(_) => {
                let texts = cast(array, &DataType::Utf8)?;
                let texts: &StringArray = texts.as_string();
                let text = |at: usize| {
                    if texts.is_null(at) { String::new() } else { texts.value(at).to_owned() }
                };
                Ok(Part::Texts((0..texts.len()).map(text).collect()))
            }
            ColumnKind::Numbers(_) if array.data_type().is_numeric() => {
                let numbers = cast(array, &DataType::Float64)?;
                let numbers: &Float64Array = numbers.as_primitive::<Float64Type>();
                if numbers.null_count() == 0 {
                    return Ok(Part::Numbers(numbers.values().to_vec()));
                }
                Ok(Part::Numbers(numbers.iter().map(|value| value.unwrap_or(f64::NAN)).collect()))
            }
            ColumnKind::Numbers(_) => {
                let texts = self.part(ColumnKind::Texts(name), array, row)?;
                let numbers = texts.texts().iter().enumerate();
                let numbers = numbers.map(|(at, text)| self.number(text, name, row + at));
                Ok(Part::Numbers(numbers.collect::<Result<_>>()?))
            }
        }
    }

    /// Scans a CSV file record by record.
    fn scan_csv(
        &self,
        wanted: &[ColumnKind<'_>],
        each: &mut impl FnMut(usize, &[Part]) -> Result<()>,
    ) -> Result<()> {
        let at: Vec<usize> = wanted
            .iter()
            .filter_map(|column| self.columns.iter().position(|name| name == column.name()))
            .collect();
        let mut reader = csv_reader(&self.path)?;
        let mut record = csv::StringRecord::new();
        let (mut row, mut first) = (1, 2);
        let mut parts = empty_parts(wanted);
        while reader.read_record(&mut record).map_err(|e| csv_error(&self.path, &e))? {
            row += 1;
            for ((part, column), &at) in parts.iter_mut().zip(wanted).zip(&at) {
                let text = record.get(at).unwrap_or_default();
                match part {
                    Part::Texts(values) => values.push(text.to_owned()),
                    Part::Numbers(values) => values.push(self.number(text, column.name(), row)?),
                }
            }
            if row + 1 - first == BATCH_ROWS {
                each(first, &parts)?;
                first = row + 1;
                parts = empty_parts(wanted);
            }
        }
        if first <= row { each(first, &parts) } else { Ok(()) }
    }

    /// A number of a text; NaN for an empty one and for words for nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] with row and column, and of the text no more than may be shown.
    fn number(&self, text: &str, column: &str, row: usize) -> Result<f64> {
        let text = text.trim();
        if is_missing(text) {
            return Ok(f64::NAN);
        }
        text.parse().map_err(|_| {
            // A text in a column of numbers may be anybody's words.
            let found = number_excerpt(text);
            let found = if found == text { format!("{text:?}") } else { found };
            self.wrong(format!("row {row}, column {column}: found {found}, expected a number"))
        })
    }
}

/// A column of dates or timestamps, whatever their unit and zone, as texts in ISO 8601: the day alone
/// where no row has a time of day, the local time with its offset where the column has a zone.
/// Nothing for a column of another type.
///
/// # Errors
///
/// [`Error::Query`] for a zone that is not known.
pub(crate) fn temporal_texts(column: &ArrayRef) -> Result<Option<ArrayRef>> {
    let column = match column.data_type() {
        DataType::Dictionary(_, value) => &cast(column, value)?,
        _ => column,
    };
    let is_temporal =
        matches!(column.data_type(), DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    if !is_temporal {
        return Ok(None);
    }
    let texts = cast(column, &DataType::Utf8)?;
    let texts: &StringArray = texts.as_string();
    let midnight = |text: &str| {
        text.get(10..).is_none_or(|time| {
            let time = time.get(..9).unwrap_or(time);
            matches!(time, "" | "T00:00:00")
        })
    };
    if !texts.iter().flatten().all(midnight) {
        return Ok(Some(std::sync::Arc::new(texts.clone())));
    }
    let days = texts.iter().map(|text| text.map(|text| text.get(..10).unwrap_or(text)));
    Ok(Some(std::sync::Arc::new(days.collect::<StringArray>())))
}

/// Parts without rows, of the wanted kinds.
fn empty_parts(wanted: &[ColumnKind<'_>]) -> Vec<Part> {
    let empty = |column: &ColumnKind<'_>| match column {
        ColumnKind::Numbers(_) => Part::Numbers(Vec::new()),
        ColumnKind::Texts(_) => Part::Texts(Vec::new()),
    };
    wanted.iter().map(empty).collect()
}

/// Opens a Parquet file of somebody else's.
///
/// # Errors
///
/// [`Error::Table`] when it is none, also where its parts contradict each other.
fn parquet_builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = open_file(path)?;
    parquet_form::open(file).map_err(|reason| Error::Table {
        path: path.to_owned(),
        problem: format!("it cannot be read as Parquet: {reason}"),
    })
}

/// Opens a CSV file whose first record is the header.
fn csv_reader(path: &Path) -> Result<csv::Reader<File>> {
    Ok(csv::Reader::from_reader(open_file(path)?))
}

/// Refuses a file that is plainly no text, by its first bytes. An empty one is no table, which its
/// header tells.
///
/// # Errors
///
/// [`Error::Foreign`] with what it is and what to do.
fn check_form(path: &Path) -> Result<()> {
    /// More bytes than any mark of another format has, and blanks before a web page.
    const LOOKED_AT: u64 = 512;
    let mut start = Vec::new();
    let file = open_file(path)?;
    file.take(LOOKED_AT).read_to_end(&mut start).map_err(|e| Error::io("read", path, e))?;
    if start.starts_with(b"PAR1") {
        let problem = "it is a Parquet file; give it a name that ends in .parquet".to_owned();
        return Err(Error::Table { path: path.to_owned(), problem });
    }
    match sanad_source::check_text(&start, EXPECTED) {
        Err(source) if !source.is_empty() => Err(foreign(path, source)),
        _ => Ok(()),
    }
}

/// The reader's error in this crate's words, with the line where it is known.
fn csv_error(path: &Path, error: &csv::Error) -> Error {
    let row = error.position().map_or_else(String::new, |at| format!("line {}: ", at.line()));
    let problem = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "this is not UTF-8 text; save the file as UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("found {len} fields, expected {expected_len} as in the header")
        }
        _ => error.to_string(),
    };
    Error::Table { path: path.to_owned(), problem: format!("{row}{problem}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(ending: &str, bytes: &[u8]) -> tempfile::TempPath {
        let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn dates_of_every_type_are_days_in_their_own_zone() {
        use std::sync::Arc;

        use datafusion::arrow::array::{
            Date32Array, Date64Array, DictionaryArray, Int32Array, TimestampMicrosecondArray,
            TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
        };

        // 2024-01-31 and nothing.
        let (day, second) = (19_753, 19_753_i64 * 86_400);
        let (milli, micro, nano) = (second * 1_000, second * 1_000_000, second * 1_000_000_000);
        let earlier = second - 5 * 3_600;
        let keys = Int32Array::from(vec![Some(0), None]);
        let columns: [ArrayRef; 9] = [
            Arc::new(Date32Array::from(vec![Some(day), None])),
            Arc::new(Date64Array::from(vec![Some(milli), None])),
            Arc::new(TimestampSecondArray::from(vec![Some(second), None])),
            Arc::new(TimestampMillisecondArray::from(vec![Some(milli), None])),
            Arc::new(TimestampMicrosecondArray::from(vec![Some(micro), None])),
            Arc::new(TimestampNanosecondArray::from(vec![Some(nano), None])),
            Arc::new(TimestampSecondArray::from(vec![Some(second), None]).with_timezone("UTC")),
            Arc::new(
                TimestampSecondArray::from(vec![Some(earlier), None]).with_timezone("Asia/Karachi"),
            ),
            Arc::new(DictionaryArray::new(
                keys,
                Arc::new(TimestampSecondArray::from(vec![Some(second)])),
            )),
        ];
        for column in columns {
            let texts = temporal_texts(&column).unwrap().unwrap();
            let texts: &StringArray = texts.as_string();
            assert_eq!((texts.value(0), texts.is_null(1)), ("2024-01-31", true), "{column:?}");
        }
        let evening: ArrayRef =
            Arc::new(TimestampSecondArray::from(vec![second, earlier]).with_timezone("+05:00"));
        let texts = temporal_texts(&evening).unwrap().unwrap();
        assert_eq!(texts.as_string::<i32>().value(0), "2024-01-31T05:00:00+05:00");
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert_eq!(temporal_texts(&numbers).unwrap(), None);
    }

    fn two_rows() -> crate::Table {
        crate::Columns::default()
            .int32("month_id", vec![Some(1), Some(2)])
            .text("place", [Some("a"), None])
            .float64("deaths", vec![Some(2.5), None])
            .finish()
            .unwrap()
    }

    #[test]
    fn what_is_no_text_is_named_with_what_to_do() {
        let said = |bytes: &[u8]| {
            let error = External::open(&file(".csv", bytes)).unwrap_err();
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error} {}", source.unwrap_or_default())
        };
        assert!(said(b"\x1f\x8b\x08\x00").contains("unpack it: gunzip FILE"));
        assert!(said(b"PK\x03\x04").contains("a spreadsheet"));
        assert!(said(b"\xff\xfea\0,\0b\0").contains("iconv -f UTF-16"));
        assert!(said(b"\n<html>").contains("download the data file itself"));
        assert!(said(b"PAR1\x15").contains("give it a name that ends in .parquet"));
        assert!(said(b"a;b\n1;2\n").contains("with semicolons between the fields"));
        assert!(said(b" \n").contains("it has no columns"));
    }

    #[test]
    fn csv_and_parquet_give_the_same_columns() {
        let table = two_rows();
        let folder = tempfile::tempdir().unwrap();
        let wanted = [
            ColumnKind::Numbers("deaths"),
            ColumnKind::Texts("place"),
            ColumnKind::Numbers("month_id"),
        ];
        let read = |name: &str| {
            let path = folder.path().join(name);
            crate::export::write_file(&table, None, &path).unwrap();
            External::open(&path).unwrap().read(&wanted).unwrap()
        };
        let (csv, parquet) = (read("x.csv"), read("x.parquet"));
        assert_eq!(csv[1..], parquet[1..]);
        for parts in [csv, parquet] {
            assert_eq!(parts[0].numbers()[0], 2.5);
            assert!(parts[0].numbers()[1].is_nan());
            assert_eq!(parts[1].texts(), ["a", ""]);
        }
    }

    #[test]
    fn a_value_that_is_no_number_is_named_with_row_and_column() {
        let path = file(".csv", b"month_id,deaths\n1,2\n2,many\n");
        let table = External::open(&path).unwrap();
        let error = table.read(&[ColumnKind::Numbers("deaths")]).unwrap_err().to_string();
        assert!(
            error
                .ends_with("row 3, column deaths: found a text of 4 characters, expected a number"),
            "{error}"
        );
    }

    #[test]
    fn numbers_of_every_type_are_read_as_they_are() {
        use datafusion::arrow::array::{
            ArrayRef, Decimal128Array, Float32Array, Int8Array, StringArray, UInt64Array,
        };
        use datafusion::arrow::compute::cast;
        use std::sync::Arc;
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("0.5"), None, Some("2.5")]));
        let decimals = Decimal128Array::from(vec![Some(50), None, Some(250)]);
        let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
        let table = crate::Columns::default()
            .add("float32", Arc::new(Float32Array::from(vec![Some(0.5), None, Some(2.5)])))
            .add("decimal", Arc::new(decimals.with_precision_and_scale(10, 2).unwrap()))
            .add("categories", cast(&texts, &dictionary).unwrap())
            .add("large_texts", cast(&texts, &DataType::LargeUtf8).unwrap())
            .add("texts", texts)
            .add("int8", Arc::new(Int8Array::from(vec![Some(1), None, Some(3)])))
            .add("uint64", Arc::new(UInt64Array::from(vec![Some(1), None, Some(3)])))
            .finish()
            .unwrap();
        let path = tempfile::Builder::new().suffix(".parquet").tempfile().unwrap().into_temp_path();
        crate::export::write_file(&table, None, &path).unwrap();
        let file = External::open(&path).unwrap();
        for name in ["float32", "decimal", "categories", "large_texts", "texts", "int8", "uint64"] {
            let part = file.read(&[ColumnKind::Numbers(name)]).unwrap();
            let [first, second, third] = part[0].numbers() else { panic!("three rows") };
            assert!(second.is_nan(), "{name}");
            let expected = if name.contains("int") { [1.0, 3.0] } else { [0.5, 2.5] };
            assert_eq!([*first, *third], expected, "{name}");
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic() {
        let table = two_rows();
        let mut sound = Vec::new();
        crate::export::write(&table, crate::export::Format::Parquet, &mut sound).unwrap();
        let mut given_up = 0;
        for position in 0..sound.len() {
            for bit in [0, 3, 6] {
                let mut damaged = sound.clone();
                damaged[position] ^= 1 << bit;
                let path = file(".parquet", &damaged);
                let wanted = [ColumnKind::Numbers("deaths"), ColumnKind::Texts("place")];
                let read = External::open(&path).and_then(|file| file.read(&wanted).map(drop));
                given_up += usize::from(read.is_err_and(|e| e.to_string().contains(CONTRADICTS)));
            }
        }
        // Some of these files make the library that reads them panic.
        assert!(given_up > 0, "of {} bytes", sound.len());
    }

    #[test]
    fn a_small_file_of_many_rows_is_refused_before_it_fills_memory() {
        let table = crate::Columns::default()
            .text("place", (0..5_000).map(|_| Some("a place with a name")))
            .float64("deaths", vec![0.0; 5_000])
            .finish()
            .unwrap();
        let mut bytes = Vec::new();
        crate::export::write(&table, crate::export::Format::Parquet, &mut bytes).unwrap();
        assert!(bytes.len() < 5_000, "{} bytes", bytes.len());
        let path = file(".parquet", &bytes);
        let wanted = [ColumnKind::Numbers("deaths"), ColumnKind::Texts("place")];
        let table = External::open(&path).unwrap();
        assert_eq!(table.read(&wanted).unwrap()[0].numbers().len(), 5_000);
        let error = table.read_below(&wanted, 100_000).unwrap_err().to_string();
        assert!(error.contains("100000 bytes of memory"), "{error}");
        assert!(table.check_rows(MOST_ROWS).is_ok() && table.check_rows(MOST_ROWS + 1).is_err());
    }

    #[test]
    fn words_for_nothing_are_missing_numbers_in_csv() {
        let words = ["", "NA", "N/A", "nan", "NaN", "null", "None", "-", " "];
        let path = file(".csv", format!("a,b\n{},1\n", words.join(",1\n")).as_bytes());
        let part = External::open(&path).unwrap().read(&[ColumnKind::Numbers("a")]).unwrap();
        assert_eq!(part[0].numbers().len(), words.len());
        assert!(part[0].numbers().iter().all(|number| number.is_nan()));
    }

    #[test]
    fn what_is_no_table_is_an_error() {
        for (ending, bytes) in
            [(".csv", &b""[..]), (".csv", b"\n\n"), (".parquet", b"PAR1"), (".parquet", b"")]
        {
            assert!(External::open(&file(ending, bytes)).is_err(), "{ending} {bytes:?}");
        }
        let uneven = External::open(&file(".csv", b"a,b\n1,2\n3\n")).map(drop);
        assert!(uneven.is_ok());
        let path = file(".csv", b"a,b\n1,2\n3\n");
        assert!(External::open(&path).unwrap().read(&[ColumnKind::Numbers("a")]).is_err());
    }
}
