//! The workbench from outside: over a socket, as a browser and a program ask it.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::result_large_err)]

mod browser;
mod described;
mod hostile;
mod numbers;
mod pages;
mod publish;
mod reload;
mod small;
mod support;
mod tables;
