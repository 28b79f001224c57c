//! Parameters and paths learnt together from a record, by chains that follow the gradient of their density.
//!
//! The No-U-Turn Sampler (M. D. Hoffman and A. Gelman, "The No-U-Turn Sampler: adaptively setting path lengths in
//! Hamiltonian Monte Carlo", Journal of Machine Learning Research 15, 2014) as `nuts-rs` has it, on the density of
//! [`gradient`](super::gradient): parameters in coordinates whose priors are standard normal, and the standard normal noise
//! of every step. A move goes along the density's slope as far as it leads away, so that thousands of coordinates can move
//! together, where steps at random have to be so small that they hardly get anywhere.
//!
//! Chains ask for gradients one by one. Of a model that is not small, eight at a time wait for one another and have
//! them computed side by side, in the lanes of one block; no lane's bits depend on another's, so that neither the order in which
//! they ask nor the number of threads changes anything.

#![allow(clippy::disallowed_types, reason = "the sampler asks for names in a hash map; none given")]

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, EuclideanAdaptOptions,
    HasDims, LogpError, LowRankNutsSettings, NutsSettings, Settings, Storable as _, Value, rand,
};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use sanad_numbers::mixing::{bulk_effective_draws, split_r_hat, tail_effective_draws};

use super::Assimilation;
use super::chains::{SampledPaths, Sampler};
use super::gradient::{DensityGradient, DensitySetup, PathDensity};
use super::record::ObservationRecord;
use crate::error::Error;
use crate::simulation::{Inputs, NARROW};
use crate::vary::Vary;

/// Instructions of a run from which on chains wait for one another to be computed together: below, waiting costs more than it
/// saves.
const LARGE: usize = 20_000;

/// How chains with gradients are run. `Default` runs four chains, each of 1,000 draws after 1,000 that are dropped, and keeps
/// 250 paths of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientSettings {
    /// Chains, at least 2. Of a model with hundreds of steps eight cost hardly more than one.
    pub chains: usize,
    /// Draws of each chain that are dropped; step length and metric are found in them.
    pub warmup: usize,
    /// Draws of each chain after that, at least 4.
    pub draws: usize,
    /// Draws that are kept of each chain with their paths, evenly over those. Diagnostics are of all.
    pub kept: usize,
    /// Share of a trajectory's points that the step length is tuned to accept, between 0 and 1.
    pub accepted: f64,
    /// Whether the metric also has directions that go across the coordinates, or is diagonal.
    pub low_rank: bool,
    /// Longest trajectory: 2 to this power, less one, steps.
    pub deepest: u64,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for GradientSettings {
    fn default() -> Self {
        Self {
            chains: 4,
            warmup: 1000,
            draws: 1000,
            kept: 250,
            accepted: 0.8,
            low_rank: false,
            deepest: 10,
            seed: 1,
        }
    }
}

/// What a chain did after its warm-up.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainReport {
    /// Draws whose trajectory was broken off because its energy went astray: near them the density is not explored.
    pub divergences: usize,
    /// Mean over the draws of the depth of a trajectory's tree: it has 2 to that power points.
    pub mean_depth: f64,
    /// Share of draws whose trajectory ended because it may not be longer.
    pub at_deepest: f64,
    /// Length of steps, in standard deviations of the metric.
    pub step: f64,
    /// Σ(Eₙ − Eₙ₋₁)²/Σ(Eₙ − Ē)², with E the energy of a draw's trajectory. Below 0.3 momenta drawn anew move the energy too
    /// little for the chain to reach all of its levels (M. Betancourt, "Diagnosing suboptimal cotangent
    /// disintegrations in Hamiltonian Monte Carlo", arXiv:1604.00695, 2016). Not a number where energies are all the same.
    pub energy_fraction: f64,
    /// Mean of ln p(y | x, θ), the log-density of the record given parameters and path.
    pub mean_log_density: f64,
    /// Gradients computed, those of the warm-up included.
    pub gradients: u64,
}

