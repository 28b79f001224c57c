//! Parquet files and the columns of tables, read on the caller's own thread.

use std::path::Path;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{Error, Result};
use crate::guard::{CONTRADICTS, guarded};

pub(crate) fn open_parquet(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>> {
    let file = std::fs::File::open(path).map_err(|e| Error::kept(path, e))?;
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(file));
    let builder = builder.ok_or_else(|| Error::damaged(path, CONTRADICTS))?;
    builder.map_err(|e| Error::damaged(path, e))
}

/// Reads a Parquet file as one table.
pub(crate) fn read_parquet(path: &Path) -> Result<RecordBatch> {
    let builder = open_parquet(path)?;
    let schema = builder.schema().clone();
    let whole = guarded(|| {
        let reader = builder.build().map_err(|e| Error::damaged(path, e))?;
        let batches = reader.collect::<core::result::Result<Vec<_>, _>>();
        let batches = batches.map_err(|e| Error::damaged(path, e))?;
        Ok(concat_batches(&schema, &batches)?)
    });
    whole.unwrap_or_else(|| Err(Error::damaged(path, CONTRADICTS)))
}

/// A column of texts.
pub(crate) fn texts(batch: &RecordBatch, column: usize) -> Vec<String> {
    let array = batch.column(column);
    let Some(array) = array.as_string_opt::<i32>() else { return Vec::new() };
    array.iter().flatten().map(str::to_owned).collect()
}
