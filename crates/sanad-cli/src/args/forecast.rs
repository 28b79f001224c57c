//! Options of the commands about forecasts.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::bounds::draws;
use super::{Form, Subject, UnitName};

/// A first and a last number, as in `3..14`; one number stands for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MonthSpan {
    pub(crate) first: i32,
    pub(crate) last: i32,
}

impl FromStr for MonthSpan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let number = |part: &str| part.trim().trim_start_matches('=').parse::<i32>();
        match (number(first), number(last)) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err("expected FIRST..LAST, both included, such as 3..14".to_owned()),
        }
    }
}

impl MonthSpan {
    /// The numbers as steps ahead; empty when the first is below zero.
    pub(crate) fn steps(self) -> RangeInclusive<usize> {
        let number = |n: i32| usize::try_from(n).unwrap_or(0);
        number(self.first)..=number(self.last)
    }
}

/// A month of the year, by English name, its first three letters, or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MonthOfYear(pub(crate) u32);

impl FromStr for MonthOfYear {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NAMES: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let text = text.to_lowercase();
        let named = NAMES.iter().position(|name| *name == text || name[..3] == text);
        let numbered = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        match named.or(numbered).filter(|&at| at < 12) {
            Some(at) => Ok(Self(at as u32 + 1)),
            None => Err("expected the name of a month, such as october".to_owned()),
        }
    }
}

/// What scores are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScoreBy {
    /// A row per month
    Month,
    /// A row per place
    Place,
}

#[derive(Debug, Args)]
pub(crate) struct Score {
    /// What happened: CSV or Parquet with month_id, a place column and the value
    #[arg(long, value_name = "FILE")]
    pub(crate) actuals: PathBuf,
    /// Forecasts to score: month_id, the same place column, and one row per draw in outcome
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub(crate) draws: Vec<PathBuf>,
    /// The column of values in the actuals; found by itself when it is outcome, ged_sb or deaths_best
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Option<String>,
    /// The column of places in both; found by itself when it is country_id, priogrid_gid, pg_id or place_id
    #[arg(long, value_name = "COLUMN")]
    pub(crate) place_column: Option<String>,
    /// Break the scores down
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<ScoreBy>,
    /// Seed of the intervals' resampling
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "csv")]
    pub(crate) format: Form,
}

/// Deaths of which kind of violence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScoredOutcome {
    /// State-based violence, as VIEWS names it
    GedSb,
    /// Non-state violence
    GedNs,
    /// One-sided violence
    GedOs,
    /// All three
    Deaths,
}

#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    /// The series: CSV or Parquet with month_id, a place column and the target
    #[arg(long, value_name = "FILE", required_unless_present = "subject")]
    pub(crate) series: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) subject: OptionalSubject,
    /// What the places of an observatory are
    #[arg(long, default_value = "adm2")]
    pub(crate) unit: UnitName,
    /// The column of the series to forecast; of an observatory ged_sb, ged_ns, ged_os or deaths
    #[arg(long, value_name = "COLUMN", default_value = "ged_sb")]
    pub(crate) target: String,
    /// The column of places; found by itself when it is country_id, priogrid_gid, pg_id or place_id
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
    /// A model by name, several joined by commas, or all; names joined by + are pooled
    #[arg(long, value_name = "NAME", default_value = "sanad")]
    pub(crate) model: String,
    /// Draws for each place and month
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = draws)]
    pub(crate) draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Train each window on what the observatory knew on the last day of its training
    #[arg(long, requires = "observatory")]
    pub(crate) vintages: bool,
    /// The folder for scores, differences, places, draws and the report
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

/// A case, an observatory, both or neither.
#[derive(Debug, Args)]
#[group(id = "subject", multiple = true, conflicts_with = "series")]
pub(crate) struct OptionalSubject {
    /// A case to take the series from, instead of a file
    pub(crate) case: Option<PathBuf>,
    /// An observatory to take the series from, instead of a file
    #[arg(long, value_name = "DIR")]
    pub(crate) observatory: Option<PathBuf>,
}

impl OptionalSubject {
    pub(crate) fn subject(&self) -> Subject {
        Subject { case: self.case.clone(), observatory: self.observatory.clone() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Forecast {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// What a row stands for; provinces and the country are sums of their districts, draw by draw
    #[arg(long, default_value = "adm1")]
    pub(crate) unit: UnitName,
    /// Which deaths
    #[arg(long, default_value = "ged-sb")]
    pub(crate) target: ScoredOutcome,
    /// Months ahead of the last month known
    #[arg(long, value_name = "FIRST..LAST", default_value = "1..12")]
    pub(crate) steps: MonthSpan,
    /// The model
    #[arg(long, value_name = "NAME", default_value = "sanad")]
    pub(crate) model: String,
    /// Draws for each place and month
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = draws)]
    pub(crate) draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Use only what was published by this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// Write the draws here (.parquet or .csv): month_id, the place, draw, outcome
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Say instead what moved each place's forecast away from its own last 12 months
    #[arg(long)]
    pub(crate) explain: bool,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_inclusive_and_one_number_stands_for_both() {
        assert_eq!("3..14".parse(), Ok(MonthSpan { first: 3, last: 14 }));
        assert_eq!("2018".parse(), Ok(MonthSpan { first: 2018, last: 2018 }));
        assert_eq!("1..=3".parse(), Ok(MonthSpan { first: 1, last: 3 }));
        for wrong in ["", "..", "3..", "4..3", "a..b"] {
            assert!(wrong.parse::<MonthSpan>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn months_have_names_short_names_and_numbers() {
        for text in ["october", "Oct", "10"] {
            assert_eq!(text.parse(), Ok(MonthOfYear(10)));
        }
        for wrong in ["0", "13", "octobre", ""] {
            assert!(wrong.parse::<MonthOfYear>().is_err(), "{wrong}");
        }
    }
}
