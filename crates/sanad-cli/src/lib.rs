//! `sanad`: a legitimacy observatory for conflict analysts.
//!
//! The only crate that prints and the only one that asks the clock for today's date. stdout is
//! data, stderr is talk. Exit codes: 0 done, 1 failed, 2 wrong use.
//!
//! A library, so that the wheel for Python brings the program in the same file as its module.

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

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser;

use crate::args::Arguments;

/// Runs the program with these arguments, the first of which is its own name, and gives its exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(answer) => return explained(&answer),
    };
    match command::run(arguments) {
        Ok(()) => 0,
        Err(error) => {
            report::error(&error);
            if error.is_wrong_use() { 2 } else { 1 }
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn explained(answer: &clap::Error) -> u8 {
    let printed = answer.print().and_then(|()| std::io::stdout().flush());
    match printed {
        _ if answer.use_stderr() => 2,
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            report::say!("error: cannot write stdout\n  because: {e}");
            1
        }
        _ => 0,
    }
}
