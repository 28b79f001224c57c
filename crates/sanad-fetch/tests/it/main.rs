//! The crate as a caller meets it, against a server that each test starts on loopback. Nothing here
//! uses the network outside.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

mod documentation;
mod kill;
mod pages;
mod proxy;
mod samples;
mod server;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod tokens;
mod transfer;
mod traps;
