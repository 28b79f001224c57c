//! Fitting a model's constants to a record without a likelihood.
//!
//! Sequential Monte Carlo with an adaptive tolerance, after C. C. Drovandi and A. N. Pettitt,
//! "Estimation of parameters for macroparasite population evolution using approximate Bayesian
//! computation", Biometrics 67 (2011): particles start as draws from the priors; in each round the
//! worse half is dropped, the tolerance becomes the distance of the worst that stays, copies of
//! those that stay take the places, and the copies are moved by Metropolis steps that keep within
//! the priors and the tolerance. When the tolerance stands, all particles are moved many times more,
//! so that what the record does not tell has its prior again and not the chances of a few ancestors.
//! Half of the steps draw a few parameters anew from their priors, which is free where the record
//! does not tell; the others are differences of two other particles (C. J. F. ter Braak,
//! "A Markov chain Monte Carlo version of the genetic algorithm differential evolution",
//! Statistics and Computing 16, 2006), so that they follow how the parameters hang together.
//!
//! A tolerance above zero stands for the error of the model itself (R. D. Wilkinson, "Approximate
//! Bayesian computation gives exact results under the assumption of model error", Statistical
//! Applications in Genetics and Molecular Biology 12, 2013): members are those that come as near to
//! the record as the tolerance says, and none is better for coming nearer.
//!
//! What a distance is, is for the caller: here it is a number of which less is nearer. Runs are
//! asked for in batches, so that the caller can run them side by side.
//!
//! ```
//! use sanad_scenario::{CalibrationSettings, Distribution, Error, Inputs, Vary, calibrate};
//!
//! let mut vary = Vary::default();
//! vary.constants.insert("rate".into(), Distribution::Uniform { low: 0.0, high: 1.0 });
//! let settings = CalibrationSettings { particles: 200, tolerance: 0.05, ..Default::default() };
//! // The record says 0.3; a real caller runs a model here and compares its path with a record.
//! let distances = |inputs: &Inputs, members: usize| -> Result<Vec<f64>, Error> {
//!     let distance = |member| (inputs.value("rate", member).unwrap_or(0.0) - 0.3).abs();
//!     Ok((0..members).map(distance).collect())
//! };
//! let posterior = calibrate(&vary, &settings, distances, |_| ())?;
//! assert_eq!(posterior.values[0].len(), 200);
//! assert!(posterior.values[0].iter().all(|rate| (0.25..=0.35).contains(rate)));
//! # Ok::<(), Error>(())
//! ```

use sanad_core::random::Streams;

use crate::error::Error;
use crate::moves::{Moves, below};
use crate::simulation::Inputs;
use crate::vary::Vary;

/// How a calibration is run. `Default` searches once with 4,000 particles and a tolerance of zero,
/// that is, until a round gains less than one per cent or hardly a step is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationSettings {
    /// Particles, which become the members of the posterior; at least 8 in each search. Each search
    /// has an equal share, and a remainder is dropped; those of searches that do not come near
    /// enough are missing from the posterior.
    pub particles: usize,
    /// Searches, each from draws of its own, among which the particles are shared out: one search
    /// may settle in one of several ways to come near the record, many find more of them. Searches
    /// that do not come as near as `tolerance` are left out.
    pub islands: usize,
    /// Seed of the draws. Each search has streams of its own under it.
    pub seed: u64,
    /// The most rounds. Each lets in about half of what the one before let in, so that seven reach
    /// the nearest 128th of the priors. None at all, with a tolerance of zero, gives the priors
    /// themselves back.
    pub rounds: usize,
    /// The most Metropolis steps of a copy in one round. As many are taken as let 99 of 100 copies
    /// move at the last round's share of accepted steps; the first round takes at most five.
    pub moves: usize,
    /// Metropolis steps of every particle when the tolerance stands. A step runs the model once for
    /// each particle that stays within the priors, so that this, not the rounds, may be the larger
    /// part of the cost.
    pub settling: usize,
    /// Ends when a smaller share of steps is accepted: the particles then no longer move. From 0 to
    /// 1; steps that left the prior count as not accepted.
    pub least_accepted: f64,
    /// Ends when a round lowers the tolerance by a smaller share: members then differ from the
    /// record by what the model cannot express, and going on would only make them alike. From 0 to
    /// 1, of the tolerance before.
    pub least_gain: f64,
    /// Ends when the tolerance is as small as this. In the unit of the distances. Zero asks for the
    /// nearest members that `least_gain` and `least_accepted` allow, and lets every search in.
    pub tolerance: f64,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self {
            particles: 4000,
            islands: 1,
            seed: 1,
            rounds: 100,
            moves: 20,
            settling: 150,
            least_accepted: 0.03,
            least_gain: 0.01,
            tolerance: 0.0,
        }
    }
}

