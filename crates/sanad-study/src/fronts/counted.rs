//! Indicators that are counted: violent events by place, and records that the chronicle tells of.
//!
//! A value of a month is a sum over the window that ends with it. Where one month of the window is
//! covered by no release there is no value: a sum over fewer months would look like calm.

use sanad_case::{ChronicleSelection, ChronicleSource, CountOf, EventKind, Indicators, Quantity};
use sanad_core::Month;
use sanad_core::chronicle::{ActEffect, ChronicleRecord, Detail, RelationEffect};
use sanad_store::Tally;

use super::grid::{Grid, Values};
use crate::Study;

/// Violence as it is counted for the fronts.
pub(crate) struct Violence {
    /// By today's places of the grid's level. Known on the day asked for.
    pub now: Vec<Tally>,
    /// By districts of their day, known on the day asked for. None where those of the study are meant:
    /// today's knowledge.
    pub districts_then: Option<Vec<Tally>>,
    /// Whether each month is counted, from the grid's first on.
    pub covered: Vec<bool>,
}

impl Violence {
    /// The first month of a window that ends with `month`, where every month of it is counted.
    /// Months are positions on the grid.
    fn window(&self, window: usize, month: usize) -> Option<usize> {
        let first = (month + 1).checked_sub(window)?;
        let counted = self.covered.get(first..=month)?;
        counted.iter().all(|counted| *counted).then_some(first)
    }
}

/// Whether an event is one of those that an indicator counts.
fn counts(study: &Study, of: &CountOf, tally: &Tally) -> bool {
    study.parties.has_sides(of.sides, tally)
        && (of.violence.is_empty() || of.violence.contains(&tally.violence))
        && study.parties.has_family(&of.families, tally)
        && (of.actors.is_empty() || study.parties.has_actor(&of.actors, tally))
}

/// Events, deaths or districts over windows of `window` months. Bounds are given for deaths alone,
/// from the source's low and high estimates.
pub(crate) fn counted(
    study: &Study,
    of: &CountOf,
    window: usize,
    grid: &Grid,
    violence: &Violence,
) -> Values {
    if of.quantity == Quantity::Districts {
        return districts_reached(study, of, window, grid, violence);
    }
    let [mut best, mut low, mut high] = [(); 3].map(|()| vec![0.0; grid.cells()]);
    for tally in violence.now.iter().filter(|tally| counts(study, of, tally)) {
        let (Some(place), Some(month)) = (grid.place(&tally.place_id), grid.position(tally.month))
        else {
            continue;
        };
        let at = grid.cell(place, month);
        let [b, l, h] = match of.quantity {
            Quantity::Deaths => [tally.deaths_best, tally.deaths_low, tally.deaths_high],
            Quantity::CivilianDeaths => [tally.deaths_civilians; 3],
            _ => [tally.events; 3],
        };
        best[at] += b;
        // Some published rows have low above best or high below it; the best then bounds.
        low[at] += l.min(b);
        high[at] += h.max(b);
    }
    let summed = |values: &[f64]| windowed(values, window, grid, violence);
    let bounds = (of.quantity == Quantity::Deaths).then(|| [summed(&low), summed(&high)]);
    Values { bounds, ..Values::exact(summed(&best)) }
}

/// Events or deaths of some kinds over windows of `window` months, by the day they ended: those
/// that can be told, and as upper bound those that may be of such a kind as well. Days are counted
/// by province of their day; a province that was divided counts for the first of its successors.
/// All values are missing where the case counts no kinds by day.
pub(crate) fn counted_kinds(
    study: &Study,
    of: &CountOf,
    window: usize,
    grid: &Grid,
    violence: &Violence,
) -> Values {
    let Some(daily) = &study.daily else { return Values::unknown(grid) };
    let [mut told, mut rest] = [(); 2].map(|()| vec![0.0; grid.cells()]);
    for count in &daily.counts {
        let Some(kind) = EventKind::ALL.into_iter().find(|kind| kind.as_str() == count.kind) else {
            continue;
        };
        let today = study.book.today(&count.place_id);
        let province = today.first().and_then(|part| study.book.at_level(&part.0, grid.level));
        let place = province.and_then(|province| grid.place(&province.id));
        let month = grid.position(Month::from_date(count.to));
        let (Some(place), Some(month)) = (place, month) else { continue };
        let number = match of.quantity {
            Quantity::Deaths => count.deaths_best,
            _ => count.events,
        } as f64;
        if of.kinds.contains(&kind) {
            told[grid.cell(place, month)] += number;
        } else if kind == EventKind::NotToldApart {
            rest[grid.cell(place, month)] += number;
        }
    }
    let all: Vec<f64> = told.iter().zip(&rest).map(|(told, rest)| told + rest).collect();
    let summed = |values: &[f64]| windowed(values, window, grid, violence);
    let known = summed(&told);
    Values { bounds: Some([known.clone(), summed(&all)]), ..Values::exact(known) }
}

