//! Scales: linear axes, classes for maps, months, and labels that keep out of each other's way.

use sanad_core::Month;

use crate::colour;
use crate::error::{Error, check};
use crate::text;

/// A linear map from data to drawing units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linear {
    pub(crate) from: [f64; 2],
    pub(crate) to: [f64; 2],
}

impl Linear {
    /// The drawing unit of a value; the lower end for every value where the data have no span.
    pub(crate) fn at(&self, v: f64) -> f64 {
        let span = self.from[1] - self.from[0];
        let t = if span == 0.0 { 0.0 } else { (v - self.from[0]) / span };
        self.to[0] + t * (self.to[1] - self.to[0])
    }
}

/// Round steps (1, 2, 5 times a power of ten) that cover `low` to `high` in about `count` steps.
/// The first and last tick enclose the data.
pub(crate) fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let raw = span / count.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= raw * 0.7)
        .unwrap_or(10.0 * power);
    let first = (low / step + 1e-9).floor() as i64;
    let last = ((high.max(low + span) / step) - 1e-9).ceil() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// How the numbers of a map are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Whole counts: classes read "3–9".
    Count,
    /// Measures: classes read "3 to 10".
    Measure,
    /// Shares between 0 and 1, written as percentages.
    Percent,
}

impl Format {
    /// The value as text.
    pub fn text(self, value: f64) -> String {
        match self {
            Format::Count if value.fract() == 0.0 => text::number(value, 0),
            Format::Count | Format::Measure => text::short(value),
            Format::Percent => format!("{}%", text::number(value * 100.0, 0)),
        }
    }
}

/// Classes of a magnitude for maps: zero apart, then bounds that usually grow like a logarithm.
///
/// A value belongs to the last class whose lower bound it reaches; a positive value under the
/// first bound belongs to the first class; exactly zero has its own (white) class; missing has
/// none and is hatched. Classes are monotone: a greater value never gets a lighter shade.
///
/// ```
/// use sanad_figure::{Classes, Format};
/// let c = Classes::log_like(424.0, Format::Count);
/// assert_eq!(c.class_of(0.0), None);
/// assert!(c.class_of(3.0) < c.class_of(424.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    bounds: Vec<f64>,
    format: Format,
}

impl Classes {
    /// Classes from ascending lower bounds (at most 8), the first one positive or zero.
    pub fn new(bounds: Vec<f64>, format: Format) -> Result<Self, Error> {
        check::not_empty("class bounds", &bounds)?;
        check::finite("class bounds", bounds.iter().copied())?;
        check::within("number of classes", bounds.len() as f64, 1.0, 8.0)?;
        check::within("first class bound", bounds[0], 0.0, f64::MAX)?;
        if let Some(index) = bounds.windows(2).position(|p| p[0] >= p[1]) {
            return Err(Error::Disordered { what: "class bounds".to_owned(), index: index + 1 });
        }
        Ok(Classes { bounds, format })
    }

