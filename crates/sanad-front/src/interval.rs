//! Intervals by Monte Carlo over the errors of the indicators and the alternatives of the method.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fill::{Filled, IMPUTED, MISSING};
use crate::framework::{Direction, Framework, Node};
use crate::index::{Index, assemble, enough, shares};
use crate::method::{Aggregation, Imputation, Method, Normalisation, Treatment, Weighting};
use crate::panel::Panel;
use crate::recipe::{Fits, Recipe};
use crate::sample::{self, Observation};

/// Alternatives of each step that count as equally defensible; every draw picks one of each.
///
/// An empty list keeps the method's own choice; a list that should contain it must name it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alternatives {
    /// Outliers.
    pub treatments: Vec<Treatment>,
    /// Gaps.
    pub imputations: Vec<Imputation>,
    /// Scales.
    pub normalisations: Vec<Normalisation>,
    /// Weights inside pillars.
    pub weightings: Vec<Weighting>,
    /// Joining.
    pub aggregations: Vec<Aggregation>,
    /// Every weight, at every level, is multiplied by a uniform draw from
    /// [1 − spread, 1 + spread]; in [0, 1).
    pub weight_spread: f64,
}

/// Settings of the Monte-Carlo run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// Number of draws, ≥ 20.
    pub draws: usize,
    /// Seed of all streams.
    pub seed: u64,
    /// Probability inside the interval, in (0, 1).
    pub level: f64,
    /// What may vary beside the indicators' errors.
    pub alternatives: Alternatives,
}

impl Default for Uncertainty {
    /// 1,000 draws, 90 % intervals, the method fixed.
    fn default() -> Self {
        Self { draws: 1000, seed: 1, level: 0.9, alternatives: Alternatives::default() }
    }
}

impl Uncertainty {
    fn check(&self) -> Result<()> {
        if self.draws < 20 {
            return Err(Error::setting("draws", "must be 20 or more"));
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::setting("level", "must lie in (0, 1)"));
        }
        if !(0.0..1.0).contains(&self.alternatives.weight_spread) {
            return Err(Error::setting("weight_spread", "must lie in [0, 1)"));
        }
        Ok(())
    }
}

/// Central interval of an index on 0–100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Median of the draws.
    pub median: f64,
    /// Upper end.
    pub high: f64,
}

/// The index together with an interval for every value.
#[derive(Debug, Clone)]
pub struct Intervals {
    index: Index,
    /// Nodes × places × months × (low, median, high).
    quantiles: Vec<[f64; 3]>,
}

impl Intervals {
    /// The index under the method itself, without errors.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The interval; `None` where there is no index.
    #[must_use]
    pub fn interval(&self, node: Node, place: usize, month: usize) -> Option<Interval> {
        self.index.value(node, place, month)?;
        let node = self.index.framework().position(node);
        let at = (node * self.index.places() + place) * self.index.months() + month;
        let [low, median, high] = self.quantiles[at];
        (!low.is_nan()).then_some(Interval { low, median, high })
    }
}

/// Computes the index and its interval for every node, place and month.
///
/// # What a draw is
/// Each observation is drawn within its errors (see [`Panel`] and [`crate::Indicator::poisson`]);
/// a carried value keeps its draw and spreads with its age, at the rate at which the series
/// itself moves; an imputed value is drawn from its conditional distribution; each step of the
/// method is picked among its alternatives. Draws are read on the scale that the reported values
/// set: the yardstick itself does not move.
///
/// # Errors
/// As [`crate::index()`]; fewer than 20 draws, a level outside (0, 1), a spread of weights outside
/// [0, 1); [`Aggregation::Outranking`], which compares all places and is available in
/// [`crate::index()`] only.
///
/// ```
/// use sanad_front::{Framework, Indicator, Method, Node, Panel, Uncertainty, intervals};
///
/// let framework = Framework::single(vec![Indicator::new("a", "").goalposts(0.0, 10.0)])?;
/// let mut panel = Panel::from_values(2, 1, 1, vec![4.0, 6.0])?;
/// panel.set_standard_error(1, 0, 0, 1.0)?;
/// let result = intervals(&panel, &framework, &Method::default(), &Uncertainty::default())?;
/// let interval = result.interval(Node::Overall, 1, 0).unwrap();
/// assert!((interval.high - interval.low - 2.0 * 16.45).abs() < 3.0);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn intervals(
    panel: &Panel,
    framework: &Framework,
    method: &Method,
    uncertainty: &Uncertainty,
) -> Result<Intervals> {
    uncertainty.check()?;
    let mut fits = Fits::new(panel, framework)?;
    let (filled, recipe) = fits.recipe(method)?;
    let index = assemble(framework, &filled, &recipe);
    let plan = Plan::new(panel, framework, method, uncertainty, &mut fits)?;
    let by_place: Vec<Vec<[f64; 3]>> =
        (0..panel.places()).into_par_iter().map(|place| Walk::new(&plan, place).run()).collect();
    let (nodes, months) = (framework.nodes().len(), panel.months());
    let mut quantiles = Vec::with_capacity(nodes * panel.places() * months);
    for node in 0..nodes {
        for of_place in &by_place {
            quantiles.extend_from_slice(&of_place[node * months..(node + 1) * months]);
        }
    }
    Ok(Intervals { index, quantiles })
}

