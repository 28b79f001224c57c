//! Options of the commands about the cycle of events and dated interventions.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use sanad_core::Month;

use super::{Form, Subject};

#[derive(Debug, Args)]
pub(crate) struct CycleArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// First day used, or its year; by default the case's
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = first_day)]
    pub(crate) from: Option<NaiveDate>,
    /// Last day used, or its year; by default the case's
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = last_day)]
    pub(crate) to: Option<NaiveDate>,
    /// Kinds of the case, joined by commas, that make one model; by default the kinds that claims
    /// are tested with, and each further kind beside them
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) kinds: Vec<String>,
    /// Give profile intervals as well, adjusted for the backgrounds of all kinds: they cover better
    /// than the others and take minutes
    #[arg(long)]
    pub(crate) profile: bool,
    /// Sample the posterior of the branching matrix as well
    #[arg(long)]
    pub(crate) bayes: bool,
    /// Fit again with other shares of the dead between attack and operation
    #[arg(long)]
    pub(crate) explore: bool,
    /// The table on stdout
    #[arg(long, value_name = "TABLE", default_value = "links")]
    pub(crate) show: CycleTable,
    /// Write all tables into this folder as CSV
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

fn first_day(text: &str) -> Result<NaiveDate, String> {
    day(text, (1, 1))
}

fn last_day(text: &str) -> Result<NaiveDate, String> {
    day(text, (12, 31))
}

/// A day, or that day of a year.
fn day(text: &str, (month, day): (u32, u32)) -> Result<NaiveDate, String> {
    let year = if text.len() == 4 { text.parse().ok() } else { None };
    let of_year = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    of_year
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "expected a day such as 2014-06-15, or a year".to_owned())
}

/// Tables of an excitation study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CycleTable {
    /// A row for each link: branching coefficient, half-life, test, power
    Links,
    /// A row for each kind: events, share that events bring, goodness of fit
    Kinds,
    /// No links, self-excitation only and all links, compared
    Models,
    /// Spectral radius, its interval and the probability that it exceeds one
    Whole,
    /// Links with other shares of the dead between attack and operation
    Explored,
}

impl CycleTable {
    /// The file's name without its ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Kinds => "kinds",
            Self::Models => "models",
            Self::Whole => "whole",
            Self::Explored => "explored",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Interventions {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Look at one intervention only
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// The table on stdout
    #[arg(long, value_name = "TABLE", default_value = "changes")]
    pub(crate) show: InterventionTable,
    /// Write all tables into this folder as CSV, and pictures of series and comparisons as SVG
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

/// Tables of a study of interventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InterventionTable {
    /// Change of level and slope by region
    Changes,
    /// Districts aimed at against other districts
    Controls,
    /// Mean counts a month in the two years before and after
    Means,
    /// The change with every start month within two years of the declared one
    Starts,
}

impl InterventionTable {
    /// The file's name without its ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Controls => "controls",
            Self::Means => "means",
            Self::Starts => "starts",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct KindYearsArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// First year, that of an event's last day; by default that of the first event
    #[arg(long, value_name = "YYYY")]
    pub(crate) from: Option<i32>,
    /// Last year; by default that of the last event
    #[arg(long, value_name = "YYYY")]
    pub(crate) to: Option<i32>,
    /// The table on stdout
    #[arg(long, value_name = "TABLE", default_value = "events")]
    pub(crate) show: KindYearTable,
    /// Write all tables into this folder as CSV
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

/// Tables of events by year and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindYearTable {
    /// Every event in one kind or among those not told apart
    Events,
    /// Kinds of the cycle: what can be told of them, and what is not told apart
    Told,
    /// Events in which the state harmed civilians: three bounds
    Harm,
}

impl KindYearTable {
    /// The file's name without its ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Told => "told",
            Self::Harm => "harm",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CapabilityArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Organisations of the case by id, joined by commas; by default all with an event
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) organisations: Vec<String>,
    /// First month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) from: Option<Month>,
    /// Last month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) to: Option<Month>,
    /// The table on stdout
    #[arg(long, value_name = "TABLE", default_value = "months")]
    pub(crate) show: CapabilityTable,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

/// Tables of organisations' capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CapabilityTable {
    /// A row for each organisation and month
    Months,
    /// Alliances, memberships, mergers and splits by date
    Ties,
    /// Means of attack by organisation, as the chronicle and imported tables of events code them, with
    /// the events of which none is coded; none is inferred
    Means,
}

#[derive(Debug, Args)]
pub(crate) struct MomentsArgs {
    /// The events (.csv or .parquet): columns time, a number from 0 in any unit, and kind
    pub(crate) file: PathBuf,
    /// When the observation ended, in the unit of the times; by default at the last event
    #[arg(long, value_name = "TIME")]
    pub(crate) end: Option<f64>,
    /// The half-life of every link where it is known, in the unit of the times: the time after which
    /// half of the events that one brings have come. Without it each link's is estimated
    #[arg(long, value_name = "TIME")]
    pub(crate) half_life: Option<f64>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}
