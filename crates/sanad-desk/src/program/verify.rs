//! `sanad-desk verify`: checks a public ledger and proofs against it, without an account.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::read;
use crate::ledger::{Hash256, Ledger, Proof};

/// What is to be verified.
#[derive(clap::Args)]
pub(super) struct VerifyArguments {
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
}

pub(super) fn verify(arguments: &VerifyArguments) -> Result<String, String> {
    let VerifyArguments { ledger, proofs, head, reaches } = arguments;
    let named = |path: &Path, fault: &dyn Display| format!("{}: {fault}", path.display());
    let known = head.as_deref().map(Hash256::from_hex).transpose();
    let known = known.map_err(|error| format!("--head: {error}"))?;
    let read_ledger = Ledger::read(&read(ledger)?).map_err(|fault| named(ledger, &fault))?;
    read_ledger.check_end(known, *reaches).map_err(|fault| named(ledger, &fault))?;
    for path in proofs {
        let proof = Proof::read(&read(path)?).map_err(|fault| named(path, &fault))?;
        proof.check(&read_ledger).map_err(|fault| named(path, &fault))?;
    }
    let (days, head) = (read_ledger.days().len(), read_ledger.head().to_hex());
    Ok(format!("{days} days, {} proofs, head {head}", proofs.len()))
}
