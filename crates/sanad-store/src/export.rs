//! Tables in the forms people's tools read.
//!
//! Files for programs hold every digit and, but for spreadsheets, every text as it is. What a
//! person reads on a terminal or in a page is rounded to six digits, with each text on one line and
//! without characters that would steer the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchIterator, RecordBatchOptions,
    StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::{DataType, Float64Type, Schema};
use datafusion::arrow::ffi_stream::FFI_ArrowArrayStream;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::json::ArrayWriter;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches;

use sanad_core::escape::{self, spreadsheet_cell};

use crate::durable;
use crate::error::{Error, Result};
use crate::table::encode_parquet;

/// The form in which a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, for the eye.
    Table,
    /// Comma-separated values with a header; an empty field is a missing value. Texts are as they are.
    Csv,
    /// As [`Csv`](Self::Csv), with an apostrophe before a text that a spreadsheet would take for a
    /// formula.
    Spreadsheet,
    /// One JSON array of objects.
    Json,
    /// One Parquet file, Snappy-compressed.
    Parquet,
    /// One Arrow IPC file (Feather, version 2), not compressed.
    Arrow,
    /// A Markdown table.
    Markdown,
}

impl Format {
    /// The form that a file's ending asks for. `None` for any other ending, and for one in
    /// capitals. No ending asks for [`Spreadsheet`](Self::Spreadsheet).
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            "arrow" => Some(Self::Arrow),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// Writes a table to `out`.
///
/// # Errors
///
/// [`Error::Query`] when the table cannot be put into the form, [`Error::Io`] when `out` fails.
pub fn write(batch: &RecordBatch, format: Format, mut out: impl Write + Send) -> Result<()> {
    match format {
        Format::Csv => Ok(WriterBuilder::new().with_header(true).build(out).write(batch)?),
        Format::Spreadsheet => write(&with_texts(batch, spreadsheet_cell)?, Format::Csv, out),
        Format::Parquet => encode_parquet(out, batch, &[]),
        Format::Arrow => {
            let mut writer = FileWriter::try_new(out, &batch.schema())?;
            writer.write(batch)?;
            Ok(writer.finish()?)
        }
        Format::Json => {
            let mut writer = ArrayWriter::new(&mut out);
            writer.write(batch)?;
            writer.finish()?;
            text(&mut out, "\n")
        }
        Format::Table => {
            let shown = pretty_format_batches(&[for_the_eye(batch)?])?.to_string();
            // Names of columns and texts within lists are not in the columns that were made safe.
            text(&mut out, &format!("{}\n", escape::lines(&shown)))
        }
        Format::Markdown => text(&mut out, &markdown(&for_the_eye(batch)?)?),
    }
}

/// A table on its way to another language in this process, by Arrow's C stream interface.
pub type ArrowStream = FFI_ArrowArrayStream;

/// The table as a C stream of one batch. The columns' memory is shared, not copied; whoever reads the stream
/// releases it.
#[must_use]
pub fn stream(batch: &RecordBatch) -> ArrowStream {
    let batches = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    ArrowStream::new(Box::new(batches))
}

/// Digits that a person reads; files for programs hold all of them.
const SIGNIFICANT_DIGITS: i32 = 6;

/// The table with its texts as `shown` gives them. Names of columns, too; texts that are kept once
/// each become plain ones.
fn with_texts(batch: &RecordBatch, shown: fn(&str) -> Cow<'_, str>) -> Result<RecordBatch> {
    let column = |column: &ArrayRef| {
        if !holds_texts(column.data_type()) {
            return Ok(column.clone());
        }
        let texts = cast(column, &DataType::Utf8)?;
        let texts = texts.as_string::<i32>().iter().map(|text| text.map(shown));
        Ok(Arc::new(texts.collect::<StringArray>()) as ArrayRef)
    };
    let columns: Vec<ArrayRef> = batch.columns().iter().map(column).collect::<Result<_>>()?;
    let fields = batch
        .schema()
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, column)| {
            field
                .as_ref()
                .clone()
                .with_name(shown(field.name()))
                .with_data_type(column.data_type().clone())
        })
        .collect::<Vec<_>>();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
}

