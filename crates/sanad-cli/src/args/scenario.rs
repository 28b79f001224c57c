//! Options of the commands about system-dynamics models.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use sanad_core::Month;

use super::bounds::{chain_draws, chains, loops, members, whole};
use super::{Form, Subject};

/// How equations are integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Euler
    Euler,
    /// Runge–Kutta, second order
    Rk2,
    /// Runge–Kutta, fourth order
    Rk4,
}

/// A number above zero.
fn positive(text: &str) -> Result<f64, String> {
    let value = text.trim().parse::<f64>().ok();
    let value = value.filter(|value| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| "expected a number above zero".to_owned())
}

fn finite(text: &str) -> Result<f64, String> {
    let value = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| "expected a number".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// Set a variable, as in --set "contact rate=4"; one that the model computes is held at the
    /// value, and an array's name sets all its elements. May be given several times
    #[arg(long, value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub(crate) set: Vec<String>,
    /// Runs of an ensemble; with more than one, quantiles over them are written
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = members)]
    pub(crate) members: usize,
    /// Distributions of constants, one table each (TOML); each member draws from them
    #[arg(long, value_name = "FILE")]
    pub(crate) vary: Option<PathBuf>,
    /// Seed of the draws and of the model's random functions
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Integration method; the model's own when absent
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<MethodName>,
    /// First moment; the model's own when absent
    #[arg(long, value_name = "TIME", value_parser = finite, allow_hyphen_values = true)]
    pub(crate) start: Option<f64>,
    /// Last moment; the model's own when absent
    #[arg(long, value_name = "TIME", value_parser = finite, allow_hyphen_values = true)]
    pub(crate) stop: Option<f64>,
    /// Integration step; the model's own when absent
    #[arg(long, value_name = "TIME", value_parser = positive)]
    pub(crate) dt: Option<f64>,
    /// Time between saved rows; the model's own when absent, else every step
    #[arg(long, value_name = "TIME", value_parser = positive)]
    pub(crate) save_every: Option<f64>,
    /// Variables to keep, joined by commas; an array's name keeps all its elements; all when absent
    #[arg(long, value_name = "NAMES")]
    pub(crate) save: Vec<String>,
    /// Observations that the members go through: a table (CSV) with a column time and a column per
    /// variable, empty where nothing was observed. Every member ends where the record ends
    #[arg(long, value_name = "FILE", requires = "noise")]
    pub(crate) assimilate: Option<PathBuf>,
    /// Noise on stocks and densities of observed variables, one table each (TOML)
    #[arg(long, value_name = "FILE", requires = "assimilate")]
    pub(crate) noise: Option<PathBuf>,
    /// Learn the constants of --vary from all observations first, by chains that follow the gradient (NUTS, for
    /// Euler's method); members are draws of constants and paths given the whole record, --members rounded up to a
    /// multiple of --chains
    #[arg(long, requires = "assimilate", requires = "vary")]
    pub(crate) learn: bool,
    /// Chains of --learn
    #[arg(long, value_name = "N", default_value_t = 4, requires = "learn", value_parser = chains)]
    pub(crate) chains: usize,
    /// Draws of each chain of --learn, after as many of warm-up
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "learn", value_parser = chain_draws)]
    pub(crate) draws: usize,
    /// Also write what was learnt of each constant: mean, quantiles, R-hat, effective draws (.csv, .parquet, .json, .md)
    #[arg(long, value_name = "FILE", requires = "learn")]
    pub(crate) learnt: Option<PathBuf>,
    /// Write every member instead of quantiles
    #[arg(long)]
    pub(crate) full: bool,
    /// Quantiles of an ensemble, joined by commas
    #[arg(long, value_name = "SHARES", default_value = "0.025,0.1,0.25,0.5,0.75,0.9,0.975")]
    pub(crate) quantiles: String,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "csv")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    pub(crate) what: ModelCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// List errors, units that do not balance, and feedback loops with their delays
    Check(ModelCheck),
    /// List variables with their kinds and units, and the constants that a run may set
    Variables(ModelVariables),
    /// List the effects among variables, draw the causal-loop diagram as SVG, or write GraphML
    Graph(ModelGraph),
    /// Write the model as XMILE 1.0, with constants set to other values
    Write(ModelWrite),
}

