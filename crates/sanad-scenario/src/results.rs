//! What runs give: paths of every member, and their quantiles.

use rayon::prelude::*;
use sanad_numbers::sorted_quantile;

/// The outputs of an ensemble at the saved times, every member kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    times: Vec<f64>,
    outputs: Vec<String>,
    members: usize,
    width: usize,
    /// By block, saved time, output, member in the block.
    pub(crate) data: Vec<f64>,
}

impl Results {
    /// Empties the arrays and gives them room for a run.
    pub(crate) fn prepare(
        &mut self,
        times: Vec<f64>,
        outputs: &[String],
        members: usize,
        width: usize,
        size: usize,
    ) {
        self.times = times;
        outputs.clone_into(&mut self.outputs);
        self.members = members;
        self.width = width;
        if self.data.len() != size {
            self.data = vec![0.0; size];
        }
    }

    /// Saved times.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Names of the outputs.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Number of members.
    #[must_use]
    pub fn members(&self) -> usize {
        self.members
    }

    /// Place of an output by its name, as identifiers are matched.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<usize> {
        let wanted = crate::canonical_name(name);
        self.outputs.iter().position(|output| crate::canonical_name(output) == wanted)
    }

    /// One number.
    ///
    /// # Panics
    ///
    /// If there is no such member, output or saved time.
    #[must_use]
    pub fn value(&self, member: usize, output: usize, saved: usize) -> f64 {
        assert!(member < self.members && output < self.outputs.len() && saved < self.times.len());
        let row = (member / self.width * self.times.len() + saved) * self.outputs.len() + output;
        self.data[row * self.width + member % self.width]
    }

    /// One member's path of one output.
    ///
    /// # Panics
    ///
    /// If there is no such member or output.
    #[must_use]
    pub fn path(&self, member: usize, output: usize) -> Vec<f64> {
        (0..self.times.len()).map(|saved| self.value(member, output, saved)).collect()
    }

    /// All members' values of one output at one saved time.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn across(&self, output: usize, saved: usize) -> Vec<f64> {
        (0..self.members).map(|member| self.value(member, output, saved)).collect()
    }

    /// Quantiles over members at every saved time.
    ///
    /// The estimator is the linear interpolation of order statistics (type 7 of R. J. Hyndman and
    /// Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996).
    /// Members whose value is not a number are left out and counted.
    #[must_use]
    pub fn quantiles(&self, probabilities: &[f64]) -> Quantiles {
        let rows = self.outputs.len() * self.times.len();
        let columns: Vec<(Vec<f64>, usize)> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let mut values = self.across(row / self.times.len(), row % self.times.len());
                values.retain(|value| !value.is_nan());
                values.sort_by(f64::total_cmp);
                let found = probabilities.iter().map(|&p| sorted_quantile(&values, p)).collect();
                (found, self.members - values.len())
            })
            .collect();
        Quantiles {
            times: self.times.clone(),
            outputs: self.outputs.clone(),
            probabilities: probabilities.to_vec(),
            columns,
        }
    }
}

/// Quantiles of every output at every saved time.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantiles {
    times: Vec<f64>,
    outputs: Vec<String>,
    probabilities: Vec<f64>,
    /// By output and saved time: the quantiles, and the members left out.
    columns: Vec<(Vec<f64>, usize)>,
}

impl Quantiles {
    /// Saved times.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Names of the outputs.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Probabilities asked for.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The quantiles of one output at one saved time, in the order of the probabilities.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn at(&self, output: usize, saved: usize) -> &[f64] {
        &self.columns[output * self.times.len() + saved].0
    }

    /// How many members had no number there.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn missing(&self, output: usize, saved: usize) -> usize {
        self.columns[output * self.times.len() + saved].1
    }
}
