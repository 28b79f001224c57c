//! The program `sanad-desk`. What it can do so far: check a public ledger with proofs, and check a
//! `desk.toml`. It does not serve yet.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]
#![allow(clippy::disallowed_methods, reason = "files that the user names are read here")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::civil::Date;
use sanad_desk::ledger::{Hash256, Ledger, Proof};
use sanad_desk::{DeskConfig, NO_AUDIT};

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
    /// Check a public ledger, and proofs against it. Needs no account and no network.
    Verify {
        /// The ledger as it was published.
        ledger: PathBuf,
        /// Proofs of filers.
        proofs: Vec<PathBuf>,
        /// A head that you noted earlier: without it nobody can tell a ledger that was cut off or
        /// written anew from one that was not.
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
        /// A day that has to be in the ledger, such as yesterday.
        #[arg(long, value_name = "YYYY-MM-DD")]
        reaches: Option<Date>,
    },
    /// Check a desk.toml and say everything that is wrong with it.
    Check {
        /// The file.
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = DeskArguments::parse();
    eprintln!("{NO_AUDIT}");
    let outcome = match arguments.command {
        DeskCommand::Verify { ledger, proofs, head, reaches } => {
            verify(&ledger, &proofs, head.as_deref(), reaches)
        }
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

fn verify(
    ledger: &Path,
    proofs: &[PathBuf],
    head: Option<&str>,
    reaches: Option<Date>,
) -> Result<String, String> {
    let named = |path: &Path, fault: &dyn std::fmt::Display| format!("{}: {fault}", path.display());
    let known = head.map(Hash256::from_hex).transpose();
    let known = known.map_err(|error| format!("--head: {error}"))?;
    let read_ledger = Ledger::read(&read(ledger)?).map_err(|fault| named(ledger, &fault))?;
    read_ledger.check_end(known, reaches).map_err(|fault| named(ledger, &fault))?;
    for path in proofs {
        let proof = Proof::read(&read(path)?).map_err(|fault| named(path, &fault))?;
        proof.check(&read_ledger).map_err(|fault| named(path, &fault))?;
    }
    let (days, head) = (read_ledger.days().len(), read_ledger.head().to_hex());
    Ok(format!("{days} days, {} proofs, head {head}", proofs.len()))
}

fn check(config: &Path) -> Result<String, String> {
    let name = config.display().to_string();
    let desk = DeskConfig::read(&read(config)?, &name).map_err(|error| error.to_string())?;
    let open = desk.channels.iter().filter(|channel| channel.is_open).count();
    Ok(format!("{name}: {open} open channels, {} bodies, no fault", desk.bodies.len()))
}
