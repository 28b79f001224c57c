//! The commands and their options.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sanad_core::Month;

use self::bounds::whole;

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
mod publish;
mod scenario;
mod serve;

pub(crate) use ablation::AblationArgs;
pub(crate) use case::{AttributeList, CaseArgs, CaseCommand, CaseNew, CaseTrials};
pub(crate) use cycle::{
    CapabilityArgs, CapabilityTable, CycleArgs, CycleTable, InterventionTable, Interventions,
    KindYearTable, KindYearsArgs, MomentsArgs,
};
pub(crate) use fetch::{Fetch, NetworkArgs, UpdateArgs};
pub(crate) use forecast::{
    BacktestArgs, Forecast, MonthOfYear, MonthSpan, Score, ScoreBy, ScoredOutcome,
};
pub(crate) use fronts::{AgreementArgs, FrontUnit, FrontsArgs, NarrativeArgs};
pub(crate) use import::{Import, ImportFormat};
pub(crate) use levels::{LevelTable, Levels};
pub(crate) use observations::{Observations, PlaceLevel};
pub(crate) use publish::Publish;
pub(crate) use scenario::{
    BenchmarksArgs, Calibrate, MethodName, ModelArgs, ModelCheck, ModelCommand, ModelGraph,
    ModelVariables, ModelWrite, Scenario, Simulate,
};
pub(crate) use serve::Serve;

/// The words of the list of commands, in the order in which a reader meets them.
const WORDS: &str = "\
Words:
  case         a folder of text files that says which country is studied and how; some are shipped
               in the folder cases
  text         the policy text that a case follows, if any; its claims are put to the test
  observatory  a folder that keeps imported records, each with its source
  front        one of three fields on which a state's legitimacy is contested: narrative (what armed
               organisations say), governance (justice, services, civic space) and regional (the
               neighbours)
  panel        a table with a row for each place and month
  draws        simulated outcomes that together are a forecast's distribution

Start with: sanad brief CASE, where CASE is the folder of a case";

/// Measure how strained a state's legitimacy is, and trace every number to its source
///
/// Keeps public records of violence, of public statements, of acts of the state and of relations
/// between states, counts them by place and month, and writes a briefing in which every number leads
/// back to its records.
#[derive(Debug, Parser)]
#[command(name = "sanad", version, arg_required_else_help = true, after_help = WORDS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How many threads to work on; 0 for as many as the machine has. Results do not depend on it
    #[arg(long, global = true, default_value = "0", value_name = "N",
          value_parser = whole(0_u16..=512))]
    pub(crate) threads: u16,
    /// Have what reads the observatory computed by the cluster at this address, with sanad-cluster
    ///
    /// The observatory lies in a folder that every machine of the cluster sees under the same path. Answers
    /// are the same. --threads is then the number of parts that the work is cut into.
    // Shown by the program that has a cluster; the other one says where to get it.
    #[arg(long, global = true, value_name = "URL", hide = true)]
    pub(crate) cluster: Option<String>,
}

mod claims;

