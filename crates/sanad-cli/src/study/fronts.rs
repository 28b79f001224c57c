//! The three fronts by province and month, from the indicators that a case declares.

use std::collections::BTreeMap;

use sanad_brief::{FrontBlock, FrontRow, Fronts, IndicatorLine, Measured, Move};
use sanad_core::Month;
use sanad_core::chronicle::{ActEffect, ChronicleRecord, Detail, Front, RelationEffect};
use sanad_core::place::Level;
use sanad_front::{
    Aggregation, Alternatives, Framework, Indicator, Interval, Intervals, Method, Node, Panel,
    Transform, Uncertainty, intervals,
};
use sanad_source::case::{DeclaredIndicator, Indicators, Quantity, Sides};
use sanad_store::Tally;

use super::Study;
use super::violence::measured;
use crate::error::Result;

/// Moves shown in the table.
const MOVES_SHOWN: usize = 6;
/// Indicators named for each move.
const REASONS_SHOWN: usize = 2;

/// The fronts, measured.
pub(crate) struct MeasuredFronts {
    content: Fronts,
}

/// By front and by the name of the province: the first month and the index from there on.
pub(crate) type FrontIndices = BTreeMap<String, BTreeMap<String, (Month, Vec<Option<f64>>)>>;

/// Best, low and high values of one indicator by place and month; NaN where nothing covers.
struct Values {
    best: Vec<f64>,
    bounds: Option<(Vec<f64>, Vec<f64>)>,
}

/// The places and months of the fronts.
struct Grid {
    places: Vec<String>,
    from: Month,
    months: usize,
}

impl Grid {
    fn at(&self, place: usize, month: usize) -> usize {
        place * self.months + month
    }

    fn position(&self, month: Month) -> Option<usize> {
        usize::try_from(month.id() - self.from.id()).ok().filter(|&at| at < self.months)
    }
}

impl MeasuredFronts {
    pub(crate) fn provinces(&self) -> usize {
        self.content.blocks.first().map_or(0, |block| block.rows.len())
    }

    pub(crate) const fn content(&self) -> &Fronts {
        &self.content
    }

    pub(crate) fn into_content(self) -> Fronts {
        self.content
    }

    /// Position of the last month in which some front of some province has an index.
    pub(crate) fn last_month_with_index(&self) -> Option<usize> {
        let rows = self.content.blocks.iter().flat_map(|block| &block.rows);
        rows.filter_map(|row| row.index.iter().rposition(Option::is_some)).max()
    }
}

impl Study {
    /// Measures the fronts; nothing when the case declares no indicators.
    pub(super) fn fronts(&self) -> Result<Option<MeasuredFronts>> {
        let Some(declared) = &self.indicators else { return Ok(None) };
        let to = self.months[1].max(Month::of(declared.chronicle_covers.end()));
        let grid = Grid {
            places: self.book.current(Level::Adm1).map(|place| place.id.clone()).collect(),
            from: self.months[0],
            months: usize::try_from(to.id() - self.months[0].id() + 1).unwrap_or(0),
        };
        let values: Vec<Values> = declared
            .indicators
            .iter()
            .map(|indicator| self.values(indicator, declared, &grid))
            .collect();
        let framework = framework(declared)?;
        let panel = panel(&grid, &values)?;
        let result =
            intervals(&panel, &framework, &method(declared, &grid), &uncertainty(declared))?;
        let content = self.fronts_content(declared, &grid, &values, &result);
        Ok(Some(MeasuredFronts { content }))
    }

    /// The index of each front by the name of the province: its first month and its values.
    pub(crate) fn front_indices(&self) -> Result<FrontIndices> {
        let Some(measured) = self.fronts()? else { return Ok(FrontIndices::new()) };
        let content = measured.into_content();
        let by_place = |block: &sanad_brief::FrontBlock| {
            let index = |row: &FrontRow| row.index.iter().map(|m| m.map(|m| m.value)).collect();
            let rows = block.rows.iter();
            rows.map(|row| (row.place.clone(), (content.from, index(row)))).collect()
        };
        let blocks = content.blocks.iter();
        Ok(blocks.map(|block| (block.front.as_str().to_owned(), by_place(block))).collect())
    }

