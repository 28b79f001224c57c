//! Parquet files and the columns of tables, read on the caller's own thread. For files that are
//! read as a whole; plans over many go through the [session](crate::session).

use std::path::Path;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{Error, Result};
use crate::guard::{CONTRADICTS, guarded};
use crate::parquet_form;

/// Opens a file and reads what its end says of its columns.
///
/// # Errors
///
/// [`Error::Damaged`] when it is missing or no Parquet file.
pub(crate) fn open_parquet(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>> {
    let file = std::fs::File::open(path).map_err(|e| Error::kept(path, e))?;
    parquet_form::open(file).map_err(|reason| Error::damaged(path, reason))
}

/// The most memory that a table may take which is read as a whole. A small file can hold a value
/// that is repeated a billion times. 4 GiB.
pub(crate) const TABLE_BYTES: usize = 4 << 30;

/// Reads a Parquet file as one table.
///
/// # Errors
///
/// [`Error::Damaged`] when it is missing or cannot be read; [`Error::Table`] when it takes more
/// than [`TABLE_BYTES`].
pub(crate) fn read_parquet(path: &Path) -> Result<RecordBatch> {
    read_parquet_below(path, TABLE_BYTES)
}

/// As [`read_parquet`], with another bound on the memory that the table takes.
fn read_parquet_below(path: &Path, limit_bytes: usize) -> Result<RecordBatch> {
    let builder = open_parquet(path)?;
    let schema = builder.schema().clone();
    let whole = guarded(|| {
        let reader = builder.build().map_err(|e| Error::damaged(path, e))?;
        let (mut batches, mut held) = (Vec::new(), 0);
        for batch in reader {
            let batch = batch.map_err(|e| Error::damaged(path, e))?;
            held += batch.get_array_memory_size();
            if held > limit_bytes {
                return Err(too_large_inside(path, limit_bytes));
            }
            batches.push(batch);
        }
        Ok(concat_batches(&schema, &batches)?)
    });
    whole.unwrap_or_else(|| Err(Error::damaged(path, CONTRADICTS)))
}

/// An error about a file that would take more memory than `limit_bytes` once it is unpacked.
pub(crate) fn too_large_inside(path: &Path, limit_bytes: usize) -> Error {
    let problem =
        format!("it takes more than {limit_bytes} bytes of memory, expected fewer; split it");
    Error::Table { path: path.to_owned(), problem }
}

/// A column of texts. Missing ones are left out; nothing of a column of another type.
pub(crate) fn texts(batch: &RecordBatch, column: usize) -> Vec<String> {
    let array = batch.column(column);
    let Some(array) = array.as_string_opt::<i32>() else { return Vec::new() };
    array.iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_of_a_large_table_is_refused_before_it_fills_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.parquet");
        let text = "x".repeat(1000);
        let rows = 20_000;
        let table = crate::Columns::default()
            .text("text", (0..rows).map(|_| Some(&text)))
            .int64("number", vec![7; rows])
            .finish()
            .unwrap();
        crate::export::write_file(&table, None, &path).unwrap();
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert!(bytes < 50_000, "{bytes} bytes");
        assert_eq!(read_parquet(&path).unwrap(), table);
        let error = read_parquet_below(&path, 1 << 20).unwrap_err().to_string();
        assert!(error.contains("1048576 bytes of memory"), "{error}");
    }
}
