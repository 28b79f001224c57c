//! The query session of an observatory: threads and caches that are started once and shared, and
//! the tables of one question.
//!
//! Starting an engine takes longer than most questions, so that threads, functions and caches of
//! file statistics are kept and shared by all clones of an observatory, one set for each number of
//! threads asked for. The tables of a question are its own. Same inputs give the same rows whatever
//! the number of threads: plans end in an ORDER BY, and sums are of whole numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::datasource::listing::{ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryConsumer, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{
    DataFrame, ParquetReadOptions, SQLOptions, SessionConfig, SessionContext,
};
use futures::StreamExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::elsewhere::Workplace;
use crate::engine::open_parquet;
use crate::error::{Error, Result};
use crate::guard::{caught, quieten_thread};
use crate::limits::{StatementLimits, Watch};
use crate::observatory::Observatory;

/// Stack of a thread that plans. Plans are trees, as deep as [`check_statement`] allows, and
/// unoptimised builds need room to walk them. What is not used takes no memory. 64 MiB.
///
/// [`check_statement`]: crate::limits::check_statement
const STACK_BYTES: usize = 64 << 20;

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
            .on_thread_start(quieten_thread)
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
        self.context_on(Arc::clone(self.template.runtime_env()))
    }

    /// As [`context`](Self::context), with a runtime of its own, which bounds its memory.
    fn context_on(&self, runtime: Arc<RuntimeEnv>) -> SessionContext {
        let state = SessionStateBuilder::new_from_existing(self.template.clone())
            .with_config(self.config.clone())
            .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
            .with_runtime_env(runtime)
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
            let _ = answer.send(answered(work).await);
        });
        // The channel closes without an answer only when the task ended early.
        received.recv().unwrap_or_else(|_| Err(ended_early()))
    }

    /// As [`wait`](Self::wait), for no longer and with no more memory than `limits` allow.
    fn wait_within<T: Send + 'static>(
        &self,
        limits: &StatementLimits,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (answer, received) = sync_channel(1);
        let task = self.handle.spawn(async move {
            // Nobody takes the answer when the limit came first.
            let _ = answer.send(answered(work).await);
        });
        let result = answer_within(&received, &Watch::start(limits));
        task.abort();
        result
    }
}

/// Waits for an answer as long as the watch has nothing against it. Looks at the watch every
/// [`Watch::INTERVAL`].
fn answer_within<T>(received: &Receiver<Result<T>>, watch: &Watch) -> Result<T> {
    loop {
        match received.recv_timeout(Watch::INTERVAL) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(ended_early()),
            Err(RecvTimeoutError::Timeout) => watch.check(Instant::now())?,
        }
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

/// Waits for work of the engine. It panics on texts that are longer than it can address.
async fn answered<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    caught(work).await.unwrap_or_else(|words| match words.contains("overflow") {
        true => Err(Error::TooLarge {
            what: "bytes of a text or of the texts of a column",
            found: "more".to_owned(),
            bound: "2 GiB".to_owned(),
        }),
        false => {
            Err(DataFusionError::Execution(format!("the query engine failed: {words}")).into())
        }
    })
}

/// An error about a query of which nothing came, not even a reason.
fn ended_early() -> Error {
    DataFusionError::Execution("the query ended without an answer".to_owned()).into()
}

/// The sessions of an observatory, each started when it is first asked.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<BTreeMap<usize, Arc<Session>>>>);

impl Sessions {
    /// The session of so many threads, started when it is first asked for.
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

