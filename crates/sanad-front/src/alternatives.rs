//! One month of all places as a function of uncertain factors: the model that sensitivity
//! analysis evaluates.

use std::collections::BTreeMap;

use sanad_core::random::Streams;

use crate::aggregate::{LevelWeights, duel_weights, enough, outrank, shares};
use crate::em::{FilledErrors, Regression};
use crate::error::Result;
use crate::fast;
use crate::fill::{Filled, IMPUTED, MISSING};
use crate::framework::{Direction, Framework, Node};
use crate::interval::Alternatives;
use crate::method::{Aggregation, Method};
use crate::monte_carlo::Pool;
use crate::panel::Panel;
use crate::points::digits;
use crate::recipe::{Fits, Recipe, Weights};
use crate::sample::{SampledValue, place_key};
use crate::sensitivity::{Factor, Question};

/// Which stream a realisation is drawn from: place, month, indicator and what is drawn.
type DrawKey = [usize; 5];

/// Values of one node in one month for all places, given a point of the unit cube.
pub(crate) struct NodeModel<'a> {
    framework: &'a Framework,
    question: &'a Question,
    method: &'a Method,
    pub(crate) factors: Vec<Factor>,
    by_choice: BTreeMap<DrawKey, FittedAlternative>,
    errors: ErrorDraws,
    spread: Streams,
    places: usize,
    indicators: usize,
}

/// One alternative of every step, fitted, with what does not change from point to point.
struct FittedAlternative {
    recipe: Recipe,
    /// Places × indicators.
    cells: Vec<UncertainCell>,
    /// Per place, evidence of all nodes.
    evidence: Vec<Vec<f64>>,
    /// Places × indicators: 1 where there is a value, 0 where there is none.
    known: Vec<f32>,
    /// Per place, whether each node has enough evidence.
    enough: Vec<Vec<bool>>,
    /// Per place.
    weights: Vec<LevelWeights>,
    /// Whether the weights of all places are the same.
    weights_are_shared: bool,
    common_drift: f64,
}

/// A transformed value and what is uncertain about it.
struct UncertainCell {
    centre: f64,
    error: CellError,
    /// Standard deviation gained with age.
    ageing: f64,
}

enum CellError {
    /// The value is exact, or missing.
    None,
    /// Standard deviation of a normal error.
    Normal(f64),
    /// Drawn from the observation of this month.
    Drawn(SampledValue, u32),
    /// By observed column, how the value follows its error; by filled column, how it shares in the
    /// conditional errors.
    Imputed { slopes: Vec<(usize, f64)>, loads: Vec<(usize, f64)> },
}

/// One place's row of scores.
struct PlaceScores<'a> {
    place: usize,
    /// By indicator; on the scale of the mean.
    scores: &'a [f32],
    /// By indicator: 1 where there is a score, 0 where there is none.
    known: &'a [f32],
}

/// Where realisations of errors come from.
struct ErrorDraws {
    observed: Streams,
    pool: Pool,
    /// Places × indicators: keys under which each value's errors are picked.
    keys: Vec<u64>,
}

/// What a picked number is for; spaced so that keys of different purposes never meet.
#[derive(Clone, Copy)]
enum DrawPurpose {
    Error = 0,
    Ageing = 1,
    CommonAgeing = 2,
    Imputation = 3,
}

impl<'a> NodeModel<'a> {
    /// The model of one node and month under every combination of the declared alternatives.
    ///
    /// # Errors
    /// If a method cannot be fitted to the panel, as principal components cannot with one
    /// indicator.
    pub(crate) fn new(
        panel: &'a Panel,
        framework: &'a Framework,
        method: &'a Method,
        question: &'a Question,
    ) -> Result<Self> {
        let mut fits = Fits::new(panel, framework)?;
        let mut by_choice = BTreeMap::new();
        for (key, chosen) in combinations(method, &question.alternatives) {
            let (filled, recipe) = fits.recipe(&chosen)?;
            by_choice.insert(
                key,
                FittedAlternative::new(panel, framework, &filled, recipe, question.month),
            );
        }
        let seed = question.design.seed;
        let mut model = Self {
            framework,
            question,
            method,
            factors: Vec::new(),
            by_choice,
            errors: ErrorDraws::new(panel, framework, seed),
            spread: Streams::new(seed, "sensitivity weights"),
            places: panel.places(),
            indicators: panel.indicators(),
        };
        model.factors = model.list_factors();
        Ok(model)
    }

