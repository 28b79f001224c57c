//! Composite indices with intervals, and which uncertain choice moves them.

use std::sync::Arc;

use numpy::ndarray::IxDyn;
use numpy::{PyArrayDyn, PyReadonlyArray};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use sanad_front::sobol::Design;
use sanad_front::{
    Alternatives, Factor, Framework, Indicator, Intervals, Method, Node, NoisyEnds, Origin, Panel,
    Quantity, Question, Sensitivity, Uncertainty, intervals, sensitivity,
};
use serde::Deserialize;

use crate::arrays::{array, json, make_array, settings, values};
use crate::call_error::{CallError, CallResult};
use crate::work::run;

/// The word for the index over all fronts.
const OVERALL: &str = "overall";

/// A pillar under its front, or a front, as a caller writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenGroup {
    name: String,
    #[serde(default)]
    front: String,
    #[serde(default = "unit_weight")]
    weight: f64,
}

/// The weight of a group whose weight is not given.
fn unit_weight() -> f64 {
    1.0
}

/// What an index was computed of, kept for further questions.
struct IndexBasis {
    panel: Panel,
    framework: Framework,
    method: Method,
    alternatives: Alternatives,
}

impl IndexBasis {
    /// The node of a name: the whole, a front or a pillar.
    fn node(&self, name: &str) -> CallResult<Node> {
        let front = self.framework.fronts().iter().position(|front| front.name == name);
        let pillar = self.framework.pillars().iter().position(|pillar| pillar.name == name);
        match (name, front, pillar) {
            (OVERALL, ..) => Ok(Node::Overall),
            (_, Some(front), _) => Ok(Node::Front(front)),
            (_, None, Some(pillar)) => Ok(Node::Pillar(pillar)),
            _ => {
                let names: Vec<String> =
                    self.framework.nodes().into_iter().map(|node| self.name(node)).collect();
                Err(CallError::argument("node", format!("{name:?}"), &names.join(", ")))
            }
        }
    }

    fn name(&self, node: Node) -> String {
        match node {
            Node::Overall => OVERALL.to_owned(),
            Node::Front(front) => self.framework.fronts()[front].name.clone(),
            Node::Pillar(pillar) => self.framework.pillars()[pillar].name.clone(),
        }
    }

    fn check(&self, place: usize, month: usize) -> CallResult<()> {
        let (places, months) = (self.panel.places(), self.panel.months());
        if place >= places {
            return Err(CallError::argument("place", place, &format!("an index below {places}")));
        }
        if month >= months {
            return Err(CallError::argument("month", month, &format!("an index below {months}")));
        }
        Ok(())
    }
}

/// An index of every pillar, front and the whole, with intervals.
#[pyclass(frozen, name = "CompositeIndex", module = "sanad")]
pub(crate) struct IndexResult {
    basis: Arc<IndexBasis>,
    found: Intervals,
}

impl IndexResult {
    /// One number of every node, place and month; `None` is not a number.
    fn cells<'py>(
        &self,
        py: Python<'py>,
        value: impl Fn(Node, usize, usize) -> Option<f64>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let (places, months) = (self.basis.panel.places(), self.basis.panel.months());
        let nodes = self.basis.framework.nodes();
        let mut cells = Vec::with_capacity(nodes.len() * places * months);
        for &node in &nodes {
            for place in 0..places {
                cells.extend((0..months).map(|m| value(node, place, m).unwrap_or(f64::NAN)));
            }
        }
        make_array(py, &[nodes.len(), places, months], cells)
    }
}

#[pymethods]
impl IndexResult {
    /// Names along the first axis of all arrays: pillars, fronts, and "overall".
    #[getter]
    fn nodes(&self) -> Vec<String> {
        self.basis.framework.nodes().into_iter().map(|node| self.basis.name(node)).collect()
    }