/// One round of a calibration. What a caller is told while it goes on, search after search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// The greatest distance that is still let in. Never below [`CalibrationSettings::tolerance`].
    pub tolerance: f64,
    /// Share of steps that were accepted. From 0 to 1, of the steps of all copies.
    pub accepted: f64,
    /// Steps of each copy.
    pub moves: usize,
}

/// Members that come near enough to a record, all of the same weight, in an order that tells nothing:
/// the first of them are a fair sample.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Posterior {
    /// Names of the parameters. In alphabetical order, those of fixed value included.
    pub parameters: Vec<String>,
    /// By parameter, the members' values. In the constant's own unit, as many for each as there are
    /// members.
    pub values: Vec<Vec<f64>>,
    /// The members' distances from the record. In the order of the members; none above `tolerance`
    /// if a round was run.
    pub distances: Vec<f64>,
    /// The greatest distance that was let in. Of the searches that came near enough, the greatest.
    pub tolerance: f64,
    /// Searches that came near enough.
    pub islands: usize,
    /// Rounds of the longest of them.
    pub rounds: usize,
    /// Runs of the model that all searches took. Those of searches that were left out included.
    pub runs: usize,
    /// Share of steps that were accepted when the tolerance stood. The mean over searches. A share
    /// near zero says that the last moves did not mix: members are then near copies of few
    /// ancestors.
    pub settled: f64,
}

impl Posterior {
    /// The members as inputs of a run. Member for member, so that what hangs together in the
    /// posterior hangs together in the run.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let columns = self.parameters.iter().zip(&self.values);
        columns.fold(Inputs::new(), |inputs, (name, values)| inputs.set_each(name, values.clone()))
    }
}

/// Fits the constants that `vary` names. `distances` runs the model for a number of members with
/// the inputs given and says how far each is from the record; what is not a number counts as
/// infinitely far. `report` hears of each round. Distances are asked for one batch at a time, in an
/// order that depends on the arguments alone; they have to be as many as the members, in their
/// order.
///
/// The result depends on the arguments alone, not on the number of threads that `distances` uses.
///
/// # Errors
///
/// If no constant is to be fitted, a distribution has no place here (see [`Vary`]; uniform,
/// log-uniform, triangular, log-normal and fixed ones have), there are fewer than eight particles in
/// a search, no search comes as near as the tolerance, or `distances` fails.
pub fn calibrate<E: From<Error>>(
    vary: &Vary,
    settings: &CalibrationSettings,
    distances: impl Fn(&Inputs, usize) -> Result<Vec<f64>, E>,
    mut report: impl FnMut(&Round),
) -> Result<Posterior, E> {
    let mut posterior = Posterior::default();
    let (mut coordinates, mut reached) = (Vec::new(), 0);
    for island in 0..settings.islands {
        let (search, rounds, settled) = explore(vary, settings, island, &distances, &mut report)?;
        let tolerance = rounds.last().map_or(f64::INFINITY, |round| round.tolerance);
        posterior.runs += search.runs.get();
        if tolerance > settings.tolerance && settings.tolerance > 0.0 {
            continue;
        }
        reached += 1;
        posterior.tolerance = posterior.tolerance.max(tolerance);
        posterior.settled += settled;
        posterior.rounds = posterior.rounds.max(rounds.len());
        coordinates.extend(search.particles.0);
        posterior.distances.extend(search.particles.1);
    }
    if reached == 0 {
        let message = format!("no search came as near as the tolerance {}", settings.tolerance);
        return Err(Error::settings(message).into());
    }
    posterior.islands = reached;
    posterior.settled /= reached as f64;
    let whole = CalibrationSettings { islands: 1, ..*settings };
    let mut all = ParticleSearch::begin(vary, &whole, settings.islands)?;
    all.particles = (coordinates, posterior.distances);
    all.shuffle();
    posterior.values = all.moves.values(&all.particles.0);
    (posterior.parameters, posterior.distances) = (all.moves.names, all.particles.1);
    Ok(posterior)
}

