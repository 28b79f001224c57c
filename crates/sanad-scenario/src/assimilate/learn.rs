//! Parameters learnt from a record with moves, so that they do not die out on the way.
//!
//! Where members draw their constants once, each drawing anew leaves fewer values of them, and a long
//! record ends with one. Here a *set* is one draw of all parameters with a particle filter of its
//! own, whose inner members differ in their process noise alone. Sets are weighted row by row by the
//! density that their filters give the row. Where they are worth less than half of their number they are drawn anew by
//! their weights and then **moved**: each proposes other parameters, runs their filter from the first
//! row to the present one, and takes them with the chance min(1, p̂(y | θ′)·p(θ′) / p̂(y | θ)·p(θ)).
//!
//! That is SMC² of N. Chopin, P. E. Jacob and O. Papaspiliopoulos, "SMC²: an efficient algorithm for
//! sequential analysis of state space models", Journal of the Royal Statistical Society B 75 (2013),
//! with the moves of C. Andrieu, A. Doucet and R. Holenstein, "Particle Markov chain Monte Carlo
//! methods", Journal of the Royal Statistical Society B 72 (2010). Since p̂ has the density as its mean, sets
//! settle in the exact posterior whatever the number of inner members; fewer of them make p̂ noisier,
//! and moves are then accepted less often. Rows come in order, so that one run holds the posterior at
//! every time on the way, each from the rows up to it alone.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sanad_core::Progress;
use sanad_core::random::Streams;

use super::record::{ObservationRecord, StepObservations};
use super::set_filter::{NoiseKey, SetFilter, SetSetup};
use super::weights::ParticleWeights;
use super::{Assimilation, SLACK};
use crate::compile::ir::{Op, Special};
use crate::error::Error;
use crate::moves::Moves;
use crate::results::Results;
use crate::simulation::{Inputs, WIDE};
use crate::vary::Vary;

/// The fewest sets: moves go along the differences of two others.
const FEWEST_SETS: usize = 8;
/// Sets are drawn anew and moved when they are worth fewer than this share of their number.
const WORTH: f64 = 0.5;

/// How parameters are learnt. `Default` has 256 sets of 128 inner members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearningSettings {
    /// Sets of parameters, at least 8. A posterior of d parameters wants some times d of them.
    pub sets: usize,
    /// Inner members of each set's filter, rounded up to a multiple of 64. More of them make
    /// densities less noisy and moves more often accepted; they change no posterior.
    pub inner_members: usize,
    /// Rounds of moves after each drawing anew, at least. More are made until the sets have accepted
    /// one move each on average.
    pub least_moves: usize,
    /// Rounds of moves at most.
    pub most_moves: usize,
    /// Seed of sets, moves and noise.
    pub seed: u64,
}

impl Default for LearningSettings {
    fn default() -> Self {
        Self { sets: 256, inner_members: 128, least_moves: 2, most_moves: 8, seed: 1 }
    }
}

/// What one row of a record did to the sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningStep {
    /// The model's time.
    pub time: f64,
    /// How many sets of equal weight the sets were worth after the row, before any drawing anew.
    pub effective_sets: f64,
    /// The logarithm of the density of the row given all rows before it, under model and priors.
    pub log_evidence: f64,
    /// Rounds of moves that followed; zero where sets were not drawn anew.
    pub rounds: usize,
    /// Share of proposals that were accepted in them, 0 to 1; zero without a round.
    pub accepted: f64,
}

/// Sets of parameters as they stood at a time, all of the same weight.
#[derive(Debug, Clone, PartialEq)]
pub struct LearntSets {
    /// The model's time of the last row that they have seen.
    pub time: f64,
    /// Names of the parameters, in alphabetical order.
    pub parameters: Vec<String>,
    /// By parameter, a value for each set, in the constant's own unit.
    pub values: Vec<Vec<f64>>,
    /// By set, the logarithm of the estimated density of the rows up to `time`.
    pub log_likelihoods: Vec<f64>,
    /// The logarithm of the density of the rows up to `time`, under model and priors.
    pub log_evidence: f64,
    /// The least number of effective inner members that a set's filter had, the median of the sets.
    pub inner_effective: f64,
    /// How many different sets there are: copies that never accepted a move count once.
    pub distinct: usize,
    /// By set, the keys of its filter's noise.
    keys: Vec<Vec<NoiseKey>>,
    /// The seed that they belong to.
    seed: u64,
}