/// Whether a column holds texts, plain or kept once each.
fn holds_texts(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => holds_texts(values),
        _ => false,
    }
}

/// The table with its fractional numbers rounded for reading, and each text on one line.
fn for_the_eye(batch: &RecordBatch) -> Result<RecordBatch> {
    let batch = &with_texts(batch, escape::line)?;
    let columns = batch.columns().iter().map(|column| {
        let Some(numbers) = column.as_primitive_opt::<Float64Type>() else { return column.clone() };
        let rounded: Float64Array = numbers.iter().map(|value| value.map(rounded)).collect();
        Arc::new(rounded) as ArrayRef
    });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(batch.schema(), columns.collect(), &options)?)
}

/// A number to its first [`SIGNIFICANT_DIGITS`] digits; whole parts are kept whole. Of x, 5 −
/// ⌊log₁₀|x|⌋ decimals are kept, and none of a number of six digits or more before the point.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let decimals = SIGNIFICANT_DIGITS - 1 - value.abs().log10().floor() as i32;
    let factor = 10_f64.powi(decimals.clamp(0, 300));
    if decimals <= 0 { value.round() } else { (value * factor).round() / factor }
}

/// Writes a table to a file, whole or not at all, in the form that `format` or else the file's
/// ending asks for. The folder is made where it is missing.
///
/// # Errors
///
/// [`Error::Unknown`] when neither says which form; otherwise as [`write()`]. [`Error::Output`]
/// when the path is a link, a folder, a device or a read-only file.
pub fn write_file(batch: &RecordBatch, format: Option<Format>, path: &Path) -> Result<()> {
    let Some(format) = format.or_else(|| Format::of_path(path)) else {
        return Err(Error::Unknown {
            what: "file format for",
            found: path.display().to_string(),
            nearest: [".csv", ".parquet", ".json", ".md"].map(str::to_owned).to_vec(),
        });
    };
    check_target(path)?;
    durable::replace(path, |file| write(batch, format, file)).map(drop)
}

/// Writes a text to a file, whole or not at all. As UTF-8, without a byte order mark.
///
/// # Errors
///
/// [`Error::Io`] when the file cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    check_target(path)?;
    durable::replace_bytes(path, text.as_bytes()).map(drop)
}

/// Refuses to write over what is no plain file of the user's: a link, whose file would stay as it
/// is while the link is lost, a folder or device, and a file that is set read-only. A path where
/// nothing is may be written to.
pub(crate) fn check_target(path: &Path) -> Result<()> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let refusal = if found.is_symlink() {
        "it is a link, which would be replaced; name the file that it leads to"
    } else if found.is_dir() {
        "it is a folder; name a file"
    } else if !found.is_file() {
        "it is no plain file; write to stdout instead"
    } else if found.permissions().readonly() {
        "it is read-only; remove it, or make it writable"
    } else {
        return Ok(());
    };
    Err(Error::Output { path: path.to_owned(), refusal })
}

/// Writes a text to a stream that has no path.
fn text(out: &mut impl Write, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(|e| Error::io("write", Path::new("the output"), e))
}

