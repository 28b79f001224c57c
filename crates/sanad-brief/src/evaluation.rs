//! The report of a back-test: scores with intervals, differences and calibration.

use maud::{Markup, PreEscaped, html};
use sanad_core::Estimate;
use sanad_figure::{
    Bar, BarsWithIntervals, Figure, Heading, ReliabilityBin, bars_with_intervals, reliability,
};

use crate::Result;
use crate::{skeleton, words};

/// A back-test, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// What was forecast.
    pub series: String,
    /// Windows, steps, draws and seed in words.
    pub settings: String,
    /// Names of the scores, in the order of [`ScoreRow::values`].
    pub scores: Vec<String>,
    /// Models by window.
    pub rows: Vec<ScoreRow>,
    /// How far the probabilities of the first model mean what they say.
    pub calibration: Option<Calibration>,
    /// Name and version of the program.
    pub program: String,
}

/// Scores of one model in one window, against one reference.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// The model.
    pub model: String,
    /// A year, "all", or "active": places with a death in the ten years before the origin.
    pub window: String,
    /// The reference, if there is one.
    pub against: Option<String>,
    /// Places × months scored.
    pub cells: usize,
    /// One value per score.
    pub values: Vec<ScoreCell>,
}

/// A score as low, mean, high of its 90 % interval; missing where nothing was scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreCell {
    /// The model's own.
    pub mean: Option<[f64; 3]>,
    /// Minus the reference's.
    pub difference: Option<[f64; 3]>,
}

/// Calibration of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The model.
    pub model: String,
    /// P(≥ 1).
    pub any: Reliable,
    /// P(≥ 25).
    pub many: Reliable,
    /// Mass of the PIT histogram by bin of equal width, where P(≥ 1) is above 0.6.
    pub pit: Vec<f64>,
    /// Cells in that histogram.
    pub pit_cells: usize,
}

/// A reliability diagram with Murphy's decomposition of the Brier score.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliable {
    /// Mean forecast, observed share with its 90 % interval and number of cells of each bin.
    pub bins: Vec<ReliabilityBin>,
    /// Distance from the diagonal; lower is better.
    pub reliability: f64,
    /// Spread of the outcomes of bins; higher is better.
    pub resolution: f64,
    /// Variance of the outcome.
    pub uncertainty: f64,
}

/// Renders the report as one self-contained HTML file.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when a figure's data do not fit its form.
///
/// ```
/// use sanad_brief::evaluation::{Evaluation, ScoreCell, ScoreRow, render};
///
/// let row = ScoreRow {
///     model: "hurdle".to_owned(),
///     window: "2021".to_owned(),
///     against: None,
///     cells: 1600,
///     values: vec![ScoreCell { mean: Some([1.1, 1.4, 1.9]), difference: None }],
/// };
/// let page = render(&Evaluation {
///     series: "state-based deaths by district".to_owned(),
///     settings: "one window, 1000 draws".to_owned(),
///     scores: vec!["crps".to_owned()],
///     rows: vec![row],
///     calibration: None,
///     program: "sanad 0.1.0".to_owned(),
/// })?;
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("hurdle"));
/// # Ok::<(), sanad_brief::Error>(())
/// ```
pub fn render(evaluation: &Evaluation) -> Result<String> {
    let figures = evaluation.calibration.as_ref().map_or(Ok(Vec::new()), figures)?;
    let body = html! {
                header {
                    p.kicker { "Sanad · back-test" }
                    h1 { "How well " (evaluation.series) " was forecast" }
                    p.made { (evaluation.settings) ". Made with " (evaluation.program) "." }
                }
                main {
                    section { h2 { "Scores" } (scores(evaluation)) (notes()) }
                    section { h2 { "Differences" } (differences(evaluation)) }
                    @if !figures.is_empty() {
                        section {
                            h2 { "Do the probabilities mean what they say?" }
                            @for figure in &figures { (PreEscaped(figure.to_html())) }
                        }
                    }
                }
    };
    let title = format!("Back-test of {}", evaluation.series);
    Ok(skeleton::page(&title, &evaluation.program, &body))
}

/// How the scores are to be read: which way is better, and what the intervals are.
fn notes() -> Markup {
    html! {
        p.note {
            "Means over places and months; lower is better for all but coverage_90, which is best \
             near 0.9. Intervals hold 90 % and come from resampling whole places, because months of \
             one place are not independent. “active” are places with a death in the ten years \
             before the origin. Few wars make most of crps and mis_90; ign depends on the number \
             of draws. The scores are defined in docs/forecast-evaluation.md."
        }
    }
}

/// Digits after the point with which a score is shown.
fn decimals(score: &str) -> usize {
    match score {
        "crps" => 2,
        "mis_90" => 1,
        "log1p_crps" | "brier_1" | "brier_25" => 4,
        _ => 3,
    }
}

