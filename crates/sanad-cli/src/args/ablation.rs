//! Options of `sanad ablation`.

use std::path::PathBuf;

use clap::Args;

use super::bounds::draws;
use super::forecast::{MonthOfYear, MonthSpan, OptionalSubject};
use super::{Form, UnitName};

#[derive(Debug, Args)]
pub(crate) struct AblationArgs {
    /// The series: CSV or Parquet with month_id, a place column and the target
    #[arg(long, value_name = "FILE", required_unless_present = "subject", requires = "covariates")]
    pub(crate) series: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) subject: OptionalSubject,
    /// Further columns by month_id and the same place column; of a case the index of each front by
    /// province is used
    #[arg(long, value_name = "FILE", requires = "series")]
    pub(crate) covariates: Option<PathBuf>,
    /// A front and its columns of the covariates, such as governance=rule_of_law,voice
    #[arg(long = "front", value_name = "NAME=COLUMNS", requires = "covariates")]
    pub(crate) fronts: Vec<String>,
    /// The column of the series to forecast; of a case ged_sb, ged_ns, ged_os or deaths
    #[arg(long, value_name = "COLUMN", default_value = "ged_sb")]
    pub(crate) target: String,
    /// The column of places in both files
    #[arg(long, value_name = "COLUMN")]
    pub(crate) place_column: Option<String>,
    /// Years to forecast, one window each
    #[arg(long, value_name = "FIRST..LAST")]
    pub(crate) windows: MonthSpan,
    /// The last month a model sees, in the year before each window
    #[arg(long, value_name = "MONTH", default_value = "october")]
    pub(crate) train_end: MonthOfYear,
    /// Months ahead of it
    #[arg(long, value_name = "FIRST..LAST", default_value = "3..14")]
    pub(crate) steps: MonthSpan,
    /// The model; it must use covariates, as sanad and the hurdle models do
    #[arg(long, value_name = "NAME", default_value = "sanad")]
    pub(crate) model: String,
    /// Draws for each place and month
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = draws)]
    pub(crate) draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Leave indicators out of a case's fronts that count violent events, and so are made of what is
    /// forecast; without it all that the case declares are used
    #[arg(long, conflicts_with = "series")]
    pub(crate) without_counts: bool,
    /// Write the mean score of each front and window into this file, for the case to ship
    #[arg(long, value_name = "FILE", conflicts_with = "series")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

impl AblationArgs {
    /// What the places of a case are: its fronts are measured by province.
    pub(crate) const UNIT: UnitName = UnitName::Adm1;
}
