//! Jobs whose rows are not to be handed out, because not all of their parts were done once and only once.
//!
//! Ballista does parts again that were lost with a worker. Version 55.0.0 keeps rows of such a stage that
//! had arrived before and adds those of the second time, so that an answer may count rows twice without
//! a word. So a job fails here as soon as a worker is lost while it runs, or when any part of it was done
//! again for another reason; the question is then asked anew as a whole, by who asked it.
//!
//! This holds because of when it looks: the loss is noted before the scheduler hears of it, and a job
//! is examined before anybody hears that it is done.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use ballista_core::error::Result;
use ballista_core::serde::protobuf::{ExecutorHeartbeat, FailedJob, JobStatus, job_status::Status};
use ballista_core::serde::scheduler::{ExecutorData, ExecutorMetadata};
use ballista_core::{JobId, JobStatusSubscriber};
use ballista_scheduler::cluster::memory::{InMemoryClusterState, InMemoryJobState};
use ballista_scheduler::cluster::{
    BoundTask, ClusterState, ClusterStateEventStream, ExecutorSlot, JobState, JobStateEventStream,
};
use ballista_scheduler::config::TaskDistributionPolicy;
use ballista_scheduler::state::execution_graph::ExecutionGraphBox;
use ballista_scheduler::state::execution_stage::ExecutionStage;
use ballista_scheduler::state::task_manager::JobInfoCache;
use datafusion::prelude::{SessionConfig, SessionContext};

/// Why a job fails that ran while a worker was lost. `failure.rs` looks for these words.
pub(crate) const WORKER_LOST: &str = "a worker was lost while it ran";

/// Why a job fails of which a part was done more than once.
pub(crate) const DONE_AGAIN: &str = "a part of it was done again";

/// Why a job fails that has nobody to do it.
pub(crate) const NO_WORKERS: &str = "the cluster has no workers";

/// Why a job fails that comes no further; the seconds follow.
pub(crate) const STANDS_STILL: &str = "no part of it was finished for";

/// The jobs that run, each with what there is against it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubts(Arc<Mutex<BTreeMap<String, Option<String>>>>);

impl Doubts {
    fn jobs<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Option<String>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin(&self, job: &JobId) {
        self.jobs(|jobs| jobs.insert(job.as_str().to_owned(), None));
    }

    /// Notes what there is against a job that runs. The first reason stays.
    pub(crate) fn raise(&self, job: &str, reason: &str) {
        self.jobs(|jobs| {
            if let Some(found) = jobs.get_mut(job) {
                found.get_or_insert_with(|| reason.to_owned());
            }
        });
    }

    fn raise_all(&self, reason: &str) {
        self.jobs(|jobs| {
            for found in jobs.values_mut() {
                found.get_or_insert_with(|| reason.to_owned());
            }
        });
    }

    /// What there is against a job that runs.
    pub(crate) fn against(&self, job: &str) -> Option<String> {
        self.jobs(|jobs| jobs.get(job).cloned().flatten())
    }

    fn end(&self, job: &JobId) -> Option<String> {
        self.jobs(|jobs| jobs.remove(job.as_str()).flatten())
    }
}

/// What there is against a job by what its stages say: a stage that was begun again, or a part of one.
fn done_again(graph: &ExecutionGraphBox) -> bool {
    graph.stages().values().any(|stage| match stage {
        ExecutionStage::Successful(stage) => {
            let parts: usize =
                stage.task_infos.iter().map(|part| part.global_input_partition_ids.len()).sum();
            let different: HashSet<usize> = stage
                .task_infos
                .iter()
                .flat_map(|part| part.global_input_partition_ids.iter().copied())
                .collect();
            stage.stage_attempt_num > 0 || parts != different.len()
        }
        _ => true,
    })
}