impl LearntSets {
    /// Sets that were learnt elsewhere, as after [`inputs`](Self::inputs) was written to a file:
    /// by parameter a value for each set. They have no density, and filters with draws of their own.
    ///
    /// ```
    /// use sanad_scenario::LearntSets;
    ///
    /// let sets = LearntSets::from_values(395.0, vec!["rate".into()], vec![vec![0.1, 0.2]]);
    /// assert_eq!((sets.sets(), sets.distinct), (2, 2));
    /// assert!(sets.log_likelihoods[0].is_nan());
    /// ```
    #[must_use]
    pub fn from_values(time: f64, parameters: Vec<String>, values: Vec<Vec<f64>>) -> Self {
        let sets = values.iter().map(Vec::len).min().unwrap_or(0);
        Self {
            time,
            parameters,
            values,
            log_likelihoods: vec![f64::NAN; sets],
            log_evidence: f64::NAN,
            inner_effective: f64::NAN,
            distinct: sets,
            keys: Vec::new(),
            seed: 0,
        }
    }

    /// Number of sets.
    #[must_use]
    pub fn sets(&self) -> usize {
        self.log_likelihoods.len()
    }

    /// The sets as inputs of a run, one member for each.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let columns = self.parameters.iter().zip(&self.values);
        columns.fold(Inputs::new(), |inputs, (name, values)| inputs.set_each(name, values.clone()))
    }
}

/// Paths of members through a record and on, one for each set.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedSets {
    /// By member the path of one inner member that was drawn by weight at the end of the record, back
    /// to the start and on to the stop. Outputs are those of [`Assimilation::outputs`].
    pub lines: Results,
    /// By set, the logarithm of the estimated density of the record.
    pub log_likelihoods: Vec<f64>,
}

/// The sets in their course.
struct Cloud<'p, 'a> {
    /// Coordinates of the parameters, set by set.
    particles: Vec<Vec<f64>>,
    filters: Vec<SetFilter<'p, 'a>>,
    weights: ParticleWeights,
    /// Counts drawings anew and rounds of moves; keys of filters and draws are made of it.
    epoch: u32,
}

/// What a learning needs on the way.
struct Learner<'p, 'a> {
    shared: SetSetup<'p, 'a>,
    moves: &'p Moves,
    columns: &'p [ConstantSource],
    settings: LearningSettings,
    streams: Streams,
}

/// Where a set's value of a varied constant comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ConstantSource {
    /// It is the same for all sets.
    Same(f64),
    /// It is the parameter at this place.
    Parameter(usize),
}

/// The values of the plan's varied constants for the parameters at some coordinates.
pub(super) fn constants_of(
    columns: &[ConstantSource],
    moves: &Moves,
    particle: &[f64],
) -> Vec<f64> {
    let parameters = moves.constants(particle);
    let value = |source: &ConstantSource| match *source {
        ConstantSource::Same(value) => value,
        ConstantSource::Parameter(place) => parameters[place],
    };
    columns.iter().map(value).collect()
}

