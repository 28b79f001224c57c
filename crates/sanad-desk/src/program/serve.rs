//! `sanad-desk serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::server::{Opened, Server, ServerSettings, asked_to_end};
use crate::{DeskFolder, MachineClock};

#[derive(Args)]
pub(super) struct ServeArguments {
    /// The desk's folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8710")]
    listen: SocketAddr,
    /// A name under which a proxy with TLS or an onion service brings requests. May be repeated.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Listen on an address that other machines can reach, because a proxy with TLS stands before
    /// the desk and the network between the two is yours alone.
    #[arg(long)]
    behind_proxy: bool,
}

/// Serves until it is asked to end.
pub(super) fn serve(arguments: ServeArguments) -> Result<String, String> {
    let folder = DeskFolder::new(&arguments.data);
    let (config, store) = folder.open().map_err(|error| error.to_string())?;
    let settings = ServerSettings {
        listen: arguments.listen,
        hosts: arguments.hosts,
        is_behind_proxy: arguments.behind_proxy,
        connections: 256,
    };
    let server = Server::bind(settings).map_err(|error| error.to_string())?;
    let address = server.address();
    eprintln!("the desk answers at http://{address}/ and its staff at http://{address}/staff");
    eprintln!("it writes no line about requests; a proxy before it must not either");
    let opened = Opened { config, store, clock: Arc::new(MachineClock) };
    server.run(opened, asked_to_end()).map_err(|error| error.to_string())?;
    Ok("the desk ended in good order".to_owned())
}
