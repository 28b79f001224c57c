//! System-dynamics models in XMILE, run as ensembles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numpy::PyArrayDyn;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sanad_scenario::{
    Document, Limits, Method, Model, Results, RunSettings, Vary, canonical_name, read_xmile,
};

use crate::arrays::{json, make_array};
use crate::call_error::{CallError, CallResult};
use crate::table::PyTable;
use crate::work::{compute_detached, run};

/// A system-dynamics model in XMILE 1.0.
#[pyclass(frozen, name = "Model", module = "sanad")]
pub(crate) struct XmileModel {
    document: Document,
    model: Model,
}

/// Everything that a run needs beside the compiled model.
struct RunRequest {
    document: Document,
    members: usize,
    vary: Vary,
    fixed: BTreeMap<String, f64>,
    save: Vec<String>,
    settings: RunSettings,
}

impl RunRequest {
    /// The names of a variable's elements, or why there are none.
    fn elements(model: &Model, name: &str) -> CallResult<Vec<String>> {
        let found = model.elements(name);
        if found.is_empty() {
            let known = model.variables();
            let expected = format!("a variable of the model: {}", known.join(", "));
            return Err(CallError::argument("variable", format!("{name:?}"), &expected));
        }
        Ok(found)
    }

    /// Distributions by single variable: one of a whole array holds for each element that has none of its own.
    fn expanded(&self, model: &Model) -> CallResult<Vary> {
        let mut expanded = Vary::default();
        let has_own = |element: &str| {
            self.vary.constants.keys().any(|name| canonical_name(name) == canonical_name(element))
        };
        for (name, distribution) in &self.vary.constants {
            let elements = Self::elements(model, name)?;
            let is_array = elements.iter().all(|one| canonical_name(one) != canonical_name(name));
            for element in elements {
                if !(is_array && has_own(&element)) {
                    expanded.constants.insert(element, distribution.clone());
                }
            }
        }
        Ok(expanded)
    }

    /// Compiles the model, with variables that it computes and the run sets made constants, and runs it.
    fn results(&self, progress: &dyn sanad_core::Progress) -> CallResult<Results> {
        let plain = Model::compile(&self.document)?;
        let vary = self.expanded(&plain)?;
        let mut fixed = BTreeMap::new();
        for (name, value) in &self.fixed {
            fixed.extend(Self::elements(&plain, name)?.into_iter().map(|one| (one, *value)));
        }
        let computed = |name: &&String| plain.constant(name).is_none();
        let varied = vary.constants.keys().filter(computed).map(|name| (name.clone(), 0.0));
        let set = fixed.iter().filter(|(name, _)| computed(name));
        let frozen: BTreeMap<String, f64> =
            varied.chain(set.map(|(name, value)| (name.clone(), *value))).collect();
        let model = match frozen.is_empty() {
            true => plain,
            false => Model::compile_with(&self.document, &Limits::default(), &frozen)?,
        };
        let mut inputs = vary.draw(self.members, self.settings.seed)?;
        for (name, value) in &fixed {
            inputs = inputs.set(name, *value);
        }
        for name in &self.save {
            Self::elements(&model, name)?;
        }
        let save: Vec<&str> = self.save.iter().map(String::as_str).collect();
        let simulation = model.simulation(&save, &self.settings)?;
        Ok(simulation.run_reporting(self.members, &inputs, progress)?)
    }
}

/// The integration method of a word.
fn method(name: &str) -> CallResult<Method> {
    match name {
        "euler" => Ok(Method::Euler),
        "rk2" => Ok(Method::Rk2),
        "rk4" => Ok(Method::Rk4),
        other => Err(CallError::argument("method", format!("{other:?}"), "euler, rk2 or rk4")),
    }
}

#[pymethods]
impl XmileModel {
    /// Reads and compiles a model from a file in XMILE 1.0.
    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        // Read by Python, so that a missing file is Python's own FileNotFoundError.
        let bytes = py.import("pathlib")?.getattr("Path")?.call1((path,))?;
        let bytes: Vec<u8> = bytes.call_method0("read_bytes")?.extract()?;
        Self::from_bytes(py, bytes)
    }

    /// Reads and compiles a model from the text of a file in XMILE 1.0.
    #[staticmethod]
    fn from_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        Self::from_bytes(py, text.as_bytes().to_vec())
    }

    /// Names of the model's variables, an array's by element.
    #[getter]
    fn variables(&self) -> Vec<String> {
        self.model.variables()
    }

    /// The constants that a run may set or vary, with their values in the model.
    #[getter]
    fn constants(&self) -> BTreeMap<String, f64> {
        self.model.constants().into_iter().collect()
    }

    /// Runs the model, once or as an ensemble.
    ///
    /// Same inputs and seed give the same bits on any number of threads.
    ///
    /// Parameters
    /// ----------
    /// members : int, at least 1
    ///     Number of runs, each with constants of its own.
    /// vary : dict, optional
    ///     Constants that are drawn for every member: ``{"contact rate": {"distribution": "uniform", "low": 1, "high":
    ///     4}}``; also "fixed", "log_uniform", "triangular", "normal" and others, as in the files of ``sanad simulate``.
    /// set : dict, optional
    ///     Values that hold for all members; they stand above ``vary``.
    /// save : list of str, optional
    ///     Variables to keep; by default all.
    /// seed : int
    /// method : "euler", "rk2" or "rk4", optional
    ///     By default the model's own.
    /// start, stop, dt : float, optional
    ///     In the model's unit of time; by default its own.
    /// save_every : float, optional
    ///     Time between saved rows; by default the model's own, else every step.
    ///
    /// Returns
    /// -------
    /// Ensemble
    #[pyo3(signature = (
        members = 1, *, vary = None, set = None, save = None, seed = 1, method = None, start = None, stop = None,
        dt = None, save_every = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn run(
        &self,
        py: Python<'_>,
        members: usize,
        vary: Option<&Bound<'_, PyDict>>,
        set: Option<BTreeMap<String, f64>>,
        save: Option<Vec<String>>,
        seed: u64,
        method: Option<&str>,
        start: Option<f64>,
        stop: Option<f64>,
        dt: Option<f64>,
        save_every: Option<f64>,
    ) -> PyResult<EnsembleRun> {
        if members == 0 {
            return Err(CallError::argument("members", members, "at least 1").into());
        }
        let mut document = self.document.clone();
        let specs = &mut document.simulation;
        specs.start = start.unwrap_or(specs.start);
        specs.stop = stop.unwrap_or(specs.stop);
        if let Some(dt) = dt {
            (specs.dt, specs.dt_is_reciprocal) = (dt, false);
        }
        let request = RunRequest {
            document,
            members,
            vary: vary.map_or(Ok(Vary::default()), |vary| json("vary", vary))?,
            fixed: set.unwrap_or_default(),
            save: save.unwrap_or_default(),
            settings: RunSettings {
                method: method.map(self::method).transpose()?,
                save_interval: save_every,
                seed,
            },
        };
        Ok(EnsembleRun(run(py, move |progress| {
            progress.begin("simulate");
            request.results(progress)
        })?))
    }

    fn __repr__(&self) -> String {
        format!("Model({} variables)", self.model.variables().len())
    }
}

