//! One chain of the No-U-Turn Sampler, run by `nuts-rs`.

#![allow(clippy::disallowed_types, reason = "the sampler asks for names in a hash map; none given")]

use std::collections::HashMap;

use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError,
    Settings as _, rand,
};
use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::Stream;

use super::Sampling;
use super::density::Density;
use crate::discrete::fit::TargetFit;
use crate::error::Error;

/// How far from the fit chains start, in standard deviations of the prior.
const SCATTER: f64 = 0.5;
/// How far from the middle of the priors the fit is taken to be for that.
const FARTHEST: f64 = 2.0;

/// What a chain found.
pub(super) struct Chain {
    /// Rows of the branching matrix.
    pub(super) rows: Vec<Vec<f64>>,
    /// Draws after warm-up whose trajectory left the density's reach.
    pub(super) divergences: u32,
    /// Gradients computed, those of the warm-up included.
    pub(super) gradients: u64,
}

/// Runs a chain from a place scattered about the fit.
pub(super) fn run(
    density: Density<'_>,
    fit: &TargetFit,
    kinds: usize,
    sampling: Sampling,
    mut stream: Stream,
) -> Result<Chain, Error> {
    let coordinates = density.coordinates().clone();
    let mut start = coordinates.of(fit, FARTHEST);
    for z in &mut start {
        let normal: f64 = StandardNormal.sample(&mut stream);
        *z += SCATTER * normal;
    }
    let settings = DiagNutsSettings {
        num_tune: u64::from(sampling.warmup),
        num_draws: u64::from(sampling.draws),
        ..DiagNutsSettings::default()
    };
    let mut chain = settings
        .new_chain(0, CpuMath::new(SampledDensity(density)), &mut stream)
        .map_err(|_| Error::sampler("its settings"))?;
    chain.set_position(&start).map_err(|_| Error::sampler("its first place"))?;
    let mut out = Chain { rows: Vec::new(), divergences: 0, gradients: 0 };
    for draw in 0..sampling.warmup + sampling.draws {
        let (z, progress) = chain.draw().map_err(|_| Error::sampler("a draw"))?;
        out.gradients += progress.num_gradients;
        if draw >= sampling.warmup {
            out.divergences += u32::from(progress.diverging);
            out.rows.push(coordinates.branching(&z, kinds));
        }
    }
    Ok(out)
}

/// A density as the sampler wants it.
struct SampledDensity<'a>(Density<'a>);

/// The density could not be computed: a divergence.
#[derive(Debug, thiserror::Error)]
#[error("no density here")]
struct Nowhere;

impl LogpError for Nowhere {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl HasDims for SampledDensity<'_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::new()
    }
}

impl CpuLogpFunc for SampledDensity<'_> {
    /// What stops a trajectory: nothing can be computed there.
    type LogpError = Nowhere;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    /// Number of coordinates.
    fn dim(&self) -> usize {
        self.0.coordinates().dimension()
    }

    /// Log-density and gradient at a position, with the background at its mode there.
    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Nowhere> {
        let (value, slope) = self.0.at(position).ok_or(Nowhere)?;
        gradient.copy_from_slice(&slope);
        Ok(value)
    }

    fn expand_vector<R: rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}
