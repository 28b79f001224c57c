//! Sanad for Python: the analyses of a case as [`sanad_study`] makes them, and the pure libraries on numpy arrays.
//!
//! A door like the command line: it parses a call, asks the study, and gives the table that it made. What Python reads
//! of it, docstrings and all, stands here; `python/sanad` holds the package around it and its type stubs.
//!
//! No `unsafe` is written here, only what pyo3's macros write: the lint that forbids it stays on.

use pyo3::prelude::*;

mod analyses;
mod arguments;
mod arrays;
mod call_error;
mod figure;
mod opened;
mod pure;
mod record;
mod results;
mod subject;
mod table;
mod work;

/// The compiled part of Sanad; `import sanad` brings all of it.
#[pymodule]
mod _sanad {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::figure::{PyFigure, PyPage};
    #[pymodule_export]
    use crate::pure::agreement::{CoderAgreement, krippendorff_alpha};
    #[pymodule_export]
    use crate::pure::excitation::{DaysFit, TimesFit, fit_daily, fit_hawkes};
    #[pymodule_export]
    use crate::pure::index::{IndexResult, composite_index};
    #[pymodule_export]
    use crate::pure::intervention::{
        Ratio, SeriesChange, SyntheticFit, interrupted_series, synthetic_control,
    };
    #[pymodule_export]
    use crate::pure::model::{EnsembleRun, XmileModel};
    #[pymodule_export]
    use crate::pure::scores::{crps, ign, mis, pit_histogram, reliability, scores};
    #[pymodule_export]
    use crate::record::PyRecord;
    #[pymodule_export]
    use crate::results::{PyBacktest, PyForecast};
    #[pymodule_export]
    use crate::subject::{PyCase, PyObservatory};
    #[pymodule_export]
    use crate::table::PyTable;

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Runs the program `sanad` with these arguments, the first of which is its name; gives its exit code.
    #[pyfunction]
    fn run_program(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| sanad_cli::run(arguments))
    }
}
