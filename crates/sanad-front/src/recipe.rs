//! One alternative of every step, fitted: scales and weights.

use sanad_numbers::PlaceMonthGrid;
use std::sync::Arc;

use rayon::prelude::*;

use crate::bod::{self, BestCase, Bounds};
use crate::error::{Error, Result};
use crate::fill::Filled;
use crate::framework::Framework;
use crate::method::{Aggregation, Imputation, Method, Normalisation, Treatment, Weighting};
use crate::normalise::Scale;
use crate::panel::Panel;
use crate::treat::{self, TreatmentLimits};
use sanad_numbers::{mean, variance_around};

/// One way through the steps, ready to be applied: scales and weights fitted to the filled reference values.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) scales: Arc<Vec<Scale>>,
    pub(crate) weights: Arc<Weights>,
    pub(crate) aggregation: Aggregation,
    pub(crate) evidence_floor: f64,
}

/// Weights of indicators inside their pillars.
#[derive(Debug)]
pub(crate) enum Weights {
    /// One weight per indicator.
    Same(Vec<f64>),
    /// Indicators × places × months: each place weighs by its own best case.
    PerCell { grid: PlaceMonthGrid, weights: Vec<f64> },
}

impl Weights {
    /// The weight of one indicator in its pillar.
    pub(crate) fn of(&self, place: usize, month: usize, indicator: usize) -> f64 {
        match self {
            Self::Same(weights) => weights[indicator],
            Self::PerCell { grid, weights } => weights[grid.cell_of(indicator, place, month)],
        }
    }
}

/// Fills, scales and recipes of one panel, each fitted once.
pub(crate) struct Fits<'a> {
    panel: &'a Panel,
    framework: &'a Framework,
    fills: Vec<(Imputation, Arc<Filled>)>,
    scales: Vec<(ScaleKey, Arc<Vec<Scale>>)>,
    weights: Vec<((ScaleKey, Weighting), Arc<Weights>)>,
}

/// What a scale is fitted by.
type ScaleKey = (Imputation, Treatment, Normalisation);

/// What scales depend on; reference months are the same for all methods of one [`Fits`].
fn scale_key(method: &Method) -> ScaleKey {
    (method.imputation, method.treatment, method.normalisation)
}

impl<'a> Fits<'a> {
    pub(crate) fn new(panel: &'a Panel, framework: &'a Framework) -> Result<Self> {
        check_sizes(panel, framework)?;
        Ok(Self { panel, framework, fills: Vec::new(), scales: Vec::new(), weights: Vec::new() })
    }

    /// The filled panel and the recipe of `method`; the floor and the reference months must be
    /// the same for all methods asked for.
    pub(crate) fn recipe(&mut self, method: &Method) -> Result<(Arc<Filled>, Recipe)> {
        method.check(self.panel.months())?;
        let filled = self.filled(method.imputation);
        let scales = self.scales(method, &filled);
        let weights = self.weights(method, &filled, &scales)?;
        let recipe = Recipe {
            scales,
            weights,
            aggregation: method.aggregation,
            evidence_floor: method.evidence_floor,
        };
        Ok((filled, recipe))
    }

    /// The filled panel, made once per way with gaps.
    fn filled(&mut self, imputation: Imputation) -> Arc<Filled> {
        if let Some((_, filled)) = self.fills.iter().find(|(key, _)| *key == imputation) {
            return Arc::clone(filled);
        }
        let filled = Arc::new(Filled::new(self.panel, self.framework, imputation));
        self.fills.push((imputation, Arc::clone(&filled)));
        filled
    }

    /// The weights, fitted once per way of weighting on given scales.
    fn weights(
        &mut self,
        method: &Method,
        filled: &Filled,
        scales: &[Scale],
    ) -> Result<Arc<Weights>> {
        let wanted = (scale_key(method), method.weighting);
        if let Some((_, weights)) = self.weights.iter().find(|(key, _)| *key == wanted) {
            return Ok(Arc::clone(weights));
        }
        let weights = Arc::new(weights(self.framework, method, filled, scales)?);
        self.weights.push((wanted, Arc::clone(&weights)));
        Ok(weights)
    }

    /// The scales, fitted once per treatment and normalisation of a filled panel.
    fn scales(&mut self, method: &Method, filled: &Filled) -> Arc<Vec<Scale>> {
        let wanted = scale_key(method);
        if let Some((_, scales)) = self.scales.iter().find(|(key, _)| *key == wanted) {
            return Arc::clone(scales);
        }
        let scales: Vec<Scale> = (0..self.panel.indicators())
            .into_par_iter()
            // One buffer after the other indicator's: no new memory for each.
            .map_init(Vec::new, |reference, indicator| {
                scale(self.framework, method, filled, indicator, reference)
            })
            .collect();
        let scales = Arc::new(scales);
        self.scales.push((wanted, Arc::clone(&scales)));
        scales
    }
}

/// Refuses a panel with another number of indicators than the framework.
fn check_sizes(panel: &Panel, framework: &Framework) -> Result<()> {
    let expected = framework.indicators().len();
    if panel.indicators() != expected {
        return Err(Error::shape("indicators of the panel", expected, panel.indicators()));
    }
    Ok(())
}

