//! What an analysis is about: an observatory, a case, or a case with an observatory's records.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use pyo3::prelude::*;
use sanad_store::Observatory;

use crate::arguments::day;
use crate::opened::{CaseSource, OpenedRecord};
use crate::record::PyRecord;
use crate::work::run;

/// An observatory on disk: the records that were imported, and the case if it holds one.
///
/// Reads the state that is published when it is opened, and stays with it whatever others write.
///
/// Parameters
/// ----------
/// path : path
///     The folder.
/// threads : int
///     0 for as many as there are cores. Results are the same bits on any number.
/// today : day, optional
///     By default SOURCE_DATE_EPOCH where it is set, else the machine's date.
#[pyclass(extends = PyRecord, frozen, name = "Observatory", module = "sanad")]
pub(crate) struct PyObservatory {
    folder: PathBuf,
}

#[pymethods]
impl PyObservatory {
    #[new]
    #[pyo3(signature = (path, *, threads = 0, today = None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        threads: usize,
        today: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let (threads, today) = (self::threads(threads), self::today(py, today)?);
        let folder = path.clone();
        let observatory = run(py, move |_| Ok(Observatory::open(&path)?))?;
        let record = PyRecord(Arc::new(OpenedRecord::new(observatory, threads, today)));
        Ok(PyClassInitializer::from(record).add_subclass(Self { folder }))
    }

    /// The folder.
    #[getter]
    fn path(&self) -> &Path {
        &self.folder
    }

    fn __repr__(&self) -> String {
        format!("Observatory({:?})", self.folder.display().to_string())
    }
}

/// A case: a folder that defines a study, with the tables that it ships.
///
/// Parameters
/// ----------
/// path : path
///     The folder with case.toml.
/// observatory : path, optional
///     Records to read with it; the case takes the place of the one in the observatory. Neither is changed.
/// threads : int
///     0 for as many as there are cores. Results are the same bits on any number.
/// today : day, optional
///     By default SOURCE_DATE_EPOCH where it is set, else the machine's date.
#[pyclass(extends = PyRecord, frozen, name = "Case", module = "sanad")]
pub(crate) struct PyCase {
    folder: PathBuf,
}

#[pymethods]
impl PyCase {
    #[new]
    #[pyo3(signature = (path, observatory = None, *, threads = 0, today = None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        observatory: Option<PathBuf>,
        threads: usize,
        today: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let (threads, today) = (self::threads(threads), self::today(py, today)?);
        let folder = path.clone();
        let opened = run(py, move |progress| {
            let source = CaseSource { case: &path, observatory: observatory.as_deref(), today };
            source.open(threads, progress)
        })?;
        let record = PyRecord(Arc::new(opened));
        Ok(PyClassInitializer::from(record).add_subclass(Self { folder }))
    }

    /// The folder.
    #[getter]
    fn path(&self) -> &Path {
        &self.folder
    }

    fn __repr__(&self) -> String {
        format!("Case({:?})", self.folder.display().to_string())
    }
}

/// How many threads to use: as many as there are cores where none is named.
fn threads(given: usize) -> usize {
    match given {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    }
}

/// The day that stands for today: as given, or as `sanad._today` says.
fn today(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<NaiveDate> {
    match given {
        Some(given) => day("today", given),
        None => day("today", &py.import("sanad._today")?.getattr("today")?.call0()?),
    }
}
