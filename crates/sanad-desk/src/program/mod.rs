//! The commands of the program `sanad-desk`. Nothing else in the crate prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]
#![allow(clippy::disallowed_methods, reason = "files that the user names are read here")]

mod serve;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{DeskConfig, NO_AUDIT};

/// The desk: grievances, harm to civilians and warnings. No independent audit yet: do not use for
/// real filings before one.
#[derive(Parser)]
#[command(name = "sanad-desk", version)]
struct DeskArguments {
    #[command(subcommand)]
    command: DeskCommand,
}

#[derive(Subcommand)]
enum DeskCommand {
    /// Serve the desk's pages. No independent audit yet: do not use for real filings before one.
    Serve(serve::ServeArguments),
    /// Check a public ledger, and proofs against it. Needs no account and no network.
    Verify(verify::VerifyArguments),
    /// Check a desk.toml and say everything that is wrong with it.
    Check {
        /// The file.
        config: PathBuf,
    },
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = DeskArguments::parse();
    eprintln!("{NO_AUDIT}");
    let outcome = match arguments.command {
        DeskCommand::Serve(arguments) => serve::serve(arguments),
        DeskCommand::Verify(arguments) => verify::verify(&arguments),
        DeskCommand::Check { config } => check(&config),
    };
    match outcome {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn check(config: &Path) -> Result<String, String> {
    let name = config.display().to_string();
    let desk = DeskConfig::read(&read(config)?, &name).map_err(|error| error.to_string())?;
    let open = desk.channels.iter().filter(|channel| channel.is_open).count();
    Ok(format!("{name}: {open} open channels, {} bodies, no fault", desk.bodies.len()))
}