/// Draws by [`Assimilation::sample_by_gradient`], and how its chains did.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientDraws {
    /// The draws that were kept: of each kept time one of each chain. R̂ is of all draws.
    pub paths: SampledPaths,
    /// By parameter, how many independent draws would tell its middle as well. Not a number for a parameter that is fixed.
    pub effective_draws: Vec<f64>,
    /// The same of its 5 % and 95 % quantiles.
    pub tail_draws: Vec<f64>,
    /// R̂ of ln p(y | x, θ), as of a parameter.
    pub log_density_r_hat: f64,
    /// By chain.
    pub chains: Vec<ChainReport>,
}

/// A draw that a chain has made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientProgress {
    /// The chain, from 0.
    pub chain: usize,
    /// How many draws it has made, those of the warm-up included.
    pub draws: usize,
    /// Whether the step length is still being found.
    pub is_warmup: bool,
    /// ln p(y | x, θ) at the draw.
    pub log_density: f64,
    /// Steps of its trajectory.
    pub steps: u64,
    /// Length of its steps.
    pub step: f64,
    /// Whether it was broken off.
    pub is_diverging: bool,
}

impl Assimilation<'_> {
    /// Learns the constants that `priors` names, with the paths of stocks that have noise, from a record, by the No-U-Turn
    /// Sampler. `inputs` sets other constants, the same for all chains. Chains begin at `start` where it is given, which may have
    /// seen a shorter record; else at draws from the priors, each with a path that a filter gave it. `report` hears of each
    /// draw, in no fixed order of chains.
    ///
    /// The result depends on the arguments alone, not on the number of threads.
    ///
    /// # Errors
    ///
    /// As [`learn`](Self::learn), but for the number of sets; if settings are none that chains can be run with; if the
    /// method is not Euler's, or what is learnt reaches a conveyor, a queue, `RANK` or a test input such as `STEP`,
    /// of which no derivative is known here; if a chain begins where the record has no density.
    pub fn sample_by_gradient(
        &self,
        priors: &Vary,
        inputs: &Inputs,
        record: &ObservationRecord,
        start: Option<&SampledPaths>,
        settings: &GradientSettings,
        report: impl Fn(GradientProgress) + Sync,
    ) -> Result<GradientDraws, Error> {
        settings.check()?;
        let streams = Streams::new(settings.seed, "scenario: chains with gradients");
        self.with_sampler(priors, inputs, record, streams, |sampler| {
            let density = DensitySetup::new(self.simulation.model, sampler)?;
            let states = sampler.begin(start, settings.chains)?;
            let starts = states.iter().map(|state| density.position(&state.particle, &state.noise));
            let starts: Vec<Vec<f64>> = starts.collect();
            let together = if density.instructions() >= LARGE { NARROW } else { 1 };
            let chains = GradientChains { density: &density, streams, settings, report: &report };
            let courses = chains.courses(&starts, together)?;
            Ok(gathered(sampler, &density, courses, settings))
        })
    }
}

impl GradientSettings {
    /// # Errors
    /// If chains cannot be run with them.
    fn check(&self) -> Result<(), Error> {
        let fault = if self.chains < 2 || self.draws < 4 {
            "chains with gradients are two at least, of four draws at least"
        } else if self.kept == 0 || self.kept > self.draws {
            "a chain keeps at least one path, and at most one of each draw"
        } else if !(self.accepted > 0.0 && self.accepted < 1.0) {
            "the share of points that a step length is tuned to accept lies between 0 and 1"
        } else if !(1..=20).contains(&self.deepest) {
            "the deepest tree of a trajectory is between 1 and 20"
        } else {
            return Ok(());
        };
        Err(Error::settings(fault))
    }

    /// As `nuts-rs` wants them.
    fn apply<A>(&self, settings: &mut NutsSettings<EuclideanAdaptOptions<A>>)
    where
        A: Copy + core::fmt::Debug + Default + serde::Serialize,
    {
        settings.num_tune = self.warmup as u64;
        settings.num_draws = self.draws as u64;
        settings.maxdepth = self.deepest;
        settings.adapt_options.step_size_settings.target_accept = self.accepted;
    }
}

