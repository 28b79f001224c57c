//! The fronts as tables.
//!
//! Indices and scores are points from 0 to 100, shares run from 0 to 1, and `value` is in the
//! indicator's own unit. A cell without evidence is null and no zero.

use sanad_core::Month;
use sanad_core::place::Level;
use sanad_front::sobol::Design;
use sanad_front::{Factor, Node, Origin, Quantity, Question, Sensitivity, sensitivity};
use sanad_store::{Columns, Table};

use super::content::{covered, with_value};
use super::joined::{FrontsResult, Reading};
use super::method::alternatives;
use crate::Study;
use crate::error::{Error, Result};

/// The fronts that have an index at a place and month, joined by a plus sign.
fn composition(joined: &FrontsResult, place: usize, month: usize) -> String {
    let index = joined.result.index();
    let present = joined
        .fronts
        .iter()
        .enumerate()
        .filter(|(front, _)| index.value(Node::Front(*front), place, month).is_some());
    present.map(|(_, front)| front.as_str()).collect::<Vec<_>>().join("+")
}

/// Points of the design behind Sobol indices. The index is computed several times for each of them,
/// so that the time grows with it.
const POINTS: usize = 512;

impl Reading<'_> {
    /// Level and name of a node, as the columns `level` and `node` have them.
    fn name(&self, joined: &FrontsResult, node: Node) -> (&'static str, String) {
        match node {
            Node::Pillar(at) => ("pillar", joined.framework.pillars()[at].name.clone()),
            Node::Front(at) => ("front", joined.fronts[at].as_str().to_owned()),
            Node::Overall => ("overall", "overall".to_owned()),
        }
    }
}

/// One row per place, month and node: overall, fronts, pillars and indicators. An overall index
/// is the mean of the fronts that have one there; `composition` names them, because the index
/// jumps where it changes.
///
/// `age_months` and `value` are of indicators alone: how many months ago the value was observed,
/// and the value in its own unit. Of an indicator `index` is its score, and `evidence_share` is 1
/// or 0.
///
/// # Errors
///
/// None that a caller could cause.
pub fn front_table(
    study: &Study,
    reading: &Reading<'_>,
    joined: &FrontsResult,
    [first, last]: [Month; 2],
) -> Result<Table> {
    let index = joined.result.index();
    let mut rows = IndexRows::default();
    let months: Vec<usize> = (0..joined.grid.months)
        .filter(|&at| (first..=last).contains(&joined.grid.month(at)))
        .collect();
    for (place, id) in joined.grid.places.iter().enumerate() {
        for &month in &months {
            let here = (id.as_str(), joined.grid.month(month));
            for &node in joined.framework.nodes().iter().rev() {
                let value = index.value(node, place, month);
                let interval = joined.result.interval(node, place, month);
                let shown = interval.map(|interval| with_value(interval, value));
                rows.push(here, reading.name(joined, node));
                rows.composition.push(match node {
                    Node::Overall => Some(composition(joined, place, month)),
                    _ => None,
                });
                rows.index.push(value);
                rows.low.push(shown.map(|shown| shown.low));
                rows.high.push(shown.map(|shown| shown.high));
                rows.weight.push(declared_weight(joined, node));
                rows.evidence.push(Some(index.evidence_share(node, place, month)));
                rows.fresh.push(Some(index.fresh_share(node, place, month)));
                rows.age.push(None);
                rows.value.push(None);
            }
            for (at, indicator) in reading.used.iter().enumerate() {
                let age = age_months(index.origin(place, month, at));
                rows.push(here, ("indicator", indicator.id.clone()));
                rows.composition.push(None);
                rows.index.push(index.score(place, month, at));
                rows.low.push(None);
                rows.high.push(None);
                rows.weight.push(indicator_weight(joined, at));
                rows.evidence.push(Some(f64::from(u8::from(age.is_some()))));
                rows.fresh.push(Some(f64::from(u8::from(age == Some(0)))));
                rows.age.push(age);
                rows.value.push(age.map(|age| {
                    joined.values[at].best[joined.grid.cell(place, month - age as usize)]
                }));
            }
        }
    }
    let names: Vec<String> =
        rows.place.iter().map(|id| crate::geography::place_name(study, id)).collect();
    Ok(Columns::default()
        .text("place_id", rows.place.iter().map(Some))
        .text("place", names.iter().map(Some))
        .text("month", rows.month.iter().map(|month| Some(month.to_string())))
        .text("level", rows.level.iter().map(Some))
        .text("node", rows.node.iter().map(Some))
        .text("composition", rows.composition.iter().map(Option::as_ref))
        .float64("index", rows.index)
        .float64("low_90", rows.low)
        .float64("high_90", rows.high)
        .float64("declared_weight", rows.weight)
        .float64("evidence_share", rows.evidence)
        .float64("fresh_share", rows.fresh)
        .int64("age_months", rows.age)
        .float64("value", rows.value)
        .finish()?)
}

