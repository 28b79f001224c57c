//! Chains of the No-U-Turn Sampler (M. D. Hoffman & A. Gelman, JMLR 15, 2014), run by `nuts-rs`, in
//! coordinates in which the priors are standard normal.

#![allow(clippy::disallowed_types, reason = "the sampler asks for names in a hash map; none given")]

use std::collections::HashMap;

use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError,
    Settings as _, rand,
};
use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::Stream;
use sanad_numbers::mixing::{self, Mixing};

use crate::error::{Error, Result};

/// How far from the middle of the priors chains start, in their standard deviations.
const SCATTER: f64 = 0.5;

/// The share of proposals that the step length is tuned to accept. Above the usual 0.8, because spreads of
/// questions and places that few of them tell leave the density narrow in one corner.
const ACCEPTED: f64 = 0.9;

/// How many chains are run, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLengths {
    /// Independent chains, at least 2.
    pub chains: u32,
    /// Draws of each chain that are thrown away while step length and metric are found.
    pub warmup: u32,
    /// Draws of each chain that are kept, at least 4.
    pub draws: u32,
}

impl Default for ChainLengths {
    /// Four chains of 400 + 500 draws.
    fn default() -> Self {
        Self { chains: 4, warmup: 400, draws: 500 }
    }
}

/// A log density in coordinates whose priors are standard normal.
pub(crate) trait LogDensity {
    /// How many coordinates there are.
    fn dimension(&self) -> usize;
    /// The log density at `z`, and its slope in `gradient`; nothing where it cannot be computed.
    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Option<f64>;
}

/// What a chain found.
pub(crate) struct ChainRun {
    /// Kept draws, each with all coordinates.
    pub(crate) draws: Vec<Vec<f64>>,
    pub(crate) divergences: u32,
    pub(crate) gradients: u64,
}

/// Runs one chain.
pub(crate) fn run<D: LogDensity>(
    density: D,
    lengths: ChainLengths,
    mut stream: Stream,
) -> Result<ChainRun> {
    let start: Vec<f64> = (0..density.dimension())
        .map(|_| {
            let normal: f64 = StandardNormal.sample(&mut stream);
            SCATTER * normal
        })
        .collect();
    let mut settings = DiagNutsSettings {
        num_tune: u64::from(lengths.warmup),
        num_draws: u64::from(lengths.draws),
        ..DiagNutsSettings::default()
    };
    settings.adapt_options.step_size_settings.target_accept = ACCEPTED;
    let mut chain = settings
        .new_chain(0, CpuMath::new(Adapter(density)), &mut stream)
        .map_err(|_| Error::sampler("its settings"))?;
    chain.set_position(&start).map_err(|_| Error::sampler("its first place"))?;
    let mut run = ChainRun { draws: Vec::new(), divergences: 0, gradients: 0 };
    for draw in 0..lengths.warmup + lengths.draws {
        let (z, progress) = chain.draw().map_err(|_| Error::sampler("a draw"))?;
        run.gradients += progress.num_gradients;
        if draw >= lengths.warmup {
            run.divergences += u32::from(progress.diverging);
            run.draws.push(z.to_vec());
        }
    }
    Ok(run)
}

/// How well chains have mixed. `watched` has for each quantity its draws, chain after chain.
pub(crate) fn mixing_of(watched: &[Vec<f64>], lengths: ChainLengths, runs: &[ChainRun]) -> Mixing {
    let draws = lengths.draws as usize;
    let measured = |measure: fn(&[&[f64]]) -> f64| -> Vec<f64> {
        watched.iter().map(|values| measure(&values.chunks(draws).collect::<Vec<_>>())).collect()
    };
    let fewest = |values: Vec<f64>| values.into_iter().fold(f64::INFINITY, f64::min);
    Mixing {
        largest_r_hat: measured(mixing::split_r_hat).into_iter().fold(1.0, f64::max),
        fewest_effective_draws: fewest(measured(mixing::bulk_effective_draws)),
        fewest_tail_draws: fewest(measured(mixing::tail_effective_draws)),
        divergences: runs.iter().map(|run| run.divergences).sum(),
        gradients: runs.iter().map(|run| run.gradients).sum(),
    }
}

/// A density as the sampler wants it.
struct Adapter<D>(D);

/// The density could not be computed: a divergence.
#[derive(Debug, thiserror::Error)]
#[error("no density here")]
struct NoDensity;

impl LogpError for NoDensity {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<D> HasDims for Adapter<D> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::new()
    }
}

impl<D: LogDensity> CpuLogpFunc for Adapter<D> {
    type LogpError = NoDensity;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.0.dimension()
    }

    fn logp(
        &mut self,
        position: &[f64],
        gradient: &mut [f64],
    ) -> core::result::Result<f64, NoDensity> {
        self.0.evaluate(position, gradient).ok_or(NoDensity)
    }

    fn expand_vector<R: rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        position: &[f64],
    ) -> core::result::Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}
