//! UCDP GED: no panic, and every row is kept or has a diagnostic.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_source::ged::{Options, read};

const HEADER: &[u8] = b"id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,\
side_b_new_id,side_b,where_prec,adm_1,adm_2,latitude,longitude,country,country_id,date_prec,\
date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low\n";

fuzz_target!(|data: &[u8]| {
    let _ = read(data, &Options::default());
    let table = [HEADER, data].concat();
    if let Ok(ged) = read(&table[..], &Options::of_version("23.0.10")) {
        let rejected = ged.diagnostics.iter().filter(|remark| !remark.kept);
        let left_out: BTreeSet<u64> = rejected.map(|remark| remark.row).collect();
        assert_eq!(ged.rows_left_out(), left_out.len() as u64);
        assert!(ged.deaths_kept <= ged.deaths_in);
        assert!(ged.diagnostics.iter().all(|it| !it.kept || !left_out.contains(&it.row)));
        let days = ged.events.start_day.iter().zip(&ged.events.end_day);
        assert!(days.clone().all(|(start, end)| start <= end));
        let words = [&ged.events.side_a, &ged.events.adm2];
        assert!(words.iter().all(|words| words.codes.len() == ged.events.len()));
    }
});