/// One search from the priors to the tolerance: its particles, rounds and share of last moves. The
/// first round has nothing to gain on and is never the last because of its gain.
fn explore<E: From<Error>>(
    vary: &Vary,
    settings: &CalibrationSettings,
    island: usize,
    distances: &impl Fn(&Inputs, usize) -> Result<Vec<f64>, E>,
    report: &mut impl FnMut(&Round),
) -> Result<(ParticleSearch, Vec<Round>, f64), E> {
    let mut search = ParticleSearch::begin(vary, settings, island)?;
    search.particles.1 = search.measure(&search.particles.0, distances)?;
    let mut rounds: Vec<Round> = Vec::new();
    let mut moves = settings.moves.clamp(1, 5);
    while rounds.len() < settings.rounds {
        // The tolerance is the distance of the worst that stays, but never finer than asked for.
        let (nearest, kept) = search.shrink(rounds.len());
        let tolerance = nearest.max(settings.tolerance);
        let accepted = search.diffuse(rounds.len(), moves, (tolerance, kept), distances)?;
        let round = Round { tolerance, accepted, moves };
        report(&round);
        let before = rounds.last().map_or(f64::INFINITY, |last: &Round| last.tolerance);
        rounds.push(round);
        let gained = before.is_infinite() || before - tolerance >= settings.least_gain * before;
        if accepted < settings.least_accepted || tolerance <= settings.tolerance || !gained {
            break;
        }
        // Enough steps that 99 of 100 copies have moved. With a share p accepted, all of n steps of
        // a copy fail with (1 − p)ⁿ, which is 0.01 for n = ln 0.01 / ln(1 − p).
        let needed = (0.01f64.ln() / (1.0 - accepted.min(0.99)).ln()).ceil();
        moves = (needed as usize).clamp(1, settings.moves.max(1));
    }
    let tolerance = rounds.last().map_or(f64::INFINITY, |round| round.tolerance);
    let settled = search.diffuse(rounds.len(), settling(settings), (tolerance, 0), distances)?;
    Ok((search, rounds, settled))
}

/// Steps when the tolerance stands: none without a round.
fn settling(settings: &CalibrationSettings) -> usize {
    if settings.rounds == 0 { 0 } else { settings.settling }
}

/// Coordinates by particle, and distances. The coordinates of a particle are in the order of the
/// parameters' names.
type Particles = (Vec<Vec<f64>>, Vec<f64>);

/// One search: particles in the space of the priors, each with its distance from the record.
struct ParticleSearch {
    moves: Moves,
    particles: Particles,
    /// Keyed by what a draw is for: first particles and the last shuffle (0), drawing copies (1),
    /// each Metropolis step (2 and up).
    streams: Streams,
    /// Runs asked for so far; a cell, because measuring leaves the search as it is.
    runs: std::cell::Cell<usize>,
}

impl ParticleSearch {
    /// Draws the first particles from the priors.
    ///
    /// # Errors
    /// If there is no parameter to move, or a search would have too few particles to move by
    /// differences of others.
    fn begin(vary: &Vary, settings: &CalibrationSettings, island: usize) -> Result<Self, Error> {
        if vary.constants.is_empty() {
            return Err(Error::settings("no constant is named that could be fitted"));
        }
        let particles = settings.particles / settings.islands.max(1);
        if particles < 8 {
            let message = format!("{particles} particles in a search are fewer than eight");
            return Err(Error::settings(message));
        }
        let moves = Moves::new(vary)?;
        let streams = Streams::new(settings.seed, &format!("scenario: calibration {island}"));
        let start = |particle: usize| moves.draw(&mut streams.at(0, 0, particle as u32));
        let drawn = (0..particles).map(start).collect();
        let runs = std::cell::Cell::new(0);
        Ok(Self { moves, particles: (drawn, Vec::new()), streams, runs })
    }