    /// The index on 0 to 100; NaN where the evidence is under the floor. Array, nodes × places × months.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.cells(py, |node, place, month| self.found.index().value(node, place, month))
    }

    /// Lower end of the interval. Array, nodes × places × months.
    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.cells(py, |node, place, month| Some(self.found.interval(node, place, month)?.low))
    }

    /// Median of the draws. Array, nodes × places × months.
    #[getter]
    fn median<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.cells(py, |node, place, month| Some(self.found.interval(node, place, month)?.value))
    }

    /// Upper end of the interval. Array, nodes × places × months.
    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.cells(py, |node, place, month| Some(self.found.interval(node, place, month)?.high))
    }

    /// Declared weight of the indicators with data over all declared weight, 0 to 1. Array, nodes × places × months.
    #[getter]
    fn evidence_share<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let index = self.found.index();
        self.cells(py, |node, place, month| Some(index.evidence_share(node, place, month)))
    }

    /// What each indicator adds to an index; the amounts sum to it. A list of dicts with ``indicator``, ``score`` (0 to
    /// 100), ``weight`` and ``amount`` (index points), and ``origin``: "observed", "carried" or "imputed".
    #[pyo3(signature = (place, month, node = "overall"))]
    fn contributions<'py>(
        &self,
        py: Python<'py>,
        place: usize,
        month: usize,
        node: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        self.basis.check(place, month)?;
        let index = self.found.index();
        let rows = PyList::empty(py);
        for part in index.contributions(self.basis.node(node)?, place, month) {
            let row = PyDict::new(py);
            row.set_item("indicator", &self.basis.framework.indicators()[part.indicator].name)?;
            row.set_item("score", part.score)?;
            row.set_item("weight", part.weight)?;
            row.set_item("amount", part.amount)?;
            row.set_item(
                "origin",
                match index.origin(place, month, part.indicator) {
                    Origin::Missing => "missing",
                    Origin::Observed => "observed",
                    Origin::Carried { .. } => "carried",
                    Origin::Imputed => "imputed",
                },
            )?;
            rows.append(row)?;
        }
        Ok(rows)
    }

    /// Which uncertain choice moves which place: Sobol indices (Saltelli et al. 2010; total by Jansen 1999).
    ///
    /// Parameters
    /// ----------
    /// month : int
    ///     Index of the month.
    /// node : str
    ///     "overall", a front or a pillar.
    /// alternatives : dict, optional
    ///     As for ``composite_index``; by default those of this index.
    /// points : int, 8 to 1,048,576
    ///     Base points of the design; it costs points · (factors + 2) evaluations.
    /// errors_by_pillar : bool
    ///     Whether the errors of each pillar's indicators are a factor of their own.
    /// seed : int
    ///
    /// Returns
    /// -------
    /// dict
    ///     ``factors``, and by factor × place ``first_order``, ``total``, ``rank_first_order``, ``rank_total``.
    #[pyo3(signature = (
        month, node = "overall", *, alternatives = None, points = 1024, errors_by_pillar = false, seed = 1
    ))]
    #[allow(clippy::too_many_arguments)]
    fn sensitivity<'py>(
        &self,
        py: Python<'py>,
        month: usize,
        node: &str,
        alternatives: Option<&Bound<'py, PyDict>>,
        points: usize,
        errors_by_pillar: bool,
        seed: u64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let question = Question {
            node: self.basis.node(node)?,
            month,
            alternatives: settings("alternatives", &self.basis.alternatives, alternatives)?,
            errors_by_pillar,
            design: Design { points, seed },
        };
        let basis = Arc::clone(&self.basis);
        let found = run(py, move |_| {
            Ok(sensitivity(&basis.panel, &basis.framework, &basis.method, &question)?)
        })?;
        self.influence(py, &found)
    }

    fn __repr__(&self) -> String {
        let panel = &self.basis.panel;
        format!(
            "CompositeIndex({} nodes, {} places, {} months)",
            self.basis.framework.nodes().len(),
            panel.places(),
            panel.months()
        )
    }
}

impl IndexResult {
    /// Sobol indices by factor and place.
    fn influence<'py>(&self, py: Python<'py>, found: &Sensitivity) -> PyResult<Bound<'py, PyDict>> {
        let (factors, places) = (found.factors().len(), self.basis.panel.places());
        let square = |value: &dyn Fn(usize, usize) -> Option<f64>| {
            let cells = (0..factors).flat_map(|f| (0..places).map(move |p| (f, p)));
            let cells = cells.map(|(f, p)| value(f, p).unwrap_or(f64::NAN)).collect();
            make_array(py, &[factors, places], cells)
        };
        let all = PyDict::new(py);
        let names: Vec<String> = found.factors().iter().map(|f| self.factor(*f)).collect();
        all.set_item("factors", names)?;
        for (prefix, quantity) in [("", Quantity::Value), ("rank_", Quantity::Rank)] {
            let first = square(&|f, p| found.first_order(f, p, quantity))?;
            all.set_item(format!("{prefix}first_order"), first)?;
            all.set_item(format!("{prefix}total"), square(&|f, p| found.total(f, p, quantity))?)?;
        }
        Ok(all)
    }

    fn factor(&self, factor: Factor) -> String {
        let name = match factor {
            Factor::Treatment => "treatment",
            Factor::Imputation => "imputation",
            Factor::Normalisation => "normalisation",
            Factor::Weighting => "weighting",
            Factor::Aggregation => "aggregation",
            Factor::WeightSpread => "weight_spread",
            Factor::Errors { pillar: None } => "errors",
            Factor::Errors { pillar: Some(pillar) } => {
                return format!("errors of {}", self.basis.framework.pillars()[pillar].name);
            }
        };
        name.to_owned()
    }
}

