//! Graphical functions ready for evaluation.

use crate::document::{Graphical, Interpolation};
use crate::error::{Problem, ProblemKind};

/// Points of a graphical function in ascending x. At least one point; as many x as y.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    x: Vec<f64>,
    y: Vec<f64>,
    interpolation: Interpolation,
}

/// A curve read backwards, above and below its first value. Of two points at the same place the
/// later one counts, so each half is in the order that puts the smaller x later.
#[derive(Debug, Clone)]
pub(crate) struct Inverse {
    /// The first y, where the halves meet.
    pub start: f64,
    /// The first x.
    pub first: f64,
    /// x by −y, for y above the first; none if the curve never rises above it.
    pub up: Option<Table>,
    /// x by y, for y below the first.
    pub down: Option<Table>,
}

impl Table {
    /// Checks and completes the points a file gives.
    ///
    /// # Errors
    ///
    /// If there are no y values, neither x values nor a scale, different numbers of them, or an x
    /// that descends.
    pub(crate) fn new(source: &Graphical) -> Result<Self, Problem> {
        let fault = |message: String| Err(Problem::new(ProblemKind::Missing, message));
        let y = source.y.clone();
        if y.is_empty() {
            return fault("the graphical function has no y values".to_owned());
        }
        let x = match (&source.x, source.x_scale) {
            (Some(x), _) => x.clone(),
            (None, Some((low, high))) => spaced(low, high, y.len()),
            (None, None) => {
                return fault(
                    "the graphical function has neither x values nor an x scale".to_owned(),
                );
            }
        };
        if x.len() != y.len() {
            let counts = format!("{} x values and {} y values", x.len(), y.len());
            return fault(format!("the graphical function has {counts}"));
        }
        if let Some(pair) = x.windows(2).find(|pair| pair[0] > pair[1]) {
            let message = format!("x values must ascend, and {} comes before {}", pair[0], pair[1]);
            return fault(format!("the graphical function's {message}"));
        }
        Ok(Self { x, y, interpolation: source.interpolation })
    }

