//! The program `sanad-desk`. Everything that it does is in [`sanad_desk::program`].

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Memory is overwritten with zeros when it is given back, also by libraries that do not care: what
/// came over the network is in no dump that is made after the request.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    sanad_desk::program::run()
}