/// Draws that share one alternative of every step.
struct Segment {
    filled: Arc<Filled>,
    recipe: Recipe,
    draws: Range<usize>,
}

struct Plan<'a> {
    panel: &'a Panel,
    framework: &'a Framework,
    segments: Vec<Segment>,
    draws: usize,
    tails: f64,
    observed: Streams,
    aged: Streams,
    common: Streams,
    imputed: Streams,
    /// Per level (indicators, pillars, fronts), member × draw; empty where weights are fixed.
    multipliers: [Vec<f64>; 3],
}

impl<'a> Plan<'a> {
    fn new(
        panel: &'a Panel,
        framework: &'a Framework,
        method: &Method,
        uncertainty: &Uncertainty,
        fits: &mut Fits<'_>,
    ) -> Result<Self> {
        let segments = segments(method, uncertainty, fits)?;
        let seed = uncertainty.seed;
        Ok(Self {
            panel,
            framework,
            segments,
            draws: uncertainty.draws,
            tails: (1.0 - uncertainty.level) / 2.0,
            observed: Streams::new(seed, "observed"),
            aged: Streams::new(seed, "aged"),
            common: Streams::new(seed, "aged together"),
            imputed: Streams::new(seed, "imputed"),
            multipliers: multipliers(framework, uncertainty),
        })
    }

    fn multiplier(&self, level: usize, member: usize, draws: &Range<usize>) -> Option<&[f64]> {
        let all = &self.multipliers[level];
        let start = member * self.draws;
        (!all.is_empty()).then(|| &all[start + draws.start..start + draws.end])
    }
}

fn segments(
    method: &Method,
    uncertainty: &Uncertainty,
    fits: &mut Fits<'_>,
) -> Result<Vec<Segment>> {
    let mut groups: BTreeMap<[usize; 5], (Method, usize)> = BTreeMap::new();
    let streams = Streams::new(uncertainty.seed, "method");
    for draw in 0..uncertainty.draws {
        let mut stream = streams.at(0, 0, draw as u32);
        let uniforms = [(); 5].map(|()| stream.open01());
        let (key, chosen) = uncertainty.alternatives.choose(method, uniforms);
        groups.entry(key).or_insert((chosen, 0)).1 += 1;
    }
    let mut start = 0;
    let mut segments = Vec::with_capacity(groups.len());
    for (chosen, count) in groups.into_values() {
        if chosen.aggregation == Aggregation::Outranking {
            return Err(Error::setting("aggregation", "outranking has no interval"));
        }
        let (filled, recipe) = fits.recipe(&chosen)?;
        segments.push(Segment { filled, recipe, draws: start..start + count });
        start += count;
    }
    Ok(segments)
}

impl Alternatives {
    /// The method that five uniforms pick, with the positions picked.
    pub(crate) fn choose(&self, method: &Method, uniforms: [f64; 5]) -> ([usize; 5], Method) {
        let sizes = [
            self.treatments.len(),
            self.imputations.len(),
            self.normalisations.len(),
            self.weightings.len(),
            self.aggregations.len(),
        ];
        let mut key = [0; 5];
        for (at, (&size, uniform)) in sizes.iter().zip(uniforms).enumerate() {
            key[at] = ((uniform * size as f64) as usize).min(size.saturating_sub(1));
        }
        let chosen = Method {
            treatment: pick(&self.treatments, key[0], method.treatment),
            imputation: pick(&self.imputations, key[1], method.imputation),
            normalisation: pick(&self.normalisations, key[2], method.normalisation),
            weighting: pick(&self.weightings, key[3], method.weighting),
            aggregation: pick(&self.aggregations, key[4], method.aggregation),
            ..method.clone()
        };
        (key, chosen)
    }
}

