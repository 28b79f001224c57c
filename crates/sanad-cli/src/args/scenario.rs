//! Options of the commands about system-dynamics models.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Form;

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

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// Set a constant, as in --set "contact rate=4"; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Runs of an ensemble; with more than one, quantiles over them are written
    #[arg(long, value_name = "N", default_value_t = 1)]
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
    /// Time between saved rows; the model's own when absent
    #[arg(long, value_name = "TIME")]
    pub(crate) save_every: Option<f64>,
    /// Variables to keep, joined by commas; an array's name keeps all its elements; all when absent
    #[arg(long, value_name = "NAMES")]
    pub(crate) save: Option<String>,
    /// Write every member instead of quantiles
    #[arg(long)]
    pub(crate) full: bool,
    /// Quantiles of an ensemble, joined by commas
    #[arg(long, value_name = "SHARES", default_value = "0.025,0.1,0.25,0.5,0.75,0.9,0.975")]
    pub(crate) quantiles: String,
    /// The file to write (.csv, .parquet, .json, .md); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The form on stdout
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
    /// Draw the causal-loop diagram as SVG, or write it as GraphML
    Graph(ModelGraph),
}

#[derive(Debug, Args)]
pub(crate) struct ModelCheck {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// The most feedback loops to look for
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) loops: usize,
    /// The form on stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct ModelGraph {
    /// The model (XMILE 1.0: .xmile, .stmx)
    pub(crate) model: PathBuf,
    /// The file to write (.svg or .graphml)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Draw constants too
    #[arg(long)]
    pub(crate) constants: bool,
}
