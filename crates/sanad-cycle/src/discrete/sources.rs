//! The source series: what each kind's events weigh in each cell, before any kernel.
//!
//! An event of size s weighs (1 + s)^η over the mean of that power among the events of its kind, so
//! that weights have mean one and a branching coefficient is that of an average event. One dated to an
//! interval of k days weighs 1/k of it on each. With a reach, a share of the weight falls to other
//! places, the shares of each place adding up to one.

use std::borrow::Cow;

use super::series::Series;
use sanad_numbers::Matrix;

/// One kind's events as weights over cells. An event known only to an interval is spread evenly
/// over it; an event's offspring are spread over places by the reach.
#[derive(Debug, Clone)]
pub(super) struct SourceTerm {
    cells: usize,
    days: usize,
    /// (first cell, last cell, ln(1 + size)) per event.
    events: Vec<(usize, usize, f64)>,
    shares: Option<Matrix>,
    /// The series where size does not matter (η = 0): asked for most, so kept.
    unmarked: Vec<f64>,
}

impl SourceTerm {
    /// The events of a kind as a source: cells and logarithms of 1 + size, spread over other
    /// places by `shares`.
    pub(super) fn new(series: &Series, kind: usize, shares: Option<Matrix>) -> Self {
        let extent = series.extent();
        let events = series
            .records(kind)
            .iter()
            .map(|r| {
                let place = r.place * extent.days;
                (place + r.first_day, place + r.last_day, r.size.ln_1p())
            })
            .collect();
        let mut out =
            Self { cells: extent.cells(), days: extent.days, events, shares, unmarked: Vec::new() };
        out.unmarked = out.spread(|_| 1.0);
        out
    }

    /// The series for mark exponent η.
    pub(super) fn weights(&self, exponent: f64) -> Cow<'_, [f64]> {
        if exponent == 0.0 {
            return Cow::Borrowed(&self.unmarked);
        }
        let total: f64 = self.events.iter().map(|e| (exponent * e.2).exp()).sum();
        let scale = self.events.len() as f64 / total;
        Cow::Owned(self.spread(|log_size| scale * (exponent * log_size).exp()))
    }

    /// Its derivative in η.
    pub(super) fn slopes(&self, exponent: f64) -> Vec<f64> {
        let total: f64 = self.events.iter().map(|e| (exponent * e.2).exp()).sum();
        let weighted: f64 = self.events.iter().map(|e| e.2 * (exponent * e.2).exp()).sum();
        let scale = self.events.len() as f64 / total;
        let mean = weighted / total;
        self.spread(|log_size| scale * (exponent * log_size).exp() * (log_size - mean))
    }

    /// Whether an event is felt in other places.
    #[cfg(test)]
    pub(super) fn spreads(&self) -> bool {
        self.shares.is_some()
    }

    /// The source series: each event's weight shared evenly over the days it may have happened
    /// on.
    fn spread(&self, weight: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut out = vec![0.0; self.cells];
        for &(first, last, log_size) in &self.events {
            let daily = weight(log_size) / (last - first + 1) as f64;
            out[first..=last].iter_mut().for_each(|cell| *cell += daily);
        }
        match &self.shares {
            None => out,
            Some(shares) => self.reach(shares, &out),
        }
    }

    /// The series as felt in every place: Σ over places of share × series.
    fn reach(&self, shares: &Matrix, own: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.cells];
        for (from, place) in own.chunks(self.days).enumerate() {
            let felt: Vec<usize> = (0..self.days).filter(|&day| place[day] != 0.0).collect();
            for (to, cells) in out.chunks_mut(self.days).enumerate() {
                let share = shares[(to, from)];
                felt.iter().for_each(|&day| cells[day] += share * place[day]);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Extent, Reach, Record};

    fn series() -> Series {
        let extent = Extent { kinds: 1, places: 2, days: 4 };
        let sized =
            |place, first_day, last_day, size| Record { kind: 0, place, first_day, last_day, size };
        Series::new(extent, &[sized(0, 1, 1, 0.0), sized(1, 0, 3, 7.0)]).unwrap()
    }

    #[test]
    fn an_interval_is_spread_and_sizes_average_to_one() {
        let source = SourceTerm::new(&series(), 0, None);
        assert_eq!(*source.weights(0.0), [0.0, 1.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25]);
        // (1 + s)^1 is 1 and 8, mean 4.5.
        let sized = source.weights(1.0);
        assert!((sized[1] - 1.0 / 4.5).abs() < 1e-12 && (sized[4] - 2.0 / 4.5).abs() < 1e-12);
    }

    #[test]
    fn slopes_equal_finite_differences() {
        let source = SourceTerm::new(&series(), 0, None);
        let (up, down) = (source.weights(0.4 + 1e-6), source.weights(0.4 - 1e-6));
        for (k, slope) in source.slopes(0.4).into_iter().enumerate() {
            assert!((slope - (up[k] - down[k]) / 2e-6).abs() < 1e-8);
        }
    }

    #[test]
    fn reach_moves_offspring_and_keeps_their_number() {
        let distances_km = Matrix::from_rows(&[vec![0.0, 10.0], vec![10.0, 0.0]]);
        let reach = Reach::Distance { distances_km, scale_km: 10.0 };
        let source = SourceTerm::new(&series(), 0, reach.shares(2));
        let weights = source.weights(0.0);
        assert!((weights.iter().sum::<f64>() - 2.0).abs() < 1e-12);
        let near = 1.0 / (1.0 + (-1.0_f64).exp());
        assert!((weights[1] - (near + 0.25 * (1.0 - near))).abs() < 1e-12);
    }
}
