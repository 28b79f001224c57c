//! Scenarios compared member by member, with what the comparison rests on.
//!
//! The runs have to share their members: the same draws of the constants and the same seed, only
//! the lever set to another value. What the members disagree on for other reasons then cancels in
//! each difference, and a difference can be sure where the levels themselves are not.
//!
//! ```
//! use sanad_scenario::{
//!     Aim, Comparison, Distribution, Evidence, Inputs, Limits, Model, Ranking, RunSettings, Vary,
//!     read_xmile,
//! };
//!
//! let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
//!   <sim_specs><start>0</start><stop>5</stop><dt>1</dt></sim_specs>
//!   <model><variables>
//!     <stock name="grievance"><eqn>10</eqn><outflow>fading</outflow></stock>
//!     <flow name="fading"><eqn>grievance / memory * (1 + redress)</eqn></flow>
//!     <aux name="memory"><eqn>10</eqn></aux><aux name="redress"><eqn>0</eqn></aux>
//!   </variables></model></xmile>"#;
//! let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
//! let mut vary = Vary::default();
//! vary.constants.insert("memory".into(), Distribution::Uniform { low: 6.0, high: 20.0 });
//! let draws = vary.draw(200, 3)?;
//!
//! let simulation = model.simulation(&["grievance"], &RunSettings::default())?;
//! let lever = draws.clone().and(Inputs::new().set("redress", 0.5));
//! let runs = [simulation.run(200, &draws)?, simulation.run(200, &lever)?];
//! let evidence = Evidence { judgement_share: 1.0, calibrated: false };
//! let comparison = Comparison::new(&runs, "grievance", 0, (Aim::Less, 0.0), evidence)?;
//! let row = comparison.row(1, 5);
//! assert_eq!(row.ranking, Ranking::Better);
//! assert!(row.difference[2] < 0.0 && row.probability_better == 1.0);
//! assert_eq!(comparison.influences((1, 0), 5, &draws)[0].parameter, "memory");
//! # Ok::<(), sanad_scenario::Error>(())
//! ```

use sanad_numbers::sorted_quantile;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::results::Results;
use crate::simulation::Inputs;

/// What the numbers of an ensemble rest on. Nothing that is compared is without it. It is copied
/// into every row, so that a table cannot lose it on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Share of the parameters that rest on judgement alone, 0 to 1. The rest have a source: a
    /// measurement, a study, a record. Counted by the caller; here it is only checked to lie
    /// between 0 and 1.
    pub judgement_share: f64,
    /// Whether the members were fitted to a record; if not, they are draws from priors. See
    /// [`calibrate`](crate::calibrate()).
    pub calibrated: bool,
}

impl Evidence {
    /// "posterior" of members that were fitted to a record, else "prior".
    #[must_use]
    pub const fn ensemble(self) -> &'static str {
        if self.calibrated { "posterior" } else { "prior" }
    }
}

/// What scenarios are compared by. The outcome itself is one output of the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Less of the outcome is better.
    Less,
    /// More of the outcome is better.
    More,
}

impl Aim {
    /// How much better `value` is than `reference`, in the outcome's unit.
    fn gain(self, value: f64, reference: f64) -> f64 {
        match self {
            Self::Less => reference - value,
            Self::More => value - reference,
        }
    }
}

/// What a comparison says about a scenario and the baseline. A share of members is no probability
/// of the world: members are the assumptions that were made, as often as they were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranking {
    /// Better in at least nine of ten members. Ties count half, as in
    /// [`ScenarioRow::probability_better`].
    Better,
    /// Worse in at least nine of ten members.
    Worse,
    /// The assumptions do not support an order. Not the same as equal: members may disagree by
    /// much.
    Unsupported,
    /// Members of one seed would support an order, and it is not known whether those of others do,
    /// or they do not agree on the share (see [`Comparison::by_seed`]).
    Unsettled,
    /// It is the baseline.
    Baseline,
}

impl Ranking {
    /// The word for it in a table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Unsupported => "not supported by the assumptions",
            Self::Unsettled => "not supported: not shown to be the same from seed to seed",
            Self::Baseline => "baseline",
        }
    }
}

