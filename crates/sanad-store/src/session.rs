//! The query session of an observatory: threads and caches that are started once and shared, and
//! the tables of one question.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::prelude::{
    DataFrame, ParquetReadOptions, SQLOptions, SessionConfig, SessionContext,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::engine::open_parquet;
use crate::error::{Error, Result};
use crate::observatory::Observatory;

/// Stack of a thread that plans. Plans are trees, and unoptimised builds need room to walk them.
const STACK_BYTES: usize = 16 << 20;

/// The threads that queries run on, with the functions and file caches that they share.
///
/// Questions may come from several threads at once, from blocking code and from asynchronous
/// code: a query runs on the session's own threads, and the caller waits on a channel. Nothing
/// blocks on a runtime of the caller, so that no caller's runtime is entered twice.
pub(crate) struct Session {
    /// Taken when the session ends; present at all other times.
    runtime: Option<Runtime>,
    handle: tokio::runtime::Handle,
    config: SessionConfig,
    /// Functions and rules. Its own catalogue stays empty: each question brings one.
    template: SessionState,
}

impl Session {
    /// A session that works on `threads` threads; 0 for as many as the machine has.
    fn start(threads: usize) -> Result<Self> {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { available } else { threads };
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("sanad-query")
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(|e| Error::io("start threads for", Path::new("the query engine"), e))?;
        let config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_information_schema(true)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
            .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false);
        let template =
            SessionStateBuilder::new().with_config(config.clone()).with_default_features().build();
        let handle = runtime.handle().clone();
        Ok(Self { runtime: Some(runtime), handle, config, template })
    }

    /// A context with tables of its own over the functions and caches that all share.
    fn context(&self) -> SessionContext {
        let state = SessionStateBuilder::new_from_existing(self.template.clone())
            .with_config(self.config.clone())
            .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
            .build();
        SessionContext::new_with_state(state)
    }

    /// Runs `work` on the session's threads and waits for its answer.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (answer, received) = sync_channel(1);
        self.handle.spawn(async move {
            // Nobody takes the answer when the caller's thread has ended.
            let _ = answer.send(work.await);
        });
        // The channel closes without an answer only when the task ended early.
        received.recv().unwrap_or_else(|_| Err(ended_early()))
    }
}

impl Drop for Session {
    /// Ends the threads without waiting for them, because the last holder may be a task of an
    /// asynchronous program, where waiting is not allowed.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn ended_early() -> Error {
    DataFusionError::Execution("the query ended without an answer".to_owned()).into()
}

/// The sessions of an observatory, each started when it is first asked.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<BTreeMap<usize, Arc<Session>>>>);

impl Sessions {
    fn on(&self, threads: usize) -> Result<Arc<Session>> {
        // A thread that failed with the lock in its hand left the map as it was.
        let mut started = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = started.get(&threads) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(Session::start(threads)?);
        started.insert(threads, Arc::clone(&session));
        Ok(session)
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Observatory {
    /// An empty catalogue for one question, on the session that all questions share.
    pub(crate) fn catalog(&self, threads: usize) -> Result<Catalog> {
        let session = self.sessions().on(threads)?;
        let context = session.context();
        Ok(Catalog { session, context })
    }

    /// Answers a question on a thread of its own, for asynchronous callers that must not block.
    ///
    /// The question starts at once; the future gives its answer and can be awaited in any runtime.
    ///
    /// # Errors
    ///
    /// What the question gives, and [`Error::Query`] when it panicked.
    ///
    /// ```
    /// # async fn ask(observatory: sanad_store::Observatory) -> sanad_store::Result<()> {
    /// let rows = observatory.run(|o| o.sql("SELECT COUNT(*) FROM events", 0)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run<F, T, E>(
        &self,
        question: F,
    ) -> impl Future<Output = core::result::Result<T, E>> + Send + use<F, T, E>
    where
        F: FnOnce(&Self) -> core::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (answer, received) = oneshot::channel();
        let observatory = self.clone();
        let started = std::thread::Builder::new()
            .name("sanad-question".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // Nobody takes the answer when the future was dropped.
                let _ = answer.send(question(&observatory));
            });
        async move {
            started.map_err(|e| Error::io("start a thread for", Path::new("a question"), e))?;
            received.await.unwrap_or_else(|_| Err(ended_early().into()))
        }
    }
}

/// The tables and views of one question. Names of two questions never meet.
///
/// Every table is a Parquet file and every function is built in, so that a plan can be sent to a
/// cluster as it stands.
pub(crate) struct Catalog {
    session: Arc<Session>,
    context: SessionContext,
}

impl Catalog {
    /// Makes a Parquet file a table.
    pub(crate) fn register(&self, name: &str, path: &Path) -> Result<()> {
        // The engine's own words for a damaged file do not say which file it is.
        open_parquet(path)?;
        let context = self.context.clone();
        let (name, path) = (name.to_owned(), path.to_string_lossy().into_owned());
        self.session.wait(async move {
            Ok(context.register_parquet(&name, &path, ParquetReadOptions::default()).await?)
        })
    }

    /// The tables that a statement names, in lower case; `None` when it may look at all of them,
    /// or cannot be read.
    pub(crate) fn names(&self, sql: &str) -> Option<BTreeSet<String>> {
        let state = self.context.state();
        let dialect = state.config_options().sql_parser.dialect;
        let statement = state.sql_to_statement(sql, &dialect).ok()?;
        let tables = state.resolve_table_references(&statement).ok()?;
        let all = tables.iter().any(|table| table.schema().is_some_and(|name| name != "public"));
        (!all).then(|| tables.iter().map(|table| table.table().to_owned()).collect())
    }

    /// Runs one statement and gives its rows as one table.
    pub(crate) fn query(&self, sql: &str) -> Result<RecordBatch> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        self.session.wait(async move { collect(context.sql(&sql).await?).await })
    }

    /// Runs one read-only statement of a user and gives its rows as one table.
    pub(crate) fn query_read_only(&self, sql: &str) -> Result<RecordBatch> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        self.session
            .wait(async move { collect(context.sql_with_options(&sql, options).await?).await })
    }

    /// Defines a view.
    pub(crate) fn view(&self, name: &str, select: &str) -> Result<()> {
        self.query(&format!("CREATE OR REPLACE VIEW {name} AS {select}")).map(drop)
    }
}

async fn collect(frame: DataFrame) -> Result<RecordBatch> {
    let schema = frame.schema().inner().clone();
    let batches = frame.collect().await?;
    Ok(concat_batches(&schema, &batches)?)
}
