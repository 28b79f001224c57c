//! Forecasts in files: one row per place, month and draw.
//!
//! A file may hold any number of draws, the same in every cell. Cells are the places and months of
//! the actuals; rows outside of them are counted and not scored. Memory is for the months that have
//! draws alone, four bytes a draw where all are whole numbers and eight where not.

use sanad_numbers::PlaceMonthGrid;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sanad_forecast::score::{ScoreTable, score_values};
use sanad_forecast::{Draws, OUTCOME_CAP};
use sanad_store::external::{ColumnKind, External, Part};
use sanad_store::{Columns, Table, Unit};

use super::{Outcomes, Place, keys, month_id, plain_id};
use crate::error::Result;

/// A file of draws, scored.
pub struct Scored {
    /// Name of the file, without its ending.
    pub name: String,
    /// Scores; the step of a row is its month's position among the actuals' months, from 1.
    pub table: ScoreTable,
    /// Draws of each place and month. The same everywhere, or the file is refused.
    pub draws: usize,
    /// Draws of scored cells that are no whole numbers. They are scored as they are.
    pub fractional: u64,
    /// Cells of the actuals that have no draws, within the months that have any, and cells with
    /// draws that have no actual. Both are told to the user: what is not scored decides nothing.
    pub unmatched: [usize; 2],
}

/// Where a file's rows go: cells of the actuals by place and month.
struct DrawCells<'a> {
    /// The file, for messages.
    file: &'a External,
    /// Position of each place among the actuals' places.
    places: BTreeMap<&'a str, usize>,
    /// `month_id` of the first month.
    first_month: i32,
    /// Number of months.
    months: usize,
}

/// The cell of a row: inside the actuals, or outside of them.
type CellIndex = Option<usize>;

impl<'a> DrawCells<'a> {
    /// The cells of the actuals.
    fn new(file: &'a External, actuals: &'a Outcomes) -> Self {
        let places = actuals.places.iter().enumerate();
        Self {
            file,
            places: places.map(|(at, place)| (place.id.as_str(), at)).collect(),
            first_month: actuals.panel.month_id(0),
            months: actuals.panel.months(),
        }
    }

    /// Number of cells.
    fn len(&self) -> usize {
        self.places.len() * self.months
    }

    /// The same places over the months from the first with draws to the last, with the counts of
    /// those cells: actuals may be far longer than the forecasts. `counts` are draws by cell,
    /// places × months.
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
    fn of(&self, first: usize, parts: &[Part]) -> Result<Vec<CellIndex>> {
        let mut last: (&str, Option<usize>) = ("", None);
        let rows = parts[0].numbers().iter().zip(parts[1].texts());
        rows.enumerate()
            .map(|(at, (&month, place))| {
                let month = month_id(self.file, first + at, month)? - self.first_month;
                if last.0 != place.as_str() {
                    last = (place, self.places.get(plain_id(place)).copied());
                }
                let month = usize::try_from(month).ok().filter(|&month| month < self.months);
                let grid = PlaceMonthGrid { places: self.places.len(), months: self.months };
                Ok(last.1.zip(month).map(|(place, month)| grid.cell(place, month)))
            })
            .collect()
    }
}

/// Columns that number the draws of a place and month, in the order they are looked for.
const DRAW_COLUMNS: [&str; 2] = ["draw", "draw_id"];

