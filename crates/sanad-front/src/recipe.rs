//! One alternative of every step, fitted: scales and weights.

use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::fill::Filled;
use crate::framework::Framework;
use crate::method::{Aggregation, Imputation, Method, Normalisation, Treatment, Weighting};
use crate::normalise::Scale;
use crate::panel::Panel;
use crate::treat::{self, Treated};

/// Scales and weights fitted to the filled reference values.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) scales: Arc<Vec<Scale>>,
    pub(crate) weights: Weights,
    pub(crate) aggregation: Aggregation,
    pub(crate) evidence_floor: f64,
}

/// Weights of indicators inside their pillars.
#[derive(Debug)]
pub(crate) enum Weights {
    /// One weight per indicator.
    Same(Vec<f64>),
}

impl Weights {
    pub(crate) fn of(&self, _place: usize, _month: usize, indicator: usize) -> f64 {
        match self {
            Self::Same(weights) => weights[indicator],
        }
    }
}

/// Fills, scales and recipes of one panel, each fitted once.
pub(crate) struct Fits<'a> {
    panel: &'a Panel,
    framework: &'a Framework,
    fills: Vec<(Imputation, Arc<Filled>)>,
    scales: Vec<((Imputation, Treatment, Normalisation), Arc<Vec<Scale>>)>,
}

impl<'a> Fits<'a> {
    pub(crate) fn new(panel: &'a Panel, framework: &'a Framework) -> Result<Self> {
        check_sizes(panel, framework)?;
        Ok(Self { panel, framework, fills: Vec::new(), scales: Vec::new() })
    }

    /// The filled panel and the recipe of `method`; the floor and the reference months must be
    /// the same for all methods asked for.
    pub(crate) fn recipe(&mut self, method: &Method) -> Result<(Arc<Filled>, Recipe)> {
        method.check(self.panel.months())?;
        let filled = self.filled(method.imputation);
        let scales = self.scales(method, &filled);
        let weights = weights(self.framework, method)?;
        let recipe = Recipe {
            scales,
            weights,
            aggregation: method.aggregation,
            evidence_floor: method.evidence_floor,
        };
        Ok((filled, recipe))
    }

    fn filled(&mut self, imputation: Imputation) -> Arc<Filled> {
        if let Some((_, filled)) = self.fills.iter().find(|(key, _)| *key == imputation) {
            return Arc::clone(filled);
        }
        let filled = Arc::new(Filled::new(self.panel, self.framework, imputation));
        self.fills.push((imputation, Arc::clone(&filled)));
        filled
    }

    fn scales(&mut self, method: &Method, filled: &Filled) -> Arc<Vec<Scale>> {
        let wanted = (method.imputation, method.treatment, method.normalisation);
        if let Some((_, scales)) = self.scales.iter().find(|(key, _)| *key == wanted) {
            return Arc::clone(scales);
        }
        let scales: Vec<Scale> = (0..self.panel.indicators())
            .into_par_iter()
            .map(|indicator| scale(self.framework, method, filled, indicator))
            .collect();
        let scales = Arc::new(scales);
        self.scales.push((wanted, Arc::clone(&scales)));
        scales
    }
}

impl Recipe {
    /// The score of a filled cell; `NaN` where it is missing.
    pub(crate) fn score(
        &self,
        filled: &Filled,
        place: usize,
        month: usize,
        indicator: usize,
    ) -> f64 {
        let value = filled.values[filled.at(place, month, indicator)];
        if value.is_nan() { value } else { self.scales[indicator].score(value) }
    }
}

fn check_sizes(panel: &Panel, framework: &Framework) -> Result<()> {
    let expected = framework.indicators().len();
    if panel.indicators() != expected {
        return Err(Error::shape("indicators of the panel", expected, panel.indicators()));
    }
    Ok(())
}

fn scale(framework: &Framework, method: &Method, filled: &Filled, indicator: usize) -> Scale {
    let reference = reference(filled, method, indicator);
    let treated = match method.treatment {
        Treatment::None => Treated::default(),
        Treatment::Winsorise(settings) => treat::treat(&reference, &settings),
    };
    Scale::fit(&framework.indicators()[indicator], method.normalisation, treated, &reference)
}

fn reference(filled: &Filled, method: &Method, indicator: usize) -> Vec<f64> {
    let months = method.reference_months.clone().unwrap_or(0..filled.months);
    filled
        .indicator(indicator)
        .chunks(filled.months.max(1))
        .flat_map(|series| series[months.clone()].iter().copied())
        .filter(|value| !value.is_nan())
        .collect()
}

fn weights(framework: &Framework, method: &Method) -> Result<Weights> {
    let given = |weight: fn(&crate::framework::Indicator) -> f64| {
        Weights::Same(framework.indicators().iter().map(weight).collect())
    };
    match method.weighting {
        Weighting::Equal => Ok(given(|_| 1.0)),
        Weighting::Given => Ok(given(|indicator| indicator.weight)),
        _ => Err(Error::setting("weighting", "not available")),
    }
}