impl Assimilation<'_> {
    /// Learns the constants that `priors` names from a record, row by row. `inputs` sets other
    /// constants, the same for all sets. `stops` are times at which the sets are taken down as they
    /// stand after the last row up to them; they are drawn anew and moved there, so that all weigh the same. The last
    /// row is one in any case. `report` hears of each row.
    ///
    /// The result depends on the arguments alone, not on the number of threads.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use sanad_scenario::{
    ///     Distribution, Inputs, LearningSettings, Limits, Magnitude, Model, ObservationDensity,
    ///     ObservationRecord, RunSettings, StateSpace, Vary, read_xmile,
    /// };
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs><start>0</start><stop>8</stop><dt>1</dt></sim_specs>
    ///   <model><variables><aux name="rate"><eqn>1</eqn></aux>
    ///   <aux name="attacks"><eqn>rate</eqn></aux></variables></model></xmile>"#;
    /// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
    /// let mut space = StateSpace::default();
    /// space.observations.insert("attacks".into(), ObservationDensity::Poisson);
    /// let times: Vec<f64> = (0..8).map(f64::from).collect();
    /// let counts = [4.0, 7.0, 5.0, 3.0, 6.0, 8.0, 5.0, 4.0].map(Some).to_vec();
    /// let record = ObservationRecord { times, series: BTreeMap::from([("attacks".into(), counts)]) };
    /// let mut priors = Vary::default();
    /// priors.constants.insert("rate".into(), Distribution::LogNormal { median: 2.0, sigma: 1.0 });
    ///
    /// let assimilation = model.assimilation(&["attacks"], &space, &RunSettings::default())?;
    /// let settings = LearningSettings { sets: 200, inner_members: 64, ..Default::default() };
    /// let stages = assimilation.learn(&priors, &Inputs::new(), &record, &[], &settings, |_| ())?;
    /// let rates = &stages[0].values[0];
    /// let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    /// assert!((mean - 5.2).abs() < 0.3, "{mean}");
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); and if there are fewer than eight sets, a prior has no simple
    /// coordinate (bounded normal, beta, choice), no prior is given, an input is given member by
    /// member, the record is empty, the model draws random numbers in its equations, or no set can
    /// give a row.
    pub fn learn(
        &self,
        priors: &Vary,
        inputs: &Inputs,
        record: &ObservationRecord,
        stops: &[f64],
        settings: &LearningSettings,
        mut report: impl FnMut(&LearningStep),
    ) -> Result<Vec<LearntSets>, Error> {
        if settings.sets < FEWEST_SETS {
            let message = format!("{} sets are fewer than {FEWEST_SETS}", settings.sets);
            return Err(Error::settings(message));
        }
        if priors.constants.is_empty() {
            return Err(Error::settings("no constant is named that could be learnt"));
        }
        let rows = self.aligned(record)?;
        if rows.is_empty() {
            return Err(Error::settings("the record holds no observation to learn from"));
        }
        let moves = Moves::new(priors)?;
        let whole = self.whole_inputs(&moves, inputs)?;
        let columns = self.sources(&moves, &whole)?;
        let given = self.simulation.given(1, &whole)?;
        let plan = self.simulation.plan(&given, &|_| ());
        let learner = Learner {
            shared: SetSetup {
                plan: &plan,
                setup: &self.setup,
                blocks: settings.inner_members.div_ceil(WIDE).max(1),
                streams: Streams::new(settings.seed, "scenario: inner members"),
            },
            moves: &moves,
            columns: &columns,
            settings: *settings,
            streams: Streams::new(settings.seed, "scenario: sets"),
        };
        learner.run(&rows, stops, &mut report)
    }

    /// Takes sets through a record once more and on to the stop of the run: a path for each set. With
    /// the seed and inner members that the sets were learnt with, their filters are repeated bit for
    /// bit, and the paths are draws from the posterior; with another seed filters have draws of their
    /// own, which says how far the estimates of densities differ. `inputs` sets other constants, the
    /// same for all sets, and counts where a set has the same name. Rows of the record after the sets'
    /// time may be given or not; what is given is taken in.
    ///
    /// # Errors
    ///
    /// As [`learn`](Self::learn), and if the results exceed the limit.
    pub fn follow(
        &self,
        sets: &LearntSets,
        inputs: &Inputs,
        record: &ObservationRecord,
        settings: &LearningSettings,
        progress: &dyn Progress,
    ) -> Result<FollowedSets, Error> {
        self.check_randomness()?;
        let rows = self.aligned(record)?;
        let members = sets.sets();
        let all = sets.inputs().and(inputs.clone());
        let given = self.simulation.given(members, &all)?;
        let plan = self.simulation.plan(&given, &|_| ());
        let kept = [self.outputs.len(), members, plan.saves()];
        let kept = kept.into_iter().fold(1_usize, usize::saturating_mul);
        let limit = self.simulation.model.limits.kept_values;
        if kept > limit {
            return Err(Error::too_large("ensemble", kept, limit));
        }
        let shared = SetSetup {
            plan: &plan,
            setup: &self.setup,
            blocks: settings.inner_members.div_ceil(WIDE).max(1),
            streams: Streams::new(settings.seed, "scenario: inner members"),
        };
        let done = core::sync::atomic::AtomicUsize::new(0);
        let followed: Vec<(Vec<f64>, f64)> = (0..members)
            .into_par_iter()
            .map(|set| {
                let keys =
                    if settings.seed == sets.seed { sets.keys[set].clone() } else { own_key(set) };
                let filter = SetFilter::begin(&shared, &given.member(set), keys)?;
                let line = line(&shared, filter, set as u32, &rows);
                let done = done.fetch_add(1, core::sync::atomic::Ordering::Relaxed) + 1;
                progress.advance(done, members);
                Ok(line)
            })
            .collect::<Result<_, Error>>()?;
        let mut lines = Results::default();
        lines.prepare(self.simulation.times(), &self.outputs, members, 1, kept);
        lines.data = followed.iter().flat_map(|(line, _)| line.iter().copied()).collect();
        let log_likelihoods = followed.iter().map(|(_, found)| *found).collect();
        Ok(FollowedSets { lines, log_likelihoods })
    }

    /// The other inputs with a value for each parameter, so that the plan knows them all.
    pub(super) fn whole_inputs(&self, moves: &Moves, inputs: &Inputs) -> Result<Inputs, Error> {
        self.check_randomness()?;
        if inputs.is_by_member() {
            let message = "sets take inputs that are the same for all of them";
            return Err(Error::settings(message));
        }
        Ok(moves.names.iter().fold(inputs.clone(), |inputs, name| inputs.set(name, 0.0)))
    }

    /// Where each of the plan's varied constants comes from, in their order.
    pub(super) fn sources(
        &self,
        moves: &Moves,
        whole: &Inputs,
    ) -> Result<Vec<ConstantSource>, Error> {
        let model = self.simulation.model;
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for (parameter, name) in moves.names.iter().enumerate() {
            let Some(place) = model.constant_place(name) else { continue };
            if places.insert(place, parameter).is_some() {
                return Err(Error::settings(format!("{name} has two priors")));
            }
        }
        let given = self.simulation.given(1, whole)?;
        let sources = given.varied().iter().zip(given.member(0)).map(|(place, value)| {
            places.get(place).map_or(ConstantSource::Same(value), |&parameter| {
                ConstantSource::Parameter(parameter)
            })
        });
        Ok(sources.collect())
    }

    /// # Errors
    /// If an equation draws random numbers, which all sets would have in common: an estimate of a
    /// density has to have its own.
    pub(super) fn check_randomness(&self) -> Result<(), Error> {
        let draws = |op: &Op| matches!(op, Op::Special(Special::Random { .. }, _));
        if self.simulation.model.graph.nodes().iter().any(draws) {
            return Err(Error::settings(
                "the model's equations draw random numbers; write them as noise on a stock to learn \
                 from a record",
            ));
        }
        Ok(())
    }

    /// Whether a time lies at or before another, within what a step allows.
    fn is_up_to(time: f64, stop: f64) -> bool {
        time <= stop + SLACK
    }
}

