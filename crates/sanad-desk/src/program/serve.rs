//! `sanad-desk serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;

use super::{DeskPlace, in_words, say};
use crate::clock::MachineClock;
use crate::server::{DeskServer, DeskServerSettings, OpenedDesk, asked_to_end};

#[derive(Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    place: DeskPlace,
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
    let (config, store) = arguments.place.open()?;
    let settings = DeskServerSettings {
        listen: arguments.listen,
        hosts: arguments.hosts,
        is_behind_proxy: arguments.behind_proxy,
        connections: 256,
    };
    let server = DeskServer::bind(settings).map_err(in_words)?;
    let address = server.address();
    say(&format!(
        "the desk answers at http://{address}/ and its staff at http://{address}/staff\n\
         it writes no line about requests; a proxy before it must not either"
    ));
    let opened = OpenedDesk { config, store, clock: Arc::new(MachineClock) };
    server.run(opened, asked_to_end()).map_err(in_words)?;
    Ok("the desk ended in good order".to_owned())
}