/// A value with its interval in brackets.
fn interval(value: Option<[f64; 3]>, decimals: usize) -> Markup {
    html! {
        @match value {
            Some([low, middle, high]) => {
                (words::fixed(middle, decimals)) " "
                span.interval { "[" (words::fixed(low, decimals)) ", " (words::fixed(high, decimals)) "]" }
            }
            None => { span.missing { "not scored" } }
        }
    }
}

/// The rows of a model and window once, whatever they are compared with.
fn scores(evaluation: &Evaluation) -> Markup {
    let mut rows: Vec<&ScoreRow> = Vec::new();
    for row in &evaluation.rows {
        if !rows.iter().any(|known| known.model == row.model && known.window == row.window) {
            rows.push(row);
        }
    }
    table(evaluation, &rows, false)
}

/// Every model against its references, over all windows.
fn differences(evaluation: &Evaluation) -> Markup {
    let total = |row: &&ScoreRow| row.against.is_some() && row.window == "all";
    let rows: Vec<&ScoreRow> = evaluation.rows.iter().filter(total).collect();
    html! {
        (table(evaluation, &rows, true))
        p.note {
            "A model's score minus the reference's over the same places and months; below zero the \
             model is better. Where an interval holds zero, the difference is not established."
        }
    }
}

/// Scores in rows, one column per score.
fn table(evaluation: &Evaluation, rows: &[&ScoreRow], differences: bool) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { "Model" } @if differences { th { "Against" } } @else { th { "Window" } th.n { "Cells" } }
                @for score in &evaluation.scores { th.n { (score) } }
            } }
            tbody { @for row in rows { tr {
                td.nowrap { (row.model) }
                @if differences { td.nowrap { (row.against.as_deref().unwrap_or_default()) } }
                @else { td.nowrap { (row.window) } td.n { (words::whole(row.cells as f64)) } }
                @for (score, cell) in evaluation.scores.iter().zip(&row.values) {
                    td.n.nowrap { (interval(if differences { cell.difference } else { cell.mean }, decimals(score))) }
                }
            } } }
        } }
    }
}

/// The reliability of both events and the histogram of the forecasts' distribution function at
/// the outcomes (PIT).
fn figures(calibration: &Calibration) -> Result<Vec<Figure>> {
    let mut all = vec![
        diagram("reliability-any", "at least one death", calibration, &calibration.any)?,
        diagram("reliability-many", "at least 25 deaths", calibration, &calibration.many)?,
    ];
    if !calibration.pit.is_empty() {
        all.push(histogram(calibration)?);
    }
    Ok(all)
}

/// Forecast probability against observed share, with the decomposition of the Brier score in the
/// caption (A. H. Murphy, "A new vector partition of the probability score", Journal of Applied
/// Meteorology 12, 1973).
fn diagram(id: &str, event: &str, calibration: &Calibration, of: &Reliable) -> Result<Figure> {
    let title = format!("Forecast probability of {event} against how often it came");
    let caption = format!(
        "{}, all windows. Brier score = reliability {} − resolution {} + uncertainty {} (Murphy \
         1973), over ten bins of equal width. Bars: 90 % binomial intervals that treat months as \
         independent, and so are too narrow.",
        calibration.model,
        words::fixed(of.reliability, 4),
        words::fixed(of.resolution, 4),
        words::fixed(of.uncertainty, 4)
    );
    let description = "A diagonal marks probabilities that mean what they say. Points above it \
        are events that came more often than forecast.";
    Ok(reliability(&Heading::new(id, &title, &caption, description), &of.bins)?)
}

/// Outcomes by tenth of their forecast distribution: flat where forecasts are calibrated (A. P.
/// Dawid 1984).
fn histogram(calibration: &Calibration) -> Result<Figure> {
    let bins = calibration.pit.len();
    let bar = |(at, &mass): (usize, &f64)| Bar {
        label: format!("{}–{} %", at * 100 / bins, (at + 1) * 100 / bins),
        estimate: Some(Estimate::exact(mass)),
        highlighted: false,
    };
    let bars: Vec<Bar> = calibration.pit.iter().enumerate().map(bar).collect();
    let title = format!("Where outcomes fell in the forecasts, expected {} % in each", 100 / bins);
    let caption = format!(
        "PIT histogram of {} where P(≥ 1) is above 0.6 ({} places × months). More in the lowest \
         bins: forecasts were too high. More in both ends: too narrow.",
        calibration.model,
        words::whole(calibration.pit_cells as f64)
    );
    let heading = Heading::new(
        "pit",
        &title,
        &caption,
        "One bar for each tenth of the forecast distribution, from its lowest to its highest.",
    );
    let chart = BarsWithIntervals { bars: &bars, unit: "share of outcomes", percent: true };
    Ok(bars_with_intervals(&heading, &chart)?)
}