/// The path of one member of a set: by saved time and output, and the record's density.
fn line<'p, 'a>(
    shared: &SetSetup<'p, 'a>,
    mut filter: SetFilter<'p, 'a>,
    set: u32,
    rows: &[StepObservations],
) -> (Vec<f64>, f64) {
    let mut course = super::paths::PathRecord::default();
    let mut waiting = rows.iter().peekable();
    loop {
        if let Some(row) = waiting.next_if(|row| row.step == filter.step()) {
            filter.take_in(shared, row);
            if waiting.peek().is_none() {
                filter.draw_anew();
            }
        }
        course.keep(shared, &filter);
        if filter.step() == shared.plan.steps {
            break;
        }
        filter.advance(shared);
    }
    let mut stream = shared.streams.at(set, 0, 2);
    let last = filter.weights().systematic(stream.open01());
    let chosen = last[crate::moves::below(last.len(), &mut stream)];
    (course.line(shared, chosen as usize, set), filter.log_likelihood())
}

/// The key of a filter that repeats none: the set's own number, counted down from the greatest so
/// that a learning does not reach it.
fn own_key(set: usize) -> Vec<NoiseKey> {
    vec![NoiseKey { from: 0, key: u32::MAX - set as u32 }]
}

impl<'p, 'a> Learner<'p, 'a> {
    /// Takes the sets through the rows.
    fn run(
        &self,
        rows: &[StepObservations],
        stops: &[f64],
        report: &mut impl FnMut(&LearningStep),
    ) -> Result<Vec<LearntSets>, Error> {
        let plan = self.shared.plan;
        let mut cloud = self.begin()?;
        let (mut stages, mut log_evidence) = (Vec::new(), 0.0);
        for (place, row) in rows.iter().enumerate() {
            let time = plan.time(row.step);
            let shared = &self.shared;
            let found: Vec<f64> =
                cloud.filters.par_iter_mut().map(|filter| filter.take_in(shared, row)).collect();
            let found = cloud.weights.update(&found).ok_or_else(|| {
                Error::settings(format!(
                    "at time {time} no set can have given what was observed; more sets, wider \
                     densities or priors, or more process noise may"
                ))
            })?;
            log_evidence += found;
            let effective_sets = cloud.weights.effective();
            let next = rows.get(place + 1).map(|row| plan.time(row.step));
            let is_stop = next.is_none_or(|next| {
                let passed = |stop: &&f64| Assimilation::is_up_to(time, **stop);
                stops.iter().filter(passed).any(|stop| !Assimilation::is_up_to(next, *stop))
            });
            let (mut rounds, mut accepted) = (0, 0.0);
            if is_stop || effective_sets < WORTH * self.settings.sets as f64 {
                self.draw_anew(&mut cloud);
                (rounds, accepted) = self.diffuse(&mut cloud, &rows[..=place])?;
            }
            report(&LearningStep { time, effective_sets, log_evidence: found, rounds, accepted });
            if is_stop {
                stages.push(self.stage(&cloud, time, log_evidence));
            }
        }
        Ok(stages)
    }

