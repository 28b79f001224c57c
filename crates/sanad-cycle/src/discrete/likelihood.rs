//! The log-likelihood of one kind's counts given the past of all kinds, with its gradient.
//! The second derivatives stand in `information`.
//!
//! In cell c (a place on a day) the mean is
//! λ = exp(level + f(day)) + Σ aₖ Xₖ, with Xₖ the source series of a link convolved with a shape.
//! Counts of known day enter through their Poisson or negative-binomial probability. An event known
//! only to an interval I enters as ln Σ_{c ∈ I} qc, where qc is the probability ratio of one more
//! event in the cell: λ for Poisson counts and λ (y + r) / (λ + r) for negative-binomial ones. That
//! is exact for Poisson counts and for a single such event, and to first order in the overlap of
//! such events otherwise. Terms that depend on the data alone are left out, except for the
//! factorials of the counts.

mod information;

use std::sync::{Mutex, PoisonError};

use statrs::function::gamma::ln_gamma;

use self::information::Curvature;
use super::adjusted::{Adjustment, Moved};
use super::layout::Layout;
use super::series::{DayInterval, Series};
use super::settings::{Counts, Settings};
use super::sources::SourceTerm;
use crate::error::Error;
use sanad_numbers::{Derivatives, Objective, dot};

/// One kind's likelihood as a function of the parameters that `layout` lays out.
pub(super) struct TargetProblem {
    pub(super) layout: Layout,
    /// Features of the log-background by day.
    pub(super) features: Vec<Vec<f64>>,
    pub(super) counts: Vec<u32>,
    pub(super) intervals: Vec<DayInterval>,
    pub(super) sources: Vec<SourceTerm>,
    adjustment: Option<Adjustment>,
    /// What the adjustment's features moved at the point whose value was asked for last: a search that accepts
    /// the point asks for its derivatives next.
    last_moved: Mutex<Option<Moved>>,
    pub(super) days: usize,
    largest: usize,
    factorials: f64,
    /// Filtered sources of links whose shape and marks are known: computed once.
    known: Vec<Option<Vec<f64>>>,
}

/// The mean in every cell and its parts.
pub(super) struct Cells {
    pub(super) background: Vec<f64>,
    pub(super) mean: Vec<f64>,
    /// Derivatives of the mean in the parameters after the background's, up to the size r.
    pub(super) slopes: Vec<Vec<f64>>,
}

/// Derivatives of the log-likelihood in the means and in ln r.
struct TargetScores {
    by_mean: Vec<f64>,
    by_log_size: f64,
    log_size_square: f64,
}

impl TargetProblem {
    /// The likelihood of one kind's counts under these settings. Filters the sources once where
    /// no parameter of the shape or of the marks is free.
    ///
    /// # Errors
    /// If the settings do not fit the record's extent, or the kind has fewer than two events.
    pub(super) fn new(series: &Series, settings: &Settings, target: usize) -> Result<Self, Error> {
        let extent = series.extent();
        settings.check(extent)?;
        let found = series.total(target);
        if found < 2 {
            return Err(Error::too_little("every kind", "events", 2, found));
        }
        let features = settings.background.features(extent.days)?;
        let shares = settings.reach.shares(extent.places);
        let layout = Layout::new(series, settings, target, features.len());
        let sources =
            (0..extent.kinds).map(|kind| SourceTerm::new(series, kind, shares.clone())).collect();
        let counts = series.counts(target).to_vec();
        let mut out = Self {
            features,
            intervals: series.intervals(target),
            sources,
            adjustment: None,
            last_moved: Mutex::new(None),
            days: extent.days,
            largest: counts.iter().copied().max().unwrap_or(0) as usize,
            factorials: counts.iter().map(|&y| ln_gamma(f64::from(y) + 1.0)).sum(),
            counts,
            known: Vec::new(),
            layout,
        };
        out.known = out.filter_known();
        if settings.adjusted && !out.layout.parts.is_empty() {
            out.adjustment = Some(Adjustment::new(series, settings, target, &out.layout)?);
        }
        Ok(out)
    }