/// What a chain has gone through.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ChainCourse {
    /// After the warm-up, draw by draw: the position.
    positions: Vec<Box<[f64]>>,
    /// The same: ln p(y | x, θ).
    log_densities: Vec<f64>,
    energies: Vec<f64>,
    depths: Vec<f64>,
    at_deepest: usize,
    divergences: usize,
    step: f64,
    gradients: u64,
}

/// What all chains have in common.
pub(super) struct GradientChains<'r, 'p, 'a> {
    pub(super) density: &'r DensitySetup<'p, 'a>,
    pub(super) streams: Streams,
    pub(super) settings: &'r GradientSettings,
    pub(super) report: &'r (dyn Fn(GradientProgress) + Sync),
}

impl GradientChains<'_, '_, '_> {
    /// Runs chains from their first places, as many at a time with their gradients side by side as are to go `together`: eight at
    /// most. Their number changes no bit.
    pub(super) fn courses(
        &self,
        starts: &[Vec<f64>],
        together: usize,
    ) -> Result<Vec<ChainCourse>, Error> {
        let groups = starts.par_chunks(together).enumerate();
        let groups: Vec<Vec<ChainCourse>> = groups
            .map(|(number, starts)| self.side_by_side(number * together, starts))
            .collect::<Result<_, Error>>()?;
        Ok(groups.into_iter().flatten().collect())
    }

    /// Runs one group; its first chain has the number `first`.
    fn side_by_side(&self, first: usize, starts: &[Vec<f64>]) -> Result<Vec<ChainCourse>, Error> {
        let meeting = MeetingPoint::new(self.density, starts.len());
        std::thread::scope(|scope| {
            let chains: Vec<_> = starts
                .iter()
                .enumerate()
                .map(|(seat, start)| {
                    let meeting = &meeting;
                    scope.spawn(move || {
                        self.chain(first + seat, SeatedChain { meeting, seat }, start)
                    })
                })
                .collect();
            let courses = chains
                .into_iter()
                .map(|chain| chain.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            courses.collect()
        })
    }

    /// Runs one chain.
    fn chain(
        &self,
        number: usize,
        seated: SeatedChain<'_, '_, '_, '_>,
        start: &[f64],
    ) -> Result<ChainCourse, Error> {
        let settings = self.settings;
        let mut stream = self.streams.at(number as u32, 0, 9);
        let told = |progress: GradientProgress| {
            (self.report)(GradientProgress { chain: number, ..progress });
        };
        if settings.low_rank {
            let mut own = LowRankNutsSettings::default();
            settings.apply(&mut own);
            chain(own, seated, start, settings, &mut stream, &told)
        } else {
            let mut own = DiagNutsSettings::default();
            settings.apply(&mut own);
            chain(own, seated, start, settings, &mut stream, &told)
        }
    }
}

/// Runs one chain.
fn chain<S: Settings>(
    own: S,
    seated: SeatedChain<'_, '_, '_, '_>,
    start: &[f64],
    settings: &GradientSettings,
    stream: &mut Stream,
    report: &dyn Fn(GradientProgress),
) -> Result<ChainCourse, Error> {
    let mut chain =
        own.new_chain(0, CpuMath::new(seated), stream).map_err(failed("its settings"))?;
    chain.set_position(start).map_err(failed("its first place"))?;
    let mut course = ChainCourse::default();
    for draw in 0..settings.warmup + settings.draws {
        let (position, _, mut stats, progress) = chain.expanded_draw().map_err(failed("a draw"))?;
        let (mut energy, mut depth, mut log_density) = (f64::NAN, 0, f64::NAN);
        let mut is_at_deepest = false;
        let dims = (&*chain.math()).into();
        for (name, value) in stats.get_all(&dims) {
            match (name, value) {
                ("energy", Some(Value::ScalarF64(found))) => energy = found,
                ("logp", Some(Value::ScalarF64(found))) => log_density = found,
                ("depth", Some(Value::ScalarU64(found))) => depth = found,
                ("maxdepth_reached", Some(Value::ScalarBool(found))) => is_at_deepest = found,
                _ => {}
            }
        }
        // The priors' part taken away again.
        log_density += 0.5 * position.iter().map(|normal| normal * normal).sum::<f64>();
        course.gradients += progress.num_gradients;
        course.step = progress.step_size;
        let is_warmup = draw < settings.warmup;
        report(GradientProgress {
            chain: 0,
            draws: draw + 1,
            is_warmup,
            log_density,
            steps: progress.num_steps,
            step: progress.step_size,
            is_diverging: progress.diverging,
        });
        if !is_warmup {
            course.positions.push(position);
            course.log_densities.push(log_density);
            course.energies.push(energy);
            course.depths.push(depth as f64);
            course.at_deepest += usize::from(is_at_deepest);
            course.divergences += usize::from(progress.diverging);
        }
    }
    Ok(course)
}