#[derive(Debug, Args)]
pub(crate) struct ModelCheck {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// Fail when units do not balance, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// The most feedback loops to look for
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = loops)]
    pub(crate) loops: usize,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ModelVariables {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ModelGraph {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// Keep these variables, joined by commas, and fold what runs through the others into effects
    /// between them; when absent all, and in a diagram of more than 16 the stocks
    #[arg(long, value_name = "NAMES")]
    pub(crate) keep: Vec<String>,
    /// Draw constants too
    #[arg(long)]
    pub(crate) constants: bool,
    /// The most feedback loops to look for
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = loops)]
    pub(crate) loops: usize,
    /// The file to write: .svg draws, .graphml holds variables, effects and loops, and .csv,
    /// .parquet, .json and .md hold the effects; they go to stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ModelWrite {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// Set a constant, as in --set "contact rate=4"; an array's name sets all its elements. May be
    /// given several times
    #[arg(long, value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub(crate) set: Vec<String>,
    /// The file to write (.xmile, .stmx)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Scenario {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// A scenario to compare with the baseline. May be given several times; without it, all
    #[arg(long, value_name = "ID")]
    pub(crate) scenario: Vec<String>,
    /// The scenario that the others are compared with; the case's baseline when absent
    #[arg(long, value_name = "ID")]
    pub(crate) against: Option<String>,
    /// A shock laid over every scenario
    #[arg(long, value_name = "ID")]
    pub(crate) shock: Option<String>,
    /// Make a scenario of your own that moves a lever, as in --set redress=0.5@2026-06..2028-12;
    /// without months it stays there throughout. A lever that the model has for each place moves in one
    /// of them, as in redress[north]=0.5. It is compared with the baseline, and with what
    /// --scenario names. May be given several times
    #[arg(long, value_name = "LEVER=LEVEL[@FROM..TO]", allow_hyphen_values = true)]
    pub(crate) set: Vec<String>,
    /// How many members, which all scenarios share
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = whole(1_u16..=u16::MAX))]
    pub(crate) members: u16,
    /// Months after the start at which scenarios are compared, with commas
    #[arg(long, value_name = "MONTHS", value_delimiter = ',', default_values_t = [12, 60, 120, 240],
          value_parser = whole(0..=u16::MAX))]
    pub(crate) horizon: Vec<u16>,
    /// List instead which assumptions decide each difference at the last horizon
    #[arg(long)]
    pub(crate) sensitivity: bool,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The file to write (.csv, .parquet, .json, .md) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// How many members the ensemble has
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = whole(8_u16..=u16::MAX))]
    pub(crate) members: u16,
    /// The last month that is fitted, such as 2013-12; the years after it are checked. The end of
    /// the record when absent
    #[arg(long, value_name = "MONTH")]
    pub(crate) fit_to: Option<Month>,
    /// A constant of the model held at a value in the checks, not in the fit, as in --hold surge=1:
    /// what the record would have been without it. May be given several times
    #[arg(long, value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub(crate) hold: Vec<String>,
    /// Searches from draws of their own, among which the members are shared out
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = whole(1_u16..=u16::MAX))]
    pub(crate) searches: u16,
    /// Seeds to fit with, from --seed on, among which the members are shared out: an order of
    /// scenarios counts as supported only where members of three seeds agree on it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole(1_u16..=u16::MAX))]
    pub(crate) seeds: u16,
    /// The distance from the record that is let in: root mean squared difference of logarithms; 0
    /// goes as near as each search comes
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.75)]
    pub(crate) tolerance: f64,
    /// The most rounds of a search
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = whole(0..=u16::MAX))]
    pub(crate) rounds: u16,
    /// Moves of every member when the tolerance stands, so that members are as free as the record
    /// leaves them
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = whole(0..=u16::MAX))]
    pub(crate) settling: u16,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The file of the members (.csv, .parquet, .json, .md)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The form of the checks on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct BenchmarksArgs {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The month at whose end they are looked at; this month when absent
    #[arg(long, value_name = "MONTH")]
    pub(crate) as_of: Option<Month>,
    /// The file to write (.csv, .parquet, .json, .md) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}
