//! The three fronts by place and month, from the indicators that a case declares.
//!
//! An index runs from 0 to 100, and more is more strain. It has a 90 % interval and an evidence
//! share: the weight of the indicators that have a value, observed or carried within its age limit,
//! over all weight. Where the share lies below the case's floor there is no index. Values come from
//! counts of violence, the chronicle, imported series, events between states, or a query; here they
//! are put onto one grid of places and months, and `sanad-front` does the rest. The method of
//! joining is the case's.

mod content;
mod counted;
mod grid;
mod joined;
mod method;
mod observed;
mod scale;
mod standing;
mod surveyed;
mod table;

pub use joined::{FrontsRequest, FrontsResult, Reading};
pub use table::{contributions, front_table, indicator_table, sensitivity_table, span};

use std::collections::BTreeMap;

use sanad_brief::{FrontRow, Fronts};
use sanad_case::{DeclaredIndicator, Indicators, Origin, Quantity, ScaleOf, Strain};
use sanad_core::Month;
use sanad_core::chronicle::Front;
use sanad_core::place::Level;
use sanad_front::{Direction, Framework, Indicator, Panel, Transform, intervals};
use sanad_store::{Observatory, PanelRequest, PlacesOf, Unit};

use self::counted::Violence;
use self::grid::{Grid, Values};
use self::method::{method, uncertainty};
use self::observed::ObservationReader;
use self::scale::scale_of;
use super::Study;
use crate::error::Result;
use crate::outcome::{at_home, finest_unit};

/// The fronts of the provinces, measured and ready to show.
///
/// It holds finished content, so that a page needs neither the panel nor the draws.
pub struct MeasuredFronts {
    content: Fronts,
}

/// The index of a front in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontIndex {
    /// The first month.
    pub from: Month,
    /// The index by month, 0 to 100; `None` where the evidence is too thin.
    pub index: Vec<Option<f64>>,
    /// The share of the front's evidence that is at hand, by month, 0 to 1. As long as `index`; a
    /// month without an index has a share too.
    pub evidence_share: Vec<f64>,
}

impl FrontIndex {
    /// The share of the evidence in a month; nothing outside the months measured.
    #[must_use]
    pub fn evidence_in(&self, month: Month) -> Option<f64> {
        let at = usize::try_from(month.id() - self.from.id()).ok()?;
        self.evidence_share.get(at).copied()
    }
}

/// Indices by front and by the name of the province. Fronts are named by their word: narrative,
/// governance, regional.
pub type FrontIndices = BTreeMap<String, BTreeMap<String, FrontIndex>>;

impl MeasuredFronts {
    /// How many provinces are measured.
    pub fn provinces(&self) -> usize {
        self.content.blocks.first().map_or(0, |block| block.rows.len())
    }

    /// What the briefing shows.
    pub const fn content(&self) -> &Fronts {
        &self.content
    }

    /// The same, given away.
    pub fn into_content(self) -> Fronts {
        self.content
    }

    /// Position of the last month in which some front of some province has an index. It counts from
    /// the first month of the content.
    pub fn last_month_with_index(&self) -> Option<usize> {
        let rows = self.content.blocks.iter().flat_map(|block| &block.rows);
        rows.filter_map(|row| row.index.iter().rposition(Option::is_some)).max()
    }
}

/// Measures the fronts of the provinces; nothing when the case declares no indicators.
///
/// With detail: what each front hangs on, and the narrative front's statements.
///
/// # Errors
///
/// Those of `join`, of the sensitivity of a front, and of measuring statements.
pub(crate) fn measure(
    study: &Study,
    observatory: &Observatory,
    threads: usize,
    with_detail: bool,
) -> Result<Option<MeasuredFronts>> {
    let Some(declared) = &study.indicators else { return Ok(None) };
    let request = FrontsRequest::provinces(threads);
    let reading = Reading::new(declared, request.level);
    let joined = join(study, &reading, observatory, request)?;
    // A case without a codebook has fronts without statements.
    let narrative = if with_detail {
        crate::narrative::measure_if_coded(study, observatory, threads)?
    } else {
        None
    };
    let mut content =
        crate::fronts::content::content(study, &reading, &joined, with_detail, narrative.as_ref())?;
    content.surveyed =
        crate::fronts::surveyed::people_surveyed(study, &reading, observatory, &joined.grid)?;
    Ok(Some(MeasuredFronts { content }))
}

