//! `sanad`: a legitimacy observatory for conflict analysts.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(sanad_cli::run(std::env::args_os()))
}