/// Indicators as a caller writes them: a name, or a dict with the fields of an indicator.
fn indicators(given: &Bound<'_, PyAny>) -> PyResult<Vec<Indicator>> {
    let read = |one: Bound<'_, PyAny>| -> PyResult<Indicator> {
        if one.is_instance_of::<PyString>() {
            return Ok(Indicator::new(one.extract::<String>()?, ""));
        }
        settings("indicators", &Indicator::new("", ""), Some(one.cast::<PyDict>()?))
    };
    given.try_iter()?.map(|one| read(one?)).collect()
}

fn framework(
    indicators: Vec<Indicator>,
    pillars: Option<&Bound<'_, PyAny>>,
    fronts: Option<&Bound<'_, PyAny>>,
) -> PyResult<Framework> {
    let Some(pillars) = pillars else {
        return Ok(Framework::single(indicators).map_err(CallError::from)?);
    };
    let pillars: Vec<GivenGroup> = json("pillars", pillars)?;
    let mut fronts: Vec<GivenGroup> = match fronts {
        Some(fronts) => json("fronts", fronts)?,
        None => Vec::new(),
    };
    for pillar in &pillars {
        if !fronts.iter().any(|front| front.name == pillar.front) {
            let name = pillar.front.clone();
            fronts.push(GivenGroup { name, front: String::new(), weight: 1.0 });
        }
    }
    let builder = Framework::builder();
    let builder = fronts.into_iter().fold(builder, |b, front| b.front(front.name, front.weight));
    let builder = pillars.into_iter().fold(builder, |b, p| b.pillar(p.name, p.front, p.weight));
    let builder = indicators.into_iter().fold(builder, |b, indicator| b.indicator(indicator));
    Ok(builder.build().map_err(CallError::from)?)
}

/// What the axes of a panel stand for, in messages.
const PANEL: &str = "three dimensions, indicators × places × months; or two, indicators × places";

/// Sizes of the axes indicators, places, months.
fn extent(array: &PyReadonlyArray<'_, f64, IxDyn>) -> CallResult<[usize; 3]> {
    match *array.as_array().shape() {
        [indicators, places] => Ok([indicators, places, 1]),
        [indicators, places, months] => Ok([indicators, places, months]),
        ref other => {
            Err(CallError::argument("values", format!("{} dimensions", other.len()), PANEL))
        }
    }
}

