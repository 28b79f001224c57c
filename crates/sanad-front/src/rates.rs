//! Means of a monthly series over a period, and their ratio, with intervals that allow for
//! dependence between neighbouring months.
//!
//! Intervals are percentiles of the moving-block bootstrap: runs of consecutive months are drawn
//! with replacement until the period is filled. Source: H. R. Künsch, "The jackknife and the
//! bootstrap for general stationary observations", Annals of Statistics 17 (1989). The period is
//! taken as stationary; with few months the interval is somewhat too narrow.

use sanad_core::random::Streams;
use sanad_numbers::nearest_rank;

use sanad_core::Estimate;

/// Settings of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockBootstrap {
    /// Months in a block, ≥ 1.
    pub block_months: usize,
    /// Number of draws, ≥ 1.
    pub draws: u32,
    /// Probability inside the interval, in (0, 1).
    pub level: f64,
    /// Seed of the streams.
    pub seed: u64,
}

impl Default for BlockBootstrap {
    /// Blocks of three months, 2,000 draws, 95 % intervals.
    fn default() -> Self {
        Self { block_months: 3, draws: 2000, level: 0.95, seed: 1 }
    }
}

impl BlockBootstrap {
    /// The mean per month with its interval; the middle is the mean itself. Nothing for an empty
    /// series.
    ///
    /// ```
    /// use sanad_front::rates::BlockBootstrap;
    ///
    /// let mean = BlockBootstrap::default().mean(&[2.0, 4.0, 3.0, 5.0, 1.0, 3.0]).unwrap();
    /// assert_eq!(mean.value, 3.0);
    /// assert!(mean.low <= 3.0 && 3.0 < mean.high);
    /// ```
    #[must_use]
    pub fn mean(&self, months: &[f64]) -> Option<Estimate> {
        let means = self.means(months, 0);
        self.summary(mean(months)?, means)
    }

    /// The ratio of the mean of `after` to that of `before`, with its interval. Nothing when
    /// either is empty or `before` is zero throughout.
    #[must_use]
    pub fn ratio(&self, before: &[f64], after: &[f64]) -> Option<Estimate> {
        let middle = mean(after)? / mean(before).filter(|mean| *mean > 0.0)?;
        let (below, above) = (self.means(before, 1), self.means(after, 2));
        let ratios = below.iter().zip(&above).filter(|(low, _)| **low > 0.0);
        self.summary(middle, ratios.map(|(low, high)| high / low).collect())
    }

    /// Means of resampled months: blocks of consecutive months drawn with replacement until the
    /// length is reached (H. R. Künsch 1989).
    fn means(&self, months: &[f64], which: u32) -> Vec<f64> {
        let length = months.len();
        let block = self.block_months.clamp(1, length.max(1));
        let starts = length + 1 - block.min(length);
        let streams = Streams::new(self.seed, "block bootstrap");
        let one = |draw| {
            let mut stream = streams.at(which, 0, draw);
            let mut sum = 0.0;
            let mut filled = 0;
            while filled < length {
                let start = ((stream.open01() * starts as f64) as usize).min(starts - 1);
                let take = block.min(length - filled);
                sum += months[start..start + take].iter().sum::<f64>();
                filled += take;
            }
            sum / length.max(1) as f64
        };
        (0..self.draws).map(one).collect()
    }

    /// The estimate with the quantiles of its draws, widened to hold the estimate itself.
    fn summary(&self, middle: f64, mut draws: Vec<f64>) -> Option<Estimate> {
        draws.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        let (low, high) = (nearest_rank(&draws, tail)?, nearest_rank(&draws, 1.0 - tail)?);
        Some(Estimate::new(low.min(middle), middle, high.max(middle)))
    }
}

/// The mean; nothing of nothing.
fn mean(months: &[f64]) -> Option<f64> {
    (!months.is_empty()).then(|| months.iter().sum::<f64>() / months.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Poisson};

    #[test]
    fn the_interval_of_independent_counts_covers_their_mean_about_as_often_as_it_says() {
        let bootstrap = BlockBootstrap { draws: 400, ..BlockBootstrap::default() };
        let counts = Poisson::new(20.0).unwrap();
        let covered = (0..300)
            .filter(|&set| {
                let mut stream = Streams::new(9, "coverage").at(set, 0, 0);
                let months: Vec<f64> = (0..36).map(|_| counts.sample(&mut stream)).collect();
                let mean = bootstrap.mean(&months).unwrap();
                mean.low <= 20.0 && 20.0 <= mean.high
            })
            .count();
        assert!((255..=297).contains(&covered), "{covered} of 300");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let bootstrap = BlockBootstrap::default();
        assert_eq!(bootstrap.mean(&[]), None);
        assert_eq!(bootstrap.ratio(&[0.0, 0.0], &[1.0]), None);
        let one = bootstrap.mean(&[4.0]).unwrap();
        assert_eq!((one.low, one.value, one.high), (4.0, 4.0, 4.0));
    }

    #[test]
    fn a_ratio_of_equal_periods_holds_one() {
        let months: Vec<f64> = (0..24).map(|n| f64::from(n % 5) + 1.0).collect();
        let ratio = BlockBootstrap::default().ratio(&months, &months).unwrap();
        assert!(ratio.low < 1.0 && 1.0 < ratio.high);
    }
}