/// The index of each front by the name of the province.
///
/// Without counts: from indicators that do not count violent events of the case's own record.
///
/// Empty for a case without indicators. A front all of whose indicators count violence is then
/// absent.
///
/// # Errors
///
/// As `join`.
pub fn indices(
    study: &Study,
    observatory: &Observatory,
    without_counts: bool,
    threads: usize,
) -> Result<FrontIndices> {
    let Some(declared) = &study.indicators else { return Ok(FrontIndices::new()) };
    let request = FrontsRequest::provinces(threads);
    let mut reading = Reading::new(declared, request.level);
    if without_counts {
        reading.used.retain(|used| !matches!(used.origin(), Some(Origin::Count(_))));
    }
    let joined = join(study, &reading, observatory, request)?;
    let content = crate::fronts::content::content(study, &reading, &joined, false, None)?;
    let by_place = |block: &sanad_brief::FrontBlock| {
        let one = |row: &FrontRow| FrontIndex {
            from: content.from,
            index: row.index.iter().map(|m| m.map(|m| m.value)).collect(),
            evidence_share: row.evidence_share.clone(),
        };
        block.rows.iter().map(|row| (row.place.clone(), one(row))).collect()
    };
    let blocks = content.blocks.iter();
    Ok(blocks.map(|block| (block.front.as_str().to_owned(), by_place(block))).collect())
}

/// Reads the values of all indicators and joins them into indices with intervals.
///
/// Places are today's of the level; months run as `span` says. Intervals come from the case's
/// number of draws over the errors of values, the weights and the alternatives that the case
/// declares.
///
/// # Errors
///
/// `Error::Front` where the framework or a setting does not fit; `Error::Store` where a series or
/// query cannot be read.
pub fn join(
    study: &Study,
    reading: &Reading<'_>,
    observatory: &Observatory,
    request: FrontsRequest,
) -> Result<FrontsResult> {
    let declared = reading.declared;
    let places = study.book.current(request.level).map(|place| place.id.clone()).collect();
    let grid = Grid::new(places, request.level, crate::fronts::table::span(study, reading));
    let violence = count_violence(study, observatory, request)?;
    let reader = ObservationReader::read(observatory, request.as_of, request.threads)?;
    let values: Vec<Values> = reading
        .used
        .iter()
        .map(|indicator| values(study, indicator, declared, &violence, (&grid, &reader)))
        .collect::<Result<_>>()?;
    let (framework, fronts) = framework(reading)?;
    let panel = panel(&grid, &values)?;
    let method = method(declared, &grid);
    let result = intervals(&panel, &framework, &method, &uncertainty(declared))?;
    Ok(FrontsResult { grid, fronts, values, panel, framework, method, result })
}

/// Violence by today's places of the level, as it was known on the day. Coverage is by month of the
/// study, so that a month outside of its run is not counted even where a release covers it.
fn count_violence(
    study: &Study,
    observatory: &Observatory,
    request: FrontsRequest,
) -> Result<Violence> {
    let series = study.case.series();
    let known = match observatory.months_covered(&series, study.case.gwno, request.as_of) {
        // Nothing known on the day is no failure: the evidence share says so.
        Err(sanad_store::Error::Lacks { .. }) => Vec::new(),
        known => known?,
    };
    let covered = Month::range(study.months[0], study.months[1]);
    let covered = covered.map(|month| known.binary_search(&month).is_ok()).collect();
    if known.is_empty() {
        return Ok(Violence { now: Vec::new(), districts_then: Some(Vec::new()), covered });
    }
    if request.level == Level::Adm1 && request.as_of.is_none() {
        return Ok(Violence { now: study.provinces_now.clone(), districts_then: None, covered });
    }
    let counted = |unit, places_of| {
        let panel_request = PanelRequest {
            places_of,
            as_of: request.as_of,
            series: series.clone(),
            ..PanelRequest::new(unit, study.months[0], study.months[1])
        };
        at_home(observatory, &panel_request, request.threads)
    };
    let unit = if request.level == Level::Adm1 { Unit::Adm1 } else { Unit::Adm2 };
    let finest = finest_unit(&study.book);
    let districts_then =
        request.as_of.map(|_| counted(finest, PlacesOf::Contemporary)).transpose()?;
    Ok(Violence { now: counted(unit, PlacesOf::Current)?, districts_then, covered })
}