/// The argument `name` with the extent of the values, if it is given.
fn read_like_values(
    name: &str,
    size: [usize; 3],
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Vec<f64>>> {
    let Some(given) = given else { return Ok(None) };
    let array = array::<IxDyn>(name, PANEL, given)?;
    if extent(&array)? != size {
        return Err(CallError::argument(name, "another shape", "the shape of values").into());
    }
    Ok(Some(values(name, &array)?.to_vec()))
}

/// What is known of the values' errors.
struct GivenErrors {
    standard_errors: Option<Vec<f64>>,
    low: Option<Vec<f64>>,
    high: Option<Vec<f64>>,
}

impl GivenErrors {
    fn put_into(&self, panel: &mut Panel) -> CallResult<()> {
        let (places, months) = (panel.places(), panel.months());
        for indicator in 0..panel.indicators() {
            for place in 0..places {
                for month in 0..months {
                    let cell = (indicator * places + place) * months + month;
                    let known = |all: &Option<Vec<f64>>| {
                        all.as_ref().map(|all| all[cell]).filter(|value| !value.is_nan())
                    };
                    if let Some(error) = known(&self.standard_errors) {
                        panel.set_standard_error(place, month, indicator, error)?;
                    }
                    if let (Some(low), Some(high)) = (known(&self.low), known(&self.high)) {
                        panel.set_bounds(place, month, indicator, low, high)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Computes a composite index with an interval for every value, by the OECD/JRC handbook (2008).
///
/// Each of the draws takes every value within its errors and, of each step of the method, one of the alternatives that the
/// caller declares equally defensible.
///
/// Parameters
/// ----------
/// values : array, indicators × places × months, or indicators × places
///     NaN is a gap.
/// indicators : list of str or dict
///     A name, or a dict with ``name`` and any of ``pillar``, ``direction`` ("positive", "negative"), ``weight``,
///     ``max_age_months``, ``release_lag_months``, ``poisson``, ``shared``, ``transform`` ("identity", "log1p"),
///     ``goalposts`` (low, high), ``target``.
/// pillars : list of dict, optional
///     ``name``, ``front``, ``weight``. Without them all indicators stand in one pillar.
/// fronts : list of dict, optional
///     ``name``, ``weight``; fronts that pillars name and that are not listed weigh 1.
/// standard_errors, low, high : array of the shape of values, optional
///     Errors of the values, in their units; NaN where unknown.
/// method : dict, optional
///     ``treatment``, ``imputation``, ``normalisation`` ("min_max", "rank", "distance_to_target", {"z_score":
///     {"points_per_sd": 15}}), ``weighting``, ``aggregation`` ("arithmetic", "geometric", "outranking"),
///     ``evidence_floor``, ``reference_months`` ({"start": 0, "end": 120}), ``correct_scale_for_errors``.
/// alternatives : dict, optional
///     ``treatments``, ``imputations``, ``normalisations``, ``weightings``, ``aggregations``: lists; ``weight_spread``, in
///     [0, 1).
/// draws : int, 20 to 1,000,000
/// level : float, in (0, 1)
///     Probability inside the interval.
/// noisy_ends : "refuse" or "flag"
///     What to do with a scale that lies between the ends of noisy data: intervals would be too narrow.
/// seed : int
///
/// Returns
/// -------
/// CompositeIndex
#[pyfunction]
#[pyo3(signature = (
    values, indicators, *, pillars = None, fronts = None, standard_errors = None, low = None, high = None,
    method = None, alternatives = None, draws = 1000, level = 0.9, noisy_ends = "refuse", seed = 1
))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn composite_index(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    indicators: &Bound<'_, PyAny>,
    pillars: Option<&Bound<'_, PyAny>>,
    fronts: Option<&Bound<'_, PyAny>>,
    standard_errors: Option<&Bound<'_, PyAny>>,
    low: Option<&Bound<'_, PyAny>>,
    high: Option<&Bound<'_, PyAny>>,
    method: Option<&Bound<'_, PyDict>>,
    alternatives: Option<&Bound<'_, PyDict>>,
    draws: usize,
    level: f64,
    noisy_ends: &str,
    seed: u64,
) -> PyResult<IndexResult> {
    let array = array::<IxDyn>("values", PANEL, values)?;
    let size = extent(&array)?;
    let [count, places, months] = size;
    let cells = self::values("values", &array)?.to_vec();
    let errors = GivenErrors {
        standard_errors: read_like_values("standard_errors", size, standard_errors)?,
        low: read_like_values("low", size, low)?,
        high: read_like_values("high", size, high)?,
    };
    let framework = framework(self::indicators(indicators)?, pillars, fronts)?;
    let method = settings("method", &Method::default(), method)?;
    let alternatives = settings("alternatives", &Alternatives::default(), alternatives)?;
    let noisy_ends = match noisy_ends {
        "refuse" => NoisyEnds::Refuse,
        "flag" => NoisyEnds::Flag,
        other => return Err(CallError::argument("noisy_ends", other, "refuse or flag").into()),
    };
    run(py, move |_| {
        let mut panel = Panel::from_values(places, months, count, cells)?;
        errors.put_into(&mut panel)?;
        let uncertainty =
            Uncertainty { draws, seed, level, alternatives: alternatives.clone(), noisy_ends };
        let found = intervals(&panel, &framework, &method, &uncertainty)?;
        let basis = Arc::new(IndexBasis { panel, framework, method, alternatives });
        Ok(IndexResult { basis, found })
    })
}
