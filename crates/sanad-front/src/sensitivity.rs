//! Which uncertain choice moves which place: Sobol indices of a composite index.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanad_core::random::{Stream, Streams};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fill::{Filled, IMPUTED, MISSING};
use crate::framework::{Direction, Framework, Node};
use crate::index::{LevelWeights, duel_weights, enough, join, outrank, shares};
use crate::interval::{Alternatives, Interval};
use crate::method::{Aggregation, Method};
use crate::panel::Panel;
use crate::points::digits;
use crate::recipe::{Fits, Recipe};
use crate::sample::{Observation, place_key};
use crate::sobol::{self, Design, Indices};
use crate::walk::Pool;

/// Something uncertain that may move an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Which treatment of outliers.
    Treatment,
    /// Which way with gaps.
    Imputation,
    /// Which scale.
    Normalisation,
    /// Which weights inside pillars.
    Weighting,
    /// Which way of joining.
    Aggregation,
    /// All weights within their spread.
    WeightSpread,
    /// Errors of the indicators (of all, or of those of one pillar).
    Errors {
        /// Position of the pillar, where errors are told apart by pillar.
        pillar: Option<usize>,
    },
}

/// What is asked and how large the design is.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which index.
    pub node: Node,
    /// Which month.
    pub month: usize,
    /// What may vary beside the indicators' errors; a step with fewer than two alternatives is
    /// no factor. Outranking may be among them.
    pub alternatives: Alternatives,
    /// Whether the errors of each pillar's indicators are a factor of their own.
    pub errors_by_pillar: bool,
    /// Size and seed of the design; it costs points · (factors + 2) evaluations of all places.
    pub design: Design,
}

/// Indices of every factor on every place's value and rank.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    factors: Vec<Factor>,
    places: usize,
    indices: Indices,
}

/// What a place's sensitivity is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The index, 0–100.
    Value,
    /// The rank among places that have an index, 1 for the highest.
    Rank,
}

impl Sensitivity {
    /// The factors, in the order in which their indices are asked for.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// First-order index of a factor; `None` where the place's quantity does not vary or does
    /// not exist. Estimates scatter around 0 by about one over the root of the design's points.
    #[must_use]
    pub fn first_order(&self, factor: usize, place: usize, quantity: Quantity) -> Option<f64> {
        self.indices.first_order(factor, self.output(place, quantity))
    }

    /// Total index of a factor, with all its interactions.
    #[must_use]
    pub fn total(&self, factor: usize, place: usize, quantity: Quantity) -> Option<f64> {
        self.indices.total(factor, self.output(place, quantity))
    }

    /// Mean total index of a factor over the places where it exists.
    #[must_use]
    pub fn mean_total(&self, factor: usize, quantity: Quantity) -> Option<f64> {
        let known: Vec<f64> =
            (0..self.places).filter_map(|place| self.total(factor, place, quantity)).collect();
        (!known.is_empty()).then(|| crate::linear::mean(&known))
    }

    /// Central 90 % of a place's value or rank over the whole design.
    #[must_use]
    pub fn interval(&self, place: usize, quantity: Quantity) -> Option<Interval> {
        let mut values: Vec<f64> = self.indices.values(self.output(place, quantity)).collect();
        let [low, median, high] = crate::interval::central(&mut values, 0.05);
        (!low.is_nan()).then_some(Interval { low, median, high })
    }

    fn output(&self, place: usize, quantity: Quantity) -> usize {
        assert!(place < self.places, "place outside the panel");
        match quantity {
            Quantity::Value => place,
            Quantity::Rank => self.places + place,
        }
    }
}

/// Estimates how much each uncertain choice moves each place's index and rank in one month.
///
/// # Factors
/// Steps of the method with two alternatives or more, the spread of weights, and the errors of
/// the indicators where there are any.
///
/// # Errors
/// As [`crate::intervals`]; nothing that varies; a month outside the panel.
pub fn sensitivity(
    panel: &Panel,
    framework: &Framework,
    method: &Method,
    question: &Question,
) -> Result<Sensitivity> {
    if question.month >= panel.months() {
        return Err(Error::shape("month", panel.months(), question.month));
    }
    if !(0.0..1.0).contains(&question.alternatives.weight_spread) {
        return Err(Error::setting("weight_spread", "must lie in [0, 1)"));
    }
    let model = Model::new(panel, framework, method, question)?;
    let places = panel.places();
    let factors = model.factors.clone();
    let indices =
        sobol::indices(factors.len(), 2 * places, question.design, |x| model.evaluate(x))?;
    Ok(Sensitivity { factors, places, indices })
}