    /// The sources of all links convolved with their shapes, where these are known before the
    /// fit.
    fn filter_known(&self) -> Vec<Option<Vec<f64>>> {
        if self.layout.has_free_shape() {
            return vec![None; self.layout.parts.len()];
        }
        let start = self.layout.start.clone();
        (0..self.layout.parts.len()).map(|k| Some(self.filtered(&start, k))).collect()
    }

    /// Xₖ over all cells.
    fn filtered(&self, x: &[f64], part: usize) -> Vec<f64> {
        if let Some(Some(known)) = self.known.get(part) {
            return known.clone();
        }
        let source = self.sources[self.layout.parts[part].source].weights(self.layout.exponent(x));
        self.convolve(x, part, &source, false)
    }

    /// A source series convolved with the link's shape, place by place: Σ_u g(u) S(day − u); with
    /// `slope` its derivative ∂g/∂θ in place of g, where θ is the logarithm of the half-life.
    fn convolve(&self, x: &[f64], part: usize, source: &[f64], slope: bool) -> Vec<f64> {
        let shape = self.layout.shape(x, part);
        let mut out = vec![0.0; source.len()];
        for (from, to) in source.chunks(self.days).zip(out.chunks_mut(self.days)) {
            if slope { shape.filter_slope(from, to) } else { shape.filter(from, to) }
        }
        out
    }

    /// Means in every cell; with their derivatives if `slopes`.
    pub(super) fn cells(&self, x: &[f64], slopes: bool) -> Cells {
        let background = self.background(x);
        let mut mean = background.clone();
        let mut by_weight = Vec::new();
        for part in 0..self.layout.parts.len() {
            let weight = x[self.layout.first_weight() + part];
            if weight == 0.0 && !slopes {
                continue;
            }
            let filtered = self.filtered(x, part);
            mean.iter_mut().zip(&filtered).for_each(|(m, v)| *m += weight * v);
            if slopes {
                by_weight.push(filtered);
            }
        }
        if slopes {
            by_weight.extend(self.half_life_slopes(x));
            by_weight.extend(self.exponent_slopes(x));
        }
        Cells { background, mean, slopes: by_weight }
    }

    /// exp(level + f(day)) in every cell, with f(day) = Σ βⱼ fⱼ(day) over the features.
    pub(super) fn background(&self, x: &[f64]) -> Vec<f64> {
        let mut trend = vec![0.0; self.days];
        for (feature, by) in self.features.iter().zip(&x[self.layout.places..]) {
            trend.iter_mut().zip(feature).for_each(|(sum, f)| *sum += by * f);
        }
        let places = self.counts.len() / self.days.max(1);
        (0..places)
            .flat_map(|place| {
                let level = x[if self.layout.places == 1 { 0 } else { place }];
                trend.iter().map(move |f| (level + f).exp())
            })
            .collect()
    }

    /// ∂λ/∂θ = Σ aₖ (∂gₖ/∂θ ∗ S) of each half-life's logarithm θ, summed over the links that
    /// share it, in every cell.
    fn half_life_slopes(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let mut out = vec![vec![0.0; self.counts.len()]; self.layout.half_lives];
        for (k, part) in self.layout.parts.iter().enumerate() {
            let Some(at) = part.half_life else { continue };
            let source = self.sources[part.source].weights(self.layout.exponent(x));
            let slope = self.convolve(x, k, &source, true);
            let weight = x[self.layout.first_weight() + k];
            out[at].iter_mut().zip(&slope).for_each(|(sum, v)| *sum += weight * v);
        }
        out
    }

    /// ∂λ/∂η of the mark exponent η: the derivative of each source series in η
    /// ([`SourceTerm::slopes`]) passes through the same shapes and weights as the series itself.
    fn exponent_slopes(&self, x: &[f64]) -> Option<Vec<f64>> {
        self.layout.estimates_exponent.then(|| {
            let mut out = vec![0.0; self.counts.len()];
            for (k, part) in self.layout.parts.iter().enumerate() {
                let source = self.sources[part.source].slopes(self.layout.exponent(x));
                let weight = x[self.layout.first_weight() + k];
                let filtered = self.convolve(x, k, &source, false);
                out.iter_mut().zip(&filtered).for_each(|(sum, v)| *sum += weight * v);
            }
            out
        })
    }

    /// r, or `None` for Poisson counts.
    pub(super) fn size(&self, x: &[f64]) -> Option<f64> {
        (self.layout.counts == Counts::NegativeBinomial).then(|| x[x.len() - 1].exp())
    }