/// Probabilities of the bands: 95, 80 and 50 % around the median. As quantiles: 2.5 to 97.5 %, 10
/// to 90 %, 25 to 75 %, and the median itself.
const BANDS: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];
/// Share of members from which an order counts as supported. One tenth or less is an order the
/// other way round. A convention of this crate: nothing follows from the exact value, and a reader
/// sees the share itself beside the word.
const SUPPORTED: f64 = 0.9;
/// Seeds that have to agree on an order, where members are held against their seeds.
pub const LEAST_SEEDS: usize = 3;
/// How far the shares of their members may lie apart, in shares of members. Twice the standard
/// error of a share of nine in ten among 600 members is half of it.
const SEED_SPREAD: f64 = 0.05;
/// Slack for comparing two shares of members.
const SHARE_SLACK: f64 = 1e-9;

/// One scenario at one time, with what it rests on. All numbers are over the members at one saved
/// time; levels, differences and regret are in the outcome's unit.
///
/// It can be had from [`Comparison`] alone, so that no row is without its evidence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ScenarioRow {
    /// Place of the scenario among those compared.
    pub scenario: usize,
    /// The model's time.
    pub time: f64,
    /// Quantiles over members at 2.5, 10, 25, 50, 75, 90 and 97.5 %.
    pub bands: [f64; 7],
    /// Outcome minus the baseline's of the same member: 2.5, 50 and 97.5 %. Its sign is that of the
    /// subtraction, whatever the aim is: with [`Aim::Less`] a good scenario has negative ones. Zero
    /// for the baseline.
    pub difference: [f64; 3],
    /// Share of members in which it is better than the baseline by a difference that matters; ties
    /// count half. Not a number for
    /// the baseline.
    pub probability_better: f64,
    /// The least and the greatest of the same share among the members of one seed. Both are the share
    /// itself where members were not told apart by their seeds.
    pub better_by_seed: [f64; 2],
    /// Seeds that the members come from; 0 where they were not told apart.
    pub seeds: usize,
    /// Share of members in which no other scenario is better; scenarios that tie share a member.
    /// Over all scenarios of the comparison these add up to one, as long as being tied carries from
    /// one to the next.
    pub probability_best: f64,
    /// Mean over members of how much worse it is than the member's best scenario. Zero or above, in
    /// the outcome's unit; differences too small to matter are not left out here.
    pub regret: f64,
    /// What this says about the order.
    pub ranking: Ranking,
    /// Width of the ensemble here: 97.5 % minus 2.5 %, in the outcome's unit. Says how little the
    /// level is known; compare it with the difference's.
    pub width_95: f64,
    /// What all of this rests on.
    pub evidence: Evidence,
}

/// One scenario against another at one time, with what it rests on. Made by [`Comparison::pair`];
/// for a table in which every scenario meets every other.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Pair {
    /// Share of members in which the first is better; ties count half. The other way round it is
    /// one minus this.
    pub chance_better: f64,
    /// What this says about the order of the first and the second.
    pub ranking: Ranking,
    /// The first minus the second within members: 2.5, 50 and 97.5 %. In the outcome's unit,
    /// whatever the aim is.
    pub difference: [f64; 3],
    /// Width of the difference: 97.5 % minus 2.5 %.
    pub width_95: f64,
    /// What this rests on.
    pub evidence: Evidence,
}

/// One outcome of several scenarios over the same members. Holds a copy of the outcome's numbers
/// and no other output, so that the runs can be dropped.
#[derive(Debug, Clone)]
pub struct Comparison {
    baseline: usize,
    aim: Aim,
    matters: f64,
    times: Vec<f64>,
    /// By scenario, saved time, member.
    values: Vec<Vec<Vec<f64>>>,
    evidence: Evidence,
    /// By seed, the places of its members; nothing where members are not told apart.
    seeds: Vec<Vec<usize>>,
}

/// How much of the variance of a difference one assumption explains. Says what to measure first if
/// the order of two scenarios is to be known better.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Influence {
    /// The parameter.
    pub parameter: String,
    /// First-order index, 0 to 1, corrected for the number of classes. Of the parameter on its own:
    /// what it does only together with others is in no index. Indices of independent parameters add
    /// up to at most one, up to the noise of the estimate.
    pub first_order: f64,
    /// What this rests on.
    pub evidence: Evidence,
    /// Width of the difference: 97.5 % minus 2.5 %.
    pub width_95: f64,
}