/// The declared share that a pillar has in its front, or a front in the whole, 0 to 1; nothing of the whole.
fn declared_weight(joined: &FrontsResult, node: Node) -> Option<f64> {
    let framework = &joined.framework;
    let share = |weight: f64, all: f64| (all > 0.0).then(|| weight / all);
    match node {
        Node::Overall => None,
        Node::Front(front) => {
            let fronts = framework.fronts();
            share(fronts[front].weight, fronts.iter().map(|one| one.weight).sum())
        }
        Node::Pillar(pillar) => {
            let pillars = framework.pillars();
            let front = framework.fronts().iter().find(|front| front.members.contains(&pillar))?;
            let all = front.members.iter().map(|&member| pillars[member].weight).sum();
            share(pillars[pillar].weight, all)
        }
    }
}

/// The declared share that an indicator has in its front, 0 to 1.
fn indicator_weight(joined: &FrontsResult, indicator: usize) -> Option<f64> {
    let framework = &joined.framework;
    let pillars = framework.pillars();
    let pillar = pillars.iter().position(|pillar| pillar.members.contains(&indicator))?;
    let weight = |at: usize| framework.indicators()[at].weight;
    let all: f64 = pillars[pillar].members.iter().map(|&member| weight(member)).sum();
    let of_front = declared_weight(joined, Node::Pillar(pillar))?;
    (all > 0.0).then(|| of_front * weight(indicator) / all)
}

/// First and last month that the fronts are measured for: from the first month counted to the last
/// one counted or covered by the chronicle.
#[must_use]
pub fn span(study: &Study, reading: &Reading<'_>) -> [Month; 2] {
    let covered = Month::from_date(reading.declared.chronicle_covers.end());
    [study.months[0], study.months[1].max(covered)]
}

/// What each index of a place in a month is made of, and what moved it in twelve months.
///
/// One row per front and indicator with a value. `amount` adds up to `front_index` within a front;
/// `by_score_12_months` and `by_coverage_12_months` are parts of the change of the index since
/// twelve months before, and null where one of the two months has no index. What an indicator took
/// away that has no value any more is in no row.
///
/// # Errors
///
/// `Error::Request` for a place that is none of the level today, and for a month that is not
/// measured.
pub fn contributions(
    study: &Study,
    reading: &Reading<'_>,
    joined: &FrontsResult,
    place: &str,
    month: Month,
) -> Result<Table> {
    let (place, at) = (find_place(study, joined, place)?, find_month(joined, month, "why")?);
    let index = joined.result.index();
    let mut rows = Vec::new();
    for front in 0..joined.fronts.len() {
        let node = Node::Front(front);
        let earlier = at.checked_sub(12);
        let changes = earlier.map_or_else(Vec::new, |from| index.change(node, place, from, at));
        for part in index.contributions(node, place, at) {
            let change = changes.iter().find(|change| change.indicator == part.indicator);
            rows.push((front, part, change.copied()));
        }
    }
    let indicator = |contribution: &(usize, sanad_front::Contribution, _)| {
        reading.used[contribution.1.indicator]
    };
    let origin = |contribution: &(usize, sanad_front::Contribution, _)| {
        age_months(index.origin(place, at, contribution.1.indicator))
    };
    let raw = |contribution: &(usize, sanad_front::Contribution, _)| {
        let age = origin(contribution)? as usize;
        let cell = joined.grid.cell(place, at - age);
        Some(joined.values[contribution.1.indicator].best[cell])
    };
    let of_front = |it: &(usize, _, _)| joined.fronts[it.0].as_str();
    let front_index = |it: &(usize, _, _)| index.value(Node::Front(it.0), place, at);
    Ok(Columns::default()
        .text("front", rows.iter().map(|row| Some(of_front(row))))
        .float64("front_index", rows.iter().map(front_index).collect::<Vec<_>>())
        .text("pillar", rows.iter().map(|row| Some(&indicator(row).pillar)))
        .text("indicator", rows.iter().map(|row| Some(&indicator(row).id)))
        .text("title", rows.iter().map(|row| Some(&indicator(row).title)))
        .float64("value", rows.iter().map(raw).collect::<Vec<_>>())
        .int64("age_months", rows.iter().map(origin).collect::<Vec<_>>())
        .float64("score", rows.iter().map(|row| row.1.score).collect::<Vec<_>>())
        .float64("weight", rows.iter().map(|row| row.1.weight).collect::<Vec<_>>())
        .float64("amount", rows.iter().map(|row| row.1.amount).collect::<Vec<_>>())
        .float64(
            "by_score_12_months",
            rows.iter().map(|row| row.2.map(|c| c.by_score)).collect::<Vec<_>>(),
        )
        .float64(
            "by_coverage_12_months",
            rows.iter().map(|row| row.2.map(|c| c.by_coverage)).collect::<Vec<_>>(),
        )
        .text("source", rows.iter().map(|row| Some(&indicator(row).source)))
        .text("reason", rows.iter().map(|row| Some(&indicator(row).reason)))
        .text("citation", rows.iter().map(|row| Some(&indicator(row).citation)))
        .finish()?)
}

