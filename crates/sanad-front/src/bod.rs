//! Benefit of the doubt: every place is weighed by what suits it best.
//!
//! OECD/JRC (2008), § 6.1; Melyn & Moesen (1991); Cherchye et al. (2007). For each place the
//! weights maximise its weighted sum under the condition that no place exceeds 1 with them; the
//! result is 1 for a place that no weights can show to be outdone. Without bounds a place may
//! rest on its one best indicator, so each weight is held between a least and a greatest part of
//! all weights.

use crate::error::{Error, Result};

/// Bounds on each indicator's part of all weights, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Least part.
    pub least: f64,
    /// Greatest part.
    pub greatest: f64,
}

impl Bounds {
    /// No bounds.
    #[must_use]
    pub fn none() -> Self {
        Self { least: 0.0, greatest: 1.0 }
    }

    /// Half to twice the equal weight of `indicators`.
    ///
    /// ```
    /// let bounds = sanad_front::bod::Bounds::half_to_double(4);
    /// assert_eq!((bounds.least, bounds.greatest), (0.125, 0.5));
    /// ```
    #[must_use]
    pub fn half_to_double(indicators: usize) -> Self {
        let equal = 1.0 / indicators.max(1) as f64;
        Self { least: equal / 2.0, greatest: (2.0 * equal).min(1.0) }
    }
}

/// One place's most favourable weights.
#[derive(Debug, Clone, PartialEq)]
pub struct BestCase {
    /// Weighted sum, in [0, 1].
    pub score: f64,
    /// The weights that give it, ≥ 0; they need not sum to 1. All zero where the place itself has
    /// nothing to show.
    pub weights: Vec<f64>,
}

/// The best case of every place; `scores` is places × indicators, row-major, all ≥ 0.
///
/// # Errors
/// A negative or missing score, or bounds that no weights can meet.
///
/// ```
/// use sanad_front::bod::{Bounds, best_cases};
///
/// let scores = [1.0, 0.2, 0.3, 1.0, 0.5, 0.5];
/// let best = best_cases(&scores, 2, Bounds::none())?;
/// assert!((best[0].score - 1.0).abs() < 1e-12 && (best[1].score - 1.0).abs() < 1e-12);
/// assert!(best[2].score < 1.0);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn best_cases(scores: &[f64], indicators: usize, bounds: Bounds) -> Result<Vec<BestCase>> {
    if let Some(index) = scores.iter().position(|score| score.is_nan() || *score < 0.0) {
        let name = (index % indicators).to_string();
        return Err(Error::data(name, "benefit of the doubt needs scores of 0 or more"));
    }
    let equal = 1.0 / indicators.max(1) as f64;
    if !(0.0..=equal + 1e-12).contains(&bounds.least) || bounds.greatest < equal - 1e-12 {
        return Err(Error::setting("bounds", "no weights can meet them"));
    }
    let constraints = constraints(scores, indicators, bounds);
    Ok(scores.chunks(indicators).map(|own| solve(own, &constraints)).collect())
}

/// Rows `coefficients · weights ≤ limit`.
struct Constraints {
    rows: Vec<(Vec<f64>, f64)>,
}

/// Each peer's weighted sum stays at or below 1, and each weight within its bounds as a share of
/// all weights: the linear programme of the benefit of the doubt (L. Cherchye and others, "An
/// introduction to 'benefit of the doubt' composite indicators", Social Indicators Research 82,
/// 2007).
fn constraints(scores: &[f64], indicators: usize, bounds: Bounds) -> Constraints {
    let mut rows: Vec<(Vec<f64>, f64)> =
        scores.chunks(indicators).map(|peer| (peer.to_vec(), 1.0)).collect();
    for indicator in 0..indicators {
        let unit = |k: usize| f64::from(u8::from(k == indicator));
        if bounds.least > 0.0 {
            rows.push(((0..indicators).map(|k| bounds.least - unit(k)).collect(), 0.0));
        }
        if bounds.greatest < 1.0 {
            rows.push(((0..indicators).map(|k| unit(k) - bounds.greatest).collect(), 0.0));
        }
    }
    Constraints { rows }
}

/// The weights that are best for one place, by the simplex method on the programme's dictionary.
fn solve(own: &[f64], constraints: &Constraints) -> BestCase {
    let columns = own.len();
    // An indicator that is zero everywhere bounds nothing; leaving it out keeps the problem
    // bounded (its weight could otherwise grow for free).
    let free: Vec<bool> = (0..columns)
        .map(|k| constraints.rows.iter().all(|(row, limit)| *limit == 0.0 || row[k] == 0.0))
        .collect();
    let objective: Vec<f64> =
        own.iter().zip(&free).map(|(&score, &free)| if free { 0.0 } else { score }).collect();
    let weights = SimplexDictionary::new(&objective, constraints).maximise();
    let score = own.iter().zip(&weights).map(|(score, weight)| score * weight).sum();
    BestCase { score, weights }
}

/// A simplex dictionary (Chvátal, *Linear Programming*, ch. 2–3): basic variables as affine
/// functions of the others. Every limit is ≥ 0, so all weights zero is a first solution.
struct SimplexDictionary {
    columns: usize,
    /// (rows + 1) × (columns + 1); the last row is the objective, the last column the constants.
    table: Vec<f64>,
    basic: Vec<usize>,
    other: Vec<usize>,
}

/// Coefficients nearer to zero than this count as zero.
const TOLERANCE: f64 = 1e-10;