impl Comparison {
    /// Compares `output` of runs that share members and saved times; `runs[baseline]` is what the
    /// others are compared with. A difference smaller than `matters` counts as a tie. `aim` says
    /// which way is better; `matters` is in the outcome's unit and zero if every difference counts.
    /// That members are the same draws cannot be seen from the results and is for the caller to
    /// keep.
    ///
    /// # Errors
    ///
    /// If there is no such run or output, `matters` is below zero or not a number, the runs differ in members or times, or a value is not a
    /// number.
    pub fn new(
        runs: &[Results],
        output: &str,
        baseline: usize,
        (aim, matters): (Aim, f64),
        evidence: Evidence,
    ) -> Result<Self, Error> {
        let Some(first) = runs.get(baseline) else {
            return Err(Error::settings(format!("there is no run {baseline} to compare with")));
        };
        let alike =
            |run: &Results| run.members() == first.members() && run.times() == first.times();
        if !runs.iter().all(alike) {
            let message = "the runs compared differ in members or times".to_owned();
            return Err(Error::settings(message));
        }
        if !(matters >= 0.0 && matters.is_finite()) {
            let message = format!("the smallest difference that matters is {matters}");
            return Err(Error::settings(message));
        }
        if !(0.0..=1.0).contains(&evidence.judgement_share) {
            return Err(Error::settings("the share of judgement lies outside 0 to 1".to_owned()));
        }
        let values: Vec<_> =
            runs.iter().map(|run| across(run, output)).collect::<Result<_, _>>()?;
        let times = first.times().to_vec();
        Ok(Self { baseline, aim, matters, times, values, evidence, seeds: Vec::new() })
    }

    /// The comparison with members told apart by the seed that each comes from. An order then counts
    /// as supported only where members of at least three seeds agree on it: the share in which one
    /// scenario is better may differ by no more than five points between them. A search that finds
    /// members by chance finds others with another seed, and only what all of them say was not found
    /// by chance.
    ///
    /// ```
    /// use sanad_scenario::{Aim, Comparison, Evidence, Inputs, Limits, Model, Ranking, RunSettings, read_xmile};
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <model><variables><aux name="y"><eqn>lever</eqn></aux><aux name="lever"><eqn>0</eqn></aux>
    ///   </variables></model></xmile>"#;
    /// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
    /// let simulation = model.simulation(&["y"], &RunSettings::default())?;
    /// let run = |level| simulation.run(6, &Inputs::new().set("lever", level));
    /// let evidence = Evidence { judgement_share: 0.5, calibrated: true };
    /// let all = Comparison::new(&[run(0.0)?, run(1.0)?], "y", 0, (Aim::More, 0.0), evidence)?;
    /// let row = all.clone().by_seed(&[1, 1, 2, 2, 3, 3])?.row(1, 0);
    /// assert_eq!((row.ranking, row.seeds), (Ranking::Better, 3));
    /// assert_eq!(all.by_seed(&[1; 6])?.row(1, 0).ranking, Ranking::Unsettled);
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there is not one seed for each member.
    pub fn by_seed(mut self, seeds: &[u64]) -> Result<Self, Error> {
        let members = self.values[0].first().map_or(0, Vec::len);
        if seeds.len() != members {
            let found = seeds.len();
            return Err(Error::settings(format!("{found} seeds are given for {members} members")));
        }
        let mut places: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (member, seed) in seeds.iter().enumerate() {
            places.entry(*seed).or_default().push(member);
        }
        self.seeds = places.into_values().collect();
        Ok(self)
    }

