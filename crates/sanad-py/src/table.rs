//! Tables as Python sees them: the Arrow C stream, without a copy, and the files that the program writes.

use std::fmt::Write as _;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyString};
use sanad_store::Table;
use sanad_store::export::{self, ArrowStream, Format};

use crate::call_error::CallError;

/// Rows that a notebook or a prompt shows.
const SHOWN: usize = 20;

/// A table: named columns of equal length, as the command line writes them.
///
/// ``pyarrow.table(t)``, ``polars.DataFrame(t)``, ``pandas.DataFrame.from_arrow(t)`` (pandas 3) and DuckDB's ``SELECT * FROM t``
/// take it as it is (the Arrow PyCapsule interface); its columns are handed over without a copy.
#[pyclass(frozen, name = "Table", module = "sanad")]
pub(crate) struct PyTable(Table);

impl PyTable {
    /// What an analysis made, or why it did not.
    pub(crate) fn from_result<E: Into<sanad_study::Error>>(
        found: Result<Table, E>,
    ) -> PyResult<Self> {
        match found {
            Ok(table) => Ok(Self(table)),
            Err(error) => Err(CallError::from(error.into()).into()),
        }
    }

    fn bytes(&self, table: &Table, format: Format) -> PyResult<Vec<u8>> {
        let mut bytes = Vec::new();
        export::write(table, format, &mut bytes).map_err(CallError::from)?;
        Ok(bytes)
    }

    fn text(&self, table: &Table, format: Format) -> PyResult<String> {
        Ok(String::from_utf8_lossy(&self.bytes(table, format)?).into_owned())
    }
}

impl From<Table> for PyTable {
    fn from(table: Table) -> Self {
        Self(table)
    }
}

#[pymethods]
impl PyTable {
    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Number of rows and of columns.
    #[getter]
    fn shape(&self) -> (usize, usize) {
        (self.0.num_rows(), self.0.num_columns())
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// The table as an Arrow C stream. The columns' memory is shared, not copied.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer that cannot cast give what it has.
        let _ = requested_schema;
        let stream: ArrowStream = export::stream(&self.0);
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// The bytes that ``--format csv`` writes, as text: an empty field is a missing value.
    fn to_csv(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.text(&self.0, Format::Csv))
    }

    /// The rows as dicts. A missing value is None.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = py.detach(|| self.text(&self.0, Format::Json))?;
        let rows = py.import("json")?.call_method1("loads", (text,))?;
        // JSON leaves a missing value out; here every row has every column.
        let fill = py.import("sanad._tables")?.getattr("with_all_columns")?;
        fill.call1((rows, self.columns()))
    }

    /// The table as a ``pyarrow.Table``, without a copy. Needs pyarrow.
    fn to_pyarrow<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// The table as a ``pandas.DataFrame``. Needs pandas and pyarrow.
    fn to_pandas<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::to_pyarrow(slf)?.call_method0("to_pandas")
    }

    /// The table as a ``polars.DataFrame``. Needs polars.
    fn to_polars<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// Writes the table to a file, in the form that its ending asks for: .csv, .parquet, .arrow, .json or .md.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        if Format::of_path(&path).is_none() {
            let expected = "a name that ends in .csv, .parquet, .arrow, .json or .md";
            return Err(CallError::argument("path", path.display(), expected).into());
        }
        let written = py.detach(|| export::write_file(&self.0, None, &path));
        Ok(written.map_err(CallError::from)?)
    }

    fn __repr__(&self) -> PyResult<String> {
        let shown = self.0.slice(0, self.0.num_rows().min(SHOWN));
        let mut text = self.text(&shown, Format::Table)?;
        let _ = write!(text, "{} rows × {} columns", self.0.num_rows(), self.0.num_columns());
        Ok(text)
    }

    fn _repr_html_<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyString>> {
        let py = slf.py();
        let table = slf.get();
        let shown = Self(table.0.slice(0, table.0.num_rows().min(SHOWN)));
        let rows = shown.to_dicts(py)?;
        let html = py.import("sanad._tables")?.getattr("html")?;
        Ok(html.call1((rows, table.columns(), table.0.num_rows()))?.cast_into()?)
    }
}