    /// Lets the next question start threads of its own. Those that run go on until their work is
    /// done, and then end.
    fn forget(&self, threads: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&threads);
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Observatory {
    /// An empty catalogue for one question, on the session that all questions share.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when threads cannot be started.
    pub(crate) fn catalog(&self, threads: usize) -> Result<Catalog> {
        let session = self.sessions().on(threads)?;
        let (context, hidden) = (session.context(), session.context());
        let (sessions, workplace) = (self.sessions().clone(), self.workplace().clone());
        Ok(Catalog { session, sessions, workplace, context, hidden, threads, limits: None })
    }

    /// An empty catalogue for a user's own question, which may use no more than `limits` allow. The
    /// bound of memory is this question's alone; others at the same time have theirs.
    pub(crate) fn limited_catalog(
        &self,
        threads: usize,
        limits: &StatementLimits,
    ) -> Result<Catalog> {
        let session = self.sessions().on(threads)?;
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(limits.memory_bytes()));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
        let (context, hidden) = (session.context_on(runtime), session.context());
        let (sessions, workplace) = (self.sessions().clone(), self.workplace().clone());
        let limits = Some(*limits);
        Ok(Catalog { session, sessions, workplace, context, hidden, threads, limits })
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

/// The tables that a statement names.
pub(crate) struct TableNames {
    /// Whether it may look at the list of all.
    pub(crate) lists_all: bool,
    /// The names, in lower case.
    pub(crate) names: BTreeSet<String>,
}

/// The tables and views of one question. Names of two questions never meet. Tables that only views
/// are made of are hidden from it, so that a user's statement finds none but those that are
/// documented.
///
/// Every table is a Parquet file and every function is built in, so that a plan can be sent to a
/// cluster as it stands.
pub(crate) struct Catalog {
    session: Arc<Session>,
    /// Where it comes from.
    sessions: Sessions,
    /// Where its plans are executed.
    workplace: Workplace,
    context: SessionContext,
    /// Tables that views are made of and that no question names.
    hidden: SessionContext,
    threads: usize,
    /// What a question may use, where it is a user's own.
    limits: Option<StatementLimits>,
}

impl Catalog {
    /// Makes a Parquet file a table.
    pub(crate) fn register(&self, name: &str, path: &Path) -> Result<()> {
        self.register_all(name, &[path.to_owned()])
    }

    /// Makes Parquet files one table. A column that some of them lack is null in their rows. Types
    /// that differ are widened.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a file cannot be read, or a column holds texts in one and numbers in
    /// another.
    pub(crate) fn register_all(&self, name: &str, paths: &[PathBuf]) -> Result<()> {
        register_files(&self.context, name, paths)
    }

    /// Makes Parquet files one table for views that [`define`](Self::define) makes.
    pub(crate) fn register_hidden(&self, name: &str, paths: &[PathBuf]) -> Result<()> {
        register_files(&self.hidden, name, paths)
    }

    /// Defines a view over hidden tables.
    pub(crate) fn define(&self, name: &str, select: &str) -> Result<()> {
        self.define_in(&self.hidden, name, select)
    }

    /// Defines a view over tables that only another catalogue has.
    pub(crate) fn define_over(&self, other: &Self, name: &str, select: &str) -> Result<()> {
        self.define_in(&other.context, name, select)
    }

    /// Defines a view over the tables of a context; it keeps its plan, not its name.
    fn define_in(&self, tables: &SessionContext, name: &str, select: &str) -> Result<()> {
        let (tables, select) = (tables.clone(), select.to_owned());
        let view = self.session.wait(async move { Ok(tables.sql(&select).await?.into_view()) })?;
        self.context.register_table(name, view)?;
        Ok(())
    }

    /// The names of its tables and views.
    pub(crate) fn tables(&self) -> BTreeSet<String> {
        let schemas = self
            .context
            .catalog_names()
            .into_iter()
            .filter_map(|name| self.context.catalog(&name)?.schema("public"));
        schemas.flat_map(|schema| schema.table_names()).collect()
    }

    /// The names of the columns of a table, in their order.
    pub(crate) fn columns(&self, table: &str) -> Result<Vec<String>> {
        let (context, table) = (self.context.clone(), table.to_owned());
        self.session.wait(async move {
            let fields = context.table(&table).await?.schema().fields().clone();
            Ok(fields.iter().map(|field| field.name().clone()).collect())
        })
    }

    /// The threads of the session it works on, as they were asked for.
    pub(crate) const fn threads(&self) -> usize {
        self.threads
    }

    /// The tables that a statement names.
    pub(crate) fn names(&self, sql: &str) -> TableNames {
        let (state, sql) = (self.context.state(), sql.to_owned());
        let first = sql.split_whitespace().next().unwrap_or_default();
        let shows = ["show", "describe", "desc"].iter().any(|it| first.eq_ignore_ascii_case(it));
        let tables = self.session.wait(async move {
            let dialect = state.config_options().sql_parser.dialect;
            let statement = state.sql_to_statement(&sql, &dialect)?;
            Ok(state.resolve_table_references(&statement)?)
        });
        // One that cannot be read names none, and is refused in the planner's own words.
        let tables = tables.unwrap_or_default();
        let lists = tables.iter().any(|table| table.schema().is_some_and(|name| name != "public"));
        TableNames {
            lists_all: lists || shows,
            names: tables.iter().map(|table| table.table().to_owned()).collect(),
        }
    }

    /// Runs one statement and gives its rows as one table. For plans of this crate's own, without
    /// bounds.
    pub(crate) fn query(&self, sql: &str) -> Result<RecordBatch> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        let workplace = self.workplace.clone();
        self.session.wait(async move { collect(&workplace, context.sql(&sql).await?).await })
    }

    /// Runs one read-only statement of a user and gives its rows as one table.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] when it meets a bound; [`Error::Query`] when it is refused or fails.
    pub(crate) fn query_read_only(&self, sql: &str) -> Result<RecordBatch> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let (limits, workplace) = (self.limits.unwrap_or_default(), self.workplace.clone());
        let answer = self.session.wait_within(&limits, async move {
            let frame = context.sql_with_options(&sql, options).await?;
            match workplace.collect(frame).await? {
                Ok(rows) => Ok(rows),
                Err(frame) => collect_within(&context, frame, &limits).await,
            }
        });
        if matches!(answer, Err(Error::TooLarge { .. })) {
            // Its threads may be busy with what nobody waits for any more.
            self.sessions.forget(self.threads);
        }
        answer
    }