pub(crate) use claims::{ClaimsArgs, OrganisationNetworkArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the briefing on a case's country as one HTML file
    Brief(Brief),
    /// Show the same numbers in a browser, and give them to programs on this machine
    Serve(Serve),
    /// Write the same pages as a folder of files, for a web host or a memory stick
    ///
    /// Everything works but free questions: pages, figures, tables, and the records behind the numbers of
    /// the last months. Each run stays in a folder under its day, `latest` leads to the newest, and a page
    /// and a feed say what changed since the run before.
    Publish(Publish),
    /// Begin a case, the folder that says which country is studied and how, or make a table that it ships
    Case(CaseArgs),
    /// Put each causal claim of the case's text to its test, and print a verdict
    ///
    /// Supported: the record shows what the claim predicts. Contradicted: it shows the opposite, or too
    /// little although the test would have found it. Inconclusive: the record does not tell. Not
    /// testable: no data at hand bear on the claim.
    Claims(ClaimsArgs),
    /// Estimate how often one kind of event, such as an attack, triggers another, by day
    ///
    /// Fits a daily self-exciting model. The branching coefficient of a link is the mean number of
    /// events of the second kind that one event of the first brings. All of them together are the
    /// branching matrix; where its spectral radius exceeds one, events would bring events without end.
    Cycle(CycleArgs),
    /// Estimate how kinds of event trigger one another, from a file of exact moments
    ///
    /// Fits a Hawkes process in continuous time with exponential kernels. Events of a kind must not share
    /// a moment; where only days are known, use `sanad cycle`.
    Moments(MomentsArgs),
    /// Describe what each armed organisation did by month: attacks, districts, deaths, targets
    Capability(CapabilityArgs),
    /// Count events by year and kind: attack, operation, strike, or not told apart by the source
    Kinds(KindYearsArgs),
    /// Estimate what changed at a dated intervention, such as a military operation
    ///
    /// By region: how level and growth of monthly counts changed against their earlier course. By
    /// district: how the districts aimed at went on compared with a mix of others that had gone alike
    /// before (synthetic control).
    Interventions(Interventions),
    /// Trace which organisations were allied, merged or split, month by month
    Network(OrganisationNetworkArgs),
    /// Measure the strain on each front by place and month, from 0 to 100
    ///
    /// Each index has an interval and its evidence share: how much of the weight of its indicators had
    /// data.
    Fronts(FrontsArgs),
    /// Measure what armed organisations say: themes, timing, and claims against the record
    ///
    /// Statements are coded by frames, which are what they appeal to. The measures are how frames are
    /// mixed, whether organisations change them in step (synchrony), and how many events they claim
    /// against how many were recorded. No text of a statement is kept.
    Narrative(NarrativeArgs),
    /// Measure how well several coders agree on the same statements (Krippendorff's alpha)
    Agreement(AgreementArgs),
    /// Download publishers' newest data into a folder, whole or not at all
    Fetch(Fetch),
    /// Download what a case names, import it, and write the briefing
    Update(UpdateArgs),
    /// Bring a file of records into an observatory
    Import(Import),
    /// Check every file of an observatory, and repair what can be repaired
    Doctor(DoctorArgs),
    /// Merge the small files of an observatory and remove what nothing needs
    Compact(Compact),
    /// Count events and deaths by place and month, for R, Python or DuckDB
    Panel(PanelArgs),
    /// List policy commitments with target and date, and where each stands
    Benchmarks(BenchmarksArgs),
    /// Fit a case's simulation model to what was recorded, and check what it reproduces
    ///
    /// The result is an ensemble: many members, each a set of values under which the model comes near
    /// the record.
    Calibrate(Calibrate),
    /// Simulate what policies might change, and compare them
    ///
    /// Each scenario runs with every member of the model's ensemble, a set of values under which the
    /// model comes near the record, so that scenarios are compared member by member.
    Scenario(Scenario),
    /// Query records and results with SQL
    Sql(Sql),
    /// List the records behind one number
    Why(Why),
    /// List values of indicators, such as the World Bank's, with the source and row of each
    Observations(Observations),
    /// List what was imported into an observatory, with versions and licences
    Sources(Sources),
    /// Say how finely each month is known: by country, theatre, province or district
    ///
    /// A theatre is a set of provinces that the case declares, with the names of conflicts that imply
    /// it.
    Levels(Levels),
    /// Write counts of events that a case can ship, so that it needs no observatory
    Counts(CountsArgs),
    /// Forecast deaths by place and month, as a distribution
    Forecast(Forecast),
    /// Forecast past years as if they were still to come, and score the forecasts
    Backtest(BacktestArgs),
    /// Score files of forecasts, given as draws, against what happened
    Score(Score),
    /// Run any system-dynamics model (XMILE), once or many times over
    Simulate(Simulate),
    /// Check a system-dynamics model, or draw it
    Model(ModelArgs),
    /// Test whether the fronts improve a forecast made from past violence alone
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
    /// An observatory (see `sanad import`) whose records are used in place of the counts that the
    /// case ships
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
    /// Districts, or what else the case's second level holds
    Adm2,
    /// PRIO-GRID cells of half a degree
    Priogrid,
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
    /// What a row stands for
    #[arg(long)]
    pub(crate) unit: UnitName,
    /// Which month an event of several days counts in
    #[arg(long, value_name = "RULE", default_value = "end")]
    pub(crate) date_rule: DateRuleName,
    /// Whether events count in the places of their own day or in today's
    #[arg(long, value_name = "WHICH", default_value = "contemporary")]
    pub(crate) places: PlacesName,
    /// Use only what was published by this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// The source that is counted, as the column source of `sanad sources` names it
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
    /// How the table is written to stdout
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
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = whole(16_u32..=1_048_576))]
    pub(crate) memory: u32,
    /// Time that it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = whole(1_u32..=86_400))]
    pub(crate) time: u32,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
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
    /// How the table is written to stdout
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
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Sources {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct CountsArgs {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The source that is counted, as the column source of `sanad sources` names it
    #[arg(long, value_name = "SERIES", default_value = "ucdp-ged")]
    pub(crate) source: String,
    /// The country, by its Gleditsch–Ward number, which UCDP GED has as country_id
    #[arg(long, value_name = "NUMBER")]
    pub(crate) country: i32,
    /// Count by day and by the kinds of the case's cycle.toml instead
    #[arg(long)]
    pub(crate) days: bool,
    /// The file to write (.parquet or .csv)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