    /// The log-likelihood at `x`; not a number where a mean is negative.
    pub(super) fn log_likelihood(&self, x: &[f64]) -> f64 {
        self.log_likelihood_at(&self.cells(x, false).mean, self.size(x))
    }

    /// The log-likelihood of given means, Σ ln p(y | λ, r) + Σ_I ln Σ_{c ∈ I} q_c. With a
    /// negative binomial
    ///
    /// ln p(y | λ, r) = ln Γ(y + r) − ln Γ(r) − ln y! + y ln(λ / (r + λ)) − r ln(1 + λ / r),
    ///
    /// variance λ + λ² / r, and with Poisson counts y ln λ − λ − ln y! (J. F. Lawless, "Negative
    /// binomial and mixed Poisson regression", Canadian Journal of Statistics 15, 1987).
    pub(super) fn log_likelihood_at(&self, mean: &[f64], size: Option<f64>) -> f64 {
        let rises = size.map(|r| rising_logs(r, self.largest));
        let mut sum = -self.factorials;
        for (&y, &m) in self.counts.iter().zip(mean) {
            if m < 0.0 {
                return f64::NAN;
            }
            let count = f64::from(y);
            sum += match (size, &rises) {
                (Some(r), Some(rises)) => {
                    let hit =
                        if y > 0 { rises[y as usize] + count * (m / (r + m)).ln() } else { 0.0 };
                    hit - r * (m / r).ln_1p()
                }
                _ if y > 0 => count * m.ln() - m,
                _ => -m,
            };
        }
        for interval in &self.intervals {
            sum += self.chances(interval, mean, size).iter().sum::<f64>().ln();
        }
        sum
    }

    /// q over an interval's cells, the ratio p(y + 1) (y + 1) / p(y): λ for Poisson counts, λ (y
    /// + r) / (λ + r) for negative-binomial ones.
    pub(super) fn chances(
        &self,
        interval: &DayInterval,
        mean: &[f64],
        size: Option<f64>,
    ) -> Vec<f64> {
        (interval.first..=interval.last)
            .map(|c| match size {
                None => mean[c],
                Some(r) => mean[c] * (f64::from(self.counts[c]) + r) / (mean[c] + r),
            })
            .collect()
    }

    /// Derivatives of the counts' log-likelihood: in the means ∂ℓ/∂λ = y/λ − 1 (Poisson) or (y −
    /// λ) r / (λ (λ + r)), and in ln r
    ///
    /// ∂ℓ/∂ln r = r [ψ(y + r) − ψ(r) − ln(1 + λ / r) + (λ − y) / (λ + r)].
    ///
    /// The squares of the latter, summed, stand for its information (the outer product of
    /// scores).
    fn scores(&self, mean: &[f64], size: Option<f64>) -> TargetScores {
        let mut out =
            TargetScores { by_mean: vec![0.0; mean.len()], by_log_size: 0.0, log_size_square: 0.0 };
        let harmonics = size.map(|r| rising_harmonics(r, self.largest)).unwrap_or_default();
        for (c, (&y, &m)) in self.counts.iter().zip(mean).enumerate() {
            let count = f64::from(y);
            out.by_mean[c] = count / m - 1.0;
            if let Some(r) = size {
                out.by_mean[c] = (count - m) * r / (m * (r + m));
                let slope = r * (harmonics[y as usize] - (m / r).ln_1p() + (m - count) / (r + m));
                out.by_log_size += slope;
                out.log_size_square += slope * slope;
            }
        }
        for interval in &self.intervals {
            self.add_interval_scores(interval, mean, size, &mut out);
        }
        out
    }

    /// What events known only to an interval add: ∂ ln Σ q / ∂λ_c = (∂q_c/∂λ_c) / Σ q, and in ln
    /// r r λ (λ − y) / (λ + r)² / Σ q for each cell.
    fn add_interval_scores(
        &self,
        interval: &DayInterval,
        mean: &[f64],
        size: Option<f64>,
        out: &mut TargetScores,
    ) {
        let total: f64 = self.chances(interval, mean, size).iter().sum();
        #[allow(clippy::needless_range_loop, reason = "cells index several arrays")]
        for c in interval.first..=interval.last {
            out.by_mean[c] += self.chance_slope(c, mean[c], size) / total;
            if let Some(r) = size {
                let (y, m) = (f64::from(self.counts[c]), mean[c]);
                out.by_log_size += r * m * (m - y) / ((m + r) * (m + r)) / total;
            }
        }
    }