    /// Classes 1, 3, 10, 30, 100 … up to the one that holds `max`; at most seven.
    pub fn log_like(max: f64, format: Format) -> Self {
        let ladder = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0, 30_000.0];
        let reached = ladder.iter().take_while(|b| **b <= max).count().max(1);
        let step = reached.div_ceil(7).max(1);
        let bounds = ladder[..reached].iter().copied().step_by(step).collect();
        Classes { bounds, format }
    }

    /// `count` classes of equal width from 0 to 1, for probabilities and shares. Here 0 is the
    /// white class as well.
    pub fn shares(count: usize) -> Self {
        let count = count.clamp(2, 8);
        let bounds = (0..count).map(|i| i as f64 / count as f64).collect();
        Classes { bounds, format: Format::Percent }
    }

    /// How values are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Number of classes without zero.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Never true: there is at least one class.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Class of a value, from 0; `None` for exactly zero (and below).
    pub fn class_of(&self, value: f64) -> Option<usize> {
        if value <= 0.0 {
            return None;
        }
        Some(self.bounds.iter().filter(|b| **b <= value).count().saturating_sub(1))
    }

    /// Fill colour of a value: white for zero, else the class's shade.
    pub fn fill(&self, value: f64) -> &'static str {
        self.class_of(value).map_or(colour::WHITE, |c| self.shade(c))
    }

    /// The colour of a class, darker for greater values.
    pub(crate) fn shade(&self, class: usize) -> &'static str {
        colour::ramp(self.bounds.len())[class]
    }

    /// What the legend says of a class.
    pub(crate) fn label(&self, class: usize) -> String {
        let low = self.bounds[class];
        let text = |v: f64| self.format.text(v);
        match (self.bounds.get(class + 1), self.format) {
            (None, Format::Percent) => format!("{}–100%", text(low).trim_end_matches('%')),
            (None, _) => format!("{}+", text(low)),
            (Some(next), Format::Count) if *next - low <= 1.0 => text(low),
            (Some(next), Format::Count) => format!("{}–{}", text(low), text(next - 1.0)),
            (Some(next), Format::Percent) => {
                format!("{}–{}", text(low).trim_end_matches('%'), text(*next))
            }
            (Some(next), Format::Measure) => format!("{}–{}", text(low), text(*next)),
        }
    }
}

/// A run of months: `first` as VIEWS month_id, (year − 1980) · 12 + month, and their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months {
    /// month_id of the first month.
    pub first: i32,
    /// Number of months.
    pub len: usize,
}

impl Months {
    /// Months from a year and month (1 to 12).
    ///
    /// ```
    /// let m = sanad_figure::Months::starting(1989, 1, 384);
    /// assert_eq!((m.first, m.iso(383).as_str()), (109, "2020-12"));
    /// ```
    ///
    /// # Panics
    /// If `month` is not one of 1 to 12.
    pub fn starting(year: i32, month: u32, len: usize) -> Self {
        let first = Month::new(year, month).expect("a month from 1 to 12");
        Months { first: first.id(), len }
    }

    /// The month at a position, counted from 0.
    pub fn month(&self, position: usize) -> Month {
        Month::from_id(self.first + position as i32)
    }

    /// Year and month (1 to 12) at a position.
    pub fn year_month(&self, position: usize) -> (i32, u32) {
        let month = self.month(position);
        (month.year(), month.month())
    }

    /// `2025-08`.
    pub fn iso(&self, position: usize) -> String {
        self.month(position).to_string()
    }

    /// `Aug 2025`.
    pub fn name(&self, position: usize) -> String {
        let (y, m) = self.year_month(position);
        format!("{} {y}", month_name(m))
    }

    /// Positions of the Januaries to label so that labels keep `gap` units apart at `per_month`
    /// units a month.
    pub(crate) fn year_ticks(&self, per_month: f64, gap: f64) -> Vec<(usize, i32)> {
        let every =
            [1, 2, 5, 10, 20, 50].into_iter().find(|e| f64::from(*e) * 12.0 * per_month >= gap);
        let every = every.unwrap_or(100);
        (0..self.len)
            .map(|i| (i, self.year_month(i)))
            .filter(|(_, (y, m))| *m == 1 && y % every == 0)
            .map(|(i, (y, _))| (i, y))
            .collect()
    }
}

/// The first three letters of a month's English name, 1 to 12.
pub(crate) fn month_name(month: u32) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES[(month as usize + 11) % 12]
}

/// Moves positions apart until neighbours are `gap` units apart, each as little as possible in
/// least squares (pool adjacent violators), then into `low..=high`. Order is kept; the answer is
/// in the order of the input.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (rank, i) in order.iter().enumerate() {
        blocks.push((wanted[*i] - rank as f64 * gap, 1));
        while let [.., a, b] = blocks[..] {
            if a.0 <= b.0 {
                break;
            }
            let n = a.1 + b.1;
            blocks.truncate(blocks.len() - 2);
            blocks.push(((a.0 * a.1 as f64 + b.0 * b.1 as f64) / n as f64, n));
        }
    }
    let top = high - gap * wanted.len().saturating_sub(1) as f64;
    let levels = blocks.iter().flat_map(|(v, n)| std::iter::repeat_n(v.min(top).max(low), *n));
    let mut out = vec![0.0; wanted.len()];
    for (rank, (i, level)) in order.iter().zip(levels).enumerate() {
        out[*i] = level + rank as f64 * gap;
    }
    out
}

