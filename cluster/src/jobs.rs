//! Which jobs of this program are under way on the cluster. A job that nobody waits for any more would
//! go on there, so that it is cancelled, and the program ends when that is done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ballista_core::JobId;
use ballista_core::serde::protobuf::CancelJobParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use tonic::transport::Channel;

/// The connection to a scheduler.
pub(crate) type Scheduler = SchedulerGrpcClient<Channel>;

/// What is under way, by a number of this program's own.
static UNDER_WAY: Mutex<BTreeMap<u64, Job>> = Mutex::new(BTreeMap::new());

/// How long a scheduler has to take a job up, and again to cancel it.
const CANCEL_WITHIN: Duration = Duration::from_secs(2);

/// A job as it can be cancelled.
#[derive(Clone)]
pub(crate) struct Job {
    id: Arc<dyn Fn() -> Option<JobId> + Send + Sync>,
    scheduler: Scheduler,
}

impl Job {
    /// A job whose id will be known some time after its plan was handed in.
    pub(crate) fn new(
        scheduler: Scheduler,
        id: impl Fn() -> Option<JobId> + Send + Sync + 'static,
    ) -> Self {
        Self { id: Arc::new(id), scheduler }
    }

    /// Its id, once the scheduler has given it one.
    pub(crate) fn id(&self) -> Option<JobId> {
        (self.id)()
    }

    /// Cancels it, if the scheduler has taken it up or does so now. Whoever waits for the scheduler's
    /// news of it has to go on doing so.
    pub(crate) async fn cancel(mut self) {
        let until = Instant::now() + CANCEL_WITHIN;
        while self.id().is_none() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if let Some(id) = self.id() {
            let request = CancelJobParams { job_id: id.into() };
            // One that is gone with its scheduler needs no cancelling.
            let _ = tokio::time::timeout(CANCEL_WITHIN, self.scheduler.cancel_job(request)).await;
        }
    }
}

/// Counts a job as under way for as long as it lives.
pub(crate) struct UnderWay(u64);

impl UnderWay {
    /// Counts a job as under way.
    pub(crate) fn begin(job: Job) -> Self {
        let mut jobs = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let number = jobs.last_key_value().map_or(0, |(last, _)| last + 1);
        jobs.insert(number, job);
        Self(number)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Cancels all that is under way, as when the program is interrupted.
pub(crate) async fn cancel_all() {
    let jobs: Vec<Job> =
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
    futures::future::join_all(jobs.into_iter().map(Job::cancel)).await;
}

/// Waits until every job is done or cancelled, for a few seconds at most.
pub(crate) fn wait_for_cancelled() {
    let until = Instant::now() + 2 * CANCEL_WITHIN;
    let waiting = || !UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    while waiting() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
}
