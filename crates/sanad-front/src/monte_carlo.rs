//! The inner loop of the Monte-Carlo run: one place, month after month, all draws at a time.
//!
//! Draws are single-precision deviations from the reported value. Standard normal numbers come
//! from a [`Pool`] that all observations read at places of their own.

use std::ops::Range;

use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::Streams;

use crate::aggregate::{enough, shares};
use crate::em::{FilledErrors, Regression};
use crate::fast;
use crate::fill::{Filled, IMPUTED, MISSING};
use crate::framework::Direction;
use crate::interval::{DrawPlan, Level, Segment};
use crate::method::Aggregation;
use crate::quantile::Selector;
use crate::sample::{self, SampledValue, place_key};

/// Normal numbers drawn once and read from many starting places.
///
/// An observation's draws are a run of the pool that starts where its own counter-based stream
/// says. Starts of different indicators, and of their different purposes, never coincide, so in
/// any one draw of any one cell all numbers come from different spots of the pool and are
/// independent; runs that overlap with a lag repeat a number in different draws only.
pub(crate) struct Pool {
    numbers: Vec<f32>,
    starts: Streams,
    classes: usize,
    slots: usize,
    draws: usize,
}

/// What a run of normal numbers is for.
#[derive(Clone, Copy)]
enum Purpose {
    Error = 0,
    Ageing = 1,
    Imputation = 2,
}

/// 65,536 numbers of four bytes: a quarter of a megabyte, so that it stays in a processor's second
/// cache.
const POOL_SIZE: usize = 1 << 16;

impl Pool {
    pub(crate) fn new(seed: u64, draws: usize, indicators: usize) -> Self {
        let mut stream = Streams::new(seed, "pool").at(0, 0, 0);
        let mut numbers: Vec<f64> =
            (0..POOL_SIZE).map(|_| StandardNormal.sample(&mut stream)).collect();
        // Mean 0 and variance 1 to the last digit: the pool's own luck must not shift intervals.
        let centre = sanad_numbers::mean(&numbers);
        let spread = sanad_numbers::variance(&numbers).sqrt();
        numbers.iter_mut().for_each(|number| *number = (*number - centre) / spread);
        let mut numbers: Vec<f32> = numbers.into_iter().map(|number| number as f32).collect();
        // The beginning once more at the end, so that every run is one slice.
        (0..draws).for_each(|k| numbers.push(numbers[k]));
        let classes = 3 * indicators + 1;
        let slots = (POOL_SIZE / classes).max(1);
        Self { numbers, starts: Streams::new(seed, "pool starts"), classes, slots, draws }
    }

    /// Where the run of a value's purpose begins: slot · classes + class, with the slot drawn from
    /// the value's own stream. Two classes never meet, because starts differ modulo `classes`.
    fn start(&self, place: u32, month: u32, indicator: usize, purpose: Purpose) -> usize {
        let class = 3 * indicator + purpose as usize;
        let word = self.starts.at(place, month, class as u32).word() as usize;
        (word % self.slots * self.classes + class) % POOL_SIZE
    }

    /// The run that all indicators of a place share.
    fn common_start(&self, place: usize) -> usize {
        let class = self.classes - 1;
        let word = self.starts.at(place as u32, 0, class as u32).word() as usize;
        (word % self.slots * self.classes + class) % POOL_SIZE
    }

    /// One number picked by a key, for draws that are taken one at a time: the key is mixed
    /// (finaliser of SplitMix64, Steele et al. 2014) into a spot of the pool.
    pub(crate) fn pick(&self, key: u64) -> f64 {
        let mixed = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(self.numbers[(mixed ^ (mixed >> 31)) as usize % POOL_SIZE])
    }

    fn run(&self, start: usize, draws: &Range<usize>) -> &[f32] {
        debug_assert!(draws.end <= self.draws);
        &self.numbers[start + draws.start..start + draws.end]
    }
}

/// The error of one indicator's current observation at one place, loaded until the run meets the
/// next observation.
#[derive(Clone)]
struct Sample {
    /// The month of the observation.
    source: u32,
    error: ErrorOf,
    /// Where ageing is read from.
    ageing_start: usize,
}

#[derive(Clone)]
enum ErrorOf {
    /// There is none.
    Exact,
    /// Normal in transformed units: `standard_error` times the run of the pool from `start`.
    Normal { standard_error: f64, start: usize },
    /// Deviations from the reported value in transformed units, one per draw.
    Drawn(Vec<f32>),
}

/// Scores of one indicator in one cell over one segment.
enum NodeScores {
    Missing,
    Constant(f64),
    /// In the run's `scores`.
    Drawn,
}

