//! Options of `sanad publish`.

use std::path::PathBuf;

use clap::Args;

use super::Subject;
use super::bounds::whole;

#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The folder to write; each run is a folder of its own in it, and earlier ones stay
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How many of the last covered months have the records behind their numbers written
    #[arg(long, value_name = "MONTHS", default_value_t = 24, value_parser = whole(0_u16..=24))]
    pub(crate) records: u16,
}
