//! A self-exciting model of monthly counts: violence breeds violence, and the excess decays.

use rand_distr::{Distribution, Gamma};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};

use crate::benchmark::poisson;
use crate::draws::{Draws, OUTCOME_CAP, Request, bounded};
use crate::error::Error;
use crate::hurdle::{Hurdle, largest, largest_anywhere};
use crate::model::Model;
use crate::panel::Past;
use crate::regime_of_place::{REGIMES, regime_of_series};

/// A discrete-time Hawkes process with negative-binomial counts (as in integer-valued GARCH:
/// Ferland, Latour and Oraichi 2006; the daily, multivariate one is in `sanad-cycle`).
///
/// The mean of the next month is (1 − a) · background + a · excited level, where the background is
/// the place's own mean at a long half-life drawn towards its regime's, and the excited level is
/// its mean at a short one: each death adds a · decay deaths in the months after it, and a is the
/// share of the level that is endogenous. Share, half-life and size are chosen by maximum
/// likelihood over a grid, one step ahead, for each of six regimes of recent history, on all
/// places together.
///
/// A draw is one path: what it draws for a month excites the next. Paths are held to the cap of
/// [`Hurdle::place_cap`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelfExciting {
    /// Half-life of the background, in months.
    pub background_half_life_months: f64,
    /// Months of the regime's mean mixed into the place's background.
    pub prior_months: f64,
}

impl Default for SelfExciting {
    fn default() -> Self {
        Self { background_half_life_months: 36.0, prior_months: 1.0 }
    }
}

/// Shares of the level that are endogenous.
const SHARES: [f64; 6] = [0.2, 0.4, 0.6, 0.75, 0.9, 0.98];
/// Half-lives of the excitation, in months.
const HALF_LIVES_MONTHS: [f64; 6] = [0.3, 1.0, 2.0, 4.0, 8.0, 16.0];
/// Sizes of the negative binomial.
const SIZES: [f64; 7] = [0.05, 0.12, 0.25, 0.5, 1.0, 2.5, 20.0];
/// Months of history before a month counts for the likelihood.
const BURN_IN_MONTHS: usize = 12;

/// What is chosen for a regime.
#[derive(Debug, Clone, Copy, PartialEq)]
struct MonthKernel {
    share: f64,
    half_life: usize,
    size: f64,
    /// Mean of the regime's months.
    mean: f64,
}

/// The state of a place at the end of a month: weighted sums of its values and of the weights.
#[derive(Debug, Clone, Copy, Default)]
struct ExcitationState {
    background: [f64; 2],
    excited: [[f64; 2]; HALF_LIVES_MONTHS.len()],
}

impl ExcitationState {
    /// Takes a month in: sums and weights fall by 2^(−1 / half-life) first, then the month's
    /// value counts with weight 1; a missing month only ages what was there.
    fn add(&mut self, value: f64, background_half_life_months: f64) {
        let known = if value.is_nan() { [0.0; 2] } else { [value, 1.0] };
        let update = |sums: &mut [f64; 2], half_life: f64| {
            let decay = (-1.0 / half_life).exp2();
            *sums = [sums[0] * decay + known[0], sums[1] * decay + known[1]];
        };
        update(&mut self.background, background_half_life_months);
        let excited = self.excited.iter_mut().zip(HALF_LIVES_MONTHS);
        excited.for_each(|(sums, half_life)| update(sums, half_life));
    }

    /// The background rate: the place's own weighted mean, pulled towards the mean of all places
    /// by `prior_months` months of it.
    fn background(&self, mean: f64, prior_months: f64) -> f64 {
        (self.background[0] + prior_months * mean) / (self.background[1] + prior_months)
    }

