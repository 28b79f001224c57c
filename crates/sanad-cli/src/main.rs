//! `sanad`: a legitimacy observatory for conflict analysts.
//!
//! The only crate that prints and the only one that asks the clock for today's date. stdout is
//! data, stderr is talk. Exit codes: 0 done, 1 failed, 2 wrong use.

#![allow(clippy::disallowed_methods)]

mod args;
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

use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::from(if error.is_wrong_use() { 2 } else { 1 })
        }
    }
}
