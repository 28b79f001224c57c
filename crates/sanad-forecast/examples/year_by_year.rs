//! Back-tests models year by year on a country-month series and prints, as Markdown, each year's
//! scores beside three references, the paired differences, and the years lost with the countries
//! that made them.
//!
//! ```text
//! cargo run --release -p sanad-forecast --example year_by_year -- \
//!     SERIES.csv 1995..2017 sanad[,MODEL…] [DRAWS] [SEED]
//! ```
//! The series is a CSV with columns `month_id`, `country_id`, `country` and `ged_sb`. Training ends the
//! October before each year; steps are 3 to 14 months. A year is lost on CRPS where its ratio to
//! `own-last-12` is above 1.02, on MIS where it is above 1.05.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program, not the library")]

mod series;

use std::error::Error;

use sanad_forecast::score::{
    BootstrapSettings, Ecdf, Metric, ScoreTable, WindowComparison, compare_windows, mean_ratio,
    paired, place_parts,
};
use sanad_forecast::{Backtest, Request, Window, backtest, sanad};
use series::Series;

const REFERENCES: [&str; 3] = ["own-last-12", "smoothed-history", "exponential-history"];
const SHOWN: [Metric; 3] = [Metric::Crps, Metric::Ign, Metric::Mis90];
/// The ratio to `own-last-12` above which a year is lost.
const LOST_ABOVE: [(Metric, f64); 2] = [(Metric::Crps, 1.02), (Metric::Mis90, 1.05)];

/// A model's scores in all years.
struct Scored {
    name: String,
    scores: ScoreTable,
    windows: Vec<Window>,
}

impl Scored {
    /// The draws' quantile of a country, averaged over the steps of the window from `origin`.
    fn quantile(&self, origin: usize, place: usize, level: f64) -> f64 {
        let window = self.windows.iter().find(|window| window.origin == origin);
        let draws = window.map(|window| &window.draws);
        let steps = draws.map_or(0, sanad_forecast::Draws::steps);
        let of_step = |step| {
            draws.map_or(f64::NAN, |d| Ecdf::from_draws(d.cell(place, step)).quantile(level))
        };
        (0..steps).map(of_step).sum::<f64>() / steps as f64
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, years, models, rest @ ..] = arguments.as_slice() else {
        return Err("usage: year_by_year SERIES.csv FIRST..LAST MODEL,MODEL [DRAWS] [SEED]".into());
    };
    let draws = rest.first().map_or(Ok(1_000), |text| text.parse())?;
    let seed = rest.get(1).map_or(Ok(1), |text| text.parse())?;
    let series = series::read(path)?;
    let (years, origins) = series::windows(&series.panel, years)?;
    let request = Request::new(3..=14, draws, seed)?;
    let score = |name: &str| -> Result<Scored, Box<dyn Error>> {
        let model = sanad::by_name(name).ok_or(format!("no model is called {name}"))?;
        let Backtest { windows, scores, .. } =
            backtest(model.as_ref(), &series.panel, &origins, &request)?;
        Ok(Scored { name: name.to_owned(), scores, windows })
    };
    let references = REFERENCES.map(score).into_iter().collect::<Result<Vec<_>, _>>()?;
    for name in models.split(',') {
        let model = score(name)?;
        println!("## {name}\n");
        print_scores(&years, &model, &references);
        for reference in &references {
            print_differences(&years, &model, reference)?;
        }
        for reference in &references {
            print_behind(&years, &model, reference, &series)?;
        }
    }
    Ok(())
}

/// Each year's scores of the model and the references, and their means over years.
fn print_scores(years: &[i32], model: &Scored, references: &[Scored]) {
    let all: Vec<&Scored> = std::iter::once(model).chain(references).collect();
    for metric in SHOWN {
        let names: Vec<String> = all.iter().map(|scored| format!("`{}`", scored.name)).collect();
        println!("| {} | {} |\n| --- |{}", metric.name(), names.join(" | "), " ---: |".repeat(4));
        for (year, origin) in years.iter().zip(model.scores.origins()) {
            let year_mean = |scored: &&Scored| {
                let table = scored.scores.filter(|row| row.origin == origin);
                format!("{:.3}", table.mean(metric))
            };
            let cells: Vec<String> = all.iter().map(year_mean).collect();
            println!("| {year} | {} |", cells.join(" | "));
        }
        let mean = |scored: &&Scored| format!("{:.3}", scored.scores.mean_over_windows(metric));
        println!("| mean | {} |\n", all.iter().map(mean).collect::<Vec<_>>().join(" | "));
    }
}