    /// What varies: steps with two ways or more, weights that have a spread, errors where there are
    /// any, in this order.
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
        let pillars = 0..self.framework.pillars().len();
        let erring: Vec<usize> =
            pillars.filter(|&pillar| self.is_pillar_uncertain(pillar)).collect();
        if self.question.errors_by_pillar {
            factors.extend(erring.iter().map(|&p| Factor::Errors { pillar: Some(p) }));
        } else if !erring.is_empty() {
            factors.push(Factor::Errors { pillar: None });
        }
        factors
    }

    /// Whether any value of the pillar's indicators in the month is not exact.
    fn is_pillar_uncertain(&self, pillar: usize) -> bool {
        let members = &self.framework.pillars()[pillar].members;
        self.by_choice.values().any(|fitted| {
            let mut rows = fitted.cells.chunks(self.indicators);
            rows.any(|row| members.iter().any(|&i| row[i].is_uncertain()))
        })
    }

    /// The coordinate of a factor, one half where it does not vary.
    fn coordinate(&self, x: &[f64], wanted: Factor) -> f64 {
        let position = self.factors.iter().position(|factor| *factor == wanted);
        position.map_or(0.5, |position| x[position])
    }

    /// The node's value at every place; `NaN` where it has none.
    pub(crate) fn values(&self, x: &[f64]) -> Vec<f64> {
        let uniforms = [
            Factor::Treatment,
            Factor::Imputation,
            Factor::Normalisation,
            Factor::Weighting,
            Factor::Aggregation,
        ]
        .map(|factor| self.coordinate(x, factor));
        let (key, _) = self.question.alternatives.choose(self.method, uniforms);
        let fitted = &self.by_choice[&key];
        let factors = self.weight_factors(x);
        if fitted.recipe.aggregation == Aggregation::Outranking {
            return self.copeland_scores(x, fitted, factors.as_ref());
        }
        self.means(x, fitted, factors.as_ref())
    }

    /// Copeland's scores of the places, compared on the realised scores; see [`crate::outrank`].
    fn copeland_scores(
        &self,
        x: &[f64],
        fitted: &FittedAlternative,
        factors: Option<&LevelWeights>,
    ) -> Vec<f64> {
        let scores = self.scores(x, fitted);
        let node = self.framework.position(self.question.node);
        let weights = duel_weights(self.framework, &fitted.recipe).times(factors);
        let judged =
            |place: usize| enough(fitted.evidence[place][node], fitted.recipe.evidence_floor);
        let score = |place: usize, i: usize| {
            let cell = place * self.indicators + i;
            if fitted.known[cell] == 0.0 { f64::NAN } else { f64::from(scores[cell]) }
        };
        outrank(self.framework, self.question.node, &weights, self.places, judged, score)
    }

    /// Means of the places. Both means are taken of lifted scores from the indicators up to the
    /// node: bringing a mean back to 0–100 and lifting it again on the next level changes nothing.
    fn means(
        &self,
        x: &[f64],
        fitted: &FittedAlternative,
        factors: Option<&LevelWeights>,
    ) -> Vec<f64> {
        let is_geometric = fitted.recipe.aggregation == Aggregation::Geometric;
        let mut scores = self.scores(x, fitted);
        if is_geometric {
            fast::to_logarithms(&mut scores);
        }
        let shared = fitted.weights_are_shared.then(|| fitted.weights[0].clone().times(factors));
        let mut means = Vec::with_capacity(self.places);
        let mut pillars = vec![f64::NAN; self.framework.pillars().len()];
        for (place, own) in scores.chunks(self.indicators).enumerate() {
            let apart = match &shared {
                Some(_) => None,
                None => Some(fitted.weights[place].clone().times(factors)),
            };
            let Some(weights) = shared.as_ref().or(apart.as_ref()) else { continue };
            let row = place * self.indicators..(place + 1) * self.indicators;
            let of_place = PlaceScores { place, scores: own, known: &fitted.known[row] };
            means.push(self.mean(fitted, &of_place, weights, &mut pillars) as f32);
        }
        if is_geometric {
            fast::from_logarithms(&mut means);
        }
        let nothing = |mean: &f32| if mean.is_finite() { f64::from(*mean) } else { f64::NAN };
        means.iter().map(nothing).collect()
    }

    /// The node's mean of one place's lifted scores; `NaN` where it has none.
    fn mean(
        &self,
        fitted: &FittedAlternative,
        of_place: &PlaceScores<'_>,
        weights: &LevelWeights,
        pillars: &mut [f64],
    ) -> f64 {
        let PlaceScores { place, scores, known } = *of_place;
        let enough = &fitted.enough[place];
        let mean = |parts: &mut dyn Iterator<Item = (f64, f64)>| {
            let (sum, all) = parts
                .filter(|(weight, value)| *weight > 0.0 && !value.is_nan())
                .fold((0.0, 0.0), |(sum, all), (weight, value)| {
                    (sum + weight * value, all + weight)
                });
            sum / all
        };
        for (position, pillar) in self.framework.pillars().iter().enumerate() {
            pillars[position] = f64::NAN;
            if enough[position] {
                let (mut sum, mut all) = (0.0, 0.0);
                for &i in &pillar.members {
                    let weight = weights.indicators[i] * f64::from(known[i]);
                    sum += weight * f64::from(scores[i]);
                    all += weight;
                }
                pillars[position] = sum / all;
            }
        }
        let front = |position: usize| {
            if !enough[pillars.len() + position] {
                return f64::NAN;
            }
            let members = &self.framework.fronts()[position].members;
            mean(&mut members.iter().map(|&p| (weights.pillars[p], pillars[p])))
        };
        match self.question.node {
            Node::Pillar(position) => pillars[position],
            Node::Front(position) => front(position),
            Node::Overall if !enough[enough.len() - 1] => f64::NAN,
            Node::Overall => {
                let fronts = 0..self.framework.fronts().len();
                mean(&mut fronts.map(|position| (weights.fronts[position], front(position))))
            }
        }
    }

    /// Places × indicators; 0 where there is no value.
    fn scores(&self, x: &[f64], fitted: &FittedAlternative) -> Vec<f32> {
        let draws = self.realisations(x);
        let mut scores = Vec::with_capacity(fitted.cells.len());
        for place in 0..self.places {
            for (indicator, scale) in fitted.recipe.scales.iter().enumerate() {
                if fitted.known[place * self.indicators + indicator] == 0.0 {
                    scores.push(0.0);
                    continue;
                }
                let value = self.value(fitted, place, indicator, &draws);
                scores.push(scale.score(value) as f32);
            }
        }
        scores
    }

    /// Per indicator, the number of the realisation of its errors; `None` where they are no
    /// factor.
    fn realisations(&self, x: &[f64]) -> Vec<Option<u32>> {
        let mut realisations = vec![None; self.indicators];
        for (&coordinate, factor) in x.iter().zip(&self.factors) {
            match factor {
                Factor::Errors { pillar: None } => realisations.fill(Some(digits(coordinate))),
                Factor::Errors { pillar: Some(pillar) } => {
                    let members = &self.framework.pillars()[*pillar].members;
                    members.iter().for_each(|&i| realisations[i] = Some(digits(coordinate)));
                }
                _ => {}
            }
        }
        realisations
    }

    /// One realisation of a transformed value.
    fn value(
        &self,
        fitted: &FittedAlternative,
        place: usize,
        indicator: usize,
        draws: &[Option<u32>],
    ) -> f64 {
        let index = place * self.indicators + indicator;
        let cell = &fitted.cells[index];
        let Some(draw) = draws[indicator] else { return cell.centre };
        let mut value = match &cell.error {
            CellError::None => cell.centre,
            CellError::Normal(error) => {
                cell.centre + error * self.errors.standard_normal(index, draw, DrawPurpose::Error)
            }
            CellError::Drawn(observation, source) => {
                let spec = &self.framework.indicators()[indicator];
                let step = source * self.indicators as u32 + indicator as u32;
                let mut stream = self.errors.observed.at(place_key(spec, place), step, draw);
                spec.transform.apply(observation.draw(&mut stream))
            }
            CellError::Imputed { slopes, loads } => {
                cell.centre
                    + self.shift_with_observed(fitted, place, slopes, draws)
                    + self.imputation_error(place, loads, draw)
            }
        };
        if cell.ageing > 0.0 {
            value += cell.ageing * self.ageing(fitted, place, indicator, draw);
        }
        value
    }

    /// Standard normal drift of a carried value, √(1 − c) · own ± √c · shared with c the common
    /// drift of the place's indicators; the sign is that of the indicator's direction.
    fn ageing(&self, fitted: &FittedAlternative, place: usize, indicator: usize, draw: u32) -> f64 {
        let rising = self.framework.indicators()[indicator].direction == Direction::Positive;
        let sign = if rising { 1.0 } else { -1.0 };
        let row = place * self.indicators;
        let own = self.errors.standard_normal(row + indicator, draw, DrawPurpose::Ageing);
        let shared = self.errors.standard_normal(row, draw, DrawPurpose::CommonAgeing);
        (1.0 - fitted.common_drift).sqrt() * own + sign * fitted.common_drift.sqrt() * shared
    }

    /// How far the realised errors of the values that an imputed one was estimated from move it.
    fn shift_with_observed(
        &self,
        fitted: &FittedAlternative,
        place: usize,
        slopes: &[(usize, f64)],
        draws: &[Option<u32>],
    ) -> f64 {
        let moved = |column: usize| {
            let centre = fitted.cells[place * self.indicators + column].centre;
            self.value(fitted, place, column, draws) - centre
        };
        slopes.iter().map(|&(column, slope)| slope * moved(column)).sum()
    }

    /// Row of the Cholesky factor times independent standard normal numbers, one per filled column.
    fn imputation_error(&self, place: usize, loads: &[(usize, f64)], draw: u32) -> f64 {
        let row = place * self.indicators;
        let normal = |column: usize| {
            self.errors.standard_normal(row + column, draw, DrawPurpose::Imputation)
        };
        loads.iter().map(|&(column, load)| load * normal(column)).sum()
    }

    /// What multiplies the weights of every level; `None` where they do not vary.
    fn weight_factors(&self, x: &[f64]) -> Option<LevelWeights> {
        let spread = self.question.alternatives.weight_spread;
        (spread > 0.0).then(|| {
            let draw = digits(self.coordinate(x, Factor::WeightSpread));
            let level = |level: u32, members: usize| {
                let mut stream = self.spread.at(0, level, draw);
                (0..members).map(|_| 1.0 + spread * (2.0 * stream.open01() - 1.0)).collect()
            };
            LevelWeights {
                indicators: level(0, self.indicators),
                pillars: level(1, self.framework.pillars().len()),
                fronts: level(2, self.framework.fronts().len()),
            }
        })
    }
}

