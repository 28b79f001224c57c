//! Worlds of known truth, and the parametric bootstrap.

use rand_distr::{Distribution, Gamma};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};

use super::fit::{Fit, fit};
use super::series::{Extent, Record, Series};
use super::settings::{Reach, Settings};
use crate::error::{Error, check_len, check_values};
use sanad_numbers::{Matrix, poisson, sorted_quantile};

/// A process to draw from.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Kinds, places and days.
    pub extent: Extent,
    /// Background mean by kind and cell, ≥ 0.
    pub background: Vec<Vec<f64>>,
    /// `kernels[target][source]`: mean number of target events 1, 2, … days after a source event.
    pub kernels: Vec<Vec<Vec<f64>>>,
    /// Size r of each kind's negative binomial; `None` for Poisson.
    pub count_sizes: Vec<Option<f64>>,
    /// Sizes to draw each kind's events from; empty for size zero.
    pub event_sizes: Vec<Vec<f64>>,
    /// Exponent of the event size in what each target responds to.
    pub mark_exponents: Vec<f64>,
    /// Numbers of days (1 for a known day) to draw each event's date interval from; empty for known
    /// days throughout.
    pub date_spans: Vec<Vec<usize>>,
    /// Where offspring fall.
    pub reach: Reach,
}

impl World {
    /// A world with known days, no sizes and offspring in the same place.
    ///
    /// # Errors
    /// If the shapes do not match the extent.
    pub fn new(
        extent: Extent,
        background: Vec<Vec<f64>>,
        kernels: Vec<Vec<Vec<f64>>>,
        count_sizes: Vec<Option<f64>>,
    ) -> Result<Self, Error> {
        let k = extent.kinds;
        let out = Self {
            extent,
            background,
            kernels,
            count_sizes,
            event_sizes: vec![Vec::new(); k],
            mark_exponents: vec![0.0; k],
            date_spans: vec![Vec::new(); k],
            reach: Reach::SamePlace,
        };
        out.check()?;
        Ok(out)
    }

    /// The world a fit describes, with the series' own sizes and date intervals to draw from.
    #[must_use]
    pub fn of_fit(series: &Series, settings: &Settings, fit: &Fit) -> Self {
        let extent = series.extent();
        let kernel = |i: usize| (0..extent.kinds).map(|j| fit.targets()[i].kernel(j)).collect();
        let spans = |k: usize| {
            series.records(k).iter().map(|r| r.last_day - r.first_day + 1).collect::<Vec<_>>()
        };
        Self {
            extent,
            background: fit.targets().iter().map(|t| t.background().to_vec()).collect(),
            kernels: (0..extent.kinds).map(kernel).collect(),
            count_sizes: fit.targets().iter().map(super::TargetFit::count_size).collect(),
            event_sizes: (0..extent.kinds)
                .map(|k| series.records(k).iter().map(|r| r.size).collect())
                .collect(),
            mark_exponents: fit.targets().iter().map(super::TargetFit::mark_exponent).collect(),
            date_spans: (0..extent.kinds).map(spans).collect(),
            reach: settings.reach.clone(),
        }
    }

    /// Draws every day's events in turn.
    ///
    /// # Errors
    /// If the shapes do not match the extent, or more than `limit` events occur.
    pub fn simulate(&self, limit: usize, stream: &mut Stream) -> Result<Series, Error> {
        self.check()?;
        let mut run = Run::new(self);
        for day in 0..self.extent.days {
            for place in 0..self.extent.places {
                for kind in 0..self.extent.kinds {
                    run.draw_cell(kind, place, day, stream);
                }
            }
            if run.records.len() > limit {
                return Err(Error::too_many("the simulation", limit));
            }
        }
        Series::new(self.extent, &run.records)
    }

    /// Refuses parts of a world whose lengths do not fit its extent.
    fn check(&self) -> Result<(), Error> {
        let kinds = self.extent.kinds;
        for (what, found) in [
            ("background", self.background.len()),
            ("kernels", self.kernels.len()),
            ("count_sizes", self.count_sizes.len()),
            ("event_sizes", self.event_sizes.len()),
            ("mark_exponents", self.mark_exponents.len()),
            ("date_spans", self.date_spans.len()),
        ] {
            check_len(what, kinds, found)?;
        }
        for kind in 0..kinds {
            check_len("background of a kind", self.extent.cells(), self.background[kind].len())?;
            check_len("kernels of a target", kinds, self.kernels[kind].len())?;
            let finite = |v: f64| v >= 0.0 && v.is_finite();
            check_values("background", &self.background[kind], "at least 0", finite)?;
        }
        Ok(())
    }
}

/// A simulation under way: the excitation still to come, and the records so far.
struct Run<'a> {
    world: &'a World,
    excitation: Vec<Vec<f64>>,
    shares: Option<Matrix>,
    mark_means: Vec<Vec<f64>>,
    records: Vec<Record>,
}

