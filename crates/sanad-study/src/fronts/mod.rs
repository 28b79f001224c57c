//! The three fronts by place and month, from the indicators that a case declares.

mod content;
mod counted;
mod grid;
mod method;
mod observed;
mod standing;
mod surveyed;
mod table;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_brief::{FrontRow, Fronts};
use sanad_case::{DeclaredIndicator, Indicators, Origin, Quantity, ScaleOf, Strain};
use sanad_core::Month;
use sanad_core::chronicle::Front;
use sanad_core::place::Level;
use sanad_front::{
    Direction, Framework, Indicator, Intervals, Method, Panel, Transform, intervals,
};
use sanad_store::{Observatory, PanelRequest, PlacesOf, Unit};

use self::counted::Violence;
use self::grid::{Grid, Values};
use self::method::{method, uncertainty};
use self::observed::ObservationReader;
use super::Study;
use crate::error::Result;
use crate::outcome::at_home;

/// What of the fronts is asked for.
#[derive(Debug, Clone, Copy)]
pub struct FrontsRequest {
    /// Provinces or districts.
    pub level: Level,
    /// What was known on this day.
    pub as_of: Option<NaiveDate>,
    /// Threads of the query engine; 0 for as many as the machine has.
    pub threads: usize,
}

impl FrontsRequest {
    /// The provinces, as known today.
    pub const fn provinces(threads: usize) -> Self {
        Self { level: Level::Adm1, as_of: None, threads }
    }
}

/// What is measured, for a level of place.
pub struct Reading<'a> {
    /// What the case declares.
    pub declared: &'a Indicators,
    /// The indicators used at the level.
    pub used: Vec<&'a DeclaredIndicator>,
}

/// The fronts, measured.
pub struct FrontsResult {
    /// Places and months.
    pub grid: Grid,
    /// Fronts that have an indicator.
    pub fronts: Vec<Front>,
    /// By indicator used.
    pub values: Vec<Values>,
    /// The values as the indices take them.
    pub panel: Panel,
    /// Fronts, pillars and indicators.
    pub framework: Framework,
    /// How they are joined.
    pub method: Method,
    /// The indices with their intervals.
    pub result: Intervals,
}

/// The fronts of the provinces, measured and ready to show.
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
    /// The share of the front's evidence that is at hand, by month, 0 to 1.
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

/// Indices by front and by the name of the province.
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

    /// Position of the last month in which some front of some province has an index.
    pub fn last_month_with_index(&self) -> Option<usize> {
        let rows = self.content.blocks.iter().flat_map(|block| &block.rows);
        rows.filter_map(|row| row.index.iter().rposition(Option::is_some)).max()
    }
}

impl<'a> Reading<'a> {
    /// The declared indicators that are used at the level.
    pub fn new(declared: &'a Indicators, level: Level) -> Self {
        let used =
            declared.indicators.iter().filter(|indicator| indicator.is_used_at(level)).collect();
        Self { declared, used }
    }
}

impl Study {
    /// Measures the fronts of the provinces; nothing when the case declares no indicators.
    ///
    /// With detail: what each front hangs on, and the narrative front's statements.
    pub(super) fn fronts(
        &self,
        observatory: &Observatory,
        threads: usize,
        with_detail: bool,
    ) -> Result<Option<MeasuredFronts>> {
        let Some(declared) = &self.indicators else { return Ok(None) };
        let request = FrontsRequest::provinces(threads);
        let reading = Reading::new(declared, request.level);
        let joined = self.join(&reading, observatory, request)?;
        // A case without a codebook has fronts without statements.
        let narrative =
            if with_detail { self.narrative_if_coded(observatory, threads)? } else { None };
        let mut content =
            self.fronts_content(&reading, &joined, with_detail, narrative.as_ref())?;
        content.surveyed = self.people_surveyed(&reading, observatory, &joined.grid)?;
        Ok(Some(MeasuredFronts { content }))
    }