/// Reads a file of draws against the actuals and scores it. The file is read twice: once to count
/// the draws of each cell, once to fill them in.
///
/// Draws are scored as they are, whole numbers or not. Fails when cells have different numbers of
/// draws, when a cell has a draw of the same number twice, when a draw is not between 0 and
/// [`OUTCOME_CAP`], and when no cell has both draws and an actual.
pub fn read_scored(path: &Path, actuals: &Outcomes) -> Result<Scored> {
    let file = External::open(path)?;
    let value = file.first_of(&["outcome", "draw_outcome", "value"]).ok_or_else(|| {
        file.wrong(format!("no column outcome; found {}", file.columns().join(", ")))
    })?;
    let column = super::place_column(&file, Some(&actuals.column))?;
    let cells = DrawCells::new(&file, actuals);
    let number = file.first_of(&DRAW_COLUMNS);
    let (counts, outside) = count(&cells, &column)?;
    let uneven = number_of_draws(&cells, actuals, &counts);
    let draws = match uneven {
        Ok(draws) => draws,
        Err(error) => {
            // A draw that is there twice is the better reason, where the file numbers its draws.
            let most = counts.iter().copied().max().unwrap_or_default() as usize;
            number.map_or(Ok(()), |number| check_numbers(&cells, &column, number, most))?;
            return Err(error);
        }
    };
    let (cells, counts) = cells.narrowed(&counts);
    let filled = fill(&cells, &column, value, number, draws)?;
    let offset = (cells.first_month - actuals.panel.month_id(0)) as usize;
    let known =
        |cell: usize| actuals.panel.value(cell / cells.months, offset + cell % cells.months);
    let observed: Vec<f64> = (0..cells.len())
        .map(|cell| known(cell).filter(|_| counts[cell] > 0).unwrap_or(f64::NAN))
        .collect();
    // The actuals may have a gap where the only draws are.
    if observed.iter().all(|actual| actual.is_nan()) {
        return Err(file.wrong(NOTHING_TO_SCORE).into());
    }
    let without = (0..cells.len()).filter(|&c| counts[c] == 0 && known(c).is_some()).count();
    let beyond = (0..cells.len()).filter(|&c| counts[c] > 0 && known(c).is_none()).count();
    let fractional = filled.fractional;
    let table = filled.scored(&cells, draws, offset + 1, &observed)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let unmatched = [without, beyond + outside / draws.max(1)];
    Ok(Scored { name, table, draws, fractional, unmatched })
}

