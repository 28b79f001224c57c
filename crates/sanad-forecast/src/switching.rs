//! A state-switching model: quiet, low, war, with negative-binomial emissions.

use rand_distr::{Distribution, Gamma};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};

use crate::benchmark::poisson;
use crate::draws::{Draws, Request, bounded};
use crate::error::Error;
use crate::hurdle::{Hurdle, largest, largest_anywhere};
use crate::model::Model;
use crate::panel::Past;

/// Quiet, low and at war.
const STATES: usize = 3;
/// Classes of history, by the share of violent months in the last sixty, that have transition
/// matrices of their own.
const CLASSES: usize = 4;
/// Limits between the classes.
const CLASS_SHARES: [f64; CLASSES - 1] = [0.01, 0.2, 0.6];
/// Months of history that a class is read from.
const HISTORY_MONTHS: usize = 60;

/// A hidden Markov model over all places (Rabiner 1989): each month a place is quiet, low or at
/// war; counts are negative binomial given the state; the chance to change state depends on the
/// share of violent months in the place's last five years.
///
/// Means, sizes and transitions are fitted by expectation–maximisation on all places together. To
/// forecast, each draw is one path of states from the filtered state at the origin (so draws are
/// joint over steps), and the emission's mean is the place's own recency-weighted mean in that
/// state. Its size is fitted on how far counts fell from such means at the forecast's distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Switching {
    /// Rounds of expectation–maximisation.
    pub rounds: usize,
    /// Half-life of the place's own mean in a state, in months.
    pub half_life_months: f64,
    /// Months of the pooled mean mixed into the place's own.
    pub prior_months: f64,
}

impl Default for Switching {
    fn default() -> Self {
        Self { rounds: 12, half_life_months: 6.0, prior_months: 0.3 }
    }
}

/// Emissions and transitions common to all places.
#[derive(Debug, Clone)]
struct Parameters {
    mean: [f64; STATES],
    size: [f64; STATES],
    start: [f64; STATES],
    transition: [[[f64; STATES]; STATES]; CLASSES],
}

/// Expected counts of one place, or their sum over places.
#[derive(Debug, Clone)]
struct Expected {
    start: [f64; STATES],
    transition: [[[f64; STATES]; STATES]; CLASSES],
    /// Posterior of each state in each known month, with the count.
    occupied: Vec<(f64, [f64; STATES])>,
}

impl Parameters {
    /// Where the search starts: states that last, and means far apart.
    fn initial() -> Self {
        let sticky = |i: usize, j: usize| if i == j { 0.9 } else { 0.05 };
        let row = |i: usize| [sticky(i, 0), sticky(i, 1), sticky(i, 2)];
        Self {
            mean: [0.05, 6.0, 120.0],
            size: [0.2, 0.5, 0.7],
            start: [0.8, 0.1, 0.1],
            transition: [[row(0), row(1), row(2)]; CLASSES],
        }
    }

    /// Rounds of Baum and Welch: expected states given the parameters, then parameters given the
    /// states (L. R. Rabiner, "A tutorial on hidden Markov models", Proceedings of the IEEE 77,
    /// 1989).
    fn fit(past: &Past<'_>, rounds: usize) -> Self {
        let mut parameters = Self::initial();
        for _ in 0..rounds {
            let expected: Vec<Expected> = (0..past.places())
                .into_par_iter()
                .map(|place| parameters.expected(past.series(place)))
                .collect();
            parameters.maximise(&expected);
        }
        parameters
    }

    /// The probability of a value in each state; 1 in all for a missing one, so that it says
    /// nothing.
    fn emission(&self, value: f64) -> [f64; STATES] {
        if value.is_nan() {
            return [1.0; STATES];
        }
        core::array::from_fn(|s| log_nb(value, self.mean[s], self.size[s]).exp().max(1e-300))
    }