type Key = [usize; 5];

struct Model<'a> {
    panel: &'a Panel,
    framework: &'a Framework,
    question: &'a Question,
    method: &'a Method,
    factors: Vec<Factor>,
    fitted: BTreeMap<Key, (Arc<Filled>, Recipe)>,
    observed: Streams,
    spread: Streams,
    pool: Pool,
    /// Places × indicators: keys under which each value's errors are picked.
    keys: Vec<u64>,
}

/// What a picked number is for; spaced so that keys of different purposes never meet.
#[derive(Clone, Copy)]
enum Purpose {
    Error = 0,
    Ageing = 1,
    CommonAgeing = 2,
    Imputation = 3,
}

impl<'a> Model<'a> {
    fn new(
        panel: &'a Panel,
        framework: &'a Framework,
        method: &'a Method,
        question: &'a Question,
    ) -> Result<Self> {
        let mut fits = Fits::new(panel, framework)?;
        let fitted = fit_all(method, &question.alternatives, &mut fits)?;
        let seed = question.design.seed;
        let mut model = Self {
            panel,
            framework,
            question,
            method,
            factors: Vec::new(),
            fitted,
            observed: Streams::new(seed, "sensitivity observed"),
            spread: Streams::new(seed, "sensitivity weights"),
            pool: Pool::new(seed, 0, panel.indicators()),
            keys: keys(panel, framework, seed),
        };
        model.factors = model.list_factors();
        Ok(model)
    }

    fn list_factors(&self) -> Vec<Factor> {
        let alternatives = &self.question.alternatives;
        let choices = [
            (Factor::Treatment, alternatives.treatments.len()),
            (Factor::Imputation, alternatives.imputations.len()),
            (Factor::Normalisation, alternatives.normalisations.len()),
            (Factor::Weighting, alternatives.weightings.len()),
            (Factor::Aggregation, alternatives.aggregations.len()),
        ];
        let mut factors: Vec<Factor> =
            choices.iter().filter(|(_, count)| *count > 1).map(|(factor, _)| *factor).collect();
        if alternatives.weight_spread > 0.0 {
            factors.push(Factor::WeightSpread);
        }
        let erring: Vec<usize> = (0..self.framework.pillars().len())
            .filter(|&pillar| self.pillar_errs(pillar))
            .collect();
        if self.question.errors_by_pillar {
            factors.extend(erring.iter().map(|&p| Factor::Errors { pillar: Some(p) }));
        } else if !erring.is_empty() {
            factors.push(Factor::Errors { pillar: None });
        }
        factors
    }

    /// Whether any value of the pillar's indicators in the month is not exact.
    fn pillar_errs(&self, pillar: usize) -> bool {
        let members = &self.framework.pillars()[pillar].members;
        self.fitted.values().any(|(filled, _)| {
            members
                .iter()
                .any(|&i| (0..self.panel.places()).any(|place| self.value_errs(filled, place, i)))
        })
    }

    fn value_errs(&self, filled: &Filled, place: usize, indicator: usize) -> bool {
        match filled.sources[filled.at(place, self.question.month, indicator)] {
            MISSING => false,
            IMPUTED => true,
            source => {
                let aged = (source as usize) < self.question.month;
                aged && filled.drift[indicator] > 0.0
                    || !self.observation(place, source as usize, indicator).is_exact()
            }
        }
    }

    fn observation(&self, place: usize, month: usize, indicator: usize) -> Observation {
        let spec = &self.framework.indicators()[indicator];
        Observation::new(self.panel, spec, place, month, indicator)
    }

    /// The coordinate of a factor, one half where it does not vary.
    fn coordinate(&self, x: &[f64], wanted: Factor) -> f64 {
        let at = self.factors.iter().position(|factor| *factor == wanted);
        at.map_or(0.5, |at| x[at])
    }