impl FittedAlternative {
    fn new(
        panel: &Panel,
        framework: &Framework,
        filled: &Filled,
        recipe: Recipe,
        month: usize,
    ) -> Self {
        let places = 0..panel.places();
        let cells: Vec<UncertainCell> = places
            .clone()
            .flat_map(|place| (0..panel.indicators()).map(move |i| (place, i)))
            .map(|(place, i)| {
                UncertainCell::new(
                    panel,
                    framework,
                    filled,
                    PanelPosition { place, month, indicator: i },
                )
            })
            .collect();
        let evidence: Vec<Vec<f64>> = places
            .clone()
            .map(|place| {
                let source = |i: usize| filled.sources[filled.index(place, month, i)];
                shares(framework, |i| !matches!(source(i), MISSING | IMPUTED))
            })
            .collect();
        let weights =
            places.map(|place| LevelWeights::new(framework, &recipe, place, month)).collect();
        let floor = recipe.evidence_floor;
        let enough = |shares: &Vec<f64>| shares.iter().map(|&share| enough(share, floor)).collect();
        let known = |cell: &UncertainCell| if cell.centre.is_nan() { 0.0 } else { 1.0 };
        Self {
            enough: evidence.iter().map(enough).collect(),
            known: cells.iter().map(known).collect(),
            weights_are_shared: matches!(*recipe.weights, Weights::Same(_)),
            recipe,
            cells,
            evidence,
            weights,
            common_drift: filled.common_drift,
        }
    }
}