fn pick<T: Copy>(alternatives: &[T], at: usize, own: T) -> T {
    alternatives.get(at).copied().unwrap_or(own)
}

fn multipliers(framework: &Framework, uncertainty: &Uncertainty) -> [Vec<f64>; 3] {
    let spread = uncertainty.alternatives.weight_spread;
    let sizes = [framework.indicators().len(), framework.pillars().len(), framework.fronts().len()];
    let streams = Streams::new(uncertainty.seed, "weights");
    let mut level = 0;
    sizes.map(|members| {
        level += 1;
        if spread == 0.0 {
            return Vec::new();
        }
        let of_member = |member| {
            let mut stream = streams.at(level, member as u32, 0);
            (0..uncertainty.draws)
                .map(|_| 1.0 + spread * (2.0 * stream.open01() - 1.0))
                .collect::<Vec<f64>>()
        };
        (0..members).flat_map(of_member).collect()
    })
}

/// Draws of one indicator's current observation at one place.
#[derive(Clone)]
struct Sample {
    source: u32,
    exact: bool,
    /// Transformed draws; unused where the observation is exact.
    values: Vec<f64>,
    aged_source: u32,
    /// Standard normal draws by which the value drifts with age.
    ageing: Vec<f64>,
}

/// Scores of one indicator in one cell over one segment.
enum Scores {
    Missing,
    Constant(f64),
    Drawn,
}