impl<'a> Run<'a> {
    /// An empty history, with the mean of each mark's power, by which excitation is divided so
    /// that a weight means events per event.
    fn new(world: &'a World) -> Self {
        let mean = |exponent: f64, sizes: &[f64]| {
            let sum: f64 = sizes.iter().map(|s| (1.0 + s).powf(exponent)).sum();
            if sizes.is_empty() { 1.0 } else { sum / sizes.len() as f64 }
        };
        let means = |&exponent: &f64| world.event_sizes.iter().map(|s| mean(exponent, s)).collect();
        Self {
            excitation: vec![vec![0.0; world.extent.cells()]; world.extent.kinds],
            shares: world.reach.shares(world.extent.places),
            mark_means: world.mark_exponents.iter().map(means).collect(),
            records: Vec::new(),
            world,
        }
    }

    /// Draws the events of a kind in a cell, each with its size, and passes on what they excite.
    fn draw_cell(&mut self, kind: usize, place: usize, day: usize, stream: &mut Stream) {
        let cell = place * self.world.extent.days + day;
        let mean = self.world.background[kind][cell] + self.excitation[kind][cell];
        for _ in 0..draw_count(mean, self.world.count_sizes[kind], stream) {
            let size = pick(&self.world.event_sizes[kind], 0.0, stream);
            let (first_day, last_day) = self.date(kind, day, stream);
            self.records.push(Record { kind, place, first_day, last_day, size });
            self.excite(kind, place, day, size);
        }
    }

    /// The days the event is reported to have happened on, the true one among them.
    fn date(&self, kind: usize, day: usize, stream: &mut Stream) -> (usize, usize) {
        let span = pick(&self.world.date_spans[kind], 1, stream);
        if span <= 1 {
            return (day, day);
        }
        let before = ((stream.open01() * span as f64) as usize).min(span - 1);
        let first = day.saturating_sub(before);
        (first, (first + span - 1).max(day).min(self.world.extent.days - 1))
    }

    /// Adds to the mean of later days what one event brings: weight · g(u) · (1 + size)^η / mean
    /// power.
    fn excite(&mut self, source: usize, place: usize, day: usize, size: f64) {
        let days = self.world.extent.days;
        for target in 0..self.world.extent.kinds {
            let mark = (1.0 + size).powf(self.world.mark_exponents[target])
                / self.mark_means[target][source];
            for to in 0..self.world.extent.places {
                let share = match &self.shares {
                    None => f64::from(to == place),
                    Some(shares) => shares[(to, place)],
                };
                if share == 0.0 {
                    continue;
                }
                let after = &mut self.excitation[target][to * days + day + 1..(to + 1) * days];
                let kernel = &self.world.kernels[target][source];
                after.iter_mut().zip(kernel).for_each(|(sum, g)| *sum += share * mark * g);
            }
        }
    }
}

/// A count with this mean: Poisson, or with a Gamma factor of shape r and mean 1 in front, which
/// makes it negative binomial with variance m + m² / r.
fn draw_count(mean: f64, size: Option<f64>, stream: &mut Stream) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    let rate = match size.map(|r| Gamma::new(r, mean / r)) {
        Some(Ok(law)) => law.sample(stream),
        _ => mean,
    };
    poisson(rate, stream)
}

/// One of the values with equal chances.
fn pick<T: Copy>(values: &[T], otherwise: T, stream: &mut Stream) -> T {
    if values.is_empty() {
        return otherwise;
    }
    values[((stream.open01() * values.len() as f64) as usize).min(values.len() - 1)]
}

/// Parametric bootstrap: branching matrices fitted to `replicates` series drawn from the fit, in
/// the order of their numbers. A replicate whose fit fails is left out.
#[must_use]
pub fn bootstrap(
    series: &Series,
    settings: &Settings,
    fitted: &Fit,
    replicates: u32,
    streams: Streams,
) -> Vec<Matrix> {
    let world = World::of_fit(series, settings, fitted);
    let total: usize = (0..series.extent().kinds).map(|k| series.total(k)).sum();
    (0..replicates)
        .into_par_iter()
        .filter_map(|replicate| {
            let drawn = world.simulate(20 * total + 1000, &mut streams.at(replicate, 0, 0)).ok()?;
            Some(fit(&drawn, settings).ok()?.branching())
        })
        .collect()
}

/// The interval between the (1 − level)/2 and (1 + level)/2 quantiles (linear interpolation);
/// `None` without values.
#[must_use]
pub fn percentile_interval(values: &[f64], level: f64) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ends = [0.5 * (1.0 - level), 0.5 * (1.0 + level)];
    let [low, high] = ends.map(|probability| sorted_quantile(&sorted, probability));
    (!sorted.is_empty()).then_some((low, high))
}