/// Where a value stands in the panel.
#[derive(Clone, Copy)]
struct PanelPosition {
    place: usize,
    month: usize,
    indicator: usize,
}

impl UncertainCell {
    fn new(panel: &Panel, framework: &Framework, filled: &Filled, position: PanelPosition) -> Self {
        let PanelPosition { place, month, indicator } = position;
        let cell = filled.index(place, month, indicator);
        let spec = &framework.indicators()[indicator];
        let mut ageing = 0.0;
        let error = match filled.sources[cell] {
            MISSING => CellError::None,
            IMPUTED => imputed(filled, place, month, indicator),
            source => {
                ageing = (f64::from(month as u32 - source) * filled.drift[indicator]).sqrt();
                let observation = SampledValue::new(panel, spec, place, source as usize, indicator);
                match observation.normal_error(spec.transform) {
                    _ if observation.is_exact() => CellError::None,
                    Some(error) => CellError::Normal(error),
                    None => CellError::Drawn(observation, source),
                }
            }
        };
        Self { centre: filled.value(place, month, indicator), error, ageing }
    }

    /// Whether the value can come out differently.
    fn is_uncertain(&self) -> bool {
        self.ageing > 0.0 || !matches!(self.error, CellError::None)
    }
}

/// How an imputed value follows the observed ones, and what it errs by beyond that.
fn imputed(filled: &Filled, place: usize, month: usize, indicator: usize) -> CellError {
    let Some(fit) = &filled.fit else { return CellError::None };
    let cell = place * filled.months + month;
    let FilledErrors { columns, factor } = fit.errors_of(cell);
    let Some(row) = columns.iter().position(|&column| column == indicator) else {
        return CellError::None;
    };
    let loads = &factor[row * columns.len()..];
    let Regression { columns: observed, slopes } = fit.slopes_of(cell, indicator);
    CellError::Imputed {
        slopes: observed.iter().copied().zip(slopes.iter().copied()).collect(),
        loads: columns[..=row].iter().copied().zip(loads.iter().copied()).collect(),
    }
}

