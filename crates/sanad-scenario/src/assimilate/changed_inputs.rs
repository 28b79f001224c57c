//! What a record says of other inputs than those that parameters and paths were learnt with.
//!
//! With θ the parameters, x the path of the stocks that have noise and y the record, draws of θ and x given y
//! under inputs a carry the evidence of other inputs b:
//!
//! ```text
//! p(y | b) / p(y | a) = E[ p(y, x, θ | b) / p(y, x, θ | a) ]      over θ, x given y and a
//! ```
//!
//! (importance sampling; C. P. Robert and G. Casella, *Monte Carlo Statistical Methods*, 2004, section 3.3). Paths are kept
//! and not noise, so that an input that holds for some steps changes the density of those steps alone; with the noise kept
//! it would move the whole path after it, away from the record.

use sanad_core::random::Streams;

use super::Assimilation;
use super::chains::{ChainState, Keeps, SampledPaths};
use super::record::ObservationRecord;
use crate::error::Error;
use crate::simulation::Inputs;
use crate::vary::Vary;

impl Assimilation<'_> {
    /// By draw, how much the natural logarithm of p(y, x, θ) changes where `inputs` become `changed`: the mean of its exponential over the
    /// draws is the ratio of the evidences of both. It rests on few draws where few of them have a change near the largest.
    ///
    /// `draws` are what [`sample`](Self::sample) or [`sample_by_gradient`](Self::sample_by_gradient) gave for the same `priors`,
    /// `inputs` and `record`. Minus infinity where a draw's path is impossible with the changed inputs.
    ///
    /// # Errors
    ///
    /// As [`sample`](Self::sample), and if the draws have seen another record or other priors.
    pub fn log_density_changes(
        &self,
        priors: &Vary,
        [inputs, changed]: [&Inputs; 2],
        record: &ObservationRecord,
        draws: &SampledPaths,
    ) -> Result<Vec<f64>, Error> {
        let streams = Streams::new(0, "scenario: changed inputs");
        let own = self.with_sampler(priors, inputs, record, streams, |sampler| {
            let noises = sampler.steps * sampler.setup.stocks.len();
            let is_of_record = draws.noise.iter().all(|noise| noise.len() == noises);
            if !is_of_record || draws.parameters != sampler.moves.names {
                let message = "the draws are of another record or of other parameters: give those that they \
                               were learnt with";
                return Err(Error::settings(message));
            }
            let states = draws.particles.iter().zip(&draws.noise);
            let states: Vec<ChainState> = states
                .map(|(particle, noise)| sampler.unset(particle.clone(), noise.clone()))
                .collect();
            sampler.evaluated(&states.iter().collect::<Vec<_>>(), Keeps::Noise, 0)
        })?;
        self.with_sampler(priors, changed, record, streams, |sampler| {
            let found = sampler.evaluated(&own.iter().collect::<Vec<_>>(), Keeps::Path, 0)?;
            Ok(found
                .iter()
                .zip(&own)
                .map(|(found, own)| found.log_joint() - own.log_joint())
                .collect())
        })
    }
}
