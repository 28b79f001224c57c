//! How tables of records are laid out in files: the columns that say where rows come from, and the
//! folders that a plan can leave out.
//!
//! A path reads `records/<kind>/series=<id>/years=<first>-<last>/<snapshot>.parquet`. The parts
//! with `=` are those that many programs take for columns, so that a folder of records can be
//! opened as one table by others, too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::datatypes::{Field, Int32Type, Schema};
use sanad_core::Month;
use sanad_core::source::Source;

use crate::error::Result;

/// Columns at the beginning of every table of records: where a row comes from.
pub(crate) const PROVENANCE: [&str; 3] = ["source", "version", "snapshot"];

/// Rows above which events go into a file per year: enough that a cluster can share them out, few
/// enough that a small source does not fall into pieces. 131,072.
pub(crate) const SPLIT_ROWS: usize = 1 << 17;

/// Rows of a table with the part of the time they are about.
pub(crate) struct YearPart {
    /// First and last year, where the records have months.
    pub(crate) years: Option<[i32; 2]>,
    /// Which rows, unless it is all of them.
    rows: Option<UInt64Array>,
}

impl YearPart {
    /// Its records, of the table that was cut.
    pub(crate) fn records(&self, table: &RecordBatch) -> Result<RecordBatch> {
        match &self.rows {
            Some(rows) => Ok(take_record_batch(table, rows)?),
            None => Ok(table.clone()),
        }
    }
}

/// Where to cut a table: events into years where there are many, by the month in which they ended;
/// other tables are one part. Tables without months have no years.
pub(crate) fn parts(kind: &str, table: &RecordBatch) -> Vec<YearPart> {
    let rows = if kind == "event" { rows_by_year(table) } else { BTreeMap::new() };
    let span = rows.first_key_value().zip(rows.last_key_value());
    let years = span.map(|((&first, _), (&last, _))| [first, last]);
    if years.is_none() || table.num_rows() <= SPLIT_ROWS {
        return vec![YearPart { years, rows: None }];
    }
    let part =
        |(year, rows)| YearPart { years: Some([year, year]), rows: Some(UInt64Array::from(rows)) };
    rows.into_iter().map(part).collect()
}

/// The rows of a table by the year in which each record ended. None of a table that has no such column.
pub(crate) fn rows_by_year(table: &RecordBatch) -> BTreeMap<i32, Vec<u64>> {
    let mut rows: BTreeMap<i32, Vec<u64>> = BTreeMap::new();
    let months = table.column_by_name("month_end");
    let months = months.and_then(|column| column.as_primitive_opt::<Int32Type>());
    let years = months.into_iter().flat_map(|months| months.values());
    for (row, &month) in years.enumerate() {
        rows.entry(Month::from_id(month).year()).or_default().push(row as u64);
    }
    rows
}

/// Adds the columns that say where rows come from. In front of the table's own.
pub(crate) fn stamped(table: &RecordBatch, source: &Source, snapshot: &str) -> Result<RecordBatch> {
    let rows = table.num_rows();
    let values = [source.id.as_str(), source.version.as_str(), snapshot];
    let schema = table.schema();
    let own = PROVENANCE.iter().map(|name| {
        Arc::new(Field::new(*name, datafusion::arrow::datatypes::DataType::Utf8, true))
    });
    let fields: Vec<_> = own.chain(schema.fields().iter().cloned()).collect();
    let own = values.iter().map(|value| {
        Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, rows))) as ArrayRef
    });
    let columns: Vec<_> = own.chain(table.columns().iter().map(Arc::clone)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What every file of records says of its source, as metadata.
pub(crate) fn source_notes(source: &Source) -> [(&'static str, String); 4] {
    [
        ("sanad.source", source.label()),
        ("sanad.citation", source.citation.clone()),
        ("sanad.licence", source.licence.clone()),
        ("sanad.url", source.url.clone()),
    ]
}

/// Where a file of records belongs: by kind, series and years. Relative to the observatory's
/// folder.
pub(crate) fn place(kind: &str, series: &str, years: Option<[i32; 2]>, name: &str) -> PathBuf {
    let folder = Path::new("records").join(kind).join(format!("series={}", plain(series)));
    let folder = match years {
        Some([first, last]) if first == last => folder.join(format!("years={first}")),
        Some([first, last]) => folder.join(format!("years={first}-{last}")),
        None => folder,
    };
    folder.join(name)
}

/// A name that is safe as part of a file name on every system. Letters and digits of ASCII and the
/// point stay; everything else is a hyphen, so that two names may come to be the same.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' })
        .collect()
}
