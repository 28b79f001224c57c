//! The ablation that a case ships: no panic; scores are finite and not below zero, and no front's origin
//! is there twice.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_case::ablation::read;

const HEADER: &[u8] = b"front,origin,cells,crps_alone,crps_with,seed\n";

fn check(data: &[u8]) {
    let Ok(ablation) = read(data) else { return };
    let mut seen = BTreeSet::new();
    for row in &ablation.rows {
        assert!(!row.front.is_empty());
        assert!([row.crps_alone, row.crps_with].iter().all(|score| score.is_finite() && *score >= 0.0));
        assert!(seen.insert((row.front.clone(), row.origin)));
    }
    for row in &ablation.rows {
        assert!(ablation.of_front(&row.front).iter().is_sorted_by_key(|row| row.origin));
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    check(&[HEADER, data].concat());
});