    /// dq/dλ in one cell: 1 for Poisson counts, (y + r) r / (λ + r)² for negative-binomial ones.
    fn chance_slope(&self, cell: usize, mean: f64, size: Option<f64>) -> f64 {
        size.map_or(1.0, |r| (f64::from(self.counts[cell]) + r) * r / ((mean + r) * (mean + r)))
    }

    /// The chain rule from the means to the parameters: ∂ℓ/∂θ = Σ_c (∂ℓ/∂λ_c) (∂λ_c/∂θ), with
    /// ∂λ_c/∂level = the cell's background.
    fn gradient(&self, cells: &Cells, scores: &TargetScores) -> Vec<f64> {
        let push: Vec<f64> =
            scores.by_mean.iter().zip(&cells.background).map(|(s, b)| s * b).collect();
        let mut out = self.background_gradient(&push);
        out.resize(self.layout.start.len(), 0.0);
        for (k, slope) in cells.slopes.iter().enumerate() {
            out[self.layout.first_weight() + k] = dot(slope, &scores.by_mean);
        }
        if self.layout.counts == Counts::NegativeBinomial {
            *out.last_mut().expect("a negative binomial has a size") = scores.by_log_size;
        }
        out
    }

    /// Gradient in the background's parameters from that in each cell's log-background.
    pub(super) fn background_gradient(&self, push: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.layout.first_weight()];
        for (place, push) in push.chunks(self.days).enumerate() {
            out[self.layout.level(place)] += push.iter().sum::<f64>();
        }
        let by_day = self.by_day(push);
        for (feature, out) in self.features.iter().zip(&mut out[self.layout.places..]) {
            *out = dot(&by_day, feature);
        }
        out
    }

    /// Derivatives of the log-likelihood in the means.
    pub(super) fn mean_scores(&self, mean: &[f64], size: Option<f64>) -> Vec<f64> {
        self.scores(mean, size).by_mean
    }

    /// Sums over places.
    fn by_day(&self, cells: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.days];
        for place in cells.chunks(self.days) {
            out.iter_mut().zip(place).for_each(|(sum, v)| *sum += v);
        }
        out
    }

    /// The adjustment for the background, if the settings ask for it.
    pub(super) fn adjusts(&self) -> Option<&Adjustment> {
        self.adjustment.as_ref()
    }

    /// What the adjustment for the background adds to the log-likelihood.
    pub(super) fn adjustment(&self, x: &[f64]) -> f64 {
        let Some(adjustment) = &self.adjustment else { return 0.0 };
        let moved = adjustment.move_to(&self.layout, x);
        let value = adjustment.value(&self.layout, &moved);
        *self.last_moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(moved);
        value
    }

    /// The log-likelihood without the adjustment and its gradient, given the cells at `x` with their
    /// slopes.
    pub(super) fn value_and_slope(&self, x: &[f64], cells: &Cells) -> (f64, Vec<f64>) {
        let size = self.size(x);
        let value = self.log_likelihood_at(&cells.mean, size);
        (value, self.gradient(cells, &self.scores(&cells.mean, size)))
    }

    /// Gradient of the log-likelihood without the adjustment.
    pub(super) fn slope(&self, x: &[f64]) -> Vec<f64> {
        let cells = self.cells(x, true);
        let scores = self.scores(&cells.mean, self.size(x));
        self.gradient(&cells, &scores)
    }
}

impl Objective for TargetProblem {
    /// Minus the log-likelihood with the adjustment, which the optimiser makes small.
    fn value(&self, x: &[f64]) -> f64 {
        -(self.log_likelihood(x) + self.adjustment(x))
    }

