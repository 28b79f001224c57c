//! Tables from outside, CSV and Parquet: no panic, and columns are as long as one another.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_store::external::{External, ColumnKind};

mod file;

fn check(name: &str, data: &[u8]) {
    let path = file::of(name, data);
    let Ok(table) = External::open(&path) else { return };
    for column in table.columns().iter().take(4) {
        let texts = table.read(&[ColumnKind::Texts(column)]);
        if let Ok(parts) = table.read(&[ColumnKind::Numbers(column), ColumnKind::Texts(column)]) {
            assert_eq!(parts[0].numbers().len(), parts[1].texts().len());
            assert_eq!(texts.expect("it was read").first(), parts.get(1));
        }
    }
}

fuzz_target!(|data: &[u8]| {
    check("external.csv", data);
    check("external.parquet", data);
});