impl SimplexDictionary {
    fn new(objective: &[f64], constraints: &Constraints) -> Self {
        let columns = objective.len();
        let rows = constraints.rows.len();
        let mut table = Vec::with_capacity((rows + 1) * (columns + 1));
        for (row, limit) in &constraints.rows {
            table.extend(row.iter().map(|value| -value));
            table.push(*limit);
        }
        table.extend_from_slice(objective);
        table.push(0.0);
        Self {
            columns,
            table,
            basic: (columns..columns + rows).collect(),
            other: (0..columns).collect(),
        }
    }

    /// Values of the first `columns` variables at the optimum. Bland's rule keeps it from cycling.
    fn maximise(mut self) -> Vec<f64> {
        while let Some(entering) = self.entering() {
            let Some(leaving) = self.leaving(entering) else { break };
            self.pivot(leaving, entering);
        }
        let mut values = vec![0.0; self.columns];
        for (row, &variable) in self.basic.iter().enumerate() {
            if variable < self.columns {
                values[variable] = self.entry(row, self.columns).max(0.0);
            }
        }
        values
    }

    /// A coefficient of the dictionary.
    fn entry(&self, row: usize, column: usize) -> f64 {
        self.table[row * (self.columns + 1) + column]
    }

    /// The column whose variable enters: of those with a positive coefficient in the objective the
    /// one with the smallest number, which cannot cycle (R. G. Bland 1977).
    fn entering(&self) -> Option<usize> {
        let objective = self.basic.len();
        (0..self.columns)
            .filter(|&column| self.entry(objective, column) > TOLERANCE)
            .min_by_key(|&column| self.other[column])
    }

    /// The row that bounds the entering variable most; nothing where none does.
    fn leaving(&self, entering: usize) -> Option<usize> {
        (0..self.basic.len())
            .filter(|&row| self.entry(row, entering) < -TOLERANCE)
            .map(|row| (self.entry(row, self.columns) / -self.entry(row, entering), row))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(self.basic[a.1].cmp(&self.basic[b.1])))
            .map(|(_, row)| row)
    }

    /// Exchanges a basic and a nonbasic variable.
    fn pivot(&mut self, leaving: usize, entering: usize) {
        let width = self.columns + 1;
        let pivot = self.entry(leaving, entering);
        let mut row: Vec<f64> = self.table[leaving * width..(leaving + 1) * width].to_vec();
        row.iter_mut().for_each(|value| *value /= -pivot);
        row[entering] = 1.0 / pivot;
        for other in 0..=self.basic.len() {
            let factor = self.entry(other, entering);
            if other == leaving || factor == 0.0 {
                continue;
            }
            let target = &mut self.table[other * width..(other + 1) * width];
            target[entering] = 0.0;
            target.iter_mut().zip(&row).for_each(|(value, from)| *value += factor * from);
        }
        self.table[leaving * width..(leaving + 1) * width].copy_from_slice(&row);
        core::mem::swap(&mut self.basic[leaving], &mut self.other[entering]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two indicators: the optimum lies on a corner of the polygon of weights.
    #[test]
    fn two_indicators_meet_the_corner_by_hand() {
        // Corner of w1 + 0.2 w2 ≤ 1 and 0.3 w1 + w2 ≤ 1: w = (0.8, 0.7) / 0.94.
        let best = best_cases(&[1.0, 0.2, 0.3, 1.0, 0.5, 0.5], 2, Bounds::none()).expect("fits");
        assert!((best[2].weights[0] - 0.8 / 0.94).abs() < 1e-12);
        assert!((best[2].weights[1] - 0.7 / 0.94).abs() < 1e-12);
        assert!((best[2].score - 0.75 / 0.94).abs() < 1e-12);
    }

    #[test]
    fn bounds_on_parts_are_kept() {
        let scores = [0.9, 0.1, 0.4, 0.2, 0.8, 0.6, 0.5, 0.5, 0.7];
        let bounds = Bounds::half_to_double(3);
        for best in best_cases(&scores, 3, bounds).expect("fits") {
            let sum: f64 = best.weights.iter().sum();
            for weight in &best.weights {
                assert!(weight / sum >= bounds.least - 1e-9);
                assert!(weight / sum <= bounds.greatest + 1e-9);
            }
            assert!(best.score <= 1.0 + 1e-9);
        }
    }

    #[test]
    fn no_point_of_a_grid_of_weights_beats_the_solution() {
        let scores = [0.9, 0.3, 0.5, 0.6, 0.2, 0.9, 0.4, 0.45];
        let best = best_cases(&scores, 2, Bounds::none()).expect("fits");
        for (own, best) in scores.chunks(2).zip(best) {
            for step in 0..=400 {
                let share = f64::from(step) / 400.0;
                let sum = |row: &[f64]| share * row[0] + (1.0 - share) * row[1];
                let top = scores.chunks(2).map(sum).fold(0.0, f64::max);
                assert!(sum(own) / top <= best.score + 1e-9);
            }
        }
    }

    #[test]
    fn zero_columns_and_impossible_bounds() {
        let best = best_cases(&[0.0, 1.0, 0.0, 0.5], 2, Bounds::none()).expect("fits");
        assert!((best[1].score - 0.5).abs() < 1e-12);
        let impossible = Bounds { least: 0.6, greatest: 1.0 };
        assert!(best_cases(&[1.0, 1.0], 2, impossible).is_err_and(|e| e.is_setting()));
        assert!(best_cases(&[-1.0], 1, Bounds::none()).is_err_and(|e| e.is_data()));
    }
}
