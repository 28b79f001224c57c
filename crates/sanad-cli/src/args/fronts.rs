//! Options of the commands about the three fronts.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use sanad_core::Month;

use super::bounds::resamples;
use super::{Form, Subject};

/// Which places the fronts are measured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FrontUnit {
    /// Provinces and territories of today
    Adm1,
    /// Districts of today
    Adm2,
}

#[derive(Debug, Args)]
pub(crate) struct FrontsArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// What a row stands for
    #[arg(long, default_value = "adm1")]
    pub(crate) unit: FrontUnit,
    /// First month shown
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) from: Option<Month>,
    /// Last month shown
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) to: Option<Month>,
    /// Use only what was published by this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// List what each index of a place (by id or name) in a month is made of; the amounts of a
    /// front sum to its index
    #[arg(long, value_names = ["PLACE", "YYYY-MM"], num_args = 2, conflicts_with = "sensitivity")]
    pub(crate) why: Option<Vec<String>>,
    /// List how much each uncertain choice moves each place's index and rank in this month (Sobol
    /// indices, first order and total)
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) sensitivity: Option<Month>,
    /// List the indicators, and where each has values
    #[arg(long, conflicts_with_all = ["sensitivity", "why"])]
    pub(crate) indicators: bool,
    /// How the table is written to stdout
    #[arg(long, default_value = "csv")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct NarrativeArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct AgreementArgs {
    /// The codings (.csv or .parquet): columns id, coder, and one or more of codes, several codes
    /// joined by semicolons
    pub(crate) file: PathBuf,
    /// The columns of codes, joined by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "frames")]
    pub(crate) column: Vec<String>,
    /// Resamples of units for the interval
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = resamples)]
    pub(crate) resamples: usize,
    /// Seed of the resamples
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) seed: u64,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}
