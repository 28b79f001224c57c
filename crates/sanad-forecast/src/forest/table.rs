//! The rows a forest learns from, features coded by rank.

use sanad_core::random::Streams;

use super::{Forest, level};
use crate::draws::Request;
use crate::feature::Features;
use crate::panel::Past;
use crate::score::ign_bin;

/// Codes that a feature may have.
pub(super) const CODES: usize = 64;

/// At most this many rows are kept of all past cells.
const MOST_ROWS: usize = 400_000;

/// Beside the features: the step, and two terms of the season of the month forecast.
const BESIDE: usize = 3;

/// Past cells: coded features, outcomes, and the bin of each outcome.
#[derive(Debug, Clone)]
pub(super) struct TrainingTable {
    columns: usize,
    /// Row-major codes.
    codes: Vec<u8>,
    /// Per column, the values between codes, ascending.
    edges: Vec<Vec<f64>>,
    outcomes: Vec<f64>,
    levels: Vec<f64>,
    bins: Vec<u8>,
}

/// Place, month and step of a past cell.
type PastCell = (usize, usize, usize);

impl TrainingTable {
    /// The training rows: past cells whose outcome is known, with features coded into bins.
    pub(super) fn of(
        settings: &Forest,
        past: &Past<'_>,
        features: &Features,
        request: &Request,
    ) -> Self {
        let cells = cells(settings, past, features, request);
        let columns = features.width() + BESIDE;
        let first_month_id = past.origin_month_id() - past.origin() as i32;
        let row = |&(place, month, step): &PastCell| {
            extended(features.of_place(place, month), first_month_id + month as i32, step)
        };
        let edges = edges(&cells, columns, row);
        let mut table = Self {
            columns,
            codes: Vec::with_capacity(cells.len() * columns),
            edges,
            outcomes: Vec::with_capacity(cells.len()),
            levels: Vec::with_capacity(cells.len()),
            bins: Vec::with_capacity(cells.len()),
        };
        for cell in &cells {
            let &(place, month, step) = cell;
            for (column, value) in row(cell).into_iter().enumerate() {
                table.codes.push(code(&table.edges[column], value));
            }
            let outcome = past.series(place)[month + step];
            table.bins.push(ign_bin(outcome) as u8);
            table.outcomes.push(outcome);
            table.levels.push(level(features.of_place(place, month)));
        }
        // Within a leaf, draws go by rank; sorting once here sorts every leaf.
        table.by_relative_outcome()
    }

    /// The same rows in ascending order of outcome against level, so that rows of a leaf taken in
    /// order are its quantiles.
    fn by_relative_outcome(self) -> Self {
        let relative = |row: &usize| self.outcomes[*row] * (-self.levels[*row]).exp();
        let mut order: Vec<usize> = (0..self.outcomes.len()).collect();
        order.sort_by(|a, b| relative(a).total_cmp(&relative(b)));
        let columns = self.columns;
        Self {
            codes: order
                .iter()
                .flat_map(|&row| self.codes[row * columns..(row + 1) * columns].iter().copied())
                .collect(),
            outcomes: order.iter().map(|&row| self.outcomes[row]).collect(),
            levels: order.iter().map(|&row| self.levels[row]).collect(),
            bins: order.iter().map(|&row| self.bins[row]).collect(),
            ..self
        }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether there is nothing to learn from.
    pub(super) fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The code of a row in a column.
    pub(super) fn code(&self, row: u32, column: usize) -> u8 {
        self.codes[row as usize * self.columns + column]
    }

    /// The bin of a row's outcome.
    pub(super) fn bin(&self, row: u32) -> u8 {
        self.bins[row as usize]
    }

    /// Outcome and level of a row.
    pub(super) fn outcome(&self, row: u32) -> (f64, f64) {
        (self.outcomes[row as usize], self.levels[row as usize])
    }

    /// A row to forecast from, coded as the training rows are.
    pub(super) fn coded(&self, vector: &[f64], month_id: i32, step: usize) -> Vec<u8> {
        let row = extended(vector, month_id, step);
        row.into_iter().zip(&self.edges).map(|(value, edges)| code(edges, value)).collect()
    }
}

/// Cells to learn from, thinned where there are more than [`MOST_ROWS`], each kept with the same
/// chance.
fn cells(
    settings: &Forest,
    past: &Past<'_>,
    features: &Features,
    request: &Request,
) -> Vec<PastCell> {
    let spans = (settings.stride_months, settings.burn_in_months);
    let all = || features.learnable(past, request, spans);
    let share = MOST_ROWS as f64 / all().count().max(1) as f64;
    let thinning = Streams::new(request.seed(), "forest training rows");
    all()
        .filter(|&(place, month, step)| {
            share >= 1.0 || thinning.at(place as u32, step as u32, month as u32).open01() < share
        })
        .collect()
}

/// Features with what stands beside them.
fn extended(vector: &[f64], month_id: i32, step: usize) -> Vec<f64> {
    let year = f64::from(month_id + step as i32) / 12.0 * core::f64::consts::TAU;
    let mut row = Vec::with_capacity(vector.len() + BESIDE);
    row.extend_from_slice(vector);
    row.extend([step as f64, year.sin(), year.cos()]);
    row
}

/// Per column, at most [`CODES`] − 1 values that part its values into parts of like size.
fn edges(cells: &[PastCell], columns: usize, row: impl Fn(&PastCell) -> Vec<f64>) -> Vec<Vec<f64>> {
    let every = (cells.len() / 20_000).max(1);
    let sample: Vec<Vec<f64>> = cells.iter().step_by(every).map(row).collect();
    (0..columns)
        .map(|column| {
            let mut values: Vec<f64> = sample.iter().map(|row| row[column]).collect();
            values.sort_unstable_by(f64::total_cmp);
            // Most places are quiet: parts are made of distinct values, weighed by the root of
            // how often they occur, so that the violent ones are told apart.
            let mut distinct: Vec<(f64, f64)> = Vec::new();
            for value in values {
                match distinct.last_mut() {
                    Some((last, count)) if *last == value => *count += 1.0,
                    _ => distinct.push((value, 1.0)),
                }
            }
            let total: f64 = distinct.iter().map(|(_, count)| count.sqrt()).sum();
            let mut edges = Vec::new();
            let mut sum = 0.0;
            for (value, count) in distinct {
                let before = (sum / total * CODES as f64) as usize;
                sum += count.sqrt();
                if (sum / total * CODES as f64) as usize > before && edges.len() < CODES - 1 {
                    edges.push(value);
                }
            }
            edges
        })
        .collect()
}

/// How many edges lie below the value.
fn code(edges: &[f64], value: f64) -> u8 {
    edges.partition_point(|&edge| edge < value) as u8
}
