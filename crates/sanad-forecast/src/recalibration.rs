//! How a pool's draws are moved and stretched, by state, after what its earlier forecasts missed.
//!
//! A pool of models that are each calibrated is too wide, and one whose models draw a war's level
//! back to where wars have come from is too low while the war lasts (R. Ranjan and T. Gneiting,
//! "Combining probability forecasts", JRSS B 72, 2010: a linear pool has to be recalibrated). What
//! is learned here is small on purpose, one shift and one or two factors for a whole state, because
//! few places are at war at a time.

use sanad_numbers::quantile_of_ranks;

use crate::draws::{OUTCOME_CAP, bounded};
use crate::error::Error;
use crate::regime_of_place::ViolenceState;
use crate::score::{crps_of_sorted, interval_score};

/// Which states are recalibrated, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecalibrationSettings {
    /// Whether places with some violence, but not at war, have a shift and factor of their own.
    pub also_low: bool,
    /// Whether the two sides of the median have factors of their own.
    pub two_sided: bool,
    /// What is learned counts by n / (n + this), with n the places in the state, summed over past
    /// windows.
    pub prior_places: f64,
}

impl Default for RecalibrationSettings {
    fn default() -> Self {
        Self { also_low: false, two_sided: false, prior_places: 30.0 }
    }
}

impl RecalibrationSettings {
    /// Refuses a prior that is not a positive number.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.prior_places > 0.0 && self.prior_places.is_finite() {
            Ok(())
        } else {
            Err(Error::setting("prior_places", self.prior_places, "above 0"))
        }
    }

    /// Whether places in a state are recalibrated.
    pub(crate) fn includes(&self, state: ViolenceState) -> bool {
        match state {
            ViolenceState::Quiet => false,
            ViolenceState::Low => self.also_low,
            ViolenceState::War => true,
        }
    }
}

/// A move and stretch of a distribution on the scale z = ln(1 + count): around the median m,
/// z′ = m + shift + factor · (z − m), with a factor for each side. Draws of no death stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolStretch {
    /// What is added; 0.1 is about a tenth more deaths.
    pub shift: f64,
    /// Factor below the median, above 0.
    pub below: f64,
    /// Factor above the median, above 0.
    pub above: f64,
}

impl PoolStretch {
    /// The stretch that changes nothing.
    pub const NONE: Self = Self { shift: 0.0, below: 1.0, above: 1.0 };

    /// Moves and stretches the draws of one place and step; their order stays.
    ///
    /// ```
    /// use sanad_forecast::PoolStretch;
    ///
    /// let mut draws = [0, 9, 99, 999];
    /// PoolStretch { shift: 0.0, below: 1.0, above: 0.5 }.apply(&mut draws);
    /// // Around the median 1 + x = 32 on the log scale, half as far: √(1000 · 31.6) and √(100 · 31.6).
    /// assert_eq!(draws, [0, 9, 55, 177]);
    /// ```
    pub fn apply(&self, draws: &mut [u32]) {
        if *self == Self::NONE || draws.is_empty() {
            return;
        }
        let mut logs: Vec<f64> = draws.iter().map(|&x| f64::from(x).ln_1p()).collect();
        logs.sort_unstable_by(f64::total_cmp);
        let median = quantile_of_ranks(logs.len(), 0.5, |rank| logs[rank]);
        for draw in draws.iter_mut().filter(|draw| **draw > 0) {
            *draw = bounded(self.moved(f64::from(*draw).ln_1p(), median), f64::from(OUTCOME_CAP));
        }
    }

    /// The count that ln(1 + count) = `log` becomes, not rounded and at least 0.
    fn moved(&self, log: f64, median: f64) -> f64 {
        let apart = log - median;
        let factor = if apart < 0.0 { self.below } else { self.above };
        (median + self.shift + factor * apart).exp_m1().max(0.0)
    }

    /// The share `weight` of the way from no change to this stretch.
    fn shrunk(self, weight: f64) -> Self {
        let towards = |factor: f64| 1.0 + weight * (factor - 1.0);
        Self { shift: weight * self.shift, below: towards(self.below), above: towards(self.above) }
    }
}

