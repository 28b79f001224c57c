//! Results that are several tables and a page.

use pyo3::prelude::*;

use crate::figure::PyPage;
use crate::table::PyTable;

/// A forecast: its summary, its draws, and what moved it.
#[pyclass(frozen, get_all, name = "Forecast", module = "sanad")]
pub(crate) struct PyForecast {
    /// As ``sanad forecast`` prints: a row per place and month.
    pub(crate) summary: Py<PyTable>,
    /// month_id, the place, draw, outcome: the form of the VIEWS challenge.
    pub(crate) draws: Py<PyTable>,
    /// What moved each place's forecast away from its own last 12 months, where that was asked for.
    pub(crate) explanations: Option<Py<PyTable>>,
}

/// A back-test: scores, places, hard cases and the report.
#[pyclass(frozen, get_all, name = "Backtest", module = "sanad")]
pub(crate) struct PyBacktest {
    /// As the file scores.csv: a row per model, reference, score and part.
    pub(crate) scores: Py<PyTable>,
    /// As the file places.csv: skill by place.
    pub(crate) places: Py<PyTable>,
    /// As the file hard-cases.csv: warnings in places without a death in the twelve months before, by event and threshold.
    pub(crate) hard_cases: Py<PyTable>,
    /// The report as a page.
    pub(crate) report: Py<PyPage>,
}
