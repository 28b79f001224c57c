//! The command `cluster` and its options.

use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches as _, Parser, Subcommand};

use crate::{scheduler, start, talk, worker};

/// The port of a scheduler, where none is named.
pub(crate) const PORT: u16 = 50050;

/// Start a cluster that answers questions about observatories
///
/// A cluster is one scheduler, which cuts a question into parts, and workers, which read the files. All
/// see the observatory's folder under the same path. Whoever reaches a port of theirs can read every
/// file that they can read: keep them in a network of your own.
#[derive(Debug, Parser)]
#[command(name = "cluster", arg_required_else_help = true)]
pub(crate) struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
enum ClusterCommand {
    /// Start a scheduler and workers on this machine, and stop them all when it is stopped
    ///
    /// Prints the address for --cluster once all are ready. A process that ends is started again.
    Start(StartArgs),
    /// Start the scheduler of a cluster of several machines
    Scheduler(SchedulerArgs),
    /// Start a worker of a cluster of several machines
    Worker(WorkerArgs),
}

#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// How many workers
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) workers: u16,
    /// The port of the scheduler; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    pub(crate) port: u16,
    /// Memory of each worker for sorting, joining and grouping; its share of seven tenths of the machine's when
    /// absent. Beyond it a worker works in files
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..))]
    pub(crate) memory: Option<u64>,
    /// The folder for parts on their way from one worker to another; a temporary one when absent
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    /// Say on stderr what the processes do
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PatienceArgs {
    /// Give a question up when none of its parts was finished for so long
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(10..=86_400))]
    pub(crate) patience: u32,
}

#[derive(Debug, Args)]
pub(crate) struct SchedulerArgs {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: String,
    /// The name or address under which workers reach this machine
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// The port
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// Where the scheduler is
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50050")]
    pub(crate) scheduler: String,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: String,
    /// The name or address under which the scheduler, other workers and those who ask reach this machine
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// The port for rows; that for orders is the next one
    #[arg(long, value_name = "PORT", default_value_t = PORT + 1, value_parser = clap::value_parser!(u16).range(1..=65_534))]
    pub(crate) port: u16,
    /// How many parts to work on at once; 0 for as many as the machine has cores
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=512))]
    pub(crate) cores: u16,
    /// Memory for sorting, joining and grouping; seven tenths of the machine's when absent
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..))]
    pub(crate) memory: Option<u64>,
    /// The folder for parts on their way to another worker; a temporary one when absent
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// How a process of the cluster behaves towards the one that started it.
#[derive(Debug, Args)]
pub(crate) struct ProcessArgs {
    /// Say on stderr what it does
    #[arg(long)]
    pub(crate) verbose: bool,
    /// End when stdin does, as when the program ends that started this one
    #[arg(long, hide = true)]
    pub(crate) until_stdin_ends: bool,
}

/// Runs the command that was asked for, and gives the exit code.
pub(crate) fn run(matches: &ArgMatches) -> u8 {
    let arguments = match ClusterArgs::from_arg_matches(matches) {
        Ok(arguments) => arguments,
        Err(error) => return talk::failed(&error.to_string(), None),
    };
    let done = match &arguments.command {
        ClusterCommand::Start(options) => start::run(options),
        ClusterCommand::Scheduler(options) => scheduler::run(options),
        ClusterCommand::Worker(options) => worker::run(options),
    };
    match done {
        Ok(()) => 0,
        Err(problem) => talk::failed(&problem.what, problem.hint.as_deref()),
    }
}