/// Levels at which a past forecast is kept.
const LEVELS: usize = 100;

/// The pool's forecast of one place and step in a past window, and what came.
#[derive(Debug, Clone)]
pub(crate) struct PooledCell {
    /// ln(1 + count) at [`LEVELS`] even levels, ascending.
    logs: Vec<f64>,
    median: f64,
    observed: f64,
}

impl PooledCell {
    /// From the draws of the pool.
    pub(crate) fn new(draws: &[u32], observed: f64) -> Self {
        let mut sorted = draws.to_vec();
        sorted.sort_unstable();
        let log = |rank: usize| f64::from(sorted[rank]).ln_1p();
        let level = |level: usize| (level as f64 + 0.5) / LEVELS as f64;
        let logs = (0..LEVELS).map(|at| quantile_of_ranks(sorted.len(), level(at), log)).collect();
        Self { logs, median: quantile_of_ranks(sorted.len(), 0.5, log), observed }
    }

    /// CRPS and 90 % interval score under a stretch.
    fn scores(&self, stretch: PoolStretch, counts: &mut Vec<f64>) -> [f64; 2] {
        let of = |&log: &f64| if log > 0.0 { stretch.moved(log, self.median) } else { 0.0 };
        counts.clear();
        counts.extend(self.logs.iter().map(of));
        let at = |level: f64| quantile_of_ranks(counts.len(), level, |rank| counts[rank]);
        let interval = interval_score(at(0.05), at(0.95), self.observed, 0.9);
        [crps_of_sorted(counts, self.observed), interval]
    }
}

/// The cells of a state in one past window.
#[derive(Debug, Clone)]
pub(crate) struct PastWindow {
    /// The pool's forecasts.
    pub(crate) cells: Vec<PooledCell>,
    /// How many places they are of.
    pub(crate) places: usize,
    /// Mean CRPS and interval score of the own last twelve months in the same cells: the unit, so
    /// that one great war does not decide for all years.
    pub(crate) unit: [f64; 2],
}

/// Shifts that are tried.
const SHIFTS: [f64; 13] = [-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
/// Factors that are tried.
const FACTORS: [f64; 11] = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4];
/// Rounds of the search, each over shift and factors in turn; it ends before where none changes.
const ROUNDS: usize = 6;

/// The stretch that lowers the sum of CRPS and interval score over past windows most, each in the
/// window's unit, drawn towards no change where few places were seen.
pub(crate) fn learned(windows: &[PastWindow], settings: RecalibrationSettings) -> PoolStretch {
    let places: usize = windows.iter().map(|window| window.places).sum();
    if places == 0 {
        return PoolStretch::NONE;
    }
    let mut best = PoolStretch::NONE;
    let mut least = loss(windows, best);
    for _ in 0..ROUNDS {
        let before = best;
        for part in stretch_moves(settings.two_sided) {
            let candidate = part.applied_to(best);
            let loss = loss(windows, candidate);
            if loss < least {
                (best, least) = (candidate, loss);
            }
        }
        if best == before {
            break;
        }
    }
    best.shrunk(places as f64 / (places as f64 + settings.prior_places))
}

/// One part of a stretch, set to a value that is tried.
#[derive(Debug, Clone, Copy)]
enum StretchMove {
    Shift(f64),
    Below(f64),
    Above(f64),
    Both(f64),
}

impl StretchMove {
    /// The stretch with the part set.
    fn applied_to(self, stretch: PoolStretch) -> PoolStretch {
        match self {
            Self::Shift(shift) => PoolStretch { shift, ..stretch },
            Self::Below(below) => PoolStretch { below, ..stretch },
            Self::Above(above) => PoolStretch { above, ..stretch },
            Self::Both(factor) => PoolStretch { below: factor, above: factor, ..stretch },
        }
    }
}

