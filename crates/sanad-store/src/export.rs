//! Tables in the forms people's tools read.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::csv::WriterBuilder;
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
            let shown = pretty_format_batches(std::slice::from_ref(batch))?;
            text(&mut out, &format!("{shown}\n"))
        }
        Format::Markdown => text(&mut out, &markdown(batch)?),
    }
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
    durable::replace(path, |file| write(batch, format, file))
}

/// Writes a text to a file, whole or not at all.
///
/// # Errors
///
/// [`Error::Io`] when the file cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    durable::replace_bytes(path, text.as_bytes())
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