    fn values(&self, indicator: &DeclaredIndicator, declared: &Indicators, grid: &Grid) -> Values {
        match indicator.quantity {
            Quantity::Districts => self.districts_reached(indicator, grid),
            Quantity::Statements | Quantity::TighteningActs | Quantity::ConflictRelations => {
                self.told(indicator, declared, grid)
            }
            Quantity::Events | Quantity::Deaths | Quantity::CivilianDeaths => {
                self.counted(indicator, grid)
            }
        }
    }

    fn matches(&self, indicator: &DeclaredIndicator, tally: &Tally) -> bool {
        let own = |side: i64| self.own_state.contains(&side);
        let sides = match indicator.sides {
            None => true,
            Some(Sides::Organisation) => self.has_organisation(tally),
            Some(Sides::OwnState) if tally.violence == 3 => own(tally.side_a_id),
            Some(Sides::OwnState) => self.sides(tally).any(own),
            Some(Sides::OtherState) => {
                self.sides(tally).any(|side| self.is_state(side) && !own(side))
            }
            Some(Sides::NoState) => self.sides(tally).all(|side| !self.is_state(side)),
        };
        let violence =
            indicator.violence.is_empty() || indicator.violence.contains(&tally.violence);
        let family = indicator.families.is_empty()
            || self.sides(tally).any(|side| indicator.families.contains(&self.kind(side).1));
        sides && violence && family
    }

    /// Events or deaths summed over the indicator's window.
    fn counted(&self, indicator: &DeclaredIndicator, grid: &Grid) -> Values {
        let [mut best, mut low, mut high] =
            [(); 3].map(|()| vec![0.0; grid.places.len() * grid.months]);
        for tally in self.provinces_now.iter().filter(|tally| self.matches(indicator, tally)) {
            let place = grid.places.iter().position(|id| *id == tally.place_id);
            let (Some(place), Some(month)) = (place, grid.position(tally.month)) else { continue };
            let at = grid.at(place, month);
            let [b, l, h] = match indicator.quantity {
                Quantity::Deaths => [tally.deaths_best, tally.deaths_low, tally.deaths_high],
                Quantity::CivilianDeaths => [tally.deaths_civilians; 3],
                _ => [tally.events; 3],
            };
            best[at] += b;
            // Some published rows have low above best or high below it; the best then bounds.
            low[at] += l.min(b);
            high[at] += h.max(b);
        }
        let summed = |values: &[f64]| self.windowed(values, indicator.window_months, grid);
        let with_bounds = indicator.quantity == Quantity::Deaths;
        Values { best: summed(&best), bounds: with_bounds.then(|| (summed(&low), summed(&high))) }
    }

    /// Sums over windows that end with each month; NaN where the count does not cover the window.
    fn windowed(&self, values: &[f64], window: usize, grid: &Grid) -> Vec<f64> {
        let covered = self.length();
        let one = |place: usize, month: usize| {
            let first = (month + 1).checked_sub(window).filter(|_| month < covered);
            first.map_or(f64::NAN, |first| {
                values[grid.at(place, first)..=grid.at(place, month)].iter().sum()
            })
        };
        let places = 0..grid.places.len();
        places
            .flat_map(|place| (0..grid.months).map(move |month| (place, month)))
            .map(|(place, month)| one(place, month))
            .collect()
    }

    /// Districts of the province in which there was a matching event in the window.
    fn districts_reached(&self, indicator: &DeclaredIndicator, grid: &Grid) -> Values {
        let mut last_seen: Vec<(usize, &str, usize)> = Vec::new();
        for tally in self.districts_then.iter().filter(|tally| self.matches(indicator, tally)) {
            // The province of today, by the first of today's places the district belongs to.
            let today = self.book.today(&tally.place_id);
            let province = today.first().and_then(|part| self.book.at_level(&part.0, Level::Adm1));
            let place = province.and_then(|p| grid.places.iter().position(|id| *id == p.id));
            if let (Some(place), Some(month)) = (place, grid.position(tally.month)) {
                last_seen.push((place, &tally.place_id, month));
            }
        }
        let mut best = vec![f64::NAN; grid.places.len() * grid.months];
        for place in 0..grid.places.len() {
            let here: Vec<(&str, usize)> =
                last_seen.iter().filter(|seen| seen.0 == place).map(|s| (s.1, s.2)).collect();
            for month in (indicator.window_months - 1)..self.length().min(grid.months) {
                let first = month + 1 - indicator.window_months;
                let inside = here.iter().filter(|seen| first <= seen.1 && seen.1 <= month);
                let mut districts: Vec<&str> = inside.map(|seen| seen.0).collect();
                districts.sort_unstable();
                districts.dedup();
                best[grid.at(place, month)] = districts.len() as f64;
            }
        }
        Values { best, bounds: None }
    }