/// Rows for labels that start at `spans[i].0` and end at `spans[i].1`: first row that is free,
/// taken in order of start, so that no two labels of a row touch.
pub(crate) fn rows(spans: &[(f64, f64)], gap: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
    let mut ends: Vec<f64> = Vec::new();
    let mut out = vec![0; spans.len()];
    for i in order {
        let free = ends.iter().position(|e| *e + gap <= spans[i].0);
        let row = free.unwrap_or_else(|| {
            ends.push(f64::NEG_INFINITY);
            ends.len() - 1
        });
        ends[row] = spans[i].1;
        out[i] = row;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spread_keeps_gap_order_and_bounds(v in proptest::collection::vec(0.0..100.0f64, 1..9)) {
            let s = spread(&v, 12.0, 0.0, 120.0);
            let mut order: Vec<usize> = (0..v.len()).collect();
            order.sort_by(|a, b| v[*a].total_cmp(&v[*b]).then(a.cmp(b)));
            for p in order.windows(2) {
                prop_assert!(s[p[1]] - s[p[0]] >= 12.0 - 1e-9);
            }
            prop_assert!(s.iter().all(|x| (-1e-9..=120.0 + 1e-9).contains(x)));
        }

        #[test]
        fn labels_of_one_row_never_touch(
            v in proptest::collection::vec((0.0..500.0f64, 5.0..90.0f64), 1..40)
        ) {
            let spans: Vec<(f64, f64)> = v.iter().map(|(x, w)| (*x, x + w)).collect();
            let r = rows(&spans, 4.0);
            for i in 0..spans.len() {
                for j in 0..i {
                    let apart = spans[i].0 >= spans[j].1 + 4.0 || spans[j].0 >= spans[i].1 + 4.0;
                    prop_assert!(r[i] != r[j] || apart);
                }
            }
        }

        #[test]
        fn classes_are_monotone(a in 0.0..5e4f64, b in 0.0..5e4f64, max in 1.0..5e4f64) {
            let c = Classes::log_like(max, Format::Count);
            let (lo, hi) = if a < b { (a, b) } else { (b, a) };
            prop_assert!(c.class_of(lo) <= c.class_of(hi));
            prop_assert!(c.len() <= 7);
        }

        #[test]
        fn linear_scale_is_monotone(a in -1e6..1e6f64, b in -1e6..1e6f64) {
            let s = Linear { from: [-1e6, 1e6], to: [0.0, 700.0] };
            prop_assert!((a <= b) == (s.at(a) <= s.at(b)) || a == b);
        }

        #[test]
        fn ticks_enclose_the_data(low in -1e5..1e5f64, span in 1e-3..1e5f64, count in 2usize..8) {
            let t = ticks(low, low + span, count);
            prop_assert!(t[0] <= low + span * 1e-6 && *t.last().unwrap() >= low + span * (1.0 - 1e-6));
            prop_assert!(t.len() <= count * 3 / 2 + 3, "{:?}", t);
        }
    }

    #[test]
    fn months_follow_the_views_numbering() {
        let m = Months { first: 548, len: 2 };
        assert_eq!(m.iso(0), "2025-08");
        assert_eq!(Months { first: 1, len: 1 }.iso(0), "1980-01");
        assert_eq!(Months { first: 12, len: 2 }.name(1), "Jan 1981");
    }

    #[test]
    fn count_classes_name_their_whole_numbers() {
        let c = Classes::log_like(120.0, Format::Count);
        let labels: Vec<String> = (0..c.len()).map(|i| c.label(i)).collect();
        assert_eq!(labels, ["1–2", "3–9", "10–29", "30–99", "100+"]);
    }
}