/// One place, month after month; all buffers are reused.
pub(crate) struct PlaceRun<'a> {
    plan: &'a DrawPlan<'a>,
    place: usize,
    /// By indicator.
    samples: Vec<Sample>,
    /// Where the drift that the place's indicators share is read in the pool.
    common_start: usize,
    /// Deviations, then scores, of the indicator at hand; by draw.
    scores: Vec<f32>,
    /// How far observed draws move an imputed value; by draw.
    shifts: Vec<f32>,
    /// Σ weight of the node at hand; by draw.
    weight_sums: Vec<f32>,
    /// Nodes × draws.
    nodes: Vec<f32>,
}

impl<'a> PlaceRun<'a> {
    pub(crate) fn new(plan: &'a DrawPlan<'a>, place: usize) -> Self {
        let not_loaded = Sample { source: MISSING, error: ErrorOf::Exact, ageing_start: 0 };
        let draws = plan.draws;
        Self {
            plan,
            place,
            samples: vec![not_loaded; plan.panel.indicators()],
            common_start: plan.pool.common_start(place),
            scores: vec![0.0; draws],
            shifts: vec![0.0; draws],
            weight_sums: vec![0.0; draws],
            nodes: vec![0.0; draws * plan.framework.nodes().len()],
        }
    }

    /// Quantiles of all nodes and months of the place, nodes × months.
    pub(crate) fn run(mut self) -> Vec<[f32; 3]> {
        let plan = self.plan;
        let (months, nodes) = (plan.panel.months(), plan.framework.nodes().len());
        let mut quantiles = vec![[f32::NAN; 3]; months * nodes];
        let mut selector = Selector::new();
        for month in 0..months {
            for segment in &plan.segments {
                self.draw_segment(segment, month);
            }
            for node in 0..nodes {
                let draws = &self.nodes[node * plan.draws..(node + 1) * plan.draws];
                quantiles[node * months + month] = selector.central(draws, plan.tail);
            }
        }
        quantiles
    }

    /// Fills the segment's part of every node's draws for one month.
    fn draw_segment(&mut self, segment: &Segment, month: usize) {
        let framework = self.plan.framework;
        let source = |i: usize| segment.filled.sources[segment.filled.index(self.place, month, i)];
        let evidence = shares(framework, |i| !matches!(source(i), MISSING | IMPUTED));
        let enough = |node: usize| enough(evidence[node], segment.recipe.evidence_floor);
        let (pillars, fronts) = (framework.pillars(), framework.fronts());
        for (node, pillar) in pillars.iter().enumerate() {
            if enough(node) {
                self.draw_pillar(segment, month, node, &pillar.members);
            } else {
                self.clear(node, &segment.draws);
            }
        }
        for (position, front) in fronts.iter().enumerate() {
            let node = pillars.len() + position;
            let members = front.members.iter().map(|&p| (p, pillars[p].weight));
            let below = Below { level: Level::Pillars, first_node: 0 };
            self.draw_parent(segment, node, below, members, enough(node));
        }
        let node = pillars.len() + fronts.len();
        let members = fronts.iter().enumerate().map(|(position, front)| (position, front.weight));
        let below = Below { level: Level::Fronts, first_node: pillars.len() };
        self.draw_parent(segment, node, below, members, enough(node));
    }

    /// Leaves the node without an index in these draws.
    fn clear(&mut self, node: usize, draws: &Range<usize>) {
        let start = node * self.plan.draws;
        self.nodes[start + draws.start..start + draws.end].fill(f32::NAN);
    }

    /// Σ weight · score / Σ weight over the pillar's members that have a value, draw by draw; under
    /// the geometric mean of ln(1 + 0.99 · score). Weights are fixed ones times what each draw
    /// multiplies them with.
    fn draw_pillar(&mut self, segment: &Segment, month: usize, node: usize, members: &[usize]) {
        let draws = segment.draws.clone();
        let start = node * self.plan.draws;
        let span = start + draws.start..start + draws.end;
        self.nodes[span.clone()].fill(0.0);
        self.weight_sums[draws.clone()].fill(0.0);
        let mut fixed = 0.0;
        for &indicator in members {
            let weight = segment.recipe.weights.of(self.place, month, indicator);
            if weight == 0.0 {
                continue;
            }
            if let Some(LinearScore { start, line }) = self.linear_score(segment, month, indicator)
            {
                let plan = self.plan;
                let multiplier = plan.multiplier(Level::Indicators, indicator, &draws);
                let run = plan.pool.run(start, &draws);
                let sums = NodeSums {
                    scores: &mut self.nodes[span.clone()],
                    weights: &mut self.weight_sums[draws.clone()],
                };
                match segment.recipe.aggregation {
                    Aggregation::Geometric => {
                        add_linear_scores(sums, run, line, weight, multiplier, fast::to_logarithm);
                    }
                    _ => add_linear_scores(sums, run, line, weight, multiplier, |score| score),
                }
                fixed += weight;
                continue;
            }
            match self.load_scores(segment, month, indicator) {
                NodeScores::Missing => continue,
                NodeScores::Constant(score) => self.scores[draws.clone()].fill(score as f32),
                NodeScores::Drawn => {}
            }
            let scores = &mut self.scores[draws.clone()];
            if segment.recipe.aggregation == Aggregation::Geometric {
                fast::to_logarithms(scores);
            }
            let sums = NodeSums {
                scores: &mut self.nodes[span.clone()],
                weights: &mut self.weight_sums[draws.clone()],
            };
            let multiplier = self.plan.multiplier(Level::Indicators, indicator, &draws);
            add(sums, scores, weight, multiplier);
            fixed += weight;
        }
        self.finish_mean(segment, node, fixed);
    }

