//! Outliers: winsorising by skewness and kurtosis, then a logarithm if that is not enough.
//!
//! The rule of the JRC's COIN Tool and of the R package COINr: a column is left alone while its
//! absolute skewness is under 2 **or** its kurtosis under 3.5. Otherwise the farthest point (the
//! highest where skewness is positive, else the lowest) takes the value of its neighbour, until
//! the column passes or the allowance is used up. A column that still fails may be given a
//! logarithm of its original values instead. Skewness and kurtosis are the sample statistics that
//! spreadsheets use (type 2 of Joanes & Gill 1998).

use serde::{Deserialize, Serialize};

/// Settings of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Winsorising {
    /// Absolute skewness under which a column passes.
    pub skewness: f64,
    /// Kurtosis (excess, sample) under which a column passes.
    pub kurtosis: f64,
    /// Points that may be moved …
    pub max_points: usize,
    /// … or this share of the column's points in [0, 1], whichever is more.
    pub max_share: f64,
    /// Whether a column that still fails is given a logarithm.
    pub then_log: bool,
}

impl Default for Winsorising {
    fn default() -> Self {
        Self { skewness: 2.0, kurtosis: 3.5, max_points: 5, max_share: 0.01, then_log: true }
    }
}

/// What the rule decided for one column; applies to new values too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreatmentLimits {
    /// Values outside are moved to these ends.
    pub clip: (f64, f64),
    /// ln(x − lowest + shift) follows, with (lowest, shift).
    pub log: Option<(f64, f64)>,
    /// Points that were moved.
    pub moved: usize,
}

impl Default for TreatmentLimits {
    fn default() -> Self {
        Self { clip: (f64::NEG_INFINITY, f64::INFINITY), log: None, moved: 0 }
    }
}

impl TreatmentLimits {
    /// The treated value.
    #[must_use]
    pub fn apply(&self, value: f64) -> f64 {
        match self.log {
            Some((lowest, shift)) => (value.max(lowest) - lowest + shift).ln(),
            None => value.clamp(self.clip.0, self.clip.1),
        }
    }

    /// Whether nothing is treated.
    pub(crate) fn is_identity(&self) -> bool {
        *self == Self::default()
    }
}

/// Sample skewness, type 2; `None` for fewer than three values or no spread.
///
/// With S₃ = Σ (x − x̄)³ it is √n · S₃ / S₂^1.5 · √(n · (n − 1)) / (n − 2) (Joanes & Gill 1998).
///
/// ```
/// let skewness = sanad_front::treat::skewness(&[1.0, 2.0, 3.0, 4.0, 15.0]).unwrap();
/// assert!((skewness - 2.023_980).abs() < 1e-6);
/// ```
#[must_use]
pub fn skewness(values: &[f64]) -> Option<f64> {
    Moments::new(values).skewness()
}

/// Sample excess kurtosis, type 2; `None` for fewer than four values or no spread.
///
/// With n values and the central sums S₂ = Σ (x − x̄)² and S₄ = Σ (x − x̄)⁴ it is
/// ((n + 1) · (n · S₄ / S₂² − 3) + 6) · (n − 1) / ((n − 2) · (n − 3)) (Joanes & Gill 1998).
///
/// ```
/// let flat = sanad_front::treat::kurtosis(&[1.0, 2.0, 3.0, 4.0]).unwrap();
/// assert!((flat - -1.2).abs() < 1e-12);
/// ```
#[must_use]
pub fn kurtosis(values: &[f64]) -> Option<f64> {
    Moments::new(values).kurtosis()
}