    /// Defines a view.
    pub(crate) fn view(&self, name: &str, select: &str) -> Result<()> {
        self.query(&format!("CREATE OR REPLACE VIEW {name} AS {select}")).map(drop)
    }
}

/// All rows of a plan as one table, also where there are none.
async fn collect(workplace: &Workplace, frame: DataFrame) -> Result<RecordBatch> {
    let frame = match workplace.collect(frame).await? {
        Ok(rows) => return Ok(rows),
        Err(frame) => frame,
    };
    let schema = frame.schema().inner().clone();
    let batches = frame.collect().await?;
    Ok(concat_batches(&schema, &batches)?)
}

/// Gathers rows as far as the memory of the question goes.
async fn collect_within(
    context: &SessionContext,
    frame: DataFrame,
    limits: &StatementLimits,
) -> Result<RecordBatch> {
    let schema = frame.schema().inner().clone();
    let pool = Arc::clone(&context.runtime_env().memory_pool);
    let answer = MemoryConsumer::new("the rows of the answer").register(&pool);
    let mut rows = frame.execute_stream().await?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        let grown = answer.try_grow(batch.get_array_memory_size());
        grown.map_err(|_| limits.too_large("the rows of the answer"))?;
        batches.push(batch);
    }
    Ok(concat_batches(&schema, &batches)?)
}

/// Makes files one table of a context. Their columns are read here, so that a damaged file is
/// named.
fn register_files(context: &SessionContext, name: &str, paths: &[PathBuf]) -> Result<()> {
    let urls = paths.iter().map(|path| file_url(path)).collect::<Result<Vec<_>>>()?;
    let options = ParquetReadOptions::default()
        .to_listing_options(&context.copied_config(), context.copied_table_options());
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(schema_of(paths)?);
    let table = ListingTable::try_new(config)?
        .with_cache(context.runtime_env().cache_manager.get_file_statistic_cache());
    context.register_table(name, Arc::new(table))?;
    Ok(())
}

/// The columns of all files together. In the order of first appearance.
fn schema_of(paths: &[PathBuf]) -> Result<SchemaRef> {
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for path in paths {
        // The engine's own words for a damaged file do not say which file it is.
        for field in open_parquet(path)?.schema().fields() {
            match fields.iter_mut().find(|known| known.name() == field.name()) {
                None => fields.push(Arc::clone(field)),
                Some(known) => *known = common_field(known, field, path)?,
            }
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// A column that holds the values of both: counts that a case ships keep some columns in another
/// type than single events do.
fn common_field(known: &Arc<Field>, other: &Arc<Field>, path: &Path) -> Result<Arc<Field>> {
    match common_type(known.data_type(), other.data_type()) {
        Some(common) if common == *known.data_type() => Ok(Arc::clone(known)),
        Some(common) => Ok(Arc::new(known.as_ref().clone().with_data_type(common))),
        None => {
            let (name, found, expected) = (known.name(), other.data_type(), known.data_type());
            Err(Error::damaged(path, format!("column {name} holds {found}, expected {expected}")))
        }
    }
}

/// The type that holds the values of two: the wider of numbers, and texts for texts that are kept
/// once each with numbers for rows.
fn common_type(one: &DataType, other: &DataType) -> Option<DataType> {
    match (one, other) {
        _ if one == other => Some(one.clone()),
        (DataType::Dictionary(_, values), plain) | (plain, DataType::Dictionary(_, values)) => {
            common_type(values, plain)
        }
        _ if one.is_integer() && other.is_integer() => Some(DataType::Int64),
        _ if one.is_numeric() && other.is_numeric() => Some(DataType::Float64),
        _ => None,
    }
}

/// A path as an address, in which no letter of the path means more than itself.
pub(crate) fn file_url(path: &Path) -> Result<ListingTableUrl> {
    let whole = std::path::absolute(path).map_err(|e| Error::io("find", path, e))?;
    let text = whole.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte);
    let letters = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    let slash = if text.starts_with('/') { "" } else { "/" };
    Ok(ListingTableUrl::parse(format!("file://{slash}{}", letters.collect::<String>()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_table_take_the_type_that_holds_both() {
        let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        for (one, other, common) in [
            (&words, &DataType::Utf8, Some(DataType::Utf8)),
            (&words, &words, Some(words.clone())),
            (&DataType::Int32, &DataType::Int64, Some(DataType::Int64)),
            (&DataType::UInt8, &DataType::Int32, Some(DataType::Int64)),
            (&DataType::Int32, &DataType::Float64, Some(DataType::Float64)),
            (&DataType::Int32, &DataType::Utf8, None),
            (&words, &DataType::Int32, None),
        ] {
            assert_eq!(common_type(one, other), common);
            assert_eq!(common_type(other, one), common);
        }
    }
}