impl ErrorDraws {
    fn new(panel: &Panel, framework: &Framework, seed: u64) -> Self {
        let streams = Streams::new(seed, "sensitivity keys");
        let keys = (0..panel.places())
            .flat_map(|place| framework.indicators().iter().enumerate().map(move |i| (place, i)))
            .map(|(place, (position, indicator))| {
                let mut stream = streams.at(place_key(indicator, place), position as u32, 0);
                u64::from(stream.word()) << 32 | u64::from(stream.word())
            })
            .collect();
        Self {
            observed: Streams::new(seed, "sensitivity observed"),
            pool: Pool::new(seed, 0, panel.indicators()),
            keys,
        }
    }

    /// One standard normal number of a value's own.
    fn standard_normal(&self, cell: usize, draw: u32, purpose: DrawPurpose) -> f64 {
        let step = (u64::from(draw) << 2 | purpose as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.pool.pick(self.keys[cell].wrapping_add(step))
    }
}

/// Every combination of alternatives.
fn combinations(method: &Method, alternatives: &Alternatives) -> Vec<(DrawKey, Method)> {
    let sizes = [
        alternatives.treatments.len(),
        alternatives.imputations.len(),
        alternatives.normalisations.len(),
        alternatives.weightings.len(),
        alternatives.aggregations.len(),
    ]
    .map(|size| size.max(1));
    (0..sizes.iter().product())
        .map(|code: usize| {
            let mut rest = code;
            let uniforms = sizes.map(|size| {
                let choice = rest % size;
                rest /= size;
                (choice as f64 + 0.5) / size as f64
            });
            alternatives.choose(method, uniforms)
        })
        .collect()
}