/// One place, month after month; all buffers are reused.
struct Walk<'a> {
    plan: &'a Plan<'a>,
    place: usize,
    samples: Vec<Sample>,
    imputed: BTreeMap<usize, Vec<f64>>,
    /// The part of ageing that all of the place's indicators share.
    common_ageing: Vec<f64>,
    values: Vec<f64>,
    pulled: Vec<f64>,
    scores: Vec<f64>,
    weight_sums: Vec<f64>,
    /// Nodes × draws.
    nodes: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan<'a>, place: usize) -> Self {
        let blank = Sample {
            source: MISSING,
            exact: true,
            values: Vec::new(),
            aged_source: MISSING,
            ageing: Vec::new(),
        };
        let draws = plan.draws;
        Self {
            plan,
            place,
            samples: vec![blank; plan.panel.indicators()],
            imputed: BTreeMap::new(),
            common_ageing: normals(&mut plan.common.at(place as u32, 0, 0), draws),
            values: vec![0.0; draws],
            pulled: vec![0.0; draws],
            scores: vec![0.0; draws],
            weight_sums: vec![0.0; draws],
            nodes: vec![0.0; draws * plan.framework.nodes().len()],
        }
    }

    /// Quantiles of all nodes and months of the place.
    fn run(mut self) -> Vec<[f64; 3]> {
        let (months, nodes) = (self.plan.panel.months(), self.plan.framework.nodes().len());
        let mut quantiles = vec![[f64::NAN; 3]; months * nodes];
        let plan = self.plan;
        for month in 0..months {
            self.imputed.clear();
            for segment in &plan.segments {
                self.segment(segment, month);
            }
            for node in 0..nodes {
                let draws = &mut self.nodes[node * plan.draws..(node + 1) * plan.draws];
                quantiles[node * months + month] = central(draws, plan.tails);
            }
        }
        quantiles
    }

    /// Fills the segment's part of every node's draws for one month.
    fn segment(&mut self, segment: &Segment, month: usize) {
        let framework = self.plan.framework;
        let source = |i: usize| segment.filled.sources[segment.filled.at(self.place, month, i)];
        let evidence = shares(framework, |i| !matches!(source(i), MISSING | IMPUTED));
        let floor = segment.recipe.evidence_floor;
        let (pillars, fronts) = (framework.pillars(), framework.fronts());
        for (node, pillar) in pillars.iter().enumerate() {
            if enough(evidence[node], floor) {
                self.pillar(segment, month, node, &pillar.members);
            } else {
                self.blank(node, &segment.draws);
            }
        }
        for (at, front) in fronts.iter().enumerate() {
            let members: Vec<(usize, f64)> =
                front.members.iter().map(|&p| (p, pillars[p].weight)).collect();
            let node = pillars.len() + at;
            self.above(segment, node, 1, 0, &members, enough(evidence[node], floor));
        }
        let members: Vec<(usize, f64)> =
            fronts.iter().enumerate().map(|(at, front)| (at, front.weight)).collect();
        let node = pillars.len() + fronts.len();
        self.above(segment, node, 2, pillars.len(), &members, enough(evidence[node], floor));
    }

    fn blank(&mut self, node: usize, draws: &Range<usize>) {
        let start = node * self.plan.draws;
        self.nodes[start + draws.start..start + draws.end].fill(f64::NAN);
    }

    fn pillar(&mut self, segment: &Segment, month: usize, node: usize, members: &[usize]) {
        let draws = segment.draws.clone();
        let start = node * self.plan.draws;
        let span = start + draws.start..start + draws.end;
        self.nodes[span.clone()].fill(0.0);
        self.weight_sums[draws.clone()].fill(0.0);
        for &indicator in members {
            let weight = segment.recipe.weights.of(self.place, month, indicator);
            if weight == 0.0 {
                continue;
            }
            let scores = self.score(segment, month, indicator);
            let multiplier = self.plan.multiplier(0, indicator, &draws);
            let sums = &mut self.nodes[span.clone()];
            let weights = &mut self.weight_sums[draws.clone()];
            let aggregation = segment.recipe.aggregation;
            match scores {
                Scores::Missing => {}
                Scores::Constant(score) => {
                    add_constant(sums, weights, aggregation.lift(score), weight, multiplier);
                }
                Scores::Drawn => {
                    let scores = &mut self.scores[draws.clone()];
                    if aggregation == Aggregation::Geometric {
                        scores.iter_mut().for_each(|score| *score = aggregation.lift(*score));
                    }
                    add_drawn(sums, weights, scores, weight, multiplier);
                }
            }
        }
        self.settle(segment, node);
    }

    /// A front or the overall index from nodes `offset + member` of `level`.
    fn above(
        &mut self,
        segment: &Segment,
        node: usize,
        level: usize,
        offset: usize,
        members: &[(usize, f64)],
        enough: bool,
    ) {
        let draws = segment.draws.clone();
        if !enough {
            return self.blank(node, &draws);
        }
        let all = self.plan.draws;
        let (below, this) = self.nodes.split_at_mut(node * all);
        let sums = &mut this[draws.clone()];
        sums.fill(0.0);
        let weights = &mut self.weight_sums[draws.clone()];
        weights.fill(0.0);
        let aggregation = segment.recipe.aggregation;
        for &(member, weight) in members {
            let start = (offset + member) * all;
            let values = &below[start + draws.start..start + draws.end];
            if weight == 0.0 || values.first().is_none_or(|value| value.is_nan()) {
                continue;
            }
            let lifted = &mut self.scores[draws.clone()];
            lifted.iter_mut().zip(values).for_each(|(l, &value)| *l = aggregation.lift(value));
            add_drawn(sums, weights, lifted, weight, self.plan.multiplier(level, member, &draws));
        }
        self.settle(segment, node);
    }

    /// Sums over weights, back on the scale of scores; 0 over 0 is `NaN`, no index.
    fn settle(&mut self, segment: &Segment, node: usize) {
        let draws = segment.draws.clone();
        let start = node * self.plan.draws;
        let sums = &mut self.nodes[start + draws.start..start + draws.end];
        let aggregation = segment.recipe.aggregation;
        for (sum, weight) in sums.iter_mut().zip(&self.weight_sums[draws]) {
            *sum = aggregation.settle(*sum / weight);
        }
    }

    fn score(&mut self, segment: &Segment, month: usize, indicator: usize) -> Scores {
        let filled = &segment.filled;
        let at = filled.at(self.place, month, indicator);
        let value = filled.values[at];
        let scale = &segment.recipe.scales[indicator];
        let draws = segment.draws.clone();
        match filled.sources[at] {
            MISSING => return Scores::Missing,
            IMPUTED => self.draw_imputed(filled, month, indicator, &draws),
            source => {
                if !self.observed(filled, month, indicator, source, &draws) {
                    return Scores::Constant(scale.score(value));
                }
            }
        }
        scale.scores(&self.values[draws.clone()], &mut self.scores[draws]);
        Scores::Drawn
    }

    /// Writes the draws of an observed or carried value; false where it is exact, and nothing is
    /// written.
    fn observed(
        &mut self,
        filled: &Filled,
        month: usize,
        indicator: usize,
        source: u32,
        draws: &Range<usize>,
    ) -> bool {
        let value = filled.values[filled.at(self.place, month, indicator)];
        let age = month as u32 - source;
        let spread = (f64::from(age) * filled.drift[indicator]).sqrt();
        self.observe(indicator, source);
        if self.samples[indicator].exact && spread == 0.0 {
            return false;
        }
        self.age(indicator, source, value, spread, filled.common_drift, draws);
        true
    }

    /// Makes sure that the indicator's draws are those of the observation of month `source`.
    fn observe(&mut self, indicator: usize, source: u32) {
        let sample = &mut self.samples[indicator];
        if sample.source == source {
            return;
        }
        sample.source = source;
        let (plan, place, month) = (self.plan, self.place, source as usize);
        let spec = &plan.framework.indicators()[indicator];
        let observation = Observation::new(plan.panel, spec, place, month, indicator);
        sample.exact = observation.is_exact();
        if !sample.exact {
            let mut stream = sample::stream(plan.observed, spec, place, month, indicator);
            sample.values.clear();
            sample.values.extend(
                (0..plan.draws).map(|_| spec.transform.apply(observation.draw(&mut stream))),
            );
        }
    }

    /// Writes the draws of an observed or carried value, spread by its age; a part of that
    /// spread goes together with the place's other indicators.
    fn age(
        &mut self,
        indicator: usize,
        source: u32,
        value: f64,
        spread: f64,
        common: f64,
        draws: &Range<usize>,
    ) {
        if spread > 0.0 {
            self.draw_ageing(indicator, source);
        }
        let sample = &self.samples[indicator];
        let values = &mut self.values[draws.clone()];
        if sample.exact {
            values.fill(value);
        } else {
            values.copy_from_slice(&sample.values[draws.clone()]);
        }
        if spread > 0.0 {
            let rising = self.plan.framework.indicators()[indicator].direction;
            let sign = if rising == Direction::Positive { 1.0 } else { -1.0 };
            add_scaled(values, &sample.ageing[draws.clone()], spread * (1.0 - common).sqrt());
            let together = sign * spread * common.sqrt();
            add_scaled(values, &self.common_ageing[draws.clone()], together);
        }
    }

    fn draw_ageing(&mut self, indicator: usize, source: u32) {
        let sample = &mut self.samples[indicator];
        if sample.aged_source == source {
            return;
        }
        sample.aged_source = source;
        let plan = self.plan;
        let spec = &plan.framework.indicators()[indicator];
        let mut stream = sample::stream(plan.aged, spec, self.place, source as usize, indicator);
        sample.ageing = normals(&mut stream, plan.draws);
    }

    /// Writes the draws of an imputed value: it follows the draws of the values it was estimated
    /// from, and errors of one cell's imputed indicators go together as their conditional
    /// covariance says.
    fn draw_imputed(
        &mut self,
        filled: &Filled,
        month: usize,
        indicator: usize,
        draws: &Range<usize>,
    ) {
        let Some(fit) = &filled.fit else { return };
        let cell = self.place * filled.months + month;
        let (columns, factor) = fit.errors_of(cell);
        let Some(row) = columns.iter().position(|&column| column == indicator) else { return };
        self.follow(filled, month, fit.slopes_of(cell, indicator), draws);
        let centre = filled.values[filled.at(self.place, month, indicator)];
        let (values, pulled) = (&mut self.values[draws.clone()], &self.pulled[draws.clone()]);
        values.iter_mut().zip(pulled).for_each(|(value, pull)| *value = centre + pull);
        for (k, &column) in columns[..=row].iter().enumerate() {
            let (plan, place) = (self.plan, self.place);
            let drawn = self.imputed.entry(column).or_insert_with(|| {
                let mut stream = plan.imputed.at(place as u32, month as u32, column as u32);
                normals(&mut stream, plan.draws)
            });
            let load = factor[row * columns.len() + k];
            add_scaled(&mut self.values[draws.clone()], &drawn[draws.clone()], load);
        }
    }

    /// Writes how far the draws of the observed columns pull an imputed value, into `pulled`.
    fn follow(
        &mut self,
        filled: &Filled,
        month: usize,
        (columns, slopes): (&[usize], &[f64]),
        draws: &Range<usize>,
    ) {
        self.pulled[draws.clone()].fill(0.0);
        for (&column, &slope) in columns.iter().zip(slopes) {
            let at = filled.at(self.place, month, column);
            let source = filled.sources[at];
            if slope != 0.0 && self.observed(filled, month, column, source, draws) {
                let value = filled.values[at];
                let pulled = &mut self.pulled[draws.clone()];
                let drawn = &self.values[draws.clone()];
                pulled.iter_mut().zip(drawn).for_each(|(pull, x)| *pull += slope * (x - value));
            }
        }
    }
}

