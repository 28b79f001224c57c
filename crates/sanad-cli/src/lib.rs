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
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use sanad_store::{PlanRunner, RunError};

use crate::args::Arguments;

/// Reaches what executes plans in the place of this program, by the address that the user gave. The number is that
/// of the parts to cut a plan into, 0 where the user named none.
pub type Connect = fn(&str, usize) -> Result<Arc<dyn PlanRunner>, RunError>;

/// What a larger program adds to this one.
#[derive(Debug)]
pub struct Extension {
    /// What `--cluster` leads to.
    pub connect: Connect,
    /// A command of its own.
    pub command: clap::Command,
    /// Runs that command and gives its exit code.
    pub run: fn(&ArgMatches) -> u8,
}

/// Runs the program with these arguments, the first of which is its own name, and gives its exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    run_with(arguments, None)
}

/// As [`run`], as part of a larger program that has the name of its package.
#[must_use]
pub fn run_extended(
    name: &'static str,
    arguments: impl IntoIterator<Item = OsString>,
    extension: &Extension,
) -> u8 {
    run_with(arguments, Some((name, extension)))
}

fn run_with(
    arguments: impl IntoIterator<Item = OsString>,
    extension: Option<(&'static str, &Extension)>,
) -> u8 {
    let grammar = match extension {
        None => Arguments::command(),
        Some((name, extension)) => Arguments::command()
            .name(name)
            .mut_arg("cluster", |option| option.hide(false))
            .subcommand(extension.command.clone()),
    };
    let matches = match grammar.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(answer) => return explained(&answer),
    };
    if let (Some((_, extension)), Some((name, own))) = (extension, matches.subcommand())
        && name == extension.command.get_name()
    {
        return (extension.run)(own);
    }
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(answer) => return explained(&answer),
    };
    match command::run(arguments, extension.map(|(_, extension)| extension.connect)) {
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
