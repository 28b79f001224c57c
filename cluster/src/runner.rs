//! Takes a plan of the store to the cluster, and brings its rows back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ballista_core::config::{
    BALLISTA_CLIENT_GRPC_CONNECT_TIMEOUT_SECONDS,
    BALLISTA_CLIENT_GRPC_HTTP2_KEEPALIVE_INTERVAL_SECONDS, BALLISTA_CLIENT_IO_RETRY_WAIT_TIME_MS,
    BALLISTA_SCHEDULER_SHARE_FILE_STATISTICS_CACHE,
};
use ballista_core::extension::{SessionConfigExt as _, SessionStateExt as _};
use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use futures::future::BoxFuture;
use sanad_store::{PlanRunner, RunError};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::args::PORT;
use crate::attempt::attempt;
use crate::jobs;

/// The most that a message between processes of the cluster may hold: a plan, or a batch of rows.
pub(crate) const MESSAGE_BYTES: usize = 128 << 20;

/// Parts that a plan is cut into, where the user does not say it.
const PARTS: usize = 16;

/// Fewer parts, and joins would be planned as in one process.
const FEWEST_PARTS: usize = 2;

/// Stack of a thread that plans: as much as the store gives its own.
const STACK_BYTES: usize = 64 << 20;

/// What to reach, and how.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The scheduler's address, as `http://host:port`.
    pub(crate) address: String,
    /// Into how many parts a plan is cut.
    pub(crate) parts: usize,
}

/// Executes plans on a cluster of Ballista.
#[derive(Debug)]
struct Cluster {
    target: Target,
    runtime: OwnRuntime,
}

/// Connects to the cluster at an address when the first plan comes.
pub(crate) fn connect(address: &str, parts: usize) -> Result<Arc<dyn PlanRunner>, RunError> {
    let target = Target {
        address: whole_address(address)?,
        parts: if parts == 0 { PARTS } else { parts.max(FEWEST_PARTS) },
    };
    let runtime = OwnRuntime::start().map_err(|error| RunError::Unavailable {
        reason: format!("threads cannot be started: {error}"),
        hint: "see how many processes this user may have".to_owned(),
    })?;
    runtime.handle().spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            jobs::cancel_all().await;
            std::process::exit(130);
        }
    });
    Ok(Arc::new(Cluster { target, runtime }))
}

/// An address with its scheme and port.
fn whole_address(text: &str) -> Result<String, RunError> {
    let refused = || RunError::Unavailable {
        reason: format!("--cluster: found {text:?}, expected http://HOST:PORT"),
        hint: "sanad-cluster cluster start prints the address".to_owned(),
    };
    let rest = ["http://", "df://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.unwrap_or(text).trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| refused())?),
        None => (rest, PORT),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(refused());
    }
    Ok(format!("http://{host}:{port}"))
}

impl PlanRunner for Cluster {
    /// A recursive statement goes on until it adds nothing, which one process has to see.
    fn takes(&self, plan: &LogicalPlan) -> bool {
        let mut recursive = false;
        let walked = plan.apply(|node| {
            recursive |= matches!(node, LogicalPlan::RecursiveQuery(_));
            Ok(TreeNodeRecursion::Continue)
        });
        walked.is_ok() && !recursive
    }

    fn rows(
        &self,
        state: SessionState,
        plan: LogicalPlan,
    ) -> BoxFuture<'static, Result<Vec<RecordBatch>, RunError>> {
        // On threads of its own: those of the store wait for no network.
        let (waiting, given_up) = oneshot::channel();
        let work = answer(self.target.clone(), state, plan, given_up);
        Box::pin(Awaited { work: self.runtime.handle().spawn(work), _waiting: waiting })
    }
}