/// Sobol indices of every uncertain choice on every place's fronts in a month.
///
/// One row per front, choice and place. First order is the share of the variance that a choice
/// explains alone, total that with all its interactions, of the index and of the place's rank.
/// Errors of a pillar are listed under its own front only.
///
/// # Errors
///
/// `Error::Request` for a month that is not measured; `Error::Front` where the analysis cannot run.
pub fn sensitivity_table(
    study: &Study,
    reading: &Reading<'_>,
    joined: &FrontsResult,
    month: Month,
) -> Result<Table> {
    let month = find_month(joined, month, "sensitivity")?;
    let mut rows = Vec::new();
    for front in 0..joined.fronts.len() {
        let found = front_sensitivity(reading, joined, Node::Front(front), month, POINTS)?;
        let pillars = &joined.framework.fronts()[front].members;
        for (at, factor) in found.factors().iter().enumerate() {
            if matches!(factor, Factor::Errors { pillar: Some(at) } if !pillars.contains(at)) {
                continue;
            }
            for place in 0..joined.grid.places.len() {
                let both = |quantity| {
                    [found.first_order(at, place, quantity), found.total(at, place, quantity)]
                };
                let (value, rank) = (both(Quantity::Value), both(Quantity::Rank));
                rows.push((front, factor_name(joined, *factor), place, value, rank));
            }
        }
    }
    let name = |place: usize| crate::geography::place_name(study, &joined.grid.places[place]);
    Ok(Columns::default()
        .text("front", rows.iter().map(|row| Some(joined.fronts[row.0].as_str())))
        .text("factor", rows.iter().map(|row| Some(&row.1)))
        .text("place", rows.iter().map(|row| Some(name(row.2))))
        .float64("value_first_order", rows.iter().map(|row| row.3[0]).collect::<Vec<_>>())
        .float64("value_total", rows.iter().map(|row| row.3[1]).collect::<Vec<_>>())
        .float64("rank_first_order", rows.iter().map(|row| row.4[0]).collect::<Vec<_>>())
        .float64("rank_total", rows.iter().map(|row| row.4[1]).collect::<Vec<_>>())
        .finish()?)
}

/// The indicators with what is declared of them, and where each has values.
///
/// `values_from` and `values_to` are null for an indicator without a value in this observatory.
///
/// # Errors
///
/// None that a caller could cause.
pub fn indicator_table(reading: &Reading<'_>, joined: &FrontsResult) -> Result<Table> {
    let used = &reading.used;
    let months: Vec<_> = joined.values.iter().map(|it| covered(it, joined)).collect();
    let places = |at: usize| {
        let has = |place: usize| {
            let series = joined.grid.shape().months_of(place);
            joined.values[at].best[series].iter().any(|value| !value.is_nan())
        };
        (0..joined.grid.places.len()).filter(|&place| has(place)).count() as i64
    };
    let pillar = |id: &str| reading.declared.pillars.iter().find(|pillar| pillar.id == id);
    let front = |id: &str| pillar(id).map(|pillar| pillar.front.as_str());
    let ends =
        |end: usize| months.iter().map(move |month| month.map(|month| month[end].to_string()));
    Ok(Columns::default()
        .text("front", used.iter().map(|used| front(&used.pillar)))
        .text("pillar", used.iter().map(|used| Some(&used.pillar)))
        .text("indicator", used.iter().map(|used| Some(&used.id)))
        .text("title", used.iter().map(|used| Some(&used.title)))
        .text("source", used.iter().map(|used| Some(&used.source)))
        .text("unit_of_place", used.iter().map(|used| Some(used.unit_of_place.as_str())))
        .int64("release_lag_months", lags(used, |row| row.release_lag_months))
        .int64("max_age_months", lags(used, |row| row.max_age_months))
        .text("values_from", ends(0))
        .text("values_to", ends(1))
        .int64("places_with_values", (0..used.len()).map(places).collect::<Vec<_>>())
        .text("reason", used.iter().map(|used| Some(&used.reason)))
        .text("citation", used.iter().map(|used| Some(&used.citation)))
        .finish()?)
}