    /// Sets drawn from their priors, at the first step.
    fn begin(&self) -> Result<Cloud<'p, 'a>, Error> {
        let sets = self.settings.sets;
        let draw = |set: usize| self.moves.draw(&mut self.streams.at(0, 0, set as u32));
        let particles: Vec<Vec<f64>> = (0..sets).map(draw).collect();
        let filters = particles.par_iter().enumerate();
        let filters = filters.map(|(set, particle)| self.filter(particle, set as u32));
        let filters = filters.collect::<Result<_, Error>>()?;
        Ok(Cloud { particles, filters, weights: ParticleWeights::equal(sets), epoch: 0 })
    }

    /// The filter of a set at the first step.
    fn filter(&self, particle: &[f64], key: u32) -> Result<SetFilter<'p, 'a>, Error> {
        let constants = constants_of(self.columns, self.moves, particle);
        SetFilter::begin(&self.shared, &constants, vec![NoiseKey { from: 0, key }])
    }

    /// The key of a set's filter in an epoch: no two filters of a run have the same.
    fn key(&self, epoch: u32, set: usize) -> u32 {
        epoch.wrapping_mul(self.settings.sets as u32).wrapping_add(set as u32)
    }

    /// Draws the sets anew by their weights. Copies go on with noise of their own.
    fn draw_anew(&self, cloud: &mut Cloud<'p, 'a>) {
        cloud.epoch += 1;
        let uniform = self.streams.at(1, cloud.epoch, 0).open01();
        let parents = cloud.weights.systematic(uniform);
        let parent = |&parent: &u32| parent as usize;
        cloud.particles =
            parents.iter().map(parent).map(|from| cloud.particles[from].clone()).collect();
        cloud.filters =
            parents.iter().map(parent).map(|from| cloud.filters[from].clone()).collect();
        for (set, filter) in cloud.filters.iter_mut().enumerate() {
            filter.set_key(self.key(cloud.epoch, set));
        }
        cloud.weights = ParticleWeights::equal(parents.len());
    }

