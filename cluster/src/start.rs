//! A whole cluster on one machine: a scheduler and workers as processes on loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::args::StartArgs;
use crate::ready::workers_at;
use crate::scheduler::runtime;
use crate::talk::{self, Problem, say};

/// How long the processes have to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How long a process has to end by itself.
const END_WITHIN: Duration = Duration::from_secs(5);

/// How often to look after the processes.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Part of the machine's memory that all workers together use for sorting, joining and grouping.
const MEMORY_SHARE: f64 = 0.7;

/// Starts the processes, prints the scheduler's address when they are ready, and looks after them until
/// this one is stopped.
pub(crate) fn run(options: &StartArgs) -> Result<(), Problem> {
    talk::log_to_stderr(options.verbose, false);
    let stopped = stop_flag()?;
    let work = tempfile::Builder::new().prefix("sanad-cluster-").tempdir();
    let work = work.map_err(|error| Problem::new(format!("cannot make a folder: {error}")))?;
    let folder = options.work.clone().unwrap_or_else(|| work.path().to_owned());
    let mut processes = Processes::start(options, &folder)?;
    let address = processes.scheduler;
    let begun = Instant::now();
    while workers_at(address).is_none_or(|workers| workers < usize::from(options.workers)) {
        if stopped.load(Ordering::Acquire) {
            return Ok(());
        }
        if let Some(name) = processes.first_ended() {
            return Err(Problem::new(format!("the {name} ended before the cluster was ready")));
        }
        if begun.elapsed() > READY_WITHIN {
            let seconds = READY_WITHIN.as_secs();
            return Err(Problem::new(format!("the workers are not ready after {seconds} s")));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    println!("http://{address}");
    say(&format!("ready: {} workers; stop them with Ctrl-C", options.workers));
    while !stopped.load(Ordering::Acquire) {
        processes.restart_ended()?;
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// A flag that is set when this process is asked to stop.
fn stop_flag() -> Result<Arc<AtomicBool>, Problem> {
    let stopped = Arc::new(AtomicBool::new(false));
    let (runtime, flag) = (runtime()?, Arc::clone(&stopped));
    std::thread::spawn(move || {
        runtime.block_on(async {
            stop_asked().await;
            flag.store(true, Ordering::Release);
        });
    });
    Ok(stopped)
}

/// Waits until this process is asked to stop.
async fn stop_asked() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! { _ = ended.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
            return;
        }
    }
    // Without it the process ends at once, and its children with their stdin.
    let _ = tokio::signal::ctrl_c().await;
}

/// A process and how it is started again.
struct Process {
    name: String,
    arguments: Vec<String>,
    child: Child,
}

/// The processes of a cluster. They end when this value is dropped, and when this program does.
struct Processes {
    scheduler: SocketAddr,
    all: Vec<Process>,
}

impl Processes {
    fn start(options: &StartArgs, work: &Path) -> Result<Self, Problem> {
        let ports = free_ports(usize::from(options.workers))?;
        let scheduler = SocketAddr::from((
            Ipv4Addr::LOCALHOST,
            match options.port {
                0 => free_ports(1)?[0],
                port => port,
            },
        ));
        let mut started = Self { scheduler, all: Vec::new() };
        started.add("scheduler", scheduler_arguments(options, scheduler))?;
        for (number, port) in ports.into_iter().enumerate() {
            let folder = work.join(format!("worker-{}", number + 1));
            let arguments = worker_arguments(options, scheduler, port, &folder);
            started.add(&format!("worker {}", number + 1), arguments)?;
        }
        Ok(started)
    }

    fn add(&mut self, name: &str, mut arguments: Vec<String>) -> Result<(), Problem> {
        arguments.insert(0, "cluster".to_owned());
        arguments.push("--until-stdin-ends".to_owned());
        let child = spawned(&arguments)?;
        self.all.push(Process { name: name.to_owned(), arguments, child });
        Ok(())
    }

    /// The name of a process that ended.
    fn first_ended(&mut self) -> Option<String> {
        let ended = |process: &mut Process| process.child.try_wait().ok().flatten().is_some();
        self.all.iter_mut().find_map(|process| ended(process).then(|| process.name.clone()))
    }

    /// Starts again what ended.
    fn restart_ended(&mut self) -> Result<(), Problem> {
        for process in &mut self.all {
            if let Ok(Some(status)) = process.child.try_wait() {
                say(&format!("note: the {} ended ({status}) and is started again", process.name));
                std::thread::sleep(LOOK_EVERY);
                process.child = spawned(&process.arguments)?;
            }
        }
        Ok(())
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for process in &mut self.all {
            // The end of its stdin is what ends it.
            drop(process.child.stdin.take());
        }
        let until = Instant::now() + END_WITHIN;
        for process in &mut self.all {
            while matches!(process.child.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
            // One that has ended cannot be killed, and need not be.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

/// Starts this program with other arguments.
fn spawned(arguments: &[String]) -> Result<Child, Problem> {
    let failed = |error: std::io::Error| Problem::new(format!("cannot start a process: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().map_err(failed)
}

fn scheduler_arguments(options: &StartArgs, address: SocketAddr) -> Vec<String> {
    let mut arguments = vec!["scheduler".to_owned()];
    arguments.extend(["--port".to_owned(), address.port().to_string()]);
    arguments.extend(["--patience".to_owned(), options.patience.patience.to_string()]);
    arguments.extend(options.verbose.then(|| "--verbose".to_owned()));
    arguments
}

fn worker_arguments(
    options: &StartArgs,
    scheduler: SocketAddr,
    port: u16,
    folder: &Path,
) -> Vec<String> {
    let workers = usize::from(options.workers);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut arguments = vec!["worker".to_owned()];
    let folder = PathBuf::from(folder).display().to_string();
    let pairs = [
        ("--scheduler", scheduler.to_string()),
        ("--port", port.to_string()),
        ("--cores", cores.div_ceil(workers).to_string()),
        ("--work", folder),
    ];
    arguments.extend(pairs.into_iter().flat_map(|(option, value)| [option.to_owned(), value]));
    let share = |mib: u64| ((mib as f64 * MEMORY_SHARE / workers as f64) as u64).max(64);
    if let Some(mib) = options.memory.or_else(|| machine_memory_mib().map(share)) {
        arguments.extend(["--memory".to_owned(), mib.to_string()]);
    }
    arguments.extend(options.verbose.then(|| "--verbose".to_owned()));
    arguments
}

/// The machine's memory, where the system says it in a file.
fn machine_memory_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// Ports that are free, each with the one after it.
fn free_ports(count: usize) -> Result<Vec<u16>, Problem> {
    let none = |_| Problem::new("no port is free on this machine");
    // Held until all are found, so that none is found twice.
    let mut held = Vec::new();
    let mut found = Vec::new();
    for _ in 0..count * 50 {
        if found.len() == count {
            break;
        }
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(none)?;
        let port = first.local_addr().map_err(none)?.port();
        let second = port.checked_add(1).map(|next| TcpListener::bind((Ipv4Addr::LOCALHOST, next)));
        if let Some(Ok(second)) = second {
            found.push(port);
            held.push((first, second));
        }
    }
    match found.len() == count {
        true => Ok(found),
        false => Err(Problem::new("too few ports are free on this machine")),
    }
}
