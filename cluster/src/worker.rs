//! A worker's process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};

use crate::args::WorkerArgs;
use crate::runner::MESSAGE_BYTES;
use crate::scheduler::{HEARTBEAT_S, runtime};
use crate::talk::{self, Problem};
use crate::unmeasured::Unmeasured;

/// How long a worker waits for its scheduler to be there. 300 s.
const WAIT_FOR_SCHEDULER_S: u16 = 300;

/// How long parts of a job are kept that no scheduler asked to remove, as when it was killed. 1 h.
const KEPT_S: u64 = 3600;

/// Runs a worker until it is stopped. One that loses its scheduler starts itself again and waits for it.
pub(crate) fn run(options: &WorkerArgs) -> Result<(), Problem> {
    talk::log_to_stderr(options.process.verbose, false);
    if options.process.until_stdin_ends {
        talk::end_with_stdin();
    }
    let work = WorkFolder::open(options.work.as_deref())?;
    let config = config(options, work.path())?;
    let stopped = Arc::new(AtomicBool::new(false));
    let ended = runtime()?.block_on(async {
        tokio::spawn(note_stop(Arc::clone(&stopped)));
        start_executor_process(Arc::new(config)).await
    });
    drop(work);
    ended.map_err(|error| {
        Problem::new(format!("the worker failed: {error}")).with_hint(
            "see that the scheduler runs, and that --port and the port after it are free",
        )
    })?;
    match stopped.load(Ordering::Acquire) {
        true => Ok(()),
        false => start_again(),
    }
}

fn config(options: &WorkerArgs, work: &Path) -> Result<ExecutorProcessConfig, Problem> {
    let wrong = || {
        let found = &options.scheduler;
        Problem::new(format!("--scheduler: found {found:?}, expected HOST:PORT"))
    };
    let (host, port) = options.scheduler.rsplit_once(':').ok_or_else(wrong)?;
    let work_dir = work.to_str().map(str::to_owned);
    let unnamed = || Problem::new(format!("{} is not UTF-8", work.display()));
    Ok(ExecutorProcessConfig {
        bind_host: options.bind.clone(),
        external_host: Some(options.host.clone()),
        port: options.port,
        grpc_port: options.port + 1,
        scheduler_host: host.to_owned(),
        scheduler_port: port.parse().map_err(|_| wrong())?,
        scheduler_connect_timeout_seconds: WAIT_FOR_SCHEDULER_S,
        vcores: usize::from(options.cores),
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        work_dir: Some(work_dir.ok_or_else(unnamed)?),
        memory_pool_size: options.memory.map(|mib| mib << 20),
        executor_heartbeat_interval_seconds: HEARTBEAT_S,
        job_data_ttl_seconds: KEPT_S,
        job_data_clean_up_interval_seconds: KEPT_S / 6,
        override_execution_engine: Some(Arc::new(Unmeasured::new())),
        grpc_max_decoding_message_size: MESSAGE_BYTES as u32,
        grpc_max_encoding_message_size: MESSAGE_BYTES as u32,
        ..ExecutorProcessConfig::default()
    })
}

/// Notes that the process was asked to stop, as opposed to having lost its scheduler.
async fn note_stop(stopped: Arc<AtomicBool>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let (Ok(mut ended), Ok(mut interrupted)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! { _ = ended.recv() => {}, _ = interrupted.recv() => {} }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    stopped.store(true, Ordering::Release);
}

/// Becomes a new worker with the same options. Ballista's own state of a worker cannot be begun anew
/// within a process.
fn start_again() -> Result<(), Problem> {
    talk::say("note: the scheduler is lost; the worker starts again and waits for it");
    std::thread::sleep(Duration::from_secs(1));
    let failed = |error: std::io::Error| Problem::new(format!("cannot start again: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1));
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;

        Err(failed(command.exec()))
    }
    #[cfg(not(unix))]
    command.spawn().map(drop).map_err(failed)
}

/// Where parts lie on their way to another worker.
enum WorkFolder {
    /// A folder of the user's.
    Named(PathBuf),
    /// One that goes with the process.
    Temporary(tempfile::TempDir),
}

impl WorkFolder {
    fn open(named: Option<&Path>) -> Result<Self, Problem> {
        match named {
            None => match tempfile::Builder::new().prefix("sanad-worker-").tempdir() {
                Ok(folder) => Ok(Self::Temporary(folder)),
                Err(error) => Err(Problem::new(format!("cannot make a temporary folder: {error}"))),
            },
            Some(folder) => match std::fs::create_dir_all(folder) {
                Ok(()) => Ok(Self::Named(folder.to_owned())),
                Err(error) => {
                    Err(Problem::new(format!("cannot make {}: {error}", folder.display())))
                }
            },
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(folder) => folder,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