fn normals(stream: &mut Stream, draws: usize) -> Vec<f64> {
    (0..draws).map(|_| StandardNormal.sample(stream)).collect()
}

fn add_scaled(values: &mut [f64], by: &[f64], factor: f64) {
    values.iter_mut().zip(by).for_each(|(value, by)| *value += factor * by);
}

fn add_drawn(
    sums: &mut [f64],
    weights: &mut [f64],
    scores: &[f64],
    weight: f64,
    multiplier: Option<&[f64]>,
) {
    let pairs = sums.iter_mut().zip(weights.iter_mut()).zip(scores);
    match multiplier {
        None => pairs.for_each(|((sum, all), score)| {
            *sum += weight * score;
            *all += weight;
        }),
        Some(multiplier) => pairs.zip(multiplier).for_each(|(((sum, all), score), factor)| {
            *sum += weight * factor * score;
            *all += weight * factor;
        }),
    }
}

fn add_constant(
    sums: &mut [f64],
    weights: &mut [f64],
    score: f64,
    weight: f64,
    multiplier: Option<&[f64]>,
) {
    let pairs = sums.iter_mut().zip(weights.iter_mut());
    match multiplier {
        None => pairs.for_each(|(sum, all)| {
            *sum += weight * score;
            *all += weight;
        }),
        Some(multiplier) => pairs.zip(multiplier).for_each(|((sum, all), factor)| {
            *sum += weight * factor * score;
            *all += weight * factor;
        }),
    }
}

