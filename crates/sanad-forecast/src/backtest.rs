//! Rolling origins: forecast as if the origin were today, then score against what came.

use crate::draws::{Draws, Request};
use crate::error::Error;
use crate::model::Model;
use crate::panel::Panel;
use crate::score::ScoreTable;

/// The forecast of one window and what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Index of the last month the model could see.
    pub origin: usize,
    /// The draws.
    pub draws: Draws,
    /// What happened: places × steps, `NaN` where not known.
    pub observed: Vec<f64>,
}

/// A model's windows and their scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The model's name.
    pub model: String,
    /// The windows, in the order of the origins asked for.
    pub windows: Vec<Window>,
    /// Every scored cell.
    pub scores: ScoreTable,
}

/// Back-tests a model on one panel.
///
/// The model is handed the panel up to each origin, through a view that ends there. Values of the
/// panel are those of one data version: where a source has been revised since, use
/// [`backtest_as_of`], or the back-test knows more than anyone did on the day.
///
/// # Errors
/// If an origin lies outside the panel, the model fails, or the draws of all windows would be more
/// than [`MAX_CELLS`](crate::MAX_CELLS).
pub fn backtest(
    model: &dyn Model,
    panel: &Panel,
    origins: &[usize],
    request: &Request,
) -> Result<Backtest, Error> {
    backtest_reporting(model, panel, origins, request, &|| ())
}

/// As [`backtest`]; `after_each` is called when the model is through with an origin.
///
/// # Errors
/// As [`backtest`].
pub fn backtest_reporting(
    model: &dyn Model,
    panel: &Panel,
    origins: &[usize],
    request: &Request,
    after_each: &dyn Fn(),
) -> Result<Backtest, Error> {
    request.check_size(panel.places(), origins.len())?;
    let draws = model.forecast_windows(panel, origins, request, after_each)?;
    collect(model, panel, origins, draws, request)
}

/// Back-tests a model on vintages: `as_of(origin)` is the panel as it was known at that origin,
/// `truth` the panel that scores it.
///
/// # Errors
/// As [`backtest`].
pub fn backtest_as_of<'a>(
    model: &dyn Model,
    as_of: impl Fn(usize) -> &'a Panel,
    truth: &Panel,
    origins: &[usize],
    request: &Request,
) -> Result<Backtest, Error> {
    request.check_size(truth.places(), origins.len())?;
    let draws = origins
        .iter()
        .map(|&origin| model.forecast(&as_of(origin).up_to(origin)?, request))
        .collect::<Result<Vec<_>, Error>>()?;
    collect(model, truth, origins, draws, request)
}

/// Scores the draws of every origin against what came, and keeps them by window.
fn collect(
    model: &dyn Model,
    truth: &Panel,
    origins: &[usize],
    draws: Vec<Draws>,
    request: &Request,
) -> Result<Backtest, Error> {
    let mut scores = ScoreTable::default();
    let mut windows = Vec::with_capacity(origins.len());
    for (&origin, draws) in origins.iter().zip(draws) {
        let observed = outcomes(truth, origin, request);
        let first = *request.steps().start();
        scores.append(ScoreTable::of_window(origin, first, &draws, &observed)?);
        windows.push(Window { origin, draws, observed });
    }
    Ok(Backtest { model: model.name(), windows, scores })
}

/// What happened in the window after `origin`: places × steps, `NaN` where not known.
#[must_use]
pub fn outcomes(truth: &Panel, origin: usize, request: &Request) -> Vec<f64> {
    (0..truth.places())
        .flat_map(|place| request.steps().map(move |step| (place, step)))
        .map(|(place, step)| truth.value(place, origin + step).unwrap_or(f64::NAN))
        .collect()
}