/// Rows of each cell, and rows outside of all cells.
///
/// # Errors
///
/// `Error::Store` with the row of a month that is none.
fn count(cells: &DrawCells<'_>, column: &str) -> Result<(Vec<u32>, usize)> {
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

/// What is wrong where no place and month has both draws and an actual.
const NOTHING_TO_SCORE: &str = "it has no draws for any place and month of the actuals; check that \
                                places and months are the same in both";

/// The number of draws, the same in every cell that has any.
///
/// # Errors
///
/// `Error::Store` where no cell has a draw, and with two cells whose numbers differ.
fn number_of_draws(cells: &DrawCells<'_>, actuals: &Outcomes, counts: &[u32]) -> Result<usize> {
    let Some(at) = counts.iter().position(|&count| count > 0) else {
        return Err(cells.file.wrong(NOTHING_TO_SCORE).into());
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

/// The draws of all cells, side by side: as counts, which takes half the memory, until one is none.
struct FilledDraws {
    /// Draws as counts, cell by cell; empty once one was no whole number.
    counts: Vec<u32>,
    /// Draws as numbers, from the first that was no whole number on.
    numbers: Option<Vec<f64>>,
    /// How many were no whole numbers.
    fractional: u64,
}

impl FilledDraws {
    /// Draws that are all zero.
    fn zeros(length: usize) -> Self {
        Self { counts: vec![0; length], numbers: None, fractional: 0 }
    }

    /// Sets a draw; the first one that is no whole number makes all of them numbers.
    fn set(&mut self, position: usize, value: f64) {
        if value.fract() != 0.0 {
            self.fractional += 1;
            let counts = &mut self.counts;
            self.numbers.get_or_insert_with(|| {
                core::mem::take(counts).into_iter().map(f64::from).collect()
            });
        }
        match &mut self.numbers {
            Some(numbers) => numbers[position] = value,
            None => self.counts[position] = value as u32,
        }
    }

    /// The scores of the draws of every cell that has an actual.
    fn scored(
        self,
        cells: &DrawCells<'_>,
        draws: usize,
        first_step: usize,
        observed: &[f64],
    ) -> Result<ScoreTable> {
        let (places, months) = (cells.places.len(), cells.months);
        if let Some(numbers) = self.numbers {
            let scores = score_values(&numbers, draws, observed)?;
            return Ok(ScoreTable::of_cells(0, first_step, months, scores, observed));
        }
        let draws = Draws::from_values(places, months, draws, self.counts)?;
        Ok(ScoreTable::of_window(0, first_step, &draws, observed)?)
    }
}

/// The numbers of draws that each cell has shown so far.
struct DrawNumbers {
    /// A bit per cell and number from 0 to `most`: how files number draws, from 0 or from 1.
    usual: Vec<u64>,
    /// The largest number with a bit of its own.
    most: usize,
    /// Cell and number of all others.
    others: BTreeSet<(usize, u64)>,
}

impl DrawNumbers {
    /// Nothing seen yet; `most` is the number of draws, which files count from 0 or from 1.
    fn new(cells: usize, most: usize) -> Self {
        let bits = cells * (most + 1);
        Self { usual: vec![0; bits.div_ceil(64)], most, others: BTreeSet::new() }
    }

    /// Takes note of a draw; whether the cell had none of this number.
    fn is_new(&mut self, cell: usize, number: f64) -> bool {
        if number.fract() != 0.0 || !(0.0..=self.most as f64).contains(&number) {
            return self.others.insert((cell, number.to_bits()));
        }
        let bit = cell * (self.most + 1) + number as usize;
        let (word, mask) = (bit / 64, 1 << (bit % 64));
        let new = self.usual[word] & mask == 0;
        self.usual[word] |= mask;
        new
    }
}

/// Checks that no cell has a draw of the same number twice; `most` is the largest number of draws.
fn check_numbers(cells: &DrawCells<'_>, column: &str, number: &str, most: usize) -> Result<()> {
    let mut seen = DrawNumbers::new(cells.len(), most);
    let mut problem = None;
    let [month, place] = keys(column);
    cells.file.scan(&[month, place, ColumnKind::Numbers(number)], |first, parts| {
        if problem.is_none() {
            let found = cells.of(first, parts);
            problem = found
                .and_then(|found| {
                    let row = RowsOfDraws { cells, parts, first, number };
                    row.check(&found, parts[2].numbers(), &mut seen)
                })
                .err();
        }
        Ok(())
    })?;
    problem.map_or(Ok(()), Err)
}

/// A batch of rows whose draws are numbered.
struct RowsOfDraws<'a> {
    cells: &'a DrawCells<'a>,
    parts: &'a [Part],
    first: usize,
    number: &'a str,
}

impl RowsOfDraws<'_> {
    /// Refuses a draw that its cell has already.
    fn check(&self, found: &[CellIndex], numbers: &[f64], seen: &mut DrawNumbers) -> Result<()> {
        for (at, (cell, &number)) in found.iter().zip(numbers).enumerate() {
            let Some(cell) = *cell else { continue };
            if number.is_nan() {
                let (row, column) = (self.first + at, self.number);
                let what =
                    format!("row {row}, column {column}: no value, expected a draw's number");
                return Err(self.cells.file.wrong(what).into());
            }
            if !seen.is_new(cell, number) {
                let (row, column) = (self.first + at, self.number);
                let (month, place) = (self.parts[0].numbers()[at], &self.parts[1].texts()[at]);
                let what = format!(
                    "row {row}, column {column}: place {place}, month {month} has draw {number} a \
                     second time, expected each number once"
                );
                return Err(self.cells.file.wrong(what).into());
            }
        }
        Ok(())
    }
}

/// Reads the file a second time and puts each draw where it belongs.
fn fill(
    cells: &DrawCells<'_>,
    column: &str,
    value: &str,
    number: Option<&str>,
    draws: usize,
) -> Result<FilledDraws> {
    let mut values = FilledDraws::zeros(cells.len() * draws);
    let mut filled = vec![0_usize; cells.len()];
    let mut seen = number.map(|number| (number, DrawNumbers::new(cells.len(), draws)));
    let mut problem = None;
    let [month, place] = keys(column);
    let mut wanted = vec![month, place, ColumnKind::Numbers(value)];
    wanted.extend(number.map(ColumnKind::Numbers));
    cells.file.scan(&wanted, |first, parts| {
        if problem.is_some() {
            return Ok(());
        }
        let mut each = || -> Result<()> {
            let found = cells.of(first, parts)?;
            if let Some((number, seen)) = &mut seen {
                let rows = RowsOfDraws { cells, parts, first, number };
                rows.check(&found, parts[3].numbers(), seen)?;
            }
            for (at, (cell, &value_of)) in found.into_iter().zip(parts[2].numbers()).enumerate() {
                let Some(cell) = cell else { continue };
                check_draw(cells.file, value, first + at, value_of)?;
                values.set(cell * draws + filled[cell], value_of);
                filled[cell] += 1;
            }
            Ok(())
        };
        problem = each().err();
        Ok(())
    })?;
    problem.map_or(Ok(values), Err)
}

/// Refuses a draw that is negative, too large or no number.
fn check_draw(file: &External, column: &str, row: usize, value: f64) -> Result<()> {
    if (0.0..=f64::from(OUTCOME_CAP)).contains(&value) {
        return Ok(());
    }
    let found = if value.is_nan() { "no value".to_owned() } else { format!("found {value}") };
    let what = format!("row {row}, column {column}: {found}, expected 0 to {OUTCOME_CAP}");
    Err(file.wrong(what).into())
}

/// The places of a forecast as its file of draws names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawPlaces {
    /// The column of places: `country_id`, `priogrid_gid`, or `place_id` for places of a case.
    pub column: &'static str,
    /// The places, with their identifiers in that column.
    pub places: Vec<Place>,
}

