//! The fronts as the briefing shows them.

use sanad_brief::{FrontBlock, FrontRow, Fronts, IndicatorLine, Move};
use sanad_case::{DeclaredIndicator, Indicators};
use sanad_core::Estimate;
use sanad_core::Month;
use sanad_core::chronicle::Front;
use sanad_front::Node;

use super::grid::Values;
use super::joined::{FrontsResult, Reading};
use super::standing::{panels, standings};
use crate::Study;
use crate::error::Result;
use crate::narrative::Narrative;

/// Moves shown in the table.
const MOVES_SHOWN: usize = 6;
/// Indicators named for each move.
const REASONS_SHOWN: usize = 2;
/// Index points below which an indicator did not move it. Rounded to one decimal it would be zero.
const LEAST_POINTS: f64 = 0.05;

/// The fronts as the briefing shows them.
///
/// # Errors
///
/// Those of the sensitivity analysis, which runs only with detail.
pub(crate) fn content(
    study: &Study,
    reading: &Reading<'_>,
    joined: &FrontsResult,
    with_detail: bool,
    narrative: Option<&Narrative>,
) -> Result<Fronts> {
    let grid = &joined.grid;
    let result = &joined.result;
    let cell = |node, place, month| -> Option<Estimate> {
        result
            .interval(node, place, month)
            .map(|interval| with_value(interval, result.index().value(node, place, month)))
    };
    let block = |(at, &front): (usize, &Front)| FrontBlock {
        front,
        rows: (0..grid.places.len())
            .map(|place| FrontRow {
                place: crate::geography::place_name(study, &grid.places[place]),
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
        places: study.book.level_names().adm1.clone(),
        blocks: joined.fronts.iter().enumerate().map(block).collect(),
        evidence_floor: declared.evidence_floor,
        method: method_in_words(declared),
        indicators: indicator_lines(reading, joined),
        moves: Vec::new(),
        standing: Vec::new(),
        narrative: narrative.map(|found| panels(found, study.finest_name())),
        surveyed: None,
    };
    content.moves = moves(&content, reading, joined);
    if with_detail {
        content.standing = standings(reading, joined, &content.blocks)?;
    }
    Ok(content)
}

/// The interval around the index itself rather than around the median of its draws. It is stretched
/// where the index lies outside of it.
pub(super) fn with_value(around_median: Estimate, value: Option<f64>) -> Estimate {
    let value = value.unwrap_or(around_median.value);
    Estimate::new(around_median.low.min(value), value, around_median.high.max(value))
}

/// How the indices are made, in the words of the page. The numbers in it are the case's settings.
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

/// Every indicator with its source and the months that it covers.
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
    let grid = &joined.grid;
    let some = |month: &usize| (0..grid.places.len()).any(|p| known(grid.cell(p, *month)));
    let (first, last) = ((0..months).find(some)?, (0..months).rev().find(some)?);
    Some([joined.grid.month(first), joined.grid.month(last)])
}

/// Changes over twelve months whose intervals do not overlap, greatest first. Overlapping intervals
/// are called no move: the difference may be noise. With each move stand the indicators that
/// brought it, and whether data came or went.
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
