//! Reads a file of borders, prints the remarks about it, and times the locating of points.
//!
//! `cargo run --release -p sanad-source --example read_boundaries -- FILE`
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use sanad_source::boundaries::{Boundaries, decode_wkb, encode_wkb, read};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let started = Instant::now();
    let reading = read(File::open(path)?)?;
    println!("{} of {} features kept", reading.boundaries.len(), reading.features_read);
    reading.diagnostics.iter().take(20).for_each(|diagnostic| println!("{diagnostic}"));
    println!("{} remarks, read in {:?}", reading.diagnostics.len(), started.elapsed());
    let started = Instant::now();
    let wkb: Vec<Vec<u8>> =
        reading.boundaries.iter().map(|boundary| encode_wkb(&boundary.shape)).collect();
    for bytes in &wkb {
        decode_wkb(bytes)?;
    }
    let bytes: usize = wkb.iter().map(Vec::len).sum();
    println!("{bytes} bytes of WKB, written and read in {:?}", started.elapsed());
    let started = Instant::now();
    let boundaries = Boundaries::new(reading.boundaries);
    println!("indexed in {:?}", started.elapsed());
    let level = boundaries.iter().next().ok_or("no border")?.level;
    let started = Instant::now();
    let (mut found, points) = (0, 100_000);
    for at in 0..points {
        // A lattice over Pakistan that does not line up with any border.
        let latitude = 24.0 + 12.0 * (f64::from(at) * 0.618_033_988_7).fract();
        let longitude = 61.0 + 16.0 * (f64::from(at) * 0.414_213_562_4).fract();
        found += u32::from(boundaries.locate(latitude, longitude, level).is_some());
    }
    println!("{found} of {points} points located in {:?}", started.elapsed());
    Ok(())
}
