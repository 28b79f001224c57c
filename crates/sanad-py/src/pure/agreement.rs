//! Agreement of coders.

use std::collections::{BTreeMap, BTreeSet};

use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyFloat, PyString};
use sanad_evidence::statements::agreement::{Bootstrap, alpha_with_interval, masi, nominal};

use crate::call_error::{CallError, CallResult};
use crate::work::run;

/// Krippendorff's alpha with its interval.
#[pyclass(frozen, get_all, name = "Agreement", module = "sanad")]
pub(crate) struct CoderAgreement {
    /// Krippendorff's alpha: 1 for perfect agreement, 0 for what chance gives, negative below it.
    alpha: f64,
    /// Lower end of the interval.
    low: f64,
    /// Upper end of the interval.
    high: f64,
    /// Number of units with two codes or more.
    units: usize,
    /// Number of codes in those units.
    codes: usize,
}

#[pymethods]
impl CoderAgreement {
    fn __repr__(&self) -> String {
        format!(
            "Agreement(alpha={}, low={}, high={}, units={}, codes={})",
            self.alpha, self.low, self.high, self.units, self.codes
        )
    }
}

/// A code that is a number, ordered as numbers are.
#[derive(PartialEq)]
struct Number(f64);

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Whether a coder did not code the unit: `None`, or a float that is no number.
fn is_missing(code: &Bound<'_, PyAny>) -> PyResult<bool> {
    if code.is_none() {
        return Ok(true);
    }
    Ok(code.is_instance_of::<PyFloat>() && code.extract::<f64>()?.is_nan())
}

/// The codes of every unit as `read` gives them.
fn units<T>(
    codes: &Bound<'_, PyAny>,
    mut read: impl FnMut(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<Vec<Option<T>>>> {
    let mut found = Vec::new();
    for unit in codes.try_iter()? {
        let mut of_unit = Vec::new();
        for code in unit?.try_iter()? {
            let code = code?;
            of_unit.push(if is_missing(&code)? { None } else { Some(read(&code)?) });
        }
        found.push(of_unit);
    }
    Ok(found)
}

/// A text that stands for a code.
fn text(code: &Bound<'_, PyAny>) -> PyResult<String> {
    code.str()?.extract()
}

/// Alpha of units that were read, off Python's thread.
fn alpha<T: Ord + Send + Sync + 'static>(
    py: Python<'_>,
    units: Vec<Vec<Option<T>>>,
    distance: impl Fn(&T, &T) -> f64 + Send + 'static,
    bootstrap: Bootstrap,
) -> PyResult<CoderAgreement> {
    run(py, move |_| -> CallResult<CoderAgreement> {
        let slices = units.iter().map(Vec::as_slice);
        let found = alpha_with_interval(slices, distance, &bootstrap)?;
        let found = found.map_err(|why| {
            CallError::argument("codes", why, "units with two codes or more that differ somewhere")
        })?;
        Ok(CoderAgreement {
            alpha: found.alpha,
            low: found.low,
            high: found.high,
            units: found.units,
            codes: found.codes,
        })
    })
}

/// Krippendorff's alpha with an interval from resampling units.
///
/// Parameters
/// ----------
/// codes : units × coders
///     An array or a list of lists. None or NaN where a coder did not code the unit.
/// distance : "nominal", "interval" or "masi"
///     "nominal": codes are equal or not, by their texts, so that 1 and "1" are equal and 1.0 is another. "interval": squared difference of numbers (Krippendorff 2004). "masi": codes are
///     sets, which may agree in part (Passonneau 2006).
/// resamples : int, 20 to 1,000,000
///     Resamples of units; those without variation are left out.
/// level : float, in (0, 1)
///     Probability inside the interval.
/// seed : int
///
/// Returns
/// -------
/// Agreement
///     ``alpha``, ``low``, ``high``, ``units``, ``codes``.
#[pyfunction]
#[pyo3(signature = (codes, distance = "nominal", *, resamples = 2000, level = 0.9, seed = 1))]
pub(crate) fn krippendorff_alpha(
    py: Python<'_>,
    codes: &Bound<'_, PyAny>,
    distance: &str,
    resamples: usize,
    level: f64,
    seed: u64,
) -> PyResult<CoderAgreement> {
    let bootstrap = Bootstrap { resamples, level, seed };
    match distance {
        "nominal" => alpha(py, units(codes, text)?, nominal, bootstrap),
        "interval" => {
            let units = units(codes, |code| Ok(Number(code.extract()?)))?;
            alpha(py, units, |a, b| (a.0 - b.0) * (a.0 - b.0), bootstrap)
        }
        "masi" => alpha(py, sets(codes)?, masi, bootstrap),
        other => {
            Err(CallError::argument("distance", format!("{other:?}"), "nominal, interval or masi")
                .into())
        }
    }
}

/// Sets of codes, each code by its number among all codes in the order of their texts.
fn sets(codes: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<Option<BTreeSet<u32>>>>> {
    let read = units(codes, |code| {
        // A text is no set of its letters.
        if code.is_instance_of::<PyString>() {
            let expected = "a set or list of codes for each coder";
            return Err(CallError::argument("codes", code.repr()?.to_string(), expected).into());
        }
        code.try_iter()?.map(|member| text(&member?)).collect::<PyResult<BTreeSet<String>>>()
    })?;
    let all: BTreeSet<String> = read.iter().flatten().flatten().flatten().cloned().collect();
    let numbers: BTreeMap<String, u32> = all.into_iter().zip(0..).collect();
    let numbered = |set: &BTreeSet<String>| set.iter().map(|code| numbers[code]).collect();
    Ok(read
        .iter()
        .map(|unit| unit.iter().map(|set| set.as_ref().map(numbered)).collect())
        .collect())
}
