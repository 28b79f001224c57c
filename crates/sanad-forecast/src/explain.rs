//! Why a forecast differs from a reference, split over its inputs.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::draws::Draws;

/// What one input did to a forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The input's name.
    pub input: String,
    /// Change of the mean of ln(1 + deaths); its exponential is a factor on 1 + deaths.
    pub log_change: f64,
}

/// A place's forecast against a reference. The reference plus all contributions is the forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The reference's mean of ln(1 + deaths) over the steps.
    pub reference: f64,
    /// The inputs' parts.
    pub inputs: Vec<Contribution>,
}

impl Explanation {
    pub(crate) fn whole(input: &str, reference: f64, log_change: f64) -> Self {
        let inputs = vec![Contribution { input: input.to_owned(), log_change }];
        Self { reference, inputs }
    }

    /// Adds an input that changed the forecast; one that changed nothing is left out.
    pub(crate) fn add(&mut self, input: &str, log_change: f64) {
        if log_change != 0.0 {
            self.inputs.push(Contribution { input: input.to_owned(), log_change });
        }
    }

    /// The forecast's mean of ln(1 + deaths) over the steps.
    #[must_use]
    pub fn forecast(&self) -> f64 {
        self.reference + self.inputs.iter().map(|part| part.log_change).sum::<f64>()
    }

    /// The weighted mean of explanations against one reference; inputs of one name are added up.
    pub(crate) fn pooled<'a>(parts: impl Iterator<Item = (&'a Self, f64)>) -> Self {
        let mut reference = 0.0;
        let mut inputs: BTreeMap<String, f64> = BTreeMap::new();
        for (part, weight) in parts {
            reference = part.reference;
            for contribution in &part.inputs {
                *inputs.entry(contribution.input.clone()).or_default() +=
                    weight * contribution.log_change;
            }
        }
        let mut inputs: Vec<Contribution> = inputs
            .into_iter()
            .map(|(input, log_change)| Contribution { input, log_change })
            .collect();
        inputs.sort_by(|a, b| b.log_change.abs().total_cmp(&a.log_change.abs()));
        Self { reference, inputs }
    }
}

/// Per place, the mean over steps and draws of ln(1 + count).
#[must_use]
pub fn mean_logs(draws: &Draws) -> Vec<f64> {
    let per_place = draws.steps() * draws.draws();
    draws
        .values()
        .par_chunks(per_place)
        .map(|place| place.iter().map(|&x| f64::from(x).ln_1p()).sum::<f64>() / per_place as f64)
        .collect()
}

/// Exact Shapley values (Shapley 1953) of `players` inputs: `value` gets the set of inputs that are
/// on, as bits. Calls it 2^players times.
///
/// ```
/// use sanad_forecast::shapley;
///
/// // Two inputs that only work together share what they make.
/// let shares = shapley(2, |on| if on == 0b11 { 1.0 } else { 0.0 });
/// assert_eq!(shares, [0.5, 0.5]);
/// ```
///
/// # Panics
/// If there are more than 20 players.
#[must_use]
pub fn shapley(players: usize, value: impl Fn(u32) -> f64) -> Vec<f64> {
    assert!(players <= 20, "2^{players} sets are too many");
    let values: Vec<f64> = (0..1_u32 << players).map(value).collect();
    // weight[s] = s! (n − s − 1)! / n!
    let mut weight = vec![1.0 / players.max(1) as f64; players];
    for size in 1..players {
        weight[size] = weight[size - 1] * size as f64 / (players - size) as f64;
    }
    (0..players)
        .map(|player| {
            let without = (0..values.len()).filter(|set| set >> player & 1 == 0);
            without
                .map(|set| {
                    let gain = values[set | 1 << player] - values[set];
                    weight[set.count_ones() as usize] * gain
                })
                .sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapley_values_add_up_and_ignore_idle_inputs() {
        let value = |on: u32| {
            let x: [f64; 3] = std::array::from_fn(|i| f64::from(on >> i & 1));
            2.0 * x[0] + x[0] * x[1] * 3.0
        };
        let shares = shapley(3, value);
        assert!((shares[0] - 3.5).abs() < 1e-12 && (shares[1] - 1.5).abs() < 1e-12);
        assert_eq!(shares[2], 0.0);
        assert!((shares.iter().sum::<f64>() - value(0b111)).abs() < 1e-12);
    }
}
