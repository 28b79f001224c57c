//! Back-tests models year by year on a country-month series and prints, as Markdown, each year's
//! scores beside three references, the paired differences, and the years lost with the countries
//! that made them.
//!
//! ```text
//! cargo run --release -p sanad-forecast --example year_by_year -- \
//!     SERIES.csv 1995..2017 sanad[,MODEL…] [DRAWS] [SEED] [COUNTRY,COUNTRY…]
//! ```
//! The series is a CSV with columns `month_id`, `country_id`, `country` and `ged_sb`, one of UCDP's counts by
//! country and month, or a case's counts by pair of sides (`PATH#conflict`, `PATH#side_b`); several are
//! joined by commas. All countries train; where some are named, these alone are scored. Models after the first are compared with it besides. Training ends the
//! October before each year; steps are 3 to 14 months. A year is lost on CRPS where its ratio to
//! `own-last-12` is above 1.02, on MIS where it is above 1.05.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program, not the library")]

mod series;

use std::error::Error;

use sanad_core::Estimate;
use sanad_forecast::score::{
    BootstrapSettings, Ecdf, Metric, Reliability, ReliabilityBin, ScoreTable, WarnedEvent,
    WarningScore, WindowComparison, compare_windows, hard_cases, mean_ratio, paired, place_parts,
};
use sanad_forecast::{Backtest, Model, Panel, Request, Window, backtest, sanad};
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
        return Err(
            "usage: year_by_year SERIES.csv FIRST..LAST MODEL,MODEL [DRAWS] [SEED] [COUNTRY,…]"
                .into(),
        );
    };
    let draws = rest.first().map_or(Ok(1_000), |text| text.parse())?;
    let seed = rest.get(1).map_or(Ok(1), |text| text.parse())?;
    let series = series::read(path)?;
    let (years, origins) = series::windows(&series.panel, years)?;
    let request = Request::new(3..=14, draws, seed)?;
    let only: Option<Vec<&str>> = rest.get(2).map(|names| names.split(',').collect());
    let is_scored = |name: &str| only.as_ref().is_none_or(|only| only.contains(&name));
    let score = |name: &str| -> Result<Scored, Box<dyn Error>> {
        let (model, panel) = model_and_panel(name, &series)?;
        let Backtest { windows, scores, .. } =
            backtest(model.as_ref(), &panel, &origins, &request)?;
        let scores = scores.filter(|row| is_scored(&series.names[row.place as usize]));
        Ok(Scored { name: name.to_owned(), scores, windows })
    };
    let references = REFERENCES.map(score).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut first: Option<Scored> = None;
    for name in models.split(',') {
        let model = score(name)?;
        println!("## {name}\n");
        if let Some(first) = &first {
            print_ratios(&model, first)?;
        }
        print_scores(&years, &model, &references);
        for reference in &references {
            print_differences(&years, &model, reference)?;
        }
        for reference in &references {
            print_behind(&years, &model, reference, &series)?;
        }
        for scored in [&model, &references[1]] {
            print_hard_cases(scored, &series)?;
            print_calibration(scored);
        }
        first.get_or_insert(model);
    }
    Ok(())
}