/// The scale of one indicator, fitted to its treated reference values.
fn scale(
    framework: &Framework,
    method: &Method,
    filled: &Filled,
    indicator: usize,
    reference: &mut Vec<f64>,
) -> Scale {
    read_reference(filled, method, indicator, reference);
    let treated = match method.treatment {
        Treatment::None => TreatmentLimits::default(),
        Treatment::Winsorise(settings) => treat::treat(reference, &settings),
    };
    Scale::fit(&framework.indicators()[indicator], method.normalisation, treated, reference)
}

/// The indicator's values in the reference months, without gaps, place after place.
fn read_reference(filled: &Filled, method: &Method, indicator: usize, values: &mut Vec<f64>) {
    let months = method.reference_months.clone().unwrap_or(0..filled.months);
    let column = filled.indicator(indicator);
    values.clear();
    values.reserve(column.len());
    for series in column.chunks(filled.months.max(1)) {
        values.extend(series[months.clone()].iter().filter(|value| !value.is_nan()));
    }
    let errors = filled.error_variance[indicator];
    if method.correct_scale_for_errors && errors > 0.0 {
        draw_together(values, errors);
    }
}

/// At least a tenth of the variance is taken to be real, so that a scale never collapses.
const LEAST_REAL_SHARE: f64 = 0.1;

/// Draws values together around their mean until they spread as values without errors would: by
/// √(1 − error variance / variance) (Louis 1984). Errors widen a column by their variance.
fn draw_together(values: &mut [f64], error_variance: f64) {
    let centre = mean(values);
    let spread = variance_around(centre, values);
    if spread > 0.0 {
        let factor = (1.0 - error_variance / spread).max(LEAST_REAL_SHARE).sqrt();
        values.iter_mut().for_each(|value| *value = centre + factor * (*value - centre));
    }
}

/// The weights of a method: declared, equal, from principal components or each place's best case.
fn weights(
    framework: &Framework,
    method: &Method,
    filled: &Filled,
    scales: &[Scale],
) -> Result<Weights> {
    let declared = |weight: fn(&crate::framework::Indicator) -> f64| {
        Weights::Same(framework.indicators().iter().map(weight).collect())
    };
    match method.weighting {
        Weighting::Equal => Ok(declared(|_| 1.0)),
        Weighting::Given => Ok(declared(|indicator| indicator.weight)),
        Weighting::PrincipalComponents => component_weights(framework, method, filled, scales),
        Weighting::BenefitOfTheDoubt => best_case_weights(framework, filled, scales),
    }
}

/// Weights inside each pillar from the components of its scores in the reference months.
fn component_weights(
    framework: &Framework,
    method: &Method,
    filled: &Filled,
    scales: &[Scale],
) -> Result<Weights> {
    let mut weights = vec![1.0; framework.indicators().len()];
    let months = method.reference_months.clone().unwrap_or(0..filled.months);
    for pillar in framework.pillars().iter().filter(|pillar| pillar.members.len() > 1) {
        let rows: Vec<f64> = (0..filled.places)
            .flat_map(|place| months.clone().map(move |month| (place, month)))
            .flat_map(|(place, month)| pillar.members.iter().map(move |&i| (place, month, i)))
            .map(|(place, month, i)| score(filled, scales, place, month, i))
            .collect();
        let components = crate::pca::components(&rows, pillar.members.len()).map_err(|_| {
            let problem = "its indicators give no principal components: that takes three places \
                and months where all of them have a value, and every one of them to vary; name \
                declared or equal weights";
            Error::pillar(&pillar.name, problem)
        })?;
        for (&indicator, weight) in pillar.members.iter().zip(components.weights) {
            weights[indicator] = weight;
        }
    }
    Ok(Weights::Same(weights))
}

/// Per pillar and month, each place's best case among the places of that month; a gap counts as
/// zero for others and gets no weight for the place itself.
fn best_case_weights(framework: &Framework, filled: &Filled, scales: &[Scale]) -> Result<Weights> {
    let (places, months) = (filled.places, filled.months);
    let mut weights = vec![1.0; framework.indicators().len() * places * months];
    for pillar in framework.pillars().iter().filter(|pillar| pillar.members.len() > 1) {
        let members = &pillar.members;
        let by_month: Vec<Vec<BestCase>> = (0..months)
            .into_par_iter()
            .map(|month| {
                let scores: Vec<f64> = (0..places)
                    .flat_map(|place| members.iter().map(move |&i| (place, i)))
                    .map(|(place, i)| score(filled, scales, place, month, i))
                    .map(|score| if score.is_nan() { 0.0 } else { score / 100.0 })
                    .collect();
                bod::best_cases(&scores, members.len(), Bounds::half_to_double(members.len()))
            })
            .collect::<Result<_>>()?;
        for (k, &indicator) in members.iter().enumerate() {
            for place in 0..places {
                for (month, cases) in by_month.iter().enumerate() {
                    let weight = cases[place].weights[k];
                    let none = cases[place].weights.iter().sum::<f64>() <= 0.0;
                    weights[filled.index(place, month, indicator)] =
                        if none { 1.0 } else { weight };
                }
            }
        }
    }
    Ok(Weights::PerCell { grid: filled.grid(), weights })
}

/// The score of a value; `NaN` where it is missing.
pub(crate) fn score(
    filled: &Filled,
    scales: &[Scale],
    place: usize,
    month: usize,
    indicator: usize,
) -> f64 {
    let value = filled.value(place, month, indicator);
    if value.is_nan() { value } else { scales[indicator].score(value) }
}