/// The moves of one round of the search, in order.
fn stretch_moves(two_sided: bool) -> Vec<StretchMove> {
    let factors: &[fn(f64) -> StretchMove] =
        if two_sided { &[StretchMove::Below, StretchMove::Above] } else { &[StretchMove::Both] };
    let factors = factors.iter().flat_map(|part| FACTORS.into_iter().map(part));
    SHIFTS.into_iter().map(StretchMove::Shift).chain(factors).collect()
}

/// Σ over windows of mean CRPS and mean interval score, each in the window's unit.
fn loss(windows: &[PastWindow], stretch: PoolStretch) -> f64 {
    let mut counts = Vec::with_capacity(LEVELS);
    let mut of_window = |window: &PastWindow| {
        let mut sums = [0.0; 2];
        for cell in &window.cells {
            let scores = cell.scores(stretch, &mut counts);
            sums = [sums[0] + scores[0], sums[1] + scores[1]];
        }
        let cells = window.cells.len().max(1) as f64;
        sums[0] / cells / window.unit[0] + sums[1] / cells / window.unit[1]
    };
    windows.iter().map(&mut of_window).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window in which the pool says 100 to 1,000 evenly on the log scale, and `observed` comes.
    fn window(observed: &[f64]) -> PastWindow {
        let draws: Vec<u32> =
            (0..200).map(|at| 10_f64.powf(2.0 + f64::from(at) / 199.0) as u32).collect();
        let cells = observed.iter().map(|&y| PooledCell::new(&draws, y)).collect();
        PastWindow { cells, places: observed.len(), unit: [100.0, 1_000.0] }
    }

    #[test]
    fn outcomes_above_the_median_move_the_draws_up() {
        let windows = [window(&[600.0, 700.0, 800.0, 500.0]), window(&[650.0, 550.0, 900.0])];
        let settings =
            RecalibrationSettings { prior_places: 1e-6, ..RecalibrationSettings::default() };
        let stretch = learned(&windows, settings);
        assert!(stretch.shift >= 0.5 && stretch.above < 1.0, "{stretch:?}");
        assert_eq!(stretch.above, stretch.below);
    }

    #[test]
    fn sides_are_learned_apart_where_they_differ() {
        // Never far above the median, often far below.
        let windows = [window(&[310.0, 330.0, 320.0, 340.0, 60.0, 50.0, 90.0])];
        let settings = RecalibrationSettings {
            two_sided: true,
            prior_places: 1e-6,
            ..RecalibrationSettings::default()
        };
        let stretch = learned(&windows, settings);
        assert!(stretch.below > 1.0 && stretch.above < 1.0, "{stretch:?}");
    }

    #[test]
    fn few_places_change_little_and_none_change_nothing() {
        let windows = [window(&[700.0])];
        let free = RecalibrationSettings { prior_places: 1e-6, ..RecalibrationSettings::default() };
        let (free, held) = (learned(&windows, free), learned(&windows, Default::default()));
        assert!((held.shift - free.shift / 31.0).abs() < 1e-6, "{held:?} {free:?}");
        assert_eq!(learned(&[], Default::default()), PoolStretch::NONE);
    }

    #[test]
    fn a_stretch_keeps_the_order_and_the_months_of_no_death() {
        let mut draws = [900, 0, 4, 50, 0, 7_000, 300];
        PoolStretch { shift: 0.3, below: 1.4, above: 0.6 }.apply(&mut draws);
        assert_eq!((draws[1], draws[4]), (0, 0));
        assert!(draws[2] <= draws[3] && draws[3] < draws[6] && draws[6] < draws[0]);
        assert!(draws[0] < draws[5]);
    }

    #[test]
    fn the_kept_levels_score_as_all_draws_do() {
        let draws: Vec<u32> = (0..400).map(|at| (at * at) / 40).collect();
        let cell = PooledCell::new(&draws, 700.0);
        let all: Vec<f64> = draws.iter().map(|&x| f64::from(x)).collect();
        let exact = crate::score::crps_sample(&all, 700.0);
        let [crps, _] = cell.scores(PoolStretch::NONE, &mut Vec::new());
        assert!((crps / exact - 1.0).abs() < 0.02, "{crps} {exact}");
    }
}