    /// The index of each front by the name of the province: its first month and its values.
    ///
    /// Without counts: from indicators that do not count violent events of the case's own record.
    pub fn front_indices(
        &self,
        observatory: &Observatory,
        without_counts: bool,
        threads: usize,
    ) -> Result<FrontIndices> {
        let Some(declared) = &self.indicators else { return Ok(FrontIndices::new()) };
        let request = FrontsRequest::provinces(threads);
        let mut reading = Reading::new(declared, request.level);
        if without_counts {
            reading.used.retain(|used| !matches!(used.origin(), Some(Origin::Count(_))));
        }
        let joined = self.join(&reading, observatory, request)?;
        let content = self.fronts_content(&reading, &joined, false, None)?;
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

    /// The declared indicators, if the case has any.
    pub const fn declared(&self) -> Option<&Indicators> {
        self.indicators.as_ref()
    }

    /// Reads the values of all indicators and joins them into indices with intervals.
    pub fn join(
        &self,
        reading: &Reading<'_>,
        observatory: &Observatory,
        request: FrontsRequest,
    ) -> Result<FrontsResult> {
        let declared = reading.declared;
        let places = self.book.current(request.level).map(|place| place.id.clone()).collect();
        let grid = Grid::new(places, request.level, self.span_of_fronts(reading));
        let violence = self.violence(observatory, request)?;
        let reader = ObservationReader::read(observatory, request.as_of, request.threads)?;
        let values: Vec<Values> = reading
            .used
            .iter()
            .map(|indicator| self.values(indicator, declared, &violence, (&grid, &reader)))
            .collect::<Result<_>>()?;
        let (framework, fronts) = framework(reading)?;
        let panel = panel(&grid, &values)?;
        let method = method(declared, &grid);
        let result = intervals(&panel, &framework, &method, &uncertainty(declared))?;
        Ok(FrontsResult { grid, fronts, values, panel, framework, method, result })
    }

    /// Violence by today's places of the level, as it was known on the day.
    fn violence(&self, observatory: &Observatory, request: FrontsRequest) -> Result<Violence> {
        let series = self.case.series();
        let known = observatory.months_covered(&series, self.case.gwno, request.as_of);
        // Nothing known on the day is no failure: the evidence share says so.
        let known = known.unwrap_or_default();
        let covered = Month::range(self.months[0], self.months[1]);
        let covered = covered.map(|month| known.binary_search(&month).is_ok()).collect();
        if known.is_empty() || (request.level == Level::Adm1 && request.as_of.is_none()) {
            let now = if known.is_empty() { Vec::new() } else { self.provinces_now.clone() };
            return Ok(Violence { now, covered });
        }
        let unit = if request.level == Level::Adm1 { Unit::Adm1 } else { Unit::Adm2 };
        let panel_request = PanelRequest {
            places_of: PlacesOf::Current,
            as_of: request.as_of,
            series,
            ..PanelRequest::new(unit, self.months[0], self.months[1])
        };
        Ok(Violence { now: at_home(observatory, &panel_request, request.threads)?, covered })
    }

    fn values(
        &self,
        indicator: &DeclaredIndicator,
        declared: &Indicators,
        violence: &Violence,
        (grid, reader): (&Grid, &ObservationReader<'_>),
    ) -> Result<Values> {
        let window = indicator.window_months;
        Ok(match indicator.origin() {
            // Which kind an event is of is counted from what is known today.
            Some(Origin::Count(of)) if !of.kinds.is_empty() => match reader.as_of {
                None => self.counted_kinds(of, window, grid, violence),
                Some(_) => Values::unknown(grid),
            },
            Some(Origin::Count(of)) => self.counted(of, window, grid, violence),
            Some(Origin::ChronicleSelection(of)) => {
                let from_chronicle = self.chronicle_values(of, window, declared, grid);
                widen_for_places(from_chronicle, indicator, declared)
            }
            Some(Origin::Series(of)) => self.series(indicator, of, declared, (grid, reader))?,
            Some(Origin::Dyad(of)) => self.between_states(indicator, of, declared, (grid, reader)),
            Some(Origin::Sql(of)) => self.values_by_sql(indicator, of, declared, (grid, reader))?,
            None => Values::unknown(grid),
        })
    }
}

/// The scale of an indicator between its goalposts.
#[derive(Debug, Clone, Copy)]
struct IndicatorSpan {
    length: f64,
    is_log: bool,
}

impl IndicatorSpan {
    /// The whole scale's length in units of the value, at a value.
    fn step_at(self, value: f64) -> f64 {
        if self.is_log { self.length * (1.0 + value.max(0.0)) } else { self.length }
    }
}

fn scale_of(indicator: &DeclaredIndicator) -> IndicatorSpan {
    let [low, high] = indicator.goalposts.unwrap_or_default();
    match indicator.scale {
        ScaleOf::Linear => IndicatorSpan { length: high - low, is_log: false },
        ScaleOf::Log => {
            IndicatorSpan { length: high.max(0.0).ln_1p() - low.max(0.0).ln_1p(), is_log: true }
        }
    }
}

/// Widens what is known of the country only, where it stands for places.
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

fn panel(grid: &Grid, values: &[Values]) -> Result<Panel> {
    let all: Vec<f64> = values.iter().flat_map(|values| values.best.iter().copied()).collect();
    let mut panel = Panel::from_values(grid.places.len(), grid.months, values.len(), all)?;
    for (indicator, values) in values.iter().enumerate() {
        for place in 0..grid.places.len() {
            for month in 0..grid.months {
                let at = grid.at(place, month);
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
