//! The attacker: what can be learned from published sums.
//!
//! Counts that nobody may learn are unknowns of at least zero. Every published sum is an equation
//! over them, whichever release, level, area or table it comes from, so that differences between
//! releases, levels and overlapping areas are all combinations of equations. The bounds of an
//! unknown, or of a sum of unknowns, are the optima of two linear programs, solved by the simplex
//! method in two phases with the rule of Bland, which cannot run in circles. Counts are whole
//! numbers; rounding the real bounds inwards can only help the attacker.

/// One published sum: the unknowns that it adds up, and what they add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedSum {
    /// Places of the unknowns, each once.
    pub unknowns: Vec<usize>,
    /// Their sum.
    pub total: f64,
}

/// What an attacker knows of a sum of unknowns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownBounds {
    /// It cannot be less.
    pub low: f64,
    /// It cannot be more; infinite where no sum bounds it.
    pub high: f64,
}

impl KnownBounds {
    /// Whether one whole number alone is left.
    pub fn is_recovered(self) -> bool {
        self.high - self.low < 0.5
    }

    /// Whether every whole number below `smallest` is still possible.
    pub fn leaves_all_below(self, smallest: u64) -> bool {
        self.low < 0.5 && self.high > smallest as f64 - 1.5
    }
}

/// The bounds of the sum of some unknowns under all published sums over `count` unknowns, or
/// nothing where the sums contradict each other.
pub fn bounds(count: usize, published: &[PublishedSum], target: &[usize]) -> Option<KnownBounds> {
    let mut objective = vec![0.0; count];
    for &unknown in target {
        objective[unknown] = 1.0;
    }
    let mut program = Simplex::feasible(count, published)?;
    let high = program.clone().maximise(&objective);
    let negated: Vec<f64> = objective.iter().map(|weight| -weight).collect();
    let low = -program.maximise(&negated);
    // The attacker's gain from whole numbers: bounds move inwards to them.
    Some(KnownBounds { low: (low - TINY).ceil().max(0.0), high: (high + TINY).floor() })
}

/// Differences below this are rounding: totals are whole numbers far below 2^40.
const TINY: f64 = 1e-6;

/// A dense tableau: one row per equation, one column per unknown, artificial column and right side.
#[derive(Clone)]
struct Simplex {
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    unknowns: usize,
}

impl Simplex {
    /// The first phase: a point that satisfies all equations, reached by driving the artificial
    /// unknowns, one per equation, to zero.
    fn feasible(unknowns: usize, published: &[PublishedSum]) -> Option<Simplex> {
        let width = unknowns + published.len() + 1;
        let mut rows = Vec::new();
        for (place, sum) in published.iter().enumerate() {
            let mut row = vec![0.0; width];
            for &unknown in &sum.unknowns {
                row[unknown] = 1.0;
            }
            row[unknowns + place] = 1.0;
            row[width - 1] = sum.total;
            rows.push(row);
        }
        let basis = (unknowns..unknowns + published.len()).collect();
        let mut program = Simplex { rows, basis, unknowns };
        let mut objective = vec![0.0; width - 1];
        objective[unknowns..].fill(-1.0);
        if program.optimise(&objective) < -TINY {
            return None;
        }
        program.drop_artificial();
        Some(program)
    }

