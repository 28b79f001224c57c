//! The commands and their options.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sanad_core::Month;

mod ablation;
mod bounds;
mod case;
mod cycle;
mod fetch;
mod forecast;
mod fronts;
mod import;
mod levels;
mod observations;
mod scenario;
mod serve;

pub(crate) use ablation::AblationArgs;
pub(crate) use case::{AttributeList, CaseArgs, CaseCommand, CaseNew, CaseTrials};
pub(crate) use cycle::{
    CapabilityArgs, CapabilityTable, CycleArgs, CycleTable, InterventionTable, Interventions,
    KindYearTable, KindYearsArgs,
};
pub(crate) use fetch::{Fetch, NetworkArgs, UpdateArgs};
pub(crate) use forecast::{
    BacktestArgs, Forecast, MonthOfYear, MonthSpan, Score, ScoreBy, ScoredOutcome,
};
pub(crate) use fronts::{AgreementArgs, FrontUnit, FrontsArgs, NarrativeArgs};
pub(crate) use import::{Import, ImportFormat};
pub(crate) use levels::{LevelTable, Levels};
pub(crate) use observations::{LevelName, Observations};
pub(crate) use scenario::{
    BenchmarksArgs, Calibrate, MethodName, ModelArgs, ModelCheck, ModelCommand, ModelGraph,
    ModelVariables, ModelWrite, Scenario, Simulate,
};
pub(crate) use serve::Serve;

/// A legitimacy observatory for conflict analysts
///
/// Keeps public records of violence, statements, state acts and relations with the chain of their
/// sources, counts them by place and month, and writes a briefing.
#[derive(Debug, Parser)]
#[command(name = "sanad", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How many threads to work on; 0 for as many as the machine has. Results do not depend on it
    #[arg(long, global = true, default_value = "0", value_name = "N",
          value_parser = clap::value_parser!(u16).range(0..=512))]
    pub(crate) threads: u16,
}

mod claims;

pub(crate) use claims::{ClaimsArgs, OrganisationNetworkArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the briefing of a case as one HTML file
    Brief(Brief),
    /// Serve pages and tables to a browser and to programs on this machine, read-only
    Serve(Serve),
    /// Make a new case, or a table that a case ships
    Case(CaseArgs),
    /// Try the text's causal claims and print a verdict on each
    Claims(ClaimsArgs),
    /// Whether one kind of event brings another, by day: the branching matrix with its tests
    Cycle(CycleArgs),
    /// What each organisation did by month: attacks, reach, coordination, deadliness, aim
    Capability(CapabilityArgs),
    /// Events by year and kind: attacks, operations, strikes, and how many cannot be told apart
    Kinds(KindYearsArgs),
    /// What changed at dated interventions, by region and against other districts
    Interventions(Interventions),
    /// The organisations' network by month, from their dated ties
    Network(OrganisationNetworkArgs),
    /// Measure the three fronts by place and month, with intervals and evidence
    Fronts(FrontsArgs),
    /// Measure the narrative front: mixes of frames, synchrony, claims against the record
    Narrative(NarrativeArgs),
    /// Krippendorff's alpha of a file of several coders' codings, with its 90 % interval
    Agreement(AgreementArgs),
    /// Fetch publishers' newest releases into a folder, resumed and checked
    Fetch(Fetch),
    /// Fetch what a case names, import it, and write the briefing
    Update(UpdateArgs),
    /// Bring a file into an observatory
    Import(Import),
    /// Check every file of an observatory, and repair what can be repaired
    Doctor(DoctorArgs),
    /// Merge the files of small imports and remove what nothing needs
    Compact(Compact),
    /// Count records by place and month
    Panel(PanelArgs),
    /// List the commitments and steps of a case, and where each stands
    Benchmarks(BenchmarksArgs),
    /// Fit the model of a case to the case's record, and check what the fit reproduces
    Calibrate(Calibrate),
    /// Compare the scenarios of a case over an ensemble of its model
    Scenario(Scenario),
    /// Query records and results with SQL
    Sql(Sql),
    /// List the records behind one number of a panel
    Why(Why),
    /// List values of indicators, with the source and row of each
    Observations(Observations),
    /// List the sources of an observatory
    Sources(Sources),
    /// Say at which level each month is known: country, theatre, province, district
    Levels(Levels),
    /// Count records by place, month, type of violence and sides, for a case to ship
    Counts(CountsArgs),
    /// Forecast deaths by place and month as draws
    Forecast(Forecast),
    /// Forecast past windows as if they were to come, and score what came
    Backtest(BacktestArgs),
    /// Score forecasts that are held as draws
    Score(Score),
    /// Run a system-dynamics model, once or as an ensemble
    Simulate(Simulate),
    /// Check a system-dynamics model, or draw it
    Model(ModelArgs),
    /// Forecast with and without each front's series, and say what it saves
    Ablation(AblationArgs),
}