    /// Value, gradient and expected information: Fisher scoring in place of Newton's method, so
    /// that the matrix stays positive semidefinite away from the maximum.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let cells = self.cells(x, true);
        let size = self.size(x);
        let scores = self.scores(&cells.mean, size);
        let mut value = self.log_likelihood_at(&cells.mean, size);
        let mut gradient = self.gradient(&cells, &scores);
        if let Some(adjustment) = &self.adjustment {
            let last = self.last_moved.lock().unwrap_or_else(PoisonError::into_inner).take();
            let moved = last.filter(|moved| moved.is_at(x));
            let moved = moved.unwrap_or_else(|| adjustment.move_to(&self.layout, x));
            let (adjusted, slopes) = adjustment.value_and_slope(&self.layout, &moved);
            value += adjusted;
            slopes.into_iter().for_each(|(k, slope)| gradient[k] += slope);
        }
        gradient.iter_mut().for_each(|g| *g = -*g);
        let hessian = self.information(x, &cells, &scores, Curvature::Expected);
        Derivatives { value: -value, gradient, hessian }
    }
}

/// ln Γ(r + y) − ln Γ(r) for y up to `largest`.
fn rising_logs(r: f64, largest: usize) -> Vec<f64> {
    cumulate(largest, |k| (r + k).ln())
}

/// ψ(r + y) − ψ(r) for y up to `largest`.
fn rising_harmonics(r: f64, largest: usize) -> Vec<f64> {
    cumulate(largest, |k| 1.0 / (r + k))
}