    /// What the comparison rests on.
    #[must_use]
    pub const fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// Seeds that members are told apart by; 0 where they are not.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds.len()
    }

    /// Saved times.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Every scenario at one saved time, in the order of the runs. The baseline among them, ranked
    /// as [`Ranking::Baseline`].
    ///
    /// # Panics
    ///
    /// If there is no such saved time.
    #[must_use]
    pub fn at(&self, saved: usize) -> Vec<ScenarioRow> {
        (0..self.values.len()).map(|scenario| self.row(scenario, saved)).collect()
    }

    /// The quantiles of one scenario at one saved time, over all members. At [`BANDS`], of type 7
    /// (see [`sorted_quantile`]).
    fn bands(&self, scenario: usize, saved: usize) -> [f64; 7] {
        let sorted = sorted(self.values[scenario][saved].clone());
        BANDS.map(|probability| sorted_quantile(&sorted, probability))
    }

    /// One scenario at one saved time.
    ///
    /// # Panics
    ///
    /// If there is no such scenario or saved time.
    #[must_use]
    pub fn row(&self, scenario: usize, saved: usize) -> ScenarioRow {
        let bands = self.bands(scenario, saved);
        let differences = self.differences(scenario, saved);
        let difference = [0.025, 0.5, 0.975].map(|p| sorted_quantile(&differences, p));
        let probability_better = self.chance_better((scenario, self.baseline), saved);
        let is_baseline = scenario == self.baseline;
        ScenarioRow {
            scenario,
            time: self.times[saved],
            width_95: bands[6] - bands[0],
            bands,
            difference,
            probability_better: if is_baseline { f64::NAN } else { probability_better },
            better_by_seed: if is_baseline {
                [f64::NAN; 2]
            } else {
                self.seed_range((scenario, self.baseline), saved)
            },
            seeds: self.seeds.len(),
            probability_best: self.best(scenario, saved),
            regret: self.regret(scenario, saved),
            ranking: if is_baseline {
                Ranking::Baseline
            } else {
                self.ranking((scenario, self.baseline), saved)
            },
            evidence: self.evidence,
        }
    }

    /// What the shares say about the order of one scenario and another.
    fn ranking(&self, pair: (usize, usize), saved: usize) -> Ranking {
        let order = match self.chance_better(pair, saved) {
            share if share >= SUPPORTED => Ranking::Better,
            share if share <= 1.0 - SUPPORTED => Ranking::Worse,
            _ => return Ranking::Unsupported,
        };
        let [least, most] = self.seed_range(pair, saved);
        let is_settled =
            self.seeds.len() >= LEAST_SEEDS && most - least <= SEED_SPREAD + SHARE_SLACK;
        if self.seeds.is_empty() || is_settled { order } else { Ranking::Unsettled }
    }

    /// The least and the greatest share of a seed's members in which one scenario is better than
    /// another.
    fn seed_range(&self, pair: (usize, usize), saved: usize) -> [f64; 2] {
        if self.seeds.is_empty() {
            return [self.chance_better(pair, saved); 2];
        }
        let shares = self.seeds.iter().map(|members| self.share_of(members, pair, saved));
        shares.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], share| {
            [least.min(share), most.max(share)]
        })
    }

    /// The share of some members in which one scenario is better than another; ties count half.
    fn share_of(&self, members: &[usize], (one, other): (usize, usize), saved: usize) -> f64 {
        let (one, other) = (&self.values[one][saved], &self.values[other][saved]);
        let better = members.iter().map(|&member| {
            f64::midpoint(self.sign(self.aim.gain(one[member], other[member])), 1.0)
        });
        better.sum::<f64>() / members.len() as f64
    }

    /// Differences from the baseline within members, sorted.
    fn differences(&self, scenario: usize, saved: usize) -> Vec<f64> {
        sorted(self.paired(scenario, self.baseline, saved))
    }

    /// One scenario's value less another's, member by member, so that what members do not share
    /// cancels.
    fn paired(&self, one: usize, other: usize, saved: usize) -> Vec<f64> {
        let pairs = self.values[one][saved].iter().zip(&self.values[other][saved]);
        pairs.map(|(one, other)| one - other).collect()
    }

    /// Two scenarios at one saved time, member by member. The first place of the pair is the
    /// scenario, the second what it is compared with.
    ///
    /// # Panics
    ///
    /// If there is no such scenario or saved time.
    #[must_use]
    pub fn pair(&self, (one, other): (usize, usize), saved: usize) -> Pair {
        let differences = sorted(self.paired(one, other, saved));
        let difference = [0.025, 0.5, 0.975].map(|p| sorted_quantile(&differences, p));
        Pair {
            chance_better: self.chance_better((one, other), saved),
            ranking: self.ranking((one, other), saved),
            difference,
            width_95: difference[2] - difference[0],
            evidence: self.evidence,
        }
    }

    /// Share of members in which one scenario is better than another; ties count half. The mean of
    /// (sign + 1)/2, so that a gain counts one, a tie half and a loss nothing.
    fn chance_better(&self, (one, other): (usize, usize), saved: usize) -> f64 {
        let pairs = self.values[one][saved].iter().zip(&self.values[other][saved]);
        let better =
            pairs.map(|(one, other)| f64::midpoint(self.sign(self.aim.gain(*one, *other)), 1.0));
        better.sum::<f64>() / self.values[one][saved].len() as f64
    }

    /// 1 for a gain that matters, -1 for a loss that does, else 0.
    fn sign(&self, gain: f64) -> f64 {
        if gain == 0.0 || gain.abs() < self.matters { 0.0 } else { gain.signum() }
    }

    /// The share of members under which a scenario is the best of all; several that are equally
    /// good share a member. A member is shared among all that are tied with this scenario, itself
    /// included, and given to nobody who is beaten.
    fn best(&self, scenario: usize, saved: usize) -> f64 {
        let members = self.values[scenario][saved].len();
        let share = |member: usize| {
            let own = self.values[scenario][saved][member];
            let gains = self.values.iter().map(|run| self.aim.gain(run[saved][member], own));
            let (better, alike) = gains.fold((0_u32, 0_u32), |(better, alike), gain| {
                let sign = self.sign(gain);
                (better + u32::from(sign > 0.0), alike + u32::from(sign == 0.0))
            });
            if better == 0 { 1.0 / f64::from(alike) } else { 0.0 }
        };
        (0..members).map(share).sum::<f64>() / members as f64
    }

    /// By how much, in the mean over members, a scenario falls behind the best one of each member.
    /// The best one includes the scenario itself, so that no member adds less than zero.
    fn regret(&self, scenario: usize, saved: usize) -> f64 {
        let members = self.values[scenario][saved].len();
        let lost = |member: usize| {
            let own = self.values[scenario][saved][member];
            let gains = self.values.iter().map(|run| self.aim.gain(run[saved][member], own));
            gains.fold(0.0, f64::max)
        };
        (0..members).map(lost).sum::<f64>() / members as f64
    }

    /// How much of the variance of the difference between two scenarios each varied parameter
    /// explains on its own: what decides their order. Largest first. Only parameters that vary are
    /// listed, and none with fewer than 100 members, because a class would then have fewer than
    /// five. `inputs` are those that both runs share; a parameter that has no value for every
    /// member is passed over.
    ///
    /// The index is estimated from the members at hand (E. Plischke, E. Borgonovo and C. L. Smith,
    /// "Global sensitivity measures from given data", European Journal of Operational Research 226,
    /// 2013): members are sorted by the parameter and cut into twenty classes of equal size, and the
    /// variance between the classes' means is set against the whole. What classes of pure noise would
    /// show is taken off (the adjusted correlation ratio).
    ///
    /// # Panics
    ///
    /// If there is no such scenario or saved time.
    #[must_use]
    pub fn influences(
        &self,
        (one, other): (usize, usize),
        saved: usize,
        inputs: &Inputs,
    ) -> Vec<Influence> {
        let differences = self.paired(one, other, saved);
        let spread = sorted(differences.clone());
        let width_95 = sorted_quantile(&spread, 0.975) - sorted_quantile(&spread, 0.025);
        let column = |name: &str| -> Option<Vec<f64>> {
            (0..differences.len()).map(|member| inputs.value(name, member)).collect()
        };
        let names: BTreeSet<&str> = inputs.names().collect();
        let mut found: Vec<Influence> = names
            .into_iter()
            .filter_map(|name| {
                let first_order = first_order(&column(name)?, &differences)?;
                let evidence = self.evidence;
                Some(Influence { parameter: name.to_owned(), first_order, evidence, width_95 })
            })
            .collect();
        found.sort_by(|a, b| b.first_order.total_cmp(&a.first_order));
        found
    }
}