    /// A front or the overall index from the draws of its members.
    fn draw_parent(
        &mut self,
        segment: &Segment,
        node: usize,
        below: Below,
        members: impl Iterator<Item = (usize, f64)>,
        enough: bool,
    ) {
        let draws = segment.draws.clone();
        if !enough {
            return self.clear(node, &draws);
        }
        let all = self.plan.draws;
        let (earlier, this) = self.nodes.split_at_mut(node * all);
        let sums = &mut this[draws.clone()];
        sums.fill(0.0);
        self.weight_sums[draws.clone()].fill(0.0);
        let mut fixed = 0.0;
        for (member, weight) in members {
            let start = (below.first_node + member) * all;
            let values = &earlier[start + draws.start..start + draws.end];
            if weight == 0.0 || values.first().is_none_or(|value| value.is_nan()) {
                continue;
            }
            let scores = &mut self.scores[draws.clone()];
            scores.copy_from_slice(values);
            if segment.recipe.aggregation == Aggregation::Geometric {
                fast::to_logarithms(scores);
            }
            let multiplier = self.plan.multiplier(below.level, member, &draws);
            let weights = &mut self.weight_sums[draws.clone()];
            add(NodeSums { scores: &mut *sums, weights }, scores, weight, multiplier);
            fixed += weight;
        }
        self.finish_mean(segment, node, fixed);
    }

