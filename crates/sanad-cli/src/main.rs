//! `sanad`: a legitimacy observatory for conflict analysts.
//!
//! The only crate that prints and the only one that asks the clock for today's date. stdout is
//! data, stderr is talk. Exit codes: 0 done, 1 failed, 2 wrong use.

#![allow(clippy::disallowed_methods)]

mod args;
mod codebook;
mod command;
mod error;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod model_page;
mod progress;
#[cfg(test)]
mod reference;
mod report;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return explained(&answer),
    };
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::from(if error.is_wrong_use() { 2 } else { 1 })
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn explained(answer: &clap::Error) -> ExitCode {
    let printed = answer.print().and_then(|()| std::io::stdout().flush());
    match printed {
        _ if answer.use_stderr() => ExitCode::from(2),
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            report::say!("error: cannot write stdout\n  because: {e}");
            ExitCode::from(1)
        }
        _ => ExitCode::SUCCESS,
    }
}
