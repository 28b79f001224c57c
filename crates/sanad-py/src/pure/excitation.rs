//! Does one kind of event feed another? Hawkes processes in continuous time and by day.

use numpy::PyArrayDyn;
use numpy::ndarray::{Ix1, Ix2, Ix3};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sanad_core::Parts;
use sanad_cycle::continuous::{Decays, Events, FitSettings, fit as fit_times, residuals};
use sanad_cycle::discrete::{
    Background, Counts, Extent, Kernel, Marks, Reach, Series, Settings, fit_reporting,
};
use sanad_cycle::{Links, Matrix};

use crate::arguments::choice;
use crate::arrays::{array, counts, json, make_array, values};
use crate::call_error::{CallError, CallResult};
use crate::work::run;

/// An array that a result keeps.
type KeptArray = Py<PyArrayDyn<f64>>;

/// A matrix of numbers, row by row.
struct Square {
    kinds: usize,
    values: Vec<f64>,
}

impl Square {
    fn new(kinds: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..kinds * kinds).map(|cell| value(cell / kinds, cell % kinds)).collect();
        Self { kinds, values }
    }

    /// Lower and upper ends of intervals; not a number where there is no interval.
    fn ends(kinds: usize, interval: impl Fn(usize, usize) -> Option<(f64, f64)>) -> (Self, Self) {
        let low = Self::new(kinds, |i, j| interval(i, j).map_or(f64::NAN, |(low, _)| low));
        let high = Self::new(kinds, |i, j| interval(i, j).map_or(f64::NAN, |(_, high)| high));
        (low, high)
    }

    fn keep(self, py: Python<'_>) -> PyResult<KeptArray> {
        Ok(make_array(py, &[self.kinds, self.kinds], self.values)?.unbind())
    }
}

fn keep(py: Python<'_>, values: Vec<f64>) -> PyResult<KeptArray> {
    Ok(make_array(py, &[values.len()], values)?.unbind())
}

/// A multivariate Hawkes process fitted to times.
#[pyclass(frozen, get_all, name = "HawkesFit", module = "sanad")]
pub(crate) struct TimesFit {
    /// Baseline rates, events per unit of time. Array, kinds.
    baseline: KeptArray,
    /// Mean number of events of the row's kind that one of the column's sets off. Array, kinds × kinds.
    branching: KeptArray,
    /// Lower end of the 95 % interval of each; NaN where there is none. Array, kinds × kinds.
    branching_low: KeptArray,
    /// Upper end. Array, kinds × kinds.
    branching_high: KeptArray,
    /// Time in which an effect halves, in the unit of the times. Array, kinds × kinds.
    half_life: KeptArray,
    /// Share of each kind's events that the model ascribes to earlier events. Array, kinds.
    endogenous_share: KeptArray,
    /// Times rescaled by the fitted rate, one array per kind: exponential with mean 1 where the model is right.
    residuals: Vec<KeptArray>,
    /// Largest modulus of the branching matrix's eigenvalues; at 1 and above the process grows without end.
    spectral_radius: f64,
    /// Log-likelihood at the estimate.
    log_likelihood: f64,
    /// Akaike's information criterion.
    aic: f64,
    /// Number of parameters estimated.
    parameters: usize,
}

#[pymethods]
impl TimesFit {
    fn __repr__(&self) -> String {
        format!(
            "HawkesFit(spectral_radius={}, log_likelihood={})",
            self.spectral_radius, self.log_likelihood
        )
    }
}

