//! What an assimilation gives: members, their weights on the way, and how well the model did.

use sanad_numbers::quantile_of_ranks;

use crate::results::{Quantiles, Results};

/// What one row of a record did to the members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssimilationStep {
    /// The model's time.
    pub time: f64,
    /// How many members of equal weight the members are worth after the observation, before any
    /// drawing anew: 1 / Σ W². A few say that the model could hardly give what was observed.
    pub effective_members: f64,
    /// The logarithm of the density of the row given all rows before it.
    pub log_evidence: f64,
    /// Whether members were drawn anew by their weights.
    pub is_resampled: bool,
}

/// Members that went through a record, each ending where the record ends.
///
/// After the last row of the record all members have the same weight, and what follows in time is a
/// forecast. Before it a saved time has the members of that time with their weights: what was known
/// then, the *filtered* distribution. [`lines`](Self::lines) follows each last member back to the
/// start instead.
#[derive(Debug, Clone, PartialEq)]
pub struct AssimilatedEnsemble {
    /// Members' values by output and saved time.
    pub(super) results: Results,
    /// By saved time, the members' weights.
    pub(super) weights: Vec<Vec<f64>>,
    /// By saved time, each member's place among the members of the saved time before.
    pub(super) parents: Vec<Vec<u32>>,
    pub(super) steps: Vec<AssimilationStep>,
}

impl AssimilatedEnsemble {
    /// Saved times.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        self.results.times()
    }

    /// Names of the outputs, and after them `observed(NAME)` for each variable with a density: the
    /// variable with the noise of an observation, which is what a record would show.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        self.results.outputs()
    }

    /// Number of members.
    #[must_use]
    pub fn members(&self) -> usize {
        self.results.members()
    }

    /// The logarithm of the density of the whole record under the model and its priors: the sum over
    /// its rows. Of two models of one record, the one with the larger evidence foretold each row
    /// better from the rows before it.
    #[must_use]
    pub fn log_evidence(&self) -> f64 {
        self.steps.iter().map(|step| step.log_evidence).sum()
    }

    /// What each row of the record did, in order of time.
    #[must_use]
    pub fn steps(&self) -> &[AssimilationStep] {
        &self.steps
    }

    /// The members' values of one output at one saved time, with their weights.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn across(&self, output: usize, saved: usize) -> (Vec<f64>, &[f64]) {
        (self.results.across(output, saved), &self.weights[saved])
    }

    /// How many of the members at the first saved time the last members descend from. Where it is
    /// small, [`lines`](Self::lines) say little about early times, and constants that members drew
    /// at the start have few values left.
    #[must_use]
    pub fn ancestors(&self) -> usize {
        let mut first = self.origins(0);
        first.sort_unstable();
        first.dedup();
        first.len()
    }

    /// For each last member its place among the members of a saved time.
    fn origins(&self, saved: usize) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.members() as u32).collect();
        for parents in self.parents[saved + 1..].iter().rev() {
            places.iter_mut().for_each(|place| *place = parents[*place as usize]);
        }
        places
    }

    /// Quantiles by output and saved time, of the members by their weights: at each time what was
    /// known from the record up to it.
    ///
    /// Members are sorted by value. A value has the rank C/(1 − w), C being the weight below it and w
    /// the weight of the greatest one; between ranks values are interpolated. With equal weights that is type
    /// 7, which [`Results::quantiles`] takes. Members whose value is not a number are left out and
    /// counted.
    #[must_use]
    pub fn quantiles(&self, probabilities: &[f64]) -> Quantiles {
        let saves = self.times().len();
        let columns = (0..self.outputs().len() * saves)
            .map(|row| {
                let (values, weights) = self.across(row / saves, row % saves);
                weighted_quantiles(&values, weights, probabilities)
            })
            .collect();
        Quantiles::from_columns(&self.results, probabilities, columns)
    }

    /// The last members' whole paths: at each saved time what the member's ancestor had there.
    ///
    /// All have the same weight. Up to the end of the record they are draws of the *smoothed* paths,
    /// given the whole record (the smoother that stores paths, Kitagawa 1996, section 3); the further
    /// back, the fewer ancestors there are ([`ancestors`](Self::ancestors)).
    #[must_use]
    pub fn lines(&self) -> Results {
        let places: Vec<Vec<u32>> =
            (0..self.times().len()).map(|saved| self.origins(saved)).collect();
        self.results.rearranged(|member, saved| places[saved][member] as usize)
    }
}

/// Quantiles of values with weights, and how many were no numbers.
fn weighted_quantiles(values: &[f64], weights: &[f64], probabilities: &[f64]) -> (Vec<f64>, usize) {
    let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
    pairs.retain(|(value, weight)| !value.is_nan() && *weight > 0.0);
    let missing = values.iter().filter(|value| value.is_nan()).count();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = Vec::with_capacity(pairs.len());
    let mut sum = 0.0;
    for (_, weight) in &pairs {
        below.push(sum);
        sum += weight;
    }
    let found = probabilities.iter().map(|&probability| {
        let Some(&whole) = below.last() else { return f64::NAN };
        let point = probability.clamp(0.0, 1.0) * whole;
        let above = below.partition_point(|&rank| rank < point).min(pairs.len() - 1);
        let lower = above.saturating_sub(1);
        let width = below[above] - below[lower];
        if width == 0.0 || pairs[above].0 == pairs[lower].0 {
            return pairs[above].0;
        }
        let share = (point - below[lower]) / width;
        quantile_of_ranks(2, share, |rank| pairs[lower + rank].0)
    });
    (found.collect(), missing)
}

#[cfg(test)]
mod tests {
    use sanad_numbers::sorted_quantile;

    use super::*;

    #[test]
    fn quantiles_of_equal_weights_are_those_of_type_seven() {
        let values = [3.0, 1.0, 8.0, 5.0, 2.0];
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let shares = [0.0, 0.1, 0.25, 0.5, 0.77, 1.0];
        let (found, missing) = weighted_quantiles(&values, &[0.2; 5], &shares);
        for (found, share) in found.iter().zip(shares) {
            assert!((found - sorted_quantile(&sorted, share)).abs() < 1e-12, "{share} {found}");
        }
        assert_eq!(missing, 0);
    }

    #[test]
    fn a_member_without_weight_or_value_moves_no_quantile() {
        let (found, missing) =
            weighted_quantiles(&[9.0, 1.0, f64::NAN, 2.0], &[0.0, 0.4, 0.2, 0.4], &[0.0, 0.5, 1.0]);
        assert_eq!((found, missing), (vec![1.0, 1.5, 2.0], 1));
        let (none, _) = weighted_quantiles(&[f64::NAN], &[1.0], &[0.5]);
        assert!(none[0].is_nan());
    }
}
