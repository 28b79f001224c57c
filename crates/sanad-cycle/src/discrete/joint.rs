//! The likelihood of all kinds together, adjusted for all their backgrounds.
//!
//! A link held far from its estimate could be explained by the shortest or longest half-life allowed,
//! where it stands for something else; the weak prior of the posterior's half-lives speaks against it.

use super::adjusted::Adjustment;
use super::layout::{HALF_LIFE_PRIOR, Layout};
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::error::Error;
use sanad_numbers::{Bounds, Derivatives, Objective};
use sanad_numbers::{Cholesky, Matrix};

/// The kinds' parameters one after the other.
pub(super) struct Joint {
    kinds: Vec<TargetProblem>,
    /// What all features move in the rate of each kind; empty if the settings ask for no adjustment.
    rates: Vec<Adjustment>,
    pub(super) bounds: Bounds,
    /// Free half-lives: indices into the parameters.
    pub(super) half_lives: Vec<usize>,
}

impl Joint {
    /// The likelihood of all kinds together, for what links kinds to one another.
    ///
    /// # Errors
    /// Those of a single kind's likelihood.
    pub(super) fn new(series: &Series, settings: &Settings) -> Result<Self, Error> {
        let plain = Settings { adjusted: false, ..settings.clone() };
        let kinds = (0..series.extent().kinds)
            .map(|kind| TargetProblem::new(series, &plain, kind))
            .collect::<Result<Vec<_>, _>>()?;
        let layouts: Vec<&Layout> = kinds.iter().map(|kind| &kind.layout).collect();
        let linked = layouts.iter().any(|layout| !layout.parts.is_empty());
        let rates = match settings.adjusted && linked {
            true => Adjustment::of_all(series, settings, &layouts)?,
            false => Vec::new(),
        };
        let all = |of: fn(&Bounds) -> &Vec<f64>| {
            kinds.iter().flat_map(|kind| of(&kind.layout.bounds).clone()).collect()
        };
        let bounds =
            Bounds { lower: all(|bounds| &bounds.lower), upper: all(|bounds| &bounds.upper) };
        let mut out = Self { kinds, rates, bounds, half_lives: Vec::new() };
        for (number, kind) in out.kinds.iter().enumerate() {
            let first = out.first(number) + kind.layout.first_half_life();
            out.half_lives.extend(first..first + kind.layout.half_lives);
        }
        Ok(out)
    }

    /// Where a search may start.
    pub(super) fn start(&self) -> Vec<f64> {
        self.kinds.iter().flat_map(|kind| kind.layout.start.clone()).collect()
    }

    /// Position of a kind's first parameter in the joint vector.
    fn first(&self, kind: usize) -> usize {
        self.kinds[..kind].iter().map(|kind| kind.layout.start.len()).sum()
    }

    /// Each kind's likelihood with its parameters.
    fn parts<'a>(&'a self, x: &'a [f64]) -> impl Iterator<Item = (&'a TargetProblem, &'a [f64])> {
        let mut rest = x;
        self.kinds.iter().map(move |kind| {
            let (own, others) = rest.split_at(kind.layout.start.len());
            rest = others;
            (kind, own)
        })
    }

    /// Weights of a link: indices into the parameters.
    pub(super) fn link(&self, (target, source): (usize, usize)) -> Vec<usize> {
        let first = self.first(target);
        self.kinds[target].layout.link(source).into_iter().map(|k| first + k).collect()
    }

    /// The half-life of a link, if it is free.
    pub(super) fn half_life(&self, (target, source): (usize, usize)) -> Option<usize> {
        let layout = &self.kinds[target].layout;
        let part = layout.parts.iter().find(|part| part.source == source)?;
        Some(self.first(target) + layout.first_half_life() + part.half_life?)
    }

    /// ln prior of the half-lives, but for a constant, and its derivatives.
    fn prior(&self, x: &[f64]) -> (f64, Vec<(usize, f64)>) {
        let (median_days, deviation) = HALF_LIFE_PRIOR;
        let away = |k: usize| (x[k] - median_days.ln()) / deviation;
        let value = self.half_lives.iter().map(|&k| -0.5 * away(k).powi(2)).sum();
        (value, self.half_lives.iter().map(|&k| (k, -away(k) / deviation)).collect())
    }

    /// What the features move in each rate, and the factor of the information about them; `None`
    /// where they cannot be told apart.
    fn information(&self, x: &[f64]) -> Option<(Vec<Vec<Vec<f64>>>, Cholesky)> {
        let features = self.rates[0].features.len();
        let mut information = Matrix::zeros(features, features);
        let mut moved = Vec::with_capacity(self.rates.len());
        for (rate, (kind, x)) in self.rates.iter().zip(self.parts(x)) {
            let z = rate.moved(&kind.layout, x);
            rate.add_information(&z, &mut information);
            moved.push(z);
        }
        information.mirror_lower();
        Some((moved, Cholesky::new(&information)?))
    }

    /// What the contrasts of rates add, less half the logarithm of the determinant of the joint
    /// information of the backgrounds.
    fn adjustment_of(&self, information: &Cholesky, x: &[f64]) -> f64 {
        let contrasts = self.rates.iter().zip(self.parts(x));
        let contrasts: f64 =
            contrasts.map(|(rate, (kind, x))| rate.contrast_value(&kind.layout, x)).sum();
        contrasts - 0.5 * information.log_determinant()
    }
}

impl Objective for Joint {
    /// Minus the joint log-likelihood with the adjustment.
    fn value(&self, x: &[f64]) -> f64 {
        let likelihood: f64 = self.parts(x).map(|(kind, x)| kind.log_likelihood(x)).sum();
        let adjustment = match self.rates.is_empty() {
            true => 0.0,
            false => self
                .information(x)
                .map_or(f64::NAN, |information| self.adjustment_of(&information.1, x)),
        };
        -(likelihood + adjustment + self.prior(x).0)
    }

    /// Value, gradient and information, block by block, with the adjustment's own slope across
    /// blocks.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let mut out = Derivatives {
            value: 0.0,
            gradient: vec![0.0; x.len()],
            hessian: Matrix::zeros(x.len(), x.len()),
        };
        for (number, (kind, x)) in self.parts(x).enumerate() {
            let (first, found) = (self.first(number), kind.derivatives(x));
            out.value += found.value;
            out.gradient[first..first + x.len()].copy_from_slice(&found.gradient);
            for row in 0..x.len() {
                out.hessian.row_mut(first + row)[first..first + x.len()]
                    .copy_from_slice(found.hessian.row(row));
            }
        }
        let (prior, slopes) = self.prior(x);
        out.value -= prior;
        for (k, slope) in slopes {
            out.gradient[k] -= slope;
            out.hessian[(k, k)] += HALF_LIFE_PRIOR.1.powi(-2);
        }
        if self.rates.is_empty() {
            return out;
        }
        let Some((moved, factor)) = self.information(x) else {
            return Derivatives { value: f64::NAN, ..out };
        };
        out.value -= self.adjustment_of(&factor, x);
        let inverse = factor.inverse();
        for (number, (kind, x)) in self.parts(x).enumerate() {
            let slopes = self.rates[number].slopes(&moved[number], &inverse, &kind.layout, x);
            let first = self.first(number);
            slopes.into_iter().for_each(|(k, slope)| out.gradient[first + k] -= slope);
        }
        out
    }
}
