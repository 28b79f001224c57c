//! The fronts as the briefing shows them.

use sanad_brief::{FrontBlock, FrontRow, Fronts, IndicatorLine, Measured, Move};
use sanad_case::{DeclaredIndicator, Indicators};
use sanad_core::Month;
use sanad_core::chronicle::Front;
use sanad_front::{Interval, Node};

use super::grid::Values;
use super::standing::{panels, standings};
use super::{FrontsResult, Reading};
use crate::Study;
use crate::error::Result;
use crate::narrative::Narrative;
use crate::violence::measured;

/// Moves shown in the table.
const MOVES_SHOWN: usize = 6;
/// Indicators named for each move.
const REASONS_SHOWN: usize = 2;
/// Index points below which an indicator did not move it.
const LEAST_POINTS: f64 = 0.05;

impl Study {
    pub(super) fn fronts_content(
        &self,
        reading: &Reading<'_>,
        joined: &FrontsResult,
        with_detail: bool,
        narrative: Option<&Narrative>,
    ) -> Result<Fronts> {
        let grid = &joined.grid;
        let result = &joined.result;
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
        let declared = reading.declared;
        let mut content = Fronts {
            from: grid.from,
            places: self.book.level_names().adm1.clone(),
            blocks: joined.fronts.iter().enumerate().map(block).collect(),
            evidence_floor: declared.evidence_floor,
            method: method_in_words(declared),
            indicators: indicator_lines(reading, joined),
            moves: Vec::new(),
            standing: Vec::new(),
            narrative: narrative.map(panels),
            surveyed: None,
        };
        content.moves = moves(&content, reading, joined);
        if with_detail {
            content.standing = standings(reading, joined, &content.blocks)?;
        }
        Ok(content)
    }
}

/// The interval around the index itself rather than around the median of its draws.
pub(super) fn with_value(interval: Interval, value: Option<f64>) -> Measured {
    let m = measured(interval);
    let value = value.unwrap_or(m.value);
    Measured { low: m.low.min(value), value, high: m.high.max(value) }
}

fn method_in_words(declared: &Indicators) -> String {
    format!(
        "Each indicator is put on 0 to 100 between declared goalposts, counts on a logarithm up to \
         the most that any province had. A pillar is the mean of its indicators, a front the mean of its pillars. Higher means more \
         strain. A value enters no month before it could be known and stands only up to its age \
         limit, with a wider interval the older it is; a national value stands for provinces with a \
         wider interval. The 90 % interval comes from {} draws over the errors of values, weights \
         varied by up to {} %, and arithmetic against geometric means. There is no index where less \
         than {} % of a front's weight has data.",
        declared.draws,
        (declared.weight_spread * 100.0).round(),
        (declared.evidence_floor * 100.0).round(),
    )
}

fn indicator_lines(reading: &Reading<'_>, joined: &FrontsResult) -> Vec<IndicatorLine> {
    let line = |(indicator, values): (&&DeclaredIndicator, &Values)| {
        let pillar = reading.declared.pillars.iter().find(|it| it.id == indicator.pillar)?;
        Some(IndicatorLine {
            front: pillar.front,
            pillar: pillar.title.clone(),
            title: indicator.title.clone(),
            reason: indicator.reason.clone(),
            source: indicator.source.clone(),
            citation: indicator.citation.clone(),
            covered: covered(values, joined),
        })
    };
    reading.used.iter().zip(&joined.values).filter_map(line).collect()
}

/// First and last month with a value of some place.
pub(super) fn covered(values: &Values, joined: &FrontsResult) -> Option<[Month; 2]> {
    let known = |at: usize| !values.best[at].is_nan();
    let months = joined.grid.months;
    let some = |month: &usize| (0..joined.grid.places.len()).any(|p| known(p * months + month));
    let (first, last) = ((0..months).find(some)?, (0..months).rev().find(some)?);
    Some([joined.grid.month(first), joined.grid.month(last)])
}

/// Changes over twelve months whose intervals do not overlap, greatest first.
fn moves(content: &Fronts, reading: &Reading<'_>, joined: &FrontsResult) -> Vec<Move> {
    let mut moves = Vec::new();
    for (at, block) in content.blocks.iter().enumerate() {
        for (place, row) in block.rows.iter().enumerate() {
            let Some((earlier, last)) = year_to_last(row) else { continue };
            let (Some(before), Some(after)) = (row.index[earlier], row.index[last]) else {
                continue;
            };
            if before.low <= after.high && after.low <= before.high {
                continue;
            }
            let change = joined.result.index().change(Node::Front(at), place, earlier, last);
            let mut by: Vec<(String, f64)> = change
                .iter()
                .map(|change| {
                    let title = &reading.used[change.indicator].title;
                    let by_data = change.by_coverage.abs() > change.by_score.abs();
                    let note = if by_data { ", data came or went" } else { "" };
                    (format!("{title}{note}"), change.by_score + change.by_coverage)
                })
                .collect();
            by.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            by.truncate(REASONS_SHOWN);
            by.retain(|(_, points)| points.abs() >= LEAST_POINTS);
            let (front, place) = (block.front, row.place.clone());
            moves.push(Move { front, place, month: joined.grid.month(last), before, after, by });
        }
    }
    let size = |m: &Move| (m.after.value - m.before.value).abs();
    moves.sort_by(|a, b| size(b).total_cmp(&size(a)));
    moves.truncate(MOVES_SHOWN);
    moves
}

/// The last month with an index, and the one twelve months earlier.
fn year_to_last(row: &FrontRow) -> Option<(usize, usize)> {
    let last = row.index.iter().rposition(Option::is_some)?;
    Some((last.checked_sub(12)?, last))
}