/// The error of a chain that could not go on.
fn failed<E: core::fmt::Display>(at: &'static str) -> impl Fn(E) -> Error {
    move |error| Error::settings(format!("a chain failed at {at}: {error:#}"))
}

/// What is kept of all chains, and how they did.
fn gathered(
    sampler: &Sampler<'_, '_>,
    density: &DensitySetup<'_, '_>,
    courses: Vec<ChainCourse>,
    settings: &GradientSettings,
) -> GradientDraws {
    let moves = sampler.moves;
    let particles: Vec<Vec<Vec<f64>>> = courses
        .iter()
        .map(|course| course.positions.iter().map(|one| density.split(one).0).collect())
        .collect();
    let values: Vec<Vec<Vec<f64>>> = particles.iter().map(|chain| moves.values(chain)).collect();
    let measured = |measure: fn(&[&[f64]]) -> f64| -> Vec<f64> {
        let parameters = moves.coordinates().iter().enumerate().map(|(place, coordinate)| {
            let chains: Vec<&[f64]> = values.iter().map(|chain| &chain[place][..]).collect();
            if coordinate.is_fixed() { f64::NAN } else { measure(&chains) }
        });
        parameters.collect()
    };
    let logs: Vec<&[f64]> = courses.iter().map(|course| &course.log_densities[..]).collect();
    // The last draws of the chains come last, as in other chains.
    let kept: Vec<(usize, usize)> = (1..=settings.kept)
        .map(|part| part * settings.draws / settings.kept - 1)
        .flat_map(|draw| (0..courses.len()).map(move |chain| (chain, draw)))
        .collect();
    let own = |&(chain, draw): &(usize, usize)| particles[chain][draw].clone();
    let kept_particles: Vec<Vec<f64>> = kept.iter().map(own).collect();
    let noise = |&(chain, draw): &(usize, usize)| density.split(&courses[chain].positions[draw]).1;
    let log = |&(chain, draw): &(usize, usize)| courses[chain].log_densities[draw];
    GradientDraws {
        effective_draws: measured(bulk_effective_draws),
        tail_draws: measured(tail_effective_draws),
        log_density_r_hat: split_r_hat(&logs),
        paths: SampledPaths {
            time: sampler.plan.time(sampler.steps),
            parameters: moves.names.clone(),
            values: moves.values(&kept_particles),
            log_densities: kept.iter().map(log).collect(),
            r_hat: measured(split_r_hat),
            accepted: Vec::new(),
            noise: kept.iter().map(noise).collect(),
            particles: kept_particles,
        },
        chains: courses.iter().map(ChainCourse::report).collect(),
    }
}

impl ChainCourse {
    fn report(&self) -> ChainReport {
        let mean = sanad_numbers::mean(&self.energies);
        let moved: f64 =
            self.energies.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum();
        let spread: f64 =
            self.energies.iter().map(|energy| (energy - mean) * (energy - mean)).sum();
        ChainReport {
            divergences: self.divergences,
            mean_depth: sanad_numbers::mean(&self.depths),
            at_deepest: self.at_deepest as f64 / self.depths.len() as f64,
            step: self.step,
            energy_fraction: moved / spread,
            mean_log_density: sanad_numbers::mean(&self.log_densities),
            gradients: self.gradients,
        }
    }
}