/// Classes that members are cut into by a parameter. Twenty leave five members a class at the least
/// number of members. Fewer would blur a parameter whose effect turns, more would leave the
/// classes' means to chance.
const CLASSES: usize = 20;

/// Adjusted correlation ratio of `values` on classes of `parameter`; none when a class would be too
/// small or nothing varies. With k classes and n members ε² = 1 − (W/(n − k))/(T/(n − 1)), where W
/// is the sum of squares within classes and T the whole one (T. L. Kelley, "An unbiased correlation
/// ratio measure", Proceedings of the National Academy of Sciences 21, 1935); below zero it is
/// noise and counts as zero. Members of equal parameter are put into classes in their own order.
fn first_order(parameter: &[f64], values: &[f64]) -> Option<f64> {
    let members = values.len();
    if members < 5 * CLASSES || parameter.iter().all(|value| *value == parameter[0]) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / members as f64;
    let total: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let mut order: Vec<usize> = (0..members).collect();
    order.sort_by(|a, b| parameter[*a].total_cmp(&parameter[*b]).then(a.cmp(b)));
    let within: f64 = (0..CLASSES)
        .map(|class| {
            let places = class * members / CLASSES..(class + 1) * members / CLASSES;
            let class = &order[places];
            let mean = class.iter().map(|at| values[*at]).sum::<f64>() / class.len() as f64;
            class.iter().map(|at| (values[*at] - mean).powi(2)).sum::<f64>()
        })
        .sum();
    let adjusted = 1.0 - (within / (members - CLASSES) as f64) / (total / (members - 1) as f64);
    (total > 0.0).then(|| adjusted.clamp(0.0, 1.0))
}

