//! The scheduler's process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::utils::{default_config_producer, default_session_builder};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::cluster::memory::InMemoryJobState;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::args::SchedulerArgs;
use crate::doubts::{Doubts, Jobs, Workers};
use crate::patience;
use crate::runner::MESSAGE_BYTES;
use crate::talk::{self, Problem};
use crate::whole_probe::WholeProbe;

/// How often a worker says that it is there. A worker ends itself after five that nobody heard. 3 s.
pub(crate) const HEARTBEAT_S: u64 = 3;

/// After how long without one a worker counts as lost. 12 s.
const LOST_AFTER_S: u64 = 4 * HEARTBEAT_S;

/// How long jobs wait for another worker once the last one was lost. 15 s.
const WITHOUT_WORKERS_S: u64 = 15;

/// Stack of a thread that plans, as deep as the program's own.
const STACK_BYTES: usize = 64 << 20;

/// Runs a scheduler until it is stopped.
pub(crate) fn run(options: &SchedulerArgs) -> Result<(), Problem> {
    talk::log_to_stderr(options.process.verbose, true);
    if options.process.until_stdin_ends {
        talk::end_with_stdin();
    }
    let address = format!("{}:{}", options.bind, options.port);
    let address: SocketAddr = address.parse().map_err(|_| {
        Problem::new(format!(
            "--bind: found {:?}, expected an address such as 0.0.0.0",
            options.bind
        ))
    })?;
    let config = config(options);
    let patience = Duration::from_secs(u64::from(options.patience.patience));
    runtime()?.block_on(serve(address, config, patience))
}

/// Threads that plans can be walked on.
pub(crate) fn runtime() -> Result<Runtime, Problem> {
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    runtime.map_err(|error| Problem::new(format!("cannot start threads: {error}")))
}

fn config(options: &SchedulerArgs) -> SchedulerConfig {
    SchedulerConfig {
        bind_host: options.bind.clone(),
        bind_port: options.port,
        external_host: options.host.clone(),
        scheduling_policy: TaskSchedulingPolicy::PushStaged,
        task_distribution: TaskDistributionPolicy::RoundRobin,
        // Nothing is done again within a job: see doubts.rs.
        task_max_failures: 0,
        stage_max_failures: 1,
        executor_timeout_seconds: LOST_AFTER_S,
        expire_dead_executor_interval_seconds: 1,
        no_executors_grace_period_seconds: WITHOUT_WORKERS_S,
        // Rows are fetched as soon as a job is done; a while longer for those who are slow.
        finished_job_data_clean_up_interval_seconds: 300,
        finished_job_state_clean_up_interval_seconds: 300,
        grpc_server_max_decoding_message_size: MESSAGE_BYTES as u32,
        grpc_server_max_encoding_message_size: MESSAGE_BYTES as u32,
        grpc_client_max_message_size: MESSAGE_BYTES as u32,
        ..SchedulerConfig::default()
    }
}

/// The session in which a plan is made for the cluster.
fn session(config: SessionConfig) -> datafusion::error::Result<SessionState> {
    let state = default_session_builder(config)?;
    Ok(SessionStateBuilder::new_from_existing(state)
        .with_physical_optimizer_rule(Arc::new(WholeProbe))
        .build())
}

async fn serve(
    address: SocketAddr,
    config: SchedulerConfig,
    patience: Duration,
) -> Result<(), Problem> {
    let failed = |error: BallistaError| Problem::new(format!("the scheduler failed: {error}"));
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Problem::new(format!("cannot listen on {address}: {error}"))
            .with_hint("name another --port")
    })?;
    let doubts = Doubts::default();
    let jobs = InMemoryJobState::new(
        config.scheduler_id.clone(),
        Arc::new(session),
        Arc::new(default_config_producer),
    );
    let cluster = BallistaCluster::new(
        Arc::new(Workers::new(doubts.clone())),
        Arc::new(Jobs::new(jobs, doubts.clone())),
    );
    let scheduler =
        create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config))
            .await
            .map_err(failed)?;
    tokio::spawn(patience::watch(scheduler.clone(), doubts, patience));
    start_grpc_service_with_listener(listener, scheduler).await.map_err(failed)
}
