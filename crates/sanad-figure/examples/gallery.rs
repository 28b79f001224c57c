//! Writes every form with realistic data into one HTML file, to be looked at.
//!
//! `cargo run -p sanad-figure --example gallery -- OUT.html [FOLDER]`
//!
//! FOLDER may hold `places.csv` (name, abbreviation, group, lon, lat, value), `months_province.csv`
//! and `months_family.csv` (month, then one column per series), and `districts.geojson`; what is
//! absent is replaced by seeded synthetic numbers. Nothing it writes is a finding.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::error::Error;
use std::path::{Path, PathBuf};

use sanad_figure::*;

type Res<T> = Result<T, Box<dyn Error>>;

struct Place {
    name: String,
    abbreviation: String,
    group: String,
    lon: f64,
    lat: f64,
    value: Option<f64>,
}

fn places(folder: Option<&Path>) -> Res<Vec<Place>> {
    let Some(text) = read(folder, "places.csv") else { return Ok(synthetic_places()) };
    text.lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.trim().split(',').collect();
            Ok(Place {
                name: f[0].to_owned(),
                abbreviation: f[1].to_owned(),
                group: f[2].to_owned(),
                lon: f[3].parse()?,
                lat: f[4].parse()?,
                value: if f[5].is_empty() { None } else { Some(f[5].parse()?) },
            })
        })
        .collect()
}

fn synthetic_places() -> Vec<Place> {
    let mut dice = Dice(7);
    (0..60)
        .map(|i| Place {
            name: format!("Place {i}"),
            abbreviation: format!("P{i}"),
            group: format!("Group {}", (i % 10) / 3),
            lon: 60.0 + (i % 10) as f64 + 0.4 * dice.unit(),
            lat: 25.0 + (i / 10) as f64 + 0.4 * dice.unit(),
            value: if i % 13 == 5 { None } else { Some((dice.unit().powi(4) * 300.0).floor()) },
        })
        .collect()
}

struct Dice(u64);
impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn read(folder: Option<&Path>, name: &str) -> Option<String> {
    std::fs::read_to_string(folder?.join(name)).ok()
}

fn tile_maps(folder: Option<&Path>) -> Res<Vec<Figure>> {
    let places = places(folder)?;
    let mut groups: Vec<String> = places.iter().map(|p| p.group.clone()).collect();
    groups.sort();
    groups.dedup();
    let at: Vec<Centroid> = places
        .iter()
        .map(|p| Centroid {
            lon: p.lon,
            lat: p.lat,
            group: groups.iter().position(|g| *g == p.group).unwrap_or(0),
        })
        .collect();
    let started = std::time::Instant::now();
    let layout = tile_layout(&at)?;
    println!("tile layout: {:?}, {} ms, extent {:?}", layout.quality, started.elapsed().as_millis(), layout.extent);
    let tiles: Vec<Tile> = places
        .iter()
        .map(|p| Tile { name: p.name.clone(), abbreviation: p.abbreviation.clone(), value: p.value })
        .collect();
    let max = tiles.iter().filter_map(|t| t.value).fold(0.0, f64::max);
    let figure = tile_map(
        &Heading::new(
            "tiles",
            "Most deaths of 2021 fell in a handful of districts along the Afghan border",
            "Deaths in organised violence by district, January to December 2021, best estimate. One tile per district, placed near its true position. Source: UCDP GED 22.1.",
            "Tile map of districts shaded by deaths; the greatest values are listed.",
        ),
        &TileMap {
            tiles: &tiles,
            layout: &layout,
            groups: &groups,
            classes: &Classes::log_like(max, Format::Count),
            unit: "deaths, 2021",
            listed: 12,
        },
    )?;
    Ok(vec![figure])
}

fn main() -> Res<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let out = args.next().ok_or("usage: gallery OUT.html [FOLDER]")?;
    let folder = args.next();
    let folder = folder.as_deref();
    let mut figures = Vec::new();
    figures.extend(tile_maps(folder)?);
    let mut body = String::new();
    for f in &figures {
        println!("{:<14} svg {:>7} bytes, csv {:>7} bytes", f.id, f.svg.len(), f.csv.len());
        body.push_str(&f.to_html());
        std::fs::write(out.with_file_name(format!("{}.svg", f.id)), f.standalone_svg())?;
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Gallery</title><style>body{{margin:16px;background:#fff}}main{{max-width:800px;margin:auto}}{}</style><main>{body}</main></html>",
        stylesheet()
    );
    std::fs::write(&out, page)?;
    Ok(())
}
