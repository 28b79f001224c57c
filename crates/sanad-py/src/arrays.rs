//! Arrays in and out.
//!
//! Whatever numpy can make an array of numbers of is taken; contiguous arrays of double precision are read in place,
//! without a copy.

use numpy::ndarray::{ArrayD, Dimension, IxDyn};
use numpy::{
    PyArray, PyArrayDyn, PyArrayMethods, PyReadonlyArray, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call_error::{CallError, CallResult};

/// An argument as a contiguous array of double precision with the dimensions that `D` has.
///
/// # Errors
/// `UsageError` where numpy makes no numbers of it, or it has other dimensions; `shape` says what they stand for.
pub(crate) fn array<'py, D: Dimension>(
    name: &str,
    shape: &str,
    given: &Bound<'py, PyAny>,
) -> PyResult<PyReadonlyArray<'py, f64, D>> {
    let py = given.py();
    let settings = [("dtype", "float64")].into_py_dict(py)?;
    let made = py.import("numpy")?.call_method("ascontiguousarray", (given,), Some(&settings));
    let made = made.map_err(|error| {
        let found = error.value(py).to_string();
        PyErr::from(CallError::argument(name, found, "numbers"))
    })?;
    let dimensions = made.cast::<PyUntypedArray>()?.ndim();
    match made.cast_into::<PyArray<f64, D>>() {
        Ok(array) => Ok(array.try_readonly().map_err(PyErr::from)?),
        Err(_) => {
            let found = format!("{dimensions} dimensions");
            Err(CallError::argument(name, found, shape).into())
        }
    }
}

/// The values of an array in the order of its dimensions, the last one running fastest.
pub(crate) fn values<'a, D: Dimension>(
    name: &str,
    array: &'a PyReadonlyArray<'_, f64, D>,
) -> PyResult<&'a [f64]> {
    array.as_slice().map_err(|_| CallError::argument(name, "scattered memory", "one block").into())
}

/// Whole numbers that are at least 0 and below 2³².
pub(crate) fn counts(name: &str, values: &[f64]) -> CallResult<Vec<u32>> {
    let count = |value: &f64| match *value as u32 {
        count if f64::from(count) == *value => Ok(count),
        _ => Err(CallError::argument(name, value, "whole numbers from 0")),
    };
    values.iter().map(count).collect()
}

/// A new array of this shape, filled in the order of its dimensions, the last one running fastest.
///
/// # Errors
/// Where there are not as many values as the shape has places.
pub(crate) fn make_array<'py>(
    py: Python<'py>,
    shape: &[usize],
    values: Vec<f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values);
    let array = array.map_err(|error| CallError::argument("shape", error, "as many as values"))?;
    Ok(PyArrayDyn::from_owned_array(py, array))
}

/// Settings as the library has them by default, with what the caller sets in their place.
///
/// # Errors
/// A name that the settings do not have, or a value that does not fit.
pub(crate) fn settings<T: Serialize + DeserializeOwned>(
    name: &str,
    by_default: &T,
    given: Option<&Bound<'_, PyDict>>,
) -> PyResult<T> {
    let failed =
        |error: serde_json::Error| CallError::argument(name, error, "settings as documented");
    let mut all = serde_json::to_value(by_default).map_err(failed)?;
    if let (Some(given), serde_json::Value::Object(fields)) = (given, &mut all) {
        for (key, value) in json::<serde_json::Map<String, serde_json::Value>>(name, given)? {
            let known = fields.keys().cloned().collect::<Vec<_>>().join(", ");
            match fields.get_mut(&key) {
                Some(field) => *field = value,
                None => return Err(CallError::argument(name, format!("{key:?}"), &known).into()),
            }
        }
    }
    Ok(serde_json::from_value(all).map_err(failed)?)
}

/// A value that JSON can hold, through Python's own `json`.
pub(crate) fn json<T: DeserializeOwned>(name: &str, given: &Bound<'_, PyAny>) -> PyResult<T> {
    let text = given.py().import("json")?.call_method1("dumps", (given,))?;
    let found = serde_json::from_str(&text.extract::<String>()?);
    Ok(found.map_err(|error| CallError::argument(name, error, "settings as documented"))?)
}
