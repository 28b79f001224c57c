//! Draws of a forecast, CSV and Parquet, and the actuals they are scored against: no panic; scores are
//! finite, and their cells are those of the actuals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_study::outcome::{read_actuals, read_scored, read_series};

mod file;

const ACTUALS: &[u8] = b"month_id,country_id,ged_sb\n457,1,1\n457,2,2\n458,1,30\n";
const HEADER: &[u8] = b"month_id,country_id,draw,outcome\n";

fn check(name: &str, data: &[u8]) {
    let path = file::of(name, data);
    let actuals = read_actuals(&file::of("actuals.csv", ACTUALS), None, None).expect("sound");
    if let Ok(scored) = read_scored(&path, &actuals) {
        assert!(scored.draws > 0 && !scored.table.rows().is_empty());
        assert!(scored.table.rows().len() <= 3);
        for row in scored.table.rows() {
            assert!(row.scores.crps.is_finite() && row.scores.crps >= -1e-9);
            assert!(row.scores.ign.is_finite() && row.scores.mis_90.is_finite());
        }
    }
    let _ = read_series(&path, None, "outcome");
}

fuzz_target!(|data: &[u8]| {
    check("draws.parquet", data);
    check("draws.csv", &[HEADER, data].concat());
});
