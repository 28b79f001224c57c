//! The report of a back-test: from scores to what a page shows.
//!
//! The page is one HTML file that `sanad-brief` draws: scores with their intervals and differences,
//! and for the first model how far its chances can be taken at their word. No score is computed
//! here.

use sanad_brief::evaluation::{Calibration, Evaluation, Reliable, ScoreCell, ScoreRow};
use sanad_core::Estimate;
use sanad_figure::ReliabilityBin;
use sanad_forecast::Backtest;
use sanad_forecast::score::{PitHistogram, Reliability, Row, ScoreTable};
use sanad_numbers::{NORMAL_90, wilson_interval};

use crate::error::Result;
use crate::scoring::Line;

/// Scores on the page, in order. Names are those of `Metric::name`. Lower is better for all but the
/// coverage, which is best at 0.9.
const SHOWN: [&str; 7] =
    ["crps", "ign", "mis_90", "log1p_crps", "brier_1", "brier_25", "coverage_90"];
/// Bins of reliability diagrams and of PIT histograms.
const BINS: usize = 10;
/// The PIT is shown where a death is likely: at zero it says nothing. The chance of a death that
/// the draws give a cell has to be above it.
const PIT_FROM: f64 = 0.6;

/// What a report is about.
///
/// Windows, references and settings are in the lines and the command; nothing else is asked for.
pub struct EvaluatedRun<'a> {
    /// What was forecast.
    pub series: &'a str,
    /// The command that makes the page again.
    pub command: &'a str,
    /// The back-tests, the first of them the model's.
    pub done: &'a [Backtest],
    /// Scores over all windows and by window.
    pub lines: &'a [Line],
}

/// The page. Calibration is shown for the first model.
///
/// # Errors
///
/// `Error::Brief` where the page cannot be drawn.
pub fn page(subject: &EvaluatedRun<'_>) -> Result<String> {
    let mut rows: Vec<ScoreRow> = Vec::new();
    for line in subject.lines.iter().filter(|line| SHOWN.contains(&line.score)) {
        take(&mut rows, line);
    }
    let evaluation = Evaluation {
        series: subject.series.to_owned(),
        settings: subject.command.to_owned(),
        scores: SHOWN.map(str::to_owned).to_vec(),
        rows,
        calibration: subject.done.first().and_then(calibration),
        program: format!("sanad {}", env!("CARGO_PKG_VERSION")),
    };
    Ok(sanad_brief::evaluation::render(&evaluation)?)
}

/// Puts a line into the row of its model, window and reference; rows keep the order of lines.
/// Values in a row follow the order in which the scores come, which is that of the columns.
fn take(rows: &mut Vec<ScoreRow>, line: &Line) {
    let is_its = |row: &ScoreRow| {
        row.model == line.forecast && row.window == line.window && row.against == line.against
    };
    let at = rows.iter().position(is_its).unwrap_or_else(|| {
        rows.push(ScoreRow {
            model: line.forecast.clone(),
            window: line.window.clone(),
            against: line.against.clone(),
            cells: line.cells,
            values: Vec::new(),
        });
        rows.len() - 1
    });
    let triple = |found: &sanad_forecast::score::BootstrapMean| found.mean.triple();
    rows[at].values.push(ScoreCell {
        mean: line.mean.as_ref().map(triple),
        difference: line.difference.as_ref().map(triple),
    });
}

/// Reliability and the histogram of the distribution function at the outcomes for one model;
/// nothing where nothing was scored. Reliability is given for at least 1 and at least 25 deaths, by
/// bins of the forecast chance, with Wilson's 90 % interval of the observed share; with it stand
/// the three parts of the Brier score.
fn calibration(result: &Backtest) -> Option<Calibration> {
    let table: &ScoreTable = &result.scores;
    if table.rows().is_empty() {
        return None;
    }
    let reliable = |reliability: Reliability| Reliable {
        bins: reliability
            .bins
            .iter()
            .map(|bin| {
                let cells = bin.cells as f64;
                let [low, high] = wilson_interval(bin.observed, cells, NORMAL_90);
                ReliabilityBin {
                    forecast: bin.forecast,
                    observed: Some(Estimate::new(low, bin.observed, high)),
                    count: bin.cells as u64,
                }
            })
            .collect(),
        reliability: reliability.reliability,
        resolution: reliability.resolution,
        uncertainty: reliability.uncertainty,
    };
    let likely = table.filter(|row: &Row| row.scores.probability_1 > PIT_FROM);
    Some(Calibration {
        model: result.model.clone(),
        any: reliable(Reliability::of_any(table, BINS)),
        many: reliable(Reliability::of_25(table, BINS)),
        pit: match likely.rows() {
            [] => Vec::new(),
            _ => PitHistogram::from_table(&likely, BINS).mass,
        },
        pit_cells: likely.rows().len(),
    })
}
