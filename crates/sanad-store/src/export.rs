//! Tables in the forms people's tools read.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::arrow::json::ArrayWriter;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches;

use crate::durable;
use crate::error::{Error, Result};
use crate::table::encode_parquet;

/// The form in which a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, for the eye.
    Table,
    /// Comma-separated values with a header; an empty field is a missing value.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One Parquet file, Snappy-compressed.
    Parquet,
    /// A Markdown table.
    Markdown,
}

impl Format {
    /// The form that a file's ending asks for.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
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
        Format::Parquet => encode_parquet(out, batch, &[]),
        Format::Json => {
            let mut writer = ArrayWriter::new(&mut out);
            writer.write(batch)?;
            writer.finish()?;
            text(&mut out, "\n")
        }
        Format::Table => {
            let shown = pretty_format_batches(&[for_the_eye(batch)?])?;
            text(&mut out, &format!("{shown}\n"))
        }
        Format::Markdown => text(&mut out, &markdown(&for_the_eye(batch)?)?),
    }
}

/// Digits that a person reads; files for programs hold all of them.
const SIGNIFICANT_DIGITS: i32 = 6;

/// The table with its fractional numbers rounded for reading.
fn for_the_eye(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| {
        let Some(numbers) = column.as_primitive_opt::<Float64Type>() else { return column.clone() };
        let rounded: Float64Array = numbers.iter().map(|value| value.map(rounded)).collect();
        Arc::new(rounded) as ArrayRef
    });
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

/// A number to its first [`SIGNIFICANT_DIGITS`] digits; whole parts are kept whole.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let decimals = SIGNIFICANT_DIGITS - 1 - value.abs().log10().floor() as i32;
    let factor = 10_f64.powi(decimals.clamp(0, 300));
    if decimals <= 0 { value.round() } else { (value * factor).round() / factor }
}

/// Writes a table to a file, whole or not at all, in the form that `format` or else the file's
/// ending asks for.
///
/// # Errors
///
/// [`Error::Unknown`] when neither says which form; otherwise as [`write()`].
pub fn write_file(batch: &RecordBatch, format: Option<Format>, path: &Path) -> Result<()> {
    let Some(format) = format.or_else(|| Format::of_path(path)) else {
        return Err(Error::Unknown {
            what: "file format for",
            found: path.display().to_string(),
            nearest: [".csv", ".parquet", ".json", ".md"].map(str::to_owned).to_vec(),
        });
    };
    durable::replace(path, |file| write(batch, format, file)).map(drop)
}

/// Writes a text to a file, whole or not at all.
///
/// # Errors
///
/// [`Error::Io`] when the file cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    durable::replace_bytes(path, text.as_bytes()).map(drop)
}

fn text(out: &mut impl Write, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(|e| Error::io("write", Path::new("the output"), e))
}

fn markdown(batch: &RecordBatch) -> Result<String> {
    let options = FormatOptions::default();
    let columns = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<core::result::Result<Vec<_>, _>>()?;
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let rule = |column: &dyn Array| if column.data_type().is_numeric() { "---:" } else { "---" };
    let rules: Vec<&str> = batch.columns().iter().map(|column| rule(column.as_ref())).collect();
    let mut lines = format!("| {} |\n| {} |\n", names.join(" | "), rules.join(" | "));
    for row in 0..batch.num_rows() {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| column.value(row).to_string().replace('|', "\\|"))
            .collect();
        // Writing into a String cannot fail.
        let _ = writeln!(lines, "| {} |", cells.join(" | "));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn numbers_are_rounded_for_reading_and_stay_themselves_otherwise() {
        assert_eq!(rounded(20.041059140052358), 20.0411);
        assert_eq!(rounded(-0.000_123_456_789), -0.000_123_457);
        assert_eq!(rounded(1_234_567.8), 1_234_568.0);
        assert_eq!(rounded(0.0), 0.0);
        assert!(rounded(f64::NAN).is_nan());
    }
}