/// 0 and the partial sums of `term`(0), `term`(1), …: `largest` + 1 numbers.
fn cumulate(largest: usize, term: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    core::iter::once(0.0)
        .chain((0..largest).map(|k| {
            sum += term(k as f64);
            sum
        }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Links;
    use crate::discrete::{Background, Extent, Kernel, Marks, Reach, Record};
    use proptest::prelude::*;

    const EXTENT: Extent = Extent { kinds: 2, places: 2, days: 40 };

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let record = (
            0..2_usize,
            0..2_usize,
            0..40_usize,
            prop_oneof![3 => Just(0_usize), 1 => 1..9_usize],
            0..20_u32,
        );
        prop::collection::vec(record, 30..80).prop_map(|raw| {
            let mut out: Vec<Record> = raw
                .into_iter()
                .map(|(kind, place, first_day, length, size)| Record {
                    kind,
                    place,
                    first_day,
                    last_day: (first_day + length).min(EXTENT.days - 1),
                    size: f64::from(size),
                })
                .collect();
            out.extend((0..2).flat_map(|k| [Record::on_day(k, 0, 3), Record::on_day(k, 1, 9)]));
            out
        })
    }

    fn settings() -> impl Strategy<Value = Settings> {
        let kernel = prop_oneof![
            any::<bool>().prop_map(|shared| Kernel::Geometric {
                shortest_days: 0.5,
                longest_days: 30.0,
                horizon_days: 25,
                shared
            }),
            Just(Kernel::Mixture { half_lives_days: vec![1.0, 6.0], horizon_days: 20 }),
            Just(Kernel::FreeForm { edges_days: vec![1, 2, 5, 9] }),
        ];
        let counts = prop_oneof![Just(Counts::Poisson), Just(Counts::NegativeBinomial)];
        let marks =
            prop_oneof![Just(Marks::Ignored), Just(Marks::Fixed(0.5)), Just(Marks::Estimated)];
        let reach = prop_oneof![Just(Reach::SamePlace), Just(Reach::Everywhere)];
        let background =
            (any::<bool>(), any::<bool>()).prop_map(|(place_levels, week)| Background {
                knot_days: Some(15.0),
                harmonics: 1,
                first_weekday: week.then_some(2),
                place_levels,
                covariates: Vec::new(),
            });
        (kernel, counts, marks, reach, background).prop_map(
            |(kernel, counts, marks, reach, background)| Settings {
                links: Links::Full,
                adjusted: false,
                kernel,
                counts,
                marks,
                reach,
                background,
            },
        )
    }

    /// A point near the start, moved about by `shift`.
    fn point(problem: &TargetProblem, shift: &[f64]) -> Vec<f64> {
        let layout = &problem.layout;
        (0..layout.start.len())
            .map(|k| layout.bounds.clamp(k, layout.start[k] + 0.05 * shift[k % shift.len()]))
            .collect()
    }

    /// λ from the definition, with no filtering and no precomputation.
    fn brute_mean(problem: &TargetProblem, series: &Series, x: &[f64], cell: usize) -> f64 {
        let layout = &problem.layout;
        let (place, day) = (cell / EXTENT.days, cell % EXTENT.days);
        let features = problem.features.iter().zip(&x[layout.places..]);
        let log = features.map(|(f, b)| f[day] * b).sum::<f64>();
        let mut mean = (x[layout.level(place)] + log).exp();
        let eta = layout.exponent(x);
        for part in 0..layout.parts.len() {
            let records = series.records(layout.parts[part].source);
            let norm = records.iter().map(|r| (1.0 + r.size).powf(eta)).sum::<f64>()
                / records.len() as f64;
            let weights = layout.shape(x, part).weights();
            for r in records {
                let everywhere = problem.sources[0].spreads();
                let share = if everywhere { 0.5 } else { f64::from(r.place == place) };
                for cause in r.first_day..=r.last_day {
                    if cause < day && day - cause <= weights.len() {
                        mean += x[layout.first_weight() + part]
                            * share
                            * weights[day - cause - 1]
                            * (1.0 + r.size).powf(eta)
                            / norm
                            / (r.last_day - r.first_day + 1) as f64;
                    }
                }
            }
        }
        mean
    }

    fn brute_log_likelihood(problem: &TargetProblem, series: &Series, x: &[f64]) -> f64 {
        let mean: Vec<f64> =
            (0..EXTENT.cells()).map(|c| brute_mean(problem, series, x, c)).collect();
        let log_pmf = |y: f64, m: f64| match problem.size(x) {
            None => y * m.ln() - m - ln_gamma(y + 1.0),
            Some(r) => {
                ln_gamma(y + r) - ln_gamma(r) - ln_gamma(y + 1.0)
                    + r * (r / (r + m)).ln()
                    + y * (m / (r + m)).ln()
            }
        };
        let count = |c: usize| f64::from(problem.counts[c]);
        let mut sum: f64 = (0..mean.len()).map(|c| log_pmf(count(c), mean[c])).sum();
        for i in &problem.intervals {
            // One more event in the cell, told apart from the others: (y + 1) P(y + 1) / P(y).
            let ratio = |c: usize| {
                (count(c) + 1.0)
                    * (log_pmf(count(c) + 1.0, mean[c]) - log_pmf(count(c), mean[c])).exp()
            };
            sum += (i.first..=i.last).map(ratio).sum::<f64>().ln();
        }
        sum
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn likelihood_equals_its_definition(records in records(), settings in settings(), shift in prop::collection::vec(-1.0..1.0_f64, 7)) {
            let series = Series::new(EXTENT, &records).unwrap();
            let problem = TargetProblem::new(&series, &settings, 1).unwrap();
            let x = point(&problem, &shift);
            let (fast, slow) = (problem.log_likelihood(&x), brute_log_likelihood(&problem, &series, &x));
            prop_assert!((fast - slow).abs() < 1e-8 * (1.0 + slow.abs()), "{fast} {slow}");
        }

        #[test]
        fn gradient_and_observed_information_equal_finite_differences(records in records(), settings in settings(), shift in prop::collection::vec(-1.0..1.0_f64, 7)) {
            let series = Series::new(EXTENT, &records).unwrap();
            let problem = TargetProblem::new(&series, &settings, 0).unwrap();
            let x = point(&problem, &shift);
            let (gradient, information) = (problem.slope(&x), problem.observed_information(&x));
            for k in 0..x.len() {
                let at = |by: f64| { let mut moved = x.clone(); moved[k] += by; moved };
                let h = 1e-5;
                let slope = (problem.log_likelihood(&at(h)) - problem.log_likelihood(&at(-h))) / (2.0 * h);
                prop_assert!((slope - gradient[k]).abs() < 1e-4 * (1.0 + slope.abs()), "{k}: {slope} {}", gradient[k]);
                let (up, down) = (problem.slope(&at(h)), problem.slope(&at(-h)));
                for l in 0..x.len() {
                    let curve = -(up[l] - down[l]) / (2.0 * h);
                    prop_assert!((curve - information[(k, l)]).abs() < 1e-3 * (1.0 + curve.abs()), "{k},{l}: {curve} {}", information[(k, l)]);
                }
            }
        }
    }
}
