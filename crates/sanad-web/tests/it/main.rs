//! The workbench from outside: over a socket, as a browser and a program ask it.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::result_large_err)]

mod browser;
mod hostile;
mod pages;
mod reload;
mod support;
mod tables;
