//! The hierarchy: indicators under pillars, pillars under fronts, fronts under one index.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Which way an indicator moves the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A larger value raises the index.
    Positive,
    /// A larger value lowers the index.
    Negative,
}

/// A change of scale taken before anything else, on sampled raw values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// The value as it is.
    #[default]
    Identity,
    /// ln(1 + x), for counts; values below zero are taken as zero.
    Log1p,
}

impl Transform {
    /// The value on the scale on which scores are computed.
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log1p => value.max(0.0).ln_1p(),
        }
    }
}

/// One indicator and how it is to be read.
///
/// ```
/// use sanad_front::{Direction, Indicator};
///
/// let indicator = Indicator::new("civilian_deaths", "justice")
///     .direction(Direction::Positive)
///     .weight(2.0)
///     .max_age_months(12)
///     .poisson(true);
/// assert_eq!(indicator.name, "civilian_deaths");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// A name, unique in the framework.
    pub name: String,
    /// The name of its pillar.
    pub pillar: String,
    /// Whether a larger value raises or lowers the index.
    pub direction: Direction,
    /// Weight inside the pillar, ≥ 0; the weights of a pillar need not sum to one.
    pub weight: f64,
    /// How many months a value may be carried forward; 0 carries nothing.
    pub max_age_months: u32,
    /// How many months pass before a value can be known; it enters no month before that.
    #[serde(default)]
    pub release_lag_months: u32,
    /// The value is a count of events: sampling error is drawn from the Gamma(count + ½)
    /// posterior of its rate (Jeffreys prior).
    pub poisson: bool,
    /// One value holds for all places (a national series): its error is drawn once, not per place.
    pub shared: bool,
    /// Change of scale before normalisation.
    pub transform: Transform,
    /// Lowest and highest value of the min-max scale; the panel's own where `None`.
    pub goalposts: Option<(f64, f64)>,
    /// The value at which distance to target reaches 100.
    pub target: Option<f64>,
}

impl Indicator {
    /// An indicator of weight 1 that raises the index and is never carried forward.
    #[must_use]
    pub fn new(name: impl Into<String>, pillar: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            pillar: pillar.into(),
            direction: Direction::Positive,
            weight: 1.0,
            max_age_months: 0,
            release_lag_months: 0,
            poisson: false,
            shared: false,
            transform: Transform::Identity,
            goalposts: None,
            target: None,
        }
    }

    /// Sets the direction.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Sets the weight inside the pillar.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Sets how many months a value may be carried forward.
    #[must_use]
    pub fn max_age_months(mut self, months: u32) -> Self {
        self.max_age_months = months;
        self
    }

    /// Sets how many months pass before a value can be known.
    #[must_use]
    pub fn release_lag_months(mut self, months: u32) -> Self {
        self.release_lag_months = months;
        self
    }

    /// Says whether values are event counts with Poisson sampling error.
    #[must_use]
    pub fn poisson(mut self, poisson: bool) -> Self {
        self.poisson = poisson;
        self
    }

    /// Says whether one value holds for all places.
    #[must_use]
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Sets the change of scale.
    #[must_use]
    pub fn transform(mut self, transform: Transform) -> Self {
        self.transform = transform;
        self
    }

    /// Declares the ends of the min-max scale, in raw units.
    #[must_use]
    pub fn goalposts(mut self, low: f64, high: f64) -> Self {
        self.goalposts = Some((low, high));
        self
    }

    /// Declares the target, in raw units.
    #[must_use]
    pub fn target(mut self, target: f64) -> Self {
        self.target = Some(target);
        self
    }
}

/// A pillar or a front: a name, the name it stands under, a weight among its siblings.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// A name, unique at its level.
    pub name: String,
    /// Weight among the siblings, ≥ 0.
    pub weight: f64,
    /// Positions of the members one level down.
    pub members: Vec<usize>,
}

/// A place in the hierarchy that has an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// The pillar at this position of [`Framework::pillars`].
    Pillar(usize),
    /// The front at this position of [`Framework::fronts`].
    Front(usize),
    /// The index over all fronts.
    Overall,
}