/// Which links a fit may use, by the word for it or as a square of truth values, row target, column source.
///
/// # Errors
/// `UsageError` for another word, and for what is no square with a row for each kind.
fn links(given: Option<&Bound<'_, PyAny>>, kinds: usize) -> PyResult<Links> {
    let Some(given) = given else { return Ok(Links::Full) };
    let expected = format!("full, self, none, or {kinds} × {kinds} truth values");
    if let Ok(word) = given.extract::<String>() {
        let known = [("full", Links::Full), ("self", Links::SelfOnly), ("none", Links::None)];
        let found = known.into_iter().find(|(known, _)| *known == word);
        return found
            .map(|(_, links)| links)
            .ok_or_else(|| CallError::argument("links", format!("{word:?}"), &expected).into());
    }
    match given.extract::<Vec<Vec<bool>>>() {
        Ok(allowed) if allowed.len() == kinds && allowed.iter().all(|row| row.len() == kinds) => {
            Ok(Links::Custom(allowed))
        }
        _ => Err(CallError::argument("links", given, &expected).into()),
    }
}

/// What is assumed of the decays: known half-lives, or bounds between which they are estimated.
fn decays(
    kinds: usize,
    half_life: Option<&Bound<'_, PyAny>>,
    bounds: [f64; 3],
) -> PyResult<Decays> {
    let ln_2 = core::f64::consts::LN_2;
    let Some(half_life) = half_life else {
        let [start, shortest, longest] = bounds;
        return Ok(Decays::Estimated {
            start: ln_2 / start,
            lower: ln_2 / longest,
            upper: ln_2 / shortest,
        });
    };
    if let Ok(one) = half_life.extract::<f64>() {
        return Ok(Decays::Fixed(Matrix::from_rows(&vec![vec![ln_2 / one; kinds]; kinds])));
    }
    let each = array::<Ix2>("half_life", "a number, or kinds × kinds", half_life)?;
    let (_, columns) = each.as_array().dim();
    let rows: Vec<Vec<f64>> = values("half_life", &each)?
        .chunks(columns.max(1))
        .map(|row| row.iter().map(|half_life| ln_2 / half_life).collect())
        .collect();
    Ok(Decays::Fixed(Matrix::from_rows(&rows)))
}

/// Fits a multivariate Hawkes process with exponential kernels to times, by maximum likelihood.
///
/// Hawkes (1971); the likelihood in one pass over the events (Ogata 1981, Ozaki 1979), with its exact Hessian. The baseline
/// is constant: where a trend or a season is at work, use ``fit_daily``, or excitation is found that is not there.
///
/// Parameters
/// ----------
/// times : list of arrays, one per kind
///     Sorted, each between 0 and ``span``, in any one unit of time. At least one event of every kind.
/// span : float
///     When the observation ended, in that unit.
/// links : "full", "self", "none" or kinds × kinds of bool
///     Which kinds (columns) may excite which (rows).
/// half_life : None, float or array, kinds × kinds
///     Half-lives where they are known, in the unit of the times; None estimates one for each link.
/// half_life_bounds : (start, shortest, longest)
///     Where the search begins and ends; by default 1, 0.01 and 100 mean gaps between events.
///
/// Returns
/// -------
/// HawkesFit
#[pyfunction]
#[pyo3(signature = (times, span, *, links = None, half_life = None, half_life_bounds = None))]
pub(crate) fn fit_hawkes(
    py: Python<'_>,
    times: Vec<Bound<'_, PyAny>>,
    span: f64,
    links: Option<&Bound<'_, PyAny>>,
    half_life: Option<&Bound<'_, PyAny>>,
    half_life_bounds: Option<[f64; 3]>,
) -> PyResult<TimesFit> {
    let read = |given: &Bound<'_, PyAny>| -> PyResult<Vec<f64>> {
        let one = array::<Ix1>("times", "a list of arrays with one dimension", given)?;
        Ok(values("times", &one)?.to_vec())
    };
    let times = times.iter().map(read).collect::<PyResult<Vec<_>>>()?;
    let events = times.iter().map(Vec::len).sum::<usize>().max(1);
    let kinds = times.len();
    let gap = span / events as f64;
    let bounds = half_life_bounds.unwrap_or([gap, gap / 100.0, gap * 100.0]);
    let settings = FitSettings {
        links: self::links(links, kinds)?,
        decays: decays(kinds, half_life, bounds)?,
    };
    let found = run(py, move |_| -> CallResult<_> {
        let events = Events::new(times, span)?;
        let fit = fit_times(&events, &settings)?;
        let residuals = (0..kinds).map(|kind| residuals(&fit.process, &events, kind));
        let residuals = residuals.collect::<Result<Vec<_>, _>>()?;
        let shares = fit.process.endogenous_share(&events);
        Ok((fit, residuals, shares))
    })?;
    let (fit, residuals, shares) = found;
    let process = &fit.process;
    let (low, high) = Square::ends(kinds, |target, source| fit.branching_interval(target, source));
    Ok(TimesFit {
        baseline: keep(py, process.baseline().to_vec())?,
        branching: Square::new(kinds, |i, j| process.branching()[(i, j)]).keep(py)?,
        branching_low: low.keep(py)?,
        branching_high: high.keep(py)?,
        half_life: Square::new(kinds, |i, j| process.half_life(i, j)).keep(py)?,
        endogenous_share: keep(py, shares)?,
        residuals: residuals.into_iter().map(|one| keep(py, one)).collect::<PyResult<_>>()?,
        spectral_radius: process.spectral_radius(),
        log_likelihood: fit.log_likelihood,
        aic: fit.aic(),
        parameters: fit.parameters,
    })
}

