//! The commands of the program `sanad-desk`. Nothing else in the crate prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]
#![allow(clippy::disallowed_methods, reason = "files that the user names are read here")]

mod custodian;
mod demo;
mod export;
mod init;
mod keeping;
mod recover;
mod serve;
mod user;
mod verify;

use std::fmt::Display;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::clock::{Clock as _, MachineClock};
use crate::folder::{Database, DeskFolder};
use crate::store::DeskStore;
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
    /// Check a desk.toml and say everything that is wrong with it.
    Check {
        /// The file.
        config: PathBuf,
    },
    /// Make a custodian's key, on the custodian's own machine.
    Custodian(custodian::CustodianArguments),
    /// Begin a desk in a new folder.
    Init(init::InitArguments),
    /// Add, list and remove the staff.
    User(user::UserArguments),
    /// Serve the desk's pages. No independent audit yet: do not use for real filings before one.
    Serve(serve::ServeArguments),
    /// Copy a desk into a new folder.
    Backup(keeping::BackupArguments),
    /// Make a desk of a backup, in a new folder. A damaged backup is refused.
    Restore(keeping::RestoreArguments),
    /// Check a public ledger, and proofs against it. Needs no account and no network.
    Verify(verify::VerifyArguments),
    /// Open the outer layer of a file's key, as the first of two custodians.
    Lend(recover::LendArguments),
    /// Open a file, as the second of two custodians. The filer sees it.
    Recover(recover::RecoverArguments),
    /// Destroy the keys and the content of what is past its time, and say what stays and why.
    Retention(keeping::RetentionArguments),
    /// Release the counts that are due, and write all released counts with a card.
    Export(export::ExportArguments),
    /// Make a desk of invented files that goes the whole way, in a new folder.
    Demo(demo::DemoArguments),
}

/// Which desk.
#[derive(clap::Args)]
struct DeskPlace {
    /// The desk's folder.
    #[arg(long = "data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not in the folder: postgres://USER@HOST/NAME. Needs a program built
    /// with --features postgres.
    #[arg(long, value_name = "ADDRESS")]
    database: Option<Database>,
}

impl DeskPlace {
    fn folder(&self) -> DeskFolder {
        let database = self.database.clone().unwrap_or(Database::InFolder);
        DeskFolder::new(&self.data).with_database(database)
    }

    fn open(&self) -> Result<(DeskConfig, Box<dyn DeskStore>), String> {
        self.folder().open().map_err(in_words)
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = DeskArguments::parse();
    say(NO_AUDIT);
    let outcome = match crate::forbid_dumps() {
        Ok(()) => obey(arguments.command),
        Err(error) => Err(format!("the system does not let memory dumps be forbidden: {error}")),
    };
    match outcome {
        Ok(said) => print(&said),
        Err(message) => {
            say(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line on the standard error. Talk that cannot be written is dropped: a server whose
/// terminal was closed goes on.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a result on the standard output. A result that cannot be written is a failure: a password
/// is shown once.
fn print(result: &str) -> ExitCode {
    match writeln!(std::io::stdout(), "{result}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: the result cannot be written on the standard output: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(command: DeskCommand) -> Result<String, String> {
    match command {
        DeskCommand::Check { config } => check(&config),
        DeskCommand::Custodian(arguments) => custodian::make(&arguments),
        DeskCommand::Init(arguments) => init::init(&arguments),
        DeskCommand::Serve(arguments) => serve::serve(arguments),
        DeskCommand::User(arguments) => user::user(&arguments),
        DeskCommand::Backup(arguments) => keeping::back_up(&arguments),
        DeskCommand::Restore(arguments) => keeping::restore(&arguments),
        DeskCommand::Verify(arguments) => verify::verify(&arguments),
        DeskCommand::Lend(arguments) => recover::lend(&arguments),
        DeskCommand::Recover(arguments) => recover::recover(&arguments),
        DeskCommand::Retention(arguments) => keeping::retention(&arguments),
        DeskCommand::Export(arguments) => export::export(&arguments),
        DeskCommand::Demo(arguments) => demo::demo(&arguments),
    }
}

fn in_words(error: impl Display) -> String {
    error.to_string()
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn check(config: &Path) -> Result<String, String> {
    let desk = read_config(config)?;
    let open = desk.channels.iter().filter(|channel| channel.is_open).count();
    let (name, bodies) = (config.display(), desk.bodies.len());
    Ok(format!("{name}: {open} open channels, {bodies} bodies, no fault"))
}

fn read_config(path: &Path) -> Result<DeskConfig, String> {
    DeskConfig::read(&read(path)?, &path.display().to_string()).map_err(in_words)
}

/// The day at the desk. Another one may be given where everything is invented; at a real desk it
/// would release counts before their time, or destroy files.
fn day_at(config: &DeskConfig, given: Option<Date>) -> Result<Date, String> {
    match given {
        None => Ok(MachineClock.today(&config.zone)),
        Some(day) if config.is_invented => Ok(day),
        Some(_) => Err("--today is for invented desks: a real one goes by the clock".to_owned()),
    }
}

/// Reads a password from a line of the standard input, without showing it on a terminal.
fn ask_password(whose: &str) -> Result<Zeroizing<String>, String> {
    use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
    let _ = write!(std::io::stderr(), "password of {whose}: ");
    let stdin = std::io::stdin();
    let shown = tcgetattr(&stdin).ok();
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(&stdin, SetArg::TCSAFLUSH, &hidden).map_err(in_words)?;
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.read_line(&mut line);
    if let Some(shown) = &shown {
        tcsetattr(&stdin, SetArg::TCSAFLUSH, shown).map_err(in_words)?;
        say("");
    }
    read.map_err(in_words)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