    /// Filtered state probabilities month by month.
    fn filter(&self, series: &[f64], classes: &[usize]) -> Vec<[f64; STATES]> {
        let mut filtered: Vec<[f64; STATES]> = Vec::with_capacity(series.len());
        for (month, &value) in series.iter().enumerate() {
            let prior = match filtered.last() {
                None => self.start,
                Some(last) => forward(last, &self.transition[classes[month - 1]]),
            };
            let emission = self.emission(value);
            filtered.push(normalised(core::array::from_fn(|s| prior[s] * emission[s])));
        }
        filtered
    }

    /// Expected counts of a place by the forward–backward recursion.
    fn expected(&self, series: &[f64]) -> Expected {
        let classes = classes(series);
        let filtered = self.filter(series, &classes);
        let mut out = Expected {
            start: [0.0; STATES],
            transition: [[[0.0; STATES]; STATES]; CLASSES],
            occupied: Vec::with_capacity(series.len()),
        };
        let Some(&last) = filtered.last() else { return out };
        let mut smoothed = last;
        for month in (0..series.len()).rev() {
            if !series[month].is_nan() {
                out.occupied.push((series[month], smoothed));
            }
            if month == 0 {
                out.start = smoothed;
                break;
            }
            let transition = &self.transition[classes[month - 1]];
            let before = filtered[month - 1];
            let predicted = forward(&before, transition);
            let mut earlier = [0.0; STATES];
            for i in 0..STATES {
                for j in 0..STATES {
                    let pair =
                        before[i] * transition[i][j] * smoothed[j] / predicted[j].max(1e-300);
                    out.transition[classes[month - 1]][i][j] += pair;
                    earlier[i] += pair;
                }
            }
            smoothed = normalised(earlier);
        }
        out.occupied.reverse();
        out
    }

    /// Parameters from expected states: transitions as shares, means as weighted means, sizes by
    /// a search.
    fn maximise(&mut self, expected: &[Expected]) {
        let mut start = [1.0; STATES];
        for place in expected {
            (0..STATES).for_each(|s| start[s] += place.start[s]);
        }
        self.start = normalised(start);
        for class in 0..CLASSES {
            for i in 0..STATES {
                // Prior counts: a move never seen must stay possible, and rare.
                let mut row: [f64; STATES] =
                    core::array::from_fn(|j| if i == j { 2.0 } else { 0.1 });
                for place in expected {
                    (0..STATES).for_each(|j| row[j] += place.transition[class][i][j]);
                }
                self.transition[class][i] = normalised(row);
            }
        }
        let occupied: Vec<&(f64, [f64; STATES])> =
            expected.iter().flat_map(|place| &place.occupied).collect();
        for s in 0..STATES {
            let weight: f64 = occupied.iter().map(|(_, p)| p[s]).sum();
            let total: f64 = occupied.iter().map(|(y, p)| p[s] * y).sum();
            self.mean[s] = ((total + self.mean[s]) / (weight + 1.0)).max(1e-4);
            let cells: Vec<(f64, f64, f64)> = occupied
                .iter()
                .filter(|(_, p)| p[s] > 0.01)
                .map(|(y, p)| (*y, self.mean[s], p[s]))
                .collect();
            self.size[s] = fit_size(&cells);
        }
        self.order();
    }

    /// Keeps the states in order of their means.
    fn order(&mut self) {
        let mut order = [0, 1, 2];
        order.sort_by(|&a, &b| self.mean[a].total_cmp(&self.mean[b]));
        if order != [0, 1, 2] {
            let old = self.clone();
            for (new, &from) in order.iter().enumerate() {
                self.mean[new] = old.mean[from];
                self.size[new] = old.size[from];
                self.start[new] = old.start[from];
                for class in 0..CLASSES {
                    self.transition[class][new] = order.map(|to| old.transition[class][from][to]);
                }
            }
        }
    }
}

