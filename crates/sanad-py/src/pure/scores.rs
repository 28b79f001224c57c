//! Proper scores of draws, cell by cell.

use numpy::PyArrayDyn;
use numpy::ndarray::{Ix1, Ix2};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use sanad_forecast::score::{
    self, CellScores, Ecdf, Metric, PitHistogram, Reliability, ScoreTable, Tally,
};

use crate::arrays::{array, make_array, values};
use crate::call_error::{CallError, CallResult};
use crate::work::compute_detached;

/// What a column of scores is.
type Column<'py> = Bound<'py, PyArrayDyn<f64>>;

/// What the draws stand for, in messages.
const CELLS: &str = "two dimensions, cells × draws";

/// Memory that is used again for every cell.
#[derive(Default)]
struct Scratch {
    tally: Tally,
    whole: Vec<u32>,
}

impl Scratch {
    /// Whether all draws are counts, which are then in `whole`: tallied instead of sorted, to the same bits.
    fn are_counts(&mut self, draws: &[f64]) -> bool {
        self.whole.clear();
        self.whole.extend(draws.iter().map(|&draw| draw as u32));
        self.whole.iter().zip(draws).all(|(&count, &draw)| f64::from(count) == draw)
    }

    /// The CRPS of draws that may be below zero, where the way of counts does not go.
    fn crps(&mut self, draws: &[f64], observed: f64) -> f64 {
        match observed < 0.0 || draws.iter().any(|&draw| draw < 0.0) {
            true => score::crps_sample(draws, observed),
            false => score::crps(self.distribution(draws), observed),
        }
    }

    fn distribution(&mut self, draws: &[f64]) -> &Ecdf {
        match self.are_counts(draws) {
            true => self.tally.of(&self.whole),
            false => self.tally.of_values(draws),
        }
    }

    fn scores(&mut self, draws: &[f64], observed: f64) -> Option<CellScores> {
        match self.are_counts(draws) {
            true => CellScores::from_draws(&mut self.tally, &self.whole, observed),
            false => CellScores::of_values(&mut self.tally, draws, observed),
        }
    }
}

/// Draws and outcomes that fit each other, as the scores read them: cell i has the draws from i · `per_cell` on.
struct ScoredCells<'a> {
    draws: &'a [f64],
    per_cell: usize,
    observed: &'a [f64],
}

impl ScoredCells<'_> {
    /// `score` of each cell, in parallel and in the cells' order.
    ///
    /// # Errors
    /// `UsageError` with the first cell that has a draw which is no finite number, or an infinite outcome; an outcome
    /// that is no number is a cell without a score.
    fn each<T: Send>(
        &self,
        score: impl Fn(&mut Scratch, &[f64], f64) -> T + Sync,
    ) -> CallResult<Vec<T>> {
        let scored: Vec<Option<T>> = self
            .draws
            .par_chunks(self.per_cell)
            .zip(self.observed)
            .map_init(Scratch::default, |scratch, (draws, &outcome)| {
                // A fold and no `all`, so that the loop has no way out and runs on several draws at once.
                let are_finite = draws.iter().fold(true, |are, draw| are & draw.is_finite());
                (are_finite && !outcome.is_infinite()).then(|| score(scratch, draws, outcome))
            })
            .collect();
        let refused = |cell: usize| match self.observed[cell].is_infinite() {
            true => CallError::argument(
                "observed",
                format!("infinity in cell {cell}"),
                "a finite number, or NaN where nothing is known",
            ),
            false => CallError::argument(
                "draws",
                format!("no finite number in cell {cell}"),
                "a finite number for every draw",
            ),
        };
        scored.into_iter().enumerate().map(|(cell, one)| one.ok_or_else(|| refused(cell))).collect()
    }

    /// Refuses numbers below zero, of which the scores of counts know nothing.
    fn check_counted(&self) -> CallResult<()> {
        for (name, values, per_cell) in
            [("draws", self.draws, self.per_cell), ("observed", self.observed, 1)]
        {
            if let Some(position) = values.par_iter().position_first(|value| *value < 0.0) {
                let found = format!("a number below 0 in cell {}", position / per_cell);
                let expected = "numbers from 0; crps and mis take any";
                return Err(CallError::argument(name, found, expected));
            }
        }
        Ok(())
    }
}