    /// Records of the chronicle in the window, the same for every province.
    fn told(&self, indicator: &DeclaredIndicator, declared: &Indicators, grid: &Grid) -> Values {
        let covers = declared.chronicle_covers;
        let (first, last) = (Month::of(covers.start()), Month::of(covers.end()));
        let months: Vec<Month> = self
            .chronicle
            .iter()
            .filter(|record| told_kind(indicator.quantity, record) && is_monthly(record))
            .map(|record| Month::of(record.entry.when.end()))
            .collect();
        let mut best = vec![f64::NAN; grid.places.len() * grid.months];
        for month in Month::range(first, last) {
            let begin = month.plus(1 - indicator.window_months as i32);
            let Some(at) = grid.position(month).filter(|_| begin >= first) else { continue };
            let count = months.iter().filter(|m| begin <= **m && **m <= month).count() as f64;
            for place in 0..grid.places.len() {
                best[grid.at(place, at)] = count;
            }
        }
        Values { best, bounds: None }
    }

    fn fronts_content(
        &self,
        declared: &Indicators,
        grid: &Grid,
        values: &[Values],
        result: &Intervals,
    ) -> Fronts {
        let cell = |node, place, month| -> Option<Measured> {
            result
                .interval(node, place, month)
                .map(|interval| with_value(interval, result.index().value(node, place, month)))
        };
        let block = |(at, &front): (usize, &Front)| FrontBlock {
            front,
            rows: (0..grid.places.len())
                .map(|place| FrontRow {
                    place: self.place_name(&grid.places[place]),
                    index: (0..grid.months).map(|m| cell(Node::Front(at), place, m)).collect(),
                    evidence_share: (0..grid.months)
                        .map(|m| result.index().evidence_share(Node::Front(at), place, m))
                        .collect(),
                })
                .collect(),
        };
        let mut content = Fronts {
            from: grid.from,
            blocks: Front::ALL.iter().enumerate().map(block).collect(),
            evidence_floor: declared.evidence_floor,
            method: method_in_words(declared),
            indicators: indicator_lines(declared, grid, values),
            moves: Vec::new(),
        };
        content.moves = moves(&content, declared, grid, result);
        content
    }
}

/// The interval around the index itself rather than around the median of its draws.
fn with_value(interval: Interval, value: Option<f64>) -> Measured {
    let m = measured(interval);
    let value = value.unwrap_or(m.value);
    Measured { low: m.low.min(value), value, high: m.high.max(value) }
}

fn told_kind(quantity: Quantity, record: &ChronicleRecord) -> bool {
    match (quantity, &record.detail) {
        (Quantity::Statements, Detail::Statement(_)) => true,
        (Quantity::TighteningActs, Detail::Act(act)) => act.effect == ActEffect::Tightens,
        (Quantity::ConflictRelations, Detail::Relation(relation)) => {
            relation.effect == RelationEffect::Conflict
        }
        _ => false,
    }
}

/// Whether a record is dated well enough for a monthly series.
fn is_monthly(record: &ChronicleRecord) -> bool {
    (record.entry.when.end() - record.entry.when.start()).num_days() < 62
}

fn framework(declared: &Indicators) -> Result<Framework> {
    let builder = Front::ALL
        .iter()
        .fold(Framework::builder(), |builder, front| builder.front(front.as_str(), 1.0));
    let builder = declared.pillars.iter().fold(builder, |builder, pillar| {
        builder.pillar(pillar.id.clone(), pillar.front.as_str(), 1.0)
    });
    let indicator = |declared: &DeclaredIndicator| {
        Indicator::new(declared.id.clone(), declared.pillar.clone())
            .weight(declared.weight)
            .poisson(matches!(declared.quantity, Quantity::Events))
            .shared(declared.is_national())
            .transform(Transform::Log1p)
    };
    let builder =
        declared.indicators.iter().fold(builder, |builder, one| builder.indicator(indicator(one)));
    Ok(builder.build()?)
}