    /// The weighted mean of recent months under one half-life.
    fn excited(&self, half_life: usize) -> f64 {
        let [sum, weight] = self.excited[half_life];
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

/// A month with what was known before it.
struct PastMonth {
    state: ExcitationState,
    value: f64,
}

impl SelfExciting {
    /// The months of each regime.
    fn rows(&self, past: &Past<'_>) -> [Vec<PastMonth>; REGIMES] {
        let by_place: Vec<Vec<(usize, PastMonth)>> = (0..past.places())
            .into_par_iter()
            .map(|place| {
                let series = past.series(place);
                let mut state = ExcitationState::default();
                let mut rows = Vec::with_capacity(series.len());
                for (month, &value) in series.iter().enumerate() {
                    if month >= BURN_IN_MONTHS && !value.is_nan() {
                        let regime = regime_of_series(&series[..month]);
                        rows.push((regime, PastMonth { state, value }));
                    }
                    state.add(value, self.background_half_life_months);
                }
                rows
            })
            .collect();
        let mut rows = core::array::from_fn(|_| Vec::new());
        for (regime, row) in by_place.into_iter().flatten() {
            rows[regime].push(row);
        }
        rows
    }

    /// The share of the rate that recent months carry, their half-life and the size r with the
    /// greatest likelihood, on a grid of all three.
    fn kernel(&self, rows: &[PastMonth]) -> MonthKernel {
        let mean = rows.iter().map(|row| row.value).sum::<f64>() / rows.len().max(1) as f64;
        let choices = (0..SHARES.len() * HALF_LIVES_MONTHS.len() * SIZES.len()).map(|choice| {
            let (share, rest) = (choice % SHARES.len(), choice / SHARES.len());
            let (half_life, size) =
                (rest % HALF_LIVES_MONTHS.len(), rest / HALF_LIVES_MONTHS.len());
            MonthKernel { share: SHARES[share], half_life, size: SIZES[size], mean }
        });
        let scored: Vec<(MonthKernel, f64)> = choices
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|kernel| (kernel, self.log_likelihood(&kernel, rows)))
            .collect();
        let first = scored[0];
        scored.into_iter().fold(first, |best, it| if it.1 > best.1 { it } else { best }).0
    }

    /// Σ ln p(y | μ, r) with a negative binomial of mean μ and variance μ + μ²/r, its factorials
    /// left out.
    fn log_likelihood(&self, kernel: &MonthKernel, rows: &[PastMonth]) -> f64 {
        let whole = libm::lgamma(kernel.size);
        rows.iter()
            .map(|row| {
                let mean = self.mean(kernel, &row.state);
                let none = -kernel.size * (mean / kernel.size).ln_1p();
                if row.value == 0.0 {
                    return none;
                }
                // The term of the factorial is the same for all kernels.
                libm::lgamma(row.value + kernel.size) - whole
                    + none
                    + row.value * (mean / (mean + kernel.size)).ln()
            })
            .sum()
    }

    /// The mean of the next month, never quite zero.
    fn mean(&self, kernel: &MonthKernel, state: &ExcitationState) -> f64 {
        let background = state.background(kernel.mean, self.prior_months);
        let excited = state.excited(kernel.half_life);
        ((1.0 - kernel.share) * background + kernel.share * excited).max(1e-6)
    }

    /// Refuses settings that are not positive.
    fn check(&self) -> Result<(), Error> {
        for (name, value) in [
            ("background_half_life_months", self.background_half_life_months),
            ("prior_months", self.prior_months),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::setting(name, value, "above 0"));
            }
        }
        Ok(())
    }

    /// A path of counts, each drawn around the mean that those before it give.
    fn path(
        &self,
        kernel: &MonthKernel,
        mut state: ExcitationState,
        cap: f64,
        steps: usize,
        stream: &mut Stream,
    ) -> Vec<u32> {
        (0..steps)
            .map(|_| {
                let mean = self.mean(kernel, &state);
                let factor = Gamma::new(kernel.size, 1.0 / kernel.size)
                    .map_or(1.0, |law| law.sample(stream));
                let value = bounded(poisson(mean * factor, stream), cap);
                state.add(f64::from(value), self.background_half_life_months);
                value
            })
            .collect()
    }
}

impl Model for SelfExciting {
    fn name(&self) -> String {
        "self-exciting".to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.check()?;
        let kernels = self.rows(past).each_ref().map(|rows| self.kernel(rows));
        let purpose = format!("self-exciting/{}", past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        let largest_anywhere = largest_anywhere(past);
        Ok(Draws::by_place(past.places(), request, |place, out| {
            let series = past.series(place);
            let kernel = &kernels[regime_of_series(series)];
            let mut state = ExcitationState::default();
            series.iter().for_each(|&value| state.add(value, self.background_half_life_months));
            let cap = Hurdle::place_cap(largest(past, place), largest_anywhere)
                .min(f64::from(OUTCOME_CAP));
            let first = request.steps().start() - 1;
            for draw in 0..request.draws() {
                let mut stream = streams.at(place as u32, 0, draw as u32);
                let path = self.path(kernel, state, cap, request.last_step(), &mut stream);
                for (step, value) in path[first..].iter().enumerate() {
                    out[step * request.draws() + draw] = *value;
                }
            }
        }))
    }
}
