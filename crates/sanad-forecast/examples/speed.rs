//! Times scoring, and a forecast of a synthetic global grid, end to end.
//!
//! ```text
//! cargo run --release -p sanad-forecast --example speed -- score DRAWS.u32 ACTUALS.f64 CELLS DRAWS
//! cargo run --release -p sanad-forecast --example speed -- grid PLACES MONTHS DRAWS MODEL
//! ```
//! The raw files are little-endian and cell-major, as NumPy's `tofile` writes them.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program, not the library")]

use std::error::Error;
use std::time::Instant;

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_forecast::score::{Ecdf, Metric, ScoreTable, Tally, crps};
use sanad_forecast::{Draws, Panel, Request, sanad};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["score", draws, actuals, cells, size] => {
            score(draws, actuals, cells.parse()?, size.parse()?)
        }
        ["grid", places, months, draws, model] => {
            grid(places.parse()?, months.parse()?, draws.parse()?, model)
        }
        _ => Err("usage: speed score FILE FILE CELLS DRAWS | speed grid PLACES MONTHS DRAWS MODEL"
            .into()),
    }
}

fn score(draws: &str, actuals: &str, cells: usize, size: usize) -> Result<(), Box<dyn Error>> {
    let words = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap_or_default());
    let values = std::fs::read(draws)?.chunks_exact(4).map(words).collect();
    let observed: Vec<f64> = std::fs::read(actuals)?
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()))
        .collect();
    let draws = Draws::from_values(cells / 12, 12, size, values)?;
    for _ in 0..3 {
        let start = Instant::now();
        let sum: u64 = draws.values().par_iter().map(|&x| u64::from(x)).sum();
        println!("read once      {:.3} s  (sum {sum})", start.elapsed().as_secs_f64());
        let start = Instant::now();
        let of = |tally: &mut Tally, (cell, &y): (&[u32], &f64)| -> f64 {
            let ecdf: &Ecdf = tally.of(cell);
            crps(ecdf, y)
        };
        let all: Vec<f64> =
            draws.values().par_chunks(size).zip(&observed).map_init(Tally::default, of).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        println!("crps           {:.3} s  mean {mean:.9}", start.elapsed().as_secs_f64());
        let start = Instant::now();
        let table = ScoreTable::of_window(0, 3, &draws, &observed)?;
        let elapsed = start.elapsed().as_secs_f64();
        println!(
            "all scores     {elapsed:.3} s  crps {:.9} ign {:.6} mis {:.6}",
            table.mean(Metric::Crps),
            table.mean(Metric::Ign),
            table.mean(Metric::Mis90)
        );
    }
    Ok(())
}

/// A grid where one cell in forty is ever violent, in bursts.
fn grid(places: usize, months: usize, draws: usize, model: &str) -> Result<(), Box<dyn Error>> {
    let streams = Streams::new(1, "grid");
    let target = (0..places as u32)
        .flat_map(|place| {
            let mut stream = streams.at(place, 0, 0);
            let ever = stream.open01() < 0.025;
            let mut burning = false;
            (0..months)
                .map(|_| {
                    burning = stream.open01() < if burning { 0.9 } else { 0.02 };
                    let deaths = (-20.0 * stream.open01().ln()).floor();
                    if ever && burning { deaths } else { 0.0 }
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let panel = Panel::new(121, places, months, target)?;
    let model = sanad::by_name(model).ok_or("no such model")?;
    let start = Instant::now();
    let request = Request::new(3..=14, draws, 1)?;
    let draws = model.forecast(&panel.up_to(months - 1)?, &request)?;
    let total: u64 = draws.values().par_iter().map(|&x| u64::from(x)).sum();
    println!(
        "{}: {places} places x 12 steps x {} draws in {:.1} s (sum {total})",
        model.name(),
        draws.draws(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