/// An excitation model by day, fitted to counts.
#[pyclass(frozen, get_all, name = "DailyFit", module = "sanad")]
pub(crate) struct DaysFit {
    /// Mean number of events of the row's kind that one of the column's sets off. Array, kinds × kinds.
    branching: KeptArray,
    /// Lower end of the 95 % interval of each; NaN where there is none. Array, kinds × kinds.
    branching_low: KeptArray,
    /// Upper end. Array, kinds × kinds.
    branching_high: KeptArray,
    /// Days in which an effect halves; NaN where the link is absent. Array, kinds × kinds.
    half_life_days: KeptArray,
    /// Share of each kind's events that the model ascribes to earlier events. Array, kinds.
    endogenous_share: KeptArray,
    /// Expected counts a day. Array, kinds × places × days.
    mean: KeptArray,
    /// Expected counts a day without excitation. Array, kinds × places × days.
    background: KeptArray,
    /// Largest modulus of the branching matrix's eigenvalues.
    spectral_radius: f64,
    /// Log-likelihood, adjusted for the background's flexibility.
    log_likelihood: f64,
    /// Akaike's information criterion.
    aic: f64,
    /// Schwarz's information criterion.
    bic: f64,
    /// Number of parameters estimated.
    parameters: usize,
}

#[pymethods]
impl DaysFit {
    fn __repr__(&self) -> String {
        format!(
            "DailyFit(spectral_radius={}, log_likelihood={})",
            self.spectral_radius, self.log_likelihood
        )
    }
}

/// The settings of the background that the caller may change.
fn background(given: Option<&Bound<'_, PyDict>>) -> PyResult<Background> {
    let mut background = Background::default();
    let Some(given) = given else { return Ok(background) };
    for (key, value) in given.iter() {
        match key.extract::<String>()?.as_str() {
            "knot_days" => background.knot_days = value.extract()?,
            "harmonics" => background.harmonics = value.extract()?,
            "first_weekday" => background.first_weekday = value.extract()?,
            "place_levels" => background.place_levels = value.extract()?,
            "covariates" => background.covariates = json("background", &value)?,
            other => {
                let known = "knot_days, harmonics, first_weekday, place_levels, covariates";
                return Err(CallError::argument("background", format!("{other:?}"), known).into());
            }
        }
    }
    Ok(background)
}

