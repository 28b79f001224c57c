//! `brief.toml`: what a case wants its briefing to compare and to mark.

use chrono::NaiveDate;
use sanad_core::Month;
use serde::Deserialize;

use super::position;
use crate::error::Result;

/// What a briefing of the case shows beside what every briefing shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Events that are marked in the charts over time.
    #[serde(default, rename = "marker")]
    pub markers: Vec<Marker>,
    /// Periods that are compared.
    #[serde(default, rename = "comparison")]
    pub comparisons: Vec<Comparison>,
    /// What a reader must know about the territory shown.
    #[serde(default)]
    pub territory_note: String,
}

/// A dated event to be marked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// The day.
    pub day: NaiveDate,
    /// A few words.
    pub label: String,
}

/// Periods compared by region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Short name: lower-case letters, digits and hyphens.
    pub id: String,
    /// What is compared.
    pub title: String,
    /// What to keep in mind when reading it.
    pub note: String,
    /// The periods, in order of time.
    #[serde(rename = "period")]
    pub periods: Vec<PeriodOf>,
    /// The regions.
    #[serde(rename = "region")]
    pub regions: Vec<RegionOf>,
}

/// A period of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodOf {
    /// Name.
    pub label: String,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
}

/// A region of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionOf {
    /// Name.
    pub label: String,
    /// A country, province or district of the case, by id.
    pub place: String,
}

/// Reads `brief.toml`.
///
/// # Errors
///
/// [`Error::Toml`](crate::Error::Toml) with line and field; [`Error::Empty`](crate::Error::Empty).
pub fn read_outline(text: &str) -> Result<Outline> {
    position::parse("brief.toml", text)
}
