//! `sanad observations`.

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::{Folder, Form};

/// How fine a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceLevel {
    /// Countries, and groups of them
    Country,
    /// Provinces and territories
    Adm1,
    /// Districts
    Adm2,
}

#[derive(Debug, Args)]
pub(crate) struct Observations {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Series of sources, joined by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) source: Vec<String>,
    /// Codes of indicators, joined by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) indicator: Vec<String>,
    /// ISO 3166-1 alpha-3 codes of countries, joined by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) country: Vec<String>,
    /// How fine the place is
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<PlaceLevel>,
    /// First day that a period may touch
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day that a period may touch
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<NaiveDate>,
    /// Use only what was published by this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// How the table is written to stdout
    #[arg(long, default_value = "csv")]
    pub(crate) format: Form,
}
