//! The measurement model of an endorsement experiment.
//!
//! After Bullock, Imai & Shapiro (2011), section 3. Respondent i of place g answers question j, which has
//! ordered answers with cut points c_j1 < c_j2 < …, when group k is named (or none):
//!
//! - y*_ij = β_j (x_i + s_ijk) + ε_ij, ε ~ N(0, 1), and answer l is given when c_j,l−1 < y* ≤ c_jl;
//!   s is 0 in the control arm;
//! - x_i ~ N(δ_g, 1): how far the respondent approves of policies of this kind;
//! - s_ijk ~ N(λ_jk + γ_gk, ω_k²): how far the group's name changes that, in standard deviations of x;
//! - λ_jk ~ N(θ_k, φ_k²): questions differ about the group's support θ_k;
//! - γ_gk ~ N(0, τ_k²) and δ_g ~ N(0, σ²), where there are several places.
//!
//! **Priors** (of this library; theirs are conjugate ones for a Gibbs sampler): θ_k standard normal; ln β_j
//! normal about 0 with standard deviation 0.5, so that every question has to be coded the same way round; the
//! first cut normal about −0.4 (L − 2) with deviation 1.5 for L answers; logarithms of the steps between cuts
//! normal about ln 0.8 with deviation 0.5; ln φ normal about ln 0.6, ln τ and ln σ about ln 0.3 and ln ω about
//! ln 0.5, all with deviation 0.5. φ's is the widest, because few questions tell it and it decides how far each λ is
//! drawn to θ: with 0.3 in its middle, intervals of λ far from θ hold the truth too seldom. Logarithmic scales keep spreads off zero, as the inverse gamma laws of the paper do.
//!
//! **What is integrated out.** s and ε together are normal, so that
//! P(y_ij ≤ l | x) = Φ((c_jl − β_j (x + λ_jk + γ_gk)) / √(1 + β_j² ω_k²)) without any s. x_i is integrated by
//! the trapezoidal rule on a fixed grid over ±[`GRID_REACH`], which converges faster than any power of its
//! step for such smooth integrands (L. N. Trefethen & J. A. C. Weideman, SIAM Review 56, 2014). Respondents
//! with the same place, arms and answers are computed once. What is left is some dozens of smooth parameters.

mod coordinates;
mod density;
mod simulate;

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_numbers::central;
use sanad_numbers::mixing::Mixing;

use crate::endorsement::EndorsementExperiment;
use crate::error::{Error, Result};
use crate::sampler::{ChainLengths, ChainRun, mixing_of, run};
pub use coordinates::{ModelShape, SupportParameters};
use density::{Patterns, SupportDensity};
pub use simulate::RespondentArms;

/// Half the width of the grid over x. Beyond it lies less than 10⁻⁶ of a place one deviation off the middle.
const GRID_REACH: f64 = 6.0;

/// The model of one experiment.
///
/// ```
/// use sanad_survey::{ChainLengths, ModelShape, RespondentArms, SupportModel};
/// use sanad_core::random::Streams;
///
/// // Two questions of three answers, one group; half the respondents hear its name.
/// let shape = ModelShape::new(vec![3, 3], 1, 1)?;
/// let truth = shape.parameters(&vec![0.0; shape.dimension()])?;
/// let respondents: Vec<RespondentArms> = (0..80)
///     .map(|i| RespondentArms { place: 0, arms: vec![Some((i % 2 == 0).then_some(0)); 2] })
///     .collect();
/// let experiment = shape.simulate(&truth, &respondents, &mut Streams::new(1, "doc").at(0, 0, 0))?;
/// let model = SupportModel::new(&experiment, None)?;
/// let short = ChainLengths { chains: 2, warmup: 50, draws: 50 };
/// let posterior = model.sample(short, Streams::new(2, "doc"))?;
/// let support = posterior.support(0);
/// assert!(support.low < support.value && support.value < support.high);
/// # Ok::<(), sanad_survey::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SupportModel {
    shape: ModelShape,
    patterns: Patterns,
}

/// A quantity of the model: its posterior mean, spread and central interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupportEstimate {
    /// Posterior mean.
    pub value: f64,
    /// Posterior standard deviation.
    pub standard_error: f64,
    /// The 5 % quantile.
    pub low: f64,
    /// The 95 % quantile.
    pub high: f64,
}

