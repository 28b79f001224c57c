//! Draws the tables of recovery in `docs/cycle-calibration.md`: bias and coverage of each
//! coefficient.
//!
//! `cargo run -p sanad-figure --example recovery_figure -- docs/cycle-calibration.md docs/cycle-recovery.svg`
#![allow(clippy::disallowed_methods, missing_docs)]

use std::error::Error;

use sanad_figure::{DotPanel, Estimate, Heading, IntervalDots, interval_dots};

/// Simulated sets behind each row that does not tell.
const SETS: f64 = 2_000.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [page, out] = arguments.as_slice() else {
        return Err("recovery_figure PAGE.md OUT.svg".into());
    };
    let text = std::fs::read_to_string(page)?;
    // | family | quantity | truth | mean | bias % | normal covers | profile covers |, or
    // | family | quantity | truth | bias % | normal covers | bias % | profile covers | sets |
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.trim_matches(['|', ' ']).split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| matches!(cells.len(), 7 | 8) && cells[1].starts_with('n'))
        .collect();
    let number = |text: &str| text.replace('−', "-").trim_start_matches('+').parse::<f64>();
    let names: Vec<String> = rows
        .iter()
        .map(|row| format!("{}, {}", row[0].replace(" of 2 and 14 days", ""), row[1]))
        .collect();
    let mut bias = Vec::new();
    let mut covers = Vec::new();
    for row in &rows {
        let found = number(row[row.len() - 3])?;
        let sets = if row.len() == 8 { number(row[7])? } else { SETS };
        let share = 1.0 - number(row[6])? / 100.0;
        bias.push(vec![Some(Estimate::exact(found))]);
        let reach = 1.96 * (share * (1.0 - share) / sets).sqrt();
        let percent = |value: f64| 100.0 * value;
        covers.push(vec![Some(Estimate {
            low: percent((share - reach).max(0.0)),
            value: percent(share),
            high: percent(share + reach),
        })]);
    }
    let heading = Heading::new(
        "recovery",
        "What the excitation models find in worlds whose truth is known",
        "2,000 simulated sets each. Bias in per cent of the truth; share of the 95 % profile intervals that miss the truth, with its own 95 % interval.",
        "Dots per coefficient of each family of models: bias on the left, misses on the right.",
    );
    let chart = IntervalDots {
        regions: &names,
        periods: &["2,000 sets".to_owned()],
        panels: &[
            DotPanel { label: "bias, % of the truth".to_owned(), estimates: bias },
            DotPanel {
                label: "95 % interval misses, % (5 is right)".to_owned(),
                estimates: covers,
            },
        ],
        interval: "95 % interval from the number of sets",
    };
    std::fs::write(out, interval_dots(&heading, &chart)?.standalone_svg())?;
    Ok(())
}