    /// NodeSums over weights, back on the scale of scores; no members means no index.
    fn finish_mean(&mut self, segment: &Segment, node: usize, fixed: f64) {
        let draws = segment.draws.clone();
        if fixed == 0.0 {
            return self.clear(node, &draws);
        }
        let start = node * self.plan.draws;
        let sums = &mut self.nodes[start + draws.start..start + draws.end];
        if self.plan.multiplier(Level::Indicators, 0, &draws).is_some() {
            let weights = &self.weight_sums[draws];
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum /= weight);
        } else {
            let share = (1.0 / fixed) as f32;
            sums.iter_mut().for_each(|sum| *sum *= share);
        }
        if segment.recipe.aggregation == Aggregation::Geometric {
            fast::from_logarithms(sums);
        }
    }

    /// Where the draws of a fresh value with a normal error are read, and the line that turns them
    /// into scores; `None` where it takes more than that.
    fn linear_score(
        &mut self,
        segment: &Segment,
        month: usize,
        indicator: usize,
    ) -> Option<LinearScore> {
        let filled = &segment.filled;
        let cell = filled.index(self.place, month, indicator);
        let source = filled.sources[cell];
        if source == MISSING || source == IMPUTED {
            return None;
        }
        let age = f64::from(month as u32 - source);
        if age * filled.drift[indicator] > 0.0 {
            return None;
        }
        let (middle, slope) = segment.recipe.scales[indicator]
            .linear_at(filled.value(self.place, month, indicator))?;
        self.load_sample(filled, indicator, source);
        match &self.samples[indicator].error {
            ErrorOf::Normal { standard_error, start } => {
                // The normal number is in units of the standard error.
                let slope = (slope * standard_error) as f32;
                Some(LinearScore {
                    start: *start,
                    line: ScoreLine { middle: middle as f32, slope },
                })
            }
            _ => None,
        }
    }

    /// Writes the draws of one indicator's score into `scores`, unless it is missing or exact.
    fn load_scores(&mut self, segment: &Segment, month: usize, indicator: usize) -> NodeScores {
        let filled = &segment.filled;
        let cell = filled.index(self.place, month, indicator);
        let value = filled.value(self.place, month, indicator);
        let scale = &segment.recipe.scales[indicator];
        let draws = segment.draws.clone();
        match filled.sources[cell] {
            MISSING => return NodeScores::Missing,
            IMPUTED => self.load_imputed_deviations(filled, month, indicator, &draws),
            source => {
                if !self.load_deviations(filled, month, indicator, source, &draws) {
                    return NodeScores::Constant(scale.score(value));
                }
            }
        }
        scale.scores_around(value, &mut self.scores[draws]);
        NodeScores::Drawn
    }

    /// Writes into `scores` how far the draws of an observed or carried value lie from it; false
    /// where it is exact, and nothing is written. A part of the spread with age goes together
    /// with the place's other indicators.
    fn load_deviations(
        &mut self,
        filled: &Filled,
        month: usize,
        indicator: usize,
        source: u32,
        draws: &Range<usize>,
    ) -> bool {
        let age = month as u32 - source;
        // A random walk: variance grows by `drift` a month, so the spread by √(age · drift).
        let spread = (f64::from(age) * filled.drift[indicator]).sqrt();
        self.load_sample(filled, indicator, source);
        let (plan, sample) = (self.plan, &self.samples[indicator]);
        let scores = &mut self.scores[draws.clone()];
        match &sample.error {
            ErrorOf::Exact if spread == 0.0 => return false,
            ErrorOf::Exact => scores.fill(0.0),
            ErrorOf::Normal { standard_error, start } => {
                set_scaled(scores, plan.pool.run(*start, draws), *standard_error);
            }
            ErrorOf::Drawn(deviations) => scores.copy_from_slice(&deviations[draws.clone()]),
        }
        if spread > 0.0 {
            let rising = plan.framework.indicators()[indicator].direction;
            let sign = if rising == Direction::Positive { 1.0 } else { -1.0 };
            // √(1 − c) · own + √c · shared has variance 1 and correlation c between indicators.
            let common = filled.common_drift;
            let own = plan.pool.run(sample.ageing_start, draws);
            add_scaled(scores, own, spread * (1.0 - common).sqrt());
            let shared = plan.pool.run(self.common_start, draws);
            add_scaled(scores, shared, sign * spread * common.sqrt());
        }
        true
    }

    /// Makes sure that the indicator's sample is that of the observation of month `source`.
    fn load_sample(&mut self, filled: &Filled, indicator: usize, source: u32) {
        if self.samples[indicator].source == source {
            return;
        }
        let (plan, place, month) = (self.plan, self.place, source as usize);
        let spec = &plan.framework.indicators()[indicator];
        let observation = SampledValue::new(plan.panel, spec, place, month, indicator);
        let key = place_key(spec, place);
        let start = |purpose| plan.pool.start(key, source, indicator, purpose);
        let error = match observation.normal_error(spec.transform) {
            _ if observation.is_exact() => ErrorOf::Exact,
            Some(standard_error) => {
                ErrorOf::Normal { standard_error, start: start(Purpose::Error) }
            }
            None => {
                let centre = filled.value(place, month, indicator);
                let mut stream = sample::stream(plan.observed, spec, place, month, indicator);
                let draw = || spec.transform.apply(observation.draw(&mut stream)) - centre;
                ErrorOf::Drawn(
                    core::iter::repeat_with(draw).take(plan.draws).map(|d| d as f32).collect(),
                )
            }
        };
        self.samples[indicator] = Sample { source, error, ageing_start: start(Purpose::Ageing) };
    }

    /// Writes the deviations of an imputed value: it follows the draws of the values it was
    /// estimated from, and errors of one cell's imputed indicators go together as their
    /// conditional covariance says.
    fn load_imputed_deviations(
        &mut self,
        filled: &Filled,
        month: usize,
        indicator: usize,
        draws: &Range<usize>,
    ) {
        let Some(fit) = &filled.fit else { return };
        let cell = self.place * filled.months + month;
        let FilledErrors { columns, factor } = fit.errors_of(cell);
        let Some(row) = columns.iter().position(|&column| column == indicator) else { return };
        self.shift_with_observed(filled, month, fit.slopes_of(cell, indicator), draws);
        let scores = &mut self.scores[draws.clone()];
        scores.copy_from_slice(&self.shifts[draws.clone()]);
        let pool = &self.plan.pool;
        for (k, &column) in columns[..=row].iter().enumerate() {
            let start = pool.start(self.place as u32, month as u32, column, Purpose::Imputation);
            add_scaled(scores, pool.run(start, draws), factor[row * columns.len() + k]);
        }
    }

    /// Writes how far the draws of the observed columns pull an imputed value, into `shifts`.
    fn shift_with_observed(
        &mut self,
        filled: &Filled,
        month: usize,
        regression: Regression<'_>,
        draws: &Range<usize>,
    ) {
        self.shifts[draws.clone()].fill(0.0);
        for (&column, &slope) in regression.columns.iter().zip(regression.slopes) {
            let source = filled.sources[filled.index(self.place, month, column)];
            if slope != 0.0 && self.load_deviations(filled, month, column, source, draws) {
                add_scaled(&mut self.shifts[draws.clone()], &self.scores[draws.clone()], slope);
            }
        }
    }
}