fn panel(grid: &Grid, values: &[Values]) -> Result<Panel> {
    let all: Vec<f64> = values.iter().flat_map(|values| values.best.iter().copied()).collect();
    let mut panel = Panel::from_values(grid.places.len(), grid.months, values.len(), all)?;
    for (indicator, values) in values.iter().enumerate() {
        let Some((low, high)) = &values.bounds else { continue };
        for place in 0..grid.places.len() {
            for month in 0..grid.months {
                let at = grid.at(place, month);
                if !values.best[at].is_nan() {
                    panel.set_bounds(place, month, indicator, low[at], high[at])?;
                }
            }
        }
    }
    Ok(panel)
}

fn method(declared: &Indicators, grid: &Grid) -> Method {
    let month = |day| grid.position(Month::of(day));
    let first = month(declared.reference.start()).unwrap_or(0);
    let last = month(declared.reference.end()).map_or(grid.months, |at| at + 1);
    Method {
        evidence_floor: declared.evidence_floor,
        reference_months: Some(first..last),
        ..Method::default()
    }
}

fn uncertainty(declared: &Indicators) -> Uncertainty {
    Uncertainty {
        draws: declared.draws,
        seed: declared.seed,
        level: 0.9,
        alternatives: Alternatives {
            aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
            weight_spread: declared.weight_spread,
            ..Alternatives::default()
        },
    }
}

fn method_in_words(declared: &Indicators) -> String {
    format!(
        "Each indicator is put on a logarithm and on 0 to 100 between the lowest and the highest \
         value of any province in {} to {}; a pillar is the mean of its indicators, a front the \
         mean of its pillars. Higher means more strain. The 90 % interval comes from {} draws over \
         the sampling of counts, the low and high estimates of deaths, weights varied by up to {} \
         %, and arithmetic against geometric means. There is no index where less than {} % of a \
         front's weight has data.",
        Month::of(declared.reference.start()),
        Month::of(declared.reference.end()),
        declared.draws,
        (declared.weight_spread * 100.0).round(),
        (declared.evidence_floor * 100.0).round(),
    )
}

fn indicator_lines(declared: &Indicators, grid: &Grid, values: &[Values]) -> Vec<IndicatorLine> {
    let line = |(indicator, values): (&DeclaredIndicator, &Values)| {
        let pillar = declared.pillars.iter().find(|pillar| pillar.id == indicator.pillar)?;
        let month = |at: usize| grid.from.plus((at % grid.months) as i32);
        let known: Vec<Month> = values.best[..grid.months]
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(at, _)| month(at))
            .collect();
        Some(IndicatorLine {
            front: pillar.front,
            pillar: pillar.title.clone(),
            title: indicator.title.clone(),
            reason: indicator.reason.clone(),
            source: indicator.source.clone(),
            covered: known.first().zip(known.last()).map(|(from, to)| [*from, *to]),
        })
    };
    declared.indicators.iter().zip(values).filter_map(line).collect()
}

/// Changes over twelve months whose intervals do not overlap, greatest first.
fn moves(content: &Fronts, declared: &Indicators, grid: &Grid, result: &Intervals) -> Vec<Move> {
    let mut moves = Vec::new();
    for (at, block) in content.blocks.iter().enumerate() {
        for (place, row) in block.rows.iter().enumerate() {
            let last = row.index.iter().rposition(Option::is_some);
            let Some((last, earlier)) = last.and_then(|last| Some((last, last.checked_sub(12)?)))
            else {
                continue;
            };
            let (Some(before), Some(after)) = (row.index[earlier], row.index[last]) else {
                continue;
            };
            if before.low <= after.high && after.low <= before.high {
                continue;
            }
            let mut by: Vec<(String, f64)> = result
                .index()
                .change(Node::Front(at), place, earlier, last)
                .iter()
                .map(|change| {
                    let title = declared.indicators[change.indicator].title.clone();
                    (title, change.by_score + change.by_coverage)
                })
                .collect();
            by.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            by.truncate(REASONS_SHOWN);
            moves.push(Move {
                front: block.front,
                place: row.place.clone(),
                month: grid.from.plus(last as i32),
                before,
                after,
                by,
            });
        }
    }
    let size = |m: &Move| (m.after.value - m.before.value).abs();
    moves.sort_by(|a, b| size(b).total_cmp(&size(a)));
    moves.truncate(MOVES_SHOWN);
    moves
}
