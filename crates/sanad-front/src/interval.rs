//! Intervals by Monte Carlo over the errors of the indicators and the alternatives of the method.

use sanad_core::Estimate;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use sanad_core::random::Streams;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fill::Filled;
use crate::framework::{Framework, Node};
use crate::index::Index;
use crate::method::{Aggregation, Imputation, Method, Normalisation, Treatment, Weighting};
use crate::monte_carlo::{PlaceRun, Pool};
use crate::panel::Panel;
use crate::recipe::{Fits, Recipe};

/// Alternatives of each step that count as equally defensible; every draw picks one of each.
///
/// An empty list keeps the method's own choice; a list that should contain it must name it.
///
/// ```
/// use sanad_front::{Aggregation, Alternatives, Weighting};
///
/// let alternatives = Alternatives {
///     weightings: vec![Weighting::Given, Weighting::Equal],
///     aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
///     weight_spread: 0.25,
///     ..Alternatives::default()
/// };
/// // Each draw takes one of two times two ways, and every weight times 0.75 to 1.25.
/// assert!(alternatives.normalisations.is_empty());
/// ```
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

/// What to do with a scale that lies between the ends of noisy data.
///
/// Under [`Normalisation::MinMax`] without goalposts, and under [`Normalisation::DistanceToTarget`],
/// an end of the scale is the lowest or highest value reported. Where values have errors it is the
/// luckiest error as well, and 90 % intervals held only 48 to 79 % of the true indices in
/// simulation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoisyEnds {
    /// An error that names the indicator.
    #[default]
    Refuse,
    /// Intervals all the same; [`Intervals::with_noisy_ends`] names the indicators.
    Flag,
}

/// Settings of the Monte-Carlo run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// Number of draws, 20 to 1,000,000.
    pub draws: usize,
    /// Seed of all streams.
    pub seed: u64,
    /// Probability inside the interval, in (0, 1).
    pub level: f64,
    /// What may vary beside the indicators' errors.
    pub alternatives: Alternatives,
    /// What to do with a scale that lies between the ends of noisy data, in any draw.
    #[serde(default)]
    pub noisy_ends: NoisyEnds,
}

impl Default for Uncertainty {
    /// 1,000 draws, 90 % intervals, the method fixed, no scale between noisy ends.
    fn default() -> Self {
        Self {
            draws: 1000,
            seed: 1,
            level: 0.9,
            alternatives: Alternatives::default(),
            noisy_ends: NoisyEnds::Refuse,
        }
    }
}

impl Uncertainty {
    fn check(&self) -> Result<()> {
        if !(20..=1_000_000).contains(&self.draws) {
            return Err(Error::setting("draws", "must be 20 to 1,000,000"));
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

/// The index together with an interval for every value.
#[derive(Debug, Clone)]
pub struct Intervals {
    index: Index,
    /// Nodes × places × months × (low, median, high).
    quantiles: Vec<[f32; 3]>,
    noisy: Vec<usize>,
}

/// Index points that single-precision draws may be off by.
const ROUNDING: f64 = 1e-4;

impl Intervals {
    /// The index under the method itself, without errors.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Indicators, by position, whose scale lay between the ends of noisy data in some draws:
    /// intervals of what they enter are too narrow. Empty unless [`NoisyEnds::Flag`] allowed it.
    #[must_use]
    pub fn with_noisy_ends(&self) -> &[usize] {
        &self.noisy
    }

    /// The interval; `None` where there is no index.
    #[must_use]
    pub fn interval(&self, node: Node, place: usize, month: usize) -> Option<Estimate> {
        let value = self.index.value(node, place, month)?;
        let node = self.index.framework().position(node);
        let cell = (node * self.index.places() + place) * self.index.months() + month;
        // Draws are single-precision; one that differs from the index by rounding is the index.
        let [low, median, high] = self.quantiles[cell].map(|end| {
            let end = f64::from(end).clamp(0.0, 100.0);
            if (end - value).abs() < ROUNDING { value } else { end }
        });
        (!low.is_nan()).then_some(Estimate::new(low, median, high))
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
/// As [`crate::index()`]; fewer than 20 draws, more than a million, a level outside (0, 1), a spread
/// of weights outside [0, 1); [`Aggregation::Outranking`], which compares all places and is available in
/// [`crate::index()`] only; a scale between the ends of noisy data in the method or among the
/// alternatives, unless [`Uncertainty::noisy_ends`] allows it.
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
    let index = Index::new(framework, &filled, &recipe);
    let plan = DrawPlan::new(panel, framework, method, uncertainty, &mut fits)?;
    let by_place: Vec<Vec<[f32; 3]>> = (0..panel.places())
        .into_par_iter()
        .map(|place| PlaceRun::new(&plan, place).run())
        .collect();
    let (nodes, months) = (framework.nodes().len(), panel.months());
    let mut quantiles = Vec::with_capacity(nodes * panel.places() * months);
    for node in 0..nodes {
        for of_place in &by_place {
            quantiles.extend_from_slice(&of_place[node * months..(node + 1) * months]);
        }
    }
    let noisy = plan.noisy;
    Ok(Intervals { index, quantiles, noisy })
}

/// Draws that share one alternative of every step.
pub(crate) struct Segment {
    pub(crate) filled: Arc<Filled>,
    pub(crate) recipe: Recipe,
    pub(crate) draws: Range<usize>,
}

/// Whose weights among their siblings are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Indicators = 0,
    Pillars = 1,
    Fronts = 2,
}

/// Everything that the places' runs share.
pub(crate) struct DrawPlan<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) framework: &'a Framework,
    pub(crate) segments: Vec<Segment>,
    pub(crate) draws: usize,
    pub(crate) tail: f64,
    pub(crate) observed: Streams,
    pub(crate) pool: Pool,
    noisy: Vec<usize>,
    /// Per level (indicators, pillars, fronts), member × draw; empty where weights are fixed.
    multipliers: [Vec<f32>; 3],
}

impl<'a> DrawPlan<'a> {
    fn new(
        panel: &'a Panel,
        framework: &'a Framework,
        method: &Method,
        uncertainty: &Uncertainty,
        fits: &mut Fits<'_>,
    ) -> Result<Self> {
        let (segments, noisy) = segments(framework, method, uncertainty, fits)?;
        let seed = uncertainty.seed;
        Ok(Self {
            panel,
            framework,
            segments,
            draws: uncertainty.draws,
            tail: (1.0 - uncertainty.level) / 2.0,
            observed: Streams::new(seed, "observed"),
            pool: Pool::new(seed, uncertainty.draws, panel.indicators()),
            noisy,
            multipliers: multipliers(framework, uncertainty),
        })
    }

