//! Options of `sanad serve`.

use std::net::SocketAddr;

use clap::Args;

use super::Subject;
use super::bounds::whole;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The address to listen on; other machines reach it only when it is none of 127.0.0.1
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    pub(crate) listen: SocketAddr,
    /// Answer requests that name this host as well, such as that of a proxy; may be given again
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Computations at a time; 0 for twice as many as the machine has processors, and at least four
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole(0_u16..=64))]
    pub(crate) at_once: u16,
    /// Time that a statement of SQL may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = whole(1_u32..=3600))]
    pub(crate) sql_time: u32,
    /// Memory that a statement of SQL may use
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = whole(16_u32..=65_536))]
    pub(crate) sql_memory: u32,
}
