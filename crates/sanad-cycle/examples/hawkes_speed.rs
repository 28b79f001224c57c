//! Times the fit of a three-dimensional Hawkes process with exponential kernels.
//!
//! ```text
//! cargo run --release -p sanad-cycle --example hawkes_speed -- simulate EVENTS FILE
//! cargo run --release -p sanad-cycle --example hawkes_speed -- fit FILE [DECAY]
//! ```
//! The file is little-endian f64: the span, then for each of three kinds its number of events and
//! their times. With a decay given it is taken as known and common to all links; otherwise one per
//! link is estimated. `bench/cycle/speed.py` compares with others.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program, not the library")]

use std::error::Error;
use std::time::Instant;

use sanad_core::random::Streams;
use sanad_cycle::continuous::{Decays, Events, FitSettings, Hawkes, fit, simulate};
use sanad_cycle::{Links, Matrix};

const BASELINE: [f64; 3] = [0.3, 0.2, 0.25];
const BRANCHING: [[f64; 3]; 3] = [[0.4, 0.15, 0.1], [0.1, 0.3, 0.2], [0.15, 0.05, 0.35]];
const DECAY: f64 = 1.5;
const KINDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["simulate", events, file] => write(events.parse()?, file),
        ["fit", file] => time(file, None),
        ["fit", file, decay] => time(file, Some(decay.parse()?)),
        _ => Err("usage: hawkes_speed simulate EVENTS FILE | hawkes_speed fit FILE [DECAY]".into()),
    }
}

fn even(value: f64) -> Matrix {
    Matrix::from_rows(&[vec![value; KINDS], vec![value; KINDS], vec![value; KINDS]])
}

fn write(events: f64, file: &str) -> Result<(), Box<dyn Error>> {
    let branching = Matrix::from_rows(&BRANCHING.map(|row| row.to_vec()));
    let process = Hawkes::new(BASELINE.to_vec(), branching, even(DECAY))?;
    // About 2.2 events a unit of time; the span is rounded to keep the file readable.
    let span = (events / 2.15).round();
    let mut stream = Streams::new(1, "bench").at(0, 0, 0);
    let found = simulate(&process, span, 10 * events as usize, &mut stream)?;
    let mut out = vec![span];
    for kind in 0..KINDS {
        out.push(found.times(kind).len() as f64);
        out.extend_from_slice(found.times(kind));
    }
    std::fs::write(file, out.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    println!("{}", found.total());
    Ok(())
}

fn time(file: &str, decay: Option<f64>) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    let mut values =
        bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()));
    let span = values.next().ok_or("an empty file")?;
    let mut times = Vec::new();
    for _ in 0..KINDS {
        let count = values.next().ok_or("a short file")? as usize;
        times.push(values.by_ref().take(count).collect());
    }
    let events = Events::new(times, span)?;
    let decays = match decay {
        Some(decay) => Decays::Fixed(even(decay)),
        None => Decays::Estimated { start: 1.0, lower: 0.01, upper: 100.0 },
    };
    let settings = FitSettings { links: Links::Full, decays };
    for _ in 0..3 {
        let start = Instant::now();
        let found = fit(&events, &settings)?;
        let seconds = start.elapsed().as_secs_f64();
        let numbers = |values: &[f64]| {
            values.iter().map(|value| format!("{value:e}")).collect::<Vec<_>>().join(",")
        };
        let rows = |matrix: &Matrix| {
            (0..KINDS).map(|row| numbers(matrix.row(row))).collect::<Vec<_>>().join(",")
        };
        println!(
            "{seconds},{:e},{},{},{}",
            found.log_likelihood,
            numbers(found.process.baseline()),
            rows(found.process.branching()),
            rows(found.process.decay())
        );
    }
    Ok(())
}