    /// What multiplies the weight of a member in each of `draws`; `None` where weights are fixed.
    pub(crate) fn multiplier(
        &self,
        level: Level,
        member: usize,
        draws: &Range<usize>,
    ) -> Option<&[f32]> {
        let all = &self.multipliers[level as usize];
        let start = member * self.draws;
        (!all.is_empty()).then(|| &all[start + draws.start..start + draws.end])
    }
}

/// Draws grouped by the ways that they pick, so that each way is fitted once and its draws stand
/// side by side; and the indicators whose scale lies between noisy ends in any of them.
fn segments(
    framework: &Framework,
    method: &Method,
    uncertainty: &Uncertainty,
    fits: &mut Fits<'_>,
) -> Result<(Vec<Segment>, Vec<usize>)> {
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
    let mut noisy = BTreeSet::new();
    for (chosen, count) in groups.into_values() {
        if chosen.aggregation == Aggregation::Outranking {
            return Err(Error::setting("aggregation", "outranking has no interval"));
        }
        let (filled, recipe) = fits.recipe(&chosen)?;
        noisy.extend(noisy_ends(framework, &filled, chosen.normalisation));
        segments.push(Segment { filled, recipe, draws: start..start + count });
        start += count;
    }
    match noisy.first() {
        Some(&indicator) if uncertainty.noisy_ends == NoisyEnds::Refuse => {
            let problem = "its values have errors, and intervals on a scale between its lowest and \
                highest value are too narrow; declare goalposts and use min-max, or use z-scores \
                or ranks";
            Err(Error::data(&framework.indicators()[indicator].name, problem))
        }
        _ => Ok((segments, noisy.into_iter().collect())),
    }
}

/// The indicators that have errors and whose scale ends at a value of theirs.
fn noisy_ends<'a>(
    framework: &'a Framework,
    filled: &'a Filled,
    normalisation: Normalisation,
) -> impl Iterator<Item = usize> + 'a {
    let indicators = framework.indicators().iter().enumerate();
    indicators.filter_map(move |(position, indicator)| {
        let at_values = match normalisation {
            Normalisation::MinMax => indicator.goalposts.is_none(),
            Normalisation::DistanceToTarget => true,
            Normalisation::ZScore { .. } | Normalisation::Rank => false,
        };
        (at_values && filled.error_variance[position] > 0.0).then_some(position)
    })
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
        for (step, (&size, uniform)) in sizes.iter().zip(uniforms).enumerate() {
            key[step] = ((uniform * size as f64) as usize).min(size.saturating_sub(1));
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

/// The alternative picked, or the method's own where there is none.
fn pick<T: Copy>(alternatives: &[T], choice: usize, own: T) -> T {
    alternatives.get(choice).copied().unwrap_or(own)
}

/// Uniform numbers in [1 − spread, 1 + spread] for every member of every level, by draw; they are
/// the same for all places, as a case weighs all of them alike.
fn multipliers(framework: &Framework, uncertainty: &Uncertainty) -> [Vec<f32>; 3] {
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
                .map(|_| (1.0 + spread * (2.0 * stream.open01() - 1.0)) as f32)
                .collect::<Vec<f32>>()
        };
        (0..members).flat_map(of_member).collect()
    })
}