    /// Values of all places, then their ranks.
    fn evaluate(&self, x: &[f64]) -> Vec<f64> {
        let uniforms = [
            Factor::Treatment,
            Factor::Imputation,
            Factor::Normalisation,
            Factor::Weighting,
            Factor::Aggregation,
        ]
        .map(|factor| self.coordinate(x, factor));
        let (key, _) = self.question.alternatives.choose(self.method, uniforms);
        let (filled, recipe) = &self.fitted[&key];
        let scores = self.scores(x, filled, recipe);
        let mut values = self.values(x, filled, recipe, &scores);
        values.extend(ranks(&values));
        values
    }

    /// Places × indicators.
    fn scores(&self, x: &[f64], filled: &Filled, recipe: &Recipe) -> Vec<f64> {
        let realisations = self.realisations(x);
        (0..self.panel.places())
            .flat_map(|place| (0..self.panel.indicators()).map(move |i| (place, i)))
            .map(|(place, indicator)| {
                let value = self.value(filled, place, indicator, &realisations);
                if value.is_nan() { value } else { recipe.scales[indicator].score(value) }
            })
            .collect()
    }

    /// Per indicator, the number of the realisation of its errors; `None` where they are no
    /// factor.
    fn realisations(&self, x: &[f64]) -> Vec<Option<u32>> {
        let mut realisations = vec![None; self.panel.indicators()];
        for (&coordinate, factor) in x.iter().zip(&self.factors) {
            if let Factor::Errors { pillar } = factor {
                let members = pillar.map_or_else(
                    || (0..self.panel.indicators()).collect(),
                    |pillar| self.framework.pillars()[pillar].members.clone(),
                );
                members.into_iter().for_each(|i| realisations[i] = Some(digits(coordinate)));
            }
        }
        realisations
    }

    /// One realisation of a transformed value.
    fn value(
        &self,
        filled: &Filled,
        place: usize,
        indicator: usize,
        realisations: &[Option<u32>],
    ) -> f64 {
        let month = self.question.month;
        let at = filled.at(place, month, indicator);
        let centre = filled.values[at];
        let (source, Some(draw)) = (filled.sources[at], realisations[indicator]) else {
            return centre;
        };
        match source {
            MISSING => centre,
            IMPUTED => {
                centre
                    + self.pull(filled, place, indicator, realisations)
                    + self.imputation_error(filled, place, indicator, draw)
            }
            source => {
                let spec = &self.framework.indicators()[indicator];
                let observation = self.observation(place, source as usize, indicator);
                let mut value = match observation.normal_error(spec.transform) {
                    _ if observation.is_exact() => centre,
                    Some(error) => {
                        centre + error * self.pick(place, indicator, draw, Purpose::Error)
                    }
                    None => {
                        let mut stream = self.stream(place, source, indicator, draw);
                        spec.transform.apply(observation.draw(&mut stream))
                    }
                };
                let spread = (f64::from(month as u32 - source) * filled.drift[indicator]).sqrt();
                if spread > 0.0 {
                    value += spread * self.ageing(filled, place, indicator, draw);
                }
                value
            }
        }
    }

    /// Standard normal drift of a carried value, in part shared by the place's indicators.
    fn ageing(&self, filled: &Filled, place: usize, indicator: usize, draw: u32) -> f64 {
        let rising = self.framework.indicators()[indicator].direction == Direction::Positive;
        let sign = if rising { 1.0 } else { -1.0 };
        let own = self.pick(place, indicator, draw, Purpose::Ageing);
        let shared = self.pick(place, 0, draw, Purpose::CommonAgeing);
        let common = filled.common_drift;
        (1.0 - common).sqrt() * own + sign * common.sqrt() * shared
    }