    /// Moves the sets: how many rounds it took, and the share of proposals that were accepted.
    fn diffuse(
        &self,
        cloud: &mut Cloud<'p, 'a>,
        rows: &[StepObservations],
    ) -> Result<(usize, f64), Error> {
        let sets = self.settings.sets;
        let (mut rounds, mut accepted) = (0, 0);
        while rounds < self.settings.most_moves.max(1)
            && (rounds < self.settings.least_moves || accepted < sets)
        {
            cloud.epoch += 1;
            accepted += self.round(cloud, rows)?;
            rounds += 1;
        }
        Ok((rounds, accepted as f64 / (rounds * sets) as f64))
    }

    /// One proposal for each set, by the sets as they stand before: how many were accepted.
    fn round(&self, cloud: &mut Cloud<'p, 'a>, rows: &[StepObservations]) -> Result<usize, Error> {
        let (epoch, before) = (cloud.epoch, &*cloud);
        let moved: Vec<Option<(Vec<f64>, SetFilter<'p, 'a>)>> = (0..before.particles.len())
            .into_par_iter()
            .map(|set| {
                let mut stream = self.streams.at(2, epoch, set as u32);
                let own = &before.particles[set];
                let Some(proposed) = self.moves.propose(own, &before.particles, &mut stream) else {
                    return Ok(None);
                };
                let mut filter = self.filter(&proposed, self.key(epoch, set))?;
                for row in rows {
                    filter.take_in(&self.shared, row);
                }
                let ratio = filter.log_likelihood() - before.filters[set].log_likelihood();
                Ok((stream.open01().ln() < ratio).then_some((proposed, filter)))
            })
            .collect::<Result<_, Error>>()?;
        let mut accepted = 0;
        for (set, moved) in moved.into_iter().enumerate() {
            if let Some((particle, filter)) = moved {
                (cloud.particles[set], cloud.filters[set]) = (particle, filter);
                accepted += 1;
            }
        }
        Ok(accepted)
    }

    /// The sets as they stand.
    fn stage(&self, cloud: &Cloud<'p, 'a>, time: f64, log_evidence: f64) -> LearntSets {
        let least: Vec<f64> = cloud.filters.iter().map(SetFilter::least_effective).collect();
        let mut distinct = cloud.particles.clone();
        distinct.sort_by(|a, b| a.partial_cmp(b).unwrap_or(core::cmp::Ordering::Equal));
        distinct.dedup();
        LearntSets {
            time,
            parameters: self.moves.names.clone(),
            values: self.moves.values(&cloud.particles),
            log_likelihoods: cloud.filters.iter().map(SetFilter::log_likelihood).collect(),
            log_evidence,
            inner_effective: sanad_numbers::median(&least),
            distinct: distinct.len(),
            keys: cloud.filters.iter().map(|filter| filter.keys().to_vec()).collect(),
            seed: self.settings.seed,
        }
    }
}
