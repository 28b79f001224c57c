//! Borders: no panic, and what was read survives storage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_core::place::Level;
use sanad_source::boundaries::{Boundaries, decode_wkb, encode_wkb, read};

fuzz_target!(|data: &[u8]| {
    if let Ok(shape) = decode_wkb(data) {
        let _ = encode_wkb(&shape);
    }
    let _ = read(data);
    let feature = [
        &br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ADM2_PCODE":"A"},"geometry":{"type":"Polygon","coordinates":"#[..],
        data,
        b"}}]}",
    ]
    .concat();
    if let Ok(reading) = read(&feature[..]) {
        assert!(reading.boundaries.len() + reading.diagnostics.len() > 0);
        for boundary in &reading.boundaries {
            assert_eq!(decode_wkb(&encode_wkb(&boundary.shape)).unwrap(), boundary.shape);
        }
        let _ = Boundaries::new(reading.boundaries).locate(0.5, 0.5, Level::Adm2);
    }
});