/// Applies the rule to a column (`NaN` are gaps).
///
/// ```
/// use sanad_front::treat::{Winsorising, treat};
///
/// let mut column: Vec<f64> = (1..=10).map(f64::from).collect();
/// column.extend([30.0, 100.0]);
/// let treated = treat(&column, &Winsorising::default());
/// assert_eq!((treated.clip.1, treated.moved), (30.0, 1));
/// ```
#[must_use]
pub fn treat(values: &[f64], settings: &Winsorising) -> TreatmentLimits {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut column = SortedColumn::new(&sorted);
    let limit = settings.max_points.max((settings.max_share * sorted.len() as f64) as usize);
    while !column.moments.passes(settings) && column.moved() < limit {
        if !column.move_farthest() {
            break;
        }
    }
    if settings.then_log && !column.moments.passes(settings) {
        let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
        return TreatmentLimits {
            log: Some((low, 0.01 * (high - low))),
            ..TreatmentLimits::default()
        };
    }
    column.treated()
}

/// Power sums that points can be taken from and added to, so that a column of many points is not
/// summed again for each that moves. They are about the first mean, in units of the first standard deviation.
#[derive(Debug, Clone)]
struct Moments {
    count: f64,
    centre: f64,
    unit: f64,
    sums: [f64; 4],
}

impl Moments {
    /// Sums of powers of the values around their mean, in units of their spread so that powers
    /// stay small.
    fn new(values: &[f64]) -> Self {
        let centre = sanad_numbers::mean(values);
        let spread = sanad_numbers::variance(values).sqrt();
        let unit = if spread > 0.0 { spread } else { 1.0 };
        let mut moments = Self { count: values.len() as f64, centre, unit, sums: [0.0; 4] };
        values.iter().for_each(|&value| moments.add(value, 1.0));
        moments
    }

    /// Adds a value `times` times to the sums; a negative number takes it out.
    fn add(&mut self, value: f64, times: f64) {
        let x = (value - self.centre) / self.unit;
        let mut power = times;
        for sum in &mut self.sums {
            power *= x;
            *sum += power;
        }
    }

    /// Central sums of squares, cubes and fourth powers from power sums s₁ to s₄ with m = s₁ / n:
    /// s₂ − n·m², s₃ − 3·m·s₂ + 2·n·m³, s₄ − 4·m·s₃ + 6·m²·s₂ − 3·n·m⁴.
    fn central(&self) -> (f64, f64, f64) {
        let n = self.count;
        let [s1, s2, s3, s4] = self.sums;
        let m = s1 / n;
        (
            s2 - n * m * m,
            s3 - 3.0 * m * s2 + 2.0 * n * m.powi(3),
            s4 - 4.0 * m * s3 + 6.0 * m * m * s2 - 3.0 * n * m.powi(4),
        )
    }

    /// Sample skewness G₁ = g₁ √(n (n − 1)) / (n − 2), with g₁ = √n Σ(x − x̄)³ / (Σ(x −
    /// x̄)²)^(3/2) (D. N. Joanes and C. A. Gill, "Comparing measures of sample skewness and
    /// kurtosis", The Statistician 47, 1998).
    fn skewness(&self) -> Option<f64> {
        let (n, (squares, cubes, _)) = (self.count, self.central());
        (n >= 3.0 && squares > 1e-12).then(|| {
            let plain = n.sqrt() * cubes / squares.powf(1.5);
            plain * (n * (n - 1.0)).sqrt() / (n - 2.0)
        })
    }

    /// Sample excess kurtosis G₂ = (n − 1) ((n + 1) g₂ + 6) / ((n − 2)(n − 3)), with g₂ = n Σ(x −
    /// x̄)⁴ / (Σ(x − x̄)²)² − 3 (Joanes and Gill 1998).
    fn kurtosis(&self) -> Option<f64> {
        let (n, (squares, _, fourths)) = (self.count, self.central());
        (n >= 4.0 && squares > 1e-12).then(|| {
            let ratio = n * fourths / (squares * squares);
            ((n + 1.0) * (ratio - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
        })
    }

    /// Columns too short or too flat to judge pass.
    fn passes(&self, settings: &Winsorising) -> bool {
        match (self.skewness(), self.kurtosis()) {
            (Some(skewness), Some(kurtosis)) => {
                skewness.abs() < settings.skewness || kurtosis < settings.kurtosis
            }
            _ => true,
        }
    }
}

/// A sorted column whose ends are being pulled in.
struct SortedColumn<'a> {
    sorted: &'a [f64],
    moments: Moments,
    low: usize,
    high: usize,
    clip: (f64, f64),
}

impl<'a> SortedColumn<'a> {
    fn new(sorted: &'a [f64]) -> Self {
        let ends = (f64::NEG_INFINITY, f64::INFINITY);
        Self { sorted, moments: Moments::new(sorted), low: 0, high: sorted.len(), clip: ends }
    }