/// The state of a job that fails for a reason, with its times as they were.
fn failed(before: &JobStatus, reason: String) -> JobStatus {
    let (queued_at, started_at, ended_at) = match &before.status {
        Some(Status::Successful(job)) => (job.queued_at, job.started_at, job.ended_at),
        Some(Status::Failed(job)) => (job.queued_at, job.started_at, job.ended_at),
        _ => (0, 0, 0),
    };
    let status = Status::Failed(FailedJob { error: reason, queued_at, started_at, ended_at });
    JobStatus { status: Some(status), ..before.clone() }
}

/// Ballista's list of workers, which notes a loss before anybody acts on it.
pub(crate) struct Workers {
    inner: InMemoryClusterState,
    doubts: Doubts,
}

impl Workers {
    pub(crate) fn new(doubts: Doubts) -> Self {
        Self { inner: InMemoryClusterState::default(), doubts }
    }
}

#[async_trait::async_trait]
impl ClusterState for Workers {
    async fn bind_schedulable_tasks(
        &self,
        distribution: TaskDistributionPolicy,
        active_jobs: Arc<HashMap<JobId, JobInfoCache>>,
        executors: Option<HashSet<String>>,
    ) -> Result<Vec<BoundTask>> {
        self.inner.bind_schedulable_tasks(distribution, active_jobs, executors).await
    }

    async fn unbind_tasks(&self, executor_slots: Vec<ExecutorSlot>) -> Result<()> {
        self.inner.unbind_tasks(executor_slots).await
    }

    async fn register_executor(
        &self,
        metadata: ExecutorMetadata,
        spec: ExecutorData,
    ) -> Result<()> {
        self.inner.register_executor(metadata, spec).await
    }

    async fn save_executor_metadata(&self, metadata: ExecutorMetadata) -> Result<()> {
        self.inner.save_executor_metadata(metadata).await
    }

    async fn get_executor_metadata(&self, executor_id: &str) -> Result<ExecutorMetadata> {
        self.inner.get_executor_metadata(executor_id).await
    }

    async fn registered_executor_metadata(&self) -> Vec<ExecutorMetadata> {
        self.inner.registered_executor_metadata().await
    }

    async fn save_executor_heartbeat(&self, heartbeat: ExecutorHeartbeat) -> Result<()> {
        self.inner.save_executor_heartbeat(heartbeat).await
    }

    async fn remove_executor(&self, executor_id: &str) -> Result<()> {
        self.doubts.raise_all(WORKER_LOST);
        self.inner.remove_executor(executor_id).await
    }

    fn executor_heartbeats(&self) -> HashMap<String, ExecutorHeartbeat> {
        self.inner.executor_heartbeats()
    }

    fn get_executor_heartbeat(&self, executor_id: &str) -> Option<ExecutorHeartbeat> {
        self.inner.get_executor_heartbeat(executor_id)
    }

    async fn cluster_state_events(&self) -> Result<ClusterStateEventStream> {
        self.inner.cluster_state_events().await
    }
}

/// Ballista's list of jobs, which lets none be done that there is a doubt about.
pub(crate) struct Jobs {
    inner: InMemoryJobState,
    doubts: Doubts,
}

impl Jobs {
    pub(crate) fn new(inner: InMemoryJobState, doubts: Doubts) -> Self {
        Self { inner, doubts }
    }
}

#[async_trait::async_trait]
impl JobState for Jobs {
    fn accept_job(&self, job_id: &JobId, job_name: &str, queued_at: u64) -> Result<()> {
        self.inner.accept_job(job_id, job_name, queued_at)
    }

    fn pending_job_number(&self) -> usize {
        self.inner.pending_job_number()
    }

    async fn submit_job(
        &self,
        job_id: JobId,
        graph: &ExecutionGraphBox,
        subscriber: Option<JobStatusSubscriber>,
    ) -> Result<()> {
        self.doubts.begin(&job_id);
        if let Some(asker) = &subscriber {
            // Who asks learns the job's id by it, and can cancel it before its first stage is done.
            // Where nobody listens any more, it goes unheard.
            let _ = asker.try_send(graph.status().clone());
        }
        self.inner.submit_job(job_id, graph, subscriber).await
    }

