//! The program `sanad-desk`. Everything that it does is in [`sanad_desk::program`].

use std::process::ExitCode;

fn main() -> ExitCode {
    sanad_desk::program::run()
}
