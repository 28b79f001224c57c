//! Whether chains have mixed, and what their draws are worth.
//!
//! Both measures are those of A. Vehtari, A. Gelman, D. Simpson, B. Carpenter & P.-C. Bürkner,
//! "Rank-normalization, folding, and localization: an improved R̂ for assessing convergence of
//! MCMC", Bayesian Analysis 16 (2021).

use crate::normal::normal_quantile;
use crate::quantile::{mean, median, variance};

/// How well the chains of a sampler have mixed, over all quantities that are reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixing {
    /// Largest rank-normalised split R̂ ([`split_r_hat`]); 1 where all chains agree.
    pub largest_r_hat: f64,
    /// Fewest independent draws that would tell the middle of a law as well (bulk ESS).
    pub fewest_effective_draws: f64,
    /// Fewest independent draws that would tell the 5 % and 95 % quantiles as well (tail ESS).
    pub fewest_tail_draws: f64,
    /// Draws after the warm-up, of all chains, whose trajectory went astray: near them the density is
    /// not explored.
    pub divergences: u32,
    /// Gradients computed, those of the warm-up included.
    pub gradients: u64,
}

impl Mixing {
    /// Largest R̂ of chains that have mixed. Vehtari et al. (2021) ask for 1.01 of one quantity; the
    /// largest of many is by chance a little larger.
    pub const R_HAT: f64 = 1.02;
    /// Fewest effective draws, in bulk and tail, that intervals can be read from.
    pub const EFFECTIVE_DRAWS: f64 = 400.0;
    /// Most divergences among the thousands of draws; their number is shown with the result.
    pub const DIVERGENCES: u32 = 4;

    /// Whether the chains have mixed, so that the draws can be relied on.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.largest_r_hat <= Self::R_HAT
            && self.fewest_effective_draws >= Self::EFFECTIVE_DRAWS
            && self.fewest_tail_draws >= Self::EFFECTIVE_DRAWS
            && self.divergences <= Self::DIVERGENCES
    }
}

/// The larger of the rank-normalised split R̂ of the draws and of their distances from the median:
/// near 1 where the chains agree in place and in spread. `chains` have equally many draws, at least 4.
#[must_use]
pub fn split_r_hat(chains: &[&[f64]]) -> f64 {
    let parts = halves(chains);
    let middle = median(&parts.concat());
    let folded: Vec<Vec<f64>> =
        parts.iter().map(|part| part.iter().map(|x| (x - middle).abs()).collect()).collect();
    r_hat(&normal_scores(&parts)).max(r_hat(&normal_scores(&folded)))
}

/// Number of independent draws that would tell the middle of the law as well (bulk ESS). `chains` have
/// equally many draws, at least 4.
#[must_use]
pub fn bulk_effective_draws(chains: &[&[f64]]) -> f64 {
    effective_draws(&normal_scores(&halves(chains)))
}

/// Number of independent draws that would tell the 5 % and the 95 % quantile as well (tail ESS), the
/// smaller of both. `chains` have equally many draws, at least 4.
#[must_use]
pub fn tail_effective_draws(chains: &[&[f64]]) -> f64 {
    let parts = halves(chains);
    let mut sorted = parts.concat();
    sorted.sort_by(f64::total_cmp);
    let below = |share: f64| {
        let limit = sorted[(share * (sorted.len() - 1) as f64) as usize];
        let inside: Vec<Vec<f64>> = parts
            .iter()
            .map(|part| part.iter().map(|x| f64::from(u8::from(*x <= limit))).collect())
            .collect();
        effective_draws(&inside)
    };
    below(0.05).min(below(0.95))
}

/// Both halves of every chain, so that a drift within a chain shows as a difference between
/// parts.
fn halves(chains: &[&[f64]]) -> Vec<Vec<f64>> {
    let half = chains.iter().map(|chain| chain.len()).min().unwrap_or(0) / 2;
    chains
        .iter()
        .flat_map(|chain| [chain[..half].to_vec(), chain[chain.len() - half..].to_vec()])
        .collect()
}

/// Draws replaced by the normal quantiles of their ranks in all chains; equal draws share a rank.
fn normal_scores(parts: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all = parts.concat();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| all[a].total_cmp(&all[b]));
    let mut scores = vec![0.0; all.len()];
    let mut from = 0;
    while from < order.len() {
        let same = order[from..].iter().take_while(|&&k| all[k] == all[order[from]]).count();
        let rank = from as f64 + 0.5 * (same as f64 + 1.0);
        let score = normal_quantile((rank - 0.375) / (all.len() as f64 + 0.25));
        order[from..from + same].iter().for_each(|&k| scores[k] = score);
        from += same;
    }
    let length = parts.first().map_or(1, Vec::len).max(1);
    scores.chunks(length).map(<[f64]>::to_vec).collect()
}

