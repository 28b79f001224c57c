//! What changed at a known time: interrupted series and synthetic control.

use numpy::PyArrayDyn;
use numpy::ndarray::{Ix1, Ix2};
use pyo3::prelude::*;
use sanad_evidence::intervention::{
    InterruptedFit, InterruptedSettings, RateRatio, interrupted_series as fit_series,
    synthetic_control as fit_control,
};

use crate::arrays::{array, counts, make_array, values};
use crate::work::run;

/// A ratio of rates with its 95 % interval.
#[pyclass(frozen, get_all, name = "RateRatio", module = "sanad")]
pub(crate) struct Ratio {
    /// The ratio; 1 is no change.
    ratio: f64,
    /// Lower end of the 95 % interval.
    low: f64,
    /// Upper end of the 95 % interval.
    high: f64,
    /// Standard error of the ratio's natural logarithm.
    log_error: f64,
    /// Two-sided p-value of no change (Wald).
    p_value: f64,
}

impl From<RateRatio> for Ratio {
    fn from(found: RateRatio) -> Self {
        Self {
            ratio: found.ratio.value,
            low: found.ratio.low,
            high: found.ratio.high,
            log_error: found.log_error,
            p_value: found.p_value,
        }
    }
}

#[pymethods]
impl Ratio {
    fn __repr__(&self) -> String {
        format!(
            "RateRatio(ratio={}, low={}, high={}, p_value={})",
            self.ratio, self.low, self.high, self.p_value
        )
    }
}

/// A count before and after a known time, as fitted.
#[pyclass(frozen, name = "InterruptedSeries", module = "sanad")]
pub(crate) struct SeriesChange(InterruptedFit);

#[pymethods]
impl SeriesChange {
    /// Rate just after over rate just before.
    #[getter]
    fn level(&self) -> Ratio {
        self.0.level.into()
    }

    /// Factor by which the growth per period changed.
    #[getter]
    fn slope(&self) -> Ratio {
        self.0.slope.into()
    }

    /// Autoregression φ of the log of the counts.
    #[getter]
    fn autoregression(&self) -> f64 {
        self.0.autoregression
    }

    /// Size r of the negative binomial: the variance is λ + λ²/r.
    #[getter]
    fn count_size(&self) -> f64 {
        self.0.count_size
    }

    /// Log-likelihood given the first count.
    #[getter]
    fn log_likelihood(&self) -> f64 {
        self.0.log_likelihood
    }

    /// Expected counts with the two changes. Array, periods.
    #[getter]
    fn fitted<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        make_array(py, &[self.0.with.len()], self.0.with.clone())
    }

    /// Expected counts had the two changes not come. Array, periods.
    #[getter]
    fn without<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        make_array(py, &[self.0.without.len()], self.0.without.clone())
    }

    /// The rate so many periods after the start over what it would be had both changes not come.
    fn change_at(&self, periods: u32) -> Ratio {
        self.0.change_at(periods).into()
    }

    fn __repr__(&self) -> String {
        format!(
            "InterruptedSeries(level={}, slope={})",
            self.level().__repr__(),
            self.slope().__repr__()
        )
    }
}

/// Fits a change of level and of slope of a series of counts at a known time.
///
/// Counts are negative binomial with the autoregression of Zeger and Qaqish (1988); the design is that of Wagner et al.
/// (2002). What else happened at the time is in the estimate too.
///
/// Parameters
/// ----------
/// counts : array, periods
///     Whole numbers from 0.
/// start : int
///     Index of the first period after the intervention; at least 8 periods on either side.
/// periods_per_year : float
///     12 for months.
/// harmonics : int, at most half the periods of a year and of the series
///     Yearly harmonics; 0 for no season.
///
/// Returns
/// -------
/// InterruptedSeries
///     ``level`` and ``slope`` as rate ratios with 95 % intervals, ``fitted``, ``without``, ``change_at(periods)``.
#[pyfunction]
#[pyo3(signature = (counts, start, *, periods_per_year = 12.0, harmonics = 1))]
pub(crate) fn interrupted_series(
    py: Python<'_>,
    counts: &Bound<'_, PyAny>,
    start: usize,
    periods_per_year: f64,
    harmonics: usize,
) -> PyResult<SeriesChange> {
    let counts = array::<Ix1>("counts", "one dimension, periods", counts)?;
    let counts = self::counts("counts", values("counts", &counts)?)?;
    let settings = InterruptedSettings { start, periods_per_year, harmonics };
    run(py, move |_| Ok(SeriesChange(fit_series(&counts, settings)?)))
}

