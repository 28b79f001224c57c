//! Options of the command about levels.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sanad_core::Month;

use super::{Form, Subject};

/// Which table of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelTable {
    /// What each release knows, at which level and since when
    Stretches,
    /// Every month taken apart by the level at which its events are known; the parts add up
    Months,
    /// How often a conflict's name gives the theatre where its events happened
    Theatres,
    /// Forecasts of districts from the end of hidden years against their own last known months
    GapTrial,
    /// Districts in the year after the last month that is known by theatre, where the trial was won
    GapForecast,
}

#[derive(Debug, Args)]
pub(crate) struct Levels {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Which table
    #[arg(long, value_name = "WHICH", default_value = "stretches")]
    pub(crate) table: LevelTable,
    /// First month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) from: Option<Month>,
    /// Last month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) to: Option<Month>,
    /// The file to write (.csv, .parquet, .json, .md) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}
