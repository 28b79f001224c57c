//! Forecasts in files: one row per place, month and draw.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_forecast::score::ScoreTable;
use sanad_forecast::{Draws, OUTCOME_CAP};
use sanad_store::external::{External, Part, Wanted};
use sanad_store::{Columns, Table};

use super::{Outcomes, Place, keys, month_id, plain_id};
use crate::error::Result;

/// A file of draws, scored.
pub struct Scored {
    /// Name of the file, without its ending.
    pub name: String,
    /// Scores; the step of a row is its month's position among the actuals' months, from 1.
    pub table: ScoreTable,
    /// Draws of each place and month.
    pub draws: usize,
    /// Cells of the actuals that have no draws, within the months that have any, and cells with
    /// draws that have no actual.
    pub unmatched: [usize; 2],
}

/// Where a file's rows go: cells of the actuals by place and month.
struct Cells<'a> {
    file: &'a External,
    places: BTreeMap<&'a str, usize>,
    first_month: i32,
    months: usize,
}

/// The cell of a row: inside the actuals, or outside of them.
type Cell = Option<usize>;

impl<'a> Cells<'a> {
    fn new(file: &'a External, actuals: &'a Outcomes) -> Self {
        let places = actuals.places.iter().enumerate();
        Self {
            file,
            places: places.map(|(at, place)| (place.id.as_str(), at)).collect(),
            first_month: actuals.panel.month_id(0),
            months: actuals.panel.months(),
        }
    }

    fn len(&self) -> usize {
        self.places.len() * self.months
    }

    /// The same places over the months from the first with draws to the last, with the counts of
    /// those cells: actuals may be far longer than the forecasts.
    fn narrowed(mut self, counts: &[u32]) -> (Self, Vec<u32>) {
        let months = self.months;
        let drawn = |month: &usize| counts.iter().skip(*month).step_by(months).any(|&n| n > 0);
        let first = (0..months).find(drawn).unwrap_or(0);
        let last = (0..months).rev().find(drawn).unwrap_or(0);
        self.first_month += first as i32;
        self.months = last - first + 1;
        let kept = counts.chunks(months.max(1)).flat_map(|of_place| &of_place[first..=last]);
        let kept = kept.copied().collect();
        (self, kept)
    }

    /// The cells of a batch. Rows come in long runs of one place, so that it is looked up once.
    fn of(&self, first: usize, parts: &[Part]) -> Result<Vec<Cell>> {
        let mut last: (&str, Option<usize>) = ("", None);
        let rows = parts[0].numbers().iter().zip(parts[1].texts());
        rows.enumerate()
            .map(|(at, (&month, place))| {
                let month = month_id(self.file, first + at, month)? - self.first_month;
                if last.0 != place.as_str() {
                    last = (place, self.places.get(plain_id(place)).copied());
                }
                let month = usize::try_from(month).ok().filter(|&month| month < self.months);
                Ok(last.1.zip(month).map(|(place, month)| place * self.months + month))
            })
            .collect()
    }
}

/// Reads a file of draws against the actuals and scores it. The file is read twice: once to count
/// the draws of each cell, once to fill them in.
///
/// Draws are counts: one with a fraction is rounded to the nearest. Fails when cells have different
/// numbers of draws, when a draw is not between 0 and [`OUTCOME_CAP`], and when no cell has both draws and an actual.
pub fn read_scored(path: &Path, actuals: &Outcomes) -> Result<Scored> {
    let file = External::open(path)?;
    let value = file.first_of(&["outcome", "draw_outcome", "value"]).ok_or_else(|| {
        file.wrong(format!("no column outcome; found {}", file.columns().join(", ")))
    })?;
    let column = super::place_column(&file, Some(&actuals.column))?;
    let cells = Cells::new(&file, actuals);
    let (counts, outside) = count(&cells, &column)?;
    let draws = number_of_draws(&cells, actuals, &counts)?;
    let (cells, counts) = cells.narrowed(&counts);
    let filled = fill(&cells, &column, value, draws)?;
    let offset = (cells.first_month - actuals.panel.month_id(0)) as usize;
    let known =
        |cell: usize| actuals.panel.value(cell / cells.months, offset + cell % cells.months);
    let observed: Vec<f64> = (0..cells.len())
        .map(|cell| known(cell).filter(|_| counts[cell] > 0).unwrap_or(f64::NAN))
        .collect();
    let without = (0..cells.len()).filter(|&c| counts[c] == 0 && known(c).is_some()).count();
    let beyond = (0..cells.len()).filter(|&c| counts[c] > 0 && known(c).is_none()).count();
    let draws_of = Draws::from_values(cells.places.len(), cells.months, draws, filled)?;
    let table = ScoreTable::of_window(0, offset + 1, &draws_of, &observed)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Scored { name, table, draws, unmatched: [without, beyond + outside / draws.max(1)] })
}

