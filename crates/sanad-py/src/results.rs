//! Results that are several tables and a page.

use pyo3::prelude::*;

use crate::figure::PyPage;
use crate::table::PyTable;

/// A forecast: its summary, its draws, and what moved it.
#[pyclass(frozen, get_all, name = "Forecast", module = "sanad")]
pub(crate) struct PyForecast {
    /// As ``sanad forecast`` prints: a row per place and month.
    summary: Py<PyTable>,
    /// month_id, the place, draw, outcome: the form of the VIEWS challenge.
    draws: Py<PyTable>,
    /// What moved each place's forecast away from its own last 12 months, where that was asked for.
    explanations: Option<Py<PyTable>>,
}

/// A back-test: scores, places, hard cases and the report.
#[pyclass(frozen, get_all, name = "Backtest", module = "sanad")]
pub(crate) struct PyBacktest {
    /// As the file scores.csv: a row per model, reference, score and part.
    scores: Py<PyTable>,
    /// As the file places.csv: skill by place.
    places: Py<PyTable>,
    /// As the file hard-cases.csv: warnings in places without a death in the twelve months before, by event and threshold.
    hard_cases: Py<PyTable>,
    /// The report as a page.
    report: Py<PyPage>,
}