/// A place's own emission means as they stand after each month.
fn own_means(
    settings: &Switching,
    pooled: &[f64; STATES],
    series: &[f64],
    posterior: &[[f64; STATES]],
) -> Vec<[f64; STATES]> {
    let decay = (-1.0 / settings.half_life_months).exp2();
    let (mut total, mut weight) = ([0.0; STATES], [0.0; STATES]);
    series
        .iter()
        .zip(posterior)
        .map(|(&value, p)| {
            for s in 0..STATES {
                total[s] *= decay;
                weight[s] *= decay;
                if !value.is_nan() {
                    total[s] += p[s] * value;
                    weight[s] += p[s];
                }
            }
            core::array::from_fn(|s| {
                let prior = settings.prior_months;
                (total[s] + prior * pooled[s]) / (weight[s] + prior)
            })
        })
        .collect()
}

impl Model for Switching {
    fn name(&self) -> String {
        "switching".to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        if !(self.half_life_months > 0.0 && self.prior_months > 0.0) {
            let value = self.half_life_months.min(self.prior_months);
            return Err(Error::setting("half_life_months or prior_months", value, "above 0"));
        }
        let parameters = Parameters::fit(past, self.rounds);
        let gap = request.steps().start().midpoint(request.last_step());
        let places: Vec<PlaceState> = (0..past.places())
            .into_par_iter()
            .map(|place| PlaceState::of(self, &parameters, past.series(place), gap))
            .collect();
        let sizes: [f64; STATES] = core::array::from_fn(|s| {
            let cells: Vec<(f64, f64, f64)> =
                places.iter().flat_map(|place| place.residual[s].iter().copied()).collect();
            if cells.is_empty() { parameters.size[s] } else { fit_size(&cells) }
        });
        let anywhere = largest_anywhere(past);
        let purpose = format!("switching/{}", past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        Ok(Draws::by_place(past.places(), request, |place, out| {
            let cap = Hurdle::place_cap(largest(past, place), anywhere);
            let transition = &parameters.transition[places[place].class];
            places[place].draw(transition, &sizes, cap, place, request, streams, out);
        }))
    }
}

/// What a place's past says at the origin.
struct PlaceState {
    class: usize,
    filtered: [f64; STATES],
    mean: [f64; STATES],
    /// (count, mean as it stood `gap` months before, posterior weight), for the sizes.
    residual: [Vec<(f64, f64, f64)>; STATES],
}

impl PlaceState {
    fn of(settings: &Switching, parameters: &Parameters, series: &[f64], gap: usize) -> Self {
        let classes = classes(series);
        let filtered = parameters.filter(series, &classes);
        let means = own_means(settings, &parameters.mean, series, &filtered);
        let residual = core::array::from_fn(|s| {
            (gap..series.len())
                .filter(|&month| {
                    !series[month].is_nan()
                        && filtered[month][s] > 0.5
                        && filtered[month - gap][s] > 0.5
                })
                .map(|month| (series[month], means[month - gap][s], filtered[month][s]))
                .collect()
        });
        Self {
            class: classes.last().copied().unwrap_or(0),
            filtered: filtered.last().copied().unwrap_or(parameters.start),
            mean: means.last().copied().unwrap_or(parameters.mean),
            residual,
        }
    }