    /// How many values the clipping moves.
    fn moved(&self) -> usize {
        self.low + self.sorted.len() - self.high
    }

    /// The treatment as it stands.
    fn treated(&self) -> TreatmentLimits {
        TreatmentLimits { clip: self.clip, log: None, moved: self.moved() }
    }

    /// Moves the points at the far end to their neighbour's value; false if there is none.
    fn move_farthest(&mut self) -> bool {
        let top = self.sorted.len() - 1;
        if self.moments.skewness().is_some_and(|skewness| skewness >= 0.0) {
            let farthest = self.sorted[top].min(self.clip.1);
            let first = self.sorted.partition_point(|&value| value < farthest);
            let Some(next) = first.checked_sub(1).map(|k| self.sorted[k].max(self.clip.0)) else {
                return false;
            };
            self.shift(farthest, next, self.sorted.len() - first);
            (self.high, self.clip.1) = (first, next);
        } else {
            let farthest = self.sorted[0].max(self.clip.0);
            let count = self.sorted.partition_point(|&value| value <= farthest);
            let Some(next) = self.sorted.get(count).map(|value| value.min(self.clip.1)) else {
                return false;
            };
            self.shift(farthest, next, count);
            (self.low, self.clip.0) = (count, next);
        }
        true
    }

    /// Moves this many values from one place to another in the sums.
    fn shift(&mut self, from: f64, to: f64, points: usize) {
        self.moments.add(from, -(points as f64));
        self.moments.add(to, points as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_passes_is_left_alone() {
        let column: Vec<f64> = (1..=20).map(f64::from).collect();
        assert!(treat(&column, &Winsorising::default()).is_identity());
        assert!(treat(&[1.0, 1.0], &Winsorising::default()).is_identity());
    }

    #[test]
    fn low_outliers_are_pulled_up() {
        let mut column: Vec<f64> = (1..=20).map(f64::from).collect();
        column.push(-500.0);
        let treated = treat(&column, &Winsorising::default());
        assert_eq!((treated.clip.0, treated.moved), (1.0, 1));
        assert_eq!(treated.apply(-500.0), 1.0);
    }

    #[test]
    fn a_column_beyond_winsorising_gets_a_logarithm_of_its_original_values() {
        let column: Vec<f64> = (0..40).map(|k| 1.5_f64.powi(k)).collect();
        let treated = treat(&column, &Winsorising { max_points: 2, ..Winsorising::default() });
        let (lowest, shift) = treated.log.expect("the logarithm");
        assert_eq!(lowest, 1.0);
        assert_eq!(shift, 0.01 * (column[39] - 1.0));
        assert!(treated.apply(column[39]) > treated.apply(column[38]));
    }

    #[test]
    fn running_moments_agree_with_fresh_ones() {
        let column = [1.0, 2.0, 2.5, 3.0, 9.0, 40.0];
        let mut running = SortedColumn::new(&column);
        assert!(running.move_farthest() && running.move_farthest());
        let fresh = Moments::new(&[1.0, 2.0, 2.5, 3.0, 3.0, 3.0]);
        let gap = running.moments.kurtosis().expect("six") - fresh.kurtosis().expect("six");
        assert!(gap.abs() < 1e-9);
    }
}
