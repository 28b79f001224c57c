//! The bound on waiting: a job is cancelled when nothing of it was finished for too long, when there is no
//! worker to do it, or when there is a doubt about it. Ballista itself bounds neither a job that was
//! handed in while there was no worker, nor one whose workers hang.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ballista_core::JobId;
use ballista_scheduler::scheduler_server::SchedulerServer;
use ballista_scheduler::state::execution_stage::ExecutionStage;
use ballista_scheduler::state::task_manager::JobInfoCache;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};

use crate::doubts::{Doubts, NO_WORKERS, STANDS_STILL};

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a job waits for a first worker, or for another one. Longer than Ballista's own wait after the
/// last worker was lost, which says better what happened.
const WITHOUT_WORKERS: Duration = Duration::from_secs(20);

/// What is known of a job.
struct Course {
    /// Parts finished when last looked.
    finished: usize,
    /// Since when that number is what it is.
    since: Instant,
    /// When the job was first seen.
    seen: Instant,
}

/// Watches a scheduler's jobs for as long as it runs.
pub(crate) async fn watch(
    scheduler: SchedulerServer<LogicalPlanNode, PhysicalPlanNode>,
    doubts: Doubts,
    patience: Duration,
) {
    let mut courses = BTreeMap::new();
    let mut staffed = Instant::now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let workers = scheduler.state.executor_manager.get_executors_state().await;
        if workers.is_ok_and(|workers| !workers.is_empty()) {
            staffed = Instant::now();
        }
        let mut next = BTreeMap::new();
        for (id, job) in scheduler.state.task_manager.get_running_job_cache().iter() {
            let name = id.as_str().to_owned();
            let course = followed(courses.remove(&name), finished(job).await);
            let stands = course.since.elapsed();
            let alone = course.seen.elapsed().min(staffed.elapsed());
            if alone >= WITHOUT_WORKERS {
                doubts.raise(&name, NO_WORKERS);
            } else if stands >= patience {
                doubts.raise(&name, &format!("{STANDS_STILL} {} s", stands.as_secs()));
            }
            if let Some(reason) = doubts.against(&name) {
                log::error!("job {name} is given up: {reason}");
                give_up(&scheduler, id.clone()).await;
            }
            next.insert(name, course);
        }
        courses = next;
    }
}

/// What is known of a job after another look.
fn followed(before: Option<Course>, finished: usize) -> Course {
    let now = Instant::now();
    match before {
        Some(course) if course.finished == finished => course,
        Some(course) => Course { finished, since: now, seen: course.seen },
        None => Course { finished, since: now, seen: now },
    }
}

/// Parts of a job that are finished.
async fn finished(job: &JobInfoCache) -> usize {
    let graph = job.execution_graph.read().await;
    let parts = graph.stages().values().map(|stage| match stage {
        ExecutionStage::Running(stage) => stage.successful_tasks(),
        ExecutionStage::Successful(stage) => stage.task_infos.len(),
        _ => 0,
    });
    parts.sum()
}

async fn give_up(scheduler: &SchedulerServer<LogicalPlanNode, PhysicalPlanNode>, id: JobId) {
    if let Err(error) = scheduler.cancel_job(id).await {
        log::error!("it cannot be cancelled: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_stands_still_as_long_as_no_part_is_finished() {
        let begun = followed(None, 0);
        let since = begun.since;
        let same = followed(Some(begun), 0);
        assert_eq!(same.since, since);
        std::thread::sleep(Duration::from_millis(2));
        let further = followed(Some(same), 1);
        assert!(further.since > since && further.finished == 1);
        assert_eq!(further.seen, since, "a job is seen for the first time once");
        // Parts that were lost with a worker are done again, which is no standstill either.
        let lost = followed(Some(further), 0);
        assert!(lost.since > since && lost.finished == 0);
    }
}
