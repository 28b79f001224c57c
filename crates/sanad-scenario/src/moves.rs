//! Steps of parameters within their priors, for methods that accept or refuse them by what a run says.
//!
//! A step is proposed so that the priors' part of the decision is taken before anything is run: what
//! is proposed has only to be accepted by the record. Half of the steps draw a few parameters anew
//! from their priors, which is free where the record does not tell; the others are differences of two
//! other particles (C. J. F. ter Braak, "A Markov chain Monte Carlo version of the genetic algorithm
//! differential evolution", Statistics and Computing 16, 2006), so that they follow how the
//! parameters hang together.

use sanad_core::random::Stream;

use crate::error::Error;
use crate::vary::{Coordinate, Vary};

/// How many parameters are drawn anew at once. Each entry is as likely, so that half of the redraws
/// change one.
const REDRAWN: [usize; 4] = [1, 1, 2, 4];
/// Shares of coordinates that a step changes. Small shares get accepted where many parameters
/// matter; 1.0 follows how all of them hang together.
const CROSSED: [f64; 3] = [0.1, 0.3, 1.0];
/// The length of steps that suits a normal target (Roberts and Rosenthal 2001). In standard
/// deviations, for one dimension; many divide it by the root of their number. G. O. Roberts and J.
/// S. Rosenthal, "Optimal scaling for various Metropolis–Hastings algorithms", Statistical Science
/// 16.
const STEP: f64 = 2.38;
/// Width of the noise that keeps steps from repeating. In coordinates: a thousandth of a uniform
/// prior's width.
const NOISE: f64 = 1e-3;

/// A position below `count`, each as likely.
pub(crate) fn below(count: usize, stream: &mut Stream) -> usize {
    ((stream.open01() * count as f64) as usize).min(count - 1)
}

/// The parameters of a search, each along the coordinate in which its prior is simple.
#[derive(Debug, Clone)]
pub(crate) struct Moves {
    /// Names of the parameters, in alphabetical order.
    pub(crate) names: Vec<String>,
    coordinates: Vec<Coordinate>,
}

impl Moves {
    /// The parameters that `vary` names.
    ///
    /// # Errors
    /// If a distribution has no coordinate ([`Distribution::coordinate`](crate::Distribution)).
    pub(crate) fn new(vary: &Vary) -> Result<Self, Error> {
        let coordinates = vary
            .constants
            .iter()
            .map(|(name, distribution)| distribution.coordinate(name))
            .collect::<Result<_, _>>()?;
        Ok(Self { names: vary.constants.keys().cloned().collect(), coordinates })
    }

    /// The coordinates of one draw from the priors.
    pub(crate) fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        self.coordinates.iter().map(|coordinate| coordinate.draw(stream)).collect()
    }

    /// By parameter, in the order of the names.
    pub(crate) fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    /// The constants that one particle stands for, name by name.
    pub(crate) fn constants(&self, particle: &[f64]) -> Vec<f64> {
        let values = self.coordinates.iter().zip(particle);
        values.map(|(coordinate, value)| coordinate.value(*value)).collect()
    }

    /// The constants that particles stand for: by name, a value for each particle.
    pub(crate) fn values(&self, particles: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let column = |(place, coordinate): (usize, &Coordinate)| {
            particles.iter().map(|particle| coordinate.value(particle[place])).collect()
        };
        self.coordinates.iter().enumerate().map(column).collect()
    }

    /// A step of the particle `own`; nothing when the priors refuse it. Half of the steps redraw,
    /// half go along differences among `others`.
    pub(crate) fn propose(
        &self,
        own: &[f64],
        others: &[Vec<f64>],
        stream: &mut Stream,
    ) -> Option<Vec<f64>> {
        if stream.open01() < 0.5 {
            Some(self.redraw(own, stream))
        } else {
            self.shift(own, others, stream)
        }
    }

    /// A few parameters drawn anew from their priors. The chance of a draw and of the way back are
    /// the priors' own, so that only the record is left to decide. A parameter may be hit twice.
    fn redraw(&self, own: &[f64], stream: &mut Stream) -> Vec<f64> {
        let mut moved = own.to_vec();
        for _ in 0..REDRAWN[below(REDRAWN.len(), stream)] {
            let place = below(moved.len(), stream);
            moved[place] = self.coordinates[place].draw(stream);
        }
        moved
    }

    /// A step along the difference of two others. With d coordinates expected to change the length
    /// is γ = 2.38/√(2d), ter Braak's choice, since the difference of two particles has twice their
    /// covariance. The noise keeps every point within reach. The step is refused with the chance
    /// that the prior's density demands; what the record says is for the caller.
    fn shift(&self, own: &[f64], others: &[Vec<f64>], stream: &mut Stream) -> Option<Vec<f64>> {
        let pool = others.len();
        let (one, other) = (&others[below(pool, stream)], &others[below(pool, stream)]);
        let crossed = CROSSED[below(CROSSED.len(), stream)];
        let dimensions = self.coordinates.len() as f64;
        let length = STEP / (2.0 * (dimensions * crossed).max(1.0)).sqrt();
        let mut ratio = 0.0;
        let mut moved = own.to_vec();
        for (place, coordinate) in self.coordinates.iter().enumerate() {
            let (turn, noise) = (stream.open01(), stream.open01() - 0.5);
            if turn > crossed {
                continue;
            }
            moved[place] += length * (one[place] - other[place]) + NOISE * noise;
            ratio += coordinate.log_density(moved[place]) - coordinate.log_density(own[place]);
        }
        (stream.open01().ln() < ratio).then_some(moved)
    }
}
