//! `indicators.toml`: what the fronts are measured by.

use sanad_core::Period;
use sanad_core::actor::Family;
use sanad_core::chronicle::Front;
use serde::Deserialize;

use super::position;
use crate::error::Result;

/// The indicators of a case and the settings they are joined with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {
    /// No index where the share of the weight that has data is below this, 0 to 1.
    pub evidence_floor: f64,
    /// The months whose values set the scales.
    pub reference: Period,
    /// The months in which the chronicle is dense enough to be counted.
    pub chronicle_covers: Period,
    /// Every weight is varied by up to this share when intervals are drawn, 0 to 1.
    pub weight_spread: f64,
    /// Draws of the Monte-Carlo run.
    pub draws: usize,
    /// Seed of the Monte-Carlo run.
    pub seed: u64,
    /// Pillars.
    #[serde(rename = "pillar")]
    pub pillars: Vec<Pillar>,
    /// Indicators.
    #[serde(rename = "indicator")]
    pub indicators: Vec<DeclaredIndicator>,
}

/// A pillar of a front.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pillar {
    /// Short name.
    pub id: String,
    /// The front it belongs to.
    pub front: Front,
    /// Title for people.
    pub title: String,
}

/// What an indicator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Events.
    Events,
    /// Deaths, best estimate, with the low and the high one.
    Deaths,
    /// Deaths of civilians, best estimate.
    CivilianDeaths,
    /// Districts in which there was an event.
    Districts,
    /// Statements of the chronicle.
    Statements,
    /// Acts of the chronicle that tighten.
    TighteningActs,
    /// Relations of the chronicle that are conflict.
    ConflictRelations,
}

/// Whose violence is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sides {
    /// At least one side is an armed organisation outside any state.
    Organisation,
    /// Side A is the case's own state.
    OwnState,
    /// One side is another state.
    OtherState,
    /// No side is a state.
    NoState,
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredIndicator {
    /// Short name.
    pub id: String,
    /// The pillar it belongs to.
    pub pillar: String,
    /// Title for people, with the unit.
    pub title: String,
    /// What is counted.
    pub quantity: Quantity,
    /// UCDP's types of violence that count; all when empty.
    #[serde(default)]
    pub violence: Vec<u8>,
    /// Whose violence counts; everybody's when absent.
    #[serde(default)]
    pub sides: Option<Sides>,
    /// Families of which at least one side must be; any when empty.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Months that are added up, the last being the month itself.
    pub window_months: usize,
    /// Weight inside the pillar.
    pub weight: f64,
    /// Why it speaks for the front.
    pub reason: String,
    /// Where its data come from.
    pub source: String,
}

impl DeclaredIndicator {
    /// Whether it is counted in the chronicle, and so for the whole country.
    #[must_use]
    pub const fn is_national(&self) -> bool {
        matches!(
            self.quantity,
            Quantity::Statements | Quantity::TighteningActs | Quantity::ConflictRelations
        )
    }
}

/// Reads `indicators.toml`.
///
/// # Errors
///
/// [`Error::Toml`](crate::Error::Toml) with line and field; [`Error::Empty`](crate::Error::Empty).
pub fn read_indicators(text: &str) -> Result<Indicators> {
    position::parse("indicators.toml", text)
}