    /// The distances of particles, asked of the caller. NaN becomes infinite.
    ///
    /// # Errors
    ///
    /// If the caller fails, or gives another number of distances than there are particles.
    fn measure<E: From<Error>>(
        &self,
        particles: &[Vec<f64>],
        distances: &impl Fn(&Inputs, usize) -> Result<Vec<f64>, E>,
    ) -> Result<Vec<f64>, E> {
        if particles.is_empty() {
            return Ok(Vec::new());
        }
        self.runs.set(self.runs.get() + particles.len());
        let columns = self.moves.names.iter().zip(self.moves.values(particles));
        let inputs = columns.fold(Inputs::new(), |inputs, (name, it)| inputs.set_each(name, it));
        let mut found = distances(&inputs, particles.len())?;
        if found.len() != particles.len() {
            return Err(Error::settings("there is not one distance for each member").into());
        }
        found.iter_mut().filter(|found| found.is_nan()).for_each(|found| *found = f64::INFINITY);
        Ok(found)
    }

    /// Drops the worse half and puts copies of the others in their places: the new tolerance, and
    /// how many stayed. Those that stayed stand first. Of an odd number the middle one stays; ties
    /// are broken by the order of the particles.
    fn shrink(&mut self, round: usize) -> (f64, usize) {
        let (particles, distances) = &mut self.particles;
        let mut order: Vec<usize> = (0..particles.len()).collect();
        order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
        let kept = particles.len().div_ceil(2);
        let mut chosen: Vec<usize> = order[..kept].to_vec();
        let mut stream = self.streams.at(1, round as u32, 0);
        chosen.extend((kept..particles.len()).map(|_| order[below(kept, &mut stream)]));
        *particles = chosen.iter().map(|&at| particles[at].clone()).collect();
        *distances = chosen.iter().map(|&at| distances[at]).collect();
        (distances[kept - 1], kept)
    }

    /// Moves the particles after the first `kept` and tells the share of steps that were accepted.
    /// With `kept` zero all of them are moved, each by differences among all. A move is decided
    /// after the whole batch was measured, so that the order within it has no part.
    fn diffuse<E: From<Error>>(
        &mut self,
        round: usize,
        moves: usize,
        (tolerance, kept): (f64, usize),
        distances: &impl Fn(&Inputs, usize) -> Result<Vec<f64>, E>,
    ) -> Result<f64, E> {
        let copies = self.particles.0.len() - kept;
        let pool = if kept == 0 { self.particles.0.len() } else { kept };
        let mut accepted = 0_usize;
        for step in 0..moves {
            let at = |copy: usize| self.streams.at(2 + step as u32, round as u32, copy as u32);
            let proposed: Vec<Option<Vec<f64>>> = (0..copies)
                .map(|copy| {
                    let own = &self.particles.0[kept + copy];
                    self.moves.propose(own, &self.particles.0[..pool], &mut at(copy))
                })
                .collect();
            let tried: Vec<usize> = (0..copies).filter(|&it| proposed[it].is_some()).collect();
            let inside: Vec<Vec<f64>> = proposed.into_iter().flatten().collect();
            let found = self.measure(&inside, distances)?;
            for ((copy, moved), distance) in tried.into_iter().zip(inside).zip(found) {
                if distance <= tolerance {
                    self.particles.0[kept + copy] = moved;
                    self.particles.1[kept + copy] = distance;
                    accepted += 1;
                }
            }
        }
        Ok(accepted as f64 / (copies * moves).max(1) as f64)
    }

