//! The hand-written files of a case: no panic, and every entry is kept or has a remark.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_source::case::{Known, read_actors, read_case, read_chronicle, read_places};

fuzz_target!(|text: &str| {
    let _ = read_case(text);
    let _ = read_actors(text);
    if let Ok(places) = read_places(text) {
        let day = "2022-09-09".parse().unwrap();
        let _ = places.into_book(day);
    }
    let known = Known { actors: ["a".to_owned()].into(), places: ["p".to_owned()].into() };
    if let Ok(chronicle) = read_chronicle(text, &known) {
        let left_out = chronicle.entries_read as usize - chronicle.records.len();
        let rejected = chronicle.diagnostics.iter().filter(|remark| !remark.kept).count();
        assert!(rejected >= left_out);
    }
});