    async fn get_jobs(&self) -> Result<HashSet<JobId>> {
        self.inner.get_jobs().await
    }

    async fn get_all_jobs(&self) -> Result<HashSet<JobId>> {
        self.inner.get_all_jobs().await
    }

    async fn get_job_status(&self, job_id: &JobId) -> Result<Option<JobStatus>> {
        self.inner.get_job_status(job_id).await
    }

    async fn get_execution_graph(&self, job_id: &JobId) -> Result<Option<ExecutionGraphBox>> {
        self.inner.get_execution_graph(job_id).await
    }

    async fn save_job(&self, job_id: &JobId, graph: &ExecutionGraphBox) -> Result<()> {
        let succeeded = matches!(graph.status().status, Some(Status::Successful(_)));
        if !succeeded && !matches!(graph.status().status, Some(Status::Failed(_))) {
            return self.inner.save_job(job_id, graph).await;
        }
        let again = (succeeded && done_again(graph)).then(|| DONE_AGAIN.to_owned());
        let Some(reason) = self.doubts.end(job_id).or(again) else {
            return self.inner.save_job(job_id, graph).await;
        };
        let mut doubted = graph.cloned();
        doubted.update_status(failed(graph.status(), reason));
        self.inner.save_job(job_id, &doubted).await
    }

    async fn fail_unscheduled_job(&self, job_id: &JobId, reason: String) -> Result<()> {
        self.doubts.end(job_id);
        self.inner.fail_unscheduled_job(job_id, reason).await
    }

    async fn remove_job(&self, job_id: &JobId) -> Result<()> {
        self.inner.remove_job(job_id).await
    }

    async fn try_acquire_job(&self, job_id: &JobId) -> Result<Option<ExecutionGraphBox>> {
        self.inner.try_acquire_job(job_id).await
    }

    async fn job_state_events(&self) -> Result<JobStateEventStream> {
        self.inner.job_state_events().await
    }

    async fn create_or_update_session(
        &self,
        session_id: &str,
        config: &SessionConfig,
    ) -> Result<Arc<SessionContext>> {
        self.inner.create_or_update_session(session_id, config).await
    }

    async fn remove_session(&self, session_id: &str) -> Result<()> {
        self.inner.remove_session(session_id).await
    }

    fn produce_config(&self) -> SessionConfig {
        self.inner.produce_config()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_held_against_every_job_that_runs_and_no_other() {
        let doubts = Doubts::default();
        let [early, late] = ["early", "late"].map(JobId::new);
        doubts.begin(&early);
        doubts.raise_all(WORKER_LOST);
        doubts.begin(&late);
        doubts.raise("early", NO_WORKERS);
        doubts.raise("unknown", NO_WORKERS);
        assert_eq!(doubts.against("early").as_deref(), Some(WORKER_LOST));
        assert_eq!(doubts.against("late"), None);
        assert_eq!(doubts.end(&early).as_deref(), Some(WORKER_LOST));
        assert_eq!(doubts.against("early"), None, "it is over");
        assert_eq!(doubts.end(&late), None);
    }

    #[test]
    fn a_doubted_job_fails_with_the_reason_and_its_own_times() {
        let job = ballista_core::serde::protobuf::SuccessfulJob {
            queued_at: 1,
            started_at: 2,
            ended_at: 3,
            ..Default::default()
        };
        let before = JobStatus {
            job_id: "a".to_owned(),
            job_name: "sanad".to_owned(),
            status: Some(Status::Successful(job)),
        };
        let after = failed(&before, WORKER_LOST.to_owned());
        assert_eq!((&after.job_id, &after.job_name), (&before.job_id, &before.job_name));
        let Some(Status::Failed(job)) = after.status else { panic!("it did not fail") };
        assert_eq!((job.queued_at, job.started_at, job.ended_at), (1, 2, 3));
        assert_eq!(job.error, WORKER_LOST);
    }
}