/// values = factor · by.
fn set_scaled(values: &mut [f32], by: &[f32], factor: f64) {
    let factor = factor as f32;
    values.iter_mut().zip(by).for_each(|(value, by)| *value = factor * by);
}

/// values += factor · by.
fn add_scaled(values: &mut [f32], by: &[f32], factor: f64) {
    let factor = factor as f32;
    if factor != 0.0 {
        values.iter_mut().zip(by).for_each(|(value, by)| *value += factor * by);
    }
}

/// Running sums of a node over one segment's draws.
struct NodeSums<'a> {
    /// Σ weight · score.
    scores: &'a mut [f32],
    /// Σ weight; touched only where weights vary from draw to draw.
    weights: &'a mut [f32],
}

/// score = middle + slope · normal, before it is cut at 0 and 100.
#[derive(Clone, Copy)]
struct ScoreLine {
    middle: f32,
    slope: f32,
}

/// A fresh value with a normal error on a scale that is a line.
struct LinearScore {
    /// Where its normal numbers begin in the pool.
    start: usize,
    line: ScoreLine,
}

/// The level that a parent takes its members from.
#[derive(Clone, Copy)]
struct Below {
    level: Level,
    /// Position of the level's first node.
    first_node: usize,
}

/// Adds weighted scores that are read off a line, cut at 0 and 100 and transformed, in one pass.
#[inline(always)]
fn add_linear_scores(
    sums: NodeSums<'_>,
    run: &[f32],
    line: ScoreLine,
    weight: f64,
    multiplier: Option<&[f32]>,
    transform: impl Fn(f32) -> f32,
) {
    let (NodeSums { scores: sums, weights }, ScoreLine { middle, slope }) = (sums, line);
    let weight = weight as f32;
    let score = |normal: f32| transform((middle + slope * normal).clamp(0.0, 100.0));
    let pairs = sums.iter_mut().zip(run);
    match multiplier {
        None => pairs.for_each(|(sum, normal)| *sum += weight * score(*normal)),
        Some(multiplier) => {
            pairs.zip(weights.iter_mut().zip(multiplier)).for_each(
                |((sum, normal), (all, factor))| {
                    let own = weight * factor;
                    *sum += own * score(*normal);
                    *all += own;
                },
            );
        }
    }
}

/// Adds weighted scores; weights are summed only where they vary from draw to draw.
fn add(sums: NodeSums<'_>, scores: &[f32], weight: f64, multiplier: Option<&[f32]>) {
    let NodeSums { scores: sums, weights } = sums;
    let weight = weight as f32;
    let pairs = sums.iter_mut().zip(scores);
    match multiplier {
        None => pairs.for_each(|(sum, score)| *sum += weight * score),
        Some(multiplier) => {
            pairs.zip(weights.iter_mut().zip(multiplier)).for_each(
                |((sum, score), (all, factor))| {
                    let own = weight * factor;
                    *sum += own * score;
                    *all += own;
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_different_indicators_and_purposes_never_coincide() {
        let pool = Pool::new(3, 100, 12);
        let mut classes = std::collections::BTreeMap::new();
        for indicator in 0..12 {
            for purpose in [Purpose::Error, Purpose::Ageing, Purpose::Imputation] {
                for month in 0..200 {
                    let start = pool.start(month % 7, month, indicator, purpose);
                    let class = (indicator, purpose as usize);
                    assert_eq!(*classes.entry(start).or_insert(class), class);
                }
            }
        }
        assert!(!classes.contains_key(&pool.common_start(2)));
    }

    #[test]
    fn the_pool_is_standard_normal() {
        let pool = Pool::new(3, 10, 2);
        let numbers: Vec<f64> = pool.numbers[..POOL_SIZE].iter().map(|&n| f64::from(n)).collect();
        assert!(sanad_numbers::mean(&numbers).abs() < 1e-6);
        let inside = numbers.iter().filter(|n| n.abs() < 1.644_853_6).count() as f64;
        assert!((inside / POOL_SIZE as f64 - 0.9).abs() < 0.004);
    }
}