/// The values of one indicator on the grid, from counts, the chronicle, imported series or a query.
/// What a query gives and which kind an event is of are known as of today alone: with `as_of` such
/// an indicator has no value.
fn values(
    study: &Study,
    indicator: &DeclaredIndicator,
    declared: &Indicators,
    violence: &Violence,
    (grid, reader): (&Grid, &ObservationReader<'_>),
) -> Result<Values> {
    let window = indicator.window_months;
    Ok(match indicator.origin() {
        // Which kind an event is of is counted from what is known today.
        Some(Origin::Count(of)) if !of.kinds.is_empty() => match reader.as_of {
            None => crate::fronts::counted::counted_kinds(study, of, window, grid, violence),
            Some(_) => Values::unknown(grid),
        },
        Some(Origin::Count(of)) => {
            crate::fronts::counted::counted(study, of, window, grid, violence)
        }
        Some(Origin::ChronicleSelection(of)) => {
            let from_chronicle =
                crate::fronts::counted::chronicle_values(study, of, window, declared, grid);
            widen_for_places(from_chronicle, indicator, declared)
        }
        Some(Origin::Series(of)) => {
            crate::fronts::observed::series(study, indicator, of, declared, (grid, reader))?
        }
        Some(Origin::Dyad(of)) => {
            crate::fronts::observed::between_states(study, indicator, of, declared, (grid, reader))
        }
        Some(Origin::Sql(of)) => {
            crate::fronts::observed::values_by_sql(study, indicator, of, declared, (grid, reader))?
        }
        None => Values::unknown(grid),
    })
}

/// Widens what is known of the country only, where it stands for places. The standard error is the
/// case's `spread_within` times the length of the indicator's scale at the value.
fn widen_for_places(
    values: Values,
    indicator: &DeclaredIndicator,
    declared: &Indicators,
) -> Values {
    let span = scale_of(indicator);
    let error = |value: &f64| {
        if value.is_nan() { 0.0 } else { span.step_at(*value) * declared.spread_within }
    };
    let errors = values.best.iter().map(error).collect();
    Values { standard_error: Some(errors), ..values }
}

/// Fronts, pillars and indicators as a tree, without pillars that have no indicator at this level.
/// Fronts weigh the same in the overall index; pillars and indicators weigh what the case says.
fn framework(reading: &Reading<'_>) -> Result<(Framework, Vec<Front>)> {
    let declared = reading.declared;
    let has_indicator = |pillar: &&sanad_case::Pillar| {
        reading.used.iter().any(|indicator| indicator.pillar == pillar.id)
    };
    let pillars: Vec<_> = declared.pillars.iter().filter(has_indicator).collect();
    let fronts: Vec<Front> = Front::ALL
        .iter()
        .copied()
        .filter(|front| pillars.iter().any(|pillar| pillar.front == *front))
        .collect();
    let builder = fronts
        .iter()
        .fold(Framework::builder(), |builder, front| builder.front(front.as_str(), 1.0));
    let builder = pillars.iter().fold(builder, |builder, pillar| {
        builder.pillar(pillar.id.clone(), pillar.front.as_str(), pillar.weight)
    });
    let builder =
        reading.used.iter().fold(builder, |builder, one| builder.indicator(described(one)));
    Ok((builder.build()?, fronts))
}

/// An indicator with its goalposts, direction, limits and errors. Counts of events get the error of
/// a Poisson count.
fn described(declared: &DeclaredIndicator) -> Indicator {
    let is_events =
        matches!(declared.origin(), Some(Origin::Count(of)) if of.quantity == Quantity::Events);
    let indicator = Indicator::new(declared.id.clone(), declared.pillar.clone())
        .weight(declared.weight)
        .poisson(is_events)
        .max_age_months(declared.max_age_months)
        .release_lag_months(declared.release_lag_months)
        .direction(match declared.strain {
            Strain::Raises => Direction::Positive,
            Strain::Lowers => Direction::Negative,
        })
        .transform(match declared.scale {
            ScaleOf::Linear => Transform::Identity,
            ScaleOf::Log => Transform::Log1p,
        });
    match declared.goalposts {
        Some([low, high]) => indicator.goalposts(low, high),
        None => indicator,
    }
}

/// All values with their errors, ready for the index. A missing value gets no error.
fn panel(grid: &Grid, values: &[Values]) -> Result<Panel> {
    let all: Vec<f64> = values.iter().flat_map(|values| values.best.iter().copied()).collect();
    let mut panel = Panel::from_values(grid.places.len(), grid.months, values.len(), all)?;
    for (indicator, values) in values.iter().enumerate() {
        for place in 0..grid.places.len() {
            for month in 0..grid.months {
                let at = grid.cell(place, month);
                if values.best[at].is_nan() {
                    continue;
                }
                if let Some([low, high]) = &values.bounds {
                    panel.set_bounds(place, month, indicator, low[at], high[at])?;
                }
                if let Some(errors) = &values.standard_error {
                    panel.set_standard_error(place, month, indicator, errors[at])?;
                }
            }
        }
    }
    Ok(panel)
}
