//! Scores as tables: means with intervals, differences, and scores by month or place.
//!
//! Scores are losses, lower being better, but for coverages. A mean has a 90 % interval from
//! resampling whole places, because the months of one place are not independent; a difference is
//! taken cell by cell over what both forecasts scored, so that neither gains by leaving hard cells
//! out.

use std::collections::BTreeSet;

use sanad_forecast::Panel;
use sanad_forecast::score::{
    BootstrapMean, BootstrapSettings, Metric, Row, ScoreTable, mean_interval, paired,
};
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::outcome::{Outcomes, Scored};

/// Months before an origin in which a place must have had a death to count as active. Most places
/// never see a death, and a forecast of zero is right there: scores over active places say how it
/// does where it matters.
const ACTIVE_MONTHS: usize = 120;

/// Mean score of one forecast, with its interval and its difference from another forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Model or file.
    pub forecast: String,
    /// Which cells: a year, or "all". Also "active".
    pub window: String,
    /// Name of the score.
    pub score: &'static str,
    /// Places × months that were scored. Of this forecast, whether or not the other has them.
    pub cells: usize,
    /// The mean with its interval; `None` where nothing was scored.
    pub mean: Option<BootstrapMean>,
    /// The other forecast.
    pub against: Option<String>,
    /// Mean of this minus the other over the cells that both have; below zero is better for losses.
    /// `None` alone, and where the two have no cell in common.
    pub difference: Option<BootstrapMean>,
}

impl Line {
    /// Why a number of the line is undefined, where one is.
    fn note(&self) -> Option<&'static str> {
        if self.mean.is_none() {
            return Some("undefined: no place and month was scored");
        }
        let is_compared = self.against.is_some();
        (is_compared && self.difference.is_none())
            .then_some("difference undefined: no place and month in common")
    }
}

/// A forecast and its scores. Borrowed, because a table of draws' scores is large.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The forecast's name.
    pub name: &'a str,
    /// Its scores.
    pub table: &'a ScoreTable,
}

