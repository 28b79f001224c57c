//! `sanad-cluster`: the program `sanad` with its query plans on a cluster of Apache DataFusion Ballista.
//!
//! Every command of `sanad` is here, with `--cluster URL` as one more option, and `cluster` as one more
//! command, which starts the cluster itself: one scheduler, and workers that read the files.
//!
//! | file | what it does |
//! | --- | --- |
//! | `runner.rs` | takes a plan of the store to the cluster and brings its rows back |
//! | `attempt.rs` | one attempt: hands the plan in, watches it, gathers rows |
//! | `jobs.rs` | which jobs are under way, so that none is left running when the program ends |
//! | `failure.rs` | what went wrong, and whether another attempt may help |
//! | `scheduler.rs`, `whole_probe.rs` | the scheduler, and its one rule of planning |
//! | `doubts.rs`, `patience.rs` | jobs whose rows are not handed out; the bound on waiting |
//! | `worker.rs`, `unmeasured.rs`, `connections.rs` | a worker, how it carries out its parts and reaches others |
//! | `start.rs`, `ready.rs` | all of a cluster on one machine, once its workers are there |
//! | `talk.rs` | what is said on stderr, and when a scheduler has to end |
//!
//! **Invariant:** nothing is computed here. What a plan means, which files it reads and where its rows
//! are kept is the store's; how it is cut into parts and carried out is Ballista's.

// Processes wait for one another by the clock, and Ballista's traits speak of HashMap; no number follows from either.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod args;
mod attempt;
mod connections;
mod doubts;
mod failure;
mod jobs;
mod patience;
mod ready;
mod runner;
mod scheduler;
mod start;
mod talk;
mod unmeasured;
mod whole_probe;
mod worker;

use std::process::ExitCode;

use clap::CommandFactory as _;
use sanad_cli::Extension;

use crate::args::ClusterArgs;

fn main() -> ExitCode {
    let extension =
        Extension { connect: runner::connect, command: ClusterArgs::command(), run: args::run };
    let code = sanad_cli::run_extended("sanad-cluster", std::env::args_os(), &extension);
    jobs::wait_for_cancelled();
    ExitCode::from(code)
}