/// A treated unit against the weighted mean of untreated ones.
#[pyclass(frozen, get_all, name = "SyntheticControl", module = "sanad")]
pub(crate) struct SyntheticFit {
    /// Weight of every donor, at least 0, summing to 1. Array, donors.
    weights: Py<PyArrayDyn<f64>>,
    /// The synthetic unit, in the unit of the series. Array, periods.
    synthetic: Py<PyArrayDyn<f64>>,
    /// Mean of treated less synthetic from the start on, in the unit of the series.
    effect: f64,
    /// Root mean squared gap before the start, in the unit of the series.
    gap_before: f64,
    /// Root mean squared gap from the start on, in the unit of the series.
    gap_after: f64,
    /// Effect of each donor treated as though it were the unit. Array, donors.
    placebo_effects: Py<PyArrayDyn<f64>>,
    /// Gap after over gap before of each donor. Array, donors.
    placebo_ratios: Py<PyArrayDyn<f64>>,
    /// Each donor less its own synthetic control. Array, donors × periods.
    placebo_gaps: Py<PyArrayDyn<f64>>,
    /// Rank of the unit's ratio of gaps among all units', over their number.
    p_value: f64,
}

#[pymethods]
impl SyntheticFit {
    fn __repr__(&self) -> String {
        format!("SyntheticControl(effect={}, p_value={})", self.effect, self.p_value)
    }
}

/// Compares a treated unit with the weighted mean of untreated ones that tracked it before.
///
/// Abadie, Diamond and Hainmueller (2010), with every donor in turn as a placebo.
///
/// Parameters
/// ----------
/// treated : array, periods
///     In any unit.
/// donors : array, donors × periods
///     At least two, in the same unit.
/// start : int
///     Index of the first period of the treatment; at least 2 before and 1 after.
///
/// Returns
/// -------
/// SyntheticControl
#[pyfunction]
pub(crate) fn synthetic_control(
    py: Python<'_>,
    treated: &Bound<'_, PyAny>,
    donors: &Bound<'_, PyAny>,
    start: usize,
) -> PyResult<SyntheticFit> {
    let treated = array::<Ix1>("treated", "one dimension, periods", treated)?;
    let treated = values("treated", &treated)?.to_vec();
    let donors = array::<Ix2>("donors", "two dimensions, donors × periods", donors)?;
    let periods = donors.as_array().dim().1.max(1);
    let donors: Vec<Vec<f64>> =
        values("donors", &donors)?.chunks(periods).map(<[f64]>::to_vec).collect();
    let found = run(py, move |_| Ok(fit_control(&treated, &donors, start)?))?;
    let array = |shape: &[usize], values| Ok::<_, PyErr>(make_array(py, shape, values)?.unbind());
    let placebos = found.placebos.len();
    Ok(SyntheticFit {
        weights: array(&[found.weights.len()], found.weights)?,
        synthetic: array(&[found.synthetic.len()], found.synthetic)?,
        effect: found.effect,
        gap_before: found.gap_before,
        gap_after: found.gap_after,
        placebo_effects: array(&[placebos], found.placebos.iter().map(|p| p.effect).collect())?,
        placebo_ratios: array(&[placebos], found.placebos.iter().map(|p| p.ratio).collect())?,
        placebo_gaps: array(&[placebos, periods], found.placebo_gaps.concat())?,
        p_value: found.p_value,
    })
}