/// Draws from the posterior.
#[derive(Debug, Clone)]
pub struct SupportPosterior {
    /// Parameters, chain after chain.
    pub draws: Vec<SupportParameters>,
    /// How well the chains have mixed, over every θ_k and λ_jk.
    pub mixing: Mixing,
}

impl SupportModel {
    /// The model of an experiment; `places` gives the place of each respondent, from 0, or none.
    ///
    /// # Errors
    /// If the lengths differ.
    pub fn new(experiment: &EndorsementExperiment, places: Option<&[usize]>) -> Result<Self> {
        let number = places.map_or(1, |places| places.iter().max().map_or(1, |most| most + 1));
        let categories = experiment.questions().iter().map(|q| q.categories).collect();
        let shape = ModelShape::new(categories, experiment.endorsers(), number)?;
        let patterns = Patterns::new(experiment, places)?;
        Ok(Self { shape, patterns })
    }

    /// The model's dimensions.
    #[must_use]
    pub fn shape(&self) -> &ModelShape {
        &self.shape
    }

    /// Samples the posterior. Chains run from their own streams, so that the draws have the same bits on any
    /// number of threads; the sampler's vector arithmetic follows the processor's, so that another kind of
    /// processor may give other draws of the same law.
    ///
    /// # Errors
    /// If there are fewer than 2 chains or 4 draws, or a chain cannot start.
    pub fn sample(&self, lengths: ChainLengths, streams: Streams) -> Result<SupportPosterior> {
        if lengths.chains < 2 {
            return Err(Error::argument("chains", "at least 2"));
        }
        if lengths.draws < 4 {
            return Err(Error::argument("draws", "at least 4"));
        }
        let runs = (0..lengths.chains)
            .into_par_iter()
            .map(|chain| {
                let density = SupportDensity::new(&self.shape, &self.patterns);
                run(density, lengths, streams.at(chain, 0, 0))
            })
            .collect::<Result<Vec<ChainRun>>>()?;
        let draws = runs
            .iter()
            .flat_map(|run| &run.draws)
            .map(|z| self.shape.parameters(z))
            .collect::<Result<Vec<_>>>()?;
        let watched: Vec<Vec<f64>> = (0..self.shape.endorsers())
            .flat_map(|k| {
                let theta = draws.iter().map(|draw| draw.support[k]).collect();
                let questions = 0..self.shape.questions();
                let on = |j| draws.iter().map(|draw| draw.support_on[k][j]).collect::<Vec<f64>>();
                core::iter::once(theta).chain(questions.map(on)).collect::<Vec<_>>()
            })
            .collect();
        let mixing = mixing_of(&watched, lengths, &runs);
        Ok(SupportPosterior { draws, mixing })
    }
}

impl SupportPosterior {
    /// θ_k, support for a group over all questions, in standard deviations of x. Above 0 the name raises
    /// approval.
    #[must_use]
    pub fn support(&self, endorser: usize) -> SupportEstimate {
        self.estimate(|draw| draw.support[endorser])
    }

    /// Σ_j λ_jk / J, support as the questions that were put show it on average. Narrower than θ_k, which is about
    /// questions that could have been put as well.
    #[must_use]
    pub fn support_over_questions(&self, endorser: usize) -> SupportEstimate {
        self.estimate(|draw| sanad_numbers::mean(&draw.support_on[endorser]))
    }

    /// λ_jk, support as one question shows it.
    #[must_use]
    pub fn support_on(&self, endorser: usize, question: usize) -> SupportEstimate {
        self.estimate(|draw| draw.support_on[endorser][question])
    }

    /// θ_k + γ_gk, support in a place.
    #[must_use]
    pub fn support_in(&self, endorser: usize, place: usize) -> SupportEstimate {
        self.estimate(|draw| draw.support[endorser] + draw.support_in[endorser][place])
    }

    /// Any quantity of the parameters.
    #[must_use]
    pub fn estimate(&self, quantity: impl Fn(&SupportParameters) -> f64) -> SupportEstimate {
        let mut values: Vec<f64> = self.draws.iter().map(quantity).collect();
        let value = sanad_numbers::mean(&values);
        let standard_error = sanad_numbers::variance(&values).sqrt();
        let [low, _, high] = central(&mut values, 0.05);
        SupportEstimate { value, standard_error, low, high }
    }
}
