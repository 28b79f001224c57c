//! The empirical distribution of a set of counts, compressed to its distinct values.

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ecdf {
    values: Vec<u32>,
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

    fn flush_table(&mut self, top: usize) {
        let mut at_most = 0;
        for (value, slot) in self.table[..top].iter_mut().enumerate() {
            if *slot > 0 {
                at_most += *slot;
                *slot = 0;
                self.ecdf.values.push(value as u32);
                self.ecdf.at_most.push(at_most);
            }
        }
    }

    fn flush_large(&mut self) {
        self.large.sort_unstable();
        let mut at_most = self.ecdf.at_most.last().copied().unwrap_or(0);
        for &draw in &self.large {
            at_most += 1;
            if self.ecdf.values.last() == Some(&draw) {
                if let Some(last) = self.ecdf.at_most.last_mut() {
                    *last = at_most;
                }
            } else {
                self.ecdf.values.push(draw);
                self.ecdf.at_most.push(at_most);
            }
        }
    }
}

impl Ecdf {
    /// The distribution of `draws` (for one-off use; a [`Tally`] reuses its memory).
    #[must_use]
    pub fn of(draws: &[u32]) -> Self {
        Tally::default().of(draws).clone()
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
        let below = self.values.partition_point(|&v| f64::from(v) <= value);
        if below == 0 { 0.0 } else { f64::from(self.at_most[below - 1]) / self.len() as f64 }
    }

    /// The quantile at `level` in [0, 1], interpolated linearly between order statistics (type 7 of
    /// Hyndman and Fan 1996; NumPy's and R's default).
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let position = level.clamp(0.0, 1.0) * (self.len().saturating_sub(1)) as f64;
        let lower = self.order_statistic(position.floor() as u32);
        let upper = self.order_statistic(position.ceil() as u32);
        lower + (upper - lower) * position.fract()
    }

    /// The draw of this rank, from 0.
    fn order_statistic(&self, rank: u32) -> f64 {
        let index = self.at_most.partition_point(|&count| count <= rank);
        self.values.get(index).map_or(f64::NAN, |&value| f64::from(value))
    }

    /// ∫ (F(x) − 1{x ≥ y})² dg(x) over x ≥ `from`, for an increasing `scale` g: the CRPS for the
    /// identity, and its transformed or threshold-weighted kin.
    pub(crate) fn integral(&self, observed: f64, from: f64, scale: impl Fn(f64) -> f64) -> f64 {
        let draws = self.len() as f64;
        let target = scale(observed.max(from));
        let mut left = scale(f64::from(self.values[0]).max(from));
        // Before the smallest draw the distribution is 0, so only an outcome below it costs.
        let mut total = (left - target).max(0.0);
        for (pair, &count) in self.values.windows(2).zip(&self.at_most) {
            let right = scale(f64::from(pair[1]).max(from));
            let share = f64::from(count) / draws;
            let split = target.clamp(left, right);
            total +=
                share * share * (split - left) + (1.0 - share) * (1.0 - share) * (right - split);
            left = right;
        }
        total + (target - left).max(0.0)
    }
}