    /// Takes artificial unknowns out of the basis, then out of the tableau. An equation in which
    /// nothing else is left says nothing new.
    fn drop_artificial(&mut self) {
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] < self.unknowns {
                row += 1;
                continue;
            }
            let usable = (0..self.unknowns).find(|&column| self.rows[row][column].abs() > TINY);
            match usable {
                Some(column) => self.pivot(row, column),
                None => {
                    self.rows.swap_remove(row);
                    self.basis.swap_remove(row);
                }
            }
        }
        for row in &mut self.rows {
            row.drain(self.unknowns..row.len() - 1);
        }
    }

    /// The second phase: the largest value of a linear function of the unknowns.
    fn maximise(&mut self, objective: &[f64]) -> f64 {
        self.optimise(objective)
    }

    fn optimise(&mut self, objective: &[f64]) -> f64 {
        loop {
            let Some(column) = self.entering(objective) else { return self.value(objective) };
            let Some(row) = self.leaving(column) else { return f64::INFINITY };
            self.pivot(row, column);
        }
    }

    /// Bland: the first column whose growth raises the objective.
    fn entering(&self, objective: &[f64]) -> Option<usize> {
        (0..objective.len()).find(|&column| {
            let spent: f64 = self
                .rows
                .iter()
                .zip(&self.basis)
                .map(|(row, &basic)| objective[basic] * row[column])
                .sum();
            objective[column] - spent > TINY
        })
    }

    /// The row that first falls to zero; among equals that with the first basic unknown.
    fn leaving(&self, column: usize) -> Option<usize> {
        let ratio = |row: &Vec<f64>| row[row.len() - 1] / row[column];
        let usable = (0..self.rows.len()).filter(|&row| self.rows[row][column] > TINY);
        usable.min_by(|&one, &other| {
            let by_ratio = ratio(&self.rows[one]).total_cmp(&ratio(&self.rows[other]));
            by_ratio.then(self.basis[one].cmp(&self.basis[other]))
        })
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let scale = self.rows[row][column];
        self.rows[row].iter_mut().for_each(|value| *value /= scale);
        let pivot_row = self.rows[row].clone();
        for (place, other) in self.rows.iter_mut().enumerate() {
            let factor = other[column];
            if place != row && factor != 0.0 {
                for (value, pivot) in other.iter_mut().zip(&pivot_row) {
                    *value -= factor * pivot;
                }
            }
        }
        self.basis[row] = column;
    }

    fn value(&self, objective: &[f64]) -> f64 {
        let right = |row: &Vec<f64>| row[row.len() - 1];
        self.rows.iter().zip(&self.basis).map(|(row, &basic)| objective[basic] * right(row)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(unknowns: &[usize], total: f64) -> PublishedSum {
        PublishedSum { unknowns: unknowns.to_vec(), total }
    }

    #[test]
    fn one_suppressed_cell_beside_a_total_is_recovered() {
        let published = [sum(&[0, 1, 2], 40.0), sum(&[0], 21.0), sum(&[1], 15.0)];
        let found = bounds(3, &published, &[2]).unwrap();
        assert_eq!(found, KnownBounds { low: 4.0, high: 4.0 });
        assert!(found.is_recovered());
    }

    #[test]
    fn two_suppressed_cells_bound_each_other() {
        let published = [sum(&[0, 1, 2], 40.0), sum(&[0], 21.0)];
        assert_eq!(bounds(3, &published, &[1]), Some(KnownBounds { low: 0.0, high: 19.0 }));
        assert_eq!(bounds(3, &published, &[1, 2]), Some(KnownBounds { low: 19.0, high: 19.0 }));
    }

    #[test]
    fn a_square_of_sums_gives_the_bounds_of_frechet() {
        // Rows 8 and 3, columns 9 and 2: the first cell is at least 8 + 9 - 11 = 6.
        let published =
            [sum(&[0, 1], 8.0), sum(&[2, 3], 3.0), sum(&[0, 2], 9.0), sum(&[1, 3], 2.0)];
        assert_eq!(bounds(4, &published, &[0]), Some(KnownBounds { low: 6.0, high: 8.0 }));
        assert_eq!(bounds(4, &published, &[3]), Some(KnownBounds { low: 0.0, high: 2.0 }));
    }

    #[test]
    fn overlapping_areas_give_their_difference() {
        let published = [sum(&[0, 1], 30.0), sum(&[1, 2], 25.0), sum(&[0, 1, 2], 33.0)];
        for (unknown, value) in [(0, 8.0), (1, 22.0), (2, 3.0)] {
            let found = bounds(3, &published, &[unknown]);
            assert_eq!(found, Some(KnownBounds { low: value, high: value }));
        }
    }

    #[test]
    fn sums_that_contradict_each_other_have_no_bounds() {
        let published = [sum(&[0, 1], 5.0), sum(&[0], 7.0)];
        assert_eq!(bounds(2, &published, &[0]), None);
    }

    #[test]
    fn what_no_sum_holds_is_not_bounded() {
        let found = bounds(2, &[sum(&[0], 5.0)], &[1]).unwrap();
        assert_eq!(found.high, f64::INFINITY);
    }
}
