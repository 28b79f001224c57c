//! Figures and pages that show themselves in a notebook.

use std::path::PathBuf;

use pyo3::prelude::*;
use sanad_figure::Figure;
use sanad_store::export;

use crate::call_error::CallError;

/// A chart or map as SVG, with its title, its caption and its data.
#[pyclass(frozen, name = "Figure", module = "sanad")]
pub(crate) struct PyFigure(Figure);

impl From<Figure> for PyFigure {
    fn from(figure: Figure) -> Self {
        Self(figure)
    }
}

#[pymethods]
impl PyFigure {
    /// What it shows.
    #[getter]
    fn title(&self) -> &str {
        &self.0.title
    }

    /// Unit, source, coverage.
    #[getter]
    fn caption(&self) -> &str {
        &self.0.caption
    }

    /// One SVG file of its own: style inside, title and caption drawn.
    #[getter]
    fn svg(&self) -> &str {
        self.0.standalone_svg()
    }

    /// The figure's data as CSV with a header; an empty field is a missing value.
    #[getter]
    fn csv(&self) -> &str {
        &self.0.csv
    }

    /// Writes the SVG to a file.
    fn write(&self, path: PathBuf) -> PyResult<()> {
        Ok(export::write_text(&path, self.svg()).map_err(CallError::from)?)
    }

    fn _repr_svg_(&self) -> &str {
        self.svg()
    }

    fn __repr__(&self) -> String {
        format!("Figure({:?})", self.0.title)
    }
}

/// A page of its own: one HTML file that fetches nothing.
#[pyclass(frozen, name = "Page", module = "sanad")]
pub(crate) struct PyPage(String);

impl From<String> for PyPage {
    fn from(html: String) -> Self {
        Self(html)
    }
}

#[pymethods]
impl PyPage {
    /// The page's HTML.
    #[getter]
    fn html(&self) -> &str {
        &self.0
    }

    /// Writes the page to a file.
    fn write(&self, path: PathBuf) -> PyResult<()> {
        Ok(export::write_text(&path, &self.0).map_err(CallError::from)?)
    }

    /// The page in a frame of its own, so that its style stays inside.
    fn _repr_html_(&self) -> String {
        let text = self.0.replace('&', "&amp;").replace('"', "&quot;");
        format!(r#"<iframe srcdoc="{text}" style="width:100%;height:40em;border:0"></iframe>"#)
    }

    fn __repr__(&self) -> String {
        format!("Page({} kB)", self.0.len() / 1000)
    }
}