/// Indicators, pillars and fronts that hold together.
///
/// ```
/// use sanad_front::{Framework, Indicator, Node};
///
/// let framework = Framework::builder()
///     .front("governance", 1.0)
///     .pillar("justice", "governance", 1.0)
///     .indicator(Indicator::new("courts", "justice"))
///     .build()?;
/// assert_eq!(framework.nodes(), [Node::Pillar(0), Node::Front(0), Node::Overall]);
/// # Ok::<(), sanad_front::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Framework {
    indicators: Vec<Indicator>,
    pillars: Vec<Group>,
    fronts: Vec<Group>,
}

impl Framework {
    /// Starts an empty framework.
    #[must_use]
    pub fn builder() -> FrameworkBuilder {
        FrameworkBuilder::default()
    }

    /// One front with one pillar that holds all `indicators` (their own `pillar` is overwritten).
    ///
    /// # Errors
    /// As [`FrameworkBuilder::build`].
    pub fn single(indicators: Vec<Indicator>) -> Result<Self> {
        let builder = Self::builder().front("index", 1.0).pillar("all", "index", 1.0);
        indicators
            .into_iter()
            .fold(builder, |builder, mut indicator| {
                indicator.pillar = "all".into();
                builder.indicator(indicator)
            })
            .build()
    }

    /// The indicators, in the order in which the panel holds them.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// The pillars; members are positions in [`Self::indicators`].
    #[must_use]
    pub fn pillars(&self) -> &[Group] {
        &self.pillars
    }

    /// The fronts; members are positions in [`Self::pillars`].
    #[must_use]
    pub fn fronts(&self) -> &[Group] {
        &self.fronts
    }

    /// All nodes, pillars first, then fronts, then the overall index.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        (0..self.pillars.len())
            .map(Node::Pillar)
            .chain((0..self.fronts.len()).map(Node::Front))
            .chain([Node::Overall])
            .collect()
    }

    /// The position of `node` in [`Self::nodes`].
    ///
    /// # Panics
    /// Where the framework has no such pillar or front.
    #[must_use]
    pub fn position(&self, node: Node) -> usize {
        let (position, limit, offset) = match node {
            Node::Pillar(pillar) => (pillar, self.pillars.len(), 0),
            Node::Front(front) => (front, self.fronts.len(), self.pillars.len()),
            Node::Overall => (0, 1, self.pillars.len() + self.fronts.len()),
        };
        assert!(position < limit, "the framework has no node {node:?}");
        position + offset
    }

    /// Positions of the indicators under a node, in the framework's order.
    pub(crate) fn indicators_under(&self, node: Node) -> Vec<usize> {
        match node {
            Node::Pillar(pillar) => self.pillars[pillar].members.clone(),
            Node::Front(front) => {
                let pillars = &self.fronts[front].members;
                pillars.iter().flat_map(|&p| self.pillars[p].members.clone()).collect()
            }
            Node::Overall => (0..self.indicators.len()).collect(),
        }
    }
}

/// Collects the parts of a [`Framework`].
#[derive(Debug, Clone, Default)]
pub struct FrameworkBuilder {
    indicators: Vec<Indicator>,
    pillars: Vec<(String, String, f64)>,
    fronts: Vec<(String, f64)>,
}

impl FrameworkBuilder {
    /// Adds a front with its weight in the overall index.
    #[must_use]
    pub fn front(mut self, name: impl Into<String>, weight: f64) -> Self {
        self.fronts.push((name.into(), weight));
        self
    }

    /// Adds a pillar under `front` with its weight there.
    #[must_use]
    pub fn pillar(
        mut self,
        name: impl Into<String>,
        front: impl Into<String>,
        weight: f64,
    ) -> Self {
        self.pillars.push((name.into(), front.into(), weight));
        self
    }

    /// Adds an indicator; its position is that of the panel's indicator axis.
    #[must_use]
    pub fn indicator(mut self, indicator: Indicator) -> Self {
        self.indicators.push(indicator);
        self
    }