    /// Paths of states and counts from the last month on.
    #[expect(clippy::too_many_arguments, reason = "one call site, all of different types")]
    fn draw(
        &self,
        transition: &[[f64; STATES]; STATES],
        sizes: &[f64; STATES],
        cap: f64,
        place: usize,
        request: &Request,
        streams: Streams,
        out: &mut [u32],
    ) {
        let factors = sizes.map(|size| Gamma::new(size, 1.0 / size).ok());
        for draw in 0..request.draws() {
            let mut stream = streams.at(place as u32, 0, draw as u32);
            let mut state = pick(&self.filtered, &mut stream);
            for step in 1..=request.last_step() {
                state = pick(&transition[state], &mut stream);
                if let Some(index) = step.checked_sub(*request.steps().start()) {
                    let factor = factors[state].map_or(1.0, |gamma| gamma.sample(&mut stream));
                    let count = poisson(self.mean[state] * factor, &mut stream);
                    out[index * request.draws() + draw] = bounded(count, cap);
                }
            }
        }
    }
}

/// A state by its probability.
fn pick(probabilities: &[f64; STATES], stream: &mut Stream) -> usize {
    let at = stream.open01();
    if at < probabilities[0] {
        0
    } else if at < probabilities[0] + probabilities[1] {
        1
    } else {
        2
    }
}

/// The class of history after each month.
fn classes(series: &[f64]) -> Vec<usize> {
    (0..series.len())
        .map(|month| {
            let window = &series[month.saturating_sub(HISTORY_MONTHS - 1)..=month];
            let violent = window.iter().filter(|&&value| value > 0.0).count();
            let share = violent as f64 / window.len() as f64;
            CLASS_SHARES.iter().filter(|&&limit| share >= limit).count()
        })
        .collect()
}

/// The distribution of states one month later: π'ⱼ = Σᵢ πᵢ Tᵢⱼ.
fn forward(from: &[f64; STATES], transition: &[[f64; STATES]; STATES]) -> [f64; STATES] {
    core::array::from_fn(|j| (0..STATES).map(|i| from[i] * transition[i][j]).sum())
}

/// The values as shares of their sum; equal shares of nothing.
fn normalised(values: [f64; STATES]) -> [f64; STATES] {
    let total: f64 = values.iter().sum();
    if total > 0.0 { values.map(|value| value / total) } else { [1.0 / STATES as f64; STATES] }
}

/// ln P(y) of a negative binomial with this mean and size.
fn log_nb(y: f64, mean: f64, size: f64) -> f64 {
    let constant = libm::lgamma(y + size) - libm::lgamma(size) - libm::lgamma(y + 1.0);
    constant + size * (size / (size + mean)).ln() + y * (mean / (size + mean)).ln()
}

/// The size that makes (count, mean, weight) likeliest, by golden-section search of its logarithm
/// between 0.02 and 50.
fn fit_size(cells: &[(f64, f64, f64)]) -> f64 {
    let likelihood = |log_size: f64| -> f64 {
        let size = log_size.exp();
        let of = |&(y, mean, weight): &(f64, f64, f64)| weight * log_nb(y, mean.max(1e-6), size);
        let sums: Vec<f64> =
            cells.par_chunks(4096).map(|chunk| chunk.iter().map(of).sum()).collect();
        sums.iter().sum()
    };
    const RATIO: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (0.02_f64.ln(), 50.0_f64.ln());
    for _ in 0..12 {
        let (a, b) = (high - RATIO * (high - low), low + RATIO * (high - low));
        if likelihood(a) < likelihood(b) {
            low = a;
        } else {
            high = b;
        }
    }
    (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_negative_binomial_sums_to_one_and_has_its_mean() {
        let p = |y: u32| log_nb(f64::from(y), 4.0, 0.7).exp();
        let total: f64 = (0..2000).map(p).sum();
        let mean: f64 = (0..2000).map(|y| f64::from(y) * p(y)).sum();
        assert!((total - 1.0).abs() < 1e-9 && (mean - 4.0).abs() < 1e-6, "{total} {mean}");
    }

    #[test]
    fn size_is_recovered_from_simulated_counts() {
        let mut stream = Streams::new(3, "size").at(0, 0, 0);
        let gamma = Gamma::new(1.5, 1.0 / 1.5).unwrap();
        let cells: Vec<(f64, f64, f64)> = (0..4000)
            .map(|_| (poisson(20.0 * gamma.sample(&mut stream), &mut stream), 20.0, 1.0))
            .collect();
        let size = fit_size(&cells);
        assert!((size - 1.5).abs() < 0.15, "{size}");
    }

    #[test]
    fn smoothing_finds_the_state_that_a_count_belongs_to() {
        let parameters = Parameters::initial();
        let expected = parameters.expected(&[0.0, 0.0, 0.0, 300.0, 250.0, 400.0, 0.0, 0.0, 0.0]);
        assert!(expected.occupied[1].1[0] > 0.9);
        assert!(expected.occupied[4].1[2] > 0.9);
    }
}
