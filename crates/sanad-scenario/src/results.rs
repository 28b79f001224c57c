//! What runs give: paths of every member, and their quantiles.
//!
//! All numbers are in the model's own units, times in its unit of time. A number that a run could
//! not compute (0/0, the logarithm of a negative number) is NaN there and in what follows from it,
//! and an infinite number is kept as it is; neither stops the run or touches another member.

use rayon::prelude::*;
use sanad_numbers::sorted_quantile;

use crate::error::{Problem, ProblemKind};

/// The outputs of an ensemble at the saved times, every member kept.
///
/// Three axes: member (0 to [`members`](Self::members) − 1), output (the order of
/// [`outputs`](Self::outputs)) and saved time (the order of [`times`](Self::times)). The first
/// saved time is the start; a row follows every save interval, rounded to whole steps, so that the
/// stop itself is among them only if the interval divides the run.
///
/// ```
/// use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};
///
/// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
///   <sim_specs><start>0</start><stop>3</stop><dt>1</dt></sim_specs>
///   <model><variables>
///     <stock name="trust"><eqn>8</eqn><outflow>loss</outflow></stock>
///     <flow name="loss"><eqn>trust * rate</eqn></flow><aux name="rate"><eqn>0.5</eqn></aux>
///   </variables></model></xmile>"#;
/// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
/// let simulation = model.simulation(&["trust"], &RunSettings::default())?;
/// let results = simulation.run(3, &Inputs::new().set_each("rate", vec![0.5, 0.25, 0.0]))?;
///
/// assert_eq!(results.times(), [0.0, 1.0, 2.0, 3.0]);
/// assert_eq!(results.path(0, 0), [8.0, 4.0, 2.0, 1.0]);
/// assert_eq!(results.across(0, 1), [4.0, 6.0, 8.0]);
/// let bands = results.quantiles(&[0.5]);
/// assert_eq!((bands.at(0, 1), bands.missing(0, 1)), (&[6.0][..], 0));
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
///
/// `Default` is an ensemble without members, times or outputs: what
/// [`run_into`](crate::Simulation::run_into) is given the first time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    times: Vec<f64>,
    outputs: Vec<String>,
    members: usize,
    /// Members of one block, which stand side by side in `data`; zero where nothing was run.
    width: usize,
    /// By block, saved time, output, member in the block. The last block is full in memory even
    /// where members do not fill it; the places that are left over are run with the last member's
    /// inputs and never read.
    pub(crate) data: Vec<f64>,
}

impl Results {
    /// Empties the arrays and gives them room for a run. Memory of the right size is used again
    /// with what stands in it, since a run writes every number; `size` is blocks × saved times ×
    /// outputs × `width`.
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

    /// Saved times. In the model's unit of time, rising, the start first.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Names of the outputs. As the model spells them, an array's elements each by itself
    /// (`name[element]`), in the order in which they were asked for.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Number of members. The places that fill up the last block do not count.
    #[must_use]
    pub fn members(&self) -> usize {
        self.members
    }