impl DrawPlaces {
    /// The places of `unit`, the country by its number in VIEWS where the case states one.
    ///
    /// ```
    /// use sanad_store::Unit;
    /// use sanad_study::outcome::{DrawPlaces, Place};
    ///
    /// let country = Place { id: "PK".to_owned(), name: "Pakistan".to_owned(), within: None };
    /// let named = DrawPlaces::new(Unit::Country, vec![country.clone()], Some(136));
    /// assert_eq!((named.column, named.places[0].id.as_str()), ("country_id", "136"));
    /// let unnumbered = DrawPlaces::new(Unit::Country, vec![country], None);
    /// assert_eq!((unnumbered.column, unnumbered.places[0].id.as_str()), ("place_id", "PK"));
    /// ```
    #[must_use]
    pub fn new(unit: Unit, places: Vec<Place>, views_country_id: Option<i32>) -> Self {
        match (unit, views_country_id) {
            (Unit::Country, Some(number)) => {
                let by_number = |place: Place| Place { id: number.to_string(), ..place };
                let places = places.into_iter().map(by_number).collect();
                Self { column: "country_id", places }
            }
            (Unit::Priogrid, _) => Self { column: "priogrid_gid", places },
            _ => Self { column: "place_id", places },
        }
    }

    /// The draws of these places from the month `first_month_id` on, as [`draws_table`] lays them out.
    ///
    /// # Errors
    ///
    /// None that a caller could cause.
    pub fn table(&self, first_month_id: i32, draws: &Draws) -> Result<Table> {
        draws_table(self.column, &self.places, first_month_id, draws)
    }
}

/// Draws as the VIEWS challenge lays them out: `month_id`, the place, `draw` from 0, `outcome`.
///
/// Rows run by place, then month, then draw. `column` names the column of places.
///
/// # Errors
///
/// None that a caller could cause.
pub fn draws_table(
    column: &str,
    places: &[Place],
    first_month_id: i32,
    draws: &Draws,
) -> Result<Table> {
    let keys = draw_columns(column, places, first_month_id, draws);
    Ok(keys.int32("outcome", outcomes(draws)).finish()?)
}

/// The columns of [`draws_table`] that say what is drawn. They are the same for all models.
///
/// # Errors
///
/// None that a caller could cause.
pub fn draw_keys(
    column: &str,
    places: &[Place],
    first_month_id: i32,
    draws: &Draws,
) -> Result<Table> {
    Ok(draw_columns(column, places, first_month_id, draws).finish()?)
}

/// The column of [`draws_table`] that holds what was drawn.
///
/// # Errors
///
/// None that a caller could cause.
pub fn draw_outcomes(draws: &Draws) -> Result<Table> {
    Ok(Columns::default().int32("outcome", outcomes(draws)).finish()?)
}

/// The draws as whole numbers of a column.
fn outcomes(draws: &Draws) -> Vec<i32> {
    draws.values().iter().map(|&value| value as i32).collect()
}

/// Place and month of every draw.
fn draw_columns(column: &str, places: &[Place], first_month_id: i32, draws: &Draws) -> Columns {
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
    columns.int32("draw", numbers)
}
