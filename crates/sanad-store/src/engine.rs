//! The query engine: one session over the files of an observatory.

use std::future::Future;
use std::path::Path;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};

/// Stack of a worker thread. Plans are trees, and unoptimised builds need room to walk them.
const STACK_BYTES: usize = 16 << 20;

/// A DataFusion session and the threads it runs on.
///
/// The plans it runs name only Parquet files and built-in functions, so that the same plan can
/// run on a cluster.
pub(crate) struct Engine {
    runtime: Runtime,
    context: SessionContext,
}

impl Engine {
    /// A session that works on `threads` threads; 0 for as many as the machine has.
    pub(crate) fn new(threads: usize) -> Result<Self> {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { available } else { threads };
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(|e| Error::io("start threads for", Path::new("the query engine"), e))?;
        let config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_information_schema(true)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
            .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false);
        Ok(Self { runtime, context: SessionContext::new_with_config(config) })
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        // On a worker thread, because the caller's own stack may be small.
        let task = self.runtime.spawn(work);
        match self.runtime.block_on(task) {
            Ok(result) => result,
            Err(e) => Err(datafusion::error::DataFusionError::External(Box::new(e)).into()),
        }
    }

    /// Makes a Parquet file a table.
    pub(crate) fn register(&self, name: &str, path: &Path) -> Result<()> {
        // The engine's own words for a damaged file do not say which file it is.
        open_parquet(path)?;
        let context = self.context.clone();
        let (name, path) = (name.to_owned(), path.to_string_lossy().into_owned());
        self.wait(async move {
            Ok(context.register_parquet(&name, &path, ParquetReadOptions::default()).await?)
        })
    }

    /// Makes a table in memory a table of the session.
    pub(crate) fn register_batch(&self, name: &str, batch: RecordBatch) -> Result<()> {
        self.context.register_batch(name, batch)?;
        Ok(())
    }

    /// Runs one statement and gives its rows as one table.
    pub(crate) fn query(&self, sql: &str) -> Result<RecordBatch> {
        let context = self.context.clone();
        let sql = sql.to_owned();
        self.wait(async move {
            let frame = context.sql(&sql).await?;
            let schema = frame.schema().inner().clone();
            let batches = frame.collect().await?;
            Ok(concat_batches(&schema, &batches)?)
        })
    }

    /// Runs one read-only statement of a user and gives its rows as one table.
    pub(crate) fn query_read_only(&self, sql: &str) -> Result<RecordBatch> {
        let context = self.context.clone();
        let sql = sql.to_owned();
        self.wait(async move {
            let options = datafusion::prelude::SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            let frame = context.sql_with_options(&sql, options).await?;
            let schema = frame.schema().inner().clone();
            let batches = frame.collect().await?;
            Ok(concat_batches(&schema, &batches)?)
        })
    }

    /// Defines a view.
    pub(crate) fn view(&self, name: &str, select: &str) -> Result<()> {
        self.query(&format!("CREATE OR REPLACE VIEW {name} AS {select}")).map(drop)
    }
}

/// Whether a file is there and ends as a Parquet file does.
pub(crate) fn is_parquet(path: &Path) -> bool {
    open_parquet(path).is_ok()
}

fn open_parquet(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>> {
    let file = std::fs::File::open(path).map_err(|e| Error::kept(path, e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| Error::damaged(path, e))
}

/// Reads a Parquet file as one table.
pub(crate) fn read_parquet(path: &Path) -> Result<RecordBatch> {
    let builder = open_parquet(path)?;
    let schema = builder.schema().clone();
    let reader = builder.build().map_err(|e| Error::damaged(path, e))?;
    let batches = reader.collect::<core::result::Result<Vec<_>, _>>();
    let batches = batches.map_err(|e| Error::damaged(path, e))?;
    Ok(concat_batches(&schema, &batches)?)
}

/// The first value of the first column as an integer, if there is a row.
pub(crate) fn first_integer(batch: &RecordBatch) -> Option<i64> {
    let column = batch.columns().first()?.as_primitive_opt::<Int64Type>()?;
    (batch.num_rows() > 0).then(|| column.value(0))
}

/// A column of texts.
pub(crate) fn texts(batch: &RecordBatch, column: usize) -> Vec<String> {
    let array = batch.column(column);
    let Some(array) = array.as_string_opt::<i32>() else { return Vec::new() };
    array.iter().flatten().map(str::to_owned).collect()
}