/// Rows of each cell, and rows outside of all cells.
fn count(cells: &Cells<'_>, column: &str) -> Result<(Vec<u32>, usize)> {
    let mut counts = vec![0_u32; cells.len()];
    let mut outside = 0;
    let mut problem = None;
    cells.file.scan(&keys(column), |first, parts| {
        match cells.of(first, parts) {
            Ok(found) => {
                for cell in found {
                    match cell {
                        Some(cell) => counts[cell] += 1,
                        None => outside += 1,
                    }
                }
            }
            Err(error) if problem.is_none() => problem = Some(error),
            Err(_) => {}
        }
        Ok(())
    })?;
    problem.map_or(Ok((counts, outside)), Err)
}

/// The number of draws, the same in every cell that has any.
fn number_of_draws(cells: &Cells<'_>, actuals: &Outcomes, counts: &[u32]) -> Result<usize> {
    let Some(at) = counts.iter().position(|&count| count > 0) else {
        let problem = "it has no draws for any place and month of the actuals; check that places \
                       and months are the same in both";
        return Err(cells.file.wrong(problem).into());
    };
    match counts.iter().position(|&count| count > 0 && count != counts[at]) {
        None => Ok(counts[at] as usize),
        Some(other) => {
            let named = |cell: usize| {
                let place = &actuals.places[cell / cells.months].id;
                let month = actuals.panel.month_id(cell % cells.months);
                format!("place {place}, month {month}: {} draws", counts[cell])
            };
            let problem = format!(
                "found {}, but {}; expected the same number everywhere",
                named(at),
                named(other)
            );
            Err(cells.file.wrong(problem).into())
        }
    }
}

fn fill(cells: &Cells<'_>, column: &str, value: &str, draws: usize) -> Result<Vec<u32>> {
    let mut values = vec![0_u32; cells.len() * draws];
    let mut filled = vec![0_usize; cells.len()];
    let mut problem = None;
    let [month, place] = keys(column);
    cells.file.scan(&[month, place, Wanted::Numbers(value)], |first, parts| {
        let found = match cells.of(first, parts) {
            Ok(found) => found,
            Err(error) => {
                problem.get_or_insert(error);
                return Ok(());
            }
        };
        for (at, (cell, &value_of)) in found.into_iter().zip(parts[2].numbers()).enumerate() {
            let Some(cell) = cell else { continue };
            if !(0.0..=f64::from(OUTCOME_CAP)).contains(&value_of) {
                let what = format!(
                    "row {}, column {value}: found {value_of}, expected a count up to {OUTCOME_CAP}",
                    first + at
                );
                problem.get_or_insert(cells.file.wrong(what).into());
                continue;
            }
            values[cell * draws + filled[cell]] = value_of.round() as u32;
            filled[cell] += 1;
        }
        Ok(())
    })?;
    problem.map_or(Ok(values), Err)
}

/// Draws as the VIEWS challenge lays them out: `month_id`, the place, `draw` from 0, `outcome`.
pub fn draws_table(
    column: &str,
    places: &[Place],
    first_month_id: i32,
    draws: &Draws,
) -> Result<Table> {
    let (steps, size) = (draws.steps(), draws.draws());
    let rows = draws.values().len();
    let mut months = Vec::with_capacity(rows);
    let mut numbers = Vec::with_capacity(rows);
    for _ in 0..draws.places() {
        for step in 0..steps {
            months.extend(std::iter::repeat_n(first_month_id + step as i32, size));
            numbers.extend(0..size as i32);
        }
    }
    let per_place = steps * size;
    let columns = Columns::default().int32("month_id", months);
    let ids: Option<Vec<i32>> = places.iter().map(|place| place.id.parse().ok()).collect();
    let columns = match ids {
        Some(ids) => {
            let each = ids.into_iter().flat_map(|id| std::iter::repeat_n(id, per_place));
            columns.int32(column, each.collect::<Vec<_>>())
        }
        None => {
            let each = places.iter().flat_map(|place| std::iter::repeat_n(&place.id, per_place));
            columns.text(column, each.map(Some))
        }
    };
    let outcomes: Vec<i32> = draws.values().iter().map(|&value| value as i32).collect();
    Ok(columns.int32("draw", numbers).int32("outcome", outcomes).finish()?)
}
