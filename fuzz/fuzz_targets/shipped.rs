//! Ready-made tables of a case (counts, day counts, members of a fitted model, country-months): no panic,
//! and a second reading gives the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_store::{SHIPPED_FORMATS, check_shipped};

mod file;

fuzz_target!(|data: &[u8]| {
    let path = file::of("shipped.parquet", data);
    for format in SHIPPED_FORMATS {
        if let Ok(rows) = check_shipped(&path, format) {
            assert_eq!(check_shipped(&path, format).expect("as before"), rows);
        }
    }
});
