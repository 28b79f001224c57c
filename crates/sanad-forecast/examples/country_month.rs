//! Back-tests models on a country-month series and prints the table of scores.
//!
//! ```text
//! cargo run --release -p sanad-forecast --example country_month -- \
//!     SERIES.csv 2000..2017 smoothed-history,sanad [DRAWS] [SEED]
//! ```
//! The series is a CSV with columns `month_id`, `country_id` and `ged_sb`. Training ends the
//! October before each year; steps are 3 to 14 months.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program, not the library")]

mod series;

use std::error::Error;
use std::time::Instant;

use sanad_forecast::score::{BootstrapSettings, Metric, PitHistogram, ScoreTable, paired};
use sanad_forecast::{Backtest, Benchmark, Model, Panel, Request, backtest, sanad};

const SHOWN: [Metric; 8] = [
    Metric::Crps,
    Metric::Ign,
    Metric::Mis90,
    Metric::Log1pCrps,
    Metric::TailCrps,
    Metric::Brier1,
    Metric::Brier25,
    Metric::Coverage90,
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [series, years, models, rest @ ..] = arguments.as_slice() else {
        return Err(
            "usage: country_month SERIES.csv FIRST..LAST MODEL,MODEL [DRAWS] [SEED] [PLACE]".into(),
        );
    };
    let draws = rest.first().map_or(Ok(1_000), |text| text.parse())?;
    let seed = rest.get(1).map_or(Ok(1), |text| text.parse())?;
    let read = series::read(series)?;
    let panel = read.panel;
    // A place whose own scores are shown beside the world's, by its name in the file.
    let shown = rest.get(2).map(|place| {
        let at = read.names.iter().position(|name| name == place);
        at.map(|at| (place, at)).ok_or_else(|| format!("{series} has no place {place}"))
    });
    let shown = shown.transpose()?;
    let (years, origins) = series::windows(&panel, years)?;
    let request = Request::new(3..=14, draws, seed)?;

    let mut references: Vec<Backtest> = Vec::new();
    for name in models.split(',') {
        let model = model(name)?;
        let start = Instant::now();
        let result = backtest(model.as_ref(), &panel, &origins, &request)?;
        println!("\n{name}  ({:.1} s)", start.elapsed().as_secs_f64());
        report(&panel, &years, &origins, &result);
        if let Some((name, place)) = shown {
            line(name, &panel, &result.scores.filter(|row| row.place as usize == place));
        }
        for reference in &references {
            compare(&result, reference)?;
        }
        if Benchmark::by_name(name).is_some() {
            references.push(result);
        }
    }
    Ok(())
}

/// A model by name, or a pool of several joined by `+`.
fn model(name: &str) -> Result<Box<dyn Model>, Box<dyn Error>> {
    let known = || format!("no model is called {name}; there are {}", sanad::names().join(", "));
    sanad::by_name(name).ok_or_else(|| known().into())
}

fn report(panel: &Panel, years: &[i32], origins: &[usize], result: &Backtest) {
    print!("{:<12}", "window");
    SHOWN.iter().for_each(|metric| print!("{:>12}", metric.name()));
    println!("{:>14}", "cov90 active");
    for (year, &origin) in years.iter().zip(origins) {
        line(&year.to_string(), panel, &result.scores.filter(|row| row.origin == origin));
    }
    line("mean", panel, &result.scores);
    by_history(panel, &result.scores);
}

fn line(label: &str, panel: &Panel, table: &ScoreTable) {
    print!("{label:<12}");
    SHOWN.iter().for_each(|&metric| print!("{:>12.4}", table.mean_over_windows(metric)));
    let active = table.filter(|row| {
        let ten_years = row.origin.saturating_sub(119)..=row.origin;
        ten_years.into_iter().any(|month| panel.value(row.place as usize, month) > Some(0.0))
    });
    println!(
        "{:>14.4} {:.3} {:.3}",
        active.mean(Metric::Coverage90),
        active.mean(Metric::Coverage80),
        active.mean(Metric::Coverage50)
    );
    if label == "mean" {
        let violent = active.filter(|row| row.scores.probability_1 > 0.6);
        let histogram = PitHistogram::from_table(&violent, 10).mass;
        println!("pit where P(>=1) > 0.6: {histogram:.3?}");
    }
}

/// Where a score is lost: its mean and its share of the whole, by how violent the last ten years and
/// the last year were.
fn by_history(panel: &Panel, table: &ScoreTable) {
    let class = |row: &sanad_forecast::score::Row| {
        let last = |months: usize| {
            (row.origin.saturating_sub(months - 1)..=row.origin)
                .filter(|&month| panel.value(row.place as usize, month) > Some(0.0))
                .count()
        };
        match (last(120), last(12)) {
            (0, _) => "none in ten years",
            (_, 0) => "none in a year",
            (_, 1..=3) => "1 to 3 months",
            (_, 4..=8) => "4 to 8 months",
            _ => "9 or more",
        }
    };
    let all = table.rows().len() as f64;
    println!("{:<20}{:>8}{:>10}{:>10}{:>10}", "history", "cells", "CRPS", "IGN", "of IGN");
    for name in
        ["none in ten years", "none in a year", "1 to 3 months", "4 to 8 months", "9 or more"]
    {
        let of = table.filter(|row| class(row) == name);
        let share = of.rows().len() as f64 / all;
        let part = share * of.mean(Metric::Ign) / table.mean(Metric::Ign);
        println!(
            "{name:<20}{share:>8.3}{:>10.3}{:>10.3}{part:>10.3}",
            of.mean(Metric::Crps),
            of.mean(Metric::Ign)
        );
    }
}

fn compare(result: &Backtest, reference: &Backtest) -> Result<(), Box<dyn Error>> {
    println!("against {}: difference, 90 % interval, ratio", reference.model);
    for metric in SHOWN {
        let settings = BootstrapSettings::default();
        let difference = paired(&result.scores, &reference.scores, metric, settings)?;
        let ratio = result.scores.mean(metric) / reference.scores.mean(metric);
        println!(
            "  {:<12}{:>10.4} [{:>9.4}, {:>9.4}]  {ratio:.4}",
            metric.name(),
            difference.mean.value,
            difference.mean.low,
            difference.mean.high
        );
    }
    println!("  mean of the windows' ratios:");
    for metric in SHOWN {
        let ratios = result.scores.origins().into_iter().map(|origin| {
            let of = |table: &ScoreTable| table.filter(|row| row.origin == origin).mean(metric);
            of(&result.scores) / of(&reference.scores)
        });
        let ratios: Vec<f64> = ratios.collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        println!("    {:<12}{mean:.4}", metric.name());
    }
    Ok(())
}