impl XmileModel {
    fn from_bytes(py: Python<'_>, bytes: Vec<u8>) -> PyResult<Self> {
        run(py, move |_| {
            let document = read_xmile(&bytes, &Limits::default())?;
            let model = Model::compile(&document)?;
            Ok(Self { document, model })
        })
    }
}

/// What a run gives: paths of every member.
#[pyclass(frozen, name = "Ensemble", module = "sanad")]
pub(crate) struct EnsembleRun(Results);

#[pymethods]
impl EnsembleRun {
    /// Saved times, in the model's unit. Array, times.
    #[getter]
    fn times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        make_array(py, &[self.0.times().len()], self.0.times().to_vec())
    }

    /// Names of the variables kept.
    #[getter]
    fn outputs(&self) -> Vec<String> {
        self.0.outputs().to_vec()
    }

    /// Number of members.
    #[getter]
    fn members(&self) -> usize {
        self.0.members()
    }

    /// One variable. Array, members × times.
    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        name: &str,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let found = self.0.output(name).ok_or_else(|| {
            CallError::argument("name", format!("{name:?}"), &self.0.outputs().join(", "))
        })?;
        let (members, times) = (self.0.members(), self.0.times().len());
        let cells = (0..members).flat_map(|member| self.0.path(member, found)).collect();
        make_array(py, &[members, times], cells)
    }

    /// All variables. Array, members × outputs × times.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let (members, outputs) = (self.0.members(), self.0.outputs().len());
        let paths = (0..members).flat_map(|m| (0..outputs).map(move |o| (m, o)));
        let cells = paths.flat_map(|(m, o)| self.0.path(m, o)).collect();
        make_array(py, &[members, outputs, self.0.times().len()], cells)
    }

    /// Quantiles over members at every time, of type 7 (Hyndman and Fan 1996), numpy's default. Array, probabilities ×
    /// outputs × times; ``probabilities`` are numbers from 0 to 1.
    fn quantiles<'py>(
        &self,
        py: Python<'py>,
        probabilities: Vec<f64>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        if !probabilities.iter().all(|share| (0.0..=1.0).contains(share)) {
            let found = format!("{probabilities:?}");
            return Err(CallError::argument("probabilities", found, "numbers from 0 to 1").into());
        }
        let found = py.detach(|| self.0.quantiles(&probabilities));
        let (outputs, times) = (self.0.outputs().len(), self.0.times().len());
        let mut cells = Vec::with_capacity(probabilities.len() * outputs * times);
        for share in 0..probabilities.len() {
            for output in 0..outputs {
                cells.extend((0..times).map(|saved| found.at(output, saved)[share]));
            }
        }
        make_array(py, &[probabilities.len(), outputs, times], cells)
    }

    /// The paths as ``sanad simulate --full`` writes them: ``member``, ``time``, a column per variable. Of one member,
    /// without the first column.
    fn paths(&self) -> PyResult<PyTable> {
        let members = self.0.members();
        PyTable::from_result(sanad_study::tables::path_table(&self.0, members, members > 1))
    }

    /// The bands as ``sanad simulate`` writes them: ``variable``, ``time``, ``quantile``, ``value``,
    /// ``members_without_value``.
    #[pyo3(signature = (quantiles = vec![0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]))]
    fn bands(&self, py: Python<'_>, quantiles: Vec<f64>) -> PyResult<PyTable> {
        let bands = || Ok(sanad_study::tables::quantile_table(&self.0.quantiles(&quantiles))?);
        Ok(compute_detached(py, bands)?.into())
    }

    fn __repr__(&self) -> String {
        let (outputs, times) = (self.0.outputs().len(), self.0.times().len());
        format!("Ensemble({} members, {outputs} outputs, {times} times)", self.0.members())
    }
}