/// The form of a table on stdout or in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Aligned columns
    Table,
    /// Comma-separated values
    Csv,
    /// Comma-separated values for a spreadsheet: an apostrophe before texts that begin with =, +, - or @
    Spreadsheet,
    /// A JSON array
    Json,
    /// Parquet
    Parquet,
    /// A Markdown table
    Md,
}

/// Where an observatory is.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// The observatory's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) observatory: PathBuf,
}

/// What is studied: a case, an observatory, or a case with an observatory's records.
#[derive(Debug, Args)]
#[group(id = "subject", required = true, multiple = true)]
pub(crate) struct Subject {
    /// The folder of the case; without it, the case that was imported into the observatory
    pub(crate) case: Option<PathBuf>,
    /// Use this observatory's records instead of the case's own figures
    #[arg(long, value_name = "DIR")]
    pub(crate) observatory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Brief {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "brief.html")]
    pub(crate) out: PathBuf,
    /// Leave out what takes more than a moment to compute, such as the forecast
    #[arg(long)]
    pub(crate) quick: bool,
}

/// What the rows of a panel stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnitName {
    /// Countries
    Country,
    /// Provinces and territories
    Adm1,
    /// Districts, agencies and frontier regions
    Adm2,
    /// PRIO-GRID cells of half a degree
    Priogrid,
}

impl UnitName {
    /// Many of them, in prose.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Country => "countries",
            Self::Adm1 => "provinces",
            Self::Adm2 => "districts",
            Self::Priogrid => "grid cells",
        }
    }
}

/// Which month an event of several days counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DateRuleName {
    /// The month of its last day
    End,
    /// The month of its first day
    Start,
    /// Every month in proportion to its days
    Spread,
}

/// On which places a series is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlacesName {
    /// The places of their day
    Contemporary,
    /// Today's places, through successors
    Current,
}

/// What a panel is made of.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// What the rows stand for
    #[arg(long)]
    pub(crate) unit: UnitName,
    /// Which month an event of several days counts in
    #[arg(long, value_name = "RULE", default_value = "end")]
    pub(crate) date_rule: DateRuleName,
    /// On which places
    #[arg(long, value_name = "WHICH", default_value = "contemporary")]
    pub(crate) places: PlacesName,
    /// What was known on this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// The series of the source
    #[arg(long, value_name = "SERIES", default_value = "ucdp-ged")]
    pub(crate) source: String,
    /// Only records of these countries: Gleditsch–Ward numbers joined by commas
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub(crate) country: Vec<i32>,
}

#[derive(Debug, Args)]
pub(crate) struct PanelArgs {
    #[command(flatten)]
    pub(crate) folder: Folder,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// First month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) from: Month,
    /// Last month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) to: Month,
    /// Split by organisation: "each", or actor numbers of the source joined by commas
    #[arg(long, value_name = "WHICH")]
    pub(crate) organisation: Option<String>,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The form on stdout
    #[arg(long, default_value = "csv")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Sql {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// One SELECT statement
    pub(crate) statement: String,
    /// Memory that the statement may use; sorting and grouping go on in files beyond it
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(16..=1_048_576))]
    pub(crate) memory: u32,
    /// Time that it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) time: u32,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The form on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Repair what can be repaired without the sources; nothing that a state could name is deleted
    #[arg(long)]
    pub(crate) repair: bool,
    /// The form on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Compact {
    #[command(flatten)]
    pub(crate) folder: Folder,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    #[command(flatten)]
    pub(crate) subject: Subject,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// The place, by id or name
    #[arg(long, value_name = "PLACE")]
    pub(crate) place: String,
    /// The month
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) month: Month,
    /// The measure
    #[arg(long, value_name = "MEASURE", default_value = "deaths_best")]
    pub(crate) measure: String,
    /// The form on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Sources {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The form on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct CountsArgs {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The series of the source
    #[arg(long, value_name = "SERIES", default_value = "ucdp-ged")]
    pub(crate) source: String,
    /// Gleditsch–Ward number of the country
    #[arg(long, value_name = "NUMBER")]
    pub(crate) country: i32,
    /// Count by day and by the kinds of the case's cycle.toml instead
    #[arg(long)]
    pub(crate) days: bool,
    /// The file to write (.parquet or .csv)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
