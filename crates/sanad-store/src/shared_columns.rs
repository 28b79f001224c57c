//! Columns that several files have in common, encoded once.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Encoding;
use datafusion::parquet::column::writer::ColumnCloseResult;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::file::reader::{FileReader, SerializedFileReader};

use rayon::prelude::*;

use crate::durable;
use crate::error::{Error, Result};
use crate::export::check_target;
use crate::table::{GROUP_ROWS, encode_columns, encode_parquet, properties};

/// The first columns of several Parquet files with the same rows, such as place, month and draw of
/// forecasts by several models: they are encoded once, and copied into each file.
///
/// ```
/// use sanad_store::{Columns, SharedColumns};
///
/// let keys = Columns::default().int32("month_id", vec![1, 2]).finish()?;
/// let outcome = Columns::default().int32("outcome", vec![0, 7]).finish()?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("draws.parquet");
/// SharedColumns::encode(&keys)?.write_with(&outcome, &path)?;
/// assert!(path.is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SharedColumns {
    /// The temporary file, which nobody else can name.
    file: File,
    fields: Vec<Arc<Field>>,
    /// Rows of the columns, and of every file that is written with them.
    rows: usize,
}

impl SharedColumns {
    /// Encodes the columns into a temporary file. It is gone when this value is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when there is no room for it; [`Error::Query`] when a column cannot be encoded.
    pub fn encode(columns: &RecordBatch) -> Result<Self> {
        let place = Path::new("a temporary file");
        let mut file = tempfile::tempfile().map_err(|e| Error::io("create", place, e))?;
        encode_parquet(&mut file, columns, &[])?;
        let rewound = file.flush().and_then(|()| file.seek(SeekFrom::Start(0)));
        rewound.map_err(|e| Error::io("write", place, e))?;
        let fields = columns.schema().fields().iter().cloned().collect();
        Ok(Self { file, fields, rows: columns.num_rows() })
    }

    /// Writes a file of these columns followed by `own`, whole or not at all: the same bytes in the
    /// columns as if all were written together. May be called for any number of files.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when `own` has another number of rows; otherwise as
    /// [`write_file`](crate::export::write_file).
    pub fn write_with(&self, own: &RecordBatch, path: &Path) -> Result<()> {
        if own.num_rows() != self.rows {
            let problem = format!("found {} rows, expected {}", own.num_rows(), self.rows);
            return Err(Error::Table { path: path.to_owned(), problem });
        }
        check_target(path)?;
        durable::replace(path, |out| self.encode_with(own, out)).map(drop)
    }

    /// Writes the file's bytes: row group by row group, the shared columns copied and the others
    /// encoded.
    fn encode_with(&self, own: &RecordBatch, out: impl Write + Send) -> Result<()> {
        let shared = self.fields.iter().cloned();
        let fields: Vec<Arc<Field>> = shared.chain(own.schema().fields().iter().cloned()).collect();
        let schema = Arc::new(Schema::new(fields));
        let place = Path::new("a temporary file");
        let clone = self.file.try_clone().map_err(|e| Error::io("read", place, e))?;
        let reader = SerializedFileReader::new(clone)?;
        let writer = ArrowWriter::try_new(out, schema, Some(without_page_index()))?;
        let (mut file, factory) = writer.into_serialized_writer()?;
        let groups = reader.metadata().row_groups();
        // Encoding takes the time: all groups side by side, and appended in their order.
        let encoded = groups.par_iter().enumerate().map(|(number, group)| {
            let rows = own.slice(number * GROUP_ROWS, group.num_rows() as usize);
            let writers = factory.create_column_writers(number)?;
            encode_columns(&rows, writers.into_iter().skip(self.fields.len()))
        });
        let encoded = encoded.collect::<Result<Vec<_>>>()?;
        for (group, chunks) in groups.iter().zip(encoded) {
            let mut written = file.next_row_group()?;
            for column in group.columns() {
                let copied = ColumnCloseResult {
                    bytes_written: column.compressed_size() as u64,
                    rows_written: group.num_rows() as u64,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                written.append_column(&self.file, copied)?;
            }
            for chunk in chunks {
                chunk.append_to_row_group(&mut written)?;
            }
            written.close()?;
        }
        file.close()?;
        Ok(())
    }
}

/// Copied columns have no index of their pages, and a file has one for all columns or for none.
///
/// Draws are small whole numbers in no order: as differences in few bits they take a fifth of the time
/// that a dictionary takes, and hardly more room.
fn without_page_index() -> WriterProperties {
    properties(&[])
        .into_builder()
        .set_column_dictionary_enabled("outcome".into(), false)
        .set_column_encoding("outcome".into(), Encoding::DELTA_BINARY_PACKED)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Columns;
    use crate::engine::read_parquet;

    #[test]
    fn columns_that_are_copied_read_as_they_were_written() {
        let rows = GROUP_ROWS as i32 + 3;
        let keys = Columns::default()
            .int32("month_id", (0..rows).map(|row| row / 7).collect::<Vec<_>>())
            .text("place_id", (0..rows).map(|row| Some(format!("P{}", row % 5))))
            .finish()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let shared = SharedColumns::encode(&keys).unwrap();
        for model in 0..2 {
            let own = (0..rows).map(|row| row % 3 + model).collect::<Vec<_>>();
            let own = Columns::default().int32("outcome", own).finish().unwrap();
            let path = folder.path().join(format!("{model}.parquet"));
            shared.write_with(&own, &path).unwrap();
            let read = read_parquet(&path).unwrap();
            assert_eq!(read.columns()[..2], keys.columns()[..]);
            assert_eq!(read.columns()[2..], own.columns()[..]);
        }
        let short = Columns::default().int32("outcome", vec![1]).finish().unwrap();
        assert!(shared.write_with(&short, &folder.path().join("x.parquet")).is_err());
    }
}