/// Fits a discrete-time excitation model to counts by day, place and kind, by adjusted maximum likelihood.
///
/// The integer-valued analogue of a Hawkes process (Ferland et al. 2006, Kirchner 2016) with a flexible background: a level
/// per place, a spline trend, a season. An excitation coefficient is a statement about timing beyond that background; it is
/// not by itself a cause.
///
/// Parameters
/// ----------
/// counts : array, kinds × places × days
///     Whole numbers from 0.
/// links : "full", "self", "none" or kinds × kinds of bool
///     Which kinds (columns) may excite which (rows).
/// half_life_days : (shortest, longest)
///     Bounds of the half-lives, which are estimated; by default (0.5, 60).
/// horizon_days : int, 1 to 36,525
///     Last lag of an effect.
/// reach : "same-place" or "everywhere"
///     Where the events that one sets off may happen.
/// counts_are : "negative-binomial" or "poisson"
/// background : dict, optional
///     ``knot_days`` (None for no trend), ``harmonics``, ``first_weekday``, ``place_levels``, ``covariates``.
///
/// Returns
/// -------
/// DailyFit
#[pyfunction]
#[pyo3(signature = (
    counts, *, links = None, half_life_days = (0.5, 60.0), horizon_days = 365, reach = "same-place",
    counts_are = "negative-binomial", background = None
))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn fit_daily(
    py: Python<'_>,
    counts: &Bound<'_, PyAny>,
    links: Option<&Bound<'_, PyAny>>,
    half_life_days: (f64, f64),
    horizon_days: usize,
    reach: &str,
    counts_are: &str,
    background: Option<&Bound<'_, PyDict>>,
) -> PyResult<DaysFit> {
    let counts = array::<Ix3>("counts", "three dimensions, kinds × places × days", counts)?;
    let (kinds, places, days) = counts.as_array().dim();
    let counts = self::counts("counts", values("counts", &counts)?)?;
    let by_kind: Vec<Vec<u32>> =
        counts.chunks((places * days).max(1)).map(<[u32]>::to_vec).collect();
    let (shortest_days, longest_days) = half_life_days;
    let laws = [("negative-binomial", Counts::NegativeBinomial), ("poisson", Counts::Poisson)];
    let settings = Settings {
        links: self::links(links, kinds)?,
        kernel: Kernel::Geometric { shortest_days, longest_days, horizon_days, shared: false },
        background: self::background(background)?,
        counts: choice("counts_are", counts_are, &laws)?,
        reach: match choice("reach", reach, &[("same-place", true), ("everywhere", false)])? {
            true => Reach::SamePlace,
            false => Reach::Everywhere,
        },
        marks: Marks::Ignored,
        adjusted: true,
    };
    let fit = run(py, move |progress| {
        let series = Series::from_counts(Extent { kinds, places, days }, &by_kind)?;
        let parts = Parts::new(progress, kinds);
        Ok(fit_reporting(&series, &settings, &|| parts.done())?)
    })?;
    let targets = fit.targets();
    let (low, high) =
        Square::ends(kinds, |target, source| targets[target].branching_interval(source));
    let cells = |counts: fn(&sanad_cycle::discrete::TargetFit) -> &[f64]| {
        let all = targets.iter().flat_map(|target| counts(target).to_vec()).collect();
        Ok::<_, PyErr>(make_array(py, &[kinds, places, days], all)?.unbind())
    };
    let half_life = |i: usize, j: usize| targets[i].half_life_days(j).unwrap_or(f64::NAN);
    Ok(DaysFit {
        branching: Square::new(kinds, |i, j| targets[i].branching(j)).keep(py)?,
        branching_low: low.keep(py)?,
        branching_high: high.keep(py)?,
        half_life_days: Square::new(kinds, half_life).keep(py)?,
        endogenous_share: keep(py, targets.iter().map(|one| one.endogenous_share()).collect())?,
        mean: cells(|target| target.mean())?,
        background: cells(|target| target.background())?,
        spectral_radius: fit.spectral_radius(),
        log_likelihood: fit.log_likelihood(),
        aic: fit.aic(),
        bic: fit.bic(),
        parameters: fit.parameters(),
    })
}
