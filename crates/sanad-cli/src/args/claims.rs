//! Options of the commands about a text's claims and the organisations' network.

use std::path::PathBuf;

use clap::Args;
use sanad_core::Month;

use super::{Form, Subject};

#[derive(Debug, Args)]
pub(crate) struct ClaimsArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Show one claim only; the others are tested as well, because verdicts reckon with them
    #[arg(long, value_name = "ID")]
    pub(crate) claim: Option<String>,
    /// Write a page for each claim, the causal map and the table into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct OrganisationNetworkArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The month whose ties a GraphML file holds and whose organisations are listed; by default
    /// every month in which a tie begins or ends is a row
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) month: Option<Month>,
    /// The file to write: .gexf with the dates of all ties, .graphml with those of one month, or a
    /// table (.csv, .parquet, .json, .md)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}