/// A Markdown table; columns of numbers are aligned to the right, and a missing value is an empty
/// cell.
fn markdown(batch: &RecordBatch) -> Result<String> {
    let options = FormatOptions::default();
    let columns = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<core::result::Result<Vec<_>, _>>()?;
    let schema = batch.schema();
    let names: Vec<String> =
        schema.fields().iter().map(|field| escape::markdown_cell(field.name())).collect();
    let rule = |column: &dyn Array| if column.data_type().is_numeric() { "---:" } else { "---" };
    let rules: Vec<&str> = batch.columns().iter().map(|column| rule(column.as_ref())).collect();
    let mut lines = format!("| {} |\n| {} |\n", names.join(" | "), rules.join(" | "));
    for row in 0..batch.num_rows() {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| escape::markdown_cell(&column.value(row).to_string()))
            .collect();
        // Writing into a String cannot fail.
        let _ = writeln!(lines, "| {} |", cells.join(" | "));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: Format) -> String {
        let table = crate::Columns::default()
            .text("na|me\u{1b}", ["a\nb|c\u{202e}\u{1b}[2J", "=1+1", "-", "<b>"].map(Some))
            .float64("x", vec![-1.5; 4])
            .finish()
            .unwrap();
        let mut bytes = Vec::new();
        write(&table, format, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_stream_to_another_language_holds_the_table_and_shares_its_memory() {
        use datafusion::arrow::ffi_stream::ArrowArrayStreamReader;

        let table = crate::Columns::default()
            .text("place", [Some("a"), None])
            .float64("deaths", vec![Some(1.5), None])
            .finish()
            .unwrap();
        let read = ArrowArrayStreamReader::try_new(stream(&table)).unwrap();
        let batches: Vec<RecordBatch> = read.map(|batch| batch.unwrap()).collect();
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0], table);
        let address = |batch: &RecordBatch| batch.column(1).to_data().buffers()[0].as_ptr();
        assert_eq!(address(&batches[0]), address(&table));
    }

    #[test]
    fn what_a_person_reads_holds_no_character_that_cannot_be_seen() {
        for format in [Format::Table, Format::Markdown] {
            let text = shown(format);
            let hidden = |letter: &char| escape::is_hidden(*letter) && *letter != '\n';
            assert_eq!(text.chars().find(hidden), None, "{text}");
            assert!(text.contains("a b") && text.contains("\u{fffd}\u{fffd}"), "{text}");
        }
        let text = shown(Format::Markdown);
        assert_eq!(text.lines().count(), 6, "{text}");
        assert!(text.starts_with("| na\\|me\u{fffd} | x |\n"), "{text}");
        assert!(text.contains("| a b\\|c\u{fffd}"), "{text}");
        assert!(text.contains("| &lt;b> |"), "{text}");
        assert_eq!(shown(Format::Table).lines().count(), 8);
    }

    #[test]
    fn files_for_programs_hold_texts_as_they_are_and_those_for_spreadsheets_no_formula() {
        let csv = shown(Format::Csv);
        assert!(csv.contains("\u{202e}") && csv.contains("\n=1+1,-1.5\n"), "{csv}");
        let safe = shown(Format::Spreadsheet);
        assert!(safe.contains("\n'=1+1,-1.5\n'-,-1.5\n<b>,-1.5\n"), "{safe}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_a_folder_a_device_and_a_read_only_file_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file.md"), "old").unwrap();
        std::os::unix::fs::symlink(path("file.md"), path("link.md")).unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("dangling.md")).unwrap();
        std::fs::create_dir(path("folder.md")).unwrap();
        std::fs::write(path("read-only.md"), "old").unwrap();
        let mut rights = std::fs::metadata(path("read-only.md")).unwrap().permissions();
        rights.set_readonly(true);
        std::fs::set_permissions(path("read-only.md"), rights).unwrap();
        for (name, reason) in [
            ("link.md", "it is a link"),
            ("dangling.md", "it is a link"),
            ("folder.md", "it is a folder"),
            ("read-only.md", "it is read-only"),
        ] {
            let error = write_text(&path(name), "new").unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let error = write_text(Path::new("/dev/null"), "new").unwrap_err().to_string();
        assert!(error.contains("no plain file"), "{error}");
        write_text(&path("file.md"), "new").unwrap();
        assert_eq!(std::fs::read_to_string(path("link.md")).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(path("read-only.md")).unwrap(), "old");
    }

    #[test]
    fn numbers_are_rounded_for_reading_and_stay_themselves_otherwise() {
        assert_eq!(rounded(20.041059140052358), 20.0411);
        assert_eq!(rounded(-0.000_123_456_789), -0.000_123_457);
        assert_eq!(rounded(1_234_567.8), 1_234_568.0);
        assert_eq!(rounded(0.0), 0.0);
        assert!(rounded(f64::NAN).is_nan());
    }
}