/// Districts of the province in which there was a matching event in the window. A district counts
/// once however often it was hit.
fn districts_reached(
    study: &Study,
    of: &CountOf,
    window: usize,
    grid: &Grid,
    violence: &Violence,
) -> Values {
    let mut seen: Vec<(usize, &str, usize)> = Vec::new();
    let known = violence.districts_then.as_ref().unwrap_or(&study.districts_then);
    for tally in known.iter().filter(|tally| counts(study, of, tally)) {
        // The province of today, by the first of today's places the district belongs to.
        let today = study.book.today(&tally.place_id);
        let province = today.first().and_then(|part| study.book.at_level(&part.0, grid.level));
        let place = province.and_then(|province| grid.place(&province.id));
        if let (Some(place), Some(month)) = (place, grid.position(tally.month)) {
            seen.push((place, &tally.place_id, month));
        }
    }
    let mut best = vec![f64::NAN; grid.cells()];
    for place in 0..grid.places.len() {
        let here: Vec<(&str, usize)> =
            seen.iter().filter(|seen| seen.0 == place).map(|seen| (seen.1, seen.2)).collect();
        for month in 0..grid.months {
            let Some(first) = violence.window(window, month) else { continue };
            let inside = here.iter().filter(|here| first <= here.1 && here.1 <= month);
            let mut districts: Vec<&str> = inside.map(|inside| inside.0).collect();
            districts.sort_unstable();
            districts.dedup();
            best[grid.cell(place, month)] = districts.len() as f64;
        }
    }
    Values::exact(best)
}

/// Records of the chronicle in the window, the same for every place. Only windows inside the months
/// in which the chronicle is dense (`chronicle_covers`) have a value; there, no record is a zero.
pub(crate) fn chronicle_values(
    study: &Study,
    of: &ChronicleSource,
    window: usize,
    declared: &Indicators,
    grid: &Grid,
) -> Values {
    let covers = declared.chronicle_covers;
    let (first, last) = (Month::from_date(covers.start()), Month::from_date(covers.end()));
    let from_chronicle =
        study.chronicle.iter().filter(|record| tells(of, record) && is_monthly(record));
    let months: Vec<Month> = from_chronicle
        .map(|from_chronicle| Month::from_date(from_chronicle.entry.when.end()))
        .collect();
    let mut best = vec![f64::NAN; grid.cells()];
    for month in Month::range(first, last) {
        let begin = month.plus(1 - window as i32);
        let Some(at) = grid.position(month).filter(|_| begin >= first) else { continue };
        let count = months.iter().filter(|it| begin <= **it && **it <= month).count() as f64;
        for place in 0..grid.places.len() {
            best[grid.cell(place, at)] = count;
        }
    }
    Values::exact(best)
}

/// Sums over windows that end with each month; NaN where the count does not cover the window.
fn windowed(values: &[f64], window: usize, grid: &Grid, violence: &Violence) -> Vec<f64> {
    let one = |place: usize, month: usize| {
        violence.window(window, month).map_or(f64::NAN, |first| {
            values[grid.cell(place, first)..=grid.cell(place, month)].iter().sum()
        })
    };
    let places = 0..grid.places.len();
    let cells = places.flat_map(|place| (0..grid.months).map(move |month| (place, month)));
    cells.map(|(place, month)| one(place, month)).collect()
}

/// Whether a record of the chronicle is one of those that an indicator counts. Statements have no
/// kind to choose by.
fn tells(of: &ChronicleSource, record: &ChronicleRecord) -> bool {
    let (is_it, kind) = match (of.records, &record.detail) {
        (ChronicleSelection::Statements, Detail::Statement(_)) => (true, ""),
        (ChronicleSelection::TighteningActs, Detail::Act(act)) => {
            (act.effect == ActEffect::Tightens, act.act_kind.as_str())
        }
        (ChronicleSelection::ConflictRelations, Detail::Relation(relation)) => {
            (relation.effect == RelationEffect::Conflict, relation.relation_kind.as_str())
        }
        _ => (false, ""),
    };
    let actor = of.actors.is_empty() || record.entry.actors.iter().any(|id| of.actors.contains(id));
    is_it && actor && (of.kinds.is_empty() || of.kinds.iter().any(|one| one == kind))
}

/// Whether a record is dated well enough for a monthly series. Spans of up to two months count, in
/// the month of their last day.
fn is_monthly(record: &ChronicleRecord) -> bool {
    (record.entry.when.end() - record.entry.when.start()).num_days() < 62
}