    /// The same points with another way between and beyond them.
    pub(crate) fn with(&self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self.clone() }
    }

    /// The curve read backwards: for each y the first x that has it. `None` for steps, which jump
    /// over most values.
    pub(crate) fn inverse(&self) -> Option<Inverse> {
        if self.interpolation == Interpolation::Discrete {
            return None;
        }
        let interpolation = self.interpolation;
        let half = |sign: f64| {
            let (y, x): (Vec<f64>, Vec<f64>) = self.records(sign).into_iter().rev().unzip();
            (x.len() > 1).then_some(Self { x: y, y: x, interpolation })
        };
        // Of rising records the highest comes first, so that −y ascends.
        let up = half(1.0).map(|up| Self { x: up.x.iter().map(|y| -y).collect(), ..up });
        Some(Inverse { start: self.y[0], first: self.x[0], up, down: half(-1.0) })
    }

    /// Points (y, x) of the parts of the curve that reach a new highest y (`sign` 1) or a new lowest
    /// one (−1), in order of x; where the record stood still for a while, its y comes twice.
    fn records(&self, sign: f64) -> Vec<(f64, f64)> {
        let mut found = vec![(self.y[0], self.x[0])];
        for (x, y) in self.x.windows(2).zip(self.y.windows(2)) {
            let (record, reached) = found[found.len() - 1];
            if sign * y[1] <= sign * record {
                continue;
            }
            // Where this line meets the old record: x₀ + (record − y₀)/(y₁ − y₀) · (x₁ − x₀).
            let met = if sign * y[0] >= sign * record {
                x[0]
            } else {
                x[0] + (record - y[0]) / (y[1] - y[0]) * (x[1] - x[0])
            };
            if met > reached {
                found.push((record, met));
            }
            found.push((y[1], x[1]));
        }
        found
    }

    /// The y values, for array functions over a graphical function.
    pub(crate) fn values(&self) -> &[f64] {
        &self.y
    }

    /// The value at `x` (section 3.1.4): between points linear or stepped, beyond them constant or
    /// along the last two points. Not a number gives not a number. Of a single point it is that
    /// point's everywhere.
    pub(crate) fn at(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let last = self.x.len() - 1;
        if last == 0 {
            return self.y[0];
        }
        // The first point beyond x; at equal points the later one decides.
        let above = self.x.partition_point(|&point| point <= x);
        match self.interpolation {
            Interpolation::Discrete => self.y[above.saturating_sub(1)],
            Interpolation::Continuous if above == 0 => self.y[0],
            Interpolation::Continuous if above > last => self.y[last],
            _ => self.between(above.clamp(1, last), x),
        }
    }

    /// The slope at `x`, of the piece that [`at`](Self::at) takes there: 0 of a level piece, of steps and of a single
    /// point, and between two points at one x.
    pub(crate) fn slope(&self, x: f64) -> f64 {
        let last = self.x.len() - 1;
        if last == 0 || x.is_nan() || self.interpolation == Interpolation::Discrete {
            return 0.0;
        }
        let above = self.x.partition_point(|&point| point <= x);
        if self.interpolation == Interpolation::Continuous && (above == 0 || above > last) {
            return 0.0;
        }
        let above = above.clamp(1, last);
        let run = self.x[above] - self.x[above - 1];
        if run == 0.0 { 0.0 } else { (self.y[above] - self.y[above - 1]) / run }
    }

    /// The value between two points on a straight line. Beyond the ends, on the line through the
    /// last two; of two points at one x, the later one's.
    fn between(&self, above: usize, x: f64) -> f64 {
        let (x0, x1) = (self.x[above - 1], self.x[above]);
        let (y0, y1) = (self.y[above - 1], self.y[above]);
        if x1 == x0 { y1 } else { y0 + (y1 - y0) * ((x - x0) / (x1 - x0)) }
    }
}

/// Numbers at equal distances. low + (high − low)·i/(n − 1); a single one is `low`.
fn spaced(low: f64, high: f64, count: usize) -> Vec<f64> {
    let steps = (count.max(2) - 1) as f64;
    (0..count).map(|place| low + (high - low) * (place as f64 / steps)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(interpolation: Interpolation) -> Table {
        let source = Graphical {
            interpolation,
            x: Some(vec![0.0, 1.0, 3.0]),
            y: vec![0.0, 10.0, 10.0],
            ..Graphical::default()
        };
        Table::new(&source).expect("valid points")
    }

    #[test]
    fn continuous_stays_at_the_end_points() {
        let continuous = table(Interpolation::Continuous);
        let at: Vec<f64> = [-5.0, 0.5, 1.0, 2.0, 9.0].map(|x| continuous.at(x)).to_vec();
        assert_eq!(at, [0.0, 5.0, 10.0, 10.0, 10.0]);
    }

    #[test]
    fn extrapolation_follows_the_last_two_points() {
        let line = table(Interpolation::Extrapolate);
        assert_eq!(line.at(-1.0), -10.0);
        assert_eq!(line.at(5.0), 10.0);
    }

    #[test]
    fn discrete_takes_the_next_lower_point() {
        let steps = table(Interpolation::Discrete);
        let at: Vec<f64> = [-1.0, 0.0, 0.99, 1.0, 7.0].map(|x| steps.at(x)).to_vec();
        assert_eq!(at, [0.0, 0.0, 0.0, 10.0, 10.0]);
    }

    #[test]
    fn points_that_contradict_are_refused() {
        let uneven = Graphical { x: Some(vec![0.0]), y: vec![1.0, 2.0], ..Graphical::default() };
        assert!(Table::new(&uneven).is_err());
        let unsorted =
            Graphical { x: Some(vec![1.0, 0.0]), y: vec![1.0, 2.0], ..Graphical::default() };
        assert!(Table::new(&unsorted).is_err());
    }
}
