//! Cards of sources: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_store::check_card;

mod file;

fuzz_target!(|data: &[u8]| {
    let _ = check_card(&file::of("card.toml", data));
});