/// Lower tail, median and upper tail of the draws that are not `NaN` (linear interpolation
/// between order statistics, type 7 of Hyndman & Fan 1996). Reorders the draws.
pub(crate) fn central(draws: &mut [f64], tail: f64) -> [f64; 3] {
    let mut kept = 0;
    for at in 0..draws.len() {
        if !draws[at].is_nan() {
            draws.swap(kept, at);
            kept += 1;
        }
    }
    let draws = &mut draws[..kept];
    if kept == 0 {
        return [f64::NAN; 3];
    }
    let middle = (kept - 1) / 2;
    let median = quantile(draws, 0.5);
    // After the median is in place, each tail lies in its own half.
    let low = if tail < 0.5 && middle > 0 {
        quantile_at(&mut draws[..=middle], tail * (kept - 1) as f64)
    } else {
        median
    };
    let high = quantile_at(&mut draws[middle..], (1.0 - tail) * (kept - 1) as f64 - middle as f64);
    [low, median, high]
}

fn quantile(draws: &mut [f64], probability: f64) -> f64 {
    let position = probability * (draws.len() - 1) as f64;
    quantile_at(draws, position)
}

/// The value at a fractional position of the sorted draws.
fn quantile_at(draws: &mut [f64], position: f64) -> f64 {
    let at = (position as usize).min(draws.len() - 1);
    let (_, &mut lower, rest) = draws.select_nth_unstable_by(at, f64::total_cmp);
    let fraction = position - at as f64;
    if fraction <= 0.0 || rest.is_empty() {
        return lower;
    }
    let upper = rest.iter().copied().fold(f64::INFINITY, f64::min);
    lower + fraction * (upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_and_skip_gaps() {
        let mut draws: Vec<f64> = (0..101).rev().map(f64::from).collect();
        draws.insert(50, f64::NAN);
        assert_eq!(central(&mut draws, 0.05), [5.0, 50.0, 95.0]);
        let mut few = [3.0, 1.0, 2.0, 4.0];
        let [low, median, high] = central(&mut few, 0.05);
        assert!((low - 1.15).abs() < 1e-12 && (median - 2.5).abs() < 1e-12);
        assert!((high - 3.85).abs() < 1e-12);
        assert!(central(&mut [f64::NAN], 0.05)[0].is_nan());
    }
}
