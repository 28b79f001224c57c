//! Options of the commands that use the network.

use std::path::PathBuf;

use clap::Args;

use super::Form;

/// How publishers are asked.
#[derive(Debug, Args)]
pub(crate) struct NetworkArgs {
    /// A catalogue of publishers and addresses in place of the one in the program (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Fill a gap of an address, as in --set level=ADM1; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Say what would be asked for, and ask nobody
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// A proxy for every request, such as HOST:8080
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// The largest file to take; the catalogue and 2 GiB bound it too
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_bytes: Option<u64>,
    /// Seed of the jitter of waits between attempts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How the table is written to stdout
    #[arg(long, default_value = "table")]
    pub(crate) format: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Sources of the catalogue, each perhaps with a release, such as ucdp-ged or ucdp-ged@26.1
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// The folder for the files; each source gets one of its own inside
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// The country of sources that serve one at a time (ISO 3166-1)
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// The folder of the case, whose case.toml says under `[[update]]` what to fetch
    pub(crate) case: PathBuf,
    /// The observatory to import into; it is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) observatory: PathBuf,
    /// The folder for the files that are fetched
    #[arg(long, value_name = "DIR", default_value = "downloads")]
    pub(crate) into: PathBuf,
    /// The briefing to write
    #[arg(long, value_name = "FILE", default_value = "brief.html")]
    pub(crate) out: PathBuf,
    /// Leave out of the briefing what takes more than a moment to compute, such as the forecast
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}