/// Reads the two arguments of every score, and computes with the interpreter's lock released.
fn with_cells<T: Send>(
    draws: &Bound<'_, PyAny>,
    observed: &Bound<'_, PyAny>,
    compute: impl FnOnce(&ScoredCells<'_>) -> CallResult<T> + Send,
) -> PyResult<T> {
    let draws = array::<Ix2>("draws", CELLS, draws)?;
    let observed = array::<Ix1>("observed", "one dimension, cells", observed)?;
    let (cells, per_cell) = draws.as_array().dim();
    let outcomes = observed.as_array().len();
    if cells != outcomes {
        let expected = format!("{cells}, as many as rows of draws");
        return Err(CallError::argument("observed", format!("{outcomes} cells"), &expected).into());
    }
    if per_cell == 0 {
        return Err(
            CallError::argument("draws", "no draw", "one draw or more for each cell").into()
        );
    }
    let cells = ScoredCells {
        draws: values("draws", &draws)?,
        per_cell,
        observed: values("observed", &observed)?,
    };
    compute_detached(observed.py(), || compute(&cells))
}

/// One score of each cell; not a number where the outcome is none.
fn each<'py>(
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
    check: impl FnOnce(&ScoredCells<'_>) -> CallResult<()> + Send,
    score: impl Fn(&mut Scratch, &[f64], f64) -> f64 + Sync + Send,
) -> PyResult<Column<'py>> {
    let found = with_cells(draws, observed, |cells| {
        check(cells)?;
        cells.each(|scratch, draws, outcome| match outcome.is_nan() {
            true => f64::NAN,
            false => score(scratch, draws, outcome),
        })
    })?;
    make_array(draws.py(), &[found.len()], found)
}

/// All scores of each cell, of counts.
fn all_scores(cells: &ScoredCells<'_>) -> CallResult<Vec<Option<CellScores>>> {
    cells.check_counted()?;
    cells.each(|scratch, draws, outcome| scratch.scores(draws, outcome))
}

/// Continuous ranked probability score of each cell, in the unit of the draws; lower is better.
///
/// E|X − y| − ½ E|X − X′| over the draws as they are, without a correction for their number (Matheson and Winkler 1976),
/// as the VIEWS 2023/24 challenge computes it.
///
/// Parameters
/// ----------
/// draws : array, cells × draws
///     Any finite numbers; counts take a faster way to the same bits.
/// observed : array, cells
///     What happened. NaN gives NaN.
///
/// Returns
/// -------
/// array, cells
///
/// Examples
/// --------
/// >>> import sanad
/// >>> sanad.crps([[0.0, 2.0]], [1.0])
/// array([0.5])
#[pyfunction]
pub(crate) fn crps<'py>(
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
) -> PyResult<Column<'py>> {
    each(draws, observed, |_| Ok(()), |scratch, draws, outcome| scratch.crps(draws, outcome))
}

/// Ignorance of each cell in bits over the eleven bins of the VIEWS 2023/24 challenge; lower is better.
///
/// −log₂ of the share of draws in the outcome's bin, one draw added to each bin (Good 1952; Roulston and Smith 2002). Never
/// compare it across numbers of draws: the added draws weigh more where there are few.
///
/// Parameters
/// ----------
/// draws : array, cells × draws
///     Counts, or numbers from 0; the bins lie between counts.
/// observed : array, cells
///     What happened. NaN gives NaN.
///
/// Returns
/// -------
/// array, cells
#[pyfunction]
pub(crate) fn ign<'py>(
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
) -> PyResult<Column<'py>> {
    each(
        draws,
        observed,
        |cells| cells.check_counted(),
        |scratch, draws, outcome| score::ignorance(scratch.distribution(draws), outcome),
    )
}

/// Interval score of each cell, in the unit of the draws; lower is better. Its mean is the challenge's MIS.
///
/// Width of the central interval plus 2/α times what the outcome misses it by (Gneiting and Raftery 2007). The ends are
/// quantiles of type 7, numpy's default.
///
/// Parameters
/// ----------
/// draws : array, cells × draws
///     Any finite numbers.
/// observed : array, cells
///     What happened. NaN gives NaN.
/// level : float, in (0, 1)
///     Coverage of the interval. The challenge's tables use 0.9; its script's own default is 0.95.
///
/// Returns
/// -------
/// array, cells
#[pyfunction]
#[pyo3(signature = (draws, observed, level = 0.9))]
pub(crate) fn mis<'py>(
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
    level: f64,
) -> PyResult<Column<'py>> {
    if !(level > 0.0 && level < 1.0) {
        return Err(CallError::argument("level", level, "a number between 0 and 1").into());
    }
    let tail = (1.0 - level) / 2.0;
    each(
        draws,
        observed,
        |_| Ok(()),
        |scratch, draws, outcome| {
            let ecdf = scratch.distribution(draws);
            score::interval_score(ecdf.quantile(tail), ecdf.quantile(1.0 - tail), outcome, level)
        },
    )
}