    /// Place of an output by its name, as identifiers are matched. `None` if the run did not keep
    /// it. Of an output that was asked for twice it is the first.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<usize> {
        let wanted = crate::canonical_name(name);
        self.outputs.iter().position(|output| crate::canonical_name(output) == wanted)
    }

    /// One number. It is NaN or infinite where the equation gave that.
    ///
    /// # Panics
    ///
    /// If there is no such member, output or saved time.
    #[must_use]
    pub fn value(&self, member: usize, output: usize, saved: usize) -> f64 {
        assert!(member < self.members && output < self.outputs.len() && saved < self.times.len());
        self.data[self.place(member, output, saved)]
    }

    /// One member's path of one output. One number for each saved time; a copy, since the numbers
    /// of one member are not side by side.
    ///
    /// # Panics
    ///
    /// If there is no such member or output.
    #[must_use]
    pub fn path(&self, member: usize, output: usize) -> Vec<f64> {
        (0..self.times.len()).map(|saved| self.value(member, output, saved)).collect()
    }

    /// All members' values of one output at one saved time. In the order of the members.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn across(&self, output: usize, saved: usize) -> Vec<f64> {
        (0..self.members).map(|member| self.value(member, output, saved)).collect()
    }

    /// The same values with members in other places: at each saved time, `source` says whose value a
    /// member gets. Nothing is computed; the numbers are copies.
    pub(crate) fn rearranged(&self, source: impl Fn(usize, usize) -> usize) -> Self {
        let mut found = self.clone();
        let (saves, outputs) = (self.times.len(), self.outputs.len());
        for member in 0..self.members {
            for saved in 0..saves {
                let from = source(member, saved);
                for output in 0..outputs {
                    let place = self.place(member, output, saved);
                    found.data[place] = self.data[self.place(from, output, saved)];
                }
            }
        }
        found
    }

    /// Outputs that are no finite number somewhere, one problem each: what stands there first and
    /// when, and in how many members. A run does not stop at a division by zero, and what depends
    /// on it is infinite or no number from there on.
    ///
    /// ```
    /// use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs><start>0</start><stop>3</stop><dt>1</dt></sim_specs>
    ///   <model><variables><aux name="share"><eqn>1 / (2 - TIME)</eqn></aux></variables></model>
    ///   </xmile>"#;
    /// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
    /// let simulation = model.simulation(&["share"], &RunSettings::default())?;
    /// let found = simulation.run(1, &Inputs::new())?.not_finite();
    /// assert_eq!(found[0].to_string(), "share: it is infinite at time 2");
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    #[must_use]
    pub fn not_finite(&self) -> Vec<Problem> {
        // Nearly every run is sound, and one look in the order of memory says so.
        if self.data.par_iter().all(|value| value.is_finite()) {
            return Vec::new();
        }
        let outputs = (0..self.outputs.len()).into_par_iter();
        outputs.filter_map(|output| self.output_not_finite(output)).collect()
    }

    /// What [`not_finite`](Self::not_finite) says of one output.
    fn output_not_finite(&self, output: usize) -> Option<Problem> {
        let is_wrong = |member, saved| !self.value(member, output, saved).is_finite();
        let saves = 0..self.times.len();
        let member_is_wrong = |&member: &usize| saves.clone().any(|saved| is_wrong(member, saved));
        let members: Vec<usize> = (0..self.members).filter(member_is_wrong).collect();
        let first = saves.clone().find_map(|saved| {
            let member = members.iter().find(|&&member| is_wrong(member, saved))?;
            Some((self.value(*member, output, saved), self.times[saved]))
        });
        let (value, time) = first?;
        let what = if value.is_nan() { "no number" } else { "infinite" };
        let of = match self.members {
            1 => String::new(),
            all => format!(", in {} of {all} members", members.len()),
        };
        let message = format!("it is {what} at time {time}{of}");
        Some(Problem::new(ProblemKind::Numerics, message).of(&self.outputs[output], ""))
    }

    /// Where a number stands in `data`.
    fn place(&self, member: usize, output: usize, saved: usize) -> usize {
        let row = (member / self.width * self.times.len() + saved) * self.outputs.len() + output;
        row * self.width + member % self.width
    }

    /// Quantiles over members at every saved time. Probabilities are taken in the order given and
    /// clamped to 0 to 1; 0 is the least and 1 the greatest value.
    ///
    /// The estimator is the linear interpolation of order statistics (type 7 of R. J. Hyndman and
    /// Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996).
    /// Members whose value is not a number are left out and counted. Infinite values are values:
    /// they sort to the ends. Where no member has a number, every quantile is NaN. Outputs and
    /// times are shared out among threads; each is sorted by itself, so that their number changes
    /// no bit.
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

/// Quantiles of every output at every saved time. Made by [`Results::quantiles`]; as many numbers a
/// time as there are probabilities, so that the results themselves can be dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantiles {
    times: Vec<f64>,
    outputs: Vec<String>,
    probabilities: Vec<f64>,
    /// By output and saved time: the quantiles, and the members left out. Output by output, the
    /// times of one after another.
    columns: Vec<(Vec<f64>, usize)>,
}

impl Quantiles {
    /// Quantiles that were computed elsewhere, by output and saved time of `results`.
    pub(crate) fn from_columns(
        results: &Results,
        probabilities: &[f64],
        columns: Vec<(Vec<f64>, usize)>,
    ) -> Self {
        Self {
            times: results.times.clone(),
            outputs: results.outputs.clone(),
            probabilities: probabilities.to_vec(),
            columns,
        }
    }

    /// Saved times. Those of the results.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Names of the outputs. Those of the results, in their order.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Probabilities asked for. As they were given, neither sorted nor clamped.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The quantiles of one output at one saved time, in the order of the probabilities. NaN where
    /// every member was left out.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn at(&self, output: usize, saved: usize) -> &[f64] {
        &self.columns[output * self.times.len() + saved].0
    }

    /// How many members had no number there. A share that is large says that the quantiles are
    /// those of the members that went well, which may be another population.
    ///
    /// # Panics
    ///
    /// If there is no such output or saved time.
    #[must_use]
    pub fn missing(&self, output: usize, saved: usize) -> usize {
        self.columns[output * self.times.len() + saved].1
    }
}