/// Every score of a forecast over the cells that `keep` accepts, against each other forecast, or
/// alone when there is none.
///
/// Intervals hold 90 % and come from resampling whole places.
///
/// There is a line per metric and other forecast, metric by metric. `seed` is that of the
/// bootstrap.
///
/// # Errors
///
/// `Error::Forecast` where both have cells and none in common.
pub fn lines(
    forecast: Named<'_>,
    others: &[Named<'_>],
    window: &str,
    keep: impl Fn(&Row) -> bool + Copy,
    seed: u64,
) -> Result<Vec<Line>> {
    let own = forecast.table.filter(keep);
    let settings = BootstrapSettings { seed, ..BootstrapSettings::default() };
    let others: Vec<(&str, ScoreTable)> =
        others.iter().map(|other| (other.name, other.table.filter(keep))).collect();
    let mut all = Vec::new();
    for metric in Metric::ALL {
        let line = |against: Option<&str>, difference| -> Result<Line> {
            Ok(Line {
                forecast: forecast.name.to_owned(),
                window: window.to_owned(),
                score: metric.name(),
                cells: own.rows().len(),
                mean: mean_of(&own, metric, settings)?,
                against: against.map(str::to_owned),
                difference,
            })
        };
        if others.is_empty() {
            all.push(line(None, None)?);
        }
        for (name, other) in &others {
            let both = !own.rows().is_empty() && !other.rows().is_empty();
            let difference = both.then(|| paired(&own, other, metric, settings)).transpose()?;
            all.push(line(Some(name), difference)?);
        }
    }
    Ok(all)
}

/// The mean of a metric over a table's cells with its interval; `None` of an empty table.
fn mean_of(
    table: &ScoreTable,
    metric: Metric,
    settings: BootstrapSettings,
) -> Result<Option<BootstrapMean>> {
    let (places, values): (Vec<u32>, Vec<f64>) =
        table.rows().iter().map(|row| (row.place, metric.of(&row.scores))).unzip();
    if places.is_empty() {
        return Ok(None);
    }
    Ok(Some(mean_interval(&places, &values, settings)?))
}

/// Whether a row's place had a death in the ten years up to the row's origin. The origin itself is
/// the last of the 120 months; months without a value are no deaths.
pub fn is_active(panel: &Panel, row: &Row) -> bool {
    let first = (row.origin + 1).saturating_sub(ACTIVE_MONTHS);
    (first..=row.origin).any(|month| panel.value(row.place as usize, month) > Some(0.0))
}

/// Lines as a table.
///
/// `low` and `high` are the ends of the 90 % interval; numbers that are not defined are null, and
/// `note` says why.
///
/// # Errors
///
/// None that a caller could cause.
pub fn table(lines: &[Line]) -> Result<Table> {
    let mean = |of: fn(&BootstrapMean) -> f64| -> Vec<Option<f64>> {
        lines.iter().map(|line| line.mean.as_ref().map(of)).collect()
    };
    let difference = |of: fn(&BootstrapMean) -> f64| -> Vec<Option<f64>> {
        lines.iter().map(|line| line.difference.as_ref().map(of)).collect()
    };
    let cells: Vec<i64> = lines.iter().map(|line| line.cells as i64).collect();
    Ok(Columns::default()
        .text("forecast", lines.iter().map(|line| Some(&line.forecast)))
        .text("window", lines.iter().map(|line| Some(&line.window)))
        .text("score", lines.iter().map(|line| Some(line.score)))
        .int64("cells", cells)
        .float64("mean", mean(|found| found.mean.value))
        .float64("low", mean(|found| found.mean.low))
        .float64("high", mean(|found| found.mean.high))
        .text("against", lines.iter().map(|line| line.against.as_ref()))
        .float64("difference", difference(|found| found.mean.value))
        .float64("difference_low", difference(|found| found.mean.low))
        .float64("difference_high", difference(|found| found.mean.high))
        .text("note", lines.iter().map(Line::note))
        .finish()?)
}

/// Months ahead that the columns of a [`summary`] take together. Errors grow with the months ahead,
/// and a mean over all hides it.
const HORIZON_MONTHS: usize = 3;

/// The models with what a person compares: mean CRPS over all cells and by months ahead, the skill
/// 1 − CRPS / CRPS of `reference`, and the coverage of the intervals of 90 %. The best comes first.
///
/// Columns are `model`, `crps`, `skill`, `coverage` and `h1-3`, `h4-6` and so on; values are
/// rounded to three decimals for reading. Skill is null where the reference was not run or scores
/// 0.
///
/// # Errors
///
/// None that a caller could cause.
pub fn summary(models: &[Named<'_>], reference: &str) -> Result<Table> {
    let steps = models.iter().flat_map(|model| model.table.rows()).map(|row| row.step as usize);
    let (first, last) = (steps.clone().min().unwrap_or(1), steps.max().unwrap_or(1));
    let horizons: Vec<usize> = (first..=last).step_by(HORIZON_MONTHS).collect();
    let mean = |model: &Named<'_>, metric: Metric, keep: &dyn Fn(&Row) -> bool| {
        let values = model.table.rows().iter().filter(|row| keep(row));
        let values: Vec<f64> = values.map(|row| metric.of(&row.scores)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let crps = Metric::ALL[0];
    let whole = |model: &Named<'_>| mean(model, crps, &|_| true);
    let coverage = Metric::ALL.into_iter().find(|metric| metric.name() == "coverage_90");
    let benchmark = models.iter().find(|model| model.name == reference).and_then(whole);
    let mut models: Vec<&Named<'_>> = models.iter().collect();
    let order = |model: &Named<'_>| whole(model).unwrap_or(f64::INFINITY);
    models.sort_by(|a, b| order(a).total_cmp(&order(b)).then(a.name.cmp(b.name)));
    let column = |of: &dyn Fn(&Named<'_>) -> Option<f64>| -> Vec<Option<f64>> {
        // Three decimals are what a table for the eye has room for.
        models.iter().map(|model| of(model).map(|value| (value * 1e3).round() / 1e3)).collect()
    };
    let skill = |model: &Named<'_>| {
        let benchmark = benchmark.filter(|benchmark| *benchmark > 0.0)?;
        Some(1.0 - whole(model)? / benchmark)
    };
    let columns = Columns::default()
        .text("model", models.iter().map(|model| Some(model.name)))
        .float64("crps", column(&whole))
        .float64("skill", column(&skill))
        .float64("coverage", column(&|model| mean(model, coverage?, &|_| true)));
    let columns = horizons.into_iter().fold(columns, |columns, from| {
        let to = (from + HORIZON_MONTHS - 1).min(last);
        let within = move |row: &Row| (from..=to).contains(&(row.step as usize));
        let of = |model: &Named<'_>| mean(model, crps, &within);
        columns.float64(&format!("h{from}-{to}"), column(&of))
    });
    Ok(columns.finish()?)
}

/// Mean scores of a part of the cells: one place, or one month.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredPart {
    /// The forecast's name.
    pub forecast: String,
    /// The place or the month.
    pub key: String,
    /// Places × months scored.
    pub cells: usize,
    /// One mean per metric, in the order of [`Metric::ALL`]. Over this forecast's own cells.
    pub means: Vec<f64>,
    /// 1 − CRPS / CRPS of the reference, where there is one that can be beaten. It is taken over
    /// the cells that both have.
    pub skill: Option<f64>,
}

/// Scores by the key that `of` gives to each row, in the order of the numbers it gives. `keys`
/// names the parts by that number. A part without a scored cell is left out.
pub fn parts(
    forecast: Named<'_>,
    reference: Option<&ScoreTable>,
    keys: &[String],
    of: impl Fn(&Row) -> usize + Copy,
) -> Vec<ScoredPart> {
    let sums = by_key(forecast.table, keys.len(), of);
    // Skill is taken over the cells that both have.
    let common = reference.map(|reference| {
        let [own, other] = [(forecast.table, reference), (reference, forecast.table)]
            .map(|(table, other)| by_key(&common_with(table, other), keys.len(), of));
        (own, other)
    });
    let skill = |at: usize| {
        let (own, other) = common.as_ref()?;
        let (own, other) = (own[at].1[0], other[at].1[0]);
        (other > 0.0).then(|| 1.0 - own / other)
    };
    let part = |at: usize| {
        let (cells, sums) = &sums[at];
        ScoredPart {
            forecast: forecast.name.to_owned(),
            key: keys[at].clone(),
            cells: *cells,
            means: sums.iter().map(|sum| sum / *cells as f64).collect(),
            skill: skill(at),
        }
    };
    (0..keys.len()).filter(|&at| sums[at].0 > 0).map(part).collect()
}

/// The rows of a table whose cell the other has too.
fn common_with(table: &ScoreTable, other: &ScoreTable) -> ScoreTable {
    let cell = |row: &Row| (row.origin, row.place, row.step);
    let cells: BTreeSet<_> = other.rows().iter().map(cell).collect();
    table.filter(|row| cells.contains(&cell(row)))
}

/// Cells and sums of every metric by key.
fn by_key(table: &ScoreTable, keys: usize, of: impl Fn(&Row) -> usize) -> Vec<(usize, Vec<f64>)> {
    let mut sums = vec![(0, vec![0.0; Metric::ALL.len()]); keys];
    for row in table.rows() {
        let (cells, values) = &mut sums[of(row)];
        *cells += 1;
        for (sum, metric) in values.iter_mut().zip(Metric::ALL) {
            *sum += metric.of(&row.scores);
        }
    }
    sums
}

/// Why a part has no skill.
const NO_SKILL: &str =
    "skill undefined: the forecast that is compared with scores 0 or is missing here";

/// Parts as a table whose key column is called `key`; with the skill against `reference`.
///
/// # Errors
///
/// None that a caller could cause.
pub fn parts_table(parts: &[ScoredPart], key: &str, reference: Option<&str>) -> Result<Table> {
    let cells: Vec<i64> = parts.iter().map(|part| part.cells as i64).collect();
    let mut columns = Columns::default()
        .text("forecast", parts.iter().map(|part| Some(&part.forecast)))
        .text(key, parts.iter().map(|part| Some(&part.key)))
        .int64("cells", cells);
    for (at, metric) in Metric::ALL.into_iter().enumerate() {
        let values: Vec<f64> = parts.iter().map(|part| part.means[at]).collect();
        columns = columns.float64(metric.name(), values);
    }
    if let Some(reference) = reference {
        let skill: Vec<Option<f64>> = parts.iter().map(|part| part.skill).collect();
        columns = columns
            .text("against", parts.iter().map(|_| Some(reference)))
            .float64("crps_skill", skill)
            .text("note", parts.iter().map(|part| part.skill.is_none().then_some(NO_SKILL)));
    }
    Ok(columns.finish()?)
}

/// Every score of each file with its interval, and its difference from the first file's.
///
/// # Errors
///
/// If two files have no cell in common.
pub fn overall(scored: &[Scored], seed: u64) -> Result<Table> {
    let named: Vec<Named<'_>> =
        scored.iter().map(|one| Named { name: &one.name, table: &one.table }).collect();
    let mut all = Vec::new();
    for (index, &one) in named.iter().enumerate() {
        let others = if index == 0 { &[] } else { &named[..1] };
        all.extend(lines(one, others, "all", |_| true, seed)?);
    }
    table(&all)
}

/// Every score of each file by place, and its skill against the first file.
///
/// # Errors
///
/// None that a caller could cause.
pub fn by_place(scored: &[Scored], actuals: &Outcomes) -> Result<Table> {
    let keys: Vec<String> = actuals.places.iter().map(|place| place.id.clone()).collect();
    broken_down(scored, (&actuals.column, &keys), |row| row.place as usize)
}

/// Every score of each file by month, and its skill against the first file. The key is the
/// `month_id`.
///
/// # Errors
///
/// None that a caller could cause.
pub fn by_month(scored: &[Scored], actuals: &Outcomes) -> Result<Table> {
    let months = 0..actuals.panel.months();
    let keys: Vec<String> = months.map(|month| actuals.panel.month_id(month).to_string()).collect();
    broken_down(scored, ("month_id", &keys), |row| row.step as usize - 1)
}

/// A table of parts for files of draws, the first file being what the others take skill against.
fn broken_down(
    scored: &[Scored],
    (column, keys): (&str, &[String]),
    key: fn(&Row) -> usize,
) -> Result<Table> {
    let mut all = Vec::new();
    for (index, one) in scored.iter().enumerate() {
        let reference = (index > 0).then(|| &scored[0].table);
        let named = Named { name: &one.name, table: &one.table };
        all.extend(parts(named, reference, keys, key));
    }
    let reference = (scored.len() > 1).then(|| scored[0].name.as_str());
    parts_table(&all, column, reference)
}