/// A model by name, or a candidate of the forecast log, and the panel it is given. Of names joined by
/// `+`, `durations` and `other-violence` are inputs; the rest is the model, the default if there is none.
fn model_and_panel(name: &str, series: &Series) -> Result<(Box<dyn Model>, Panel), Box<dyn Error>> {
    let is_input = |part: &&str| matches!(*part, "durations" | "other-violence");
    let mut panel = series.panel.clone();
    for input in name.split('+').filter(is_input) {
        panel = match input {
            "durations" => series.with_spells(panel)?,
            _ => series.with_other_violence(panel)?,
        };
    }
    let changes: Vec<&str> = name.split('+').filter(|part| !is_input(part)).collect();
    let changes = if changes.is_empty() { "sanad".to_owned() } else { changes.join("+") };
    let candidate = || Some(Box::new(sanad::candidate(&changes)?) as Box<dyn Model>);
    let model = sanad::by_name(&changes).or_else(candidate);
    Ok((model.ok_or(format!("no model is called {changes}"))?, panel))
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

/// The mean over years of a model's ratio to the first one, by score.
fn print_ratios(model: &Scored, first: &Scored) -> Result<(), Box<dyn Error>> {
    let settings = BootstrapSettings { resamples: 1, ..BootstrapSettings::default() };
    print!("`{}` to `{}`, mean ratio:", model.name, first.name);
    for metric in [Metric::Crps, Metric::Ign, Metric::Mis90, Metric::Log1pCrps] {
        let windows = compare_windows(&model.scores, &first.scores, metric, settings)?;
        print!(" {} {:.4}", metric.name(), mean_ratio(&windows));
    }
    println!("\n");
    Ok(())
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

/// What warnings are worth where there was no death in the twelve months to the origin.
fn print_hard_cases(scored: &Scored, series: &Series) -> Result<(), Box<dyn Error>> {
    let settings = BootstrapSettings::default();
    for event in WarnedEvent::ALL {
        let Some(hard) = hard_cases(&scored.scores, &series.panel, event, settings)? else {
            continue;
        };
        println!(
            "`{}`, quiet places, {} or more deaths: {} cases, {} months, {} true ({:.2} %), {} onsets\n",
            scored.name,
            event.deaths(),
            hard.cases,
            hard.months,
            hard.came,
            100.0 * hard.base_rate(),
            hard.onsets
        );
        println!(
            "| chance from | warned | right | precision, % | recall, % | false per true | onsets seen | lead |"
        );
        println!("| ---: |{}", " ---: |".repeat(7));
        for warning in &hard.warnings {
            println!("{}", hard_case_row(warning, hard.onsets));
        }
        println!();
    }
    Ok(())
}

/// Coverage, log1p-CRPS and the reliability of the chances of 1 and of 25 deaths or more.
fn print_calibration(scored: &Scored) {
    print!("`{}`:", scored.name);
    for metric in [Metric::Log1pCrps, Metric::Coverage50, Metric::Coverage80, Metric::Coverage90] {
        print!(" {} {:.3}", metric.name(), scored.scores.mean_over_windows(metric));
    }
    println!(
        "\n\n| chance of | forecast % / came % (months), by tenth | reliability | resolution | uncertainty |"
    );
    println!("| --- | --- | ---: | ---: | ---: |");
    let any = Reliability::of_any(&scored.scores, 10);
    for (event, found) in [("1", any), ("25", Reliability::of_25(&scored.scores, 10))] {
        let bin = |bin: &ReliabilityBin| {
            format!("{:.0}/{:.0} ({})", 100.0 * bin.forecast, 100.0 * bin.observed, bin.cells)
        };
        let bins: Vec<String> = found.bins.iter().map(bin).collect();
        println!(
            "| {event} or more | {} | {:.4} | {:.4} | {:.4} |",
            bins.join(", "),
            found.reliability,
            found.resolution,
            found.uncertainty
        );
    }
    println!();
}

/// A row of the table of hard cases; a dash where nothing was warned.
fn hard_case_row(warning: &WarningScore, onsets: usize) -> String {
    let per_cent = |share: Option<Estimate>| {
        share.map_or("–".to_owned(), |share| {
            let [low, value, high] = share.triple().map(|bound| format!("{:.1}", 100.0 * bound));
            format!("{value} [{low}, {high}]")
        })
    };
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.1}"));
    format!(
        "| {} % | {} | {} | {} | {} | {} | {} of {onsets} | {} |",
        100.0 * warning.threshold,
        warning.warned,
        warning.right,
        per_cent(warning.precision),
        per_cent(warning.recall),
        number(warning.false_per_true()),
        warning.onsets_seen,
        number(warning.lead_months)
    )
}

/// Deaths a month in the twelve months to the origin.
fn mean_before(series: &Series, place: usize, origin: usize) -> f64 {
    let year: Vec<f64> = (origin.saturating_sub(11)..=origin)
        .filter_map(|month| series.panel.value(place, month))
        .collect();
    year.iter().sum::<f64>() / year.len().max(1) as f64
}