/// Where chains meet to have their gradients computed together: once all that are still running have asked.
struct MeetingPoint<'d, 'p, 'a> {
    seats: Mutex<Seats<'d, 'p, 'a>>,
    is_served: Condvar,
    dimension: usize,
}

/// Who sits where, and has asked for what.
struct Seats<'d, 'p, 'a> {
    density: PathDensity<'d, 'p, 'a, NARROW>,
    /// By seat: where a gradient is asked for.
    asked: Vec<Option<Vec<f64>>>,
    /// By seat: what was found; nothing where it could not be computed.
    found: Vec<Option<Option<DensityGradient>>>,
    /// Chains that are still running.
    running: usize,
}

impl<'d, 'p, 'a> MeetingPoint<'d, 'p, 'a> {
    fn new(shared: &'d DensitySetup<'p, 'a>, chains: usize) -> Self {
        let seats = Seats {
            density: PathDensity::new(shared),
            asked: vec![None; chains],
            found: vec![None; chains],
            running: chains,
        };
        Self { seats: Mutex::new(seats), is_served: Condvar::new(), dimension: shared.dimension() }
    }

    /// The seats, whatever became of another chain's thread.
    fn lock(&self) -> MutexGuard<'_, Seats<'d, 'p, 'a>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves all that have asked, if nobody is left to wait for.
    fn serve(&self, seats: &mut Seats<'_, '_, '_>) {
        let places: Vec<usize> =
            (0..seats.asked.len()).filter(|&seat| seats.asked[seat].is_some()).collect();
        if places.is_empty() || places.len() < seats.running {
            return;
        }
        let positions: Vec<Vec<f64>> =
            places.iter().filter_map(|&seat| seats.asked[seat].take()).collect();
        let positions: Vec<&[f64]> = positions.iter().map(Vec::as_slice).collect();
        match seats.density.evaluate(&positions) {
            Ok(found) => {
                for (seat, found) in places.into_iter().zip(found) {
                    seats.found[seat] = Some(Some(found));
                }
            }
            // A delay that would remember too much: where the parameters say so, the record cannot be had.
            Err(_) => places.into_iter().for_each(|seat| seats.found[seat] = Some(None)),
        }
        self.is_served.notify_all();
    }
}

/// A chain in its seat.
struct SeatedChain<'t, 'd, 'p, 'a> {
    meeting: &'t MeetingPoint<'d, 'p, 'a>,
    seat: usize,
}

impl Drop for SeatedChain<'_, '_, '_, '_> {
    /// A chain that ends, or fails, is waited for no longer.
    fn drop(&mut self) {
        let mut seats = self.meeting.lock();
        seats.running -= 1;
        self.meeting.serve(&mut seats);
    }
}

/// The density could not be computed: a divergence.
#[derive(Debug, thiserror::Error)]
#[error("the record has no density there")]
struct NoGradient;

impl LogpError for NoGradient {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl HasDims for SeatedChain<'_, '_, '_, '_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::new()
    }
}

impl CpuLogpFunc for SeatedChain<'_, '_, '_, '_> {
    type LogpError = NoGradient;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.meeting.dimension
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, NoGradient> {
        let mut seats = self.meeting.lock();
        seats.asked[self.seat] = Some(position.to_vec());
        self.meeting.serve(&mut seats);
        let is_waiting = |seats: &mut Seats<'_, '_, '_>| seats.found[self.seat].is_none();
        let served = self.meeting.is_served.wait_while(seats, is_waiting);
        let mut seats = served.unwrap_or_else(PoisonError::into_inner);
        let found = seats.found[self.seat].take().flatten().ok_or(NoGradient)?;
        if found.log_density == f64::NEG_INFINITY {
            return Err(NoGradient);
        }
        gradient.copy_from_slice(&found.gradient);
        Ok(found.log_density)
    }

    fn expand_vector<R: rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        _: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(Vec::new())
    }
}
