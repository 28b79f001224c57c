//! What of the fronts is asked for, and the fronts as they are measured.

use chrono::NaiveDate;
use sanad_case::{DeclaredIndicator, Indicators};
use sanad_core::chronicle::Front;
use sanad_core::place::Level;
use sanad_front::{Framework, Intervals, Method, Panel};

use super::grid::{Grid, Values};

/// What of the fronts is asked for.
#[derive(Debug, Clone, Copy)]
pub struct FrontsRequest {
    /// Provinces or districts. The country is no level of its own here.
    pub level: Level,
    /// What was known on this day. `None` for everything known now.
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

/// What is measured, for a level of place. A caller may take indicators out before it joins.
pub struct Reading<'a> {
    /// What the case declares.
    pub declared: &'a Indicators,
    /// The indicators used at the level. In the order of the case; positions of indicators in all
    /// results are positions here.
    pub used: Vec<&'a DeclaredIndicator>,
}

/// The fronts, measured. Whoever asks why an index is what it is needs the panel and the method
/// again, so that these are kept.
pub struct FrontsResult {
    /// Places and months.
    pub grid: Grid,
    /// Fronts that have an indicator. In the order of `Front::ALL`; positions of `Node::Front` are
    /// positions here.
    pub fronts: Vec<Front>,
    /// By indicator used. Before outliers are treated and gaps are carried.
    pub values: Vec<Values>,
    /// The values as the indices take them.
    pub panel: Panel,
    /// Fronts, pillars and indicators.
    pub framework: Framework,
    /// How they are joined.
    pub method: Method,
    /// The indices with their intervals. The middle of an interval is the median of draws, not the
    /// index itself.
    pub result: Intervals,
}

impl<'a> Reading<'a> {
    /// The declared indicators that are used at the level.
    pub fn new(declared: &'a Indicators, level: Level) -> Self {
        let used =
            declared.indicators.iter().filter(|indicator| indicator.is_used_at(level)).collect();
        Self { declared, used }
    }
}