/// Attempts to have a plan answered, again if something was lost on the way. A plan only reads, and its
/// rows are handed on when all are there, so that nothing is counted twice.
async fn answer(
    target: Target,
    state: SessionState,
    plan: LogicalPlan,
    mut given_up: oneshot::Receiver<()>,
) -> Result<Vec<RecordBatch>, RunError> {
    let state = settled(state, &target).map_err(|error| RunError::Refused(Box::new(error)))?;
    let begun = Instant::now();
    let mut number = 1;
    loop {
        match attempt(&target, &state, &plan, &mut given_up).await {
            Ok(rows) => return Ok(rows),
            Err(failure) if failure.may_pass() && number < ATTEMPTS => {
                log::warn!("another attempt after {:?}, {failure:?}", begun.elapsed());
                tokio::time::sleep(BEFORE_ANOTHER).await;
                number += 1;
            }
            Err(failure) => return Err(failure.into_error(&target.address)),
        }
    }
}

/// How often a plan is attempted. A worker that is lost may cost two: one that it was working on, and one
/// by which the scheduler finds out that it does not answer.
const ATTEMPTS: u32 = 4;

/// How long to wait before another attempt, so that a process that is started again can be there.
const BEFORE_ANOTHER: Duration = Duration::from_secs(1);

/// The state of a session as the scheduler has to have it.
fn settled(state: SessionState, target: &Target) -> datafusion::error::Result<SessionState> {
    let config = state
        .config()
        .clone()
        .upgrade_for_ballista()
        .with_target_partitions(target.parts)
        .with_ballista_job_name("sanad")
        .with_ballista_grpc_client_max_message_size(MESSAGE_BYTES)
        // The planner that adapts itself while a job runs does not recover from a worker that is lost:
        // its own documentation says so, as of 55.0.0.
        .with_ballista_adaptive_query_planner(false)
        // Joins sort both sides, as Ballista has it, and none holds a small side whole: where the planner
        // chose that, Ballista 55.0.0 may cut the join into parts of which the step above reads one.
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold", 0)
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold_rows", 0)
        // Statistics of a file are looked up by its path, which another observatory may have had.
        .set_bool(BALLISTA_SCHEDULER_SHARE_FILE_STATISTICS_CACHE, false)
        .set_usize(BALLISTA_CLIENT_GRPC_CONNECT_TIMEOUT_SECONDS, 5)
        .set_usize(BALLISTA_CLIENT_GRPC_HTTP2_KEEPALIVE_INTERVAL_SECONDS, 5)
        .set_usize(BALLISTA_CLIENT_IO_RETRY_WAIT_TIME_MS, 500);
    // The plan has its tables. A list of its own, because building a state puts an empty one in its place.
    let state = SessionStateBuilder::new_from_existing(state)
        .with_config(config)
        .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
        .build();
    state.upgrade_for_ballista(target.address.clone())
}

/// Work of other threads, which learns when nobody waits for it any more, and ends then.
struct Awaited {
    work: JoinHandle<Result<Vec<RecordBatch>, RunError>>,
    /// The other end hears of it when this value goes.
    _waiting: oneshot::Sender<()>,
}

impl Future for Awaited {
    type Output = Result<Vec<RecordBatch>, RunError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.work).poll(context).map(|ended| {
            ended.unwrap_or_else(|error| {
                Err(RunError::Unavailable {
                    reason: format!("the work here ended early: {error}"),
                    hint: "ask again without --cluster, and report this".to_owned(),
                })
            })
        })
    }
}

/// Threads that end without being waited for, because the last holder may be a task of theirs.
#[derive(Debug)]
struct OwnRuntime(Option<Runtime>, Handle);

impl OwnRuntime {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sanad-cluster")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Self(Some(runtime), handle))
    }

    const fn handle(&self) -> &Handle {
        &self.1
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_scheme_and_port() {
        for (given, whole) in [
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("df://head:5000/", "http://head:5000"),
            ("head", "http://head:50050"),
            ("[::1]:5000", "http://[::1]:5000"),
        ] {
            assert_eq!(whole_address(given).ok().as_deref(), Some(whole));
        }
        for wrong in ["", "http://", "head:port", "https://head", "a b:1", "head:99999"] {
            assert!(whole_address(wrong).is_err(), "{wrong}");
        }
    }
}