/// All scores of each cell, under the names of Sanad's tables.
///
/// Parameters
/// ----------
/// draws : array, cells × draws
///     Counts, or numbers from 0.
/// observed : array, cells
///     What happened. A cell whose outcome is NaN has NaN for every score.
///
/// Returns
/// -------
/// dict of arrays, cells
///     ``crps``, ``log1p_crps`` (CRPS of ln(1 + x), Bosse et al. 2023), ``tail_crps`` (above 25, Gneiting and Ranjan
///     2011) and ``quantile`` (mean of twice the pinball loss at seven levels) in the unit of the draws; ``ign`` in bits;
///     ``mis_90``; ``brier_1`` and ``brier_25`` of the probabilities of at least 1 and at least 25; ``coverage_50``,
///     ``coverage_80``, ``coverage_90`` as 0 or 1; ``pit_low`` and ``pit_high``, the share of draws below and at most the
///     outcome (Czado, Gneiting and Held 2009).
#[pyfunction]
pub(crate) fn scores<'py>(
    py: Python<'py>,
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let found = with_cells(draws, observed, all_scores)?;
    let column = |value: &dyn Fn(&CellScores) -> f64| {
        let column = found.iter().map(|cell| cell.as_ref().map_or(f64::NAN, value)).collect();
        make_array(py, &[found.len()], column)
    };
    let all = PyDict::new(py);
    for metric in Metric::ALL {
        all.set_item(metric.name(), column(&|cell| metric.of(cell))?)?;
    }
    all.set_item("pit_low", column(&|cell| cell.pit[0])?)?;
    all.set_item("pit_high", column(&|cell| cell.pit[1])?)?;
    Ok(all)
}

/// The scored cells as one table, in which place and step mean nothing.
fn table(draws: &Bound<'_, PyAny>, observed: &Bound<'_, PyAny>) -> PyResult<ScoreTable> {
    with_cells(draws, observed, |cells| {
        Ok(ScoreTable::of_cells(0, 1, 1, all_scores(cells)?, cells.observed))
    })
}

fn check_bins(bins: usize) -> CallResult<()> {
    match bins {
        1..=1000 => Ok(()),
        _ => Err(CallError::argument("bins", bins, "1 to 1000")),
    }
}

/// Mass of the probability integral transform in bins of equal width on [0, 1]; it sums to 1.
///
/// Flat when calibrated, ∪-shaped when forecasts are too narrow, ∩-shaped when too wide. Not randomised: each outcome
/// spreads its mass over its own interval (Czado, Gneiting and Held 2009).
///
/// Parameters
/// ----------
/// draws : array, cells × draws
/// observed : array, cells
///     Cells whose outcome is NaN are left out.
/// bins : int, 1 to 1000
///
/// Returns
/// -------
/// array, bins
#[pyfunction]
#[pyo3(signature = (draws, observed, bins = 10))]
pub(crate) fn pit_histogram<'py>(
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
    bins: usize,
) -> PyResult<Column<'py>> {
    check_bins(bins)?;
    let histogram = PitHistogram::from_table(&table(draws, observed)?, bins);
    make_array(draws.py(), &[bins], histogram.mass)
}

/// How often an event came, by the probability forecast for it: at least 1, or at least 25.
///
/// Parameters
/// ----------
/// draws : array, cells × draws
/// observed : array, cells
///     Cells whose outcome is NaN are left out.
/// threshold : int, 1 or 25
/// bins : int, 1 to 1000
///     Bins of equal width; those without a cell are left out.
///
/// Returns
/// -------
/// dict
///     ``forecast``, ``observed`` and ``cells`` by bin, and the three parts of the Brier score (Murphy 1973):
///     ``reliability``, ``resolution`` and ``uncertainty``.
#[pyfunction]
#[pyo3(signature = (draws, observed, threshold = 1, bins = 10))]
pub(crate) fn reliability<'py>(
    py: Python<'py>,
    draws: &Bound<'py, PyAny>,
    observed: &Bound<'py, PyAny>,
    threshold: u32,
    bins: usize,
) -> PyResult<Bound<'py, PyDict>> {
    check_bins(bins)?;
    let table = table(draws, observed)?;
    let found = match threshold {
        1 => Reliability::of_any(&table, bins),
        25 => Reliability::of_25(&table, bins),
        _ => return Err(CallError::argument("threshold", threshold, "1 or 25").into()),
    };
    let column = |values: Vec<f64>| make_array(py, &[values.len()], values);
    let all = PyDict::new(py);
    all.set_item("forecast", column(found.bins.iter().map(|bin| bin.forecast).collect())?)?;
    all.set_item("observed", column(found.bins.iter().map(|bin| bin.observed).collect())?)?;
    all.set_item("cells", column(found.bins.iter().map(|bin| bin.cells as f64).collect())?)?;
    all.set_item("reliability", found.reliability)?;
    all.set_item("resolution", found.resolution)?;
    all.set_item("uncertainty", found.uncertainty)?;
    Ok(all)
}