/// One output at every saved time, over all members. By saved time, then member.
///
/// # Errors
/// If the run did not keep the output. Or if it has no member, or a value of it is not finite.
fn across(run: &Results, output: &str) -> Result<Vec<Vec<f64>>, Error> {
    let at = run
        .output(output)
        .ok_or_else(|| Error::settings(format!("{output} is not among the outputs kept")))?;
    let values: Vec<Vec<f64>> = (0..run.times().len()).map(|saved| run.across(at, saved)).collect();
    if run.members() == 0 || values.iter().flatten().any(|value| !value.is_finite()) {
        return Err(Error::settings(format!("{output} is not a number in every member")));
    }
    Ok(values)
}

/// The values in rising order.
fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Distribution, Limits, Model, RunSettings, Vary, read_xmile};

    const EVIDENCE: Evidence = Evidence { judgement_share: 0.5, calibrated: false };

    fn model() -> Model {
        let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
          <sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs>
          <model><variables><aux name="y"><eqn>a * lever + b</eqn></aux><aux name="a"><eqn>1</eqn></aux>
          <aux name="b"><eqn>1</eqn></aux><aux name="lever"><eqn>0</eqn></aux></variables></model></xmile>"#;
        Model::compile(&read_xmile(text.as_bytes(), &Limits::default()).unwrap()).unwrap()
    }

    /// The lever at 0 and at 1 in 1,000 members whose effect `a` lies between the bounds.
    fn compared(low: f64, high: f64) -> (Comparison, Inputs) {
        let mut vary = Vary::default();
        vary.constants.insert("a".into(), Distribution::Uniform { low, high });
        vary.constants.insert("b".into(), Distribution::Uniform { low: 0.0, high: 9.0 });
        let (model, inputs) = (model(), vary.draw(1000, 3).unwrap());
        let simulation = model.simulation(&["y"], &RunSettings::default()).unwrap();
        let run = |level| simulation.run(1000, &inputs.clone().set("lever", level)).unwrap();
        (
            Comparison::new(&[run(0.0), run(1.0)], "y", 0, (Aim::More, 0.0), EVIDENCE).unwrap(),
            inputs,
        )
    }

    #[test]
    fn differences_are_taken_within_members() {
        let (comparison, _) = compared(0.5, 0.6);
        let rows = comparison.at(1);
        // Between members `b` spreads over nine; within them the lever adds a half and a bit.
        assert!(rows[1].width_95 > 8.0);
        assert!(rows[1].difference[0] >= 0.5 - 1e-12 && rows[1].difference[2] <= 0.6 + 1e-12);
        assert_eq!((rows[1].probability_better, rows[1].ranking), (1.0, Ranking::Better));
        assert_eq!(rows[0].ranking, Ranking::Baseline);
        assert!(rows[0].probability_better.is_nan());
        assert_eq!(rows[1].regret, 0.0);
        assert_eq!((rows[0].probability_best, rows[1].probability_best), (0.0, 1.0));
        assert!((rows[0].regret - 0.55).abs() < 0.01);
        assert_eq!(rows[1].evidence, EVIDENCE);
    }

    #[test]
    fn an_order_that_members_disagree_on_is_not_supported() {
        let (comparison, _) = compared(-1.0, 1.0);
        assert_eq!(comparison.at(1)[1].ranking, Ranking::Unsupported);
        let (comparison, _) = compared(-1.0, -0.1);
        assert_eq!(comparison.at(1)[1].ranking, Ranking::Worse);
    }

    #[test]
    fn an_order_has_to_be_the_same_from_seed_to_seed() {
        // Better in 94 of 100 members: evenly among the seeds, or all failures in one of them.
        let ranking = |seed_of: &dyn Fn(usize) -> u64| {
            let model = model();
            let simulation = model.simulation(&["y"], &RunSettings::default()).unwrap();
            let effect = |member: usize| if member % 100 < 6 { -1.0 } else { 1.0 };
            let inputs = Inputs::new().set_each("a", (0..900).map(effect).collect());
            let run = |level| simulation.run(900, &inputs.clone().set("lever", level)).unwrap();
            let runs = [run(0.0), run(1.0)];
            let compared = Comparison::new(&runs, "y", 0, (Aim::More, 0.0), EVIDENCE).unwrap();
            let row =
                compared.by_seed(&(0..900).map(seed_of).collect::<Vec<_>>()).unwrap().row(1, 1);
            assert!((row.probability_better - 0.94).abs() < 1e-12);
            (row.ranking, row.better_by_seed, row.seeds)
        };
        let evenly = ranking(&|member| (member / 300) as u64);
        assert_eq!((evenly.0, evenly.2), (Ranking::Better, 3));
        let [least, most] = evenly.1;
        assert!((least - 0.94).abs() < 1e-12 && (most - 0.94).abs() < 1e-12);
        let (order, [least, most], _) =
            ranking(&|member| u64::from(member % 100 < 30) + (member % 2) as u64 * 7);
        assert_eq!(order, Ranking::Unsettled);
        assert!(least < 0.85 && most == 1.0, "{least} {most}");
        assert_eq!(ranking(&|_| 1).0, Ranking::Unsettled);
        assert_eq!(ranking(&|member| (member / 450) as u64).0, Ranking::Unsettled);
        let (comparison, _) = compared(0.5, 0.6);
        assert!(comparison.by_seed(&[1; 9]).is_err());
    }

    #[test]
    fn the_assumption_that_decides_the_difference_is_found() {
        let (comparison, inputs) = compared(-1.0, 1.0);
        let found = comparison.influences((1, 0), 1, &inputs);
        assert_eq!(found[0].parameter, "a");
        assert!(found[0].first_order > 0.98, "{found:?}");
        assert!(found[1].first_order < 0.03, "{found:?}");
    }

    #[test]
    fn differences_that_do_not_matter_are_ties() {
        let model = model();
        let simulation = model.simulation(&["y"], &RunSettings::default()).unwrap();
        let run = |level| simulation.run(9, &Inputs::new().set("lever", level)).unwrap();
        let share = |matters| {
            let runs = [run(0.0), run(0.5)];
            let compared = Comparison::new(&runs, "y", 0, (Aim::More, matters), EVIDENCE).unwrap();
            let row = &compared.at(1)[1];
            (row.probability_better, row.probability_best, row.ranking)
        };
        assert_eq!(share(0.4), (1.0, 1.0, Ranking::Better));
        assert_eq!(share(0.6), (0.5, 0.5, Ranking::Unsupported));
    }

    #[test]
    fn a_share_of_judgement_outside_0_to_1_is_refused() {
        let model = model();
        let simulation = model.simulation(&["y"], &RunSettings::default()).unwrap();
        let run = [simulation.run(9, &Inputs::new()).unwrap()];
        let wrong = Evidence { judgement_share: 1.5, ..EVIDENCE };
        assert!(Comparison::new(&run, "y", 0, (Aim::More, 0.0), wrong).is_err());
        assert!(Comparison::new(&run, "x", 0, (Aim::More, 0.0), EVIDENCE).is_err());
        assert!(Comparison::new(&run, "y", 1, (Aim::More, 0.0), EVIDENCE).is_err());
    }
}
