//! Events between states, GDELT's three layouts and the plain table, packed or not: no panic, and
//! every row is kept, counted or has a diagnostic.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_source::dyads::Dyads;
use sanad_source::{dyads, gdelt, member_name, unpacked};

const HEADER: &[u8] = b"id,date,source_iso3,target_iso3,code,quad_class,goldstein,root_code\n";
const GDELT: &[u8] =
    b"7\t20210304\t\t\t\t\t\tPAK\t\t\t\t\t\t\t\t\t\tAFG\t\t\t\t\t\t\t\t1\t190\t190\t19\t\
4\t-10\t5\t1\t5\t2.1\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t20210304\n";

fn check(dyads: &Dyads) {
    let rejected = dyads.diagnostics.iter().filter(|remark| !remark.kept);
    let left_out: BTreeSet<u64> = rejected.map(|remark| remark.row).collect();
    let aside: u64 = dyads.set_aside.values().sum();
    assert_eq!(dyads.rows_read, dyads.events.len() as u64 + aside + left_out.len() as u64);
    for event in &dyads.events {
        assert!((1..=4).contains(&event.quad_class) && event.root_code <= 20);
        assert!(event.source_iso3 == "PAK" || event.target_iso3 == "PAK");
        assert!(event.goldstein.is_none_or(|score| score.abs() <= 10.0));
    }
}

fuzz_target!(|data: &[u8]| {
    let _ = member_name(data);
    let Ok(data) = unpacked(data.to_vec()) else { return };
    for table in [data.clone(), [GDELT, &data].concat()] {
        if let Ok(read) = gdelt::read(&table, "PAK") {
            check(&read);
        }
    }
    for table in [data.clone(), [HEADER, &data].concat()] {
        if let Ok(read) = dyads::read(&table, "PAK") {
            check(&read);
        }
    }
});
