//! `sanad-desk custodian`: a custodian's key, made on the custodian's own machine, so that the
//! secret half never is on the desk's.

use std::path::PathBuf;

use crate::backup::write_durably;
use crate::config::is_id;
use crate::custodian::sealed_key;
use crate::ledger::Hash256;
use crate::program::in_words;
use crate::vault::{KeyPair, PasswordCost};

/// Whose key is to be made.
#[derive(clap::Args)]
pub(super) struct CustodianArguments {
    /// The custodian's name, as in desk.toml.
    name: String,
    /// Where the sealed key is written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn make(arguments: &CustodianArguments) -> Result<String, String> {
    let CustodianArguments { name, out } = arguments;
    if !is_id(name) {
        return Err(format!("{name:?} is no name: expected 1 to 40 of a to z, 0 to 9 and -"));
    }
    let pair = KeyPair::random().map_err(in_words)?;
    let (text, password) = sealed_key(name, &pair, PasswordCost::STANDARD).map_err(in_words)?;
    let public = Hash256(pair.public.0).to_hex();
    write_durably(out, text.as_bytes()).map_err(in_words)?;
    Ok(format!(
        "The sealed key is in {}. Keep it off the desk's machine, in two places.\n\
         Its password is shown now and never again:\n\n    {}\n\n\
         The desk needs only this line:\n\n    --custodian {name}={public}",
        out.display(),
        password.as_str(),
    ))
}
