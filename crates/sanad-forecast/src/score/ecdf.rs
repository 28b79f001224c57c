//! The empirical distribution of a set of draws, compressed to its distinct values.

use sanad_numbers::quantile_of_ranks;

/// Counts below this are tallied in a table, the rest are sorted.
const TABLE: usize = 4096;

/// Builds empirical distributions, reusing its memory.
#[derive(Debug, Clone)]
pub struct Tally {
    table: Vec<u32>,
    large: Vec<u32>,
    ecdf: Ecdf,
}

/// Distinct values in ascending order, with how many draws are at most each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ecdf {
    values: Vec<f64>,
    at_most: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { table: vec![0; TABLE], large: Vec::new(), ecdf: Ecdf::default() }
    }
}

impl Tally {
    /// The distribution of `draws`. Takes O(n + largest small value + m log m) with m the number
    /// of draws of 4,096 or more.
    pub fn of(&mut self, draws: &[u32]) -> &Ecdf {
        self.large.clear();
        self.ecdf.values.clear();
        self.ecdf.at_most.clear();
        let top = self.count(draws);
        self.flush_table(top);
        self.flush_large();
        &self.ecdf
    }

    /// The distribution of draws that need not be whole numbers; none may be NaN. Takes O(n log n).
    pub fn of_values(&mut self, draws: &[f64]) -> &Ecdf {
        debug_assert!(draws.iter().all(|draw| !draw.is_nan()), "a draw is a number");
        let mut sorted = draws.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        self.ecdf.values.clear();
        self.ecdf.at_most.clear();
        for (rank, draw) in (1_u32..).zip(sorted) {
            self.ecdf.push(draw, rank);
        }
        &self.ecdf
    }

    /// Counts the draws; returns one more than the largest value put into the table.
    fn count(&mut self, draws: &[u32]) -> usize {
        // Most cells of a grid hold nothing but zeros, which is seen faster than they are counted.
        if draws.iter().fold(0, |any, draw| any | draw) == 0 {
            self.table[0] += draws.len() as u32;
            return draws.len().min(1);
        }
        let mut top = 0;
        for &draw in draws {
            if let Some(slot) = self.table.get_mut(draw as usize) {
                *slot += 1;
                top = top.max(draw as usize + 1);
            } else {
                self.large.push(draw);
            }
        }
        top
    }

    /// Moves the counts of small values into the distribution and empties the table.
    fn flush_table(&mut self, top: usize) {
        let mut at_most = 0;
        for (value, slot) in self.table[..top].iter_mut().enumerate() {
            if *slot > 0 {
                at_most += *slot;
                *slot = 0;
                self.ecdf.values.push(value as f64);
                self.ecdf.at_most.push(at_most);
            }
        }
    }

    /// Moves the large values, sorted, into the distribution.
    fn flush_large(&mut self) {
        self.large.sort_unstable();
        let mut at_most = self.ecdf.at_most.last().copied().unwrap_or(0);
        for &draw in &self.large {
            at_most += 1;
            self.ecdf.push(f64::from(draw), at_most);
        }
    }
}

impl Ecdf {
    /// The distribution of `draws` (for one-off use; a [`Tally`] reuses its memory).
    #[must_use]
    pub fn from_draws(draws: &[u32]) -> Self {
        Tally::default().of(draws).clone()
    }

    /// Adds a draw that is not below the last one; `at_most` draws have been added with it.
    fn push(&mut self, draw: f64, at_most: u32) {
        match (self.values.last(), self.at_most.last_mut()) {
            (Some(value), Some(count)) if *value == draw => *count = at_most,
            _ => {
                self.values.push(draw);
                self.at_most.push(at_most);
            }
        }
    }

    /// Number of draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.at_most.last().copied().unwrap_or(0) as usize
    }

    /// Whether there are no draws.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The share of draws that are at most `value`.
    #[must_use]
    pub fn at_most(&self, value: f64) -> f64 {
        self.share(self.values.partition_point(|&draw| draw <= value))
    }

    /// The share of draws that are less than `value`; for counts the share at most `value − 1`.
    #[must_use]
    pub fn below(&self, value: f64) -> f64 {
        self.share(self.values.partition_point(|&draw| draw < value))
    }

    /// The share of the draws that have one of the first `distinct` values.
    fn share(&self, distinct: usize) -> f64 {
        if distinct == 0 { 0.0 } else { f64::from(self.at_most[distinct - 1]) / self.len() as f64 }
    }

    /// The quantile at `level` in [0, 1], interpolated linearly between order statistics (type 7 of
    /// Hyndman and Fan 1996; NumPy's and R's default).
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        quantile_of_ranks(self.len(), level, |rank| self.order_statistic(rank as u32))
    }

    /// The draw of this rank, from 0.
    fn order_statistic(&self, rank: u32) -> f64 {
        let index = self.at_most.partition_point(|&count| count <= rank);
        self.values.get(index).copied().unwrap_or(f64::NAN)
    }

    /// ∫ (F(x) − 1{x ≥ y})² dg(x) over x ≥ `from`, for an increasing `scale` g: the CRPS for the
    /// identity, and its transformed or threshold-weighted kin.
    pub(crate) fn integral(&self, observed: f64, from: f64, scale: impl Fn(f64) -> f64) -> f64 {
        let draws = self.len() as f64;
        let target = scale(observed.max(from));
        let mut left = scale(self.values[0].max(from));
        // Before the smallest draw the distribution is 0, so only an outcome below it costs.
        let mut total = (left - target).max(0.0);
        for (pair, &count) in self.values.windows(2).zip(&self.at_most) {
            let right = scale(pair[1].max(from));
            let share = f64::from(count) / draws;
            let split = target.clamp(left, right);
            total +=
                share * share * (split - left) + (1.0 - share) * (1.0 - share) * (right - split);
            left = right;
        }
        total + (target - left).max(0.0)
    }
}