/// A place of the grid by identifier or name. A name is looked up as it was in force on the last
/// day of the grid.
///
/// # Errors
/// [`Error::Request`](crate::Error) with the places that are known.
fn find_place(study: &Study, joined: &FrontsResult, given: &str) -> Result<usize> {
    let level = joined.grid.level;
    let day = joined.grid.month(joined.grid.months - 1).last_day();
    let by_id = joined.grid.place(given);
    let found = by_id.or_else(|| {
        let place = study.book.find(level, given, "", day)?;
        joined.grid.place(&place.id)
    });
    found.ok_or_else(|| Error::Request {
        field: "why",
        found: given.to_owned(),
        expected: match level {
            Level::Adm2 => "the name or id of a district of today",
            _ => "the name or id of a province of today; a district needs the unit adm2",
        },
    })
}

/// A number of months of each indicator in use.
fn lags(
    used: &[&sanad_case::DeclaredIndicator],
    of: fn(&sanad_case::DeclaredIndicator) -> u32,
) -> Vec<i64> {
    used.iter().map(|used| i64::from(of(used))).collect()
}

/// The columns of the table, row by row.
#[derive(Default)]
struct IndexRows {
    composition: Vec<Option<String>>,
    place: Vec<String>,
    month: Vec<Month>,
    level: Vec<&'static str>,
    node: Vec<String>,
    index: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    weight: Vec<Option<f64>>,
    evidence: Vec<Option<f64>>,
    fresh: Vec<Option<f64>>,
    age: Vec<Option<i64>>,
    value: Vec<Option<f64>>,
}

impl IndexRows {
    /// Adds a row, its numbers still to come.
    fn push(&mut self, (place, month): (&str, Month), (level, node): (&'static str, String)) {
        self.place.push(place.to_owned());
        self.month.push(month);
        self.level.push(level);
        self.node.push(node);
    }
}

/// Age of the value behind a score: 0 in its own month; `None` where there is none. An imputed
/// value has no age: nobody observed it.
fn age_months(origin: Origin) -> Option<i64> {
    match origin {
        Origin::Observed => Some(0),
        Origin::Carried { age_months } => Some(i64::from(age_months)),
        Origin::Missing | Origin::Imputed => None,
    }
}

/// Position of a month that was asked for.
fn find_month(joined: &FrontsResult, month: Month, field: &'static str) -> Result<usize> {
    joined.grid.position(month).ok_or_else(|| Error::Request {
        field,
        found: month.to_string(),
        expected: "a month of the record",
    })
}

/// What is uncertain, for people. These are the words of the column `factor`.
pub(super) fn factor_name(joined: &FrontsResult, factor: Factor) -> String {
    match factor {
        Factor::Treatment => "treatment of outliers".to_owned(),
        Factor::Imputation => "way with gaps".to_owned(),
        Factor::Normalisation => "scale".to_owned(),
        Factor::Weighting => "way of weighting".to_owned(),
        Factor::Aggregation => "way of joining".to_owned(),
        Factor::WeightSpread => "weights".to_owned(),
        Factor::Errors { pillar: None } => "errors of values".to_owned(),
        Factor::Errors { pillar: Some(at) } => {
            format!("errors of {}", joined.framework.pillars()[at].name)
        }
    }
}

/// Sobol indices of a node in a month, on this many points.
pub(super) fn front_sensitivity(
    reading: &Reading<'_>,
    joined: &FrontsResult,
    node: Node,
    month: usize,
    points: usize,
) -> Result<Sensitivity> {
    let question = Question {
        node,
        month,
        alternatives: alternatives(reading.declared),
        errors_by_pillar: true,
        design: Design { points, seed: reading.declared.seed },
    };
    Ok(sensitivity(&joined.panel, &joined.framework, &joined.method, &question)?)
}