/// Each year's paired differences from a reference, with intervals, and the mean of the ratios.
fn print_differences(
    years: &[i32],
    model: &Scored,
    reference: &Scored,
) -> Result<(), Box<dyn Error>> {
    let settings = BootstrapSettings::default();
    let by_metric = SHOWN
        .iter()
        .map(|&metric| compare_windows(&model.scores, &reference.scores, metric, settings))
        .collect::<Result<Vec<_>, _>>()?;
    println!("`{}` against `{}`: difference [90 %], ratio\n", model.name, reference.name);
    println!("| year | CRPS | IGN | MIS |\n| --- | --- | --- | --- |");
    let cell = |window: &WindowComparison| {
        let mean = window.difference.mean;
        let [low, value, high] = mean.triple().map(|bound| format!("{bound:.3}"));
        format!("{value} [{low}, {high}] {:.3}", window.ratio())
    };
    for (index, year) in years.iter().enumerate() {
        let cells: Vec<String> = by_metric.iter().map(|windows| cell(&windows[index])).collect();
        println!("| {year} | {} |", cells.join(" | "));
    }
    let mut whole = Vec::new();
    for (&metric, windows) in SHOWN.iter().zip(&by_metric) {
        let [low, value, high] =
            paired(&model.scores, &reference.scores, metric, settings)?.mean.triple();
        let worst = windows.iter().map(WindowComparison::ratio).enumerate();
        let worst = worst.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(index, _)| index);
        whole.push(format!(
            "{value:.3} [{low:.3}, {high:.3}] {:.3}, worst {}",
            mean_ratio(windows),
            years[worst]
        ));
    }
    println!("| all | {} |\n", whole.join(" | "));
    Ok(())
}

/// The years in which the reference is ahead, each with the three countries that added most to it.
fn print_behind(
    years: &[i32],
    model: &Scored,
    reference: &Scored,
    series: &Series,
) -> Result<(), Box<dyn Error>> {
    let settings = BootstrapSettings { resamples: 1, ..BootstrapSettings::default() };
    println!("Years in which `{}` is behind `{}`\n", model.name, reference.name);
    println!(
        "| year | score | ratio | | difference | made by (part; deaths a month before, then; forecast median, 5 to 95 %) |"
    );
    println!("| --- | --- | ---: | --- | ---: | --- |");
    for (metric, limit) in LOST_ABOVE {
        let windows = compare_windows(&model.scores, &reference.scores, metric, settings)?;
        for (year, window) in years.iter().zip(windows).filter(|(_, w)| w.ratio() > 1.0) {
            let [a, b] = [model, reference]
                .map(|scored| scored.scores.filter(|row| row.origin == window.origin));
            let made_by: Vec<String> = place_parts(&a, &b, metric)
                .iter()
                .take(3)
                .map(|part| {
                    let place = part.place as usize;
                    let name = &series.names[place];
                    let before = mean_before(series, place, window.origin);
                    let [low, median, high] =
                        [0.05, 0.5, 0.95].map(|level| model.quantile(window.origin, place, level));
                    format!(
                        "{name} ({:+.2}; {before:.0}, {:.0}; {median:.0}, {low:.0} to {high:.0})",
                        part.difference, part.observed
                    )
                })
                .collect();
            let judged = if window.ratio() > limit { "lost" } else { "level" };
            println!(
                "| {year} | {} | {:.3} | {judged} | {:+.2} | {} |",
                metric.name(),
                window.ratio(),
                window.difference.mean.value,
                made_by.join(", ")
            );
        }
    }
    println!();
    Ok(())
}

/// Deaths a month in the twelve months to the origin.
fn mean_before(series: &Series, place: usize, origin: usize) -> f64 {
    let year: Vec<f64> = (origin.saturating_sub(11)..=origin)
        .filter_map(|month| series.panel.value(place, month))
        .collect();
    year.iter().sum::<f64>() / year.len().max(1) as f64
}