    /// One standard normal number of a value's own.
    fn pick(&self, place: usize, indicator: usize, draw: u32, purpose: Purpose) -> f64 {
        let key = self.keys[place * self.panel.indicators() + indicator];
        let step = (u64::from(draw) << 2 | purpose as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.pool.pick(key.wrapping_add(step))
    }

    /// How far the realised errors of the values that an imputed one was estimated from move it.
    fn pull(
        &self,
        filled: &Filled,
        place: usize,
        indicator: usize,
        realisations: &[Option<u32>],
    ) -> f64 {
        let Some(fit) = &filled.fit else { return 0.0 };
        let month = self.question.month;
        let (columns, slopes) = fit.slopes_of(place * filled.months + month, indicator);
        let pairs = columns.iter().zip(slopes).filter(|(_, slope)| **slope != 0.0);
        pairs
            .map(|(&column, slope)| {
                let centre = filled.values[filled.at(place, month, column)];
                slope * (self.value(filled, place, column, realisations) - centre)
            })
            .sum()
    }

    fn imputation_error(&self, filled: &Filled, place: usize, indicator: usize, draw: u32) -> f64 {
        let Some(fit) = &filled.fit else { return 0.0 };
        let month = self.question.month;
        let (columns, factor) = fit.errors_of(place * filled.months + month);
        let Some(row) = columns.iter().position(|&column| column == indicator) else { return 0.0 };
        columns[..=row]
            .iter()
            .enumerate()
            .map(|(k, &column)| {
                let z = self.pick(place, column, draw, Purpose::Imputation);
                factor[row * columns.len() + k] * z
            })
            .sum()
    }

    fn stream(&self, place: usize, source: u32, indicator: usize, draw: u32) -> Stream {
        let step = source * self.panel.indicators() as u32 + indicator as u32;
        let spec = &self.framework.indicators()[indicator];
        self.observed.at(place_key(spec, place), step, draw)
    }

    fn values(&self, x: &[f64], filled: &Filled, recipe: &Recipe, scores: &[f64]) -> Vec<f64> {
        let (framework, month) = (self.framework, self.question.month);
        let (places, indicators) = (self.panel.places(), self.panel.indicators());
        let evidence: Vec<Vec<f64>> = (0..places)
            .map(|place| {
                let source = |i: usize| filled.sources[filled.at(place, month, i)];
                shares(framework, |i| !matches!(source(i), MISSING | IMPUTED))
            })
            .collect();
        let node = framework.position(self.question.node);
        if recipe.aggregation == Aggregation::Outranking {
            let weights = self.spread_weights(x, duel_weights(framework, recipe));
            let judged = |place: usize| enough(evidence[place][node], recipe.evidence_floor);
            let score = |place: usize, i: usize| scores[place * indicators + i];
            return outrank(framework, self.question.node, &weights, places, judged, score);
        }
        (0..places)
            .map(|place| {
                let weights =
                    self.spread_weights(x, LevelWeights::new(framework, recipe, place, month));
                let own = &scores[place * indicators..(place + 1) * indicators];
                join(framework, recipe, own, &weights, &evidence[place])[node]
            })
            .collect()
    }

    fn spread_weights(&self, x: &[f64], mut weights: LevelWeights) -> LevelWeights {
        let spread = self.question.alternatives.weight_spread;
        if spread > 0.0 {
            let draw = digits(self.coordinate(x, Factor::WeightSpread));
            let levels = [&mut weights.indicators, &mut weights.pillars, &mut weights.fronts];
            for (level, members) in levels.into_iter().enumerate() {
                let mut stream = self.spread.at(0, level as u32, draw);
                for weight in members {
                    *weight *= 1.0 + spread * (2.0 * stream.open01() - 1.0);
                }
            }
        }
        weights
    }
}

fn keys(panel: &Panel, framework: &Framework, seed: u64) -> Vec<u64> {
    let streams = Streams::new(seed, "sensitivity keys");
    (0..panel.places())
        .flat_map(|place| framework.indicators().iter().enumerate().map(move |i| (place, i)))
        .map(|(place, (position, indicator))| {
            let mut stream = streams.at(place_key(indicator, place), position as u32, 0);
            u64::from(stream.word()) << 32 | u64::from(stream.word())
        })
        .collect()
}

/// Every combination of alternatives, fitted.
fn fit_all(
    method: &Method,
    alternatives: &Alternatives,
    fits: &mut Fits<'_>,
) -> Result<BTreeMap<Key, (Arc<Filled>, Recipe)>> {
    let sizes = [
        alternatives.treatments.len(),
        alternatives.imputations.len(),
        alternatives.normalisations.len(),
        alternatives.weightings.len(),
        alternatives.aggregations.len(),
    ]
    .map(|size| size.max(1));
    let mut fitted = BTreeMap::new();
    for code in 0..sizes.iter().product() {
        let mut rest: usize = code;
        let uniforms = sizes.map(|size| {
            let at = rest % size;
            rest /= size;
            (at as f64 + 0.5) / size as f64
        });
        let (key, chosen) = alternatives.choose(method, uniforms);
        fitted.insert(key, fits.recipe(&chosen)?);
    }
    Ok(fitted)
}

/// 1 for the highest value; ties share the mean of their ranks; `NaN` keeps no rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    values
        .iter()
        .map(|&value| {
            if value.is_nan() {
                return value;
            }
            let below = sorted.partition_point(|other| *other < value) as f64;
            let up_to = sorted.partition_point(|other| *other <= value) as f64;
            sorted.len() as f64 - (below + up_to - 1.0) / 2.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Indicator;
    use crate::method::Normalisation;

    #[test]
    fn ranks_start_at_the_highest_and_share_ties() {
        let ranked = ranks(&[3.0, 9.0, 3.0, f64::NAN]);
        assert_eq!(ranked[..3], [2.5, 1.0, 2.5]);
        assert!(ranked[3].is_nan());
    }

    /// Two indicators with errors of 2 and 1 on one scale: variances stand as 4 to 1.
    #[test]
    fn errors_share_the_variance_as_their_squares_do() {
        let framework = Framework::builder()
            .front("f", 1.0)
            .pillar("p", "f", 1.0)
            .pillar("q", "f", 1.0)
            .indicator(Indicator::new("a", "p").goalposts(-50.0, 50.0))
            .indicator(Indicator::new("b", "q").goalposts(-50.0, 50.0))
            .build()
            .expect("holds together");
        let mut panel =
            Panel::from_values(2, 1, 2, vec![1.0, 2.0, 3.0, -4.0]).expect("lengths agree");
        for place in 0..2 {
            panel.set_standard_error(place, 0, 0, 2.0).expect("inside");
            panel.set_standard_error(place, 0, 1, 1.0).expect("inside");
        }
        let question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives::default(),
            errors_by_pillar: true,
            design: Design { points: 4096, seed: 1 },
        };
        let found = sensitivity(&panel, &framework, &Method::default(), &question).expect("fits");
        assert_eq!(found.factors().len(), 2);
        for place in 0..2 {
            let total = |factor| found.total(factor, place, Quantity::Value).expect("varies");
            assert!((total(0) - 0.8).abs() < 0.03 && (total(1) - 0.2).abs() < 0.03);
            let interval = found.interval(place, Quantity::Value).expect("exists");
            let expected = 2.0 * 1.645 * 5_f64.sqrt() / 2.0;
            assert!((interval.high - interval.low - expected).abs() < 0.25);
        }
    }

    #[test]
    fn choices_that_change_nothing_have_no_influence() {
        let values = vec![1.0, 2.0, 3.0, 9.0, 4.0, 1.0];
        let panel = Panel::from_values(3, 1, 2, values).expect("lengths agree");
        let framework = Framework::single(vec![Indicator::new("a", ""), Indicator::new("b", "")])
            .expect("holds together");
        let question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives {
                normalisations: vec![Normalisation::MinMax, Normalisation::Rank],
                aggregations: vec![
                    Aggregation::Arithmetic,
                    Aggregation::Geometric,
                    Aggregation::Outranking,
                ],
                imputations: vec![crate::Imputation::None, crate::Imputation::LastValue],
                ..Alternatives::default()
            },
            errors_by_pillar: false,
            design: Design { points: 256, seed: 1 },
        };
        let found = sensitivity(&panel, &framework, &Method::default(), &question).expect("fits");
        let at = |wanted| found.factors().iter().position(|factor| *factor == wanted);
        let imputation = at(Factor::Imputation).expect("a factor");
        let aggregation = at(Factor::Aggregation).expect("a factor");
        assert!(at(Factor::Errors { pillar: None }).is_none());
        assert_eq!(found.total(imputation, 0, Quantity::Value), Some(0.0));
        assert!(found.mean_total(aggregation, Quantity::Value).expect("varies") > 0.1);
    }

    #[test]
    fn a_question_without_factors_is_refused() {
        let panel = Panel::from_values(2, 1, 1, vec![1.0, 2.0]).expect("lengths agree");
        let framework = Framework::single(vec![Indicator::new("a", "")]).expect("holds together");
        let mut question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives::default(),
            errors_by_pillar: false,
            design: Design::default(),
        };
        let ask =
            |question: &Question| sensitivity(&panel, &framework, &Method::default(), question);
        assert!(ask(&question).is_err_and(|error| error.is_setting()));
        question.month = 3;
        assert!(ask(&question).is_err_and(|error| error.is_shape()));
    }
}