/// Variance within parts, and the estimate of the whole variance from within and between them.
fn variances(parts: &[Vec<f64>]) -> (f64, f64) {
    let length = parts[0].len() as f64;
    let means: Vec<f64> = parts.iter().map(|part| mean(part)).collect();
    let within = mean(&parts.iter().map(|part| variance(part)).collect::<Vec<_>>());
    (within, within * (length - 1.0) / length + variance(&means))
}

/// R̂ = √(V / W): the variance as all parts together tell it, V = (n − 1)/n W + B/n, over that
/// within parts.
fn r_hat(parts: &[Vec<f64>]) -> f64 {
    let (within, whole) = variances(parts);
    // All draws equal: nothing moves, and nothing disagrees.
    if whole == 0.0 { 1.0 } else { (whole / within).sqrt() }
}

/// All draws over the integrated autocorrelation time, by Geyer's initial monotone sequence.
fn effective_draws(parts: &[Vec<f64>]) -> f64 {
    let length = parts[0].len();
    let total = (length * parts.len()) as f64;
    let (within, whole) = variances(parts);
    if whole == 0.0 {
        return total;
    }
    let correlation = |lag: usize| {
        let covariance = mean(&parts.iter().map(|p| autocovariance(p, lag)).collect::<Vec<_>>());
        1.0 - (within - covariance * length as f64 / (length as f64 - 1.0)) / whole
    };
    let (mut time, mut last) = (-1.0, f64::INFINITY);
    for lag in (0..length.saturating_sub(3)).step_by(2) {
        let pair = correlation(lag) + correlation(lag + 1);
        if pair < 0.0 {
            break;
        }
        last = pair.min(last);
        time += 2.0 * last;
    }
    // Anticorrelated draws are worth more than independent ones, but not without bound.
    total / time.max(1.0 / total.log10())
}

/// Σ (x_t − x̄)(x_(t + lag) − x̄) / n.
fn autocovariance(values: &[f64], lag: usize) -> f64 {
    let centre = mean(values);
    let products = values.iter().zip(&values[lag..]).map(|(a, b)| (a - centre) * (b - centre));
    products.sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};
    use sanad_core::random::Streams;

    /// Chains of a first-order autoregression.
    fn chains(correlation: f64, shift: f64) -> Vec<Vec<f64>> {
        let streams = Streams::new(5, "mixing");
        (0..4)
            .map(|chain| {
                let mut stream = streams.at(chain, 0, 0);
                let noise = (1.0 - correlation * correlation).sqrt();
                let mut x: f64 = StandardNormal.sample(&mut stream);
                let draw = |_| {
                    let fresh: f64 = StandardNormal.sample(&mut stream);
                    x = correlation * x + noise * fresh;
                    x + shift * f64::from(chain)
                };
                (0..1000).map(draw).collect()
            })
            .collect()
    }

    fn slices(chains: &[Vec<f64>]) -> Vec<&[f64]> {
        chains.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn r_hat_is_near_one_for_equal_chains_and_large_for_others() {
        assert!(split_r_hat(&slices(&chains(0.0, 0.0))) < 1.01);
        assert!(split_r_hat(&slices(&chains(0.0, 1.0))) > 1.3);
        let mut wider = chains(0.0, 0.0);
        wider[0].iter_mut().for_each(|x| *x *= 5.0);
        assert!(split_r_hat(&slices(&wider)) > 1.1);
    }

    #[test]
    fn effective_draws_of_an_autoregression_are_what_theory_says() {
        for correlation in [0.0, 0.5, 0.9] {
            let found = bulk_effective_draws(&slices(&chains(correlation, 0.0)));
            let expected = 4000.0 * (1.0 - correlation) / (1.0 + correlation);
            assert!((found / expected - 1.0).abs() < 0.25, "{correlation}: {found} {expected}");
        }
    }

    #[test]
    fn tails_of_independent_draws_are_worth_about_all_of_them() {
        let found = tail_effective_draws(&slices(&chains(0.0, 0.0)));
        assert!((found / 4000.0 - 1.0).abs() < 0.2, "{found}");
    }

    #[test]
    fn draws_that_never_move_disagree_in_nothing() {
        let still = vec![vec![0.0; 50]; 4];
        assert_eq!(split_r_hat(&slices(&still)), 1.0);
    }

    #[test]
    fn chains_are_good_only_by_all_measures() {
        let good = Mixing {
            largest_r_hat: 1.01,
            fewest_effective_draws: 800.0,
            fewest_tail_draws: 500.0,
            divergences: 0,
            gradients: 10_000,
        };
        assert!(good.is_good());
        assert!(!Mixing { largest_r_hat: 1.03, ..good }.is_good());
        assert!(!Mixing { fewest_effective_draws: 300.0, ..good }.is_good());
        assert!(!Mixing { fewest_tail_draws: 300.0, ..good }.is_good());
        assert!(!Mixing { divergences: 5, ..good }.is_good());
    }
}
