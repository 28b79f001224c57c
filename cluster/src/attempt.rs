//! One attempt to have a plan answered: hands it in, watches what becomes of it, gathers its rows.
//!
//! Whatever happens to the processes of the cluster, an attempt ends: with rows, with what went wrong,
//! or because nothing was heard for [`SILENCE`]. How long a job may run without finishing a part is the
//! scheduler's own bound.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::extension::SessionConfigExt as _;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{GetJobStatusParams, job_status::Status};
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::LogicalPlanNode;
use futures::StreamExt as _;
use tokio::sync::oneshot::Receiver;

use crate::failure::Failure;
use crate::jobs::{Job, Scheduler, UnderWay};
use crate::runner::{MESSAGE_BYTES, Target};

/// How long a scheduler may be away, as when it is started again.
const AWAY: Duration = Duration::from_secs(20);

/// How long nothing may be heard of a scheduler that has a job, or of a worker that has its rows.
const SILENCE: Duration = Duration::from_secs(25);

/// How often to look what became of a job.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The rows of a plan, or why there are none. When `given_up` ends, nobody waits for them any more.
pub(crate) async fn attempt(
    target: &Target,
    state: &SessionState,
    plan: &LogicalPlan,
    given_up: &mut Receiver<()>,
) -> Result<Vec<RecordBatch>, Failure> {
    let query = state.create_physical_plan(plan).await.map_err(Failure::Refused)?;
    let scheduler = tokio::select! {
        reached = reach(target, state) => reached?,
        _ = &mut *given_up => return Err(nobody_waits()),
    };
    let asked = Arc::clone(&query);
    let job = Job::new(scheduler.clone(), move || {
        asked.downcast_ref::<DistributedQueryExec<LogicalPlanNode>>()?.job_id()
    });
    let _under_way = UnderWay::begin(job.clone());
    let mut rows = std::pin::pin!(gather(&query, state, Watch::begin(scheduler, job.clone())));
    tokio::select! {
        rows = &mut rows => {
            // What was given up here may go on there.
            if matches!(rows, Err(Failure::Lost(_))) && job.id().is_some() {
                job.cancel().await;
            }
            rows
        }
        _ = given_up => {
            tokio::select! { _ = &mut rows => {}, () = job.cancel() => {} }
            Err(nobody_waits())
        }
    }
}

fn nobody_waits() -> Failure {
    Failure::GivenUp("nobody waits for the answer".to_owned())
}

/// Connects to the scheduler, as soon as it is there.
async fn reach(target: &Target, state: &SessionState) -> Result<Scheduler, Failure> {
    let config = GrpcClientConfig::from(&state.config().ballista_config());
    let endpoint = create_grpc_client_endpoint(target.address.clone(), Some(&config))
        .map_err(|error| Failure::NoScheduler(error.to_string()))?;
    let until = Instant::now() + AWAY;
    loop {
        let error = match endpoint.connect().await {
            Ok(channel) => {
                let client = SchedulerGrpcClient::new(channel);
                return Ok(client
                    .max_encoding_message_size(MESSAGE_BYTES)
                    .max_decoding_message_size(MESSAGE_BYTES));
            }
            Err(error) => error,
        };
        if Instant::now() > until {
            return Err(Failure::NoScheduler(error.to_string()));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Starts the query and gathers its rows, as far as the memory of the session goes.
async fn gather(
    query: &Arc<dyn ExecutionPlan>,
    state: &SessionState,
    mut watch: Watch,
) -> Result<Vec<RecordBatch>, Failure> {
    let held =
        MemoryConsumer::new("the rows of the answer").register(&state.runtime_env().memory_pool);
    let mut stream = query.execute(0, state.task_ctx()).map_err(Failure::of)?;
    let (schema, mut rows) = (query.schema(), Vec::new());
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            next = stream.next() => match next {
                None => return Ok(rows),
                Some(batch) => {
                    let batch = batch.map_err(Failure::of)?;
                    reserve(&held, &batch)?;
                    rows.push(as_planned(&batch, &schema)?);
                    watch.heard();
                }
            },
            _ = look.tick() => watch.look().await?,
        }
    }
}

/// Counts a batch towards the memory of the session.
fn reserve(held: &MemoryReservation, batch: &RecordBatch) -> Result<(), Failure> {
    let size = batch.get_array_memory_size();
    held.try_grow(size)
        .map_err(|error| Failure::Refused(DataFusionError::ResourcesExhausted(error.to_string())))
}

/// Rows in the types of the plan: on their way, texts that are kept once each become plain ones.
fn as_planned(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Failure> {
    let fields = schema.fields().iter().zip(batch.columns());
    let columns = fields.map(|(field, column)| cast(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>, _>>();
    // A batch without columns still has rows.
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let planned = columns
        .and_then(|columns| RecordBatch::try_new_with_options(Arc::clone(schema), columns, &rows));
    planned.map_err(|error| Failure::Refused(error.into()))
}

/// Looks now and then what became of a job, since a connection may stay open to a process that does
/// nothing any more.
struct Watch {
    scheduler: Scheduler,
    job: Job,
    /// When there was last something to go by.
    heard: Instant,
}

impl Watch {
    fn begin(scheduler: Scheduler, job: Job) -> Self {
        Self { scheduler, job, heard: Instant::now() }
    }

    /// Rows have come.
    fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// Asks the scheduler for the job. While it is planned or runs, no news are good news; once it is
    /// done, its rows have to come.
    async fn look(&mut self) -> Result<(), Failure> {
        let Some(id) = self.job.id() else {
            return self.bear("the scheduler did not take the question up");
        };
        let request = GetJobStatusParams { job_id: id.into() };
        let asked = self.scheduler.get_job_status(request);
        let Ok(Ok(answer)) = tokio::time::timeout(LOOK_EVERY, asked).await else {
            return self.bear("the scheduler does not answer");
        };
        match answer.into_inner().status.and_then(|status| status.status) {
            Some(Status::Queued(_) | Status::Running(_)) => {
                self.heard();
                Ok(())
            }
            Some(Status::Failed(failed)) => {
                // The stream says the same in a moment; it is not heard where the connection hangs.
                self.bear(&format!("Executor lost: {}", failed.error))
            }
            Some(Status::Successful(_)) => self.bear("a worker does not hand out its rows"),
            None => Err(Failure::Lost("the scheduler does not know the job any more".to_owned())),
        }
    }

    /// Goes on in spite of what was found, unless nothing was heard for too long.
    fn bear(&self, found: &str) -> Result<(), Failure> {
        match self.heard.elapsed() > SILENCE {
            true => Err(Failure::Lost(format!("{found} for {} s", SILENCE.as_secs()))),
            false => Ok(()),
        }
    }
}