    /// An order that tells nothing, so that the first members are a fair sample. Fisher and Yates:
    /// the last place takes one of all that are left.
    fn shuffle(&mut self) {
        let mut stream = self.streams.at(0, 1, 0);
        for last in (1..self.particles.0.len()).rev() {
            let other = below(last + 1, &mut stream);
            self.particles.0.swap(last, other);
            self.particles.1.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vary::Distribution;

    fn priors() -> Vary {
        let mut vary = Vary::default();
        vary.constants.insert("a".into(), Distribution::Uniform { low: -5.0, high: 5.0 });
        vary.constants.insert("b".into(), Distribution::LogNormal { median: 1.0, sigma: 0.5 });
        vary
    }

    fn near(centre: f64) -> impl Fn(&Inputs, usize) -> Result<Vec<f64>, Error> {
        move |inputs, members| {
            let a = |member| inputs.value("a", member).unwrap_or(f64::NAN);
            Ok((0..members).map(|member| (a(member) - centre).abs()).collect())
        }
    }

    #[test]
    fn members_keep_within_the_tolerance_and_what_the_record_does_not_tell_keeps_its_prior() {
        let settings = CalibrationSettings {
            particles: 2000,
            tolerance: 0.1,
            ..CalibrationSettings::default()
        };
        let posterior = calibrate(&priors(), &settings, near(2.0), |_| ()).unwrap();
        assert!(posterior.tolerance <= 0.1, "{:?}", posterior.rounds);
        assert!(posterior.values[0].iter().all(|a| (a - 2.0).abs() <= posterior.tolerance));
        let mean = posterior.values[0].iter().sum::<f64>() / 2000.0;
        assert!((mean - 2.0).abs() < 0.02, "{mean}");
        let first = posterior.distances[..500].iter().sum::<f64>() / 500.0;
        let all = posterior.distances.iter().sum::<f64>() / 2000.0;
        assert!((first / all - 1.0).abs() < 0.1, "the first members are no fair sample");
        let logs: Vec<f64> = posterior.values[1].iter().map(|b| b.ln()).collect();
        let mean = logs.iter().sum::<f64>() / 2000.0;
        let spread = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 2000.0).sqrt();
        assert!(mean.abs() < 0.04 && (spread - 0.5).abs() < 0.03, "{mean} {spread}");
    }

    #[test]
    fn parameters_that_the_record_does_not_tell_are_as_free_as_in_the_priors() {
        let mut vary = priors();
        for other in 0..40 {
            let flat = Distribution::Uniform { low: 0.0, high: 1.0 };
            vary.constants.insert(format!("free {other}"), flat);
        }
        let settings = CalibrationSettings {
            particles: 1000,
            tolerance: 0.1,
            ..CalibrationSettings::default()
        };
        let settings = CalibrationSettings { islands: 4, ..settings };
        let posterior = calibrate(&vary, &settings, near(2.0), |_| ()).unwrap();
        assert_eq!((posterior.islands, posterior.tolerance), (4, 0.1));
        for (name, values) in posterior.parameters.iter().zip(&posterior.values).skip(2) {
            let mean = values.iter().sum::<f64>() / 1000.0;
            let spread = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / 1000.0;
            // Four standard errors of a mean of 1,000 free draws, and of their variance.
            assert!((mean - 0.5).abs() < 0.037, "{name} {mean}");
            assert!((spread - 1.0 / 12.0).abs() < 0.0095, "{name} {spread}");
        }
    }

    #[test]
    fn a_bound_of_a_prior_is_never_crossed() {
        let settings = CalibrationSettings { particles: 200, rounds: 12, ..Default::default() };
        let posterior = calibrate(&priors(), &settings, near(7.0), |_| ()).unwrap();
        assert!(posterior.values[0].iter().all(|a| (-5.0..=5.0).contains(a)));
        assert!(posterior.values[0].iter().all(|a| *a > 4.5));
    }

    #[test]
    fn the_same_seed_gives_the_same_members_and_another_does_not() {
        let fit = |seed| {
            let settings =
                CalibrationSettings { particles: 64, rounds: 4, seed, ..Default::default() };
            calibrate(&priors(), &settings, near(1.0), |_| ()).unwrap()
        };
        assert_eq!(fit(5), fit(5));
        assert_ne!(fit(5).values, fit(6).values);
    }

    #[test]
    fn searches_that_do_not_come_near_enough_are_an_error_when_none_does() {
        let far =
            CalibrationSettings { particles: 32, rounds: 2, tolerance: 1.0, ..Default::default() };
        let refused = calibrate(&priors(), &far, near(70.0), |_| ()).unwrap_err().to_string();
        assert!(refused.contains("tolerance 1"), "{refused}");
    }

    #[test]
    fn a_calibration_of_no_constants_is_refused() {
        let settings = CalibrationSettings { particles: 32, ..Default::default() };
        let nothing = calibrate(&Vary::default(), &settings, near(0.0), |_| ()).unwrap_err();
        assert!(nothing.is_settings() && nothing.to_string().contains("no constant"), "{nothing}");
    }

    #[test]
    fn too_few_particles_and_unsuitable_priors_are_refused() {
        let few = CalibrationSettings { particles: 7, ..Default::default() };
        assert!(calibrate(&priors(), &few, near(0.0), |_| ()).is_err());
        let mut vary = priors();
        let beta = Distribution::Beta { alpha: 1.0, beta: 1.0, low: 0.0, high: 1.0 };
        vary.constants.insert("c".into(), beta);
        let settings = CalibrationSettings::default();
        let refused = calibrate(&vary, &settings, near(0.0), |_| ()).unwrap_err().to_string();
        assert!(refused.contains('c'), "{refused}");
    }
}