    /// Checks the parts and joins them.
    ///
    /// # Errors
    /// A name twice on one level, a parent that does not exist, a front or pillar without
    /// members, a weight that is negative or not finite, members whose weights are all zero,
    /// goalposts that are not in rising order.
    pub fn build(self) -> Result<Framework> {
        let names = |items: &[(String, f64)]| items.iter().map(|i| i.0.clone()).collect::<Vec<_>>();
        let fronts = names(&self.fronts);
        let pillars: Vec<String> = self.pillars.iter().map(|p| p.0.clone()).collect();
        let indicators: Vec<String> = self.indicators.iter().map(|i| i.name.clone()).collect();
        for level in [&fronts, &pillars, &indicators] {
            check_unique(level)?;
        }
        self.indicators.iter().try_for_each(check_indicator)?;
        let built_pillars = join(
            self.pillars.iter().map(|p| (p.0.as_str(), p.2)),
            self.indicators.iter().map(|i| (i.name.as_str(), i.pillar.as_str(), i.weight)),
        )?;
        let built_fronts = join(
            self.fronts.iter().map(|f| (f.0.as_str(), f.1)),
            self.pillars.iter().map(|p| (p.0.as_str(), p.1.as_str(), p.2)),
        )?;
        check_weights("overall", built_fronts.iter().map(|front| front.weight))?;
        Ok(Framework { indicators: self.indicators, pillars: built_pillars, fronts: built_fronts })
    }
}

/// Refuses a name that occurs twice.
fn check_unique(names: &[String]) -> Result<()> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::framework(pair[0], "the name occurs twice")),
        None => Ok(()),
    }
}

/// Refuses goalposts that are not finite or do not rise, and a target that is not finite.
fn check_indicator(indicator: &Indicator) -> Result<()> {
    let rising = indicator
        .goalposts
        .is_none_or(|(low, high)| low.is_finite() && high.is_finite() && low < high);
    if !rising {
        return Err(Error::framework(&indicator.name, "goalposts must be finite and rising"));
    }
    if indicator.target.is_some_and(|target| !target.is_finite()) {
        return Err(Error::framework(&indicator.name, "the target must be finite"));
    }
    Ok(())
}

/// Refuses weights below a parent that are negative, not finite or all zero.
fn check_weights(parent: &str, weights: impl Iterator<Item = f64> + Clone) -> Result<()> {
    if weights.clone().any(|weight| !weight.is_finite() || weight < 0.0) {
        return Err(Error::framework(parent, "a weight below it is negative or not finite"));
    }
    if weights.sum::<f64>() <= 0.0 {
        return Err(Error::framework(parent, "it has no members, or all their weights are zero"));
    }
    Ok(())
}

/// Children gathered under their parents, in the parents' order.
///
/// # Errors
/// A child whose parent is not declared, or a parent without children.
fn join<'a>(
    parents: impl Iterator<Item = (&'a str, f64)>,
    children: impl Iterator<Item = (&'a str, &'a str, f64)>,
) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = parents
        .map(|(name, weight)| Group { name: name.into(), weight, members: Vec::new() })
        .collect();
    let mut weights = vec![Vec::new(); groups.len()];
    for (position, (name, parent, weight)) in children.enumerate() {
        let group = groups
            .iter()
            .position(|group| group.name == parent)
            .ok_or_else(|| Error::framework(name, "its parent does not exist"))?;
        groups[group].members.push(position);
        weights[group].push(weight);
    }
    for (group, weights) in groups.iter().zip(&weights) {
        check_weights(&group.name, weights.iter().copied())?;
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_fronts() -> FrameworkBuilder {
        Framework::builder()
            .front("a", 1.0)
            .front("b", 2.0)
            .pillar("p", "a", 1.0)
            .pillar("q", "b", 1.0)
            .pillar("r", "b", 1.0)
            .indicator(Indicator::new("x", "p"))
            .indicator(Indicator::new("y", "r"))
            .indicator(Indicator::new("z", "q"))
    }

    #[test]
    fn members_follow_the_declared_parents() {
        let framework = two_fronts().build().expect("holds together");
        assert_eq!(framework.fronts()[1].members, [1, 2]);
        assert_eq!(framework.pillars()[1].members, [2]);
        assert_eq!(framework.indicators_under(Node::Front(1)), [2, 1]);
        assert_eq!(framework.position(Node::Overall), 5);
    }

    #[test]
    fn broken_hierarchies_are_refused() {
        let broken = [
            two_fronts().indicator(Indicator::new("x", "p")),
            two_fronts().indicator(Indicator::new("w", "nowhere")),
            two_fronts().pillar("empty", "a", 1.0),
            two_fronts().front("empty", 1.0),
            two_fronts().indicator(Indicator::new("w", "p").weight(-1.0)),
            two_fronts().indicator(Indicator::new("w", "p").goalposts(1.0, 1.0)),
        ];
        for builder in broken {
            assert!(builder.build().is_err_and(|error| error.is_framework()));
        }
    }
}
